import datetime
import hashlib
import json
import logging
from decimal import Decimal

import psycopg2

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ..amazon_api.errors import AmazonError
from ..amazon_api.transactions import read_transaction

_logger = logging.getLogger(__name__)

# Amazon shows some transactions hours after their date, and a few days after it: once a day it is asked further back.
OVERLAP = datetime.timedelta(hours=6)
DEEP_OVERLAP = datetime.timedelta(days=3)
# Amazon refuses times that are too near to now.
CLOCK_MARGIN = datetime.timedelta(minutes=3)
DAYS_BACK = datetime.timedelta(days=90)
# The payments of orders come with the settlement; here they would be a row an order.
IGNORED_TYPES = ('Shipment',)
# What `read_transaction` raises on a transaction of a shape that nobody has seen: Amazon's model requires no property of it.
STRANGE = (KeyError, TypeError, ValueError, AttributeError, ArithmeticError)


class AmazonTransaction(models.Model):
    """A movement on a seller's account at Amazon, as it happens: refunds, claims, reimbursements, fees."""

    _name = 'amazon.transaction'
    _description = "Amazon Transaction"
    _rec_name = 'transaction_ref'
    _order = 'posted_date desc, id desc'

    seller_id = fields.Many2one('amazon.seller', required=True, readonly=True, ondelete='cascade', index=True)
    company_id = fields.Many2one('res.company', required=True, readonly=True, index=True)
    marketplace_id = fields.Many2one('amazon.seller.marketplace', readonly=True, ondelete='cascade')
    transaction_ref = fields.Char("Transaction", required=True, readonly=True)
    transaction_type = fields.Char("Type", readonly=True)
    description = fields.Char(readonly=True)
    is_deferred = fields.Boolean("Deferred by Amazon", readonly=True)
    posted_date = fields.Datetime("Posted", readonly=True)
    currency_id = fields.Many2one('res.currency', readonly=True)
    amount = fields.Monetary(readonly=True)
    buyer_amount = fields.Monetary("Of the buyer", readonly=True, help="What the buyer got back, before what Amazon takes or returns.")
    order_ref = fields.Char("Order ID", readonly=True, index='btree_not_null')
    sale_order_id = fields.Many2one('sale.order', readonly=True, index='btree_not_null', ondelete='set null')
    payload = fields.Json(readonly=True)
    state = fields.Selection(
        [('new', "To process"), ('waiting', "Waiting"), ('done', "Done"), ('ignored', "Ignored"), ('error', "Exception")],
        required=True, readonly=True, default='new', index=True)
    error = fields.Text("Reason", readonly=True)
    move_id = fields.Many2one('account.move', "Credit note", readonly=True, index='btree_not_null', ondelete='set null')

    _transaction_unique = models.Constraint('UNIQUE(seller_id, transaction_ref)', "This transaction is already there.")

    # === ACTIONS === #

    def action_retry(self):
        """Try again what waits or failed."""
        self.check_access('write')
        self.filtered(lambda transaction: transaction.state in ('waiting', 'error', 'ignored')).sudo().write({'state': 'new', 'error': False})
        self.sudo()._process()
        return True

    def action_ignore(self):
        """Make no credit note of these refunds: somebody dealt with them otherwise."""
        self.check_access('write')
        self.filtered(lambda transaction: not transaction.move_id).sudo().write({'state': 'ignored', 'error': False})
        return True

    # === FLOW: TRANSACTIONS === #

    def _sync_transactions(self, sync):
        """Read what moved since the last time (`listTransactions`), then make credit notes of refunds; the contract is in `amazon_sync`."""
        failure = None
        try:
            self._fetch(sync)
        except AmazonError as error:
            self.env.cr.rollback()
            failure = error
        for transaction in self._find_due(sync.seller_id):
            transaction._process()
            if not sync._commit():
                return True
        if failure:
            raise failure
        return False

    @api.model
    def _find_due(self, seller):
        """Return what is new, and what waited for an invoice that is posted by now, oldest first; refunds of orders that never come cost nothing."""
        return self.search([
            ('seller_id', '=', seller.id), '|', ('state', '=', 'new'), '&', '&', ('state', '=', 'waiting'), ('is_deferred', '=', False),
            ('sale_order_id.order_line.invoice_lines.parent_state', '=', 'posted')], order='posted_date, id')

    def _fetch(self, sync):
        client, now = sync.seller_id._get_client(), fields.Datetime.now()
        until = now - CLOCK_MARGIN
        overlap = OVERLAP if sync.cursor and sync.cursor.date() == now.date() else DEEP_OVERLAP
        since = max(sync.cursor - overlap if sync.cursor else sync.seller_id.import_from, now - DAYS_BACK)
        query = {'postedAfter': f'{min(since, until - OVERLAP).isoformat()}Z', 'postedBefore': f'{until.isoformat()}Z'}
        for reply in client.pages('listTransactions', **query):
            self._store(sync.seller_id, reply.payload.get('transactions') or [])
            if not sync._commit():
                return
        sync.cursor = until
        sync._commit()

    @api.model
    def _store(self, seller, payloads):
        """Keep transactions that are not there yet; of those that are, only whether Amazon still defers them can change."""
        found = {payload.get('transactionId') or _fingerprint(payload): payload
                 for payload in payloads if payload.get('transactionType') not in IGNORED_TYPES}
        known = {transaction.transaction_ref: transaction for transaction in self.search(
            [('seller_id', '=', seller.id), ('transaction_ref', 'in', list(found))])}
        new = []
        for ref, payload in found.items():
            try:
                transaction = read_transaction(payload)
            except STRANGE as error:
                new += [] if ref in known else [self._prepare_strange(seller, ref, payload, error)]
                continue
            if ref not in known:
                new.append(self._prepare_vals(seller, transaction, payload))
            elif known[ref].is_deferred and not transaction.is_deferred:
                known[ref].write({'is_deferred': False, 'payload': payload})
        return self.create(new)

    @api.model
    def _prepare_strange(self, seller, ref, payload, error):
        return {
            'seller_id': seller.id, 'company_id': seller.company_id.id, 'transaction_ref': ref, 'payload': payload, 'state': 'error',
            'transaction_type': str(payload.get('transactionType') or ''), 'error': self.env._(
                "Amazon sent this transaction without what it must have (%s). Look it up in Seller Central under Payments, then ignore this.", error)}

    @api.model
    def _prepare_vals(self, seller, transaction, payload):
        order = seller._find_sale_orders([transaction.order_ref])
        market = order.amazon_marketplace_id or seller.with_context(active_test=False).marketplace_ids.filtered(
            lambda market: market.marketplace_ref == transaction.marketplace_ref)
        currency = self.env['res.currency'].with_context(active_test=False).search([('name', '=', transaction.currency)], limit=1)
        return {
            'seller_id': seller.id, 'company_id': (market.company_id or seller.company_id).id, 'marketplace_id': market.id,
            'transaction_ref': transaction.ref, 'transaction_type': transaction.type, 'description': transaction.description,
            'is_deferred': transaction.is_deferred, 'posted_date': transaction.posted, 'currency_id': currency.id, 'amount': float(transaction.total),
            'buyer_amount': float(transaction.buyer_total), 'order_ref': transaction.order_ref, 'sale_order_id': order.id, 'payload': payload,
        }

    # === CREDIT NOTES === #

    def _process(self):
        """Make the credit notes of refunds, each by itself; whatever cannot be done says why."""
        for transaction in self.filtered(lambda transaction: transaction.state in ('new', 'waiting')):
            try:
                with self.env.cr.savepoint():
                    transaction._process_one()
            except psycopg2.OperationalError:
                raise
            except UserError as error:
                transaction.write({'state': 'error', 'error': str(error)})
            except Exception as error:
                _logger.exception("Amazon transaction %s", transaction.id)
                transaction.write({'state': 'error', 'error': self.env._("Unexpected error: %s. The server log has more.", error)})

    def _process_one(self):
        market = self.marketplace_id
        if 'refund' not in self.transaction_type.lower() or market.refund_policy == 'no' or market.settlement_policy != 'invoice':
            self.state = 'done'
            return
        reason = self._find_obstacle()
        if reason:
            self.write({'state': 'waiting', 'error': reason})
            return
        note = self._create_credit_note()
        self.write({'state': 'done', 'error': False, 'move_id': note.id})
        if self.marketplace_id.refund_policy == 'posted':
            note.action_post()

    def _find_obstacle(self):
        """Return what a credit note still waits for, or None."""
        if not self.sale_order_id:
            self.sale_order_id = self.seller_id._find_sale_orders([self.order_ref])
        if not self.sale_order_id:
            return self.env._("The order is not in Odoo.")
        if self.is_deferred:
            return self.env._("Amazon has deferred this refund.")
        if not self._get_invoices():
            return self.env._("The order has no posted invoice.")
        return None

    def _get_invoices(self):
        return self.sale_order_id.invoice_ids.filtered(lambda move: move.move_type == 'out_invoice' and move.state == 'posted')

    def _create_credit_note(self):
        """Create the draft of this refund's credit note.

        :raises UserError: it would not have the amount that Amazon refunded
        """
        invoice, order = self._get_invoices()[-1:], self.sale_order_id
        date = self.posted_date.date()
        locks = self.company_id._get_violated_lock_dates(date, True, invoice.journal_id)
        note = self.env['account.move'].with_company(self.company_id).with_context(tracking_disable=True).create({
            'move_type': 'out_refund', 'partner_id': invoice.partner_id.id, 'partner_shipping_id': invoice.partner_shipping_id.id,
            'journal_id': invoice.journal_id.id, 'currency_id': self.currency_id.id, 'fiscal_position_id': invoice.fiscal_position_id.id,
            'invoice_date': locks[-1][0] + datetime.timedelta(days=1) if locks else date, 'invoice_origin': order.name, 'team_id': order.team_id.id,
            'ref': self.env._("Amazon refund of %(order)s: %(reason)s", order=self.order_ref, reason=self.description or self.transaction_type),
            'invoice_line_ids': [Command.create(vals) for vals in self._prepare_lines(invoice)],
        })
        if self.currency_id.compare_amounts(note.amount_total, -self.buyer_amount):
            raise UserError(self.env._(
                "The credit note would be %(note)s, Amazon refunded %(amazon)s. Check the taxes of the marketplace, or enter the credit note by hand and "
                "ignore this.", note=self.currency_id.format(note.amount_total), amazon=self.currency_id.format(-self.buyer_amount)))
        return note

    def _prepare_lines(self, invoice):
        """One line an item that was refunded, and one for tax that has a line of its own on the invoice."""
        lines, apart = [], Decimal(0)
        tax_line = self.sale_order_id.order_line.filtered(lambda line: line.amazon_line_key == '/TAX')
        for item in read_transaction(self.payload).items:
            amount = -item.goods - (0 if tax_line else item.tax)
            apart -= item.tax if tax_line else 0
            if amount:
                lines.append(self._prepare_item_line(item, self._find_sold(item), amount, invoice))
        if apart:
            lines.append({'product_id': tax_line.product_id.id, 'name': tax_line.name, 'quantity': 1, 'price_unit': float(apart), 'tax_ids': [Command.clear()]})
        return lines

    def _find_sold(self, item):
        """Return the order's line of an item: by Amazon's item id, else by SKU, else the first."""
        goods = self.sale_order_id.order_line.filtered(lambda line: (line.amazon_line_key or '').endswith('/ITEM'))
        found = goods.filtered(lambda line: line.amazon_item_ref == item.item_ref)
        listing = self.env['amazon.listing'].search([('marketplace_id', '=', self.marketplace_id.id), ('sku', '=', item.sku)], limit=1)
        return found or goods.filtered(lambda line: line.product_id == listing.product_id)[:1] or goods[:1]

    def _prepare_item_line(self, item, sold, amount, invoice):
        """Goods that were refunded as a whole go back on the order by their quantity; part of their price does not."""
        billed = sold.invoice_lines.filtered(lambda line: line.move_id == invoice)[:1]
        full = 0 < item.quantity <= sold.product_uom_qty and float(amount) >= sold.price_unit * item.quantity - 0.01
        quantity = item.quantity if full else 1
        return {
            'product_id': sold.product_id.id, 'name': sold.name if full else self.env._("Part of the price: %s", sold.name), 'quantity': quantity,
            'product_uom_id': sold.product_uom_id.id, 'price_unit': float(amount) / quantity, 'discount': 0.0,
            'tax_ids': [Command.set((billed.tax_ids or sold.tax_ids).ids)], 'sale_line_ids': [Command.set(sold.ids if full else [])],
            **({'account_id': billed.account_id.id} if billed else {}),
        }


def _fingerprint(payload):
    """Return what tells a transaction without an id from others."""
    return hashlib.sha1(json.dumps(payload, sort_keys=True).encode(), usedforsecurity=False).hexdigest()
