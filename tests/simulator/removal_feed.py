"""The feed `POST_FLAT_FILE_FBA_CREATE_REMOVAL`: units are to come back from Amazon, or to be destroyed there."""

from . import fba_events
from .fba import Unfit, world
from .fba_claims import count_parts, get_class, is_completed

FEED_TYPE = 'POST_FLAT_FILE_FBA_CREATE_REMOVAL'
COLUMNS = ('MerchantSKU', 'SellableQuantity', 'UnsellableQuantity')
DISPOSITIONS = ('Return', 'Disposal')
ADDRESS = ('AddressName', 'AddressFieldOne', 'AddressCity', 'AddressCountryCode', 'AddressPostalCode')
HEAD = (*ADDRESS, 'MerchantRemovalOrderID', 'RemovalDisposition', 'AddressFieldTwo', 'AddressFieldThree',
        'AddressStateOrRegion', 'ContactPhoneNumber', 'ShippingNotes')


def process_feed(state, feed) -> tuple[str, bytes]:
    """Return status and processing report of a feed; each line of it is accepted or refused for itself."""
    if feed['fault'] == 'feed_error':
        return 'DONE', _make_report(0, 0, [(0, '', "The feed cannot be processed.")])
    try:
        head, rows = _read(feed['content'])
    except ValueError as problem:
        return 'DONE', _make_report(0, 0, [(0, '', str(problem))])
    seller_world = world(state, feed['seller'])
    found = _find_head_problems(seller_world, head)
    if found:
        return 'DONE', _make_report(len(rows), 0, [(0, '', problem) for problem in found])
    taken = rows[:len(rows) // 2] if feed['fault'] == 'feed_partial' else rows
    events, problems = [], []
    for number, row in enumerate(taken, 1):
        try:
            events += _read_row(seller_world, head, row, events)
        except ValueError as problem:
            problems.append((number, row[0], str(problem)))
    try:
        fba_events.apply(seller_world, events)
    except Unfit as problem:
        return 'DONE', _make_report(len(taken), 0, [(0, '', str(problem))])
    return 'DONE', _make_report(len(taken), len(taken) - len(problems), problems)


def _read(content):
    """Return the head (a dict) and the rows (lists of three texts).

    :raises ValueError: it is no such file
    """
    try:
        text = content.decode('utf-8-sig')
    except UnicodeDecodeError:
        text = content.decode('cp1252', 'replace')
    lines = [line.rstrip('\r').split('\t') for line in text.split('\n')]
    end = next((number for number, line in enumerate(lines) if not any(cell.strip() for cell in line)), len(lines))
    table = [line for line in lines[end + 1:] if any(cell.strip() for cell in line)]
    if not table or [name.strip() for name in table[0]] != list(COLUMNS):
        raise ValueError(f"After a blank line, the header of the items must be {', '.join(COLUMNS)}.")
    return ({line[0].strip(): (line[1:2] or [''])[0].strip() for line in lines[:end]},
            [[cell.strip() for cell in (*line, '', '')[:3]] for line in table[1:]])


def _find_head_problems(seller_world, head):
    found = [f"{name} is not a field of a removal order." for name in head if name not in HEAD]
    if not head.get('MerchantRemovalOrderID'):
        found.append("MerchantRemovalOrderID is required.")
    elif any(ref == head['MerchantRemovalOrderID'] for ref, _sku, _class in seller_world.removals):
        found.append(f"MerchantRemovalOrderID {head['MerchantRemovalOrderID']} was used before.")
    if head.get('RemovalDisposition') not in DISPOSITIONS:
        found.append(f"RemovalDisposition must be {' or '.join(DISPOSITIONS)}.")
    elif head['RemovalDisposition'] == 'Return':
        found += [f"{name} is required for a return." for name in ADDRESS if not head.get(name)]
    return found


def _read_row(seller_world, head, row, before):
    """Return the events of a row.

    :raises ValueError: the row is refused
    """
    sku, *texts = row
    if sku not in seller_world.items:
        raise ValueError(f"SKU {sku} is not in the inventory at Amazon.")
    if any(event['sku'] == sku for event in before):
        raise ValueError(f"SKU {sku} is given twice.")
    if not all(text.isdecimal() for text in texts):
        raise ValueError("Quantities must be whole numbers.")
    events = []
    for disposition, quantity in zip(('SELLABLE', 'DEFECTIVE'), map(int, texts), strict=True):
        there = _count_free(seller_world, sku, get_class(disposition))
        if quantity > there:
            raise ValueError(f"{quantity} {get_class(disposition).lower()} units of SKU {sku} are not available: there "
                             f"are {max(there, 0)}.")
        if quantity:
            events.append({'type': 'remove', 'date': seller_world.today().isoformat(), 'sku': sku,
                           'order_ref': head['MerchantRemovalOrderID'], 'order_type': head['RemovalDisposition'],
                           'requested': quantity, 'disposition': disposition})
    if not events:
        raise ValueError("SellableQuantity or UnsellableQuantity must be more than 0.")
    return events


def _count_free(seller_world, sku, name):
    """Return how many units are there and in no removal order yet."""
    now = seller_world.now()
    there = sum(max(seller_world.units(sku, center, disposition, now), 0)
                for center, disposition in seller_world.places(sku) if get_class(disposition) == name)
    promised = sum(line['requested'] - sum(count_parts(line, now).values())
                   for line in seller_world.removals.values()
                   if line['item'].sku == sku and line['class'] == name and not is_completed(line, now))
    return there - promised


def _make_report(count, good, problems):
    lines = ['Feed Processing Summary:', f'\tNumber of records processed\t\t{count}',
             f'\tNumber of records successful\t\t{good}']
    if problems:
        lines += ['', 'original-record-number\tsku\terror-code\terror-type\terror-message',
                  *(f'{number}\t{sku}\t90000\tError\t{text}' for number, sku, text in problems)]
    return '\r\n'.join([*lines, '']).encode()
