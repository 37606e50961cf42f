import datetime

import pytz

from odoo import fields, models
from odoo.tools import SQL

PERIODS = [('today', "Today"), ('yesterday', "Yesterday"), ('month', "Month to date"),
           ('forecast', "Forecast of this month"), ('last_month', "Last month")]
# Sum of a period -> the sums of the analysis that it consists of.
SUMS = {
    'units': ('units',), 'sales': ('sales',), 'refunds': ('refunds', 'refunds_estimate'),
    'fees': ('fees', 'fees_estimate', 'shipping', 'other'), 'advertising': ('advertising',), 'cost': ('cost',),
    'profit': ('profit',), 'payout': ('payout',), 'known_sales': ('known_sales',), 'unknown_sales': ('unknown_sales',),
}
PARTS = [part for parts in SUMS.values() for part in parts]
# Days whose average the forecast takes for those that are left of the month.
DAYS_AVERAGED = 28


class AmazonOverviewPeriod(models.Model):
    """What was sold in a period, and what is left of it, in the currency of the current company and by its days."""

    _name = 'amazon.overview.period'
    _description = "Period of the Amazon Overview"
    _auto = False
    _order = 'id'
    _rec_name = 'period'

    company_id = fields.Many2one('res.company', readonly=True)
    period = fields.Selection(PERIODS, readonly=True)
    currency_id = fields.Many2one('res.currency', compute='_compute_sums')
    units = fields.Float(digits=(16, 0), compute='_compute_sums')
    sales = fields.Monetary(compute='_compute_sums')
    refunds = fields.Monetary(compute='_compute_sums')
    fees = fields.Monetary("Fees and other", compute='_compute_sums', help="With estimates of what is not settled.")
    advertising = fields.Monetary(compute='_compute_sums')
    cost = fields.Monetary(compute='_compute_sums')
    profit = fields.Monetary(compute='_compute_sums', help="Of orders whose fees are known or estimated.")
    margin = fields.Float("Margin (%)", compute='_compute_sums')
    payout = fields.Monetary("Payout (estimate)", compute='_compute_sums',
                             help="What Amazon pays out of it, without tax.")
    known_sales = fields.Monetary("Sales with a known profit", compute='_compute_sums')
    unknown_sales = fields.Monetary("Sales with unknown fees", compute='_compute_sums')

    @property
    def _table_query(self):
        return SQL(
            """(SELECT company.id * 8::bigint + kind.number AS id, company.id AS company_id, kind.period
                  FROM res_company company CROSS JOIN (VALUES %s) AS kind (number, period))""",
            SQL(", ").join(SQL("(%s, %s)", number, period) for number, (period, _label) in enumerate(PERIODS)))

    def _compute_sums(self):
        sums = self._read_sums()
        for record in self:
            values = sums[record.period]
            record.currency_id = self.env.company.currency_id
            record.update(values)
            record.margin = values['profit'] / values['known_sales'] if values['known_sales'] else 0.0

    def _read_sums(self):
        """Return the sums of each period, by name; the forecast adds the daily average for the days that are left."""
        days = self._get_days()
        sums = {period: self._read_days(*days[period]) for period in days if period != 'forecast'}
        past, (start, end) = sums.pop('average'), days['forecast']
        left = (end - start).days - 1
        sums['forecast'] = {name: amount + past[name] / DAYS_AVERAGED * left
                            for name, amount in sums['month'].items()}
        return sums

    def _read_days(self, start, end):
        domain = [('company_id', 'in', self.env.companies.ids), *self._get_domain(start, end)]
        row = self.env['amazon.analysis']._read_group(domain, [], [f'{part}:sum' for part in PARTS])[0]
        found = dict(zip(PARTS, row, strict=True))
        return {name: float(sum(found[part] or 0 for part in parts)) for name, parts in SUMS.items()}

    def _get_days(self):
        """Return the first day of each period, and the day after its last one, in the company's time zone; the forecast
        has the days from today to the end of the month.
        """
        today = self.env.company._amazon_get_day(fields.Datetime.now())
        after, first = today + datetime.timedelta(days=1), today.replace(day=1)
        last = fields.Date.subtract(first, months=1)
        return {
            'today': (today, after), 'yesterday': (today - datetime.timedelta(days=1), today), 'month': (first, after),
            'forecast': (today, fields.Date.add(first, months=1)), 'last_month': (last, first),
            'average': (today - datetime.timedelta(days=DAYS_AVERAGED), today),
        }

    def _get_domain(self, start, end):
        zone = pytz.timezone(self.env.company._amazon_get_zone())
        moments = [zone.localize(datetime.datetime.combine(day, datetime.time.min)).astimezone(pytz.utc).replace(
            tzinfo=None) for day in (start, end)]
        return [('date', '>=', fields.Datetime.to_string(moments[0])),
                ('date', '<', fields.Datetime.to_string(moments[1]))]

    def action_open(self):
        """Show the facts of this period; of the forecast, those of the month until now."""
        self.ensure_one()
        self.check_access('read')
        start, end = self._get_days()['month' if self.period == 'forecast' else self.period]
        return {**self.env['ir.actions.act_window']._for_xml_id('amazon_connector.amazon_analysis_action'),
                'domain': self._get_domain(start, end), 'context': {}}
