"""The rules for goods of customers and shipments to Amazon: refunded and not returned, sent and not received."""

import datetime
import math
from typing import NamedTuple

from ..amazon_api.shapes import ShapeError
from ..amazon_api.transactions import read_transaction
from .claim_match import FOUND, Event, Supply, Use, group_by, settle
from .claim_rules import SCAN, Facts, settle_cases
from .inbound_short import find_short
from .ledger_plan import LedgerPlan

# States of claims whose SKU Amazon knows: what they are about is not claimed under another one.
CLAIMED = ('filed', 'partly', 'paid', 'refused')
# Conditions and reasons of returned goods that somebody else is to blame for.
DAMAGED, EXCHANGED = ('CUSTOMER_DAMAGED', 'CARRIER_DAMAGED'), 'SWITCHEROO'


# === RETURNS === #

def find_returns(pool, cases) -> list:
    """Return units that buyers were refunded for or that were replaced, and that did not come back, or came back
    damaged or as something else (rule 4); what was paid for the order, or for one that replaces it, settles them.
    """
    seller = pool.seller
    originals = _read_originals(seller)
    owed = _read_owed(seller, originals)
    returns = group_by(seller.env['amazon.return'].search(
        [('seller_id', '=', seller.id), ('channel', '=', 'fba'), ('order_ref', '!=', False)], order='date, id'),
        lambda record: (originals.get(record.order_ref, record.order_ref), record.sku))
    events = [_make_owed_event(key, found, returns.get(key, ())) for key, found in owed.items()]
    events += [_make_bad_event(record) for records in returns.values() for record in records if _is_bad(record)]
    settle_cases(events, pool, cases)
    replacements = group_by(originals, originals.get)
    for (order_ref, sku), of_item in group_by(events, lambda event: _get_place(event, originals)).items():
        settle(of_item, **pool.get_of_orders([order_ref, *replacements.get(order_ref, ())], sku))
    return events


def _get_place(event, originals):
    vals = event.facts.vals
    return originals.get(vals['order_ref'], vals['order_ref']), vals['sku']


def _read_originals(seller) -> dict:
    """Return the first orders of those that were replaced, by the order of each replacement: what comes back may name
    any of them.
    """
    replaced = {record.order_ref: record.original_order_ref for record in seller.env['amazon.replacement'].search(
        [('seller_id', '=', seller.id), ('original_order_ref', '!=', False)])}
    originals = {}
    for order_ref in replaced:
        passed = [order_ref]
        while replaced.get(passed[-1], passed[0]) not in passed:
            passed.append(replaced[passed[-1]])
        if passed[1:]:
            originals[order_ref] = passed[-1]
    return originals


class Owed(NamedTuple):
    """Units that a buyer has without having paid for them, by a refund or a replacement; `entry` has the values of an
    `amazon.claim.evidence`.
    """

    date: datetime.date
    units: int
    entry: dict


def _read_owed(seller, originals) -> dict:
    """Return the refunds and the replacements of orders that Amazon fulfilled by order and SKU (`Owed`)."""
    owed = {}
    for (order_ref, sku), refunds in _read_refunds(seller).items():
        owed.setdefault((originals.get(order_ref, order_ref), sku), []).extend(
            _make_refunded(transaction, units) for transaction, units in refunds)
    since = (datetime.datetime.now() - SCAN).date()
    for record in seller.env['amazon.replacement'].search([
            ('seller_id', '=', seller.id), ('original_order_ref', '!=', False), ('quantity', '>', 0),
            ('shipment_date', '>=', since)], order='shipment_date, id'):
        order_ref = originals.get(record.order_ref, record.original_order_ref)
        owed.setdefault((order_ref, record.sku), []).append(_make_replaced(record))
    return owed


def _make_refunded(transaction, units):
    date = transaction.posted_date.date()
    return Owed(date, units, {
        'kind': 'refund', 'date': date, 'quantity': units, 'reference': transaction.order_ref,
        'amount': transaction.buyer_amount, 'currency_id': transaction.currency_id.id})


def _make_replaced(record):
    return Owed(record.shipment_date, record.quantity, {
        'kind': 'replaced', 'date': record.shipment_date, 'quantity': record.quantity, 'reference': record.order_ref,
        'center': record.center, 'code': record.reason_id.code})


def _read_refunds(seller) -> dict:
    """Return the refunds of orders that Amazon fulfilled: pairs of transaction and units by order and SKU, in time."""
    since = datetime.datetime.now() - SCAN
    retaining, plan = seller._get_retaining(), LedgerPlan(seller)
    transactions = seller.env['amazon.transaction'].search([
        ('seller_id', '=', seller.id), ('transaction_type', '=ilike', 'refund'), ('posted_date', '>=', since),
        ('sale_order_id.amazon_channel', '=', 'fba')], order='posted_date, id')
    refunds = {}
    for transaction in transactions:
        for item in _read_items(transaction, retaining):
            if item.sku and item.goods + item.tax < 0:
                refunds.setdefault((transaction.order_ref, item.sku), []).append((transaction, max(item.quantity, 1)))
    plan.learn_products({sku for _order_ref, sku in refunds}, set())
    return {key: _cap(found, plan.find_products(key[1], '')) for key, found in refunds.items()}


def _read_items(transaction, retaining):
    try:
        return read_transaction(transaction.payload, retaining).items
    except ShapeError:
        # Its own record says what is wrong with it.
        return ()


def _cap(refunds, products):
    """Return refunds with no more units than were sold: one unit may be refunded in parts."""
    if len(products) != 1:
        return refunds
    (product, pack), = products
    lines = refunds[0][0].sale_order_id.order_line.filtered(lambda line: line.product_id.id == product)
    left, capped = math.ceil(sum(lines.mapped('product_uom_qty')) / pack), []
    for transaction, units in refunds:
        capped.append((transaction, min(units, left)))
        left -= capped[-1][1]
    return [entry for entry in capped if entry[1]] or refunds[:1]


def _make_owed_event(key, owed, returns):
    order_ref, sku = key
    vals = {'kind': 'return', 'sku': sku, 'fnsku': '', 'order_ref': order_ref, 'reference': order_ref}
    event = Event(('return', order_ref, sku), max(part.date for part in owed), sum(part.units for part in owed),
                  Facts(vals, [part.entry for part in owed], 'return'))
    for record in returns:
        units = min(record.quantity, event.open_units)
        if units > 0:
            event.uses.append(Use(Supply(record.date, 0, record), units, FOUND))
    return event


def _is_bad(record):
    return record.disposition in DAMAGED or (record.reason_id.code or '').upper() == EXCHANGED


def _make_bad_event(record):
    date = record.date
    vals = {'kind': 'return_bad', 'sku': record.sku or '', 'fnsku': record.fnsku or '', 'order_ref': record.order_ref,
            'reference': record.license_plate or record.order_ref, 'disposition': record.disposition or '',
            'center': record.center or ''}
    evidence = [{'kind': 'returned', 'date': date, 'quantity': record.quantity, 'center': record.center,
                 'reference': record.license_plate or record.order_ref, 'return_id': record.id}]
    key = ('return_bad', record.order_ref, record.sku, record.license_plate or (date, record.number))
    return Event(key, date, record.quantity, Facts(vals, evidence, 'return'))


# === SHIPMENTS TO AMAZON === #

def find_inbound(pool, cases) -> list:
    """Return units that were sent to Amazon and not received, of shipments that are over (rule 6); the reimbursements
    name no shipment, so what was paid for a SKU settles the earliest.
    """
    since = datetime.datetime.now() - SCAN
    inbounds = pool.env['amazon.inbound'].search([
        ('seller_id', '=', pool.seller.id), '|', ('create_date', '>=', since), ('last_receipt', '>=', since.date())])
    claims = pool.env['amazon.claim'].search(
        [('seller_id', '=', pool.seller.id), ('kind', '=', 'inbound')], order='id')
    known = {(claim.reference, claim.product_id.id, claim.sku or ''): claim for claim in reversed(claims)}
    claimed = {item for item, claim in known.items() if claim.state in CLAIMED}
    waiting, events = _find_unbooked(inbounds), []
    for inbound, found in find_short(inbounds, claimed).items():
        for short in found:
            claim = _find_claim(known, inbound, short)
            if claim or inbound.shipment_ref not in waiting:
                events.append(_make_inbound_event(inbound, short, claim))
    settle_cases(events, pool, cases)
    for item, of_item in group_by(events, lambda event: event.facts.vals['sku'] or event.facts.vals['fnsku']).items():
        settle(of_item, **pool.get('inbound', item))
    return events


def _find_unbooked(inbounds):
    """Return the numbers of those shipments of which Amazon's ledger has received something that is not booked yet: it
    is not known what they lack.
    """
    found = inbounds.env['amazon.ledger.line']._read_group(
        [('seller_id', 'in', inbounds.seller_id.ids), ('reference', 'in', inbounds.mapped('shipment_ref')),
         ('obstacle', '!=', False)], ['reference'])
    return {reference for (reference,) in found}


def _find_claim(known, inbound, short):
    """Return the claim of what is missing under a SKU, whichever SKU of its product comes first today."""
    item = inbound.shipment_ref, short.product.id
    return known.get((*item, short.listing.sku or '')) or short.is_first and known.get((*item, '')) or None


def _make_inbound_event(inbound, short, claim):
    listing, product = short.listing, short.product
    pack = listing.pack_quantity or 1
    sent, missing = (math.ceil(round(pieces / pack, 4)) for pieces in (short.sent, short.missing))
    date = inbound._find_last_movement() or inbound.create_date.date()
    vals = {'kind': 'inbound', 'sku': listing.sku or '', 'fnsku': listing.fnsku or '', 'asin': listing.asin or '',
            'reference': inbound.shipment_ref, 'inbound_id': inbound.id, 'center': inbound.center or '',
            'country_code': inbound.country_id.code or '', 'product_id': product.id, 'pack_quantity': pack}
    evidence = [{'kind': 'shipped', 'date': date, 'quantity': sent, 'reference': inbound.shipment_ref}]
    if sent > missing:
        evidence.append({'kind': 'received', 'date': inbound.last_receipt or date, 'quantity': sent - missing,
                         'reference': inbound.shipment_ref})
    key = (claim.key,) if claim else ('inbound', inbound.shipment_ref, product.id, listing.sku)
    # Amazon may have paid before it received the rest.
    return Event(key, date, missing, Facts(vals, evidence, 'inbound', is_due=inbound.is_closed),
                 since=min(inbound._get_sent_days(), default=date))
