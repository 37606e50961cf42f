from odoo import fields, models
from odoo.tools import SQL

from .amazon_claim import OPEN

# What there is to do on all marketplaces: numbers on their cards.
TO_DO = ('to_ship', 'at_risk', 'exceptions', 'unmapped', 'refused', 'sold_out')


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
    to_ship = fields.Integer("To ship", compute='_compute_to_do')
    at_risk = fields.Integer("At risk", compute='_compute_to_do')
    exceptions = fields.Integer(compute='_compute_to_do')
    unmapped = fields.Integer("SKUs without a product", compute='_compute_to_do')
    refused = fields.Integer("Refused, held or differing", compute='_compute_to_do')
    sold_out = fields.Integer("Sold out", compute='_compute_to_do')
    currency_id = fields.Many2one('res.currency', compute='_compute_claims')
    claim_count = fields.Integer("Open claims", compute='_compute_claims')
    claim_value = fields.Monetary("Open value of claims", compute='_compute_claims')
    claim_won = fields.Monetary("Won with claims this year", compute='_compute_claims',
                                help="What Amazon paid this year on claims that were filed.")

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
            names = [f'{market.name} ({market.currency_id.name})' for market in apart]
            names += [currency.name for currency in self._read_claims()[-1] - apart.currency_id]
            overview.missing_rates = names and self.env._(
                "Left out of the sums, because there is no exchange rate: %(markets)s", markets=', '.join(names))

    def _compute_to_do(self):
        for overview in self:
            for name in TO_DO:
                overview[name] = sum(overview.marketplace_ids.mapped(f'overview_{name}'))

    def action_view_to_do(self):
        """Show what one of these numbers counts, which the context names, on all marketplaces."""
        self.check_access('read')
        return self.marketplace_ids.action_open_overview()

    # === CLAIMS === #

    def _compute_claims(self):
        for overview in self:
            overview.currency_id = self.env.company.currency_id
            overview.claim_count, overview.claim_value, overview.claim_won, _missing = self._read_claims()

    def _read_claims(self):
        """Return the number of open claims of the chosen companies, their value and what was won this year in the
        currency of the current one, and the currencies that are left out because they have no rate; nothing where the
        user may not read claims.
        """
        if not self.env['amazon.claim'].has_access('read'):
            return 0, 0.0, 0.0, self.env['res.currency']
        numbers, today = self.env['amazon.claim.number'].sudo(), self._get_today()
        mine = [('company_id', 'in', self.env.companies.ids)]
        count = self.env['amazon.claim'].sudo().search_count([*mine, ('state', 'in', OPEN)])
        value, missing = self._add_up((currency, today, amount) for currency, amount in numbers._read_group(
            [*mine, ('open_value', '!=', 0)], ['currency_id'], ['open_value:sum']))
        won, apart = self._add_up((currency, fields.Date.to_date(day), amount) for currency, day, amount in
                                  numbers._read_group([*mine, *numbers._get_won_domain(today)],
                                                      ['currency_id', 'date:day'], ['won_amount:sum']))
        return count, value, won, missing | apart

    def _add_up(self, amounts):
        """Return the sum of amounts in the currency of the current company, and the currencies without a rate, which
        are left out.

        :param amounts: currency, day and amount of each
        """
        company, total, missing = self.env.company, 0.0, self.env['res.currency']
        for currency, day, amount in amounts:
            if without := currency._amazon_find_without_rate(company, day):
                missing |= without
            else:
                total += currency._convert(amount, company.currency_id, company, day)
        return total, missing

    def _get_today(self):
        return self.env.company._amazon_get_day(fields.Datetime.now())

    def action_view_claims(self):
        """Show the open claims of the chosen companies."""
        self.check_access('read')
        return self.env['amazon.claim.number']._view_claims(
            [('company_id', 'in', self.env.companies.ids), ('state', 'in', OPEN)])

    def action_view_won(self):
        """Show the claims of the chosen companies with which something was won this year."""
        self.check_access('read')
        return self.env['amazon.claim.number']._view_won(
            self._get_today(), [('company_id', 'in', self.env.companies.ids)])

    def action_open(self):
        """Show the overview of the current company."""
        self.check_access('read')
        return {**self.env['ir.actions.act_window']._for_xml_id('amazon_connector.amazon_overview_form_action'),
                'res_id': self.env.company.id}
