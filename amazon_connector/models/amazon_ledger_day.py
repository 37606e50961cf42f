import collections
import datetime
import hashlib
import json

import pytz

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, groupby

from ..amazon_reports.ledger import read_ledger
from ..utils.access import check_group
from ..utils.copy_rows import copy_rows
from ..utils.locks import try_lock
from ..utils.phrases import tell
from ..utils.reader_fields import ReaderText
from ..utils.words import write_day

# A day ends at midnight of the region, and its last rows come hours later.
ZONES = {'na': 'America/Los_Angeles', 'eu': 'Europe/London', 'fe': 'Asia/Tokyo'}
DAY, GRACE = datetime.timedelta(days=1), datetime.timedelta(hours=6)
COLUMNS = ('day_id', 'seller_id', 'number', 'date', 'sku', 'fnsku', 'asin', 'title', 'event_type', 'code', 'reference',
           'quantity', 'center', 'disposition', 'country_code', 'reconciled', 'unreconciled', 'extra')
# What makes a row a movement of its own, by the names of the report and of the model; the title is no part of it.
MOVEMENT = {'sku': 'sku', 'fnsku': 'fnsku', 'asin': 'asin', 'event_type': 'event_type', 'reason': 'code',
            'reference': 'reference', 'quantity': 'quantity', 'center': 'center', 'disposition': 'disposition',
            'country': 'country_code'}
# How a row was booked, which it keeps when it comes again.
BOOKED = ('product_id', 'pack_quantity', 'parts', 'route', 'reason_id', 'obstacle')
MANAGER = 'stock.group_stock_manager'


class AmazonLedgerDay(models.Model):
    """One day of Amazon's inventory ledger of a seller: all its rows, replaced as a whole by what Amazon reports last.
    """

    _name = 'amazon.ledger.day'
    _description = "Amazon Ledger Day"
    _inherit = ['amazon.access.mixin']
    _rec_name = 'date'
    _order = 'date desc, seller_id'

    seller_id = fields.Many2one('amazon.seller', required=True, readonly=True, ondelete='cascade')
    company_id = fields.Many2one(related='seller_id.company_id', store=True, index=True)
    date = fields.Date(required=True, readonly=True)
    state = fields.Selection(
        [('open', "Not over yet"), ('ready', "To book"), ('smaller', "Needs a decision"), ('booked', "Booked"),
         ('undone', "Booking undone")],
        required=True, readonly=True, default='open', index=True)
    reported = fields.Datetime("Reported on", readonly=True)
    row_count = fields.Integer("Rows", readonly=True)
    fingerprint = fields.Char(readonly=True, help="Of the movements of all rows: a day that comes the same again is "
                              "left as it is.")
    counts_fingerprint = fields.Char(readonly=True, help="Of what Amazon has reconciled of the rows, which changes for "
                                     "months and moves nothing.")
    smaller_count = fields.Integer("Rows reported last", readonly=True)
    obstacle_count = fields.Integer("Rows not booked", readonly=True)
    line_ids = fields.One2many('amazon.ledger.line', 'day_id', readonly=True)
    move_ids = fields.One2many('stock.move', 'amazon_ledger_day_id', "Movements", readonly=True)
    problem = ReaderText(readonly=True)

    _day_unique = models.Constraint('UNIQUE(seller_id, date)', "A seller has each day of the ledger once.")

    # === DAYS === #

    @api.model
    def _to_moment(self, seller, date):
        """Return when a day of the ledger begins (naive UTC): at midnight in the seller's region."""
        midnight = self._get_zone(seller).localize(datetime.datetime.combine(date, datetime.time()))
        return midnight.astimezone(pytz.utc).replace(tzinfo=None)

    @api.model
    def _to_date(self, seller, moment):
        """Return the day of the ledger of a moment (naive UTC)."""
        return moment.replace(tzinfo=pytz.utc).astimezone(self._get_zone(seller)).date()

    @api.model
    def _get_zone(self, seller):
        return pytz.timezone(ZONES.get(seller.region, 'UTC'))

    @api.model
    def _get_end(self, seller, date):
        """Return when a day of the ledger is complete at Amazon (naive UTC)."""
        return self._to_moment(seller, date + DAY) + GRACE

    @api.model
    def _get_last_date(self, seller):
        """Return the last day of the ledger that is complete at Amazon now."""
        return self._to_date(seller, fields.Datetime.now() - GRACE) - DAY

    # === IMPORT === #

    @api.model
    def _import_report(self, report, sync):
        """Store the rows of a report day by day, each day in a transaction of its own; see `amazon_report.IMPORTERS`.
        """
        rows = list(read_ledger(report._get_content(), report.charset or ''))
        if report._begin(rows):
            self.env['amazon.fulfillment.center'].sudo()._learn(
                report.seller_id.company_id, {(row.center, row.country) for row in rows})
        by_date = dict(groupby((row for row in rows if row.date), lambda row: row.date))
        dates = self._get_reported_dates(report, by_date)
        for position, date in enumerate(dates[report.position:], report.position + 1):
            if not try_lock(report):
                # Another process is at it.
                return False
            self._store(report.seller_id, date, by_date.get(date, []), report.asked_date)
            report.position = position
            if not sync._commit():
                return False
        return True

    @api.model
    def _get_reported_dates(self, report, by_date):
        """Return the days that a report tells of, in order: all that it was requested for, with rows or without, unless
        it is empty as a whole, as reports of too recent days are: then only those of which somebody has agreed to fewer
        rows.
        """
        seller = report.seller_id
        if not seller.ledger_start:
            return []
        first = max(self._to_date(seller, report.start_date), seller.ledger_start)
        last = self._to_date(seller, report.end_date)
        if not by_date:
            return self.search([('seller_id', '=', seller.id), ('date', '>=', first), ('date', '<=', last),
                                ('state', '=', 'open'), ('smaller_count', '>', 0)], order='date').mapped('date')
        return [first + DAY * number for number in range((last - first).days + 1)]

    @api.model
    def _store(self, seller, date, rows, asked):
        """Replace the rows of a day, unless a day that was over has become smaller: then a person decides.

        :param datetime asked: when the report was requested (naive UTC)
        """
        day = self.search([('seller_id', '=', seller.id), ('date', '=', date)]) or self.create(
            {'seller_id': seller.id, 'date': date})
        if day.reported and asked < day.reported:
            # A report that was held up must not undo a later one.
            return
        rows = [row for row in rows if row.quantity is not None]
        is_over, fingerprint, counts = asked >= self._get_end(seller, date), *_get_fingerprints(rows)
        # Of a day that waits again, somebody has agreed to so many rows.
        if len(rows) < (day.smaller_count if day.state == 'open' else day.row_count):
            day._ask_about_smaller(len(rows))
            return
        if (fingerprint, counts) != (day.fingerprint, day.counts_fingerprint):
            day._replace_lines(rows)
            day.write({'counts_fingerprint': counts, 'reported': asked})
        if fingerprint == day.fingerprint and day.state != 'smaller' and is_over == (day.state != 'open'):
            return
        day.write({'fingerprint': fingerprint, 'row_count': len(rows), 'reported': asked, 'problem': False,
                   'smaller_count': 0,
                   'state': 'open' if not is_over else 'undone' if day.state == 'undone' else 'ready'})

    def _describe_smaller(self, count):
        return tell(self.env)._(
            "Amazon reports %(count)s rows of this day, and reported %(known)s when it was over. Nothing is changed "
            "before somebody agrees.", count=count, known=self.row_count)

    def _ask_about_smaller(self, count):
        if self.state == 'smaller' and self.smaller_count == count:
            return
        self.write({'state': 'smaller', 'smaller_count': count, 'problem': self._describe_smaller(count)})
        seller = self.seller_id._for_person()
        seller._alert(seller.env._("The FBA stock ledger of %s has lost rows", write_day(seller.env, self.date)),
                      self.with_env(seller.env)._describe_smaller(count))

    def _replace_lines(self, rows):
        """Write the rows of this day in the place of those before, by PostgreSQL's COPY: there may be thousands. Rows
        that come again keep how they were booked.
        """
        self.flush_recordset()
        booked = self._read_how_booked()
        self.env.cr.execute(SQL("DELETE FROM amazon_ledger_line WHERE day_id = %s", self.id))
        copy_rows(self.env.cr, 'amazon_ledger_line', COLUMNS + BOOKED, (
            self._prepare_line(row, booked) for row in rows))
        self.env['amazon.ledger.line'].invalidate_model()

    def _prepare_line(self, row, booked):
        known = booked.get(tuple(getattr(row, name) or '' for name in MOVEMENT))
        return (
            self.id, self.seller_id.id, row.number, row.date, row.sku, row.fnsku, row.asin, row.title, row.event_type,
            row.reason, row.reference, row.quantity, row.center, row.disposition, row.country, row.reconciled,
            row.unreconciled, json.dumps(row.extra) if row.extra else None,
            *(known.pop() if known else [None] * len(BOOKED)))

    def _read_how_booked(self):
        """Return how the rows of this day are booked, by what makes them movements: a list with an entry for each of
        those that are equal, the last to be taken first.
        """
        self.env['amazon.ledger.line'].flush_model()
        names, count = [*MOVEMENT.values(), *BOOKED], len(MOVEMENT)
        columns = SQL(', ').join(SQL("parts::text") if name == 'parts' else SQL.identifier(name) for name in names)
        booked = collections.defaultdict(list)
        for values in self.env.execute_query(SQL(
                "SELECT %s FROM amazon_ledger_line WHERE day_id = %s ORDER BY number DESC", columns, self.id)):
            booked[tuple(value or '' for value in values[:count])].append(values[count:])
        return booked

    # === DECISIONS === #

    def action_accept_smaller(self):
        """Take what Amazon reports of these days from now on, although it is less than before: the next report replaces
        their rows. Days without any row are taken at once: an empty report would say nothing.
        """
        self.check_access('read')
        check_group(self.env, MANAGER)
        days = self.sudo().filtered(lambda day: day.state == 'smaller')
        if not days:
            raise UserError(tell(self.env)._("None of these days waits for a decision."))
        empty = days.filtered(lambda day: not day.smaller_count)
        empty._take_nothing()
        for seller, left in (days - empty).grouped('seller_id').items():
            left.write({'state': 'open', 'problem': False})
            seller._request_ledger(min(left.mapped('date')), max(left.mapped('date')), by_hand=True)
        return True

    def _take_nothing(self):
        """Delete the rows of these days, of which Amazon reports none any more, and take their movements back."""
        movements, counts = _get_fingerprints([])
        for day in self:
            day._replace_lines([])
            day.write({'fingerprint': movements, 'counts_fingerprint': counts, 'row_count': 0, 'problem': False,
                       'state': 'ready'})
        self._book()

    def action_view_moves(self):
        """Show the stock moves of these days."""
        self.check_access('read')
        return {
            'type': 'ir.actions.act_window', 'name': self.env._("Movements"), 'res_model': 'stock.move',
            'view_mode': 'list,form', 'domain': [('amazon_ledger_day_id', 'in', self.ids)],
        }


def _get_fingerprints(rows):
    """Return hashes of the rows of a day, whatever their order: of their movements, and of what is reconciled of them
    or in columns that nobody knows.
    """
    movements = [json.dumps([getattr(row, name) for name in MOVEMENT]) for row in rows]
    counts = [json.dumps([movement, row.reconciled, row.unreconciled, *filter(None, [row.extra])])
              for movement, row in zip(movements, rows, strict=True)]
    return tuple(hashlib.sha256('\n'.join(sorted(texts)).encode()).hexdigest() for texts in (movements, counts))
