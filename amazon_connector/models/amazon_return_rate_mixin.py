from odoo import api, fields, models

from ..utils.access import RETURN_READERS


class AmazonReturnRateMixin(models.AbstractModel):
    """How much of a product was sold on Amazon in twelve months, and how much came back: of the orders and returns that
    its reader sees, so that nobody learns from the figures what is behind them.
    """

    _name = 'amazon.return.rate.mixin'
    _description = "Products That Come Back from Amazon"

    amazon_shipped_units = fields.Float(
        "Shipped in 12 months", digits=(16, 2), compute='_compute_amazon_return_rate', groups=RETURN_READERS,
        help="Units of the Amazon orders that you may see, by date of the order.")
    amazon_returned_units = fields.Float(
        "Returned in 12 months", digits=(16, 2), compute='_compute_amazon_return_rate', groups=RETURN_READERS,
        help="Units that buyers of Amazon orders that you may see sent back, by date of receipt.")
    amazon_return_rate = fields.Float("Return rate", digits=(16, 4), compute='_compute_amazon_return_rate',
                                      groups=RETURN_READERS)

    @api.depends_context('allowed_company_ids', 'uid')
    def _compute_amazon_return_rate(self):
        variants = {record: record._amazon_get_variants() for record in self}
        counts = self.env['sale.order.line']._amazon_count_returned(
            self.env['product.product'].union(*variants.values()))
        for record in self:
            shipped, returned = (sum(counts[variant][place] for variant in variants[record]) for place in (0, 1))
            record.amazon_shipped_units, record.amazon_returned_units = shipped, returned
            record.amazon_return_rate = returned / shipped if shipped else 0.0

    def _amazon_get_variants(self):
        """Return the products of which these figures are, those that are archived as well."""
        raise NotImplementedError

    def action_amazon_view_returns(self):
        """Show the returns of these products."""
        self.check_access('read')
        self.env['amazon.return'].check_access('read')
        return {
            'type': 'ir.actions.act_window', 'name': self.env._("Amazon returns"), 'res_model': 'amazon.return',
            'view_mode': 'list,pivot,graph,form', 'domain': [('product_id', 'in', self._amazon_get_variants().ids)]}
