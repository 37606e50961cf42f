from odoo import api, fields, models

from ..utils.access import MONEY_READERS, RETURN_READERS

READERS = f'{RETURN_READERS},{MONEY_READERS}'


class SaleOrder(models.Model):
    """Returns and replacements of an Amazon order, and what their labels cost."""

    _inherit = 'sale.order'

    amazon_return_ids = fields.One2many('amazon.return', 'sale_order_id', "Amazon returns", readonly=True,
                                        groups=READERS)
    amazon_return_count = fields.Integer("Number of Amazon returns", compute='_compute_amazon_return_count',
                                         groups=READERS)
    amazon_replacement_ids = fields.One2many('amazon.replacement', 'original_order_id', "Replaced by", readonly=True,
                                             groups=READERS)
    amazon_replaced_ids = fields.One2many('amazon.replacement', 'sale_order_id', "Replaces", readonly=True,
                                          groups=READERS)
    amazon_return_labels = fields.Monetary(
        "Labels of returns", copy=False, readonly=True, groups='base.group_user',
        help="What the labels of returns cost by Amazon's report of returns (negative), as far as no settlement has "
        "charged them yet: then they are among Amazon's fees.")

    @api.depends('amazon_return_ids')
    @api.depends_context('uid')
    def _compute_amazon_return_count(self):
        counts = dict(self.env['amazon.return']._read_group(
            [('sale_order_id', 'in', self.ids)], ['sale_order_id'], ['__count']))
        for order in self:
            order.amazon_return_count = counts.get(order, 0)

    def action_amazon_view_returns(self):
        """Show the returns of these orders."""
        self.check_access('read')
        return {'type': 'ir.actions.act_window', 'name': self.env._("Amazon returns"), 'res_model': 'amazon.return',
                'view_mode': 'list,form', 'domain': [('sale_order_id', 'in', self.ids)]}

    def _amazon_share_returns(self):
        """Count the units of the returns of these orders anew: more may come back of what was replaced."""
        self.env['amazon.return'].search([('sale_order_id', 'in', self.ids)])._share_units()._follow_change()

    # === LABELS === #

    def _amazon_update_fees(self):
        result = super()._amazon_update_fees()
        self._amazon_update_return_labels()
        return result

    def _amazon_update_return_labels(self):
        """Sum up the labels of returns that the seller pays and no settlement has charged.

        Settlements charge a label in rows with nothing but the order's id: "Shipping label purchase for return", and by
        an older name "ReturnPostageBilling_…", several rows for one label. They are fees of the order like any others.
        So a label counts by Amazon's report of returns until a settlement has charged it: the days with such rows are
        taken off the labels, the oldest first, whatever either amount is.
        """
        for order in self:
            labels = order._amazon_find_return_labels()
            charged = len(order._amazon_find_label_days()) if labels else 0
            cost = -sum(labels[charged:])
            if order.currency_id.compare_amounts(order.amazon_return_labels, cost):
                order.amazon_return_labels = cost

    def _amazon_find_return_labels(self):
        """Return what each label of these returns costs that the seller pays, in the order's currency, the oldest
        first: items of one return come in one parcel.
        """
        labels = {}
        for record in self.sudo().amazon_return_ids.sorted(lambda record: (record.date, record.id)):
            if record.label_cost > 0 and (record.label_payer or '').lower() == 'seller':
                key = record.rma_ref or record.id, record.tracking_ref
                labels.setdefault(key, self._amazon_convert(record.label_cost, record.currency_id))
        return list(labels.values())

    def _amazon_find_label_days(self):
        """Return the days on which settlements charged labels of returns to this order."""
        texts = ('transaction_type', 'amount_type', 'amount_description')
        return {line.posted_date and line.posted_date.date() for line in self.env['amazon.settlement.line'].sudo(
            ).search([('sale_order_id', '=', self.id), ('amount', '<', 0), *['|'] * (2 * len(texts) - 1),
                      *((name, '=ilike', 'ReturnPostage%') for name in texts),
                      *((name, '=ilike', '%label%return%') for name in texts)])}
