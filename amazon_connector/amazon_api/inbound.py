"""Shipments to Amazon: `InboundShipmentInfo` and `InboundShipmentItem` of fulfillmentInbound v0, and `Shipment` of
2024-03-20, which knows those that version 0 does not show.
"""

from typing import NamedTuple

from .shapes import COUNT, TEXT, needed, read, read_list

SHIPMENT = {'ShipmentId': needed(TEXT), 'ShipmentName': TEXT, 'DestinationFulfillmentCenterId': TEXT,
            'ShipmentStatus': TEXT}
ITEM = {'SellerSKU': needed(TEXT), 'FulfillmentNetworkSKU': TEXT, 'QuantityShipped': needed(COUNT),
        'QuantityReceived': COUNT}
PLAN = {'inboundPlanId': needed(TEXT), 'name': TEXT, 'status': TEXT}
PLAN_SHIPMENTS = {'shipments': [{'shipmentId': needed(TEXT), 'status': TEXT}]}
PLANNED = {'shipmentConfirmationId': TEXT, 'name': TEXT, 'status': TEXT, 'destination': {'warehouseId': TEXT}}
# Amazon receives nothing more of these; the others are under way, or not sent yet.
CLOSED, VOIDED = ('CLOSED',), ('CANCELLED', 'DELETED', 'ABANDONED')
UNDER_WAY = ('SHIPPED', 'IN_TRANSIT', 'DELIVERED', 'CHECKED_IN', 'RECEIVING')
OPEN = ('WORKING', 'READY_TO_SHIP', *UNDER_WAY)
MAX_TEXT = 200


class InboundShipment(NamedTuple):
    """A shipment to Amazon; '' for what Amazon does not state. `ref` is its id (FBA…), '' as long as it has none."""

    ref: str
    name: str
    center: str
    status: str


class InboundItem(NamedTuple):
    """Units of a SKU in a shipment: what the seller has sent by its declaration, and what Amazon has received, None
    where it does not say.
    """

    sku: str
    fnsku: str
    shipped: int
    received: int | None


def read_entries(payload, name: str) -> list:
    """Return a list of a reply with its entries unchecked; none where Amazon names no list.

    Replies of version 0 come with or without their envelope `payload`.

    :raises ShapeError: the reply is of another form
    """
    inner = payload.get('payload') if isinstance(payload, dict) else None
    return read_list(inner if isinstance(inner, dict) else payload, name)


def read_shipment(entry) -> InboundShipment:
    """Return an `InboundShipmentInfo`.

    :raises ShapeError: it has another form than Amazon's model describes
    """
    known = read(entry, needed(SHIPMENT), 'shipment', 'shipments')
    return InboundShipment(known['ShipmentId'][:MAX_TEXT], known.get('ShipmentName', '')[:MAX_TEXT],
                           known.get('DestinationFulfillmentCenterId', '')[:MAX_TEXT],
                           known.get('ShipmentStatus', '')[:MAX_TEXT])


def read_item(entry) -> InboundItem:
    """Return an `InboundShipmentItem`.

    :raises ShapeError: it has another form than Amazon's model describes
    """
    known = read(entry, needed(ITEM), 'item', 'items')
    return InboundItem(known['SellerSKU'], known.get('FulfillmentNetworkSKU', ''), known['QuantityShipped'],
                       known.get('QuantityReceived'))


def read_plan(entry) -> str:
    """Return the id of an `InboundPlanSummary`.

    :raises ShapeError: it has another form than Amazon's model describes
    """
    return read(entry, needed(PLAN), 'plan', 'plans')['inboundPlanId']


def read_plan_shipments(payload) -> list:
    """Return the ids of the shipments of an `InboundPlan`.

    :raises ShapeError: it has another form than Amazon's model describes
    """
    known = read(payload, needed(PLAN_SHIPMENTS), 'plan', 'plan')
    return [entry['shipmentId'] for entry in known.get('shipments') or []]


def read_planned(payload) -> InboundShipment:
    """Return a `Shipment` of 2024-03-20.

    :raises ShapeError: it has another form than Amazon's model describes
    """
    known = read(payload, needed(PLANNED), 'shipment', 'shipment')
    return InboundShipment(known.get('shipmentConfirmationId', '')[:MAX_TEXT], known.get('name', '')[:MAX_TEXT],
                           (known.get('destination') or {}).get('warehouseId', '')[:MAX_TEXT],
                           known.get('status', '')[:MAX_TEXT])
