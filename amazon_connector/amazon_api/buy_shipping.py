"""Buying labels for Amazon's orders: Shipping v2 where Amazon offers it, else Merchant Fulfillment v0, behind one face."""

import base64
import datetime
import gzip
from decimal import Decimal
from typing import NamedTuple

from .client import Client

# Countries that Shipping v2 serves, and Amazon's name for its business there.
BUSINESSES = {
    'US': 'AmazonShipping_US', 'IN': 'AmazonShipping_IN', 'GB': 'AmazonShipping_UK', 'AE': 'AmazonShipping_UAE', 'SA': 'AmazonShipping_SA',
    'EG': 'AmazonShipping_EG', 'IT': 'AmazonShipping_IT', 'ES': 'AmazonShipping_ES', 'FR': 'AmazonShipping_FR', 'JP': 'AmazonShipping_JP',
}
FILE_TYPES = {'application/pdf': 'PDF', 'image/png': 'PNG', 'application/zpl': 'ZPL'}


class Address(NamedTuple):
    """Where a parcel begins; `country` is the ISO 3166 code, what is missing is ''."""

    name: str
    street: str
    street2: str
    city: str
    state: str
    zip: str
    country: str
    email: str
    phone: str


class Parcel(NamedTuple):
    """One parcel of one order: `items` are pairs of order item id and quantity, `sides` length, width and height in centimetres."""

    order_ref: str
    items: list
    grams: float
    sides: tuple
    value: Decimal
    currency: str
    sender: Address


class Offer(NamedTuple):
    """What a carrier offers: `arrives` is the latest promised time of delivery (UTC, aware) or None, `handle` what buying it needs.

    `benefits` are Amazon's names of what protects the seller, `lacks` those that this offer lacks with their reasons.
    """

    service_ref: str
    service: str
    carrier_ref: str
    carrier: str
    price: Decimal
    currency: str
    arrives: datetime.datetime | None
    benefits: tuple
    lacks: dict
    formats: tuple
    needs_inputs: bool
    handle: dict


class Input(NamedTuple):
    """One thing that a carrier wants to know: `choices` is empty where any text will do."""

    name: str
    title: str
    required: bool
    choices: tuple


class Label(NamedTuple):
    """A label that was bought; `form` is PDF, PNG or ZPL."""

    shipment_ref: str
    tracking_number: str
    content: bytes
    form: str


def make_shop(client: Client, country: str) -> 'ShippingShop | MerchantFulfillmentShop':
    """Return where labels are bought for orders of a marketplace, by its ISO 3166 country."""
    business = BUSINESSES.get(country)
    return ShippingShop(client, business) if business else MerchantFulfillmentShop(client)


class ShippingShop:
    """Labels of Shipping v2. A purchase may be repeated: its key makes it happen once."""

    is_repeatable = True

    def __init__(self, client, business):
        self._client, self._business = client, business

    def get_offers(self, parcel: Parcel) -> tuple[list[Offer], list[str]]:
        """Return what is offered for a parcel, and why other services are not (`getRates`).

        :raises AmazonError: Amazon does not take the parcel
        """
        reply = self._client.call('getRates', {
            'shipFrom': _compact({
                'name': parcel.sender.name[:50], 'addressLine1': parcel.sender.street[:60], 'addressLine2': parcel.sender.street2[:60],
                'city': parcel.sender.city, 'postalCode': parcel.sender.zip, 'countryCode': parcel.sender.country, 'email': parcel.sender.email[:64],
                'phoneNumber': parcel.sender.phone[:20]}) | {'stateOrRegion': parcel.sender.state},
            'channelDetails': {'channelType': 'AMAZON', 'amazonOrderDetails': {'orderId': parcel.order_ref}},
            'packages': [{
                'dimensions': {**dict(zip(('length', 'width', 'height'), parcel.sides, strict=True)), 'unit': 'CENTIMETER'},
                'weight': {'value': parcel.grams, 'unit': 'GRAM'}, 'insuredValue': {'value': float(parcel.value), 'unit': parcel.currency},
                'packageClientReferenceId': '1', 'items': [{'itemIdentifier': ref, 'quantity': quantity} for ref, quantity in parcel.items],
            }],
        }, business=self._business).payload
        offers = [self._read_offer(rate, reply['requestToken']) for rate in reply['rates']]
        refusals = [f"{rate['carrierName']} {rate['serviceName']}: {' '.join(reason['message'] for reason in rate['ineligibilityReasons'])}"
                    for rate in reply.get('ineligibleRates') or []]
        return offers, refusals

    def _read_offer(self, rate, token):
        benefits = rate.get('benefits') or {}
        window = (rate['promise'].get('deliveryWindow') or {}).get('end')
        return Offer(
            rate['serviceId'], rate['serviceName'], rate['carrierId'], rate['carrierName'], Decimal(str(rate['totalCharge']['value'])),
            rate['totalCharge']['unit'], _read_time(window), tuple(benefits.get('includedBenefits') or ()),
            {entry['benefit']: entry.get('reasonCodes') or [] for entry in benefits.get('excludedBenefits') or []},
            tuple(dict.fromkeys(entry['format'] for entry in rate['supportedDocumentSpecifications'])), rate['requiresAdditionalInputs'],
            {'token': token, 'rate': rate['rateId'], 'documents': rate['supportedDocumentSpecifications']})

    def get_inputs(self, parcel: Parcel, offer: Offer) -> list[Input]:
        """Return what the carrier of an offer wants to know (`getAdditionalInputs`)."""
        schema = self._client.call('getAdditionalInputs', requestToken=offer.handle['token'], rateId=offer.handle['rate'], business=self._business).payload
        required = schema.get('required') or []
        return [Input(name, field.get('title') or name, name in required, tuple(field.get('enum') or ()))
                for name, field in (schema.get('properties') or {}).items()]

    def make_request(self, parcel: Parcel, offer: Offer, form: str, inputs: dict) -> dict:
        """Return the request that buys an offer, to be kept until its outcome is known.

        :param str form: one of the offer's formats
        """
        document = next(entry for entry in offer.handle['documents'] if entry['format'] == form)
        options = document['printOptions'][0]
        specification = {
            'format': form, 'size': document['size'], 'needFileJoining': options['supportedFileJoiningOptions'][0],
            'requestedDocumentTypes': [detail['name'] for detail in options['supportedDocumentDetails'] if detail['isMandatory']] or ['LABEL'],
            'dpi': next(iter(options.get('supportedDPIs') or []), None), 'pageLayout': next(iter(options.get('supportedPageLayouts') or []), None)}
        return _compact({'requestToken': offer.handle['token'], 'rateId': offer.handle['rate'], 'requestedDocumentSpecification': _compact(specification),
                         'additionalInputs': inputs})

    def buy(self, request: dict, key: str) -> Label:
        """Buy what `make_request` prepared (`purchaseShipment`), once for a key.

        :raises AmazonError: Amazon sells nothing: the rate is too old, or something is missing
        """
        sold = self._client.call('purchaseShipment', request, business=self._business, key=key).payload
        package = sold['packageDocumentDetails'][0]
        label = next(document for document in package['packageDocuments'] if document['type'] == 'LABEL')
        return Label(sold['shipmentId'], package.get('trackingId') or '', base64.b64decode(label['contents']), label['format'])

    def cancel(self, shipment_ref: str) -> None:
        """Cancel a label and ask for the money back (`cancelShipment`).

        :raises AmazonError: it is too late
        """
        self._client.call('cancelShipment', shipment_ref, business=self._business)

    def track(self, tracking_number: str, carrier_ref: str) -> str:
        """Return the status of a parcel (`getTracking`), '' where Amazon knows none."""
        reply = self._client.call('getTracking', trackingId=tracking_number, carrierId=carrier_ref, business=self._business).payload
        return reply['summary'].get('status') or ''


class MerchantFulfillmentShop:
    """Labels of Merchant Fulfillment v0. A purchase of which no answer came must not be repeated: it may have happened."""

    is_repeatable = False

    def __init__(self, client):
        self._client = client

    def get_offers(self, parcel: Parcel) -> tuple[list[Offer], list[str]]:
        """Return what is offered for a parcel, and why other services are not (`getEligibleShipmentServices`)."""
        details = self._make_details(parcel)
        reply = self._client.call('getEligibleShipmentServices', {'ShipmentRequestDetails': details}).payload
        offers = [self._read_offer(service) for service in reply['ShippingServiceList']]
        refusals = [f"{service['CarrierName']} {service['ShippingServiceName']}: {service.get('RejectionReasonMessage') or service['RejectionReasonCode']}"
                    for service in reply.get('RejectedShippingServiceList') or []]
        terms = [f"{entry['CarrierName']}: terms and conditions are not accepted in Seller Central"
                 for entry in reply.get('TermsAndConditionsNotAcceptedCarrierList') or []]
        return offers, refusals + terms

    def _make_details(self, parcel):
        sender = parcel.sender
        return {
            'AmazonOrderId': parcel.order_ref, 'ItemList': [{'OrderItemId': ref, 'Quantity': quantity} for ref, quantity in parcel.items],
            'ShipFromAddress': _compact({
                'Name': sender.name[:30], 'AddressLine1': sender.street[:180], 'AddressLine2': sender.street2[:60], 'City': sender.city[:30],
                'StateOrProvinceCode': sender.state[:30], 'PostalCode': sender.zip, 'CountryCode': sender.country}) | {
                    'Email': sender.email, 'Phone': sender.phone[:30]},
            'PackageDimensions': {**dict(zip(('Length', 'Width', 'Height'), parcel.sides, strict=True)), 'Unit': 'centimeters'},
            'Weight': {'Value': parcel.grams, 'Unit': 'g'},
            'ShippingServiceOptions': {'DeliveryExperience': 'DeliveryConfirmationWithoutSignature', 'CarrierWillPickUp': False},
        }

    def _read_offer(self, service):
        benefits, price = service.get('Benefits') or {}, service['RateWithAdjustments']
        formats = [{'ZPL203': 'ZPL', 'ZPL300': 'ZPL'}.get(form, form) for form in service.get('AvailableLabelFormats') or ['PDF']]
        return Offer(
            service['ShippingServiceId'], service['ShippingServiceName'], service['CarrierName'], service['CarrierName'], Decimal(str(price['Amount'])),
            price['CurrencyCode'], _read_time(service.get('LatestEstimatedDeliveryDate')), tuple(benefits.get('IncludedBenefits') or ()),
            {entry['Benefit']: entry.get('ReasonCodes') or [] for entry in benefits.get('ExcludedBenefits') or []},
            tuple(dict.fromkeys(form for form in formats if form in FILE_TYPES.values())), service['RequiresAdditionalSellerInputs'],
            {'service': service['ShippingServiceId'], 'offer': service['ShippingServiceOfferId'], 'formats': service.get('AvailableLabelFormats') or ['PDF']})

    def get_inputs(self, parcel: Parcel, offer: Offer) -> list[Input]:
        """Return what the carrier of an offer wants to know of the shipment (`getAdditionalSellerInputs`)."""
        reply = self._client.call('getAdditionalSellerInputs', offer.handle['service'], self._make_details(parcel)['ShipFromAddress'], parcel.order_ref).payload
        return [Input(field['AdditionalInputFieldName'], definition.get('InputDisplayText') or field['AdditionalInputFieldName'],
                      bool(definition.get('IsRequired')), tuple(definition.get('RestrictedSetValues') or ()))
                for field in reply.get('ShipmentLevelFields') or [] if (definition := field['SellerInputDefinition'])]

    def make_request(self, parcel: Parcel, offer: Offer, form: str, inputs: dict) -> dict:
        """Return the request that buys an offer; see `ShippingShop.make_request`."""
        details = self._make_details(parcel)
        wanted = next(own for own in offer.handle['formats'] if own.startswith(form))
        details['ShippingServiceOptions']['LabelFormat'] = wanted
        return _compact({
            'ShipmentRequestDetails': details, 'ShippingServiceId': offer.handle['service'], 'ShippingServiceOfferId': offer.handle['offer'],
            'ShipmentLevelSellerInputsList': [{'AdditionalInputFieldName': name, 'AdditionalSellerInput': {'DataType': 'String', 'ValueAsString': value}}
                                              for name, value in inputs.items()]})

    def buy(self, request: dict, key: str) -> Label:
        """Buy what `make_request` prepared (`createShipment`)."""
        sold = self._client.call('createShipment', request).payload
        document = sold['Label']['FileContents']
        content = gzip.decompress(base64.b64decode(document['Contents']))
        return Label(sold['ShipmentId'], sold.get('TrackingId') or '', content, FILE_TYPES[document['FileType']])

    def cancel(self, shipment_ref: str) -> None:
        """Cancel a label and ask for the money back (`cancelShipment`)."""
        self._client.call('mfn.cancelShipment', shipment_ref)

    def track(self, tracking_number: str, carrier_ref: str) -> str:
        """Return '': this API tracks nothing."""
        return ''


def _compact(values):
    return {key: value for key, value in values.items() if value not in (None, '', {}, [])}


def _read_time(text):
    return datetime.datetime.fromisoformat(text.replace('Z', '+00:00')) if text else None
