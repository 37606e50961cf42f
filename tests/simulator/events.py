"""What happens to an order during its life: it is paid, shipped, changed, cancelled."""

import copy

from . import generator
from .clock import format_time

TYPES = ('authorize', 'ship', 'cancel', 'change', 'withhold', 'tell')


def apply_event(state, order: dict, event: dict) -> None:
    """Change an order as Amazon would.

    :param dict event: `type` is one of `TYPES`. `authorize` ends the pending state. `ship` and `cancel` take `items`
        (`{orderItemId: quantity}`, all that is open by default), `cancel` also `by` (AMAZON, BUYER, MERCHANT) and
        `reason`. `change` takes `order` (keys to replace) and `quantities` (`{orderItemId: quantity}`). `withhold`
        takes `what`, a list of `proceeds`, `fulfilledBy` and order item ids: Amazon does not tell it (an item's price)
        until `tell`, which is no change of the order.
    :raises ValueError: the event is none of these
    """
    if event.get('type') not in TYPES:
        raise ValueError(f"unknown event {event.get('type')!r}: choose one of {', '.join(TYPES)}")
    if event['type'] in ('withhold', 'tell'):
        state.unstated[order['orderId']] = set(event.get('what', ()))
        return
    globals()[f"_{event['type']}"](order, event)
    order['lastUpdatedTime'] = format_time(state.now())


def _open_items(order, event):
    for item in order['orderItems']:
        quantity = event.get('items', {}).get(item['orderItemId'], None if event.get('items')
                                              else item['quantityOrdered'])
        if quantity:
            yield item, int(quantity)


def _authorize(order, _event):
    order['fulfillment']['fulfillmentStatus'] = 'UNSHIPPED'


def _ship(order, event):
    for item, quantity in _open_items(order, event):
        progress = item['fulfillment']
        shipped = min(progress['quantityFulfilled'] + quantity, item['quantityOrdered'])
        progress.update(quantityFulfilled=shipped, quantityUnfulfilled=item['quantityOrdered'] - shipped)
    set_status(order)


def _cancel(order, event):
    for item, quantity in list(_open_items(order, event)):
        rest = max(item['quantityOrdered'] - quantity, 0)
        item['cancellation'] = {'cancellationExecution': {
            'cancelledBy': event.get('by', 'AMAZON'), 'cancelReason': event.get('reason', 'OTHER'),
        }}
        _set_quantity(item, rest)
    generator.recompute_totals(order)
    if not any(item['quantityOrdered'] for item in order['orderItems']):
        order['fulfillment']['fulfillmentStatus'] = 'CANCELLED'
    else:
        set_status(order)


def _change(order, event):
    order.update(copy.deepcopy(event.get('order', {})))
    for item in order['orderItems']:
        if item['orderItemId'] in event.get('quantities', {}):
            _set_quantity(item, int(event['quantities'][item['orderItemId']]))
    if event.get('quantities'):
        generator.recompute_totals(order)


def _set_quantity(item, quantity):
    before = item['quantityOrdered']
    generator.scale_item(item, before, quantity)
    item['quantityOrdered'] = quantity
    progress = item['fulfillment']
    progress['quantityFulfilled'] = min(progress['quantityFulfilled'], quantity)
    progress['quantityUnfulfilled'] = quantity - progress['quantityFulfilled']


def set_status(order):
    shipped = sum(item['fulfillment']['quantityFulfilled'] for item in order['orderItems'])
    ordered = sum(item['quantityOrdered'] for item in order['orderItems'])
    status = 'SHIPPED' if shipped >= ordered else 'PARTIALLY_SHIPPED' if shipped else 'UNSHIPPED'
    order['fulfillment']['fulfillmentStatus'] = status
