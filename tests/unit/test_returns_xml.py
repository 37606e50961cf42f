"""Returns in XML: each by itself, whatever is wrong with another."""

import datetime
from decimal import Decimal

import pytest
from amazon_reports.customer_returns_xml import REPORT_TYPE, EmptyReport, ReportError, read_returns
from hypothesis import given, settings
from hypothesis import strategies as st
from work import count_work

# Calls of functions while a document is read, whatever is in it.
MOST = 3_000_000

ITEM = {'item_name': 'Shirt', 'asin': 'B000000001', 'return_reason_code': 'CR-MISSING_PARTS', 'merchant_sku': 'SKU-1',
        'in_policy': 'Y', 'return_quantity': '1', 'resolution': 'StandardRefund', 'refund_amount': '59.9'}
RETURN = {'order_id': '408-1', 'order_date': '2020-11-03T17:08:47Z', 'amazon_rma_id': 'DRMA',
          'return_request_date': '2020-11-12T12:44:17Z', 'return_request_status': 'Approved',
          'a_to_z_claim': 'false', 'is_prime': 'N', 'label_to_be_paid_by': 'Customer', 'return_type': 'C-Returns',
          'order_amount': '59.9', 'order_quantity': '1'}
LABEL = {'tracking_id': '1Z', 'return_carrier': 'UPS', 'currency_code': 'EUR', 'label_cost': '4.14',
         'label_type': 'AmazonPrePaidLabel'}
HEAD = ('<AmazonEnvelope xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><Header><DocumentVersion>1.00'
        '</DocumentVersion></Header><MessageType>Returns-Report</MessageType><Message>')


def elements(values):
    return ''.join(f'<{name}>{value}</{name}>' for name, value in values.items())


def make_return(*items, label=LABEL, **changes):
    details = ''.join(f'<item_details>{elements(item)}</item_details>' for item in items or (ITEM,))
    return (f'<return_details>{details}{elements({**RETURN, **changes})}<label_details>{elements(label)}'
            f'</label_details></return_details>')


def report(*returns, head=HEAD):
    return f'{head}{"".join(returns)}</Message></AmazonEnvelope>'.encode()


def read(content, charset=''):
    with count_work(MOST):
        return list(read_returns(content, charset))


def test_a_return():
    [row] = read(report(make_return()))
    assert row == (
        1, '408-1', datetime.datetime(2020, 11, 3, 17, 8, 47), datetime.datetime(2020, 11, 12, 12, 44, 17), 'Approved',
        'DRMA', '', 'AmazonPrePaidLabel', Decimal('4.14'), 'EUR', 'UPS', '1Z', 'Customer', 'N', 'N', 'B000000001',
        'SKU-1', 'Shirt', 1, 'CR-MISSING_PARTS', 'Y', 'C-Returns', 'StandardRefund', '', None, Decimal('59.9'), 1, '',
        '', '', None, None, Decimal('59.9'), '', {}, '')
    assert REPORT_TYPE == 'GET_XML_RETURNS_DATA_BY_RETURN_DATE'


def test_what_came_later_and_what_is_unknown():
    [row] = read(report(make_return({**ITEM, 'category': 'Apparel'}, label={**LABEL, 'colour': 'red'},
                                    invoice_number='R-1', return_delivery_date='2020-11-20', future='x')))
    assert (row.invoice_ref, row.delivery_date, row.problem) == ('R-1', datetime.datetime(2020, 11, 20), '')
    assert row.extra == {'category': 'Apparel', 'colour': 'red', 'future': 'x'}


def test_what_is_absent_is_empty():
    [row] = read(report('<return_details><item_details><merchant_sku>S</merchant_sku><return_quantity>1'
                        '</return_quantity></item_details><order_id>1</order_id><return_request_date>2020-11-12'
                        '</return_request_date></return_details>'))
    assert (row.order_ref, row.sku, row.label_cost, row.currency, row.order_quantity, row.prime, row.problem) == (
        '1', 'S', None, '', None, '', '')


@pytest.mark.parametrize(('ordered', 'quantities', 'kept'), [
    ('1', '11', 1), ('2', '11', 2), ('2', '111', 2), ('2', '22', 1), ('3', '22', 1), ('4', '22', 2), ('', '11', 2),
    ('0', '1', 1), ('1', '2', 1)])
def test_an_item_that_is_there_twice(ordered, quantities, kept):
    rows = read(report(make_return(*({**ITEM, 'return_quantity': quantity} for quantity in quantities),
                                   order_quantity=ordered)))
    assert len(rows) == kept and {row.problem for row in rows} == {''}


def test_items_that_differ_are_items_each():
    rows = read(report(make_return(ITEM, {**ITEM, 'merchant_sku': 'SKU-2'}, ITEM, order_quantity='2')))
    assert [row.sku for row in rows] == ['SKU-1', 'SKU-2']
    assert len(read(report(make_return(), make_return()))) == 2, "two returns"


@pytest.mark.parametrize(('spoilt', 'problem'), [
    (make_return({**ITEM, 'return_quantity': 'many'}), "Return quantity: 'many' is not a number"),
    (make_return({**ITEM, 'merchant_sku': ''}), "it has no Merchant SKU"),
    (make_return({**ITEM, 'item_name': '<b>'}), "it is not XML"),
    (make_return({**ITEM, 'item_name': 'Salt & Pepper'}), "it is not XML"),
    (make_return({**ITEM, 'item_name': '&xxe;'}), "it is not XML: Entity 'xxe' not defined"),
    (make_return(order_id=''), "it has no Order ID"), (make_return(order_amount='1e5000'), "Order Amount: "),
    (make_return()[:200], "the document is cut off within it"), (make_return({**ITEM, 'x' * 2_000_000: ''}), "longer"),
    (make_return({**ITEM, 'item_name': 'x' * 10_000_000}), "it is longer than 1000000 characters"),
    ('<return_details><order_id>1</order_id></return_details>', "it has no item_details"),
    (f'<return_details>{"<a>" * 5000}{"</a>" * 5000}</return_details>', "it is not XML"),
    ('<return_details></return_details>', "it has no item_details"), ('<return_details>', "cut off"),
    (make_return({**ITEM, 'asin': 'A&#0;B'}), '')])
def test_an_odd_return_harms_no_other(spoilt, problem):
    for place in range(3):
        returns = [make_return(), make_return(order_id='408-2')]
        returns.insert(place, spoilt)
        rows = read(report(*returns))
        odd = rows.pop(place)
        assert problem in odd.problem and odd.number == place + 1 and len(odd.problem) < 400
        assert [(row.order_ref, row.problem) for row in rows] == [('408-1', ''), ('408-2', '')]


@pytest.mark.parametrize(('written', 'title'), [
    ('tama&#241;o &amp; more', 'tamaño & more'), ('&amp;#39;quoted&amp;quot;', "'quoted\""),
    ('a&#0;b&#x1A;c&#xFFFFFFFF;', 'a\ufffdb\ufffdc\ufffd'), ('a\x00b\x0bc', 'a\ufffdb\ufffdc'),
    ('<![CDATA[<b> & ]]>', '<b> &'), ('one<!-- no -->two', 'onetwo'), ('one<?no?>two', 'onetwo'),
    ('<b>bold</b> shirt', 'bold shirt'), (' \n Shirt\n ', 'Shirt'), ('&#x1F600;', '\U0001f600')])
def test_odd_texts(written, title):
    [row] = read(report(make_return({**ITEM, 'item_name': written})))
    assert (row.title, row.problem) == (title, '')


def test_attributes_and_declared_prefixes():
    content = report(make_return()).replace(b'<return_details>', b'<return_details n="1">').replace(
        b'<order_amount>', b'<order_amount xsi:type="x">').replace(b'</return_details>', b'</return_details >')
    [row] = read(content)
    assert (row.order_amount, row.problem) == (Decimal('59.9'), '')


@pytest.mark.parametrize(('encoding', 'charset'), [
    ('utf-8', ''), ('utf-8-sig', ''), ('utf-8', 'cp1252'), ('cp1252', ''), ('iso-8859-1', ''), ('cp932', 'Shift_JIS'),
    ('utf-16', ''), ('cp932', '')])
def test_character_sets(encoding, charset):
    title = '商品' if encoding == 'cp932' else 'Größe'
    declared = f'<?xml version="1.0" encoding="{"Shift_JIS" if encoding == "cp932" else encoding}"?>\n'
    for head in (declared, *(() if encoding == 'cp932' and not charset else ('', '<?xml version="1.0"?>'))):
        content = report(make_return({**ITEM, 'item_name': title}), head=head + HEAD).decode().encode(encoding)
        [row] = read(content, charset)
        assert (row.title, row.problem) == (title, '')


def test_no_returns_and_no_document():
    assert read(report()) == [] and read(HEAD.encode()) == []
    for content in (b'', b' \r\n', b'\xef\xbb\xbf'):
        with pytest.raises(EmptyReport):
            read(content)


@pytest.mark.parametrize('content', [
    b'<html><body>Service Unavailable</body></html>', b'Order ID\tOrder date\r\n1\t2\r\n', b'PK\x03\x04' + bytes(100),
    report(make_return()).replace(b'Returns-Report', b'Orders-Report'), make_return().encode(), b'{"errors": []}',
    b'\xff\xfe\x00', report(make_return(), head='<!DOCTYPE a [<!ENTITY b "c">]>' + HEAD), b'x' * 10_000_000])
def test_what_is_no_report(content):
    with pytest.raises(ReportError) as caught:
        read(content)
    assert len(str(caught.value)) < 300 and not isinstance(caught.value, EmptyReport)


def test_entities_are_never_resolved():
    bomb = ''.join(f'<!ENTITY a{number} "{f"&a{number - 1};" * 10}">' for number in range(1, 10))
    for head in (f'<!DOCTYPE x [<!ENTITY a0 "x">{bomb}]>{HEAD}',
                 f'<!DOCTYPE x [<!ENTITY a9 SYSTEM "file:///etc/passwd">]>{HEAD}'):
        with pytest.raises(ReportError, match="document type"):
            read(report(make_return({**ITEM, 'item_name': '&a9;'}), head=head))
    rows = read(report(make_return(), f'<!DOCTYPE x [<!ENTITY a "b">]>{make_return({**ITEM, "item_name": "&a;"})}'))
    assert [bool(row.problem) for row in rows] == [False, True]


def test_a_document_that_is_cut_off_anywhere():
    content = report(make_return(), make_return(order_id='408-2'))
    whole = read(content)
    for end in range(len(HEAD), len(content)):
        rows = read(content[:end])
        assert all(row == whole[row.number - 1] or row.problem for row in rows)


def test_many_returns_and_many_beginnings():
    rows = read(report(*[make_return()] * 3_000))
    assert len(rows) == 3_000 and not any(row.problem for row in rows)
    assert len(read(HEAD.encode() + b'<return_details>' * 20_000)) == 20_000


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=100), st.integers(0, 1500))
def test_bytes_of_any_kind_anywhere(noise, position):
    content = report(make_return(), make_return())
    try:
        rows = read(content[:position] + noise + content[position:])
    except ReportError as error:
        str(error).encode()
        return
    for row in rows:
        texts = ''.join([*(value for value in row if isinstance(value, str)), *row.extra, *row.extra.values()])
        assert '\0' not in texts
        texts.encode()
