import datetime
import logging

from odoo import api, fields, models
from odoo.tools import SQL

from ..utils.fee_facts import FACT_DAYS, read_fees
from ..utils.open_fees import OpenFees, read_charges, read_items
from ..utils.quiet import concerns_record, log_failure, quiet_sql
from .sale_order import FEE_TREATMENTS

_logger = logging.getLogger(__name__)

# The most orders of one run whose estimates are made anew.
MOST_ORDERS = 20000
# Orders whose margin is known, or estimated.
KNOWN = ('settled', 'estimated')


class SaleOrder(models.Model):
    """What Amazon will charge for orders that are not settled, estimated from what it charged for the same SKUs lately.
    """

    _inherit = 'sale.order'

    amazon_margin_state = fields.Selection(
        [('settled', "Settled"), ('estimated', "Estimated"), ('unknown', "Unknown")], "Amazon's fees are",
        copy=False, readonly=True, groups='base.group_user',
        help="Settled: by Amazon's settlements. Estimated: by what Amazon charged for the same SKU, marketplace and "
        "channel in the last months. Unknown: of at least one SKU there is no such sale, so there is no margin yet.")
    amazon_fees_estimate = fields.Monetary(
        "Amazon's fees (estimate)", copy=False, readonly=True, groups='base.group_user',
        help="What Amazon will charge for the units that no settlement contains yet, and the tax that it will remit "
        "(negative).")
    amazon_estimate_date = fields.Datetime("Fees estimated on", copy=False, readonly=True, groups='base.group_user')

    _amazon_estimated = models.Index(
        "(amazon_marketplace_id) "
        "WHERE amazon_order_ref IS NOT NULL AND amazon_margin_state IS DISTINCT FROM 'settled'")

    def _amazon_update_fees(self):
        result = super()._amazon_update_fees()
        self._amazon_estimate_fees()
        return result

    @api.model
    def _amazon_estimate_open(self, sync):
        """Estimate the fees of orders anew that are not settled and older than the seller's latest settlement.

        :param sync: the `amazon.sync` of a job
        :return: whether there was time for all
        :rtype: bool
        """
        seller = sync.seller_id
        latest = self.env['amazon.settlement'].search([('seller_id', '=', seller.id)], order='create_date desc',
                                                      limit=1).create_date
        again = [('amazon_margin_state', 'in', ('estimated', 'unknown')), ('amazon_estimate_date', '<', latest),
                 ('date_order', '>=', fields.Datetime.now() - datetime.timedelta(days=FACT_DAYS))]
        due = self.sudo().search([
            ('amazon_marketplace_id', 'in', seller.with_context(active_test=False).marketplace_ids.ids),
            ('amazon_order_ref', '!=', False), '|', ('state', '!=', 'cancel'), ('amazon_fees', '!=', 0),
            *(['|', ('amazon_margin_state', '=', False), '&', '&', *again] if latest
              else [('amazon_margin_state', '=', False)])], order='id desc', limit=MOST_ORDERS)
        if not due:
            return True
        finished = sync._in_portions(
            due.ids, lambda ids: due.browse(ids).exists()._amazon_set_estimates(),
            give_up=lambda order_id, error: sync._add_problem(due.browse(order_id).display_name, error))
        return finished and len(due) < MOST_ORDERS

    def write(self, vals):
        """Write orders; what is a quotation again is estimated again."""
        result = super().write(vals)
        if vals.get('state') == 'draft':
            self._amazon_estimate_fees()
        return result

    def _amazon_estimate_fees(self):
        """Estimate the fees of these orders, but let nothing fail that needs more than that: an order whose estimate
        fails has none, and the job of settlements tries again and tells its reason.
        """
        orders = self.filtered('amazon_order_ref').sudo()
        if not orders:
            return
        # Whatever is still to be written is not the estimate's: it fails where it would have failed.
        self.env.flush_all()
        try:
            with quiet_sql(), self.env.cr.savepoint():
                orders._amazon_set_estimates()
        except Exception as error:
            if not concerns_record(error):
                raise
            self.env.invalidate_all()
            orders._amazon_estimate_apart(error)

    def _amazon_estimate_apart(self, error):
        """Estimate each of some orders alone whose estimates failed together; one alone has none."""
        if len(self) > 1:
            for order in self:
                order._amazon_estimate_fees()
            return
        log_failure(_logger, "Amazon's fees of sales order %s could not be estimated", self.id, error=error)
        self.write({'amazon_margin_state': False, 'amazon_fees_estimate': 0.0, 'amazon_estimate_date': False})

    def _amazon_set_estimates(self):
        """Set whether the fees of these orders are settled, and estimate those that are not."""
        orders = self.filtered('amazon_order_ref').sudo()
        if not orders:
            return
        now = fields.Datetime.now()
        items, charges = read_items(self.env, orders.ids), read_charges(self.env, orders.ids)
        keys = {order._amazon_get_fee_key(item.sku) for order in orders for item in items.get(order.id, [])
                if any(other.units for other in items[order.id])}
        fees = read_fees(orders.env, keys, now - datetime.timedelta(days=FACT_DAYS)) if keys else {}
        sold, charged = orders._amazon_find_settled(('revenue',)), orders._amazon_find_settled(FEE_TREATMENTS)
        for order in orders:
            state, estimate = order._amazon_estimate(
                order._amazon_get_open_fees(items, charges, fees), order in sold, order in charged)
            if state != 'settled' or state != order.amazon_margin_state or order.amazon_fees_estimate:
                order.write({'amazon_margin_state': state, 'amazon_fees_estimate': estimate,
                             'amazon_estimate_date': now})

    def _amazon_get_open_fees(self, items, charges, fees):
        """Return the `OpenFees` of this order; arguments as `read_items`, `read_charges` and `read_fees` return them.
        """
        own = items.get(self.id, [])
        known = {item.sku: fees[self._amazon_get_fee_key(item.sku)] for item in own
                 if self._amazon_get_fee_key(item.sku) in fees}
        return OpenFees(own, charges.get(self.id, []), known, lambda amount, currency_id: self._amazon_convert(
            amount, self.env['res.currency'].browse(currency_id)))

    def _amazon_estimate(self, open_fees, is_sold, is_charged):
        """Return whether the fees are known, and the estimate of those that are not settled.

        :param OpenFees open_fees: what is open
        :param bool is_sold: whether a settlement has sold some of the order
        :param bool is_charged: whether settlements charged anything for it
        """
        if self.state == 'cancel' and not is_sold:
            return 'settled' if is_charged else False, 0.0
        if open_fees.is_settled():
            return 'settled' if is_sold or open_fees.has_items() else 'unknown', 0.0
        if not open_fees.is_known():
            return 'unknown', 0.0
        tax = self._amazon_sum_apart()
        to_remit = max(tax + open_fees.sum_withheld(), 0.0) if tax else 0.0
        return 'estimated', self.currency_id.round(open_fees.estimate() - to_remit)

    def _amazon_get_fee_key(self, sku):
        return self.amazon_marketplace_id.id, sku, self.amazon_channel

    def _amazon_sum_apart(self):
        """Return the tax of the order that is not the company's: it is nobody's gain, whoever remits it."""
        return sum(self.order_line.filtered(lambda line: line.amazon_charge == 'tax').mapped('price_total'))

    def _amazon_find_settled(self, treatments):
        """Return those of these orders of which settlements have rows of these treatments."""
        self.env['amazon.settlement.line'].flush_model()
        return self.browse(row[0] for row in self.env.execute_query(SQL(
            "SELECT DISTINCT sale_order_id FROM amazon_settlement_line WHERE sale_order_id = ANY(%s) AND "
            "treatment = ANY(%s)", self.ids, list(treatments))))
