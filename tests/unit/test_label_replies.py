"""Whatever is odd in a reply about labels: what is good arrives, what is not is named, and nothing else is raised."""

import base64
import gzip
import json
from decimal import Decimal
from types import SimpleNamespace

import pytest
from addon_modules import load
from amazon_api.errors import Unreadable
from amazon_api.label_documents import (
    DocumentOption,
    Printer,
    choose_dpi,
    choose_layout,
    choose_option,
    decode,
    find_sizes,
)
from amazon_api.merchant_fulfillment import MerchantFulfillmentShop
from amazon_api.offers import Address, Offer, Parcel, Service, ServiceGroup
from amazon_api.packages import read_packages
from amazon_api.shipping import ShippingShop
from amazon_api.storable import make_storable

mutations = load('tests/mutations')
PDF = base64.b64encode(b'%PDF-1.4 label').decode()
ZPL = base64.b64encode(b'^XA^FDlabel^XZ').decode()
PARCEL = Parcel('1', [('I', 1)], 100.0, (1, 1, 1), Decimal(5), 'USD', Address(*'abcdefghi'))


def rate(ref, price):
    return {
        'rateId': ref,
        'carrierId': 'UPS',
        'carrierName': 'UPS',
        'serviceId': ref,
        'serviceName': ref.title(),
        'totalCharge': {'value': price, 'unit': 'USD'},
        'promise': {'deliveryWindow': {'start': '2026-10-01T00:00:00Z', 'end': '2026-10-02T00:00:00Z'}},
        'supportedDocumentSpecifications': [
            {
                'format': 'PDF',
                'size': {'width': 4, 'length': 6, 'unit': 'INCH'},
                'printOptions': [
                    {
                        'supportedDPIs': [203],
                        'supportedPageLayouts': ['DEFAULT'],
                        'supportedFileJoiningOptions': [False],
                        'supportedDocumentDetails': [{'name': 'LABEL', 'isMandatory': True}],
                    }
                ],
            }
        ],
        'availableValueAddedServiceGroups': [
            {
                'groupId': 'C',
                'groupDescription': 'Confirmation',
                'isRequired': True,
                'valueAddedServices': [{'id': 'SIGN', 'name': 'Signature', 'cost': {'value': 2, 'unit': 'USD'}}],
            }
        ],
        'requiresAdditionalInputs': False,
        'benefits': {
            'includedBenefits': ['CLAIMS_PROTECTED'],
            'excludedBenefits': [{'benefit': 'X', 'reasonCodes': ['Y']}],
        },
    }


RATES = {
    'requestToken': 'T',
    'rates': [rate('ground', 5), rate('air', 9)],
    'ineligibleRates': [
        {
            'carrierId': 'D',
            'carrierName': 'DHL',
            'serviceId': 'S',
            'serviceName': 'Paket',
            'ineligibilityReasons': [{'code': 'C', 'message': 'too heavy'}],
        },
        {
            'carrierId': 'H',
            'carrierName': 'Hermes',
            'serviceId': 'S',
            'serviceName': 'Home',
            'ineligibilityReasons': [{'code': 'C', 'message': 'too far'}],
        },
    ],
}
SOLD = {
    'shipmentId': 'S1',
    'packageDocumentDetails': [
        {
            'packageClientReferenceId': '1',
            'trackingId': 'T1',
            'packageDocuments': [
                {'type': 'LABEL', 'format': 'PDF', 'contents': PDF},
                {'type': 'CUSTOM_FORM', 'format': 'PDF', 'contents': PDF},
            ],
        }
    ],
    'promise': {},
    'benefits': {'includedBenefits': [], 'excludedBenefits': []},
}
DOCUMENTS = {'shipmentId': 'S1', 'packageDocumentDetail': SOLD['packageDocumentDetails'][0]}
TRACKING = {
    'trackingId': 'T1',
    'eventHistory': [{'eventCode': 'X'}],
    'promisedDeliveryDate': '2026-10-02T00:00:00Z',
    'summary': {'status': 'InTransit'},
}
INPUTS = {
    'type': 'object',
    'required': ['contents'],
    'properties': {'contents': {'title': 'Inside', 'enum': ['Gift']}, 'hs': {'type': 'string'}},
}


def service(ref, price):
    return {
        'ShippingServiceName': ref.title(),
        'CarrierName': 'DHL',
        'ShippingServiceId': ref,
        'ShippingServiceOfferId': ref,
        'Rate': {'CurrencyCode': 'EUR', 'Amount': price},
        'RateWithAdjustments': {'CurrencyCode': 'EUR', 'Amount': price},
        'LatestEstimatedDeliveryDate': '2026-10-05T00:00:00Z',
        'AvailableLabelFormats': ['PDF', 'ZPL203'],
        'RequiresAdditionalSellerInputs': False,
        'AvailableFormatOptionsForLabel': [{'IncludePackingSlipWithLabel': False, 'LabelFormat': 'PDF'}],
        'Benefits': {
            'IncludedBenefits': ['CLAIMS_PROTECTED'],
            'ExcludedBenefits': [{'Benefit': 'X', 'ReasonCodes': ['Y']}],
        },
    }


SERVICES = {
    'ShippingServiceList': [service('paket', 5.5), service('express', 9)],
    'RejectedShippingServiceList': [
        {'CarrierName': 'DPD', 'ShippingServiceName': 'Home', 'ShippingServiceId': 'S', 'RejectionReasonCode': 'C'}
    ],
    'TemporarilyUnavailableCarrierList': [{'CarrierName': 'GLS'}],
    'TermsAndConditionsNotAcceptedCarrierList': [{'CarrierName': 'UPS'}],
}
SHIPMENT = {
    'ShipmentId': 'S1',
    'TrackingId': 'T1',
    'ShippingService': service('paket', 5.75),
    'Label': {
        'Dimensions': {'Length': 6, 'Width': 4, 'Unit': 'inches'},
        'FileContents': {
            'Contents': base64.b64encode(gzip.compress(b'%PDF-1.4 label')).decode(),
            'FileType': 'application/pdf',
            'Checksum': 'x',
        },
    },
}
SELLER_INPUTS = {
    'ShipmentLevelFields': [
        {
            'AdditionalInputFieldName': name,
            'SellerInputDefinition': {'IsRequired': True, 'InputDisplayText': name, 'RestrictedSetValues': ['Gift']},
        }
        for name in ('contents', 'other')
    ]
}


def answering(payload, kind=ShippingShop):
    """A shop to which Amazon answers one thing, as the transport hands it over."""
    client = SimpleNamespace(call=lambda *args, **kwargs: SimpleNamespace(payload=make_storable(payload)))
    return kind(client, 'AmazonShipping_US') if kind is ShippingShop else kind(client)


def cases(payload):
    found = list(mutations.mutations(payload))
    assert len(found) > 10
    return found


@pytest.mark.parametrize(
    ('kind', 'payload', 'rows'),
    [(ShippingShop, RATES, 'rates'), (MerchantFulfillmentShop, SERVICES, 'ShippingServiceList')],
)
def test_offers(kind, payload, rows):
    """One offer is odd: the other one is there, and so is each refusal; what was not taken says its field."""
    for name, changed in cases(payload):
        shop = answering(changed, kind)
        if name.split('=')[0] in ('requestToken', 'ineligibleRates', rows) or name.split('=')[0].endswith('List'):
            read_or_refused(lambda shop=shop: shop.get_offers(PARCEL))
            continue
        offers, refusals = shop.get_offers(PARCEL)
        kept = 1 if name.startswith(f'{rows}/0') else 0
        if name.startswith(rows):
            assert answering(payload, kind).get_offers(PARCEL)[0][kept] in offers, name
        missing = 2 - len(offers) - (name.endswith('=missing') and name.count('/') == 1 and name.startswith(rows))
        assert len([one for one in refusals if one.code == 'unreadable' and one.reason]) >= missing, name
        for offer in offers:
            assert offer.price >= offer.charge >= 0, name
            assert json.dumps(shop.make_request(PARCEL, offer, Printer(offer.formats[0]), {})), name


def read_or_refused(read):
    try:
        return read()
    except Unreadable as fault:
        assert fault.field
        return None


@pytest.mark.parametrize(
    ('kind', 'payload', 'fetch'),
    [
        (ShippingShop, SOLD, False),
        (ShippingShop, DOCUMENTS, True),
        (MerchantFulfillmentShop, SHIPMENT, False),
        (MerchantFulfillmentShop, SHIPMENT, True),
    ],
    ids=['purchaseShipment', 'getShipmentDocuments', 'createShipment', 'getShipment'],
)
def test_what_is_paid_is_kept(kind, payload, fetch):
    """Nothing is raised: the shipment's id is kept whatever else is odd, and so is its number."""
    for name, changed in [*cases(payload), ('all=list', []), ('all=null', None), ('all=text', 'x')]:
        shop = answering(changed, kind)
        bought = shop.fetch('S1') if fetch else shop.buy({}, 'key')
        where = name.split('=')[0].lower()
        if 'shipmentid' not in where and where != 'all':
            assert bought.shipment_ref == 'S1', name
        if bought.shipment_ref != 'S1':
            assert bought.faults or bought.shipment_ref, name
        if 'label' not in where and 'document' not in where and where != 'all':
            assert bought.documents[0].content == b'%PDF-1.4 label', name
            assert 'tracking' in where or bought.tracking_number == 'T1', name
        if not any(document.kind == 'LABEL' for document in bought.documents):
            assert bought.faults, name
        assert all(fault.field for fault in bought.faults)


def test_what_else_is_asked():
    for name, changed in cases(TRACKING):
        status = read_or_refused(lambda changed=changed: answering(changed).track('T1', 'UPS'))
        assert name.startswith('summary') or status == 'InTransit'
    for _name, changed in cases(INPUTS):
        read_or_refused(
            lambda changed=changed: answering(changed).get_inputs(
                PARCEL, SimpleNamespace(handle={'token': 'T', 'rate': 'R'})
            )
        )
    for _name, changed in cases(SELLER_INPUTS):
        shop = answering(changed, MerchantFulfillmentShop)
        read_or_refused(lambda shop=shop: shop.get_inputs(PARCEL, SimpleNamespace(handle={'service': 'S'})))


PACKAGES = {
    'orderId': '1',
    'packages': [
        {
            'packageReferenceId': ref,
            'trackingNumber': f'T{ref}',
            'packageStatus': {'status': 'SHIPPED'},
            'packageItems': [{'orderItemId': 'I', 'quantity': 2}],
        }
        for ref in ('1', '2')
    ],
}


def test_packages():
    good = read_packages(PACKAGES)[0]
    assert [package.holds({'I': 2}, 'T 1') for package in good] == [True, False]
    for name, changed in cases(PACKAGES):
        packages, faults = read_packages(make_storable(changed))
        if name.startswith('packages/0'):
            assert good[1] in packages, name
        assert all(fault.field for fault in faults)
    assert read_packages(None)[1]
    cancelled = {'packages': [{**PACKAGES['packages'][0], 'packageStatus': {'status': 'CANCELLED'}}]}
    assert read_packages(cancelled) == ([], []), "a label that was cancelled confirms nothing"
    [unnamed] = read_packages({'packages': [{'packageReferenceId': '1', 'trackingNumber': 'T1'}]})[0]
    assert (unnamed.holds({'I': 2}, 'T1'), unnamed.holds({'I': 2}, '')) == (True, False), (
        "items that Amazon does not name are not none"
    )


# === FIRST OF SEVERAL === #


def option(form='PDF', size=(4, 6, 'INCH'), dpis=(203,), layouts=('DEFAULT',), joinings=(False,), own=None):
    return DocumentOption(form, *size, dpis, layouts, joinings, own or {})


SHEET, A6, ROLL, ODD = (
    option(size=size) for size in ((8.5, 11, 'INCH'), (10.5, 14.8, 'CENTIMETER'), (4, 6, 'INCH'), (4, 8, 'INCH'))
)


@pytest.mark.parametrize(
    ('offered', 'printer', 'best', 'sizes'),
    [
        ([SHEET, ROLL], Printer('PDF'), ROLL, []),
        ([SHEET, A6], Printer('PDF'), A6, []),
        ([A6, ROLL], Printer('PDF'), ROLL, []),
        ([SHEET, ROLL], Printer('PDF', 'sheet'), SHEET, []),
        ([SHEET, ODD], Printer('PDF'), ODD, ['4 × 8 in', '8.5 × 11 in']),
        ([SHEET, ODD], Printer('PDF', wanted='8.5 × 11 in'), SHEET, ['4 × 8 in', '8.5 × 11 in']),
        ([SHEET], Printer('PDF'), SHEET, []),
        ([option(size=(6, 4, 'INCH')), ROLL], Printer('PDF'), ROLL, []),
        ([option(form='PNG')], Printer('PDF'), None, []),
        (
            [option('ZPL', dpis=(300,)), option('ZPL', size=(4, 8, 'INCH'))],
            Printer('ZPL'),
            option('ZPL', size=(4, 8, 'INCH')),
            [],
        ),
        ([option('ZPL', dpis=(300,))], Printer('ZPL'), None, []),
        ([option('ZPL', dpis=())], Printer('ZPL'), option('ZPL', dpis=()), []),
        ([option(layouts=('LEFT',)), option()], Printer('PDF'), option(), []),
        ([option(joinings=(True,)), option()], Printer('PDF'), option(), []),
        ([option(dpis=(300,)), option()], Printer('PDF'), option(), []),
        ([option(dpis=(300,)), option()], Printer('PDF', dpi=300), option(dpis=(300,)), []),
    ],
)
def test_the_best_document_whatever_comes_first(offered, printer, best, sizes):
    for options in (offered, offered[::-1]):
        assert choose_option(options, printer) == best
        assert find_sizes(options, printer) == sizes


@pytest.mark.parametrize(('kind', 'width', 'length'), [
    ('label', 101.6, 152.4), ('label', 105, 148), ('sheet', 210, 297), ('sheet', 215.9, 279.4)])
def test_sizes_are_the_printers_within_two_and_a_half_millimetres(kind, width, length):
    def is_taken(*sides):
        return not find_sizes([option(size=(*(side / 10 for side in sides), 'CENTIMETER')),
                               option(size=(1, 1, 'INCH'))], Printer('PDF', kind))
    for change in (-2.4, 2.4):
        assert is_taken(width + change, length)
        assert is_taken(width, length + change)
        assert is_taken(length, width + change), "it is the same lying down"
    # Both sizes of a kind are farther apart than that, so what is off one is not taken for the other.
    outside = 1 if width in (101.6, 210) else -1
    assert not is_taken(width - outside * 2.6, length)
    assert not is_taken(width, length + outside * 2.6)


def test_of_other_sizes_the_nearest_to_the_best_one():
    near, far = option(size=(21, 30, 'CENTIMETER')), option(size=(20.4, 30, 'CENTIMETER'))
    for options in ([near, far], [far, near]):
        assert choose_option(options, Printer('PDF', 'sheet')) == near
        assert find_sizes(options, Printer('PDF', 'sheet')) == ['21 × 30 cm', '20.4 × 30 cm']


def test_resolution_and_layout():
    assert (
        choose_dpi(option(dpis=(300, 203)), Printer('PDF'))
        == choose_dpi(option(dpis=(203, 300)), Printer('PDF'))
        == 203
    )
    assert choose_dpi(option(dpis=(300, 600)), Printer('PDF')) == 600
    assert choose_dpi(option(dpis=()), Printer('PDF')) is None
    assert (
        choose_layout(option(layouts=('RIGHT', 'LEFT'))) == choose_layout(option(layouts=('LEFT', 'RIGHT'))) == 'LEFT'
    )
    assert choose_layout(option(layouts=('A', 'DEFAULT'))) == 'DEFAULT'
    assert choose_layout(option(layouts=())) is None


def test_two_packages_and_two_documents_in_both_orders():
    packages = [
        SOLD['packageDocumentDetails'][0],
        {'packageClientReferenceId': '2', 'trackingId': 'T2', 'packageDocuments': []},
    ]
    for order in (packages, packages[::-1]):
        bought = answering({**SOLD, 'packageDocumentDetails': order}).buy({}, 'key')
        assert (bought.tracking_number, [document.kind for document in bought.documents]) == (
            'T1',
            ['LABEL', 'CUSTOM_FORM'],
        )
    assert (
        answering({**SOLD, 'packageDocumentDetails': [{**packages[1], 'packageClientReferenceId': 'x'}]})
        .buy({}, 'key')
        .tracking_number
        == 'T2'
    )
    strangers = [{**package, 'packageClientReferenceId': ref} for package, ref in zip(packages, 'xy', strict=True)]
    bought = answering({**SOLD, 'packageDocumentDetails': strangers}).buy({}, 'key')
    assert (bought.shipment_ref, bought.tracking_number, bought.faults[0].found) == ('S1', '', '2 packages')


def test_a_document_is_what_its_bytes_are():
    assert decode(PDF, 'contents') == ('PDF', b'%PDF-1.4 label')
    assert decode(f' {ZPL[:4]}\n{ZPL[4:]} ', 'contents') == ('ZPL', b'^XA^FDlabel^XZ')
    damaged = base64.b64encode(gzip.compress(b'%PDF-1.4 label')[:-4]).decode()
    for contents, gzipped in (
        ('{}', False),
        ('JVBE*', False),
        (base64.b64encode(b'<html>').decode(), False),
        (damaged, True),
        (PDF, True),
        ('', False),
    ):
        with pytest.raises(Unreadable, match='contents'):
            decode(contents, 'contents', gzipped=gzipped)
    bomb = base64.b64encode(gzip.compress(b'%PDF-' + b' ' * 40_000_000)).decode()
    with pytest.raises(Unreadable):
        decode(bomb, 'contents', gzipped=True)


def test_merchant_fulfillment_formats():
    """What is drawn for 300 dpi is not sent to a printer of 203; a service that names no format is not asked for one.
    """

    def request(printer, **changes):
        shop = answering({'ShippingServiceList': [{**service('paket', 5), **changes}]}, MerchantFulfillmentShop)
        [offer] = shop.get_offers(PARCEL)[0]
        return offer.formats, choose_option(offer.documents, printer) and shop.make_request(PARCEL, offer, printer, {})

    for formats in (['ZPL300', 'ZPL203', 'PNG'], ['PNG', 'ZPL203', 'ZPL300']):
        for dpi in (203, 300):
            _formats, made = request(Printer('ZPL', dpi=dpi), AvailableLabelFormats=formats)
            assert made['ShipmentRequestDetails']['ShippingServiceOptions']['LabelFormat'] == f'ZPL{dpi}'
    assert request(Printer('ZPL'), AvailableLabelFormats=['ZPL300'])[1] is None
    for changes in (
        {'AvailableLabelFormats': None},
        {'AvailableLabelFormats': []},
        {'AvailableLabelFormats': ['JPEG']},
    ):
        formats, made = request(Printer('PDF'), **changes)
        assert formats == ('PDF',)
        shop = answering({'ShippingServiceList': [{**service('paket', 5), **changes}]}, MerchantFulfillmentShop)
        assert [option.title for option in shop.get_offers(PARCEL)[0][0].documents] == [''], "this API names no sizes"
        assert 'LabelFormat' not in made['ShipmentRequestDetails']['ShippingServiceOptions']
        assert 'LabelFormatOption' not in made
    assert request(Printer('PDF'))[1]['ShipmentRequestDetails']['ShippingServiceOptions'] == {
        'DeliveryExperience': 'DeliveryConfirmationWithoutSignature', 'CarrierWillPickUp': False, 'LabelFormat': 'PDF'}
    slip = [{'IncludePackingSlipWithLabel': True, 'LabelFormat': 'PDF'}]
    assert request(Printer('PDF'), AvailableFormatOptionsForLabel=slip)[1]['LabelFormatOption'] == {
        'IncludePackingSlipWithLabel': True
    }
    both = [*slip, {'IncludePackingSlipWithLabel': False, 'LabelFormat': 'PDF'}]
    for options in (both, both[::-1]):
        assert 'LabelFormatOption' not in request(Printer('PDF'), AvailableFormatOptionsForLabel=options)[1]


def test_added_services():
    def make_offer(groups):
        return Offer('s', 'S', 'c', 'C', Decimal(5), 'USD', None, (), {}, (), groups, False, {})

    dear, cheap = Service('A', 'Signature', Decimal(2)), Service('B', 'Confirmation', Decimal('0.5'))
    for services in ((dear, cheap), (cheap, dear)):
        needed, free = (
            ServiceGroup('N', 'N', True, services),
            ServiceGroup('F', 'F', False, (Service('I', 'Insurance', Decimal(1)),)),
        )
        offer = make_offer((needed, free))
        assert (offer.price, offer.get_services({})) == (Decimal('5.5'), [cheap])
        assert offer.get_price({'N': 'A', 'F': 'I'}) == Decimal(8)
        assert offer.get_services({'F': ''}) == [cheap]
    for selection in ({'N': 'I'}, {'X': 'A'}):
        with pytest.raises(LookupError):
            offer.get_services(selection)
    foreign = mutations.mutate(
        RATES, ('rates', 0, 'availableValueAddedServiceGroups', 0, 'valueAddedServices', 0, 'cost', 'unit'), 'EUR'
    )
    offers, refusals = answering(foreign).get_offers(PARCEL)
    assert [offer.service_ref for offer in offers] == ['air']
    assert refusals[0].service == 'UPS Ground, Confirmation'


def test_long_addresses_are_cut_to_what_amazon_takes():
    """The lengths are those of Amazon's models: one character more is refused."""
    long = PARCEL._replace(sender=Address(*(['x' * 300] * 9)))
    sent = []

    def shop(kind, payload):
        client = SimpleNamespace(call=lambda _operation, body, **_options: sent.append(body)
                                 or SimpleNamespace(payload=payload))
        return kind(client, 'AmazonShipping_US') if kind is ShippingShop else kind(client)
    shop(MerchantFulfillmentShop, {'ShippingServiceList': []}).get_offers(long)
    shop(ShippingShop, {'requestToken': 'T', 'rates': []}).get_offers(long)
    address = sent[0]['ShipmentRequestDetails']['ShipFromAddress']
    assert {name: len(address[name]) for name in ('Name', 'AddressLine1', 'AddressLine2', 'City', 'StateOrProvinceCode',
                                                  'Phone')} == {
                                                      'Name': 30, 'AddressLine1': 180, 'AddressLine2': 60, 'City': 30,
                                                      'StateOrProvinceCode': 30, 'Phone': 30}
    address = sent[1]['shipFrom']
    assert {name: len(address[name]) for name in ('name', 'addressLine1', 'addressLine2', 'email', 'phoneNumber')} == {
        'name': 50, 'addressLine1': 60, 'addressLine2': 60, 'email': 64, 'phoneNumber': 20}
