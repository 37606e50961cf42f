import datetime

from odoo import fields, models

from ..amazon_reports import customer_returns, fba_returns, replacements

# Each report is requested once a day: Amazon rebuilds it about so often, and what changes later comes with the next.
PAUSE = datetime.timedelta(hours=22)
# Amazon reports at most 60 days of return requests at once; returns move on for weeks.
LOOK_BACK = datetime.timedelta(days=59)
# Marketplaces with orders of the last days have returns; so many are asked a day, see the limit of reports a day.
RECENT = datetime.timedelta(days=60)
# Refunds of goods that Amazon shipped can be claimed for up to 120 days, and goods may come back some time before their
# refund: so far back it is to be known what came back. It is known as long as no more than the latest days lack.
CLAIMABLE, LATEST = datetime.timedelta(days=150), datetime.timedelta(days=15)
MOST_MARKETS = 3
# What has changed of older requests on which a SAFE-T claim is open, or may come, is read so often, as far as the
# longest window of a claim goes back.
OLDER_PAUSE = datetime.timedelta(days=6, hours=22)
OLDEST = datetime.timedelta(days=177)
# Amazon refuses times that are too near to now.
MARGIN, DAY = datetime.timedelta(minutes=5), datetime.timedelta(days=1)
TO_AMAZON = (fba_returns.REPORT_TYPE, replacements.REPORT_TYPE)
REPORTS = [customer_returns.REPORT_TYPE, fba_returns.REPORT_TYPE, replacements.REPORT_TYPE]


class AmazonSeller(models.Model):
    """Which reports of returns are requested when: at most five a day, and one of older requests and of each kind of
    older returns to Amazon where none of those waits.
    """

    _inherit = 'amazon.seller'

    def _request_returns(self):
        """Request the reports of returns for which it is time."""
        self.ensure_one()
        if self._has_orders('fba', CLAIMABLE) or self.ledger_state != 'off':
            for report_type in TO_AMAZON:
                if not self._find_last_requests(report_type, self.marketplace_ids, PAUSE):
                    self._want_returns(report_type, self._get_home_market())
                self._want_earlier_returns(report_type)
        self._want_returns(customer_returns.REPORT_TYPE, self._find_due_markets())
        self._want_older_returns()

    def _has_orders(self, channel, within):
        return bool(self.env['sale.order'].search_count([
            ('amazon_marketplace_id', 'in', self.marketplace_ids.ids), ('amazon_channel', '=', channel),
            ('date_order', '>', fields.Datetime.now() - within)], limit=1))

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

    # === EARLIER RETURNS TO AMAZON === #

    def _want_earlier_returns(self, report_type):
        """Request what came back to Amazon before the days of the usual report and was never read: from before the
        first one, or of a time in which none was read. It is one report a day at most.
        """
        now, known = fields.Datetime.now(), self._get_returns_known(report_type)
        if known >= now - LOOK_BACK:
            return
        asked = self.env['amazon.report'].search([
            ('marketplace_id', 'in', self.marketplace_ids.ids), ('report_type', '=', report_type),
            ('create_date', '>', now - PAUSE)]).filtered(_get_age)
        if not asked:
            self.env['amazon.report'].sudo()._want(
                self._get_home_market(), report_type, start_date=known - DAY,
                end_date=min(known - DAY + LOOK_BACK, now - LOOK_BACK + DAY * 2))

    def _get_returns_known(self, report_type):
        """Return until when it was read without a gap what came back to Amazon since the first refund that can be
        claimed (naive UTC). Of a time long ago that has nothing to tell, a second report has to say so, too.
        """
        now, kept = fields.Datetime.now(), (self.claim_reports or {}).get(report_type)
        begin = known = max(filter(None, [fields.Datetime.to_datetime(kept), now - CLAIMABLE]))
        is_empty = False
        for report in self.env['amazon.report'].search([
                ('seller_id', '=', self.id), ('report_type', '=', report_type), ('start_date', '!=', False),
                ('state', 'in', ('done', 'partial', 'empty')), ('end_date', '>', begin)], order='start_date, id'):
            if report.start_date <= known < report.end_date:
                is_sure = report.row_count or is_empty or report.end_date > now - LATEST
                known, is_empty = report.end_date if is_sure else known, not is_sure
        if known > begin:
            self.claim_reports = {**(self.claim_reports or {}), report_type: fields.Datetime.to_string(known)}
        return known

    def _knows_returns(self):
        """Return whether it is known what came back to Amazon of all that can be claimed: before, goods that were
        returned would look like a claim.
        """
        recent = fields.Datetime.now() - LATEST
        return all(self._get_returns_known(report_type) >= recent for report_type in TO_AMAZON)

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
