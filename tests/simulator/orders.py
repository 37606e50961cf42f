"""Orders API 2026-01-01: search with filters and page tokens, one order, and what a caller may see of it."""

import copy
import datetime
import secrets
import time

from .clock import format_time, parse_time

PAGE_SIZE = 100
TOKEN_SECONDS = 24 * 3600
# Where each data set lives, in the order and in its items.
ORDER_DATA = {
    'buyer': 'BUYER', 'recipient': 'RECIPIENT', 'proceeds': 'PROCEEDS', 'fulfillment': 'FULFILLMENT',
    'packages': 'PACKAGES', 'tax': 'TAX', 'payment': 'PAYMENT', 'fulfillmentOrders': 'FULFILLMENT_ORDERS',
}
ITEM_DATA = {
    'proceeds': 'PROCEEDS', 'expense': 'EXPENSE', 'promotion': 'PROMOTION', 'cancellation': 'CANCELLATION',
    'fulfillment': 'FULFILLMENT', 'tax': 'TAX',
}
ROLE_OF = {'BUYER': 'buyer', 'RECIPIENT': 'recipient', 'TAX': 'tax'}
# What Amazon does not tell before the payment is authorised.
UNKNOWN_WHILE_PENDING = ('buyer', 'recipient', 'proceeds', 'payment')


class Refused(Exception):
    """A request that Amazon answers with an error list."""

    def __init__(self, status, code, message, details=''):
        super().__init__(message)
        self.status, self.body = status, {'errors': [{'code': code, 'message': message, 'details': details}]}


def search_orders(state, seller, query) -> tuple[int, dict]:
    token = query.get('paginationToken')
    if token:
        if state.faults.strike('searchOrders', 'stale_token'):
            state.page_tokens.pop(token, None)
        search = _search_of_token(state, token, seller)
    else:
        search = _new_search(state, seller, query)
    matches = _matches(state, search)
    start = search['offset']
    if start and state.faults.strike('searchOrders', 'duplicate_page'):
        start -= search['size']
    page = matches[start:search['offset'] + search['size']]
    reply = {'orders': [visible(state, order, search['included']) for order in page],
             search['echo']: search['before_text']}
    if search['offset'] + search['size'] < len(matches):
        reply['pagination'] = {'nextToken': _new_token(state, search)}
    return 200, reply


def get_order(state, seller, query, order_id) -> tuple[int, dict]:
    order = state.orders.get(order_id)
    if order is None or state.is_hidden(order_id) or order['salesChannel'].get(
            'marketplaceId') not in seller.marketplace_ids:
        raise Refused(404, 'NotFound', f"Order {order_id} was not found")
    return 200, {'order': visible(state, order, _csv(query.get('includedData')))}


def visible(state, order, included) -> dict:
    """Return what a caller sees of an order who asked for these data sets and has the application's roles."""
    granted = {name for name in included if ROLE_OF.get(name) in (None, *state.roles)}
    shown = copy.deepcopy(order)
    hidden = {key for key, name in ORDER_DATA.items() if name not in granted}
    pending = order['fulfillment']['fulfillmentStatus'].startswith('PENDING')
    for key in hidden | set(UNKNOWN_WHILE_PENDING if pending else ()):
        shown.pop(key, None)
    for item in shown['orderItems']:
        for key in [key for key, name in ITEM_DATA.items() if name not in granted] + ['proceeds', 'tax'] * pending:
            item.pop(key, None)
        if pending:
            item['product'].pop('price', None)
    _withhold(shown, state.unstated.get(order['orderId'], ()))
    return shown


def _withhold(shown, what):
    if 'proceeds' in what:
        shown.pop('proceeds', None)
    if 'fulfilledBy' in what and 'fulfillment' in shown:
        del shown['fulfillment']['fulfilledBy']
    for item in shown['orderItems']:
        if 'proceeds' in what or item['orderItemId'] in what:
            item.pop('proceeds', None)


def _new_search(state, seller, query):
    created, updated = query.get('createdAfter'), query.get('lastUpdatedAfter')
    if bool(created) == bool(updated):
        raise Refused(400, 'InvalidInput', "Provide exactly one of createdAfter and lastUpdatedAfter")
    field = 'createdTime' if created else 'lastUpdatedTime'
    echo = 'createdBefore' if created else 'lastUpdatedBefore'
    after, before = parse_time(created or updated), _before(state, query, echo)
    if before < after:
        raise Refused(400, 'InvalidInput', f"{echo} is before the start of the time period")
    size = int(query.get('maxResultsPerPage') or PAGE_SIZE)
    if not 1 <= size <= PAGE_SIZE:
        raise Refused(400, 'InvalidInput', "maxResultsPerPage must be between 1 and 100")
    marketplaces = set(_csv(query.get('marketplaceIds'))) or seller.marketplace_ids
    if not marketplaces <= seller.marketplace_ids:
        raise Refused(403, 'Unauthorized', "Access to requested resource is denied.")
    return {
        'seller': seller.id, 'field': field, 'after': format_time(after), 'before': format_time(before),
        'echo': echo, 'before_text': format_time(before), 'marketplaces': marketplaces,
        'statuses': set(_csv(query.get('fulfillmentStatuses'))), 'fulfilled_by': set(_csv(query.get('fulfilledBy'))),
        'included': _csv(query.get('includedData')), 'size': size, 'offset': 0,
    }


def _before(state, query, name):
    latest = state.now() - datetime.timedelta(seconds=120 / state.speed)
    if query.get(name):
        before = parse_time(query[name])
        if before > latest + datetime.timedelta(seconds=1):
            raise Refused(400, 'InvalidInput', f"{name} must be at least two minutes before the time of the request")
        return before
    return latest


def _matches(state, search):
    found = [
        order for order in state.orders.values()
        if not state.is_hidden(order['orderId'])
        and order['salesChannel'].get('marketplaceId') in search['marketplaces']
        and search['after'] <= order[search['field']] <= search['before']
        and (not search['statuses'] or order['fulfillment']['fulfillmentStatus'] in search['statuses'])
        and (not search['fulfilled_by'] or order['fulfillment']['fulfilledBy'] in search['fulfilled_by'])
    ]
    return sorted(found, key=lambda order: (order[search['field']], order['orderId']))


def _new_token(state, search):
    token = secrets.token_urlsafe(24)
    state.page_tokens[token] = ({**search, 'offset': search['offset'] + search['size']}, state.lifetime(TOKEN_SECONDS))
    return token


def _search_of_token(state, token, seller):
    search, expiry = state.page_tokens.get(token, (None, 0))
    if not search or time.monotonic() > expiry or search['seller'] != seller.id:
        raise Refused(400, 'InvalidInput', "The pagination token is invalid or expired")
    return search


def _csv(text):
    return [part for part in (text or '').split(',') if part]
