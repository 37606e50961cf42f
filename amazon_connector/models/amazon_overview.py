from odoo import fields, models
from odoo.tools import SQL


class AmazonOverview(models.Model):
    """The overview of a company: what was sold in some periods, and its marketplaces."""

    _name = 'amazon.overview'
    _description = "Amazon Overview"
    _auto = False
    _rec_name = 'company_id'

    company_id = fields.Many2one('res.company', readonly=True)
    period_ids = fields.Many2many('amazon.overview.period', string="Periods", compute='_compute_parts')
    marketplace_ids = fields.Many2many('amazon.seller.marketplace', string="Marketplaces", compute='_compute_parts')
    missing_rates = fields.Text("Currencies without an exchange rate", compute='_compute_parts')

    @property
    def _table_query(self):
        return SQL("(SELECT company.id, company.id AS company_id FROM res_company company)")

    def _compute_parts(self):
        periods = self.env['amazon.overview.period'].search([('company_id', 'in', self.company_id.ids)])
        markets = self.env['amazon.seller.marketplace'].search([('active', '=', True)])
        missing = markets.currency_id._amazon_find_without_rate(self.env.company)
        apart = markets.filtered(lambda market: market.currency_id in missing)
        for overview in self:
            overview.period_ids = periods.filtered(
                lambda period, overview=overview: period.company_id == overview.company_id)
            overview.marketplace_ids = markets
            overview.missing_rates = apart and self.env._(
                "Left out of the sums, because there is no exchange rate: %(markets)s", markets=', '.join(
                    f'{market.name} ({market.currency_id.name})' for market in apart))

    def action_open(self):
        """Show the overview of the current company."""
        self.check_access('read')
        return {**self.env['ir.actions.act_window']._for_xml_id('amazon_connector.amazon_overview_form_action'),
                'res_id': self.env.company.id}
