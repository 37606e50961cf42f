"""What moves on a seller's account at Amazon: the rows of every known type, and those of the orders that were sold."""

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from amazon_api.marketplaces import BY_COUNTRY, BY_ID

from .clock import parse_time
from .generator import TAX_MODELS

# transaction-type, amount-type, amount-description, sign: everything that has been published, apart from reserves and
# payouts.
KNOWN = [
    *(('Order', 'ItemPrice', name, 1) for name in (
        'Principal', 'Tax', 'Shipping', 'ShippingTax', 'GiftWrap', 'GiftWrapTax', 'Goodwill', 'ExportCharge',
        'CODFee', 'CODTax')),
    *(('Order', 'ItemFees', name, -1) for name in (
        'Commission', 'FixedClosingFee', 'VariableClosingFee', 'FBAPerUnitFulfillmentFee', 'FBAPerOrderFulfillmentFee',
        'FBAWeightBasedFee',
        'ShippingChargeback', 'GiftwrapChargeback', 'ShippingHB', 'GiftwrapCommission', 'DigitalServicesFee',
        'SalesTaxServiceFee', 'FBATransportationFee', 'LowInventoryLevelFee', 'Goodwill', 'RestockingFee')),
    *(('Order', 'ItemWithheldTax', name, -1) for name in (
        'MarketplaceFacilitatorTax-Principal', 'MarketplaceFacilitatorTax-Shipping',
        'MarketplaceFacilitatorTax-Giftwrap', 'MarketplaceFacilitatorTax-Other',
        'MarketplaceFacilitatorVAT-Principal', 'MarketplaceFacilitatorVAT-Shipping', 'LowValueGoodsTax-Principal',
        'LowValueGoodsTax-Shipping', 'TCS-IGST')),
    *(('Order', 'Promotion', name, -1) for name in ('Principal', 'Shipping', 'TaxDiscount')),
    ('Order', 'ShipmentFees', 'Shipping', -1), ('Order', 'Shipment-Fees', 'Shipping', -1),
    ('Order', 'ShipmentFees', 'FBAPerOrderFulfillmentFee', -1),
    *(('Refund', 'ItemPrice', name, -1) for name in (
        'Principal', 'Tax', 'Shipping', 'ShippingTax', 'GiftWrap', 'GiftWrapTax', 'Goodwill', 'RestockingFee',
        'ReturnShipping', 'ExportCharge')),
    *(('Refund', 'ItemFees', name, 1) for name in ('Commission', 'ShippingHB', 'ShippingChargeback',
                                                   'GiftwrapChargeback', 'DigitalServicesFee')),
    *(('Refund', 'ItemFees', name, -1) for name in ('RefundCommission', 'RestockingFee', 'Goodwill')),
    *(('Refund', 'ItemWithheldTax', name, 1) for name in (
        'MarketplaceFacilitatorTax-Principal', 'MarketplaceFacilitatorTax-Shipping',
        'MarketplaceFacilitatorVAT-Principal', 'LowValueGoodsTax-Principal')),
    *(('Refund', 'Promotion', name, 1) for name in ('Principal', 'Shipping')),
    ('Chargeback Refund', 'ItemPrice', 'Principal', -1), ('Chargeback Refund', 'ItemPrice', 'Tax', -1),
    ('Chargeback Refund', 'ItemFees', 'Commission', 1),
    ('A-to-z Guarantee Refund', 'ItemPrice', 'Principal', -1), ('A-to-z Guarantee Refund', 'ItemPrice', 'Shipping', -1),
    ('A-to-z Guarantee Refund', 'ItemFees', 'RefundCommission', -1),
    ('A-to-z Guarantee Refund', 'ItemFees', 'Commission', 1), ('Order_Retrocharge', 'ItemPrice', 'Tax', 1),
    ('Order_Retrocharge', 'ItemWithheldTax', 'MarketplaceFacilitatorTax-Principal', -1),
    ('Refund_Retrocharge', 'ItemPrice', 'Tax', -1),
    ('Refund_Retrocharge', 'ItemWithheldTax', 'MarketplaceFacilitatorTax-Principal', 1),
    ('ServiceFee', 'Cost of Advertising', 'TransactionTotalAmount', -1),
    ('ServiceFee', 'Refund for Advertiser', 'TransactionTotalAmount', 1),
    *(('other-transaction', 'other-transaction', name, -1) for name in (
        'Storage Fee', 'StorageRenewalBilling', 'DisposalComplete', 'RemovalComplete', 'FBAInboundTransportationFee',
        'Subscription Fee',
        'FBACustomerReturnPerUnitFee', 'FBACustomerReturnPerOrderFee', 'FBACustomerReturnWeightBasedFee',
        'Multi-Channel Fulfillment Brand-Neutral Box Fee',
        'ShippingServices', 'Manual Processing Fee', 'BalanceAdjustment', 'Amazon Capital Services',
        'Merchant Bad Debt', 'Additional Other Expenses')),
    *(('other-transaction', 'other-transaction', name, 1) for name in (
        'NonSubscriptionFeeAdj', 'ShippingServicesRefund', 'Manual Processing Fee Reimbursement', 'Refund Reimbursal')),
    *(('other-transaction', 'FBA Inventory Reimbursement', name, 1) for name in (
        'REVERSAL_REIMBURSEMENT', 'WAREHOUSE_DAMAGE', 'WAREHOUSE_LOST', 'MISSING_FROM_INBOUND',
        'FREE_REPLACEMENT_REFUND_ITEMS', 'CS_ERROR_ITEMS',
        'INCORRECT_FEES_ITEMS', 'MULTICHANNEL_ORDER_DAMAGED', 'MULTICHANNEL_ORDER_LATE', 'MULTICHANNEL_ORDER_LOST',
        'REMOVAL_ORDER_DAMAGED', 'WAREHOUSE_DAMAGE_EXCEPTION', 'FBA Inventory Reimbursement - Customer Return')),
    ('other-transaction', 'FBA Inventory Reimbursement', 'COMPENSATED_CLAWBACK', -1),
    ('Fee Adjustment', 'Item Fee Adjustment', 'FBAPerUnitFulfillmentFee', 1),
    ('Fee Adjustment', 'Item Fee Adjustment', 'INCORRECT_FEES_NON_ITEMIZED', 1),
    ('Liquidations', 'ItemPrice', 'Principal', 1), ('Liquidations', 'ItemFees', 'Commission', -1),
    ('Liquidations Adjustments', 'ItemPrice', 'Principal', -1),
    ('CouponRedemptionFee', 'CouponRedemptionFee', 'Save 5% on kettles', -1),
    ('Lightning Deal Fee', 'LightningDealFee', 'Lightning deal of May', -1),
    ('Vine Enrollment Fee', 'Vine Enrollment Fee', 'Vine Enrollment Fee', -1),
    ('SellerReviewEnrollmentPayment', 'Review Enrollment Fee', 'SellerReviewEnrollmentPayment', -1),
    ('Grade and Resell Fees', 'Grade and Resell Charge', 'Grade and Resell Charge', -1),
    ('Commingling VAT', 'other-transaction', 'Commingling VAT', -1),
    ('Income Tax Charged', 'other-transaction', 'Income Tax Charged', -1),
    ('Shipping label purchase', 'other-transaction', 'Shipping label purchase', -1),
]
# Money that Amazon keeps, gives back, pays out again, or takes from the seller's card.
BALANCE = [
    ('other-transaction', 'other-transaction', 'Current Reserve Amount', -1),
    ('other-transaction', 'other-transaction', 'Previous Reserve Amount Balance', 1),
    ('other-transaction', 'other-transaction', 'Payable to Amazon', -1),
    ('other-transaction', 'other-transaction', 'Successful charge', 1),
    ('other-transaction', 'other-transaction', 'Micro Deposit', -1),
    ('other-transaction', 'other-transaction', 'Failed Disbursement', 1),
]
NAMES = {'ITEM': 'Principal', 'SHIPPING': 'Shipping', 'GIFT_WRAP': 'GiftWrap'}
TAX_NAMES = {'ITEM': 'Tax', 'SHIPPING': 'ShippingTax', 'GIFT_WRAP': 'GiftWrapTax'}
WITHHELD = {'US': 'MarketplaceFacilitatorTax', 'SG': 'LowValueGoodsTax', 'AU': 'LowValueGoodsTax'}
SHARE = Decimal('0.15')


def row(kind: tuple, amount, **values) -> dict:
    """One row of a settlement by column name; `kind` is one of `KNOWN` without its sign."""
    return {'transaction-type': kind[0], 'amount-type': kind[1], 'amount-description': kind[2],
            'amount': Decimal(amount), **values}


def unit(currency: str) -> Decimal:
    return Decimal(1) if currency == 'JPY' else Decimal('0.01')


def shipment_rows(market, order: dict, *, shares=None) -> list[dict]:
    """Return what an order brings when it is shipped: prices, tax, promotions, tax that Amazon keeps, fees; empty where
    nothing was paid.

    :param dict shares: order item id -> the part of the item that is shipped (a Fraction); all of everything by default
    """
    rows = []
    for item in order['orderItems']:
        share = Fraction(1) if shares is None else shares.get(item['orderItemId'], 0)
        if item.get('proceeds') and share:
            rows += _item_rows(market, order, item, share)
    for part in order.get('proceeds', {}).get('breakdowns', []):
        if part['type'] == 'DELIVERY_TIP' and shares is None:
            rows.append(_order_row(market, order, ('Order', 'ItemPrice', 'Shipping'),
                                   Decimal(part['subtotal']['amount'])))
    return rows


def _item_rows(market, order, item, share):
    charges, taxes, discounts, on_top = read_item(item)
    exact = unit(market.currency)
    quantity = item['quantityOrdered']
    common = {'order-item-code': item['orderItemId'], 'sku': item['product'].get('sellerSku', '')}
    withheld = TAX_MODELS[market.country].facilitator

    def part(value):
        return (Decimal(value) * share.numerator / share.denominator).quantize(exact, ROUND_HALF_UP)

    rows = []
    for name, amount in charges.items():
        tax = part(taxes.get(name, 0))
        net = part(amount) - (0 if on_top else tax)
        rows.append(_order_row(market, order, ('Order', 'ItemPrice', NAMES[name]), net, **common,
                               **({'quantity-purchased': str(int(quantity * share))} if name == 'ITEM' else {})))
        if tax:
            rows.append(_order_row(market, order, ('Order', 'ItemPrice', TAX_NAMES[name]), tax, **common))
            if withheld:
                tax_name = WITHHELD.get(market.country, 'MarketplaceFacilitatorVAT')
                kind = f"{tax_name}-{NAMES[name].replace('GiftWrap', 'Giftwrap')}"
                rows.append(_order_row(market, order, ('Order', 'ItemWithheldTax', kind), -tax, **common))
    for name, amount in discounts.items():
        rows.append(_order_row(market, order, ('Order', 'Promotion', NAMES[name]), -part(amount), **common,
                               **{'promotion-id': 'PAWS-V2-SUMMER'}))
    rows.append(_order_row(market, order, ('Order', 'ItemFees', 'Commission'), -part(charges['ITEM'] * SHARE),
                           **common))
    if order['fulfillment']['fulfilledBy'] == 'AMAZON':
        rows.append(_order_row(market, order, ('Order', 'ItemFees', 'FBAPerUnitFulfillmentFee'), -part(3 * quantity),
                               **common))
    return rows


def read_item(item: dict) -> tuple[dict, dict, dict, bool]:
    """Return charges, taxes and discounts (without sign) of an item by kind, and whether tax comes on top."""
    charges, taxes, discounts = {}, {}, {}
    for part in item['proceeds']['breakdowns']:
        target = {'TAX': taxes, 'DISCOUNT': discounts}.get(part['type'])
        if target is None:
            charges[part['type']] = Decimal(part['subtotal']['amount'])
        for detail in part.get('detailedBreakdowns', []) if target is not None else []:
            target[detail['subtype']] = abs(Decimal(detail['value']['amount']))
    total = Decimal(item['proceeds']['proceedsTotal']['amount'])
    return charges, taxes, discounts, bool(taxes) and total == sum(charges.values()) + sum(taxes.values()) - sum(
        discounts.values())


def _order_row(market, order, kind, amount, **values):
    return row(kind, amount, **{
        'order-id': order['orderId'], 'merchant-order-id': order['orderId'],
        'shipment-id': f"D{order['orderId'][-9:].replace('-', '')}",
        'marketplace-name': order['salesChannel']['marketplaceName'], 'posted': parse_time(order['lastUpdatedTime']),
        'fulfillment-id': 'AFN' if order['fulfillment']['fulfilledBy'] == 'AMAZON' else 'MFN', **values})


def refund_rows(market, order: dict, items: dict, posted, *, adjustment: str) -> list[dict]:
    """Return what a refund takes back: the same share of all that each item brought, and Amazon's fee for it.

    :param dict items: order item id -> share of the item that is refunded (a Fraction)
    """
    rows = []
    for entry in shipment_rows(market, order, shares=items):
        if entry['amount-description'] == 'FBAPerUnitFulfillmentFee':
            continue
        rows.append({**entry, 'transaction-type': 'Refund', 'amount': -entry['amount'], 'posted': posted,
                     'adjustment-id': adjustment, 'merchant-adjustment-item-id': entry['order-item-code']})
        if entry['amount-description'] == 'Commission':
            fee = (entry['amount'] * Decimal('0.2')).quantize(unit(market.currency), ROUND_HALF_UP)
            rows.append({**rows[-1], 'amount-description': 'RefundCommission', 'amount': fee})
    return rows


# === WHAT HAPPENED ON AN ACCOUNT === #

def events(state, seller) -> list[dict]:
    """Return all that moved on a seller's account: `id`, `type` (of the Finances API), `market`, `posted`, `rows`,
    `order` or None.
    """
    shipped = []
    for order in state.orders.values():
        market = BY_ID[order['salesChannel']['marketplaceId']]
        if market.id in seller.marketplace_ids and order['fulfillment']['fulfillmentStatus'] == 'SHIPPED':
            rows = shipment_rows(market, order)
            shipped += [{'id': f"S-{order['orderId']}", 'type': 'Shipment', 'market': market,
                         'posted': parse_time(order['lastUpdatedTime']), 'rows': rows, 'order': order}] * bool(rows)
    world = state.fba.get(seller.id)
    paid = [event for event in world.payments if event['posted'] <= state.now()] if world else []
    return shipped + paid + [event for event in state.money if event['seller'] is seller]


def happen(state, seller, *, type, posted=None, country=None, order=None, items=None, kind=None, amount=None,
           deferred=False, released=None) -> dict:
    """Let money move.

    :param str type: `Refund`, `Chargeback Refund`, `A-to-z Guarantee Refund`, or anything else with `kind` and `amount`
    :param dict items: of a refund: order item id -> how many pieces of it are refunded (a number; 0.5 is half the price
        of one piece)
    :param list kind: transaction-type, amount-type, amount-description of a single row
    :param bool deferred: Amazon keeps it back until `released` (a time), or until `release` is called
    :raises KeyError: there is no such order or item
    """
    posted = parse_time(posted) if posted else state.now()
    order = state.orders[order] if order else None
    market = BY_ID[order['salesChannel']['marketplaceId']] if order else BY_COUNTRY[country]
    number = len(state.money) + 1
    if items:
        quantities = {item['orderItemId']: item['quantityOrdered'] for item in order['orderItems']}
        shares = {item: Fraction(str(pieces)) / quantities[item] for item, pieces in items.items()}
        rows = [{**entry, 'transaction-type': type}
                for entry in refund_rows(market, order, shares, posted, adjustment=f'amzn1:crow:M{number:05d}+fA')]
    else:
        values = ({'order-id': order['orderId'], 'marketplace-name': order['salesChannel']['marketplaceName']} if order
                  else {})
        rows = [row(tuple(kind), Decimal(str(amount)), posted=posted, **values)]
    event = {'id': f'M-{number}', 'seller': seller, 'type': type, 'market': market, 'posted': posted, 'rows': rows,
             'order': order,
             'pieces': items or {}, 'deferred': deferred, 'released': parse_time(released) if released else None}
    state.money.append(event)
    return event


def release(state, event_id: str, released=None) -> dict:
    """Release what was deferred, now or at a time; Amazon lists it a second time then, under another id."""
    event = next(event for event in state.money if event['id'] == event_id)
    event['released'] = parse_time(released) if released else state.now()
    return event
