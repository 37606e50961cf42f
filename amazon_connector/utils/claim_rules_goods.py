"""The rules for goods of customers and shipments to Amazon: refunded and not returned, sent and not received."""

import collections
import datetime
import math

from odoo.tools import float_is_zero

from ..amazon_api.shapes import ShapeError
from ..amazon_api.transactions import read_transaction
from .claim_match import FOUND, Event, Supply, Use, group_by, settle
from .claim_rules import SCAN, Facts, settle_cases
from .kits import count_units, find_parts
from .ledger_plan import LedgerPlan

# Conditions and reasons of returned goods that somebody else is to blame for.
DAMAGED, EXCHANGED = ('CUSTOMER_DAMAGED', 'CARRIER_DAMAGED'), 'SWITCHEROO'


# === RETURNS === #

def find_returns(pool, cases) -> list:
    """Return units that buyers were refunded for and that did not come back, or came back damaged or as something else
    (rule 4); what was paid for the order settles them.
    """
    seller = pool.seller
    refunds, originals = _read_refunds(seller), _read_originals(seller)
    returns = group_by(seller.env['amazon.return'].search(
        [('seller_id', '=', seller.id), ('channel', '=', 'fba'), ('order_ref', '!=', False)], order='date, id'),
        lambda record: (originals.get(record.order_ref, record.order_ref), record.sku))
    events = [_make_refund_event(key, found, returns.get(key, ())) for key, found in refunds.items()]
    events += [_make_bad_event(record) for records in returns.values() for record in records if _is_bad(record)]
    settle_cases(events, pool, cases)
    for (order_ref, sku), of_item in group_by(
            events, lambda event: (event.facts.vals['order_ref'], event.facts.vals['sku'])).items():
        settle(of_item, **pool.get_of_order(order_ref, sku))
    return events


def _read_originals(seller) -> dict:
    """Return the orders that were replaced, by the order of the replacement: what comes back may name either."""
    replacements = seller.env['amazon.replacement'].search(
        [('seller_id', '=', seller.id), ('original_order_ref', '!=', False)])
    return {replacement.order_ref: replacement.original_order_ref for replacement in replacements}


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


def _make_refund_event(key, refunds, returns):
    order_ref, sku = key
    last = refunds[-1][0]
    evidence = [{'kind': 'refund', 'date': transaction.posted_date.date(), 'quantity': units, 'reference': order_ref,
                 'amount': transaction.buyer_amount, 'currency_id': transaction.currency_id.id}
                for transaction, units in refunds]
    vals = {'kind': 'return', 'sku': sku, 'fnsku': '', 'order_ref': order_ref, 'reference': order_ref}
    event = Event(('return', order_ref, sku), last.posted_date.date(), sum(units for _refund, units in refunds),
                  Facts(vals, evidence, 'return'))
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
    seller = pool.seller
    inbounds = seller.env['amazon.inbound'].search([('seller_id', '=', seller.id)])
    events = [event for inbound, lines in group_by(_find_short(inbounds), lambda line: line.inbound_id).items()
              for event in _make_inbound_events(inbound, lines)]
    settle_cases(events, pool, cases)
    for item, of_item in group_by(events, lambda event: event.facts.vals['sku'] or event.facts.vals['fnsku']).items():
        settle(of_item, **pool.get('inbound', item))
    return events


def _find_short(inbounds):
    """Return the lines (`amazon.inbound.line`) of shipments that are over whose goods are missing, those that were
    written off in Odoo among them: Amazon owes for them all the same.
    """
    over = {missing.inbound for missing in inbounds._get_missing()}
    lines = inbounds.env['amazon.inbound.line'].search([('inbound_id', 'in', inbounds.ids)])
    return [line for line in lines if line.sent > line.received
            and (line.inbound_id in over or line.written_off > 0)]


def _make_inbound_events(inbound, lines):
    """Return the events of the goods of a shipment that came short: of whole kits where all components of one are
    missing, as Amazon knows nothing else, and of the products of what is left.
    """
    sent = collections.Counter({line.product_id: line.sent for line in lines})
    missing = collections.Counter({line.product_id: line.sent - line.received for line in lines})
    events = []
    for listing, parts in _find_kits(inbound).items():
        kits = math.floor(round(count_units(parts, missing), 4))
        if kits > 0:
            all_kits = math.floor(round(count_units(parts, sent), 4))
            events.append(_make_inbound_event(inbound, listing.product_id, listing, all_kits, kits))
            missing.subtract({part: need * kits for part, need in parts.items()})
    for product, pieces in missing.items():
        if not float_is_zero(max(pieces, 0), precision_rounding=product.uom_id.rounding):
            listing = _find_listing(product, inbound)
            events.append(_make_inbound_event(inbound, product, listing, sent[product], pieces))
    return events


def _make_inbound_event(inbound, product, listing, sent_pieces, missing_pieces):
    pack = listing.pack_quantity or 1
    sent, missing = (math.ceil(round(pieces / pack, 4)) for pieces in (sent_pieces, missing_pieces))
    date = max(filter(None, [*(picking.date_done.date() for picking in inbound.picking_ids if picking.date_done),
                             inbound.last_receipt]), default=inbound.create_date.date())
    vals = {'kind': 'inbound', 'sku': listing.sku or '', 'fnsku': listing.fnsku or '', 'asin': listing.asin or '',
            'reference': inbound.shipment_ref, 'inbound_id': inbound.id, 'center': inbound.center or '',
            'country_code': inbound.country_id.code or '', 'product_id': product.id, 'pack_quantity': pack}
    evidence = [{'kind': 'shipped', 'date': date, 'quantity': sent, 'reference': inbound.shipment_ref}]
    if sent > missing:
        evidence.append({'kind': 'received', 'date': inbound.last_receipt or date, 'quantity': sent - missing,
                         'reference': inbound.shipment_ref})
    return Event(('inbound', inbound.shipment_ref, product.id), date, missing,
                 Facts(vals, evidence, 'inbound', is_due=True))


def _find_kits(inbound) -> dict:
    """Return the listings of the kits that a shipment carries, or that Amazon names for it, with their components."""
    listings = inbound.env['amazon.listing'].search([
        ('seller_id', '=', inbound.seller_id.id), ('channel', '=', 'fba'),
        '|', ('sku', 'in', list(_find_skus(inbound))), ('product_id', 'in', _find_sent_kits(inbound).ids)], order='id')
    parts, found = find_parts(listings.product_id, inbound.company_id), {}
    for listing in listings:
        if parts.get(listing.product_id):
            found.setdefault(listing.product_id, listing)
    return {listing: parts[product] for product, listing in found.items()}


def _find_skus(inbound) -> set:
    """Return the SKUs of a shipment that Amazon names."""
    received = inbound.env['amazon.ledger.line'].search(
        [('seller_id', '=', inbound.seller_id.id), ('reference', '=', inbound.shipment_ref)])
    return {*inbound.item_ids.mapped('sku'), *filter(None, received.mapped('sku'))}


def _find_sent_kits(inbound):
    """Return the products that transfers have sent as components."""
    moves = inbound.picking_ids.move_ids
    if 'bom_line_id' not in moves._fields:
        return inbound.env['product.product']
    bills = moves.bom_line_id.bom_id
    return bills.product_id | bills.filtered(lambda bill: not bill.product_id).product_tmpl_id.product_variant_ids


def _find_listings(product, seller):
    return product.env['amazon.listing'].search(
        [('product_id', '=', product.id), ('seller_id', '=', seller.id), ('channel', '=', 'fba')], order='id')


def _find_listing(product, inbound):
    """Return the listing under which a product was sent; Amazon names the SKU where it tells of it."""
    listings = _find_listings(product, inbound.seller_id)
    named = set(inbound.item_ids.mapped('sku'))
    return (listings.filtered(lambda listing: listing.sku in named) or listings)[:1]
