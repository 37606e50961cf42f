import datetime
import json
import logging
import traceback

import psycopg2

from odoo import api, fields, models
from odoo.exceptions import RedirectWarning, UserError
from odoo.tools import SQL, mute_logger, split_every

from ..amazon_api.errors import AmazonError, NotFound
from ..amazon_api.orders import is_foreign
from ..utils.order_plan import NotTold, OrderProblem, to_datetime
from ..utils.personal_data import scrub

_logger = logging.getLogger(__name__)

INCLUDED_DATA = ['BUYER', 'RECIPIENT', 'PROCEEDS', 'PROMOTION', 'CANCELLATION', 'FULFILLMENT', 'PACKAGES', 'TAX']
OVERLAP = datetime.timedelta(minutes=5)
# Amazon's clock may be behind ours and shows an order up to two minutes late.
CLOCK_MARGIN = datetime.timedelta(minutes=2)
BATCH_SIZE = 250
RETRY_FIRST, RETRY_MOST = datetime.timedelta(minutes=15), datetime.timedelta(days=1)
# When an order is read again of which Amazon has not told all, before it becomes an exception.
READ_AGAIN = [datetime.timedelta(minutes=minutes) for minutes in (5, 15, 30, 60, 120, 240)]


class AmazonOrder(models.Model):
    _name = 'amazon.order'
    _description = "Amazon Order"
    _rec_name = 'amazon_order_ref'
    _order = 'last_update desc, id desc'

    seller_id = fields.Many2one('amazon.seller', required=True, readonly=True, ondelete='cascade', index=True)
    company_id = fields.Many2one(related='seller_id.company_id', store=True, index=True)
    amazon_order_ref = fields.Char("Amazon Order", required=True, readonly=True)
    marketplace_ref = fields.Char("Marketplace ID", readonly=True)
    marketplace_id = fields.Many2one('amazon.seller.marketplace', compute='_compute_marketplace_id', store=True)
    amazon_status = fields.Char(readonly=True)
    fulfilled_by = fields.Selection([('MERCHANT', "Merchant (FBM)"), ('AMAZON', "Amazon (FBA)")], readonly=True)
    last_update = fields.Datetime("Last change at Amazon", readonly=True)
    payload = fields.Json(readonly=True, groups='base.group_system')
    state = fields.Selection(
        [('requested', "To read"), ('new', "To process"), ('done', "Done"), ('ignored', "Ignored"), ('error', "Exception")],
        required=True, readonly=True, default='new', index=True)
    sale_order_id = fields.Many2one('sale.order', "Sales Order", readonly=True, index='btree_not_null')
    error = fields.Text("Reason", readonly=True)
    next_step = fields.Text("What to do", readonly=True)
    attempts = fields.Integer(readonly=True)
    next_attempt = fields.Datetime(readonly=True)
    lacks_data = fields.Boolean(
        "Waits for Amazon", readonly=True, help="Amazon has not told all that it must tell of this order, so it is read again.")
    listing_ids = fields.Many2many('amazon.listing', string="Unknown products", readonly=True)

    _order_unique = models.Constraint('UNIQUE(seller_id, amazon_order_ref)', "This Amazon order is already there.")
    _work = models.Index("(seller_id, state, next_attempt) WHERE state IN ('requested', 'new', 'error')")

    @api.depends('marketplace_ref', 'seller_id')
    def _compute_marketplace_id(self):
        marketplaces = self.seller_id.with_context(active_test=False).marketplace_ids
        by_key = {(marketplace.seller_id.id, marketplace.marketplace_ref): marketplace for marketplace in marketplaces}
        for order in self:
            order.marketplace_id = by_key.get((order.seller_id.id, order.marketplace_ref))

    # === ACTIONS === #

    def action_retry(self):
        """Try again, with the data at hand; what lacks data is read from Amazon again."""
        for order in self.sudo():
            complete = (order.payload or {}).get('recipient') or order.fulfilled_by == 'AMAZON'
            order.state = 'new' if complete and not order.lacks_data else 'requested'
            order.next_attempt = False
        self._wake()

    @api.model
    def action_retry_all(self):
        """Try all exceptions again that this user may see."""
        self.search([('state', '=', 'error')]).action_retry()

    def action_refresh(self):
        """Read these orders from Amazon again, whatever their state."""
        self.sudo().write({'state': 'requested', 'next_attempt': False, 'attempts': 0})
        self._wake()

    def action_resolve(self):
        """Close exceptions that a person dealt with outside of this list."""
        self.filtered(lambda order: order.state == 'error')._set_done()

    def action_open_sale_order(self):
        self.ensure_one()
        return {
            'type': 'ir.actions.act_window', 'res_model': 'sale.order', 'view_mode': 'form', 'res_id': self.sale_order_id.id,
        }

    def _wake(self):
        self.seller_id._wake('orders')

    @api.model
    def _request(self, seller, references):
        """Put orders into the inbox that are to be read from Amazon, known or not, and wake the flow.

        :param list references: Amazon order ids
        """
        self.flush_model()
        self.env.cr.execute(SQL(
            """INSERT INTO amazon_order (seller_id, company_id, amazon_order_ref, state, attempts, create_date, write_date)
                    SELECT %s, %s, reference, 'requested', 0, now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC'
                      FROM unnest(%s) AS reference
               ON CONFLICT (seller_id, amazon_order_ref) DO UPDATE SET state = 'requested', next_attempt = NULL, attempts = 0
                 RETURNING id""",
            seller.id, seller.company_id.id, list(references)))
        orders = self.browse([row[0] for row in self.env.cr.fetchall()])
        orders.invalidate_recordset()
        orders._wake()
        return orders

    # === FLOW: ORDERS === #

    def _sync_orders(self, sync):
        """Fetch what changed at Amazon and process the inbox; the contract is in `amazon_sync`.

        What is stored is processed even if Amazon cannot be reached at the moment.
        """
        failure, finished = None, False
        try:
            finished = self._fetch(sync)
        except AmazonError as error:
            self.env.cr.rollback()
            failure = error
        finished = self._process_due(sync) and finished
        if failure:
            raise failure
        return not finished

    def _fetch(self, sync):
        """Read orders asked for by a user, then a search in progress, then what changed, then searches asked for.

        :return: whether all of it was read
        """
        client = sync.seller_id._get_client()
        if not self._fetch_requested(sync, client):
            return False
        if sync.window and not self._search_orders(sync, client, sync.window):
            return False
        if not self._search_orders(sync, client, sync._poll_window(OVERLAP)):
            return False
        while sync.backlog:
            if not self._search_orders(sync, client, sync.backlog[0]):
                return False
        return True

    def _fetch_requested(self, sync, client):
        """Read single orders (`getOrder`)."""
        due = [
            ('seller_id', '=', sync.seller_id.id),
            '|', ('next_attempt', '=', False), ('next_attempt', '<=', fields.Datetime.now()),
            '|', ('state', '=', 'requested'), '&', ('state', '=', 'error'), ('lacks_data', '=', True),
        ]
        for order in self.search(due, order='id'):
            try:
                reply = client.call('getOrder', order.amazon_order_ref, includedData=INCLUDED_DATA)
            except NotFound:
                order._set_error(self.env._("Amazon does not know this order for this seller."), self.env._("Check the number and the seller."))
            else:
                self._store(sync.seller_id, [reply.payload['order']], force=True)
            if not sync._commit():
                return False
        return True

    def _search_orders(self, sync, client, window):
        """Store all pages of a search (`searchOrders`), each committed with its place; return whether the end was reached."""
        while True:
            started = fields.Datetime.now()
            try:
                reply = self._search_page(sync.seller_id, client, window)
            except AmazonError as error:
                if error.status != 400 or not window['token']:
                    raise
                # Page tokens die after 24 hours: the whole window is read again, and what is known changes nothing.
                window = {**window, 'token': None}
                continue
            self._store(sync.seller_id, reply.payload['orders'])
            token = (reply.pagination or {}).get('nextToken')
            until = window.get('until') or reply.payload.get('lastUpdatedBefore') or f'{(started - CLOCK_MARGIN).isoformat()}Z'
            window = {**window, 'token': token, 'until': until}
            if token:
                sync.window = window
            else:
                sync._close_window(window, to_datetime(until))
            if not sync._commit() and token:
                return False
            self.env.invalidate_all()
            if not token:
                return True

    def _search_page(self, seller, client, window):
        parameters = {
            f"{window['field']}After": window['after'], f"{window['field']}Before": window['before'],
            'marketplaceIds': seller.marketplace_ids.mapped('marketplace_ref'), 'includedData': INCLUDED_DATA,
            'paginationToken': window['token'],
        }
        return client.call('searchOrders', **{name: value for name, value in parameters.items() if value})

    @api.model
    def _store(self, seller, payloads, force=False):
        """Put orders as Amazon sent them into the inbox; whatever is stored already and not older is left alone.

        :param list payloads: `Order` objects of the Orders API 2026-01-01
        :param bool force: process them again even if they did not change
        """
        newest = {}
        for payload in sorted(payloads, key=lambda payload: payload['lastUpdatedTime']):
            newest[payload['orderId']] = payload
        if not newest:
            return
        rows = [self._prepare_row(seller, payload) for payload in newest.values()]
        self.flush_model()
        # One statement a page: the unique constraint decides what is new, however many workers store the same page.
        # It holds personal data, so if it fails its text must not be logged.
        self.env.cr.execute(SQL(
            """INSERT INTO amazon_order (seller_id, company_id, marketplace_id, amazon_order_ref, marketplace_ref,
                                         amazon_status, fulfilled_by, last_update, payload, state, attempts, create_date, write_date)
                    VALUES %(rows)s
               ON CONFLICT (seller_id, amazon_order_ref) DO UPDATE
                       SET marketplace_id = EXCLUDED.marketplace_id, marketplace_ref = EXCLUDED.marketplace_ref,
                           amazon_status = EXCLUDED.amazon_status, fulfilled_by = EXCLUDED.fulfilled_by,
                           last_update = EXCLUDED.last_update, payload = EXCLUDED.payload, state = 'new',
                           attempts = CASE WHEN amazon_order.last_update = EXCLUDED.last_update
                                           THEN amazon_order.attempts ELSE 0 END,
                           next_attempt = NULL, write_date = EXCLUDED.write_date
                     WHERE %(force)s OR amazon_order.last_update IS NULL OR amazon_order.last_update < EXCLUDED.last_update""",
            rows=SQL(", ").join(rows), force=force), log_exceptions=False)
        self.invalidate_model()
        self.env['amazon.package']._see(newest.values())
        seller._note_missing_data(newest.values())

    def _prepare_row(self, seller, payload):
        fulfillment = payload.get('fulfillment') or {}
        marketplace_ref = payload['salesChannel'].get('marketplaceId')
        marketplace = seller.with_context(active_test=False).marketplace_ids.filtered(
            lambda marketplace: marketplace.marketplace_ref == marketplace_ref)
        now = fields.Datetime.now()
        return SQL("(%s, %s, %s, %s, %s, %s, %s, %s, %s::jsonb, 'new', 0, %s, %s)",
                   seller.id, seller.company_id.id, marketplace.id or None, payload['orderId'], marketplace_ref or None,
                   fulfillment.get('fulfillmentStatus'), fulfillment.get('fulfilledBy'),
                   to_datetime(payload['lastUpdatedTime']), json.dumps(payload), now, now)

    # === PROCESSING === #

    def _process_due(self, sync):
        """Process what is new and what is to be retried, in batches; return whether nothing is left."""
        domain = [
            ('seller_id', '=', sync.seller_id.id), '|', ('state', '=', 'new'),
            '&', '&', ('state', '=', 'error'), ('lacks_data', '=', False), ('next_attempt', '<=', fields.Datetime.now()),
        ]
        due = self.search(domain, order='last_update, id').ids
        for ids in split_every(BATCH_SIZE, due):
            self.browse(ids).try_lock_for_update().with_context(tracking_disable=True, mail_create_nosubscribe=True)._process()
            if not sync._commit():
                return ids[-1] == due[-1]
            self.env.invalidate_all()
        return True

    def _process(self):
        """Bring the sales orders in line with these inbox rows.

        Together, for speed; if that fails, in halves, until the one that cannot be processed stands alone with its reason.
        """
        if not self:
            return
        try:
            # Odoo logs a statement that the database refuses, and these hold personal data.
            with mute_logger('odoo.sql_db'), self.env.cr.savepoint():
                self._process_together()
        except psycopg2.OperationalError:
            # A conflict with another transaction says nothing about the orders: the job is run again.
            raise
        except Exception as error:
            self.env.invalidate_all()
            if len(self) == 1:
                self._set_error(*self._explain(error))
            else:
                middle = len(self) // 2
                self[:middle]._process()
                self[middle:]._process()

    def _process_together(self):
        """Create, update or cancel the sales orders; orders that cannot be understood are marked and left out."""
        foreign = self.filtered(lambda order: is_foreign(order.payload))
        foreign._set_foreign()
        known = (self - foreign).filtered('sale_order_id')
        results = (self - foreign - known).sudo()._create_sale_orders()
        for order in known.sudo():
            results[order] = order.sale_order_id._amazon_update(order)
        for order, problem in results.items():
            if problem:
                order._set_error(*problem)
            else:
                order._set_done()

    def _create_sale_orders(self):
        """Create the sales orders of new inbox rows.

        :return: for each row None, or why it needs a person: a pair of reason and what to do
        :rtype: dict
        """
        results, wanted = dict.fromkeys(self), self.browse()
        for order in self:
            if order.amazon_status == 'CANCELLED':
                continue
            try:
                order._check_importable()
                wanted |= order
            except UserError as error:
                results[order] = order._explain(error)
        for orders in wanted.grouped(lambda order: order.marketplace_id.company_id).values():
            results.update(self.env['sale.order']._amazon_create(orders))
        return results

    def _check_importable(self):
        """Raise a `UserError` that says what is missing before this order can become a sales order."""
        self.ensure_one()
        if not self.marketplace_ref:
            raise NotTold(self.env, self.env._("Amazon has not told on which marketplace the order was placed."))
        if not self.marketplace_id or not self.marketplace_id.active:
            raise UserError(self.env._(
                "Marketplace %s is not in use for this seller. Activate it on the seller, or refresh the seller's marketplaces.",
                self.marketplace_ref or self.env._("(none)")))
        if not self.marketplace_id.warehouse_id or not self.marketplace_id.fba_location_id:
            raise UserError(self.env._(
                "Choose a warehouse and an FBA location on marketplace %s; a company without a warehouse needs one first.",
                self.marketplace_id.name))

    @api.model
    def _explain(self, error):
        """Return reason and what to do for an exception that stopped an order (the arguments of `_set_error`)."""
        if isinstance(error, OrderProblem):
            return error.problem
        if isinstance(error, UserError | RedirectWarning):
            return str(error.args[0]), self.env._("Mend the cause, then retry.")
        # Only what holds no personal data: not the message of a database error, which quotes the row.
        text = error.diag.message_primary if isinstance(error, psycopg2.Error) else ''
        _logger.warning("Amazon orders %s could not be processed: %s %s\n%s", self.ids, type(error).__name__, text,
                        ''.join(traceback.format_tb(error.__traceback__)))
        return (self.env._("Odoo could not process this order (%(kind)s). %(text)s", kind=type(error).__name__, text=text or ''),
                self.env._("Retry; if it fails again, the server log has the details."))

    def _set_error(self, reason, next_step, waits=False):
        """Keep these orders with their reason, as exceptions, or to be read again where Amazon has not told all.

        :param bool waits: Amazon may tell what is missing: a person is asked after some hours only
        """
        for order in self:
            again = waits and order.attempts < len(READ_AGAIN)
            delay = READ_AGAIN[order.attempts] if again else min(RETRY_FIRST * 2 ** min(order.attempts, 8), RETRY_MOST)
            order.write({
                'state': 'requested' if again else 'error', 'error': reason, 'next_step': next_step, 'lacks_data': waits,
                'attempts': order.attempts + 1, 'next_attempt': fields.Datetime.now() + delay,
            })

    def _set_foreign(self):
        """Leave orders alone that were not placed at Amazon (multi-channel fulfilment); one that became a sale is shown."""
        for order in self.sudo():
            if order.sale_order_id and order.sale_order_id.state != 'cancel':
                order._set_error(
                    self.env._("This order was not placed at Amazon, but Odoo has a sales order of it."),
                    self.env._("Cancel the sales order, then retry: the sale belongs to the shop that took the order."))
            else:
                order._set_done()
                reason = self.env._("Not an order of Amazon: Amazon only ships it for another shop.")
                order.write({'state': 'ignored', 'error': reason})

    def _set_done(self):
        """Mark as processed and keep no personal data beyond what the sales order holds."""
        self.sudo().write({
            'state': 'done', 'error': False, 'next_step': False, 'next_attempt': False, 'lacks_data': False,
            'listing_ids': False,
        })
        for order in self.sudo():
            order._scrub()

    def _scrub(self):
        self.payload = scrub(self.payload or {}) or False
