"""`Order` objects of the Orders API 2026-01-01: reading them, and facts about an order."""

from .marketplaces import BY_COUNTRY
from .shapes import AMOUNT, COUNT, CURRENCY, TEXT, TIME, UNIQUE, AbsentError, ShapeError, needed, read, read_amount

PENDING = ('PENDING', 'PENDING_AVAILABILITY')
TO_SEND = ('UNSHIPPED', 'PARTIALLY_SHIPPED')
STATUSES = frozenset({*PENDING, *TO_SEND, 'SHIPPED', 'CANCELLED', 'UNFULFILLABLE'})
FULFILLED_BY = frozenset({'MERCHANT', 'AMAZON'})
NON_AMAZON = 'NON_AMAZON'
CHANNEL_NAMES = frozenset({'AMAZON', NON_AMAZON})
# An exchange may have a price, a replacement has none.
REPLACEMENT = 'REPLACEMENT_ORIGINAL_ID'

MONEY = {'amount': needed(AMOUNT), 'currencyCode': needed(CURRENCY)}
WINDOW = {'latestDateTime': TIME}
ADDRESS = {
    **dict.fromkeys((
        'name', 'companyName', 'addressLine1', 'addressLine2', 'addressLine3', 'city', 'districtOrCounty',
        'stateOrRegion', 'municipality', 'postalCode', 'countryCode', 'phone', 'addressType'), TEXT),
    'extendedFields': dict.fromkeys(('streetName', 'streetNumber', 'complement', 'neighborhood'), TEXT),
}
ITEM = {
    'orderItemId': needed(TEXT), 'quantityOrdered': needed(COUNT), 'programs': [TEXT],
    'product': needed({'sellerSku': TEXT, 'asin': TEXT, 'title': TEXT, 'serialNumbers': [TEXT]}),
    'proceeds': {'proceedsTotal': MONEY, 'breakdowns': [
        {'type': needed(TEXT), 'subtotal': needed(MONEY), 'detailedBreakdowns': [{'subtype': TEXT, 'value': MONEY}]}]},
    'promotion': {'breakdowns': [{'promotionId': TEXT}]},
    'fulfillment': {'quantityFulfilled': COUNT, 'packing': {'giftOption': {'giftMessage': TEXT}}},
    'tax': {'taxCollections': [{'model': TEXT}], 'taxCalculationBreakdowns': [{'reportingScheme': TEXT}]},
}
ORDER = {
    'orderId': needed(TEXT), 'createdTime': needed(TIME), 'lastUpdatedTime': needed(TIME), 'programs': [TEXT],
    'associatedOrders': [{'orderId': TEXT, 'associationType': TEXT}],
    'salesChannel': needed({'channelName': needed(CHANNEL_NAMES), 'marketplaceId': TEXT}),
    'buyer': dict.fromkeys(('buyerName', 'buyerEmail', 'buyerCompanyName', 'buyerPurchaseOrderNumber'), TEXT),
    'recipient': {'deliveryAddress': ADDRESS},
    # The owner of a tax number must be stated: the seller's own would make the buyer a business.
    'tax': {'taxRegistrations': [{
        'entityType': needed(TEXT), 'taxRegistrationType': TEXT, 'taxRegistrationNumber': TEXT,
        'taxRegistrationAddress': ADDRESS}]},
    'fulfillment': needed({
        'fulfillmentStatus': needed(STATUSES), 'fulfilledBy': needed(FULFILLED_BY), 'fulfillmentServiceLevel': TEXT,
        'shipByWindow': WINDOW, 'deliverByWindow': WINDOW}),
    'proceeds': {'grandTotal': MONEY, 'breakdowns': [{'type': needed(TEXT), 'subtotal': needed(MONEY)}]},
    'orderItems': needed([ITEM]),
}


def read_order(payload: dict) -> dict:
    """Return an `Order` in which all values that the connector uses are checked for their type and `null` is left out.

    :raises AbsentError: Amazon has not stated what every order must have
    :raises ShapeError: something is of another kind, or contradicts itself
    """
    order = read(payload, needed(ORDER), '')
    status, refs = order['fulfillment']['fulfillmentStatus'], set()
    for position, item in enumerate(order['orderItems'], 1):
        _check_item(item, f'orderItems {position}', refs, status)
    if not any(item['quantityOrdered'] for item in order['orderItems']) and status != 'CANCELLED':
        raise AbsentError('orderItems: quantityOrdered', 'quantityOrdered', COUNT)
    address = (order.get('recipient') or {}).get('deliveryAddress')
    if address and not address.get('countryCode') and status not in PENDING:
        raise AbsentError('recipient: deliveryAddress: countryCode', 'countryCode', TEXT)
    return order


def _check_item(item, path, refs, status):
    if item['orderItemId'] in refs:
        raise ShapeError(f'{path}: orderItemId', 'orderItemId', UNIQUE)
    refs.add(item['orderItemId'])
    if not item['product'].get('sellerSku') and not item['product'].get('asin'):
        raise AbsentError(f'{path}: product: sellerSku', 'sellerSku', TEXT)
    shipped = (item.get('fulfillment') or {}).get('quantityFulfilled')
    if shipped is None and status == 'PARTIALLY_SHIPPED':
        raise AbsentError(f'{path}: fulfillment: quantityFulfilled', 'quantityFulfilled', COUNT)
    if (shipped or 0) > item['quantityOrdered']:
        raise ShapeError(f'{path}: fulfillment: quantityFulfilled', 'quantityFulfilled', COUNT, str(shipped))


def is_foreign(payload) -> bool:
    """Return whether an `Order` was not placed at Amazon, which only ships it (multi-channel fulfilment), however
    damaged it is.
    """
    channel = payload.get('salesChannel') if isinstance(payload, dict) else None
    name = channel.get('channelName') if isinstance(channel, dict) else None
    # The marketplace's name is spelled "Non-Amazon", and in older versions of the API so was the channel's.
    return isinstance(name, str) and name.strip().upper().replace('-', '_').replace(' ', '_') == NON_AMAZON


def has_street(order: dict) -> bool:
    """Return whether an `Order` names a street to deliver to; city, postcode and country come without the role for
    personal data, too.
    """
    address = (order.get('recipient') or {}).get('deliveryAddress') or {}
    lines = [address.get(f'addressLine{number}') for number in (1, 2, 3)] + [
        (address.get('extendedFields') or {}).get('streetName')]
    return any((line or '').strip() for line in lines)


def is_to_send(order: dict) -> bool:
    """Return whether an `Order` is paid and the merchant still has to send goods of it."""
    fulfillment = order.get('fulfillment') or {}
    return fulfillment.get('fulfilledBy') == 'MERCHANT' and fulfillment.get('fulfillmentStatus') in TO_SEND


def has_tax_to_explain(order: dict) -> bool:
    """Return whether an `Order` has tax of which Amazon always states who collects it: sales tax in the United States.
    """
    american = (order.get('salesChannel') or {}).get('marketplaceId') == BY_COUNTRY['US'].id
    return american and any(
        part.get('type') == 'TAX' and read_amount((part.get('subtotal') or {}).get('amount', '0'))
        for item in order.get('orderItems') or [] for part in (item.get('proceeds') or {}).get('breakdowns') or [])


def has_tax_data(order: dict) -> bool:
    """Return whether an `Order` has any of the data that Amazon states to applications with a tax role only."""
    return bool(order.get('tax')) or any(item.get('tax') for item in order.get('orderItems') or [])


def find_replaced(order: dict) -> str | None:
    """Return the id of the order that this one replaces free of charge: empty if Amazon does not name it, None for no
    replacement.
    """
    for entry in order.get('associatedOrders') or []:
        if entry.get('associationType') == REPLACEMENT:
            return entry.get('orderId') or ''
    return None


def count_shipped(order: dict) -> dict:
    """Return the shipped units by order item id: all of a shipped order, unless Amazon states other quantities."""
    everything = order['fulfillment']['fulfillmentStatus'] == 'SHIPPED'
    shipped = {}
    for item in order['orderItems']:
        stated = (item.get('fulfillment') or {}).get('quantityFulfilled')
        shipped[item['orderItemId']] = stated if stated is not None else item['quantityOrdered'] if everything else 0
    return shipped
