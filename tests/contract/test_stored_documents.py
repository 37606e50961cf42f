"""What is stored of reports, by files as they were found at sellers: nothing about people, and all that is read."""

import importlib

import pytest
from amazon_reports.cleaning import LAYOUTS, REDUCED, TYPES, clean

from . import samples
from .test_fba_readers import READERS

pytestmark = pytest.mark.skipif(not samples.available(), reason=samples.MISSING)
# Of these there is no sample: their columns are those of their readers, see the unit tests.
WITHOUT = {'GET_MERCHANT_LISTINGS_ALL_DATA', 'GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2'}
# What Amazon's files say of people, by type; of all others nobody has seen a column like that.
PEOPLE = {
    'GET_AMAZON_FULFILLED_SHIPMENTS_DATA_GENERAL': {
        'buyer-email', 'buyer-name', 'buyer-phone-number', 'recipient-name', 'ship-address-1', 'ship-address-2',
        'ship-address-3', 'ship-city', 'ship-state', 'ship-postal-code', 'ship-country', 'ship-phone-number',
        'bill-address-1', 'bill-address-2', 'bill-address-3', 'bill-city', 'bill-state', 'bill-postal-code',
        'bill-country'},
    'GET_FBA_FULFILLMENT_CUSTOMER_RETURNS_DATA': {'customer-comments'},
}


def find_files(report_type):
    return sorted((samples.DIRECTORY / report_type).glob('*'))


def get_header(content):
    line = content.decode('utf-8-sig').splitlines()[0]
    return [name.strip().strip('"') for name in line.split('\t' if '\t' in line else ',')]


def test_there_is_a_sample_of_each_type_but_two():
    assert {report_type for report_type in TYPES if not find_files(report_type)} == WITHOUT


@pytest.mark.parametrize('report_type', sorted(TYPES - WITHOUT))
def test_nothing_about_people_is_stored(report_type):
    seen = set()
    for path in find_files(report_type):
        content = path.read_bytes()
        header = get_header(content)
        row = '\t'.join('MARKER' if name in PEOPLE.get(report_type, ()) else '7' for name in header)
        cleaned, _charset = clean(report_type, '\t'.join(header).encode() + b'\n' + row.encode() + b'\n', '')
        stored = get_header(cleaned)
        assert b'MARKER' not in cleaned and not PEOPLE.get(report_type, set()) & set(stored)
        seen |= PEOPLE.get(report_type, set()) & set(header)
    assert seen == PEOPLE.get(report_type, set()), "what is listed here is in a file"


@pytest.mark.parametrize('report_type', sorted(TYPES - WITHOUT))
def test_all_that_is_read_is_stored(report_type):
    name, function = READERS[report_type]
    module = importlib.import_module(f'amazon_reports.{name}')
    for path in find_files(report_type):
        content = path.read_bytes()
        cleaned, charset = clean(report_type, content, '')
        before, after = (list(getattr(module, function)(document, charset)) for document in (content, cleaned))
        assert [row._replace(number=0, **dict.fromkeys({'comments'} & set(row._fields), '')) for row in before] == [
            row._replace(number=0) for row in after], path.name
        assert not any(row.problem for row in after)


def test_each_type_has_its_treatment():
    assert set(READERS) - {'GET_XML_RETURNS_DATA_BY_RETURN_DATE'} | WITHOUT == TYPES
    assert not REDUCED.keys() & LAYOUTS.keys()
