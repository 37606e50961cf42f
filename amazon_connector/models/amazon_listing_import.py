import datetime

from odoo import api, fields, models

from ..amazon_reports.listings import REPORT_TYPE, read_listings

REPORT_INTERVAL = datetime.timedelta(days=1)
IMPORT_CHUNK = 2000


class AmazonListing(models.Model):
    """Listings as the daily report of each marketplace brings them in."""

    _inherit = 'amazon.listing'

    # === FLOW: LISTINGS === #

    def _sync_listings(self, sync):
        """Do what users wished for single listings, then bring in the report of each marketplace once a day.

        The contract is in `amazon_sync`.
        """
        client = sync.seller_id._get_client()
        if not (self.env['amazon.listing.draft']._send_waiting(sync) and self._fulfil_wishes(sync, client)):
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
        """Take in a report of all listings in chunks, each committed with its place; see `amazon_report.IMPORTERS`."""
        rows = read_listings(report._get_content(), report.charset or '')
        report.row_count = len(rows)
        while report.position < len(rows):
            chunk = rows[report.position:report.position + IMPORT_CHUNK]
            self._store_rows(report, chunk)
            report.position += len(chunk)
            if not sync._commit() and report.position < len(rows):
                return False
            self.env.invalidate_all()
        self._mark_gone(report, {row.sku for row in rows})
        sync._commit()
        if sync.seller_id.selling_partner_ref:
            self._read_issues(report.marketplace_id, sync.seller_id._get_client())
        return True

    @api.model
    def _store_rows(self, report, rows):
        """Create or update the listings of report rows, and map what is not."""
        marketplace = report.marketplace_id
        quiet = self.with_context(tracking_disable=True, mail_create_nolog=True)
        known = quiet.search_fetch([('marketplace_id', '=', marketplace.id), ('sku', 'in', [row.sku for row in rows])])
        by_sku = {listing.sku: listing for listing in known}
        new = [row for row in rows if row.sku not in by_sku]
        for row in rows:
            if row.sku in by_sku:
                by_sku[row.sku]._update_facts(self._prepare_row(report, row))
        known._compare(since=report.asked_date)
        known._map()
        matches = self.env['amazon.mapping.rule']._match(marketplace, new)
        quiet.create([{'marketplace_id': marketplace.id, 'sku': row.sku, **self._prepare_row(report, row), **matches.get(row, {})} for row in new])

    @api.model
    def _prepare_row(self, report, row):
        """Return what a row tells; what this marketplace's report lacks, or what is unreadable, says nothing of what is known."""
        told = {name: value for name, value in (
            ('title', row.title), ('asin', row.asin), ('barcode', row.barcode), ('condition', row.condition), ('channel_code', row.channel)) if value}
        if not row.problem:
            told.update(amazon_price=float(row.price or 0), amazon_quantity=row.quantity or 0)
        return {**told, 'status': row.status or False, 'amazon_date': report.asked_date, 'report_problem': row.problem or False}

    def _update_facts(self, vals):
        """Write what Amazon tells where it differs."""
        self.ensure_one()
        changed = {field: value for field, value in vals.items() if (self[field] or False) != (value or False)}
        if changed:
            self.write(changed)

    @api.model
    def _mark_gone(self, report, skus):
        """Mark what the report no longer has, unless it is newer than the report."""
        listings = self.search_fetch([('marketplace_id', '=', report.marketplace_id.id), ('status', 'not in', (False, 'gone')),
                                      ('create_date', '<=', report.asked_date)], ['sku'])
        listings.filtered(lambda listing: listing.sku not in skus).status = 'gone'
