from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import float_compare

from ..utils.order_plan import to_datetime
from ..utils.phrases import tell
from ..utils.quiet import quiet_sql
from ..utils.words import write_day


class SaleOrder(models.Model):
    """Invoice what Amazon reports as shipped: whole orders, or not yet."""

    _inherit = 'sale.order'

    amazon_invoice_day = fields.Date(
        "Day of the invoice to come",
        copy=False,
        readonly=True,
        index='btree_not_null',
        help="Set while the invoice of an order that Amazon has shipped waits for something in Odoo.",
    )
    amazon_invoice_obstacle = fields.Text("Why there is no invoice yet", compute='_compute_amazon_invoice_obstacle')

    @api.depends('amazon_invoice_day', 'state', 'order_line.qty_delivered', 'currency_id')
    def _compute_amazon_invoice_obstacle(self):
        for order in self:
            waits = order.amazon_invoice_day and order.state == 'sale'
            order.amazon_invoice_obstacle = waits and order._amazon_find_invoice_obstacle() or False

    def _amazon_invoice(self, plan):
        """Invoice an order that Amazon reports as shipped as soon as nothing is missing in Odoo."""
        market = plan.marketplace
        policy = market.fba_invoice if plan.channel == 'fba' else market.fbm_invoice
        if policy == 'no' or plan.order.amazon_status != 'SHIPPED' or self._amazon_is_invoiced():
            if self.amazon_invoice_day:
                self.amazon_invoice_day = False
            return
        moment = {
            'order': self.date_order,
            'update': to_datetime(plan.payload['lastUpdatedTime']),
            'today': fields.Datetime.now(),
        }[market.invoice_date]
        self.amazon_invoice_day = self.company_id._amazon_get_day(moment)
        self._amazon_create_invoice(policy)

    def _amazon_is_invoiced(self):
        """Return whether nothing is left to invoice; Odoo counts a refunded quantity as not invoiced."""
        return self.invoice_status in ('invoiced', 'upselling') or bool(self.sudo().amazon_transaction_ids.move_id)

    def _amazon_create_invoice(self, policy):
        if self._amazon_find_invoice_obstacle():
            return
        invoice = self._create_invoices()
        self.amazon_invoice_day = False
        if policy == 'posted':
            invoice.action_post()

    def _prepare_invoice(self):
        """Return the values of an invoice with its final date: Odoo converts amounts once, and a later date may not
        balance.
        """
        day = self.amazon_invoice_day
        return {**super()._prepare_invoice(), **({'invoice_date': day} if day else {})}

    def _amazon_find_invoice_obstacle(self):
        """Return what the invoice of this order waits for, or None."""
        missing = self.order_line.filtered(
            lambda line: (
                line._amazon_is_goods()
                and float_compare(line.qty_invoiced + line.qty_to_invoice, line.product_uom_qty,
                                  precision_rounding=line.product_uom_id.rounding) < 0
            )
        )
        if missing:
            return tell(self.env)._(
                "Amazon has shipped this order. Its invoice waits until it is delivered in Odoo, too: %s.",
                ', '.join(missing.product_id.mapped('display_name')),
            )
        if self.currency_id._amazon_find_without_rate(self.company_id, self.amazon_invoice_day or None):
            return tell(self.env)._(
                "The invoice waits for an exchange rate of %(currency)s for %(day)s.",
                currency=self.currency_id.name,
                day=write_day(self.env, self.amazon_invoice_day or fields.Date.context_today(self)),
            )
        return (self._amazon_find_departure_obstacle()
                or self.env['amazon.settlement'].sudo()._find_summing_up(self))

    # === LATER === #

    @api.model
    def _amazon_invoice_waiting(self, sync):
        """Invoice the orders of a seller that waited and are complete by now; return whether there was time."""
        waiting = self.search(
            [
                ('amazon_invoice_day', '!=', False),
                ('amazon_marketplace_id.seller_id', '=', sync.seller_id.id),
                ('state', '=', 'sale'),
                ('invoice_status', '=', 'to invoice'),
                ('amazon_inbox_ids.state', '!=', 'error'),
            ]
        )
        return sync._in_portions(waiting.ids, lambda ids: self.browse(ids).exists()._amazon_invoice_each())

    def _amazon_invoice_each(self):
        """Invoice these orders one by one; one that cannot be invoiced becomes an exception with its reason."""
        for order in self.filtered(lambda order: order.amazon_invoice_day
                                   and not order._amazon_find_invoice_obstacle()):
            order = order.with_company(order.company_id)
            market = order.amazon_marketplace_id
            policy = market.fba_invoice if order.amazon_channel == 'fba' else market.fbm_invoice
            try:
                with quiet_sql(), self.env.cr.savepoint():
                    if policy == 'no' or order._amazon_is_invoiced():
                        order.amazon_invoice_day = False
                    else:
                        order._amazon_create_invoice(policy)
            except UserError as error:
                received = order.amazon_inbox_ids
                # The buyer's data is not in the inbox any more: a retry reads the order again.
                received._set_error(*received._explain(error), waits=True, at_once=True)

    def _get_invoiceable_lines(self, final=False):
        """Return the lines to invoice without gift messages: an invoice would keep them for years."""
        return super()._get_invoiceable_lines(final).filtered(lambda line: line.amazon_charge != 'note')
