"""The two reports of the returns that merchants are asked for: flat file and XML."""

import datetime

from lxml import etree

FLAT, XML = 'GET_FLAT_FILE_RETURNS_DATA_BY_RETURN_DATE', 'GET_XML_RETURNS_DATA_BY_RETURN_DATE'
COLUMNS = (
    'Order ID', 'Order date', 'Return request date', 'Return request status', 'Amazon RMA ID', 'Merchant RMA ID',
    'Label type', 'Label cost', 'Currency code', 'Return carrier', 'Tracking ID', 'Label to be paid by',
    'A-to-Z Claim', 'Is prime', 'ASIN', 'Merchant SKU', 'Item Name', 'Return quantity', 'Return Reason', 'In policy',
    'Return type', 'Resolution', 'Invoice number', 'Return delivery date', 'Order Amount', 'Order quantity',
    'SafeT Action reason', 'SafeT claim id', 'SafeT claim state', 'SafeT claim creation time',
    'SafeT claim reimbursement amount', 'Refunded Amount', 'Order Item ID',
)
MONTHS = ('Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec')
MAX_DAYS = 60


def read_requests(world, period, options):
    """Yield the return requests of the marketplaces asked for, by the day of the request."""
    for entry in _wanted(world, period, options):
        item = entry['item']
        yield (
            entry['order_ref'], _date(entry['order_date']), _date(entry['request_date']), entry['status'],
            entry['rma_ref'], entry['merchant_rma_ref'], entry['label_type'], entry['label_cost'], entry['currency'],
            entry['carrier'], entry['tracking_ref'], entry['label_payer'], entry['a_to_z'], entry['prime'], item.asin,
            item.sku, item.title, entry['quantity'], entry['reason'], entry['in_policy'], entry['return_type'],
            entry['resolution'], entry['invoice_ref'], _date(entry['delivery_date']), entry['order_amount'],
            entry['order_quantity'], entry['safet_reason'], entry['safet_ref'], entry['safet_state'],
            _date(entry['safet_date']), entry['safet_amount'], entry['refunded_amount'], entry['item_ref'])


def _wanted(world, period, options):
    now = world.now()
    return [entry for entry in world.requests.values()
            if entry['changed'] <= now and period.first <= entry['request_date'] <= period.last
            and entry['market'].id in options['marketplaces']]


def _date(day):
    return f'{day.day:02d}-{MONTHS[day.month - 1]}-{day.year}' if day else ''


def write_xml(world, period, options) -> bytes:
    """Return the requests as XML, b'' where there are none; some items come twice, as they have at Amazon."""
    orders = {}
    for entry in _wanted(world, period, options):
        orders.setdefault((entry['order_ref'], entry['rma_ref']), []).append(entry)
    if not orders:
        return b''
    envelope = etree.Element('AmazonEnvelope')
    _add(etree.SubElement(envelope, 'Header'), DocumentVersion='1.00')
    _add(envelope, MessageType='Returns-Report')
    message = etree.SubElement(envelope, 'Message')
    for entries in orders.values():
        details = etree.SubElement(message, 'return_details')
        for entry in entries:
            for _time in range(2 if entry['twice'] else 1):
                _add_item(etree.SubElement(details, 'item_details'), entry)
        _add_order(details, entries[0])
    return etree.tostring(envelope, encoding='UTF-8', xml_declaration=True)


def _add_item(node, entry):
    _add(node, item_name=entry['item'].title, asin=entry['item'].asin, return_reason_code=entry['reason'],
         merchant_sku=entry['item'].sku, in_policy=entry['in_policy'], return_quantity=entry['quantity'],
         resolution=entry['resolution'], category=entry['category'], refund_amount=entry['refunded_amount'])


def _add_order(node, entry):
    _add(node, order_id=entry['order_ref'], order_date=_stamp(entry['order_date']), amazon_rma_id=entry['rma_ref'],
         return_request_date=_stamp(entry['request_date']), return_request_status=entry['status'],
         a_to_z_claim={'Y': 'true', 'N': 'false'}.get(entry['a_to_z'], entry['a_to_z']), is_prime=entry['prime'])
    _add(etree.SubElement(node, 'label_details'), tracking_id=entry['tracking_ref'], return_carrier=entry['carrier'],
         currency_code=entry['currency'], label_cost=entry['label_cost'], label_type=entry['label_type'])
    _add(node, label_to_be_paid_by=entry['label_payer'], return_type=entry['return_type'],
         order_amount=entry['order_amount'], order_quantity=entry['order_quantity'],
         invoice_number=entry['invoice_ref'], return_delivery_date=_stamp(entry['delivery_date']))


def _stamp(day):
    return datetime.datetime.combine(day, datetime.time(9)).strftime('%Y-%m-%dT%H:%M:%SZ') if day else None


def _add(node, **values):
    """Add an element for each value that there is."""
    for name, value in values.items():
        if value not in (None, ''):
            etree.SubElement(node, name).text = str(value)
