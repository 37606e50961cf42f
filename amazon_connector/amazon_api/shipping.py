"""Labels of Shipping v2."""

from functools import partial

from .errors import Unreadable
from .label_documents import (
    FORMS,
    UNITS,
    DocumentOption,
    LabelDocument,
    Printer,
    choose_dpi,
    choose_layout,
    choose_option,
    decode,
)
from .offers import Input, Offer, Parcel, Purchase, Refusal, Service, ServiceGroup, compact
from .reading import Faults, Part, name_of, read_each

LABEL = 'LABEL'
# Amazon ships one parcel a shipment today; this is our name for it.
PACKAGE_REF = '1'


class ShippingShop:
    """Labels of Shipping v2. A purchase may be repeated: its key makes it happen once."""

    is_repeatable = True
    can_track = True

    def __init__(self, client, business):
        self._client, self._business = client, business

    # === OFFERS === #

    def get_offers(self, parcel: Parcel) -> tuple[list[Offer], list[Refusal]]:
        """Return the offers for a parcel, and why other services are not offered (`getRates`).

        :raises AmazonError: Amazon refuses the parcel
        :raises Unreadable: the answer as a whole; a rate that cannot be read is among the refusals
        """
        reply = Part(self._call('getRates', self._make_rates_request(parcel)))
        token, refusals = reply.text('requestToken'), []
        offers, bad = read_each(reply.entries('rates'), partial(self._read_offer, token=token, refusals=refusals))
        refusals += [
            Refusal(name_of(rate, 'carrierName', 'serviceName'), fault.message, 'unreadable') for rate, fault in bad
        ]
        ineligible, bad = read_each(reply.entries('ineligibleRates', None), _read_refusal)
        return offers, refusals + ineligible + [
            Refusal(name_of(rate, 'carrierName', 'serviceName'), fault.message, 'unreadable') for rate, fault in bad
        ]

    def _make_rates_request(self, parcel):
        return {
            'shipFrom': compact(
                {
                    'name': parcel.sender.name[:50],
                    'addressLine1': parcel.sender.street[:60],
                    'addressLine2': parcel.sender.street2[:60],
                    'city': parcel.sender.city,
                    'postalCode': parcel.sender.zip,
                    'countryCode': parcel.sender.country,
                    'email': parcel.sender.email[:64],
                    'phoneNumber': parcel.sender.phone[:20],
                }
            )
            | {'stateOrRegion': parcel.sender.state},
            'channelDetails': {'channelType': 'AMAZON', 'amazonOrderDetails': {'orderId': parcel.order_ref}},
            'packages': [
                {
                    'dimensions': {
                        **dict(zip(('length', 'width', 'height'), parcel.sides, strict=True)),
                        'unit': 'CENTIMETER',
                    },
                    'weight': {'value': parcel.grams, 'unit': 'GRAM'},
                    'insuredValue': {'value': float(parcel.value), 'unit': parcel.currency},
                    'packageClientReferenceId': PACKAGE_REF,
                    'items': [{'itemIdentifier': ref, 'quantity': quantity} for ref, quantity in parcel.items],
                }
            ],
        }

    def _read_offer(self, rate, token, refusals):
        charge, benefits = rate.part('totalCharge'), rate.part('benefits', None)
        price, currency, name = (
            charge.number('value'),
            charge.text('unit'),
            f"{rate.text('carrierName')} {rate.text('serviceName')}",
        )
        if price < 0:
            raise Unreadable(charge.get_path('value'), str(price))
        return Offer(
            rate.text('serviceId'),
            rate.text('serviceName'),
            rate.text('carrierId'),
            rate.text('carrierName'),
            price,
            currency,
            rate.part('promise').part('deliveryWindow', None).time('end', None),
            benefits.values('includedBenefits', str, None),
            {
                entry.text('benefit'): list(entry.values('reasonCodes', str, None))
                for entry in benefits.parts('excludedBenefits', None)
            },
            self._read_documents(rate, name, refusals),
            self._read_groups(rate, name, currency, refusals),
            rate.flag('requiresAdditionalInputs'),
            {'token': token, 'rate': rate.text('rateId')},
        )

    def _read_documents(self, rate, name, refusals):
        """Return the documents in which the label of a rate can be made; those that cannot be read are added to the
        refusals.

        :raises Unreadable: none can be read
        """
        good, bad = read_each(rate.entries('supportedDocumentSpecifications'), _read_specification)
        options = tuple(option for found in good for option in found)
        if not options:
            raise bad[0][1] if bad else Unreadable(rate.get_path('supportedDocumentSpecifications'))
        refusals += [Refusal(name, fault.message, 'unreadable') for _value, fault in bad]
        return options

    def _read_groups(self, rate, name, currency, refusals):
        """Return the added services of a rate; those that cannot be read are added to the refusals.

        :raises Unreadable: a group that may be required, or all services of a required one
        """
        groups = []
        for part in rate.parts('availableValueAddedServiceGroups', None):
            required = part.flag('isRequired')
            services, bad = read_each(
                part.entries('valueAddedServices', None), partial(_read_service, currency=currency)
            )
            refusals += [
                Refusal(f"{name}, {part.text('groupDescription', part.text('groupId'))}", fault.message, 'unreadable')
                for _value, fault in bad
            ]
            if services:
                ref = part.text('groupId')
                groups.append(ServiceGroup(ref, part.text('groupDescription', ref), required, tuple(services)))
            elif required:
                raise bad[0][1] if bad else Unreadable(part.get_path('valueAddedServices'))
        return tuple(groups)

    def get_inputs(self, parcel: Parcel, offer: Offer) -> list[Input]:
        """Return the values that the carrier of an offer asks for (`getAdditionalInputs`): a field that cannot be read
        takes any text.
        """
        schema = Part(
            self._call('getAdditionalInputs', requestToken=offer.handle['token'], rateId=offer.handle['rate'])
        )
        required = schema.values('required', str, None)
        fields = schema.part('properties', None)
        return [_read_input(name, fields, name in required) for name in fields.names()]

    # === PURCHASE === #

    def make_request(
        self, parcel: Parcel, offer: Offer, printer: Printer, inputs: dict, selection: dict | None = None
    ) -> dict:
        """Return the request that buys an offer; it is stored until its outcome is known.

        :param Printer printer: what the label is printed with; the offer has a document for it
        :param dict selection: the added services that were chosen, group -> service
        """
        option = choose_option(offer.documents, printer)
        specification = {
            **option.own,
            'format': option.form,
            'needFileJoining': False not in option.joinings and bool(option.joinings),
            'dpi': choose_dpi(option, printer),
            'pageLayout': choose_layout(option),
        }
        return compact(
            {
                'requestToken': offer.handle['token'],
                'rateId': offer.handle['rate'],
                'requestedDocumentSpecification': compact(specification),
                'requestedValueAddedServices': [{'id': service.ref} for service in offer.get_services(selection or {})],
                'additionalInputs': inputs,
            }
        )

    def buy(self, request: dict, key: str) -> Purchase:
        """Buy the offer of a request of `make_request` (`purchaseShipment`), once for a key. It is paid even where the
        answer cannot be read as a whole.

        :raises AmazonError: Amazon sells nothing: the rate is too old, or something is missing
        """
        return _read_purchase(self._call('purchaseShipment', request, key=key), _find_package)

    def fetch(self, shipment_ref: str) -> Purchase:
        """Return the documents of a shipment again (`getShipmentDocuments`).

        :raises AmazonError: Amazon has none
        """
        reply = self._call('getShipmentDocuments', shipment_ref, packageClientReferenceId=PACKAGE_REF)
        return _read_purchase(reply, lambda sold: sold.part('packageDocumentDetail'), shipment_ref)

    def cancel(self, shipment_ref: str) -> None:
        """Cancel a label and ask for the money back (`cancelShipment`).

        :raises AmazonError: it is too late
        """
        self._call('cancelShipment', shipment_ref)

    def track(self, tracking_number: str, carrier_ref: str) -> str:
        """Return the status of a parcel (`getTracking`), '' where Amazon knows none.

        :raises Unreadable: the answer
        """
        return (
            Part(self._call('getTracking', trackingId=tracking_number, carrierId=carrier_ref))
            .part('summary')
            .text('status', '')
        )

    def _call(self, operation, *args, **kwargs):
        return self._client.call(operation, *args, business=self._business, **kwargs).payload


def _read_refusal(rate):
    reasons = ' '.join(
        filter(None, (reason.text('message', '') for reason in rate.parts('ineligibilityReasons', None)))
    )
    return Refusal(f"{rate.text('carrierName')} {rate.text('serviceName')}", reasons)


def _read_specification(specification):
    """Return the options of one specification that hold a label."""
    size = specification.part('size')
    width, length, unit, form = (
        float(size.number('width')),
        float(size.number('length')),
        size.text('unit'),
        specification.text('format'),
    )
    if form not in FORMS:
        raise Unreadable(specification.get_path('format'), form[:30])
    if unit not in UNITS:
        raise Unreadable(size.get_path('unit'), unit[:30])
    return [
        DocumentOption(
            form,
            width,
            length,
            unit,
            option.values('supportedDPIs', int, None),
            option.values('supportedPageLayouts', str, None),
            option.values('supportedFileJoiningOptions', bool, None),
            {'size': dict(size.value), 'requestedDocumentTypes': kinds},
        )
        for option in specification.parts('printOptions')
        if (kinds := _read_kinds(option))
    ]


def _read_kinds(option):
    """Return the documents to ask for, the label and what is mandatory; none where there is no label."""
    details = {
        detail.text('name'): detail.flag('isMandatory') for detail in option.parts('supportedDocumentDetails', None)
    } or {LABEL: True}
    return [name for name, mandatory in details.items() if mandatory or name == LABEL] if LABEL in details else []


def _read_service(service, currency):
    cost = service.part('cost')
    price = cost.number('value')
    if cost.text('unit') != currency or price < 0:
        raise Unreadable(service.get_path('cost'), f"{price} {cost.text('unit')}"[:30])
    return Service(service.text('id'), service.text('name'), price)


def _read_input(name, fields, required):
    try:
        field = fields.part(name)
        return Input(name, field.text('title', name), required, field.values('enum', str, None))
    except Unreadable:
        return Input(name, name, required, ())


def _find_package(sold):
    """Return our package of a shipment, in whatever order Amazon lists them; a single one is ours by whatever name."""
    packages, bad = read_each(sold.entries('packageDocumentDetails'), lambda package: package)
    ours = [package for package in packages if package.value.get('packageClientReferenceId') == PACKAGE_REF] or packages
    if bad and not ours:
        raise bad[0][1]
    if len(ours) != 1:
        raise Unreadable(sold.get_path('packageDocumentDetails'), f'{len(packages)} packages' if packages else '')
    return ours[0]


def _read_purchase(payload, find_package, known_ref=''):
    faults = Faults()
    sold = faults.attempt(lambda: Part(payload), Part({}))
    shipment_ref = known_ref or faults.attempt(lambda: sold.text('shipmentId'), '')
    package = faults.attempt(lambda: find_package(sold), None)
    if package is None:
        return Purchase(shipment_ref, '', (), tuple(faults))
    tracking_number = faults.attempt(lambda: package.text('trackingId', ''), '')
    entries = faults.attempt(lambda: package.entries('packageDocuments'), [])
    documents, bad = read_each(entries, _read_document)
    faults += [fault for _value, fault in bad]
    if not any(document.kind == LABEL for document in documents) and not faults:
        faults.append(Unreadable(package.get_path(f'packageDocuments/{LABEL}')))
    return Purchase(shipment_ref, tracking_number, tuple(documents), tuple(faults))


def _read_document(document):
    return LabelDocument(document.text('type'), *decode(document.text('contents'), document.get_path('contents')))
