import datetime
import hashlib
import json
import logging

import psycopg2

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..amazon_api.errors import AmazonError
from ..amazon_api.shapes import ShapeError
from ..amazon_api.storable import make_storable
from ..amazon_api.transactions import read_page, read_transaction
from ..utils.amazon_words import label_field
from ..utils.phrases import tell
from ..utils.quiet import describe, log_failure, quiet_sql
from ..utils.reader_fields import ReaderText
from ..utils.settlement_rows import BILLED
from ..utils.words import explain

_logger = logging.getLogger(__name__)

# Amazon shows some transactions hours after their date, and a few days after it: once a day the query goes further
# back.
OVERLAP = datetime.timedelta(hours=6)
DEEP_OVERLAP = datetime.timedelta(days=3)
# Amazon refuses times that are too near to now.
CLOCK_MARGIN = datetime.timedelta(minutes=3)
# Goods that do not come back can be claimed for up to 120 days after their refund.
DAYS_BACK = datetime.timedelta(days=125)
# The payments of orders come with the settlement; here they would be a row an order.
IGNORED_TYPES = ('shipment',)
# Amazon answers nothing at all for a longer time than this.
LONGEST = datetime.timedelta(days=179)
LONGEST_REF = 200
REFS = ('deferred_ref', 'release_ref')


class AmazonTransaction(models.Model):
    """A movement on a seller's account at Amazon: a refund, a claim, a reimbursement or a fee.

    Money that Amazon defers is listed under two ids (see `amazon_api.transactions`) and is one record here: either id
    leads to it, whichever comes first, and the database lets no second record have it.
    """

    _name = 'amazon.transaction'
    _description = "Amazon Transaction"
    _inherit = ['amazon.access.mixin']
    _rec_name = 'transaction_ref'
    _order = 'posted_date desc, id desc'

    seller_id = fields.Many2one('amazon.seller', required=True, readonly=True, ondelete='cascade', index=True)
    company_id = fields.Many2one('res.company', required=True, readonly=True, index=True)
    marketplace_id = fields.Many2one('amazon.seller.marketplace', readonly=True, ondelete='cascade')
    transaction_ref = fields.Char("Transaction", required=True, readonly=True, help="The id under which it came first.")
    deferred_ref = fields.Char("Deferred as", readonly=True)
    release_ref = fields.Char("Released as", readonly=True)
    transaction_type = fields.Char("Type code", readonly=True)
    transaction_type_label = label_field("Type", 'transaction_type', 'transaction_type')
    description = fields.Char(readonly=True)
    is_deferred = fields.Boolean("Deferred by Amazon", readonly=True)
    posted_date = fields.Datetime("Posted on", readonly=True)
    currency_id = fields.Many2one('res.currency', readonly=True)
    amount = fields.Monetary(readonly=True)
    buyer_amount = fields.Monetary("Of the buyer", readonly=True,
                                   help="What the buyer got back, before what Amazon takes or returns.")
    order_ref = fields.Char("Order ID", readonly=True, index='btree_not_null')
    sale_order_id = fields.Many2one('sale.order', readonly=True, index='btree_not_null', ondelete='set null')
    payload = fields.Json(readonly=True)
    state = fields.Selection(
        [('new', "To process"), ('waiting', "Waiting"), ('done', "Done"), ('ignored', "Ignored"),
         ('error', "Exception")],
        required=True, readonly=True, default='new', index=True)
    error = ReaderText("Reason", readonly=True)
    move_id = fields.Many2one('account.move', "Credit note", readonly=True, index='btree_not_null', ondelete='set null')

    _transaction_unique = models.Constraint('UNIQUE(seller_id, transaction_ref)', "This transaction is already there.")
    _deferred_unique = models.Constraint('UNIQUE(seller_id, deferred_ref)',
                                         "This deferred transaction is already there.")
    _release_unique = models.Constraint('UNIQUE(seller_id, release_ref)', "This release is already there.")

    # === ACTIONS === #

    def action_retry(self):
        """Process these transactions again that wait or failed."""
        self.check_access('write')
        self.filtered(lambda transaction: transaction.state in ('waiting', 'error', 'ignored')).sudo().write(
            {'state': 'new', 'error': False})
        self.sudo()._process()
        return True

    def action_ignore(self):
        """Make no credit notes of these refunds: they were processed otherwise."""
        self.check_access('write')
        self.filtered(lambda transaction: not transaction.move_id).sudo().write({'state': 'ignored', 'error': False})
        return True

    # === FLOW: TRANSACTIONS === #

    def _sync_transactions(self, sync):
        """Read the movements since the last time (`listTransactions`), then make credit notes of refunds; the contract
        is in `amazon_sync`.
        """
        failure = None
        try:
            self._fetch(sync)
        except (AmazonError, ShapeError) as error:
            self.env.cr.rollback()
            failure = error
        if not self._process_due(sync):
            return True
        if failure:
            raise failure
        return False

    @api.model
    def _process_due(self, sync):
        """Process due transactions in portions that give way to users of the same orders and invoices."""
        due = self._find_due(sync.seller_id)
        sync._commit()
        return sync._in_portions(due.ids, lambda ids: self.browse(ids).exists()._process(),
                                 give_up=lambda transaction_id, error: (
                                     sync._add_problem(self.browse(transaction_id).display_name, error)))

    @api.model
    def _find_due(self, seller):
        """Return new transactions, and those whose invoice is posted by now, oldest first; refunds of orders that never
        come are skipped.
        """
        own = [('seller_id', '=', seller.id)]
        waiting = self.search([*own, ('state', '=', 'waiting'), ('is_deferred', '=', False),
                               ('sale_order_id', '!=', False)])
        self.env.flush_all()
        billed = {row[0] for row in self.env.execute_query(SQL(
            "SELECT DISTINCT sold.order_id FROM %s WHERE sold.order_id = ANY(%s) AND move.state = 'posted'", BILLED,
            waiting.sale_order_id.ids))}
        due = waiting.filtered(lambda transaction: transaction.sale_order_id.id in billed) | self.search(
            [*own, ('state', '=', 'new')])
        return due.sorted(lambda transaction: (transaction.posted_date or datetime.datetime.max, transaction.id))

    def _fetch(self, sync):
        client, now = sync.seller_id._get_client(), fields.Datetime.now()
        until = now - CLOCK_MARGIN
        overlap = OVERLAP if sync.cursor and sync.cursor.date() == now.date() else DEEP_OVERLAP
        since = max(sync.cursor - overlap if sync.cursor else sync.seller_id.import_from, now - DAYS_BACK)
        query = {'postedAfter': f'{min(since, until - OVERLAP).isoformat()}Z', 'postedBefore': f'{until.isoformat()}Z'}
        if overlap == DEEP_OVERLAP and not self._fetch_released(sync, client, query):
            return
        if self._fetch_pages(sync, client, query):
            sync.cursor = until
            sync._commit()

    def _fetch_released(self, sync, client, query):
        """Check once a day whether transactions deferred before the usual time were released; return whether all were
        read.
        """
        oldest = self.search([('seller_id', '=', sync.seller_id.id), ('is_deferred', '=', True),
                              ('posted_date', '!=', False)],
                             order='posted_date', limit=1)
        if not oldest:
            return True
        since = max(oldest.posted_date, fields.Datetime.now() - LONGEST)
        return self._fetch_pages(sync, client, {
            **query, 'postedAfter': f'{since.isoformat()}Z', 'transactionStatus': 'DEFERRED_RELEASED'})

    def _fetch_pages(self, sync, client, query):
        """Store all pages of a query, each committed; return whether the end was reached.

        :raises ShapeError: a page is none
        """
        for reply in client.pages('listTransactions', **query):
            self._store(sync.seller_id, read_page(reply.payload))
            if not sync._commit():
                return False
        return True

    # === STORING === #

    @api.model
    def _store(self, seller, payloads):
        """Store each movement once, whatever ids Amazon shows it under; one that cannot be stored is reported and stops
        no other.

        :param list payloads: `Transaction` objects of Finances 2024-06-19
        """
        for payload in payloads:
            if isinstance(payload, dict) and str(payload.get('transactionType')).lower() in IGNORED_TYPES:
                continue
            try:
                with quiet_sql(), self.env.cr.savepoint():
                    self._store_one(seller, make_storable(payload))
            except psycopg2.OperationalError:
                raise
            except psycopg2.errors.UniqueViolation:
                # Another job has stored it at the same time; changes come with the next run.
                self.env.invalidate_all()
                _logger.info("An Amazon transaction is there already")
            except Exception as error:
                self.env.invalidate_all()
                log_failure(_logger, "An Amazon transaction could not be stored", error=error, level=logging.WARNING)
                self._store_strange(seller, {'unreadable': _fingerprint(payload)}, tell(self.env)._(
                    "Odoo could not keep this transaction (%s).", describe(error)))

    def _store_one(self, seller, payload):
        try:
            transaction = read_transaction(payload, seller._get_retaining())
        except ShapeError as error:
            self._store_strange(seller, payload, explain(self.env, error))
            return
        if max(map(len, (transaction.ref, *transaction.deferred_refs, *transaction.release_refs))) > LONGEST_REF:
            self._store_strange(seller, payload, tell(self.env)._("Amazon sent a number that is none."))
            return
        known, vals = self._find_known(seller, transaction), self._prepare_vals(seller, transaction, payload)
        if len(transaction.deferred_refs) > 1:
            self._store_release_of_several(transaction, vals, known)
            return
        same, alike = self._find_unnamed(seller, transaction, vals, known)
        if same:
            known |= same
            vals.update({name: vals[name] or same[name] for name in REFS})
        if not known:
            known = self.create(vals)
        else:
            known._update_known(transaction, vals)
        if alike:
            known.exists()._ask_about(alike)

    @api.model
    def _find_known(self, seller, transaction):
        """Return the records that have one of a transaction's ids."""
        refs = [transaction.ref, *transaction.deferred_refs, *transaction.release_refs]
        return self.search([
            ('seller_id', '=', seller.id), '|', '|', ('transaction_ref', 'in', refs), ('deferred_ref', 'in', refs),
            ('release_ref', 'in', refs)], order='id')

    def _has(self, ref):
        """Return those of these records that have an id."""
        return self.filtered(lambda record: ref in (record.transaction_ref, record.deferred_ref, record.release_ref))

    def _is_of(self, vals):
        """Return those of these records that may be the money of a transaction: none of their ids contradicts its ids.
        """
        return self.filtered(lambda record: all(record[name] in (False, vals[name]) or not vals[name] for name in REFS))

    def _update_known(self, transaction, vals):
        """Update the records of a movement with Amazon's present data, found under either id."""
        own, same = self._has(transaction.ref), self._is_of(vals)
        record = (own & same or same)[:1]
        if not record:
            if not own:
                self._create_beside(transaction, vals)
            return
        taken = set((self - same).mapped('deferred_ref') + (self - same).mapped('release_ref'))
        if same - record:
            record = record._merge(same - record, transaction)
        names = {name: vals[name] for name in REFS if vals[name] and not record[name] and vals[name] not in taken}
        if not record.posted_date:
            # It could not be read before.
            changes = {**vals, **({'state': 'new', 'error': False} if record.state == 'error' else {})}
        elif record.is_deferred and not transaction.is_deferred:
            changes = {**vals, 'posted_date': min(record.posted_date, transaction.posted)}
            changes.update({'state': 'new', 'error': False} if record.state == 'waiting' else {})
        else:
            earlier = transaction.posted < record.posted_date and not record.move_id
            changes = {'posted_date': transaction.posted} if earlier else {}
        kept = {name: value for name, value in changes.items() if name not in ('transaction_ref', *REFS)}
        if kept or names:
            record.write({**kept, **names})

    def _create_beside(self, transaction, vals):
        """Create a transaction for money that is known under other ids: a person decides whether it counts."""
        taken = set(self.mapped('deferred_ref') + self.mapped('release_ref'))
        vals = {**vals, **{name: False for name in REFS if vals[name] in taken}}
        if transaction.ref in transaction.release_refs:
            vals.update(state='error', error=tell(self.env)._(
                "Amazon releases %(deferred)s a second time, after %(first)s. Compare with Seller Central, then enter "
                "by hand "
                "what is missing, or ignore this.", deferred=', '.join(transaction.deferred_refs),
                first=', '.join(self.filtered('release_ref').mapped('release_ref'))))
        self.create(vals)

    def _merge(self, others, transaction):
        """Merge records that are the same money into one; return it."""
        together = self | others
        kept = together.sorted(lambda record: (
            not record.move_id, not (record.deferred_ref or record.release_ref), record.is_deferred, record.id))[:1]
        dates = together.filtered('posted_date').mapped('posted_date')
        for record in together - kept:
            if not record.move_id:
                kept.state = 'ignored' if record.state == 'ignored' and not kept.move_id else kept.state
                record.unlink()
            elif record.state != 'ignored':
                notes = ', '.join((record.move_id | kept.move_id).mapped('display_name'))
                record.write({'state': 'error', 'error': tell(self.env)._(
                    "This is the same money as transaction %(other)s, and both have a credit note: %(notes)s. "
                    "Cancel one of "
                    "them, then ignore this.", other=kept.transaction_ref, notes=notes)})
        kept.posted_date = min([*dates, transaction.posted])
        return kept

    def _store_release_of_several(self, transaction, vals, known):
        """Release several deferred transactions at once: they are counted, so what releases them is not."""
        if known.filtered(lambda record: record.transaction_ref == transaction.ref):
            return
        names = ', '.join(transaction.deferred_refs)
        # All of them together are the same money: none of them alone is.
        vals = {**vals, 'deferred_ref': names, 'release_ref': False}
        if set(transaction.deferred_refs) <= set(known.mapped('deferred_ref')):
            for record in known.filtered('is_deferred'):
                record.write({'is_deferred': False, 'state': 'new' if record.state == 'waiting' else record.state})
            vals.update(state='ignored', amount=0.0, buyer_amount=0.0,
                        error=tell(self.env)._("Releases what is counted already: %s.", names))
        else:
            vals.update(state='error', error=tell(self.env)._(
                "Amazon releases several deferred transactions at once, and not all of them are known: %s. Compare "
                "with Seller "
                "Central, then enter what is missing by hand, or ignore this.", names))
        self.create(vals)

    @api.model
    def _store_strange(self, seller, payload, reason):
        """Store a transaction that cannot be read with its reason, once; one that was read before is kept as it was."""
        ref = payload.get('transactionId') if isinstance(payload, dict) else None
        ref = ref if isinstance(ref, str) and 0 < len(ref) <= LONGEST_REF else _fingerprint(payload)
        kind = payload.get('transactionType') if isinstance(payload, dict) else None
        if not self.search([('seller_id', '=', seller.id), '|', '|', ('transaction_ref', '=', ref),
                            ('deferred_ref', '=', ref), ('release_ref', '=', ref)], limit=1):
            self.create({
                'seller_id': seller.id, 'company_id': seller.company_id.id, 'transaction_ref': ref, 'payload': payload,
                'transaction_type': kind[:100] if isinstance(kind, str) else False,
                'state': 'error', 'error': self._explain_strange(reason),
            })

    @api.model
    def _explain_strange(self, reason):
        return tell(self.env)._("%s Look it up in Seller Central under Payments, then ignore this.", reason)

    @api.model
    def _prepare_vals(self, seller, transaction, payload):
        order = seller._find_sale_orders([transaction.order_ref])[:1]
        market = order.amazon_marketplace_id or seller.with_context(active_test=False).marketplace_ids.filtered(
            lambda market: market.marketplace_ref == transaction.marketplace_ref)
        currency = self.env['res.currency'].with_context(active_test=False).search(
            [('name', '=', transaction.currency)], limit=1)
        deferred, released = transaction.deferred_refs, transaction.release_refs
        return {
            'seller_id': seller.id, 'company_id': (market.company_id or seller.company_id).id,
            'marketplace_id': market.id, 'transaction_ref': transaction.ref, 'transaction_type': transaction.type,
            'description': transaction.description, 'deferred_ref': deferred[0] if len(deferred) == 1 else False,
            'release_ref': released[0] if len(released) == 1 else False,
            'is_deferred': transaction.is_deferred, 'posted_date': transaction.posted, 'currency_id': currency.id,
            'amount': float(transaction.total),
            'buyer_amount': float(transaction.buyer_total), 'order_ref': transaction.order_ref,
            'sale_order_id': order.id, 'payload': payload,
        }

    # === PROCESSING === #

    def _process(self):
        """Make the credit notes of refunds, each by itself; one that cannot be made shows why."""
        for transaction in self.filtered(lambda transaction: transaction.state in ('new', 'waiting')):
            try:
                with quiet_sql(), self.env.cr.savepoint():
                    transaction._process_one()
            except psycopg2.OperationalError:
                raise
            except UserError as error:
                transaction.write({'state': 'error', 'error': explain(self.env, error)})
            except ShapeError as error:
                transaction.write({'state': 'error', 'error': self._explain_strange(explain(self.env, error))})
            except Exception as error:
                self.env.invalidate_all()
                log_failure(_logger, "Amazon transaction %s could not be processed", transaction.id, error=error)
                transaction.write({'state': 'error', 'error': tell(self.env)._(
                    "Odoo could not make the credit note (%s). The server log has more.", describe(error))})


def _fingerprint(payload):
    """Return what distinguishes a transaction without an id from others."""
    text = json.dumps(payload, sort_keys=True, default=str)
    return hashlib.sha1(text.encode('utf-8', 'replace'), usedforsecurity=False).hexdigest()
