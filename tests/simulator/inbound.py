"""Shipments to Amazon: fulfillmentInbound v0 with what was received, 2024-03-20 with plans and their shipments."""

import secrets
import uuid

from amazon_api.marketplaces import BY_COUNTRY

from .clock import format_time, parse_time
from .fba import world
from .fba_stock import get_status
from .orders import Refused

PAGE = 50
# Version 0 has no words for these.
SHOWN = {'READY_TO_SHIP': 'WORKING', 'MIXED': 'WORKING', 'ABANDONED': 'CANCELLED'}
HIDDEN = ('', 'UNCONFIRMED')
VOIDED = ('CANCELLED', 'DELETED', 'ABANDONED')
FROM = {'name': "Demo Store", 'addressLine1': "Lagerstrasse 1", 'city': "Berlin", 'postalCode': '10115',
        'countryCode': 'DE'}


# === VERSION 0 === #

def get_shipments(state, seller, query) -> tuple[int, dict]:
    """`getShipments`: by status or id, or by the time of the last change, in pages."""
    if query['QueryType'] == 'NEXT_TOKEN':
        if query.get('NextToken') not in state.report_tokens:
            raise Refused(400, 'InvalidInput', "NextToken is unknown or used.")
        found = state.report_tokens.pop(query['NextToken'])
    else:
        found = [_shipment(plan, seller_world) for seller_world, plan in _find_plans(state, seller, query)]
    body = {'ShipmentData': found[:PAGE]}
    if found[PAGE:]:
        body['NextToken'] = secrets.token_urlsafe(8)
        state.report_tokens[body['NextToken']] = found[PAGE:]
    return 200, {'payload': body}


def _find_plans(state, seller, query):
    """Yield the world and each plan that a query is for: those that are kept in the country of its marketplace."""
    seller_world = world(state, seller)
    now = seller_world.now()
    statuses, refs = (set(query[name].split(',')) if query.get(name) else None
                      for name in ('ShipmentStatusList', 'ShipmentIdList'))
    times = [query.get('LastUpdatedAfter'), query.get('LastUpdatedBefore')]
    if query['QueryType'] == 'SHIPMENT' and not statuses and not refs:
        raise Refused(400, 'InvalidInput', "ShipmentStatusList or ShipmentIdList is required with QueryType SHIPMENT.")
    if query['QueryType'] == 'DATE_RANGE' and not all(times):
        raise Refused(400, 'InvalidInput',
                      "LastUpdatedAfter and LastUpdatedBefore are required with QueryType DATE_RANGE.")
    for plan in seller_world.plans.values():
        status = get_status(plan, now)
        if status in HIDDEN or query['MarketplaceId'] != _marketplace(seller_world, plan):
            continue
        if query['QueryType'] == 'SHIPMENT':
            wanted = (not statuses or status in statuses) and (not refs or plan['reference'] in refs)
        else:
            wanted = parse_time(times[0]) <= _updated(seller_world, plan) <= parse_time(times[1])
        if wanted:
            yield seller_world, plan


def _marketplace(seller_world, plan):
    country = seller_world.centers[plan['center']]
    return BY_COUNTRY.get(country, seller_world.home).id


def _updated(seller_world, plan):
    now, changes = seller_world.now(), [*plan['updated'], *(at for at, _sku, _quantity in plan['received'])]
    return seller_world.utc(max(at for at in changes if at <= now))


def _shipment(plan, seller_world):
    status = get_status(plan, seller_world.now())
    return {
        'ShipmentId': plan['reference'], 'ShipmentName': plan['name'], 'DestinationFulfillmentCenterId': plan['center'],
        'ShipmentStatus': SHOWN.get(status, status), 'LabelPrepType': 'SELLER_LABEL', 'AreCasesRequired': False,
        'BoxContentsSource': 'INTERACTIVE', 'ShipFromAddress': {
            'Name': FROM['name'], 'AddressLine1': FROM['addressLine1'], 'City': FROM['city'],
            'PostalCode': FROM['postalCode'], 'CountryCode': FROM['countryCode'], 'StateOrProvinceCode': 'BE'}}


def get_shipment_items(state, seller, query, shipment_id) -> tuple[int, dict]:
    """`getShipmentItemsByShipmentId`: what was sent and what was received so far, by SKU."""
    seller_world = world(state, seller)
    plan, now = seller_world.plans.get(shipment_id), seller_world.now()
    if plan is None or get_status(plan, now) in HIDDEN:
        raise Refused(404, 'NotFound', f"Shipment {shipment_id} was not found")
    sent, received = {}, {}
    for row in plan['items']:
        sent[row['sku']] = sent.get(row['sku'], 0) + row['quantity']
    for at, sku, quantity in plan['received']:
        if at <= now:
            received[sku] = received.get(sku, 0) + quantity
    return 200, {'payload': {'ItemData': [{
        'ShipmentId': shipment_id, 'SellerSKU': sku, 'FulfillmentNetworkSKU': seller_world.item(sku).fnsku,
        'QuantityShipped': sent.get(sku, 0), 'QuantityReceived': received.get(sku, 0), 'QuantityInCase': 0}
        for sku in dict.fromkeys([*sent, *received])]}}


# === VERSION 2024-03-20 === #

def list_inbound_plans(state, seller, query) -> tuple[int, dict]:
    """`listInboundPlans`: summaries, those of Amazon's warehousing service, too, in pages."""
    seller_world = world(state, seller)
    found = [_plan(seller_world, ref, plans) for ref, plans in _group(seller_world).items()]
    found = [plan for plan in found if plan['status'] == query.get('status', plan['status'])]
    key = 'createdAt' if query.get('sortBy') == 'CREATION_TIME' else 'lastUpdatedAt'
    found.sort(key=lambda plan: plan[key], reverse=query.get('sortOrder', 'DESC') == 'DESC')
    return 200, _page(query, 'inboundPlans', found)


def get_inbound_plan(state, seller, query, plan_id) -> tuple[int, dict]:
    """`getInboundPlan`; one of Amazon's warehousing service is refused although it is listed."""
    seller_world, ref, plans = _get_plan(state, seller, plan_id)
    if any(plan['awd'] for plan in plans):
        raise Refused(400, 'BadRequest', "The inbound plan is not supported by this API.")
    now = seller_world.now()
    return 200, {**_plan(seller_world, ref, plans), 'packingOptions': [], 'placementOptions': [
        {'placementOptionId': _uid('pl', ref), 'status': 'ACCEPTED'}], 'shipments': [
            {'shipmentId': _uid('sh', plan['reference']), 'status': get_status(plan, now)} for plan in plans]}


def get_shipment(state, seller, query, plan_id, shipment_id) -> tuple[int, dict]:
    """`getShipment` of 2024-03-20: it leads to the shipment's confirmed id (FBA…)."""
    seller_world, ref, plan = _get_shipment(state, seller, plan_id, shipment_id)
    status = get_status(plan, seller_world.now())
    return 200, {
        'shipmentId': shipment_id, 'name': plan['name'], 'placementOptionId': _uid('pl', ref), 'status': status,
        'source': {'sourceType': 'SELLER_FACILITY', 'address': FROM},
        'destination': {'destinationType': 'AMAZON_WAREHOUSE', 'warehouseId': plan['center']},
        **({} if status == 'UNCONFIRMED' else {'shipmentConfirmationId': plan['reference']})}


def list_shipment_items(state, seller, query, plan_id, shipment_id) -> tuple[int, dict]:
    """`listShipmentItems`: what was sent, with lots and expiration dates; what was received is not in this version."""
    _world, _ref, plan = _get_shipment(state, seller, plan_id, shipment_id)
    return 200, _page(query, 'items', [{
        'msku': row['sku'], 'fnsku': row['item'].fnsku, 'asin': row['item'].asin, 'quantity': row['quantity'],
        'labelOwner': 'SELLER', 'prepInstructions': [],
        **({'expiration': row['expiration'].isoformat()} if 'expiration' in row else {}),
        **({'manufacturingLotCode': row['lot']} if 'lot' in row else {})} for row in plan['items']])


def _group(seller_world):
    """Return the shipments that there are by now by the name of their plan."""
    now, groups = seller_world.now(), {}
    for plan in seller_world.plans.values():
        if get_status(plan, now):
            groups.setdefault(plan['plan_ref'], []).append(plan)
    return groups


def _get_plan(state, seller, plan_id):
    seller_world = world(state, seller)
    for ref, plans in _group(seller_world).items():
        if _uid('wf', ref) == plan_id:
            return seller_world, ref, plans
    raise Refused(404, 'NotFound', f"Inbound plan {plan_id} was not found")


def _get_shipment(state, seller, plan_id, shipment_id):
    seller_world, ref, plans = _get_plan(state, seller, plan_id)
    for plan in plans:
        if _uid('sh', plan['reference']) == shipment_id:
            return seller_world, ref, plan
    raise Refused(404, 'NotFound', f"Shipment {shipment_id} was not found")


def _plan(seller_world, ref, plans):
    now = seller_world.now()
    statuses = {get_status(plan, now) for plan in plans}
    status = 'VOIDED' if statuses <= set(VOIDED) else 'ACTIVE' if statuses & {
        'UNCONFIRMED', 'WORKING', 'READY_TO_SHIP'} else 'SHIPPED'
    return {'inboundPlanId': _uid('wf', ref), 'name': ref[:40], 'status': status, 'sourceAddress': FROM,
            'marketplaceIds': list(dict.fromkeys(_marketplace(seller_world, plan) for plan in plans)),
            'createdAt': format_time(seller_world.utc(min(plan['created'] for plan in plans))),
            'lastUpdatedAt': format_time(max(_updated(seller_world, plan) for plan in plans))}


def _uid(prefix, name):
    """Return an id of 38 characters; the same name gets the same one."""
    return f"{prefix}{uuid.uuid5(uuid.NAMESPACE_OID, f'{prefix}/{name}')}"


def _page(query, name, entries):
    start, size = int(query.get('paginationToken') or 0), int(query.get('pageSize') or 10)
    body = {name: entries[start:start + size]}
    return {**body, 'pagination': {'nextToken': str(start + size)}} if entries[start + size:] else body
