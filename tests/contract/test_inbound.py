"""Shipments to Amazon are read by the connector as Amazon's models and examples, and so the simulator, have them."""

import datetime

import pytest
from amazon_api import inbound
from amazon_api.shapes import ShapeError

from .caller import Caller, assert_valid
from .examples import examples

DE = 'A1PA6795UKMFR9'
REF = 'FBA15AAAAAA2'
V0, PLANS = '/fba/inbound/v0/shipments', '/inbound/fba/2024-03-20/inboundPlans'


def day(number):
    return (datetime.date.today() + datetime.timedelta(days=number)).isoformat()


@pytest.fixture
def caller(amazon):
    amazon.control('fba?seller=eu', [
        {'type': 'plan', 'date': day(-20), 'reference': REF, 'name': "Autumn", 'center': 'LEJ1', 'plan_ref': "Plan",
         'items': [{'sku': 'SKU-1', 'quantity': 5}], 'status': 'SHIPPED'},
        {'type': 'receive', 'date': day(-9), 'sku': 'SKU-1', 'quantity': 4, 'center': 'LEJ1', 'reference': REF}])
    return Caller(amazon)


def ask(caller, operation, path, **query):
    reply = caller.get(path, **query)
    assert_valid(operation, reply)
    return reply.json()


def test_version_0(caller):
    listed = ask(caller, 'getShipments', V0, QueryType='SHIPMENT', MarketplaceId=DE,
                 ShipmentStatusList=','.join(inbound.OPEN))
    shipment, = map(inbound.read_shipment, inbound.read_entries(listed, 'ShipmentData'))
    assert shipment == (REF, "Autumn", 'LEJ1', 'RECEIVING')
    items = ask(caller, 'getShipmentItemsByShipmentId', f'{V0}/{REF}/items', MarketplaceId=DE)
    item, = map(inbound.read_item, inbound.read_entries(items, 'ItemData'))
    assert (item.sku, item.shipped, item.received) == ('SKU-1', 5, 4)


def test_plans(caller):
    plan, = map(inbound.read_plan, inbound.read_entries(ask(caller, 'listInboundPlans', PLANS), 'inboundPlans'))
    ref, = inbound.read_plan_shipments(ask(caller, 'getInboundPlan', f'{PLANS}/{plan}'))
    planned = inbound.read_planned(ask(caller, 'inbound.getShipment', f'{PLANS}/{plan}/shipments/{ref}'))
    assert planned[:3] == (REF, "Autumn", 'LEJ1')


def test_amazons_examples_are_read():
    read = []
    for example in examples('fulfillmentInboundV0', 'fulfillmentInbound_2024-03-20'):
        if example.status != 200:
            continue
        for operation, name, reader in (('getShipments', 'ShipmentData', inbound.read_shipment),
                                        ('getShipmentItemsByShipmentId', 'ItemData', inbound.read_item),
                                        ('listInboundPlans', 'inboundPlans', inbound.read_plan)):
            if example.operation == operation:
                read += map(reader, inbound.read_entries(example.body, name))
        if example.operation == 'getInboundPlan':
            read += inbound.read_plan_shipments(example.body)
    assert read


@pytest.mark.parametrize('body', [None, [], 7, {'ShipmentData': {}}, {'payload': {'ShipmentData': 'x'}}])
def test_a_reply_of_another_form_is_refused(body):
    with pytest.raises(ShapeError):
        inbound.read_entries(body, 'ShipmentData')


@pytest.mark.parametrize('entry', [None, 7, {}, {'ShipmentId': 5}, {'ShipmentId': ''}])
def test_an_entry_of_another_form_is_refused(entry):
    with pytest.raises(ShapeError):
        inbound.read_shipment(entry)
