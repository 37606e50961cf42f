"""What is asked for when a label is bought, what is offered for it, and what is kept of the answer."""

from decimal import Decimal
from types import SimpleNamespace

import pytest
from amazon_api.label_documents import Printer, choose_option, find_sizes
from amazon_api.merchant_fulfillment import MerchantFulfillmentShop
from amazon_api.shipping import ShippingShop
from test_label_replies import (
    A6,
    INPUTS,
    PARCEL,
    RATES,
    SELLER_INPUTS,
    SERVICES,
    SHIPMENT,
    SOLD,
    answering,
    option,
    rate,
    service,
)


def test_of_several_odd_sizes_the_one_of_the_nearest_area():
    near, small, large = (option(size=(*sides, 'CENTIMETER')) for sides in ((9, 16.7), (8, 12.5), (15, 15.5)))
    longer, longest = option(size=(4, 9, 'INCH')), option(size=(4, 12, 'INCH'))
    for options in ([near, small, large], [large, near, small], [small, large, near]):
        assert choose_option(options, Printer('PDF')) == near
    for options in ([longer, longest], [longest, longer]):
        assert choose_option(options, Printer('PDF')) == longer
        assert find_sizes(options, Printer('PDF')) == ['4 × 9 in', '4 × 12 in']


def test_upright_comes_before_lying_down_and_both_before_the_next_size():
    lying = option(size=(6, 4, 'INCH'))
    for options in ([lying, A6], [A6, lying]):
        assert choose_option(options, Printer('PDF')) == lying


def shop_request(offer=None, printer=None, inputs=None, **changes):
    """The first offer of rates that have one changed, and the request that buys it."""
    shop = answering({**RATES, 'rates': [{**rate('ground', 5), **changes}]})
    [offer], _refusals = shop.get_offers(PARCEL)
    return offer, shop.make_request(PARCEL, offer, printer or Printer('PDF'), inputs or {})


def specification(*details, joinings=(False,)):
    [one] = rate('ground', 5)['supportedDocumentSpecifications']
    [print_option] = one['printOptions']
    return [
        {**one,
         'printOptions': [{**print_option, 'supportedFileJoiningOptions': list(joinings), 'supportedDocumentDetails': [
             {'name': name, 'isMandatory': mandatory} for name, mandatory in details]}]}]


@pytest.mark.parametrize(('details', 'asked'), [
    ([('LABEL', True)], ['LABEL']), ([('LABEL', False)], ['LABEL']), ([], ['LABEL']),
    ([('CUSTOM_FORM', False), ('PACKSLIP', False), ('LABEL', False), ('RECEIPT', True)], ['LABEL', 'RECEIPT']),
])
def test_the_label_and_what_is_mandatory_are_asked_for(details, asked):
    _offer, request = shop_request(supportedDocumentSpecifications=specification(*details))
    assert request['requestedDocumentSpecification']['requestedDocumentTypes'] == asked


def test_documents_without_a_label_are_no_label():
    shop = answering(
        {**RATES,
         'rates': [{**rate('ground', 5), 'supportedDocumentSpecifications': specification(('RECEIPT', True))}]})
    offers, refusals = shop.get_offers(PARCEL)
    assert offers == [] and refusals[0].reason == 'rates/0/supportedDocumentSpecifications is missing'


@pytest.mark.parametrize(('joinings', 'joined'),
                         [((False,), False), ((True,), True), ((True, False), False), ((), False)])
def test_files_are_joined_only_where_it_cannot_be_avoided(joinings, joined):
    _offer, request = shop_request(supportedDocumentSpecifications=specification(('LABEL', True), joinings=joinings))
    assert request['requestedDocumentSpecification']['needFileJoining'] is joined


def test_an_offer_for_nothing_is_one_and_for_less_is_none():
    for kind, payload, name, make in ((ShippingShop, RATES, 'rates', rate),
                                      (MerchantFulfillmentShop, SERVICES, 'ShippingServiceList', service)):
        offers, refusals = answering({**payload, name: [make('free', 0), make('odd', -1)]}, kind).get_offers(PARCEL)
        assert [(offer.service_ref, offer.charge) for offer in offers] == [('free', 0)]
        assert refusals[0].code == 'unreadable' and "-1 cannot be read" in refusals[0].reason
    for cost, price in ((0, 5), (0.5, Decimal('5.5'))):
        groups = rate('ground', 5)['availableValueAddedServiceGroups']
        groups[0]['valueAddedServices'][0]['cost']['value'] = cost
        assert shop_request(availableValueAddedServiceGroups=groups)[0].price == price
    groups[0]['valueAddedServices'][0]['cost']['value'] = -1
    assert answering(
        {**RATES, 'rates': [{**rate('ground', 5), 'availableValueAddedServiceGroups': groups}]}).get_offers(
            PARCEL)[0] == []


def test_a_group_of_services_that_are_none_is_left_out_unless_it_is_required():
    groups = [{'groupId': 'C', 'isRequired': False, 'valueAddedServices': []},
              {'groupId': 'D', 'isRequired': False, 'valueAddedServices': [
                  {'id': 'A', 'name': 'A', 'cost': {'value': 1, 'unit': 'USD'}}]}]
    offer, request = shop_request(availableValueAddedServiceGroups=groups, inputs={'contents': 'Gift'})
    assert [(group.ref, group.title) for group in offer.groups] == [('D', 'D')]
    assert 'requestedValueAddedServices' not in request and request['additionalInputs'] == {'contents': 'Gift'}
    groups[0]['isRequired'] = True
    offers, refusals = answering(
        {**RATES, 'rates': [{**rate('ground', 5), 'availableValueAddedServiceGroups': groups}]}).get_offers(PARCEL)
    assert (offers == []
            and refusals[0].reason == 'rates/0/availableValueAddedServiceGroups/0/valueAddedServices is missing')


def test_forms_and_units_that_no_printer_knows_are_shown_by_their_beginning():
    [good] = rate('ground', 5)['supportedDocumentSpecifications']
    for changes, reason in (({'format': 'f' * 40}, f"format: {'f' * 30} cannot be read"),
                            ({'size': {**good['size'], 'unit': 'u' * 40}}, f"unit: {'u' * 30} cannot be read")):
        shop = answering(
            {**RATES, 'rates': [{**rate('ground', 5), 'supportedDocumentSpecifications': [{**good, **changes}, good]}]})
        [offer], refusals = shop.get_offers(PARCEL)
        assert len(offer.documents) == 1 and refusals[0].service == 'UPS Ground' and refusals[0].reason.endswith(reason)


def test_why_other_carriers_refuse_it():
    assert [tuple(refusal) for refusal in answering(RATES).get_offers(PARCEL)[1]] == [('DHL Paket', 'too heavy', ''),
                                                                                      ('Hermes Home', 'too far', '')]
    assert [tuple(refusal) for refusal in answering(SERVICES, MerchantFulfillmentShop).get_offers(PARCEL)[1]] == [
        ('DPD Home', 'C', ''), ('GLS', '', 'unavailable'), ('UPS', '', 'terms')]
    said = {
        'RejectedShippingServiceList': [{**SERVICES['RejectedShippingServiceList'][0],
                                         'RejectionReasonMessage': "Too long"}], 'ShippingServiceList': []}
    assert answering(said, MerchantFulfillmentShop).get_offers(PARCEL)[1][0].reason == "Too long"


def test_what_was_bought_without_a_package_or_a_label():
    bought = answering({**SOLD, 'packageDocumentDetails': []}).buy({}, 'key')
    assert (bought.shipment_ref, bought.documents, [fault.found for fault in bought.faults]) == ('S1', (), [''])
    form_only = {**SOLD['packageDocumentDetails'][0],
                 'packageDocuments': SOLD['packageDocumentDetails'][0]['packageDocuments'][1:]}
    bought = answering({**SOLD, 'packageDocumentDetails': [form_only]}).buy({}, 'key')
    assert [document.kind for document in bought.documents] == ['CUSTOM_FORM']
    assert [fault.field for fault in bought.faults] == ['packageDocumentDetails/0/packageDocuments/LABEL']
    assert answering(SOLD).buy({}, 'key').faults == ()


def test_what_a_label_of_merchant_fulfillment_cost_is_kept_where_amazon_says_it():
    bought = answering(SHIPMENT, MerchantFulfillmentShop).buy({}, 'key')
    assert (bought.price, bought.currency, bought.faults) == (Decimal('5.75'), 'EUR', ())
    without = answering({**SHIPMENT, 'ShippingService': {}}, MerchantFulfillmentShop).buy({}, 'key')
    assert (without.price, without.currency, without.faults, without.shipment_ref) == (None, None, (), 'S1')
    unlabelled = answering({**SHIPMENT, 'Label': None}, MerchantFulfillmentShop).buy({}, 'key')
    assert unlabelled.documents == () and [fault.field for fault in unlabelled.faults] == ['Label']


def test_what_merchant_fulfillment_is_asked_for():
    shop = answering({'ShippingServiceList': [service('paket', 5)]}, MerchantFulfillmentShop)
    [offer], _refusals = shop.get_offers(PARCEL)
    assert {document.title for document in offer.documents} == {''}, "this API names no sizes"
    request = shop.make_request(PARCEL, offer, Printer('PDF'), {'contents': 'Gift'})
    assert request['ShipmentLevelSellerInputsList'] == [
        {'AdditionalInputFieldName': 'contents',
         'AdditionalSellerInput': {'DataType': 'String', 'ValueAsString': 'Gift'}}]
    details = request['ShipmentRequestDetails']
    assert (details['PackageDimensions'] == {'Length': 1, 'Width': 1, 'Height': 1, 'Unit': 'centimeters'}
            and details['Weight'] == {'Value': 100.0, 'Unit': 'g'})
    assert details['ItemList'] == [{'OrderItemId': 'I', 'Quantity': 1}] and details['ShipFromAddress']['Name'] == 'a'
    assert answering(SELLER_INPUTS, MerchantFulfillmentShop).get_inputs(PARCEL, offer)[0] == (
        'contents', 'contents', True, ('Gift',))
    assert answering(INPUTS).get_inputs(PARCEL, SimpleNamespace(handle={'token': 'T', 'rate': 'R'})) == [
        ('contents', 'Inside', True, ('Gift',)), ('hs', 'hs', False, ())]
