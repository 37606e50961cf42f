"""Patches of quantities and attributes, and Amazon's remarks on them."""

import datetime

import pytest
from amazon_api.patches import content_patches, read_issues, stock_patches

DE = 'A1PA6795UKMFR9'


def day(offset):
    return (datetime.datetime.now(datetime.timezone.utc).date() + datetime.timedelta(offset)).isoformat()


def instance(value, before=None):
    [patch] = stock_patches(value, DE, 'EUR', before)
    assert (patch['op'], patch['path'], len(patch['value'])) == ('merge', '/attributes/fulfillment_availability', 1)
    return patch['value'][0]


@pytest.mark.parametrize('before', [None, {}, {'quantity': 1}, {'restock_date': day(-1)}, {'restock_date': day(0)}])
def test_a_quantity_leaves_the_rest_as_it_is(before):
    assert instance({'quantity': 4}, before) == {'fulfillment_channel_code': 'DEFAULT', 'quantity': 4}


def test_a_restock_date_that_is_to_come_no_more_becomes_today():
    assert instance({'quantity': 4}, {'restock_date': day(1)})['restock_date'] == day(0)
    assert instance({'quantity': 4, 'restock_date': day(9)}, {'restock_date': day(1)})['restock_date'] == day(9)


def test_an_attribute_is_replaced_whole():
    assert content_patches({'brand': [{'value': "B"}], 'size': []}, DE, 'EUR') == [
        {'op': 'replace', 'path': '/attributes/brand', 'value': [{'value': "B"}]},
        {'op': 'replace', 'path': '/attributes/size', 'value': []}]


@pytest.mark.parametrize(('issue', 'text'), [
    ({'message': "Missing.", 'code': '9', 'attributeNames': ['brand', '', 'size']}, "brand, size: Missing."),
    ({'code': '9', 'attributeNames': []}, "9"), ({'message': "Missing.", 'attributeName': 'brand'}, "brand: Missing."),
    ({'message': "Missing.", 'attributeNames': 'x', 'attributeName': None}, "Missing."),
    ({}, "an issue without a message")])
def test_a_remark_names_its_attributes(issue, text):
    assert read_issues([{**issue, 'severity': 'ERROR'}]) == (text, False)
    assert read_issues([{**issue, 'severity': 'WARNING'}, {'severity': 'INFO', 'message': "Too"}]) == (
        False, f"{text}\nToo")
    assert read_issues([]) == (False, False)
