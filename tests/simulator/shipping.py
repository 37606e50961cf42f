"""Shipping v2: rates, purchase, documents, additional inputs, cancellation and tracking of `buy_shipping`."""

from . import buy_shipping
from .clock import format_time
from .labels import DPI, HEIGHT, WIDTH
from .orders import Refused

GRAMS = {'GRAM': 1, 'KILOGRAM': 1000, 'OUNCE': 28.349523125, 'POUND': 453.59237}
SIZES = {
    'letter': {'width': 8.5, 'length': 11, 'unit': 'INCH'},
    'A6': {'width': 10.5, 'length': 14.8, 'unit': 'CENTIMETER'},
    'label': {'width': WIDTH, 'length': HEIGHT, 'unit': 'INCH'},
}
# Sheets come first. What is drawn for a label printer has more than one resolution; a sheet can be joined to others.
SPECIFICATIONS = [
    *(
        {
            'format': form,
            'size': SIZES['letter'],
            'printOptions': [
                {
                    'supportedDPIs': [300],
                    'supportedPageLayouts': ['LEFT', 'RIGHT'],
                    'supportedFileJoiningOptions': [True, False],
                    'supportedDocumentDetails': [
                        {'name': 'PACKSLIP', 'isMandatory': False},
                        {'name': 'LABEL', 'isMandatory': True},
                    ],
                }
            ],
        }
        for form in ('PDF', 'PNG')
    ),
    *(
        {
            'format': form,
            'size': SIZES[size],
            'printOptions': [
                {
                    'supportedDPIs': [300],
                    'supportedPageLayouts': ['RIGHT', 'LEFT'],
                    'supportedFileJoiningOptions': [True],
                    'supportedDocumentDetails': [{'name': 'PACKSLIP', 'isMandatory': True}],
                },
                {
                    'supportedDPIs': [300, DPI],
                    'supportedPageLayouts': ['LEFT', 'DEFAULT'],
                    'supportedFileJoiningOptions': [True, False],
                    'supportedDocumentDetails': [
                        {'name': 'LABEL', 'isMandatory': True},
                        {'name': 'RECEIPT', 'isMandatory': False},
                    ],
                },
            ],
        }
        for size in ('A6', 'label')
        for form in buy_shipping.FORMATS
    ),
]


def get_rates(state, seller, query, body) -> tuple[int, dict]:
    if body['channelDetails']['channelType'] != 'AMAZON':
        raise Refused(400, 'InvalidInput', "Only orders of Amazon are shipped here.")
    if len(body['packages']) != 1:
        raise Refused(400, 'InvalidInput', "Each shipment is limited to a single package.")
    package = body['packages'][0]
    order = buy_shipping.find_order(state, seller, body['channelDetails']['amazonOrderDetails']['orderId'])
    items = [(item['itemIdentifier'], item['quantity']) for item in package['items']]
    buy_shipping.check_items(order, items)
    if (
        package['weight']['value'] <= 0
        or min(package['dimensions'][side] for side in ('length', 'width', 'height')) <= 0
    ):
        raise Refused(400, 'InvalidInput', "Weight and dimensions must be above zero.")
    parcel = {
        'grams': package['weight']['value'] * GRAMS[package['weight']['unit']],
        'currency': package['insuredValue']['unit'],
        'items': items,
        'reference': package['packageClientReferenceId'],
    }
    offers = buy_shipping.make_offers(state, seller, order, parcel)
    refused = (
        []
        if offers
        else [
            {
                'carrierId': service['carrier'],
                'carrierName': service['carrier_name'],
                'serviceId': service['service'],
                'serviceName': service['name'],
                'ineligibilityReasons': [{'code': 'WEIGHT_RESTRICTIONS', 'message': "The parcel is too heavy."}],
            }
            for service in buy_shipping.SERVICES
        ]
    )
    return 200, {
        'payload': {
            'requestToken': f'amzn1.rq.{order["orderId"]}',
            'rates': [_render(offer) for offer in offers],
            'ineligibleRates': refused,
        }
    }


def _render(offer):
    return {
        'rateId': offer['id'],
        'carrierId': offer['carrier'],
        'carrierName': offer['carrier_name'],
        'serviceId': offer['service'],
        'serviceName': offer['name'],
        'totalCharge': {'value': offer['price'], 'unit': offer['parcel']['currency']},
        'promise': _promise(offer),
        'supportedDocumentSpecifications': SPECIFICATIONS,
        'availableValueAddedServiceGroups': [
            {
                'groupId': group['group'],
                'groupDescription': group['title'],
                'isRequired': group['required'],
                'valueAddedServices': [
                    {'id': ref, 'name': name, 'cost': {'value': price, 'unit': offer['parcel']['currency']}}
                    for ref, name, price in group['services']
                ],
            }
            for group in buy_shipping.ADDED_SERVICES.get(offer['carrier'], [])
        ],
        'requiresAdditionalInputs': bool(offer.get('inputs')),
        'paymentType': 'PAY_THROUGH_AMAZON',
        'benefits': benefits(offer),
    }


def _promise(offer):
    return {'deliveryWindow': {'start': format_time(offer['arrives']), 'end': format_time(offer['arrives'])}}


def benefits(offer):
    if offer['in_time']:
        return {'includedBenefits': ['CLAIMS_PROTECTED'], 'excludedBenefits': []}
    return {
        'includedBenefits': [],
        'excludedBenefits': [{'benefit': 'CLAIMS_PROTECTED', 'reasonCodes': ['LATE_DELIVERY_RISK']}],
    }


def get_additional_inputs(state, seller, query) -> tuple[int, dict]:
    offer = buy_shipping.find_offer(state, seller, query['rateId'])
    if not offer.get('inputs'):
        return 200, {'payload': {}}
    return 200, {
        'payload': {
            'type': 'object',
            'required': ['contents'],
            'properties': {
                'contents': {'type': 'string', 'title': "What is inside", 'enum': buy_shipping.CONTENTS},
                'hsCode': {'type': 'string', 'title': "HS code"},
            },
        }
    }


def purchase_shipment(state, seller, query, body, *, headers) -> tuple[int, dict]:
    def purchase():
        offer = buy_shipping.find_offer(state, seller, body['rateId'])
        added = [service['id'] for service in body.get('requestedValueAddedServices', [])]
        _check_document(body['requestedDocumentSpecification'])
        buy_shipping.check_added_services(offer, added)
        return buy_shipping.buy(
            state, seller, offer, body['requestedDocumentSpecification']['format'], body.get('additionalInputs'), added
        )

    sold = buy_shipping.once(state, headers.get('x-amzn-idempotencykey'), body, purchase)
    return 200, {
        'payload': {
            'shipmentId': sold['id'],
            'packageDocumentDetails': [_document(sold)],
            'promise': _promise(sold['offer']),
            'benefits': benefits(sold['offer']),
        }
    }


def _check_document(wanted):
    """Refuse a document that was not on offer, in Amazon's words (which do not say what is wrong)."""
    details = [
        option
        for entry in SPECIFICATIONS
        if (entry['format'], entry['size']) == (wanted['format'], wanted['size'])
        for option in entry['printOptions']
    ]
    for option in details:
        kinds = {detail['name'] for detail in option['supportedDocumentDetails']}
        mandatory = {detail['name'] for detail in option['supportedDocumentDetails'] if detail['isMandatory']}
        if (
            wanted.get('dpi') in option['supportedDPIs']
            and wanted.get('pageLayout', 'DEFAULT') in option['supportedPageLayouts']
            and wanted['needFileJoining'] in option['supportedFileJoiningOptions']
            and mandatory <= set(wanted['requestedDocumentTypes']) <= kinds
        ):
            return
    raise Refused(
        400,
        'InvalidInput',
        "Invalid input.",
        "An invalid documentation specification was provided. "
        "Please provide a documentation specification based on the GetRates response.",
    )


def _document(sold):
    return {
        'packageClientReferenceId': sold['offer']['parcel']['reference'],
        'trackingId': sold['tracking'],
        'packageDocuments': [{'type': 'LABEL', 'format': sold['format'], 'contents': sold['label']}],
    }


def get_shipment_documents(state, seller, query, shipment_id) -> tuple[int, dict]:
    sold = buy_shipping.find_sold(state, seller, shipment_id)
    return 200, {
        'payload': {
            'shipmentId': sold['id'],
            'packageDocumentDetail': _document(sold),
            'benefits': benefits(sold['offer']),
        }
    }


def cancel_shipment(state, seller, query, body, shipment_id) -> tuple[int, dict]:
    buy_shipping.cancel(state, seller, shipment_id)
    return 200, {'payload': {}}


def get_tracking(state, seller, query) -> tuple[int, dict]:
    for sold in state.shipments.values():
        if sold['tracking'] == query['trackingId'] and sold['offer']['carrier'] == query['carrierId']:
            return 200, {
                'payload': {
                    'trackingId': sold['tracking'],
                    'alternateLegTrackingId': '',
                    'promisedDeliveryDate': format_time(sold['offer']['arrives']),
                    'eventHistory': [{'eventCode': 'ReadyForReceive', 'eventTime': format_time(sold['created'])}],
                    'summary': {'status': state.tracking.get(sold['tracking'], 'PreTransit')},
                }
            }
    raise Refused(404, 'NotFound', "The tracking id was not found.")
