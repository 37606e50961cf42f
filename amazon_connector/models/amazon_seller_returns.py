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
# What has changed of older requests on which a SAFE-T claim is open, or may come, is read so often, as far as the
# longest window of a claim goes back.
OLDER_PAUSE = datetime.timedelta(days=6, hours=22)
OLDEST = datetime.timedelta(days=177)
# Amazon refuses times that are too near to now.
MARGIN = datetime.timedelta(minutes=5)
REPORTS = [customer_returns.REPORT_TYPE, fba_returns.REPORT_TYPE, replacements.REPORT_TYPE]


class AmazonSeller(models.Model):
    """Which reports of returns are requested when: at most five a day, and one of older requests where none of those
    waits.
    """

    _inherit = 'amazon.seller'

    def _request_returns(self):
        """Request the reports of returns for which it is time."""
        self.ensure_one()
        if self._has_orders('fba') or self.ledger_state != 'off':
            for report_type in (fba_returns.REPORT_TYPE, replacements.REPORT_TYPE):
                if not self._find_last_requests(report_type, self.marketplace_ids, PAUSE):
                    self._want_returns(report_type, self._get_home_market())
        self._want_returns(customer_returns.REPORT_TYPE, self._find_due_markets())
        self._want_older_returns()

    def _has_orders(self, channel):
        return bool(self.env['sale.order'].search_count([
            ('amazon_marketplace_id', 'in', self.marketplace_ids.ids), ('amazon_channel', '=', channel),
            ('date_order', '>', fields.Datetime.now() - RECENT)], limit=1))

    def _find_last_requests(self, report_type, markets, pause):
        """Return the reports of a type that were requested within a time, without those of older requests."""
        return self.env['amazon.report'].search([
            ('marketplace_id', 'in', markets.ids), ('report_type', '=', report_type),
            ('create_date', '>', fields.Datetime.now() - pause)]).filtered(lambda report: not _get_age(report))

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

    def _want_older_returns(self):
        """Request once a week what has become of older requests on which a claim is open, one report a day at most:
        Amazon's report has 59 days, whichever they are.
        """
        now, report_type = fields.Datetime.now(), customer_returns.REPORT_TYPE
        asked = self.env['amazon.report'].search([
            ('marketplace_id', 'in', self.marketplace_ids.ids), ('report_type', '=', report_type),
            ('create_date', '>', now - OLDER_PAUSE)]).filtered(_get_age)
        if asked.filtered(lambda report: report.create_date > now - PAUSE):
            return
        done = {(report.marketplace_id, _get_age(report)) for report in asked}
        for market, age in self._find_older_returns():
            if (market, age) not in done and self.env['amazon.report'].sudo()._want(
                    market, report_type, start_date=now - LOOK_BACK * (age + 1), end_date=now - LOOK_BACK * age):
                return

    def _find_older_returns(self):
        """Return the marketplaces and ages, in windows of the report, of older requests on which a claim is open or may
        come, the youngest first.
        """
        today = fields.Date.today()
        records = self.env['amazon.return'].search([
            ('seller_id', '=', self.id), ('channel', '=', 'fbm'), ('announced_date', '<', today - LOOK_BACK),
            ('announced_date', '>', today - OLDEST), ('is_settled', '=', False),
            ('marketplace_id', 'in', self.marketplace_ids.ids), ('safet_amount', '=', 0),
            '|', ('safet_ref', '!=', False), ('missing_since', '!=', False)],
            order='announced_date desc, id')
        return list(dict.fromkeys(
            (record.marketplace_id, (today - record.announced_date) // LOOK_BACK) for record in records))

    def _ask_about_conditions(self, codes):
        """Ask somebody about conditions of goods that Odoo does not know."""
        seller = self._for_person()
        for code in sorted(codes):
            seller._alert(seller.env._("Amazon has an unknown condition of goods: %s", code), seller.env._(
                "Amazon has goods in the condition %s, which Odoo does not know. They are booked as not sellable, "
                "and nothing waits. Look in Seller Central what it means, and tell who maintains Odoo. The rows of "
                "the ledger and the returns have a filter \"Unknown condition\".", code))

    def _want_returns(self, report_type, markets):
        if markets:
            now = fields.Datetime.now()
            self.env['amazon.report'].sudo()._want(markets, report_type, start_date=now - LOOK_BACK,
                                                   end_date=now - MARGIN)


def _get_age(report):
    """Return of which older window a report is, 0 for the latest."""
    return round((report.create_date - report.end_date) / LOOK_BACK) if report.end_date else 0
