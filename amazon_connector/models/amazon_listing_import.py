import datetime
import logging

from odoo import api, fields, models
from odoo.tools import split_every

from ..amazon_api.errors import Unavailable
from ..amazon_api.items import MERCHANT
from ..amazon_reports.listings import REPORT_TYPE, read_listings
from ..utils.phrases import tell
from ..utils.quiet import concerns_record, describe, log_failure
from ..utils.words import say

_logger = logging.getLogger(__name__)

REPORT_INTERVAL = datetime.timedelta(days=1)
IMPORT_CHUNK = 2000
# So many missing listings are searched for between two commits.
MISSING_CHUNK = 100


class AmazonListing(models.Model):
    """Import listings from the daily report of each marketplace."""

    _inherit = 'amazon.listing'

    # === FLOW: LISTINGS === #

    def _sync_listings(self, sync):
        """Run the actions that users asked for on single listings, then import the report of each marketplace once a
        day.

        The contract is in `amazon_sync`.
        """
        client, in_time = sync.seller_id._get_client(), True
        with sync._isolate(tell(self.env)._("New listings")):
            in_time = self.env['amazon.listing.draft']._send_waiting(sync)
        if not (in_time and self._run_pending_actions(sync, client)):
            return True
        reports, due = self.env['amazon.report'], fields.Datetime.now() - REPORT_INTERVAL
        for marketplace in sync.seller_id.marketplace_ids:
            last = reports._get_last_date(marketplace, REPORT_TYPE)
            if not last or last < due:
                reports._want(marketplace, REPORT_TYPE)
        sync._commit()
        return reports._advance(sync, client, [REPORT_TYPE])

    @api.model
    def _import_report(self, report, sync):
        """Import a report of all listings in chunks, each committed with its position; see `amazon_report.IMPORTERS`.
        """
        found = read_listings(report._get_content(), report.charset or '')
        rows = [row for row in found if row.sku]
        if not report.position:
            report._set_problems({row.number: self._describe_row(row) for row in found if row.problem})
        report.row_count = len(rows)
        if not self._store_in_portions(report, rows, sync) or not self._find_missing(
                report, {row.sku for row in rows}, sync):
            return False
        self._propose_again(report.marketplace_id)
        sync._commit()
        self._import_issues(report, sync)
        return True

    def _describe_row(self, row):
        problem = say(self.env, row.problem)
        return tell(self.env).join([row.sku, problem], by=': ')

    @api.model
    def _import_issues(self, report, sync):
        """Read the issues of a marketplace after its listings, and the ranks; an error of Amazon does not undo the
        import.
        """
        market, outage = report.marketplace_id, None
        for name, read in ((tell(self.env)._("Issues of listings, %s", market.name), self._read_what_shows),
                           (tell(self.env)._("Sales ranks, %s", market.name), self._read_ranks)):
            with sync._isolate(name):
                try:
                    if sync.seller_id.selling_partner_ref:
                        read(market, sync.seller_id._get_client())
                except Unavailable as error:
                    outage = error
        if outage:
            raise outage

    @api.model
    def _read_what_shows(self, market, client):
        self._read_issues(market, client)
        self._read_pictures(market, client)

    # === ROWS === #

    @api.model
    def _store_in_portions(self, report, rows, sync):
        """Store the rows behind the report's position in short transactions that give way to users; return whether
        there was time for all.
        """
        done = set()

        def advance(portion):
            self.env.flush_all()
            done.update(portion)
            report.position = next((place for place in range(report.position, len(rows)) if place not in done),
                                   len(rows))

        def store(portion):
            self.env.invalidate_all()
            self._store_safely(report, [rows[place] for place in portion])
            advance(portion)

        def give_up(place, error):
            report._add_problems({rows[place].number: sync._describe(error)})
            advance([place])

        return (sync._in_portions(range(report.position, len(rows)), store, IMPORT_CHUNK, give_up)
                or report.position == len(rows))

    @api.model
    def _store_safely(self, report, rows):
        """Store rows of a report; where that fails for all of them at once, find the row that cannot be stored."""
        try:
            with self.env.cr.savepoint():
                self._store_rows(report, rows)
        except Exception as error:
            if not concerns_record(error):
                raise
            if len(rows) == 1:
                log_failure(_logger, "Amazon report %s, line %s", report.id, rows[0].number, error=error)
                report._add_problems({rows[0].number: tell(self.env)._("It cannot be stored (%s).", describe(error))})
                return
            for half in (rows[:len(rows) // 2], rows[len(rows) // 2:]):
                self._store_safely(report, half)

    @api.model
    def _store_rows(self, report, rows):
        """Create or update the listings of report rows, and map the unmapped ones."""
        marketplace = report.marketplace_id
        quiet = self.with_context(tracking_disable=True, mail_create_nolog=True)
        known = quiet.search([('marketplace_id', '=', marketplace.id), ('sku', 'in', [row.sku for row in rows])])
        by_sku = {listing.sku: listing for listing in known}
        new = [row for row in rows if row.sku not in by_sku]
        for row in rows:
            if row.sku in by_sku:
                by_sku[row.sku]._update_from_row(report, row)
        known._compare(since=report.asked_date)
        known._map()
        matches = self.env['amazon.mapping.rule']._match(marketplace, new)
        quiet.create([{'marketplace_id': marketplace.id, 'sku': row.sku, **self._prepare_row(report, row),
                       **matches.get(row, {})} for row in new])

    @api.model
    def _prepare_row(self, report, row):
        """Return the values of a row of the report; what this marketplace's report lacks, or what is unreadable, is
        left out and keeps its value.
        """
        vals = {name: value for name, value in (
            ('title', row.title), ('asin', row.asin), ('barcode', row.barcode), ('condition', row.condition),
            ('channel_code', row.channel), ('status', row.status)) if value}
        # An active listing has a price, and the merchant's own a quantity: there, an empty value is not zero.
        if not row.problem and (row.price is not None or row.status != 'active'):
            vals.update(self._prepare_price(row.price))
        if not row.problem and (row.quantity is not None or row.status != 'active' or row.channel != MERCHANT):
            vals['amazon_quantity'] = row.quantity or 0
        return {**vals, 'amazon_date': report.asked_date, 'report_problem': say(self.env, row.problem) or False,
                'missing_hint': False}

    def _update_from_row(self, report, row):
        """Write the values of a row of the report on this listing.

        A report names one channel of a SKU. Amazon's own fulfilment does not end by that: Amazon is asked for all
        channels first.
        """
        vals = self._prepare_row(report, row)
        if self.channel == 'fba' and row.channel == MERCHANT:
            del vals['channel_code']
            vals.pop('amazon_quantity', None)
            if not self.pending_action:
                vals['pending_action'] = 'read'
                self.env['amazon.sync']._wake_event_flow('listings')
        if self.status == 'removed':
            vals.setdefault('status', False)
        self._update_facts(vals)

    def _update_facts(self, vals):
        """Write the values that differ."""
        self.ensure_one()
        changed = {field: value for field, value in vals.items() if (self[field] or False) != (value or False)}
        if changed:
            self.write(changed)

    # === WHAT A REPORT LACKS === #

    @api.model
    def _find_missing(self, report, skus, sync):
        """Search Amazon for listings that a report no longer has, unless they are newer than the report; return whether
        there was time for all.

        That a report lacks a listing is one hint that it was removed at Amazon. The other is that Amazon does not find
        its SKU. Where many are missing, none is marked before a person agrees, and a report with problems is no hint at
        all.
        """
        if report.problem_count:
            return True
        listings = self.search([
            ('marketplace_id', '=', report.marketplace_id.id), ('status', 'not in', (False, 'removed')),
            ('create_date', '<=', report.asked_date),
            '|', ('amazon_date', '=', False), ('amazon_date', '<=', report.asked_date)])
        missing = listings.filtered(lambda listing: listing.sku not in skus)
        if report.marketplace_id._for_person()._guard_listings(len(missing), len(listings), bool(skus)):
            missing.write({'missing_hint': 'report', 'missing_date': fields.Datetime.now()})
            return True
        missing._mark_missing('report')
        if not sync.seller_id.selling_partner_ref:
            return True
        searched = missing.filtered(lambda listing: listing.status != 'removed')
        for portion in split_every(MISSING_CHUNK, searched.ids, searched.browse):
            portion._read(sync.seller_id._get_client())
            if not sync._commit():
                return False
        return True

    def _mark_missing(self, hint):
        """Mark that the report, or the search for their SKU, lacks these listings; where both do, they are removed at
        Amazon.

        Listings that wait for a person's decision stay as they are.
        """
        for listing in self.filtered(lambda listing: listing.status != 'removed'):
            if listing.missing_hint and listing.missing_hint != hint and not listing.marketplace_id.removal_message:
                listing.write({'status': 'removed', 'missing_hint': False})
            elif not listing.missing_hint:
                listing.write({'missing_hint': hint, 'missing_date': fields.Datetime.now()})
