"""Labels of Merchant Fulfillment v0."""

from functools import partial

from .errors import Unreadable
from .label_documents import DocumentOption, LabelDocument, Printer, choose_option, decode
from .offers import Input, Offer, Parcel, Purchase, Refusal, compact
from .reading import Faults, Part, name_of, read_each

# Amazon's label formats: what they are for a printer, and for which resolution they are drawn.
FORMATS = {
    'PDF': ('PDF', ()),
    'PNG': ('PNG', ()),
    'ZPL203': ('ZPL', (203,)),
    'ZPL300': ('ZPL', (300,)),
    'ShippingServiceDefault': ('PDF', ()),
}
LABEL = 'LABEL'


class MerchantFulfillmentShop:
    """Labels of Merchant Fulfillment v0. A purchase without an answer must not be repeated: it may have happened."""

    is_repeatable = False
    can_track = False

    def __init__(self, client):
        self._client = client

    # === OFFERS === #

    def get_offers(self, parcel: Parcel) -> tuple[list[Offer], list[Refusal]]:
        """Return the offers for a parcel, and why other services are not offered (`getEligibleShipmentServices`).

        :raises AmazonError: Amazon refuses the parcel
        :raises Unreadable: the answer as a whole; a service that cannot be read is among the refusals
        """
        reply = Part(
            self._client.call(
                'getEligibleShipmentServices', {'ShipmentRequestDetails': self._make_details(parcel)}
            ).payload
        )
        refusals = []
        offers, bad = read_each(reply.entries('ShippingServiceList'), self._read_offer)
        refusals += [
            Refusal(name_of(service, 'CarrierName', 'ShippingServiceName'), fault.message, 'unreadable')
            for service, fault in bad
        ]
        for name, read in (
            ('RejectedShippingServiceList', _read_refusal),
            ('TemporarilyUnavailableCarrierList', partial(_read_carrier, code='unavailable')),
            ('TermsAndConditionsNotAcceptedCarrierList', partial(_read_carrier, code='terms')),
        ):
            refused, bad = read_each(reply.entries(name, None), read)
            refusals += refused
            refusals += [
                Refusal(name_of(service, 'CarrierName', 'ShippingServiceName'), fault.message, 'unreadable')
                for service, fault in bad
            ]
        return offers, refusals

    def _make_details(self, parcel):
        sender = parcel.sender
        return {
            'AmazonOrderId': parcel.order_ref,
            'ItemList': [{'OrderItemId': ref, 'Quantity': quantity} for ref, quantity in parcel.items],
            'ShipFromAddress': compact(
                {
                    'Name': sender.name[:30],
                    'AddressLine1': sender.street[:180],
                    'AddressLine2': sender.street2[:60],
                    'City': sender.city[:30],
                    'StateOrProvinceCode': sender.state[:30],
                    'PostalCode': sender.zip,
                    'CountryCode': sender.country,
                }
            )
            | {'Email': sender.email, 'Phone': sender.phone[:30]},
            'PackageDimensions': {
                **dict(zip(('Length', 'Width', 'Height'), parcel.sides, strict=True)),
                'Unit': 'centimeters',
            },
            'Weight': {'Value': parcel.grams, 'Unit': 'g'},
            'ShippingServiceOptions': {
                'DeliveryExperience': 'DeliveryConfirmationWithoutSignature',
                'CarrierWillPickUp': False,
            },
        }

    def _read_offer(self, service):
        benefits, charge = service.part('Benefits', None), service.part('RateWithAdjustments')
        price = charge.number('Amount')
        if price < 0:
            raise Unreadable(charge.get_path('Amount'), str(price))
        return Offer(
            service.text('ShippingServiceId'),
            service.text('ShippingServiceName'),
            service.text('CarrierName'),
            service.text('CarrierName'),
            price,
            charge.text('CurrencyCode'),
            service.time('LatestEstimatedDeliveryDate', None),
            benefits.values('IncludedBenefits', str, None),
            {
                entry.text('Benefit'): list(entry.values('ReasonCodes', str, None))
                for entry in benefits.parts('ExcludedBenefits', None)
            },
            _read_documents(service),
            (),
            service.flag('RequiresAdditionalSellerInputs'),
            {'service': service.text('ShippingServiceId'), 'offer': service.text('ShippingServiceOfferId')},
        )

    def get_inputs(self, parcel: Parcel, offer: Offer) -> list[Input]:
        """Return the values that the carrier of an offer asks for (`getAdditionalSellerInputs`).

        :raises Unreadable: the name of a field
        """
        reply = Part(
            self._client.call(
                'getAdditionalSellerInputs',
                offer.handle['service'],
                self._make_details(parcel)['ShipFromAddress'],
                parcel.order_ref,
            ).payload
        )
        return [_read_input(field) for field in reply.parts('ShipmentLevelFields', None)]

    # === PURCHASE === #

    def make_request(
        self, parcel: Parcel, offer: Offer, printer: Printer, inputs: dict, selection: dict | None = None
    ) -> dict:
        """Return the request that buys an offer; see `ShippingShop.make_request`."""
        details = self._make_details(parcel)
        own = choose_option(offer.documents, printer).own
        details['ShippingServiceOptions'] |= compact({'LabelFormat': own['format']})
        return compact(
            {
                'ShipmentRequestDetails': details,
                'ShippingServiceId': offer.handle['service'],
                'ShippingServiceOfferId': offer.handle['offer'],
                'LabelFormatOption': {'IncludePackingSlipWithLabel': True} if own['slip'] else None,
                'ShipmentLevelSellerInputsList': [
                    {
                        'AdditionalInputFieldName': name,
                        'AdditionalSellerInput': {'DataType': 'String', 'ValueAsString': value},
                    }
                    for name, value in inputs.items()
                ],
            }
        )

    def buy(self, request: dict, key: str) -> Purchase:
        """Buy the offer of a request of `make_request` (`createShipment`). It is paid even where the answer cannot be
        read as a whole.

        :raises AmazonError: Amazon sells nothing
        """
        return _read_purchase(self._client.call('createShipment', request).payload)

    def fetch(self, shipment_ref: str) -> Purchase:
        """Return a purchase with its label again (`getShipment`).

        :raises AmazonError: Amazon has none
        """
        return _read_purchase(self._client.call('getShipment', shipment_ref).payload, shipment_ref)

    def cancel(self, shipment_ref: str) -> None:
        """Cancel a label and ask for the money back (`cancelShipment`)."""
        self._client.call('mfn.cancelShipment', shipment_ref)

    def track(self, tracking_number: str, carrier_ref: str) -> str:
        """Return '': this API tracks nothing."""
        return ''


def _read_refusal(service):
    return Refusal(
        f"{service.text('CarrierName')} {service.text('ShippingServiceName')}",
        service.text('RejectionReasonMessage', '') or service.text('RejectionReasonCode'),
    )


def _read_carrier(carrier, code):
    return Refusal(carrier.text('CarrierName'), '', code)


def _read_documents(service):
    """Return the label formats of a service; one whose formats are not named makes a PDF unless it is asked for
    something else.
    """
    known = [name for name in service.values('AvailableLabelFormats', str, None) if name in FORMATS]
    slips = {}
    for option in service.parts('AvailableFormatOptionsForLabel', None):
        slips.setdefault(option.text('LabelFormat', ''), set()).add(option.flag('IncludePackingSlipWithLabel', False))
    options = [
        DocumentOption(form, 0, 0, 'INCH', dpis, (), (), {'format': name, 'slip': slips.get(name) == {True}})
        for name in known
        for form, dpis in [FORMATS[name]]
    ]
    return tuple(options) or (DocumentOption('PDF', 0, 0, 'INCH', (), (), (), {'format': None, 'slip': False}),)


def _read_input(field):
    name = field.text('AdditionalInputFieldName')
    try:
        definition = field.part('SellerInputDefinition')
        return Input(
            name,
            definition.text('InputDisplayText', name),
            definition.flag('IsRequired', False),
            definition.values('RestrictedSetValues', str, None),
        )
    except Unreadable:
        return Input(name, name, False, ())


def _read_purchase(payload, known_ref=''):
    faults = Faults()
    sold = faults.attempt(lambda: Part(payload), Part({}))
    shipment_ref = known_ref or faults.attempt(lambda: sold.text('ShipmentId'), '')
    tracking_number = faults.attempt(lambda: sold.text('TrackingId', ''), '')
    document = faults.attempt(lambda: _read_document(sold.part('Label').part('FileContents')), None)
    try:
        charge = sold.part('ShippingService').part('RateWithAdjustments')
        price, currency = charge.number('Amount'), charge.text('CurrencyCode')
    except Unreadable:
        # The price of the offer is paid, unless Amazon states another one here.
        price, currency = None, None
    return Purchase(shipment_ref, tracking_number, (document,) if document else (), tuple(faults), price, currency)


def _read_document(contents):
    return LabelDocument(LABEL, *decode(contents.text('Contents'), contents.get_path('Contents'), gzipped=True))
