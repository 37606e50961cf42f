"""What a seller does in a simulated year: his products, the shipments that he sends to Amazon, and the parcels that he
receives.
"""

import collections
from decimal import Decimal

from .conftest import EUROS

# So many are made in one call.
AT_ONCE = 20


def make_products(system, skus, costs):
    """Make a product and a listing of each SKU; return the ids of the products by SKU.

    :param dict costs: SKU -> what a unit costs, in euros
    """
    market, = system.call('amazon.seller.marketplace', 'search', [('country_id.code', '=', 'DE')])
    products = dict(zip(skus, system.call('product.product', 'create', [
        {'name': sku, 'default_code': sku, 'is_storable': True,
         'standard_price': float(round(Decimal(costs[sku]) / Decimal(str(EUROS)), 2))} for sku in skus]), strict=True))
    system.call('amazon.listing', 'create', [
        {'marketplace_id': market, 'sku': sku, 'product_id': product} for sku, product in products.items()])
    return products


def pass_day(system):
    """Let the hours between two requests of the same report pass; what is listed for sale is requested by its job."""
    system.control('fba/rest', {})
    reports = system.call('amazon.report', 'search', [('report_type', 'not like', 'LISTINGS')])
    system.update('amazon_report', reports, create_date='2026-01-01')


def split(entries):
    return [entries[start:start + AT_ONCE] for start in range(0, len(entries), AT_ONCE)]


# === TO AMAZON === #

def send_shipments(system, seller, products):
    """Send by transfers all that was sent to Amazon, each on its day."""
    shipments = collections.defaultdict(list)
    for row in system.control('fba?seller=eu')['inbound']:
        shipments[row['reference']].append(row)
    kind, = system.call('stock.picking.type', 'search_read', [('amazon_seller_id', '=', seller)],
                        ['default_location_src_id', 'default_location_dest_id'], limit=1)
    source, target = (kind[name][0] for name in ('default_location_src_id', 'default_location_dest_id'))
    _fill_warehouse(system, shipments, products, source)
    inbounds = _make_inbounds(system, seller, list(shipments))
    pickings = {}
    for refs in split(list(shipments)):
        made = system.call('stock.picking', 'create', [{
            'picking_type_id': kind['id'], 'location_id': source, 'location_dest_id': target,
            'amazon_inbound_id': inbounds[ref], 'move_ids': [(0, 0, {
                'product_id': products[row['sku']], 'product_uom_qty': row['shipped'], 'location_id': source,
                'location_dest_id': target}) for row in shipments[ref]]} for ref in refs])
        system.call('stock.picking', 'action_confirm', made)
        system.call('stock.picking', 'button_validate', made)
        pickings.update(zip(refs, made, strict=True))
    days = collections.defaultdict(list)
    for ref, picking in pickings.items():
        days[shipments[ref][0]['sent']].append(picking)
    for day, sent in days.items():
        system.update('stock_picking', sent, date_done=f'{day} 12:00:00')


def _fill_warehouse(system, shipments, products, location):
    needed = collections.Counter()
    for rows in shipments.values():
        for row in rows:
            needed[row['sku']] += row['shipped']
    system.call('stock.quant', 'create', [
        {'product_id': products[sku], 'location_id': location, 'inventory_quantity_auto_apply': units}
        for sku, units in needed.items()], context={'inventory_mode': True})


def _make_inbounds(system, seller, refs):
    """Return the shipments to Amazon by Amazon's number; the job may have made some of them."""
    def read():
        return {row['shipment_ref']: row['id'] for row in system.call(
            'amazon.inbound', 'search_read', [('shipment_ref', 'in', refs)], ['shipment_ref'])}
    known = read()
    system.call('amazon.inbound', 'create', [
        {'shipment_ref': ref, 'seller_id': seller} for ref in refs if ref not in known])
    return read()


# === FROM AMAZON === #

def receive_parcels(system):
    """Receive what reached the seller of the parcels of removal orders; of some units are missing, others never came.
    """
    arrived = {(row['tracking'], row['sku']): row for row in system.control('fba?seller=eu')['parcels']}
    parcels = {row['id']: row['tracking_ref'] for row in system.call(
        'amazon.removal.parcel', 'search_read', [('state', '=', 'waiting')], ['tracking_ref'])}
    pickings = {row['id']: parcels[row['amazon_parcel_id'][0]] for row in system.call(
        'stock.picking', 'search_read', [('amazon_parcel_id', 'in', list(parcels)), ('state', '=', 'assigned')],
        ['amazon_parcel_id'])}
    came = {tracking: row for (tracking, _sku), row in arrived.items() if row['arrived']}
    there = [picking for picking, tracking in pickings.items() if tracking in came]
    for move in system.call('stock.move', 'search_read', [('picking_id', 'in', there)], ['picking_id']):
        row = came[pickings[move['picking_id'][0]]]
        if row['arrived'] < row['quantity']:
            system.call('stock.move', 'write', [move['id']], {'quantity': row['arrived']})
    for some in split(there):
        system.call('stock.picking', 'button_validate', some, context={
            'skip_backorder': True, 'picking_ids_not_to_backorder': some})
