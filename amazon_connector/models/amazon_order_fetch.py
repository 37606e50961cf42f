import datetime
import hashlib
import json
import logging

import psycopg2

from odoo import api, fields, models
from odoo.tools import SQL

from ..amazon_api.errors import NOT_OF_THE_RECORD, AmazonError, Forbidden, NotFound
from ..amazon_api.order_head import read_id, read_time
from ..amazon_api.orders import read_order
from ..amazon_api.paging import PageGuard, TokenRefused
from ..amazon_api.shapes import ShapeError
from ..amazon_api.storable import make_storable
from ..utils.phrases import dump, tell
from ..utils.quiet import concerns_record, describe, log_failure
from ..utils.words import explain

_logger = logging.getLogger(__name__)

INCLUDED_DATA = ['BUYER', 'RECIPIENT', 'PROCEEDS', 'PROMOTION', 'CANCELLATION', 'FULFILLMENT', 'PACKAGES', 'TAX']


class AmazonOrder(models.Model):
    """Fetch orders from Amazon into the inbox."""

    _inherit = 'amazon.order'

    def _fetch(self, sync):
        """Read the orders that users asked for, then the search in progress, changed orders, searches asked for, and
        orders that appeared late.

        Each harms only itself.

        :return: whether all of it was read
        """
        client, guard, failure = sync.seller_id._get_client(), PageGuard('searchOrders'), None
        sync._check_refused_marketplaces(client)
        with sync._isolate(tell(self.env)._("Orders asked for")):
            if not self._fetch_requested(sync, client):
                return False
        if sync.window:
            with sync._isolate(tell(self.env)._("Search in progress")):
                if not self._search_orders(sync, client, sync.window, guard):
                    return False
        try:
            if not self._search_orders(sync, client, sync._poll_window(), guard):
                return False
        except NOT_OF_THE_RECORD:
            raise
        except AmazonError as error:
            self.env.cr.rollback()
            failure = error
        finished = self._fetch_older(sync, client, guard)
        if failure:
            raise failure
        return finished

    def _fetch_older(self, sync, client, guard):
        """Run the searches that users asked for, each by itself, then the daily one for orders that Amazon showed late.
        """
        for search in list(sync.backlog or []):
            with sync._isolate(tell(self.env)._("Orders of %(first)s to %(last)s", first=search['after'],
                                                last=search['before'] or '')):
                if not self._search_orders(sync, client, search, guard):
                    return False
        window = sync._deep_window()
        if window:
            with sync._isolate(tell(self.env)._("Daily search for late orders")), sync._spare_quota():
                return self._search_orders(sync, client, window, guard, most_pages=sync._DEEP_PAGES)
        return True

    def _fetch_requested(self, sync, client):
        """Read single orders (`getOrder`); an error of Amazon is kept on the order."""
        due = [
            ('seller_id', '=', sync.seller_id.id),
            '|', ('next_attempt', '=', False), ('next_attempt', '<=', fields.Datetime.now()),
            '|', ('state', '=', 'requested'), '&', ('state', '=', 'error'), ('lacks_data', '=', True),
        ]
        for order in self.search(due, order='id'):
            with sync._isolate(order.amazon_order_ref):
                self._fetch_one(sync.seller_id, client, order)
            if not sync._commit():
                return False
        return True

    def _fetch_one(self, seller, client, order):
        try:
            reply = client.call('getOrder', order.amazon_order_ref, includedData=INCLUDED_DATA)
        except NOT_OF_THE_RECORD:
            raise
        except NotFound:
            order._set_error(tell(self.env)._("Amazon does not know this order for this seller."),
                             tell(self.env)._("Check the number and the seller."))
        except AmazonError as error:
            order._set_error(tell(self.env)._("Amazon refused: %s", explain(self.env, error)),
                             tell(self.env)._("Check the number and the seller."))
        else:
            self._store_answer(seller, order, reply.payload)

    def _store_answer(self, seller, order, payload):
        """Store the order of an answer of `getOrder`; where the answer is another order, or none, it is not asked for
        again.
        """
        answer = payload.get('order') if isinstance(payload, dict) else None
        ref = read_id(answer.get('orderId')) if isinstance(answer, dict) else None
        if ref:
            self._store(seller, [answer], force=True)
        if ref != order.amazon_order_ref:
            order._set_error(
                tell(self.env)._("Amazon answered without this order."), tell(self.env)._("Refresh it later."),
                waits=order.lacks_data)

    def _search_orders(self, sync, client, window, guard, most_pages=0):
        """Store all pages of a search (`searchOrders`), each committed with its position; return whether the end was
        reached.

        :raises TokenRefused: Amazon refuses its page tokens again after the search began anew, or its pages bring
            nothing new
        """
        pages = 0
        while True:
            started = fields.Datetime.now()
            try:
                reply = self._search_page(sync, client, window)
                token = guard.next(reply)
            except TokenRefused:
                sync._leave_window(window)
                raise
            except Forbidden as error:
                self.env.cr.rollback()
                if window.get('marketplaces') or not sync._find_refused(client, error):
                    raise
                window = {**window, 'token': None}
                sync._check_refused_marketplaces(client)
                continue
            except AmazonError as error:
                try:
                    guard.restart(error, window['token'])
                except TokenRefused:
                    sync._leave_window(window)
                    raise
                # Page tokens expire after 24 hours: the whole window is read again, and orders that are known do not
                # change.
                window = {**window, 'token': None}
                continue
            orders = self._get_orders(reply)
            self._store(sync.seller_id, orders)
            window = sync._move_window(sync._record_page(window, token, orders), token, reply, started)
            pages += 1
            more_time = sync._commit()
            self.env.invalidate_all()
            if not token or pages == most_pages:
                return True
            if not more_time:
                return False

    @api.model
    def _get_orders(self, reply):
        """Return the orders of a page.

        :raises AmazonError: there is none
        """
        orders = reply.payload.get('orders') if isinstance(reply.payload, dict) else None
        if not isinstance(orders, list):
            raise AmazonError(tell(self.env)._("Amazon's page of orders has no list of orders."),
                              operation='searchOrders')
        return orders

    def _search_page(self, sync, client, window):
        parameters = {
            f"{window['field']}After": window['after'], f"{window['field']}Before": window['before'],
            'marketplaceIds': sync._get_searched_marketplaces(window), 'includedData': INCLUDED_DATA,
            'paginationToken': window['token'],
        }
        return client.call('searchOrders', **{name: value for name, value in parameters.items() if value})

    # === STORING === #

    @api.model
    def _store(self, seller, payloads, force=False):
        """Put orders as Amazon sent them into the inbox; orders that are stored already in this or a newer version stay
        as they are.

        An order that cannot be understood, or not be stored, is kept as an exception with what can be kept of it: it
        harms no other.

        :param list payloads: `Order` objects of the Orders API 2026-01-01
        :param bool force: process them again even if they did not change
        """
        rows = {}
        for payload in payloads:
            row = self._read_head(payload)
            known = rows.get(row['ref'])
            if not known or (row['updated'] or datetime.datetime.min) >= (known['updated'] or datetime.datetime.min):
                rows[row['ref']] = row
        if not rows:
            return
        self.flush_model()
        try:
            with self.env.cr.savepoint(flush=False):
                self._insert(seller, list(rows.values()), force)
        except psycopg2.Error as error:
            if not concerns_record(error):
                raise
            for row in rows.values():
                self._insert_alone(seller, row, force)
        self.invalidate_model()
        self._forward(seller, [row['payload'] for row in rows.values() if not row['error']])

    @api.model
    def _read_head(self, payload):
        """Return the values of the inbox columns of an order, and in words what is wrong with it."""
        try:
            payload = make_storable(payload)
            text = json.dumps(payload)
        except RecursionError:
            payload, text = None, None
        order = payload if isinstance(payload, dict) else {}
        channel, fulfillment = (value if isinstance(value, dict) else {}
                                for value in (order.get('salesChannel'), order.get('fulfillment')))
        fulfilled_by = fulfillment.get('fulfilledBy')
        return {
            'ref': read_id(order.get('orderId')) or self._make_reference(text),
            'updated': read_time(order.get('lastUpdatedTime')),
            'marketplace_ref': read_id(channel.get('marketplaceId')),
            'status': read_id(fulfillment.get('fulfillmentStatus')),
            'fulfilled_by': fulfilled_by if fulfilled_by in ('MERCHANT', 'AMAZON') else None,
            'payload': payload, 'text': text, 'error': self._describe_unusable(payload),
        }

    @api.model
    def _make_reference(self, text):
        """Return a name for an order without an id, the same each time that it comes."""
        return f"NO-ID-{hashlib.sha256((text or '').encode()).hexdigest()[:12]}"

    def _find_unusable(self):
        """Return in words why this order cannot be stored for processing, or None; its content is checked when its
        sales order is planned.
        """
        self.ensure_one()
        return self._describe_unusable(self.sudo().payload)

    @api.model
    def _describe_unusable(self, payload):
        if not isinstance(payload, dict):
            return tell(self.env)._("Amazon sent something else than an order.")
        for name in ('orderId', 'lastUpdatedTime'):
            if payload.get(name) in (None, ''):
                return tell(self.env)._("Amazon's data of this order cannot be used: the field %s is missing.", name)
        if not read_id(payload['orderId']):
            return tell(self.env)._("Amazon's data of this order cannot be used: the field %s is no order number.",
                                    'orderId')
        if not read_time(payload['lastUpdatedTime']):
            return tell(self.env)._("Amazon's data of this order cannot be used: the field %s is no date and time.",
                                    'lastUpdatedTime')
        return None

    @api.model
    def _advise(self):
        """Return what to do with an order whose data cannot be used."""
        return tell(self.env)._("Refresh the order. If its data stays as it is, enter the order by hand and resolve "
                                "this exception.")

    def _insert(self, seller, rows, force):
        """Insert or update rows of `_read_head` in one statement: the unique constraint decides which are new, however
        many workers store.

        It holds personal data, so if it fails its text must not be logged.
        """
        self.env.cr.execute(SQL(
            """INSERT INTO amazon_order (seller_id, company_id, marketplace_id, amazon_order_ref, marketplace_ref,
                                         amazon_status, fulfilled_by, last_update, payload, state, error, next_step,
                                         attempts, next_attempt, create_date, write_date)
                    VALUES %(rows)s
               ON CONFLICT (seller_id, amazon_order_ref) DO UPDATE
                       SET marketplace_id = EXCLUDED.marketplace_id, marketplace_ref = EXCLUDED.marketplace_ref,
                           amazon_status = EXCLUDED.amazon_status, fulfilled_by = EXCLUDED.fulfilled_by,
                           last_update = EXCLUDED.last_update, payload = EXCLUDED.payload, state = EXCLUDED.state,
                           error = EXCLUDED.error,
                           next_step = EXCLUDED.next_step,
                           attempts = CASE WHEN amazon_order.last_update = EXCLUDED.last_update
                                           THEN amazon_order.attempts ELSE EXCLUDED.attempts END,
                           next_attempt = EXCLUDED.next_attempt,
                           write_date = EXCLUDED.write_date
                     WHERE %(force)s OR amazon_order.last_update < EXCLUDED.last_update
                        OR (amazon_order.payload IS DISTINCT FROM EXCLUDED.payload AND (
                               amazon_order.last_update IS NULL OR EXCLUDED.last_update IS NULL
                               OR (amazon_order.state = 'error'
                                   AND amazon_order.last_update = EXCLUDED.last_update)))""",
            rows=SQL(", ").join(self._prepare_row(seller, row) for row in rows), force=force), log_exceptions=False)

    def _insert_alone(self, seller, row, force):
        """Store one order, or if the database refuses its data, at least its id."""
        try:
            with self.env.cr.savepoint(flush=False):
                self._insert(seller, [row], force)
            return
        except psycopg2.Error as error:
            if not concerns_record(error):
                raise
            log_failure(_logger, "Amazon order %s could not be stored", row['ref'], error=error, level=logging.WARNING)
            row['error'] = tell(self.env)._("The database refuses Amazon's data of this order (%s).", describe(error))
        self._insert(seller, [{**row, 'text': None, 'status': None}], force)

    def _prepare_row(self, seller, row):
        marketplace = seller.with_context(active_test=False).marketplace_ids.filtered(
            lambda marketplace: marketplace.marketplace_ref == row['marketplace_ref'])
        now, error = fields.Datetime.now(), row['error']
        return SQL(
            "(%s, %s, %s, %s, %s, %s, %s, %s, %s::jsonb, %s, %s, %s, %s, %s, %s, %s)",
            seller.id, seller.company_id.id, marketplace.id or None, row['ref'], row['marketplace_ref'], row['status'],
            row['fulfilled_by'], row['updated'], row['text'], 'error' if error else 'new',
            dump(error) if error else None, dump(self._advise()) if error else None, int(bool(error)),
            now + self._RETRY_FIRST if error else None, now, now)

    def _forward(self, seller, payloads):
        """Pass orders on to what else reads them (packages, missing roles); what fails there does not concern the
        orders.
        """
        readable = [payload for payload in payloads if _is_readable(payload)]
        for name, handler in (('packages', self.env['amazon.package']._confirm_shown),
                              ('missing data', seller._update_missing_data)):
            self._forward_to(seller, name, handler, readable)

    def _forward_to(self, seller, name, handler, payloads):
        try:
            with self.env.cr.savepoint():
                handler(payloads)
        except Exception as error:
            if not concerns_record(error):
                raise
            if len(payloads) > 1:
                for payload in payloads:
                    self._forward_to(seller, name, handler, [payload])
            else:
                log_failure(_logger, "Amazon orders of seller %s: %s", seller.id, name, error=error,
                            level=logging.WARNING)


def _is_readable(payload) -> bool:
    try:
        read_order(payload)
    except ShapeError:
        return False
    return True
