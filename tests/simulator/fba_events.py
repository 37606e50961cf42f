"""What may happen to units at Amazon: the events of the control API, and what each needs.

An event is a dict with `type`, a key of `EVENTS`, and the fields named there: the needed ones, and some of the others.
`date` is a day of the seller's home marketplace, past or ahead; what lies ahead is in no report until then. Without a
`time` an event of today has happened, one of another day happens in its morning. A field that is None is not told.
"""

import datetime
import re
from decimal import Decimal, InvalidOperation

from . import fba_claims, fba_orders, fba_stock
from .fba import Moment, Unfit

MORNING = '08:30:00'
DISPOSITION = re.compile(r'[A-Z][A-Z_]+')


def apply(world, events: list[dict]) -> None:
    """Let events happen, all or none of them.

    :raises Unfit: one of them cannot be; its text says which, and why
    """
    events = [_set_time(world, event) for event in events]
    for number, event in enumerate(events, 1):
        try:
            happen(world, event)
        except Unfit as reason:
            world.clear()
            for accepted in world.accepted:
                happen(world, accepted)
            kind = event.get('type') if isinstance(event, dict) else event
            raise Unfit(f"event {number} ({kind}): {reason}") from reason
    world.accepted += events


def _set_time(world, event):
    """Return an event with a time: in the morning of its day, or at once where the day is not over."""
    if not isinstance(event, dict) or 'date' not in event or 'time' in event:
        return event
    return {**event, 'time': '00:00:00' if event['date'] == world.today().isoformat() else MORNING}


def happen(world, event: dict) -> None:
    """Let one event happen.

    :raises Unfit: it cannot be; the world may be half changed then
    """
    if not isinstance(event, dict) or not isinstance(event.get('type'), str) or event['type'] not in EVENTS:
        raise Unfit(f"type must be one of {', '.join(sorted(EVENTS))}")
    function, needed, known = EVENTS[event['type']]
    values = {name: value for name, value in event.items() if name != 'type' and value is not None}
    missing = sorted(needed - values.keys())
    if missing:
        raise Unfit(f"{', '.join(missing)} {'is' if len(missing) == 1 else 'are'} missing")
    unknown = sorted(values.keys() - needed - known)
    if unknown:
        raise Unfit(f"{', '.join(unknown)}: no such field; there are {', '.join(sorted(needed | known))}")
    read = {name: READERS.get(name, _text)(world, name, value) for name, value in values.items()}
    if 'date' in read:
        read['at'] = Moment(read.pop('date'), read.pop('time', datetime.time()))
    if 'sku' in read:
        names = {name: read.pop(name) for name in ('fnsku', 'asin', 'title') if name in read}
        read['item'] = world.item(read.pop('sku'), **names)
    function(world, **read)


# === FIELDS === #

def _text(_world, name, value):
    if not isinstance(value, str):
        raise Unfit(f"{name} must be a text, not {value!r}")
    return value


def _day(_world, name, value):
    try:
        return datetime.date.fromisoformat(value)
    except (TypeError, ValueError):
        raise Unfit(f"{name} must be a date YYYY-MM-DD, not {value!r}")


def _time(_world, name, value):
    try:
        return datetime.time.fromisoformat(value)
    except (TypeError, ValueError):
        raise Unfit(f"{name} must be a time HH:MM:SS, not {value!r}")


def _number(least):
    def read(_world, name, value):
        if not isinstance(value, int) or isinstance(value, bool) or value < least:
            raise Unfit(f"{name} must be a number from {least}, not {value!r}")
        return value
    return read


def _signed(_world, name, value):
    if not isinstance(value, int) or isinstance(value, bool) or not value:
        raise Unfit(f"{name} must be a number other than 0, not {value!r}")
    return value


def _amount(_world, name, value):
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        amount = Decimal('NaN')
    if not amount.is_finite():
        raise Unfit(f"{name} must be an amount, not {value!r}")
    return amount


def _center(world, name, value):
    if not isinstance(value, str) or value not in world.centers:
        raise Unfit(f"{name} {value!r}: its country is not known here; tell it first by an event of type center")
    return value


def _disposition(_world, name, value):
    if not isinstance(value, str) or not DISPOSITION.fullmatch(value):
        raise Unfit(f"{name} must be a disposition such as SELLABLE or CUSTOMER_DAMAGED, not {value!r}")
    return value


def _flag(_world, name, value):
    if not isinstance(value, bool):
        raise Unfit(f"{name} must be true or false, not {value!r}")
    return value


def _rows(**fields):
    """Return a reader of a list of objects with these fields, all of which are needed whose reader is in a tuple."""
    def read(world, name, value):
        if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
            raise Unfit(f"{name} must be a list of objects")
        return [row_of(world, name, row) for row in value]

    def row_of(world, name, row):
        needed = {key for key, reader in fields.items() if isinstance(reader, tuple)}
        if needed - row.keys() or row.keys() - fields.keys():
            raise Unfit(f"{name}: each has {', '.join(sorted(fields))}; {', '.join(sorted(needed))} are needed")
        return {key: reader_of(key)(world, f'{name}: {key}', value) for key, value in row.items()}

    def reader_of(key):
        return fields[key][0] if isinstance(fields[key], tuple) else fields[key]
    return read


READERS = {
    **dict.fromkeys(('date', 'arrive', 'request_date', 'order_date', 'delivery_date', 'safet_date'), _day),
    'time': _time, 'quantity': _number(1),
    **dict.fromkeys(('requested', 'cash', 'inventory'), _number(0)),
    'order_quantity': _number(1), **dict.fromkeys(('center', 'to_center', 'original_center'), _center),
    **dict.fromkeys(('disposition', 'to_disposition'), _disposition), 'change': _signed,
    **dict.fromkeys(('amount', 'fee', 'label_cost', 'order_amount', 'safet_amount', 'refunded_amount'), _amount),
    'twice': _flag, 'awd': _flag,
    'items': _rows(sku=(_text,), quantity=(_number(1),), expiration=_day, lot=_text),
    'parcels': _rows(date=(_day,), quantity=(_number(1),), tracking_ref=(_text,), carrier=_text, center=_center,
                     disposition=_disposition, arrived=_number(0)),
    'disposed': _rows(date=(_day,), quantity=(_number(1),), center=_center, disposition=_disposition),
    'cancelled': _rows(date=(_day,), quantity=(_number(1),)),
}
COMMON = {'date', 'sku', 'quantity', 'center'}
NAMES = {'time', 'fnsku', 'asin', 'title'}
# By type: what happens, which fields it needs, which it may have.
EVENTS = {
    'center': (fba_stock.tell_center, {'code', 'country'}, set()),
    'cost': (fba_claims.tell_cost, {'sku', 'amount'}, set()),
    'receive': (fba_stock.receive, COMMON | {'reference'}, NAMES | {'disposition'}),
    'ship': (fba_orders.ship, {'date', 'center'},
             NAMES | {'sku', 'quantity', 'order_ref', 'item_ref', 'merchant_order_ref', 'carrier', 'tracking_ref'}),
    'replace': (fba_orders.replace, COMMON | {'order_ref', 'original_ref'}, NAMES | {'original_center', 'reason'}),
    'return': (fba_orders.take_back, COMMON,
               NAMES | {'order_ref', 'disposition', 'reason', 'status', 'license_plate', 'comments'}),
    'return_request': (fba_orders.ask_return, {'date', 'order_ref', 'rma_ref'}, fba_orders.REQUEST | {
        'time', 'sku', 'item_ref', 'country', 'fnsku', 'asin', 'title', 'twice'}),
    'transfer': (fba_stock.transfer, COMMON | {'to_center'}, NAMES | {'arrive', 'disposition'}),
    'adjust': (fba_stock.adjust, {'date', 'sku', 'change', 'center', 'reason'},
               NAMES | {'disposition', 'event_type', 'reference'}),
    'damage': (fba_stock.damage, COMMON, NAMES | {'disposition', 'reason'}),
    'change': (fba_stock.change, COMMON | {'to_disposition'}, NAMES | {'disposition'}),
    'lose': (fba_stock.lose, COMMON, NAMES | {'disposition', 'reason'}),
    'find': (fba_stock.find, COMMON, NAMES | {'disposition', 'reason'}),
    'dispose': (fba_stock.dispose, COMMON, NAMES | {'disposition', 'reason'}),
    'remove': (fba_claims.remove, {'date', 'order_ref', 'sku'}, NAMES | {
        'requested', 'center', 'disposition', 'order_type', 'source', 'speed', 'parcels', 'disposed', 'cancelled',
        'status', 'fee', 'currency'}),
    'reimburse': (fba_claims.reimburse, {'date', 'sku', 'reason', 'amount'}, NAMES | {
        'cash', 'inventory', 'center', 'case_ref', 'order_ref', 'reference', 'original_ref', 'original_type',
        'condition', 'country', 'shipment_ref'}),
    'plan': (fba_stock.plan, {'date', 'reference'}, {
        'time', 'name', 'center', 'items', 'status', 'plan_ref', 'awd'}),
}
