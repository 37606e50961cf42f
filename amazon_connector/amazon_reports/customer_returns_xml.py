"""`GET_XML_RETURNS_DATA_BY_RETURN_DATE`: the returns of `customer_returns.py` in XML.

Each return is read by itself: one that is damaged or cut off harms no other, and there is no document type that could
declare entities.
"""

import itertools
import re

from lxml import etree

from .cells import MAX_TEXT, Format
from .customer_returns import LAYOUT, ReturnRow
from .flat_file import RowMaker
from .text import MAX_LINE, EmptyReport, ReportError, decode
from .words import _

REPORT_TYPE = 'GET_XML_RETURNS_DATA_BY_RETURN_DATE'
ENVELOPE = re.compile(r'<AmazonEnvelope\b')
START, END = re.compile(r'<return_details(?=[\s>])'), re.compile(r'</return_details\s*>')
# Characters that XML does not have, as they are and by number.
ILLEGAL = re.compile('[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]')
REFERENCE = re.compile(r'&#(?:x([0-9a-fA-F]{1,8})|([0-9]{1,10}));')
DECLARED = re.compile(rb'^\s*<\?xml[^>]*?encoding=["\']([\w.:-]+)["\']')
# A prefix that Amazon's envelopes declare.
WRAPPER = '<Message xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">%s</Message>'
# Elements of an item, those of the return itself, and those of its label, by field of a row. Others are kept by their
# names, as those of the SAFE-T claim: nobody has seen them in XML.
ITEM = {'title': 'item_name', 'asin': 'asin', 'reason': 'return_reason_code', 'sku': 'merchant_sku',
        'in_policy': 'in_policy', 'quantity': 'return_quantity', 'resolution': 'resolution',
        'refunded_amount': 'refund_amount'}
LABEL = {'tracking_ref': 'tracking_id', 'carrier': 'return_carrier', 'currency': 'currency_code',
         'label_cost': 'label_cost', 'label_type': 'label_type'}
RETURN = {'order_ref': 'order_id', 'order_date': 'order_date', 'rma_ref': 'amazon_rma_id',
          'request_date': 'return_request_date', 'status': 'return_request_status', 'a_to_z': 'a_to_z_claim',
          'prime': 'is_prime', 'label_payer': 'label_to_be_paid_by', 'return_type': 'return_type',
          'order_amount': 'order_amount', 'order_quantity': 'order_quantity', 'invoice_ref': 'invoice_number',
          'delivery_date': 'return_delivery_date'}


def read_returns(content: bytes, charset: str = ''):
    """Return an iterator of the returns, `ReturnRow`, one for each item.

    Amazon wrote an item of some returns twice: it counts once where the order has not so many units.

    :param str charset: the name that came with the document, '' for none
    :raises EmptyReport: there is nothing in the document
    :raises ReportError: this is no such report
    """
    declared = DECLARED.match(content[:200])
    text = decode(content, charset or (declared[1].decode() if declared else ''))
    if not text.strip('\ufeff \t\r\n'):
        raise EmptyReport(_("The report is empty."))
    first = START.search(text)
    head = text[:first.start() if first else len(text)]
    if not ENVELOPE.search(head) or 'Returns-Report' not in head:
        raise ReportError(_("The document is no report of returns in XML."))
    if '<!DOCTYPE' in head or '<!ENTITY' in head:
        raise ReportError(_("The document has a document type, which Amazon's reports have not: fetch it again."))
    return _read_all(text)


def _read_all(text):
    """Yield the rows of all returns."""
    maker = RowMaker(LAYOUT, Format('.', ''))
    starts = [match.start() for match in START.finditer(text)]
    for number, (start, end) in enumerate(itertools.pairwise([*starts, len(text)]), 1):
        try:
            yield from _read_return(number, _parse(text[start:end]), maker)
        except ValueError as error:
            yield maker.refuse(number, error.args[0])


def _parse(text):
    """Return the element of a return.

    :param str text: it, and what is between it and the next one
    :raises ValueError: it is none, with the reason in words
    """
    end = END.search(text)
    if not end:
        raise ValueError(_("the document is cut off within it"))
    if end.end() > MAX_LINE:
        raise ValueError(_("it is longer than %(most)s characters", most=MAX_LINE))
    text = REFERENCE.sub(_check_reference, ILLEGAL.sub('\ufffd', text[:end.end()]))
    parser = etree.XMLParser(encoding='utf-8', resolve_entities=False, no_network=True, remove_comments=True,
                             remove_pis=True)
    try:
        return etree.fromstring((WRAPPER % text).encode(), parser)[0]
    except etree.XMLSyntaxError as error:
        raise ValueError(_("it is not XML: %(error)s", error=str(error)[:200])) from None


def _check_reference(match):
    """Return a reference to a character, or what stands for one that XML does not have."""
    number = int(match[1], 16) if match[1] else int(match[2])
    legal = number in (9, 10, 13) or 32 <= number < 0xD800 or 0xE000 <= number < 0xFFFE or 0x10000 <= number < 0x110000
    return match[0] if legal else '\ufffd'


def _read_return(number, element, maker):
    """Return the rows of a return, one for each item."""
    common = _find_texts(element, RETURN) | _find_texts(element.find('label_details'), LABEL)
    extra = _find_unknown(element, {*RETURN.values(), 'item_details', 'label_details'}) | _find_unknown(
        element.find('label_details'), LABEL.values())
    rows = []
    for item in element.findall('item_details'):
        texts = common | _find_texts(item, ITEM)
        rows.append(maker.make(number, [texts.get(field, '') for field in LAYOUT.columns],
                               extra | _find_unknown(item, ITEM.values())))
    if not rows:
        raise ValueError(_("it has no %(name)s", name='item_details'))
    return _drop_doubles(rows)


def _drop_doubles(rows: list[ReturnRow]):
    """Return the rows of a return without those that another is equal to, as long as the order has not so many units.
    """
    kept, total = [], 0
    for row in rows:
        total += row.quantity or 0
        if row in kept and row.order_quantity is not None and total > row.order_quantity:
            total -= row.quantity or 0
        else:
            kept.append(row)
    return kept


def _find_texts(element, names):
    return {field: _get_text(element.find(name)) for field, name in names.items()} if element is not None else {}


def _find_unknown(element, known):
    """Return name and text of all elements that this code does not know."""
    return {child.tag[:100]: text[:MAX_TEXT] for child in (element if element is not None else ())
            if isinstance(child.tag, str) and child.tag not in known and (text := _get_text(child))}


def _get_text(element):
    return ''.join(element.itertext()).strip() if element is not None else ''


__all__ = ['REPORT_TYPE', 'EmptyReport', 'ReportError', 'ReturnRow', 'read_returns']
