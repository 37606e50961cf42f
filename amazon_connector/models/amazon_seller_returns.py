import datetime

from odoo import fields, models

from ..amazon_reports import customer_returns, fba_returns, replacements

# Each report is requested once a day: Amazon rebuilds it about so often, and what changes later comes with the next.
PAUSE = datetime.timedelta(hours=22)
# Amazon reports at most 60 days of return requests at once; returns move on for weeks.
LOOK_BACK = datetime.timedelta(days=59)
# Marketplaces with orders of the last days have returns; so many are asked a day, see the limit of reports a day.
RECENT = datetime.timedelta(days=60)
MOST_MARKETS = 3
# Amazon refuses times that are too near to now.
MARGIN = datetime.timedelta(minutes=5)
REPORTS = [customer_returns.REPORT_TYPE, fba_returns.REPORT_TYPE, replacements.REPORT_TYPE]


class AmazonSeller(models.Model):
    """Which reports of returns are requested when: at most five a day."""

    _inherit = 'amazon.seller'

    def _request_returns(self):
        """Request the reports of returns for which it is time."""
        self.ensure_one()
        if self._has_orders('fba') or self.ledger_state != 'off':
            for report_type in (fba_returns.REPORT_TYPE, replacements.REPORT_TYPE):
                if not self._find_last_requests(report_type, self.marketplace_ids, PAUSE):
                    self._want_returns(report_type, self._get_home_market())
        self._want_returns(customer_returns.REPORT_TYPE, self._find_due_markets())

    def _has_orders(self, channel):
        return bool(self.env['sale.order'].search_count([
            ('amazon_marketplace_id', 'in', self.marketplace_ids.ids), ('amazon_channel', '=', channel),
            ('date_order', '>', fields.Datetime.now() - RECENT)], limit=1))

    def _find_last_requests(self, report_type, markets, pause):
        """Return the reports of a type that were requested within a time."""
        return self.env['amazon.report'].search([
            ('marketplace_id', 'in', markets.ids), ('report_type', '=', report_type),
            ('create_date', '>', fields.Datetime.now() - pause)])

    def _find_due_markets(self):
        """Return the marketplaces whose returns to the merchant are to be requested: the one that was asked longest ago
        first, and no more than a day has room for.
        """
        sold = self.env['sale.order']._read_group([
            ('amazon_marketplace_id', 'in', self.marketplace_ids.ids), ('amazon_channel', '=', 'fbm'),
            ('date_order', '>', fields.Datetime.now() - RECENT)], ['amazon_marketplace_id'])
        markets = self.marketplace_ids.browse([market.id for (market,) in sold])
        report_type = customer_returns.REPORT_TYPE
        room = MOST_MARKETS - len(self._find_last_requests(report_type, self.marketplace_ids, PAUSE))
        if room <= 0 or not markets:
            return markets.browse()
        last = dict(self.env['amazon.report']._read_group([
            ('marketplace_id', 'in', markets.ids), ('report_type', '=', report_type)], ['marketplace_id'],
            ['create_date:max']))
        due = markets - self._find_last_requests(report_type, markets, PAUSE).marketplace_id
        return due.sorted(lambda market: (last.get(market) or datetime.datetime.min, market.id))[:room]

    def _want_returns(self, report_type, markets):
        if markets:
            now = fields.Datetime.now()
            self.env['amazon.report'].sudo()._want(markets, report_type, start_date=now - LOOK_BACK,
                                                   end_date=now - MARGIN)
