import datetime

from odoo import fields, models

from ..amazon_reports import reimbursements, removal_orders, removal_shipments

DAY = datetime.timedelta(days=1)
# Each report is requested once a day; one that failed not at once.
EACH, PAUSE = datetime.timedelta(hours=20), datetime.timedelta(hours=6)
# Amazon names no longest time of these reports. What comes late or changes comes within the overlap.
LONGEST, OVERLAP = DAY * 60, DAY * 45
# How far a first request goes back, if the ledger begins no earlier: what was lost before may still be claimed or taken
# back. No ledger goes further back than a year and a half.
BACK, MOST_BACK = DAY * 180, DAY * 550
# Parcels come within this time of their removal order.
SHIPPING = DAY * 90
# Amazon refuses times that are too near to now.
MARGIN = datetime.timedelta(minutes=5)


class AmazonSeller(models.Model):
    """Which reports of removals and reimbursements are requested when."""

    _inherit = 'amazon.seller'

    claim_reports = fields.Json("Read so far", readonly=True, copy=False,
                                help="Until when reports of removals and reimbursements were read, by type.")

    def _has_fba(self):
        """Return whether this seller has goods at Amazon."""
        self.ensure_one()
        return self.ledger_state == 'on' or bool(self.env['amazon.listing'].search_count(
            [('seller_id', '=', self.id), ('channel', '=', 'fba')], limit=1))

    def _request_claim_reports(self):
        """Request the reports of reimbursements and removals for which it is time."""
        self.ensure_one()
        self._request_since(reimbursements.REPORT_TYPE)
        oldest = self._find_oldest_removal(('is_open', '=', True))
        self._request_since(removal_orders.REPORT_TYPE, oldest)
        if self._expects_parcels():
            self._request_since(removal_shipments.REPORT_TYPE, oldest, begin=self._find_oldest_with_parcels())

    def _find_oldest_removal(self, *domain):
        """Return when the oldest removal was requested (naive UTC), or False."""
        return self.env['amazon.removal'].search([('seller_id', '=', self.id), ('request_date', '!=', False), *domain],
                                                 order='request_date', limit=1).request_date

    def _find_oldest_with_parcels(self):
        """Return when the oldest removal was requested of which parcels may not have been read (naive UTC), or False.
        """
        known = (self.claim_reports or {}).get(removal_shipments.REPORT_TYPE)
        since = fields.Datetime.to_datetime(known) - SHIPPING if known else fields.Datetime.now() - MOST_BACK
        return self._find_oldest_removal('|', ('is_open', '=', True), ('request_date', '>=', since))

    def _expects_parcels(self):
        """Return whether parcels may be on their way, or were before anything was read."""
        since = fields.Datetime.now() - SHIPPING
        return bool(self.env['amazon.removal'].search_count(
            [('seller_id', '=', self.id), '|', ('is_open', '=', True), ('request_date', '>=', since)], limit=1))

    def _request_since(self, report_type, oldest=False, begin=False):
        """Request a report of the time since the last one, with what may have changed since.

        :param oldest: a moment (naive UTC) from which on it is to tell, False for none
        :param begin: a moment (naive UTC) before which there is nothing to tell, False if that is not known
        """
        now, reports = fields.Datetime.now(), self.env['amazon.report'].sudo()
        last = reports.search([('seller_id', '=', self.id), ('report_type', '=', report_type)], order='id desc',
                              limit=1)
        soon = last.state == 'error' or self._is_doubtful(last)
        if last and last.create_date > now - (PAUSE if soon else EACH):
            return
        until = self._get_read_until(report_type, last)
        start = until - OVERLAP if until else self._get_claims_start()
        if until and until < now - OVERLAP:
            # Months are read one behind the other.
            start = until - DAY
        elif oldest and oldest < start:
            start = max(oldest - DAY, now - BACK)
        if begin and (not until or until < now - OVERLAP):
            start = max(start, begin - DAY)
        end = now - MARGIN if start + LONGEST >= now or until and until >= now - OVERLAP else start + LONGEST
        reports._want(self._get_home_market(), report_type, start_date=start, end_date=end)

    def _get_claims_start(self):
        """Return from when on reimbursements and removals matter (naive UTC)."""
        now, begin = fields.Datetime.now(), fields.Datetime.to_datetime(self.ledger_start)
        return max(min(filter(None, [now - BACK, begin])), now - MOST_BACK)

    def _knows_enough(self):
        """Return whether the ledger and what was paid and removed are known up to now: before, what is settled already
        would look like a claim.
        """
        recent = fields.Datetime.now() - OVERLAP
        for report_type in (reimbursements.REPORT_TYPE, removal_orders.REPORT_TYPE):
            last = self.env['amazon.report'].sudo().search(
                [('seller_id', '=', self.id), ('report_type', '=', report_type)], order='id desc', limit=1)
            until = self._get_read_until(report_type, last)
            if not until or until < recent:
                return False
        if self.ledger_state != 'on':
            return True
        last = self.env['amazon.ledger.day']._get_last_date(self)
        return self._find_missing_day(last) >= last - OVERLAP / 3

    def _get_read_until(self, report_type, last):
        """Return until when a report was read (naive UTC), or False; reports themselves are deleted after some time."""
        known = (self.claim_reports or {}).get(report_type)
        known = known and fields.Datetime.to_datetime(known)
        if self._is_doubtful(last):
            return known
        if last.state in ('done', 'partial', 'empty') and last.end_date and (not known or last.end_date > known):
            known = last.end_date
            self.claim_reports = {**(self.claim_reports or {}), report_type: fields.Datetime.to_string(known)}
        return known

    def _is_doubtful(self, last):
        """Return whether a report that has nothing to tell is of a time that no later one has, and was the first of it:
        Amazon also answers so where it had no time, or was asked the same a moment before.
        """
        if last.state not in ('done', 'empty') or last.row_count or last.end_date > fields.Datetime.now() - OVERLAP:
            return False
        return not self.env['amazon.report'].sudo().search_count([
            ('seller_id', '=', self.id), ('report_type', '=', last.report_type), ('id', '<', last.id),
            ('state', 'in', ('done', 'empty')), ('start_date', '>', last.start_date - DAY),
            ('end_date', '<', last.end_date + DAY)], limit=1)
