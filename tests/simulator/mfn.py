"""Merchant Fulfillment v0: services, shipments and additional inputs of `buy_shipping`."""

import base64
import gzip
import hashlib

from . import buy_shipping
from .clock import format_time
from .labels import CONTENT_TYPES, HEIGHT, WIDTH
from .orders import Refused
from .shipping import benefits

GRAMS = {'g': 1, 'oz': 28.349523125}
FORMATS = {'PDF': 'PDF', 'PNG': 'PNG', 'ZPL203': 'ZPL'}


def get_eligible_shipment_services(state, seller, query, body) -> tuple[int, dict]:
    details = body['ShipmentRequestDetails']
    order, parcel = _read(state, seller, details)
    offers = buy_shipping.make_offers(state, seller, order, parcel)
    rejected = [] if offers else [{
        'CarrierName': service['carrier_name'], 'ShippingServiceName': service['name'],
        'ShippingServiceId': service['service'],
        'RejectionReasonCode': 'WEIGHT_LIMIT', 'RejectionReasonMessage': "The parcel is too heavy."}
        for service in buy_shipping.SERVICES]
    return 200, {'payload': {'ShippingServiceList': [_render(state, offer, details) for offer in offers],
                             'RejectedShippingServiceList': rejected}}


def _read(state, seller, details):
    order = buy_shipping.find_order(state, seller, details['AmazonOrderId'])
    items = [(item['OrderItemId'], item['Quantity']) for item in details['ItemList']]
    buy_shipping.check_items(order, items)
    if details['Weight']['Value'] <= 0 or min(details['PackageDimensions'].get(side, 0)
                                              for side in ('Length', 'Width', 'Height')) <= 0:
        raise Refused(400, 'InvalidInput', "Weight and dimensions must be above zero.")
    market = next(entry['marketplace'] for entry in seller.marketplaces
                  if entry['marketplace']['id'] == order['salesChannel']['marketplaceId'])
    return order, {'grams': details['Weight']['Value'] * GRAMS[details['Weight']['Unit']],
                   'currency': market['defaultCurrencyCode'], 'items': items}


def _render(state, offer, details):
    charge, late = {'CurrencyCode': offer['parcel']['currency'], 'Amount': offer['price']}, format_time(
        offer['arrives'])
    return {
        'ShippingServiceName': offer['name'], 'CarrierName': offer['carrier_name'],
        'ShippingServiceId': offer['service'],
        'ShippingServiceOfferId': offer['id'], 'ShipDate': format_time(state.now()),
        'EarliestEstimatedDeliveryDate': late,
        'LatestEstimatedDeliveryDate': late, 'Rate': charge, 'RateWithAdjustments': charge,
        'ShippingServiceOptions': {key: details['ShippingServiceOptions'][key]
                                   for key in ('DeliveryExperience', 'CarrierWillPickUp')},
        'AvailableLabelFormats': list(FORMATS), 'RequiresAdditionalSellerInputs': bool(offer.get('inputs')),
        'Benefits': _benefits(offer),
    }


def _benefits(offer):
    shown = benefits(offer)
    return {'IncludedBenefits': shown['includedBenefits'], 'ExcludedBenefits': [
        {'Benefit': entry['benefit'], 'ReasonCodes': entry['reasonCodes']} for entry in shown['excludedBenefits']]}


def get_additional_seller_inputs(state, seller, query, body) -> tuple[int, dict]:
    buy_shipping.find_order(state, seller, body['OrderId'])
    service = next((service for service in buy_shipping.SERVICES if service['service'] == body['ShippingServiceId']),
                   None)
    if service is None:
        raise Refused(400, 'InvalidInput', "The shipping service does not exist.")
    fields = [{'AdditionalInputFieldName': 'contents', 'SellerInputDefinition': {
        'IsRequired': True, 'DataType': 'String', 'Constraints': [], 'InputDisplayText': "What is inside",
        'InputTarget': 'SHIPMENT_LEVEL',
        'StoredValue': {'DataType': 'String', 'ValueAsString': ''}, 'RestrictedSetValues': buy_shipping.CONTENTS}}]
    return 200, {'payload': {'ShipmentLevelFields': fields if service.get('inputs') else [], 'ItemLevelFieldsList': []}}


def create_shipment(state, seller, query, body) -> tuple[int, dict]:
    offer = buy_shipping.find_offer(state, seller, body.get('ShippingServiceOfferId'))
    form = body['ShipmentRequestDetails']['ShippingServiceOptions'].get('LabelFormat', 'PDF')
    inputs = {entry['AdditionalInputFieldName']: entry['AdditionalSellerInput'].get('ValueAsString')
              for entry in body.get('ShipmentLevelSellerInputsList', [])}
    sold = buy_shipping.buy(state, seller, offer, FORMATS.get(form, form), inputs)
    sold['details'] = body['ShipmentRequestDetails']
    return 200, {'payload': _show(state, sold)}


def get_shipment(state, seller, query, shipment_id) -> tuple[int, dict]:
    return 200, {'payload': _show(state, buy_shipping.find_sold(state, seller, shipment_id))}


def cancel_shipment(state, seller, query, shipment_id) -> tuple[int, dict]:
    return 200, {'payload': _show(state, buy_shipping.cancel(state, seller, shipment_id))}


def _show(state, sold):
    details, offer = sold['details'], sold['offer']
    content = base64.b64decode(sold['label'])
    address = state.orders[offer['order']]['recipient']['deliveryAddress']
    return {
        'ShipmentId': sold['id'], 'AmazonOrderId': offer['order'], 'ItemList': details['ItemList'],
        'ShipFromAddress': details['ShipFromAddress'],
        'ShipToAddress': {'Name': address.get('name', '')[:30], 'AddressLine1': address.get('addressLine1', ''),
                          'City': address.get('city', '')[:30],
                          'PostalCode': address.get('postalCode', ''), 'CountryCode': address['countryCode'],
                          'Email': 'x@example.com', 'Phone': '1'},
        'PackageDimensions': details['PackageDimensions'], 'Weight': details['Weight'],
        'Insurance': {'CurrencyCode': offer['parcel']['currency'], 'Amount': 0},
        'ShippingService': _render(state, offer, details),
        'Label': {'Dimensions': {'Length': HEIGHT, 'Width': WIDTH, 'Unit': 'inches'}, 'FileContents': {
            'Contents': base64.b64encode(gzip.compress(content)).decode(), 'FileType': CONTENT_TYPES[sold['format']],
            'Checksum': base64.b64encode(hashlib.md5(content, usedforsecurity=False).digest()).decode()}},
        'Status': sold['status'], 'TrackingId': sold['tracking'], 'CreatedDate': format_time(sold['created']),
    }
