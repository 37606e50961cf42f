"""`GET_FBA_REIMBURSEMENTS_DATA`: what Amazon paid or replaced for goods that it lost or damaged, and took back."""

import datetime
from decimal import Decimal
from typing import NamedTuple

from .cells import read_amount, read_count, read_currency, read_moment, read_text
from .flat_file import Column, Layout, read_flat_file
from .text import EmptyReport, ReportError

REPORT_TYPE = 'GET_FBA_REIMBURSEMENTS_DATA'


class ReimbursementRow(NamedTuple):
    """One SKU of a reimbursement, which may have several.

    `unit_amount` and `amount` are in `currency` (ISO code), negative where Amazon takes money back; `quantity` is the
    sum of `cash_quantity` and `inventory_quantity`, units that were paid and units that were replaced, and all are
    signed. `original_ref` and `original_type` name the reimbursement that is taken back. `approval_date` is a naive
    datetime in UTC, `number` the line, `extra` has unknown columns with a value, `problem` says why the row cannot be
    used, '' for most.
    """

    number: int
    approval_date: datetime.datetime | None
    reimbursement_ref: str
    case_ref: str
    order_ref: str
    reason: str
    sku: str
    fnsku: str
    asin: str
    title: str
    condition: str
    currency: str
    unit_amount: Decimal | None
    amount: Decimal | None
    cash_quantity: int | None
    inventory_quantity: int | None
    quantity: int | None
    original_ref: str
    original_type: str
    extra: dict
    problem: str


LAYOUT = Layout(ReimbursementRow, {
    'approval_date': Column('approval-date', read_moment, 'row'),
    'reimbursement_ref': Column('reimbursement-id', must='row'),
    'case_ref': Column('case-id'),
    'order_ref': Column('amazon-order-id'),
    'reason': Column('reason', must='row'),
    'sku': Column('sku', must='file'),
    'fnsku': Column('fnsku'),
    'asin': Column('asin'),
    'title': Column('product-name', read_text),
    'condition': Column('condition'),
    'currency': Column('currency-unit', read_currency, 'row'),
    'unit_amount': Column('amount-per-unit', read_amount),
    'amount': Column('amount-total', read_amount, 'row'),
    'cash_quantity': Column('quantity-reimbursed-cash', read_count),
    'inventory_quantity': Column('quantity-reimbursed-inventory', read_count),
    'quantity': Column('quantity-reimbursed-total', read_count),
    'original_ref': Column('original-reimbursement-id'),
    'original_type': Column('original-reimbursement-type'),
})


def read_reimbursements(content: bytes, charset: str = ''):
    """Return an iterator of what was reimbursed, `ReimbursementRow`.

    :param str charset: the name that came with the document, '' for none
    :raises EmptyReport: there is not even a header
    :raises ReportError: this is no such report
    """
    return read_flat_file(content, charset, LAYOUT)


__all__ = ['REPORT_TYPE', 'EmptyReport', 'ReimbursementRow', 'ReportError', 'read_reimbursements']
