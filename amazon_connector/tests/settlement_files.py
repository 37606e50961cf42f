"""Settlement reports for tests, in Amazon's plain format."""

import datetime
from decimal import Decimal

COLUMNS = (
    'settlement-id', 'settlement-start-date', 'settlement-end-date', 'deposit-date', 'total-amount', 'currency',
    'transaction-type', 'order-id',
    'merchant-order-id', 'adjustment-id', 'shipment-id', 'marketplace-name', 'amount-type', 'amount-description',
    'amount', 'fulfillment-id',
    'posted-date', 'posted-date-time', 'order-item-code', 'merchant-order-item-id', 'merchant-adjustment-item-id',
    'sku', 'quantity-purchased', 'promotion-id',
)
PRINCIPAL, SHIPPING, TAX = ('Order', 'ItemPrice', 'Principal'), ('Order', 'ItemPrice',
                                                                 'Shipping'), ('Order', 'ItemPrice', 'Tax')
COMMISSION, PROMOTION = ('Order', 'ItemFees', 'Commission'), ('Order', 'Promotion', 'Principal')
TAX_DISCOUNT = ('Order', 'Promotion', 'TaxDiscount')
REFUND, REFUND_COMMISSION = ('Refund', 'ItemPrice', 'Principal'), ('Refund', 'ItemFees', 'Commission')
REFUND_TAX, WITHHELD = ('Refund', 'ItemPrice', 'Tax'), ('Order', 'ItemWithheldTax',
                                                        'MarketplaceFacilitatorVAT-Principal')
ADVERTISING = ('ServiceFee', 'Cost of Advertising', 'TransactionTotalAmount')
OTHER = 'other-transaction'
SUBSCRIPTION, STORAGE = (OTHER, OTHER, 'Subscription Fee'), (OTHER, OTHER, 'Storage Fee')
LOST = (OTHER, 'FBA Inventory Reimbursement', 'WAREHOUSE_LOST')
RESERVE, RELEASED = (OTHER, OTHER, 'Current Reserve Amount'), (OTHER, OTHER, 'Previous Reserve Amount Balance')
OWED, CHARGED = (OTHER, OTHER, 'Payable to Amazon'), (OTHER, OTHER, 'Successful charge')
UNKNOWN = (OTHER, OTHER, 'Drone Landing Fee')


def row(kind, amount, order='', posted='2026-10-20', sku='', market='Amazon.de', **values):
    """One row: its kind (transaction type, amount type, description), amount and whatever else; keys of `values` have _
    in the place of -.
    """
    return {'transaction-type': kind[0], 'amount-type': kind[1], 'amount-description': kind[2],
            'amount': Decimal(str(amount)), 'order-id': order, 'sku': sku,
            'posted-date': posted, 'posted-date-time': f'{posted} 10:00:00 UTC', 'marketplace-name': market,
            **{name.replace('_', '-'): value for name, value in values.items()}}


def document(rows, ref='111', start='2026-10-14', end='2026-10-28', total=None, currency='EUR', deposit=None):
    """Return the bytes of a settlement report whose total is the sum of its rows, unless another one is given."""
    total = sum((entry['amount'] for entry in rows), Decimal(0)) if total is None else total
    deposit = deposit or str(datetime.date.fromisoformat(end) + datetime.timedelta(days=2))
    head = {'settlement-id': ref, 'settlement-start-date': f'{start} 06:00:00 UTC',
            'settlement-end-date': f'{end} 06:00:00 UTC',
            'deposit-date': f'{deposit} 06:00:00 UTC', 'total-amount': total, 'currency': currency}
    table = [COLUMNS,
             *([str(entry.get(name, '')) for name in COLUMNS]
               for entry in [head, *({**entry, 'settlement-id': ref} for entry in rows)])]
    return '\n'.join('\t'.join(line) for line in table).encode()
