import datetime
from typing import NamedTuple

from odoo import api, fields, models
from odoo.tools import SQL

from ..utils.fee_facts import FACT_DAYS, read_fees

# The most orders of one run whose estimates are made anew.
MOST_ORDERS = 20000
# Orders whose margin is known, or estimated.
KNOWN = ('settled', 'estimated')


class OpenItem(NamedTuple):
    """Units of an item that no settlement has charged fees for yet, and their price with tax."""

    sku: str
    units: float
    price: float


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
            ('amazon_order_ref', '!=', False), ('state', '!=', 'cancel'),
            *(['|', ('amazon_margin_state', '=', False), '&', '&', *again] if latest
              else [('amazon_margin_state', '=', False)])], order='id desc', limit=MOST_ORDERS)
        if not due:
            return True
        finished = sync._in_portions(
            due.ids, lambda ids: due.browse(ids).exists()._amazon_estimate_fees(),
            give_up=lambda order_id, error: sync._add_problem(due.browse(order_id).display_name, error))
        return finished and len(due) < MOST_ORDERS

    def _amazon_estimate_fees(self):
        """Set whether the fees of these orders are settled, and estimate those that are not."""
        orders = self.filtered('amazon_order_ref').sudo()
        if not orders:
            return
        now = fields.Datetime.now()
        opened, settled = orders._amazon_find_open_items(), orders._amazon_find_settled()
        keys = {order._amazon_get_fee_key(item) for order, items in opened.items() for item in items}
        fees = read_fees(orders.env, keys, now - datetime.timedelta(days=FACT_DAYS)) if keys else {}
        for order in orders:
            state, estimate = order._amazon_estimate(opened.get(order, []), order in settled, fees)
            if state != 'settled' or state != order.amazon_margin_state or order.amazon_fees_estimate:
                order.write({'amazon_margin_state': state, 'amazon_fees_estimate': estimate,
                             'amazon_estimate_date': now})

    def _amazon_estimate(self, items, has_settled, fees):
        """Return whether the fees are known, and the estimate of those that are not settled.

        :param items: the `OpenItem`s
        :param bool has_settled: whether a settlement has some of the order
        :param dict fees: as `read_fees` returns them
        """
        if self.state == 'cancel' and not has_settled:
            return False, 0.0
        if not items:
            return 'settled' if has_settled else 'unknown', 0.0
        found = [fees.get(self._amazon_get_fee_key(item)) for item in items]
        if not all(found):
            return 'unknown', 0.0
        amount = sum(self._amazon_convert(entry.estimate(item.units, item.price),
                                          self.env['res.currency'].browse(entry.currency_id))
                     for item, entry in zip(items, found, strict=True))
        return 'estimated', self.currency_id.round(amount - (0.0 if has_settled else self._amazon_sum_apart()))

    def _amazon_get_fee_key(self, item):
        return self.amazon_marketplace_id.id, item.sku, self.amazon_channel

    def _amazon_sum_apart(self):
        """Return the tax of the order that is not the company's: it is nobody's gain, whoever remits it."""
        return sum(self.order_line.filtered(lambda line: line.amazon_charge == 'tax').mapped('price_total'))

    # === WHAT IS OPEN === #

    def _amazon_find_settled(self):
        """Return those of these orders of which a settlement has sales."""
        self.env['amazon.settlement.line'].flush_model()
        return self.browse(row[0] for row in self.env.execute_query(SQL(
            "SELECT DISTINCT sale_order_id FROM amazon_settlement_line WHERE sale_order_id = ANY(%s) AND "
            "treatment = 'revenue'", self.ids)))

    def _amazon_find_open_items(self):
        """Return the `OpenItem`s of these orders, as a list by order; where settlements do not say which item they are
        about, all items are settled.
        """
        self.env['sale.order.line'].flush_model()
        self.env['amazon.settlement.line'].flush_model()
        result = {}
        for order_id, sku, ordered, price, settled in self.env.execute_query(SQL(
                """WITH item AS (
                       SELECT order_id, amazon_item_ref AS ref, MAX(amazon_sku) AS sku, SUM(price_total) AS price,
                              SUM(product_uom_qty) FILTER (WHERE amazon_charge = 'item') AS ordered
                         FROM sale_order_line
                        WHERE order_id = ANY(%(orders)s) AND amazon_item_ref IS NOT NULL AND display_type IS NULL
                     GROUP BY 1, 2),
                   settled AS (
                       SELECT sale_order_id AS order_id, item_ref AS ref,
                              SUM(quantity) FILTER (WHERE amount_description = 'Principal') AS units
                         FROM amazon_settlement_line
                        WHERE sale_order_id = ANY(%(orders)s) AND treatment = 'revenue'
                     GROUP BY 1, 2)
                   SELECT item.order_id, item.sku, item.ordered, item.price,
                          CASE WHEN settled.order_id IS NOT NULL THEN COALESCE(NULLIF(settled.units, 0), item.ordered)
                          END
                     FROM item LEFT JOIN settled ON settled.order_id = item.order_id AND settled.ref = item.ref
                    WHERE item.ordered > 0
                      AND NOT EXISTS (SELECT 1 FROM settled other
                                       WHERE other.order_id = item.order_id AND NOT EXISTS (
                                             SELECT 1 FROM item mine
                                              WHERE mine.order_id = other.order_id AND mine.ref = other.ref))
                 ORDER BY item.order_id, item.ref""", orders=self.ids)):
            units = float(ordered) - float(settled or 0)
            if units > 0:
                result.setdefault(self.browse(order_id), []).append(
                    OpenItem(sku or '', units, float(price or 0) * units / float(ordered)))
        return result
