"""`GET_FLAT_FILE_RETURNS_DATA_BY_RETURN_DATE`: returns that buyers of the merchant's own shipments ask for."""

import datetime
from decimal import Decimal
from typing import NamedTuple

from .cells import read_amount, read_count, read_currency, read_flag, read_moment, read_text
from .flat_file import Column, Layout, read_flat_file
from .text import EmptyReport, ReportError

REPORT_TYPE = 'GET_FLAT_FILE_RETURNS_DATA_BY_RETURN_DATE'


class ReturnRow(NamedTuple):
    """One item of a return; the report has it again, with other values, while the return goes on.

    `rma_ref` and `item_ref` (else `sku`) are its key; `item_ref` is '' in older files. Amounts are in `currency` (ISO
    code): `label_cost` of the label, `order_amount` of the whole order, `refunded_amount` so far, `safet_amount` what
    Amazon paid on a SAFE-T claim. `a_to_z`, `prime` and `in_policy` are 'Y', 'N' or '' for what is not stated; status,
    types, reason and resolution are Amazon's words. Dates are naive datetimes in UTC, midnight where there is no time.
    `number` is the line, in XML the place of the return in the document. `extra` has unknown columns with a value,
    `problem` says why the row cannot be used, '' for most.
    """

    number: int
    order_ref: str
    order_date: datetime.datetime | None
    request_date: datetime.datetime | None
    status: str
    rma_ref: str
    merchant_rma_ref: str
    label_type: str
    label_cost: Decimal | None
    currency: str
    carrier: str
    tracking_ref: str
    label_payer: str
    a_to_z: str
    prime: str
    asin: str
    sku: str
    title: str
    quantity: int | None
    reason: str
    in_policy: str
    return_type: str
    resolution: str
    invoice_ref: str
    delivery_date: datetime.datetime | None
    order_amount: Decimal | None
    order_quantity: int | None
    safet_reason: str
    safet_ref: str
    safet_state: str
    safet_date: datetime.datetime | None
    safet_amount: Decimal | None
    refunded_amount: Decimal | None
    item_ref: str
    extra: dict
    problem: str


LAYOUT = Layout(ReturnRow, {
    'order_ref': Column('Order ID', must='row'),
    'order_date': Column('Order date', read_moment),
    'request_date': Column('Return request date', read_moment, 'row'),
    'status': Column('Return request status', must='file'),
    'rma_ref': Column('Amazon RMA ID', must='file'),
    'merchant_rma_ref': Column('Merchant RMA ID'),
    'label_type': Column('Label type'),
    'label_cost': Column('Label cost', read_amount),
    'currency': Column('Currency code', read_currency),
    'carrier': Column('Return carrier'),
    'tracking_ref': Column('Tracking ID'),
    'label_payer': Column('Label to be paid by'),
    'a_to_z': Column('A-to-Z Claim', read_flag),
    'prime': Column('Is prime', read_flag),
    'asin': Column('ASIN'),
    'sku': Column('Merchant SKU', must='row'),
    'title': Column('Item Name', read_text),
    'quantity': Column('Return quantity', read_count, 'row'),
    'reason': Column('Return Reason'),
    'in_policy': Column('In policy', read_flag),
    'return_type': Column('Return type'),
    'resolution': Column('Resolution'),
    'invoice_ref': Column('Invoice number'),
    'delivery_date': Column('Return delivery date', read_moment),
    'order_amount': Column('Order Amount', read_amount),
    'order_quantity': Column('Order quantity', read_count),
    'safet_reason': Column('SafeT Action reason', read_text),
    'safet_ref': Column('SafeT claim id'),
    'safet_state': Column('SafeT claim state'),
    'safet_date': Column('SafeT claim creation time', read_moment),
    'safet_amount': Column('SafeT claim reimbursement amount', read_amount),
    'refunded_amount': Column('Refunded Amount', read_amount),
    'item_ref': Column('Order Item ID'),
})


def read_returns(content: bytes, charset: str = ''):
    """Return an iterator of the returns, `ReturnRow`.

    :param str charset: the name that came with the document, '' for none
    :raises EmptyReport: there is not even a header
    :raises ReportError: this is no such report
    """
    return read_flat_file(content, charset, LAYOUT)


__all__ = ['LAYOUT', 'REPORT_TYPE', 'EmptyReport', 'ReportError', 'ReturnRow', 'read_returns']
