"""Orders and refunds in the forms in which Amazon states them: payload, transaction, rows of a settlement."""

import dataclasses
import datetime
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import NamedTuple

from .random_law import AMAZON, SHOPS, Case

CENT = Decimal('0.01')
# How Amazon states the tax of an order: inside of its amounts, on top, as a zero that says nothing, or not at all.
INSIDE, TOP, ZERO, UNSTATED = 'inside', 'top', 'zero', 'unstated'
ROW_NAMES = {
    'ITEM': ('Principal', 'Tax', 'Principal'),
    'SHIPPING': ('Shipping', 'ShippingTax', 'Shipping'),
    'GIFT_WRAP': ('GiftWrap', 'GiftWrapTax', 'Giftwrap'),
}
CHARGES = {
    'ITEM': ('OurPricePrincipal', 'OurPriceTax'),
    'SHIPPING': ('ShippingPrincipal', 'ShippingTax'),
    'GIFT_WRAP': ('GiftwrapPrincipal', 'GiftwrapTax'),
}
GROUPS = {
    'ItemPrice': 'ProductCharges',
    'ItemFees': 'AmazonFees',
    'ItemWithheldTax': 'WithheldTax',
    'Promotion': 'PromoRebates',
}


def cents(value) -> Decimal:
    return Decimal(value).quantize(CENT, ROUND_HALF_UP)


def show_time(moment) -> str:
    return moment.strftime('%Y-%m-%dT%H:%M:%SZ')


class Part(NamedTuple):
    """What was paid for one thing of an item after its discount; `taxes` are pairs of a `Tax` and its amount."""

    kind: str
    net: Decimal
    taxes: tuple
    discount: Decimal = Decimal(0)

    @property
    def tax(self):
        return sum((amount for _tax, amount in self.taxes), Decimal(0))

    @property
    def paid(self):
        return self.net + self.tax

    @property
    def by_amazon(self):
        return sum((amount for tax, amount in self.taxes if tax.payer == AMAZON), Decimal(0))

    def minus(self, other):
        """This part without another one of the same kind and taxes."""
        taxes = tuple(
            (tax, amount - less) for (tax, amount), (_same, less) in zip(self.taxes, other.taxes, strict=True)
        )
        return Part(self.kind, self.net - other.net, taxes, self.discount - other.discount)

    def share(self, share: Fraction):
        def part(amount):
            return cents(amount * share.numerator / share.denominator)

        taxes = tuple((tax, part(amount)) for tax, amount in self.taxes)
        return Part(
            self.kind, part(self.paid) - sum((amount for _tax, amount in taxes), Decimal(0)), taxes, part(self.discount)
        )


def price_part(kind, price, discount, taxes, inside, pieces=1) -> Part:
    """Return what a price comes to: taxes are inside of it, or on top; rounded by piece where there are several."""
    paid = Decimal(price - discount) / pieces
    total = sum((tax.rate for tax in taxes), Decimal(0))
    base = paid * 100 / (100 + total) if inside else paid
    amounts = tuple((tax, cents(base * tax.rate / 100) * pieces) for tax in taxes)
    return Part(kind, price - discount - (sum(amount for _tax, amount in amounts) if inside else 0), amounts, discount)


@dataclasses.dataclass
class Item:
    ref: str
    sku: str
    quantity: int
    parts: list
    left: list = dataclasses.field(default_factory=list)

    def __post_init__(self):
        self.left = self.left or list(self.parts)


@dataclasses.dataclass
class Order:
    """An order that was shipped; it counts for Amazon's payouts at `posted`, which is later where it is deferred.

    `style` is how Amazon states its tax, `names_payer` whether it says that Amazon pays it, `signed` whether discounts
    are negative.
    """

    ref: str
    case: Case
    channel: str
    style: str
    created: datetime.datetime
    posted: datetime.datetime
    items: list
    buyer: str
    names_payer: bool = True
    signed: bool = True
    invoiced: bool = False

    def __str__(self):
        taxes = ', '.join(
            dict.fromkeys(
                f"{tax.country} {tax.rate} {tax.scheme}{' by Amazon' * (tax.payer == AMAZON)}"
                for part in self.parts
                for tax, _amount in part.taxes
            )
        )
        items = [(item.sku, item.quantity, [(part.kind, str(part.paid), str(part.tax)) for part in item.parts])
                 for item in self.items]
        return (
            f"{self.ref} {self.case.shop} to "
            f"{self.case.place.state or self.case.place.country}{' business' * bool(self.case.vat)}, {self.channel}, "
            f"{self.created:%Y-%m-%d}, {'invoiced' if self.invoiced else 'summed up'}, tax {self.style} ({taxes}), "
            f"{self.get_total()} of {items}"
        )

    @property
    def shop(self):
        return SHOPS[self.case.shop]

    @property
    def parts(self):
        return [part for item in self.items for part in item.parts]

    def get_payload(self, changed=0) -> dict:
        """Return the `Order` of Orders 2026-01-01 as it is when all is shipped, `changed` minutes later."""
        updated = self.created + datetime.timedelta(days=1, minutes=changed)
        place = self.case.place
        address = {
            'name': self.buyer,
            'addressLine1': "Street 5",
            'city': place.city,
            'stateOrRegion': place.state,
            'postalCode': place.postcode,
            'countryCode': place.country,
        }
        payload = {
            'orderId': self.ref,
            'createdTime': show_time(self.created),
            'lastUpdatedTime': show_time(updated),
            'salesChannel': {'channelName': 'AMAZON', 'marketplaceId': self.shop.id, 'marketplaceName': self.shop.name},
            'buyer': {'buyerName': self.buyer, 'buyerEmail': f'{self.ref}@marketplace.amazon.com'},
            'recipient': {'deliveryAddress': {key: value for key, value in address.items() if value}},
            'fulfillment': {
                'fulfillmentStatus': 'SHIPPED',
                'fulfilledBy': self.channel,
                'fulfillmentServiceLevel': 'STANDARD',
            },
            'orderItems': [self._get_item(item) for item in self.items],
        }
        payload['proceeds'] = {'grandTotal': self._money(self.get_total())}
        if self.case.vat:
            payload['buyer']['buyerCompanyName'] = self.buyer
            payload['tax'] = {
                'taxRegistrations': [
                    {
                        'entityType': 'BUYER',
                        'legalName': self.buyer,
                        'taxRegistrationType': 'VAT',
                        'taxRegistrationNumber': self.case.vat,
                    }
                ]
            }
        return payload

    def get_total(self) -> Decimal:
        """What Amazon states that the order comes to: without the tax where it tells none that would be on top."""
        return sum((self._get_proceeds(part) for part in self.parts), Decimal(0))

    def _get_proceeds(self, part):
        return part.net if self.style == UNSTATED and part.by_amazon else part.paid

    def _get_item(self, item):
        discount, tax = sum(part.discount for part in item.parts), sum(part.tax for part in item.parts)
        parts = [
            {
                'type': part.kind,
                'subtotal': self._money(self._get_proceeds(part) + part.discount - part.tax * (self.style == TOP)),
            }
            for part in item.parts
        ]
        if discount:
            sign = -1 if self.signed else 1
            parts.append(
                {
                    'type': 'DISCOUNT',
                    'subtotal': self._money(sign * discount),
                    'detailedBreakdowns': [
                        {'subtype': part.kind, 'value': self._money(sign * part.discount)}
                        for part in item.parts
                        if part.discount
                    ],
                }
            )
        if self.style in (INSIDE, TOP):
            parts.append(
                {
                    'type': 'TAX',
                    'subtotal': self._money(tax),
                    'detailedBreakdowns': [
                        {'subtype': part.kind, 'value': self._money(part.tax)} for part in item.parts if part.tax
                    ],
                }
            )
        elif self.style == ZERO:
            parts.append({'type': 'TAX', 'subtotal': self._money(0)})
        stated = {'taxCollections': [{'model': 'MARKETPLACE_FACILITATOR', 'responsibleParty': 'Amazon Services, Inc.'}]}
        if self.case.scheme_stated:
            stated['taxCalculationBreakdowns'] = [{'reportingScheme': self.case.scheme_stated}]
        return {
            'orderItemId': item.ref,
            'quantityOrdered': item.quantity,
            'product': {'asin': 'B0TEST0001', 'sellerSku': item.sku, 'title': f"Title of {item.sku}"},
            'fulfillment': {'quantityFulfilled': item.quantity, 'quantityUnfulfilled': 0},
            'proceeds': {
                'proceedsTotal': self._money(sum(self._get_proceeds(part) for part in item.parts)),
                'breakdowns': parts,
            },
            **({'tax': stated} if self.names_payer and any(part.by_amazon for part in item.parts) else {}),
        }

    def _money(self, amount):
        return {'amount': f'{Decimal(amount):.2f}', 'currencyCode': self.shop.currency}

    @property
    def states_tax(self):
        return self.style in (INSIDE, TOP)


@dataclasses.dataclass
class Refund:
    """Part of an order that its buyer got back; `kind` as in settlements, `deferred`: how long before it counts.

    `by_hand`: the seller's people have made the credit note before Amazon states of the refund.
    """

    order: Order
    ref: str
    kind: str
    posted: datetime.datetime
    portions: list
    deferred: datetime.timedelta = datetime.timedelta(0)
    by_hand: bool = False

    @property
    def parts(self):
        return [part for _item, _pieces, parts in self.portions for part in parts]

    @property
    def paid(self):
        return sum((part.paid for part in self.parts), Decimal(0))

    def get_transactions(self) -> list[dict]:
        """Return its `Transaction` objects of Finances 2024-06-19: two that name each other where it was deferred."""
        first = self._get_transaction(f'T{self.ref}', self.posted)
        if not self.deferred:
            return [first]
        second = self._get_transaction(f'R{self.ref}', self.posted + self.deferred)
        first['transactionStatus'] = 'DEFERRED_RELEASED'
        for mine, other, name in (
            (first, second, 'RELEASE_TRANSACTION_ID'),
            (second, first, 'DEFERRED_TRANSACTION_ID'),
        ):
            mine['relatedIdentifiers'].append(
                {'relatedIdentifierName': name, 'relatedIdentifierValue': other['transactionId']}
            )
        return [first, second]

    def _get_transaction(self, ref, posted):
        rows = [row for portion in self.portions for row in self._get_rows(*portion)]
        return {
            'transactionId': ref,
            'transactionType': self.kind if self.kind != 'Chargeback Refund' else 'Refund',
            'transactionStatus': 'RELEASED',
            'description': 'Refund Order',
            'postedDate': show_time(posted),
            'totalAmount': self._money(rows),
            'breakdowns': [],
            'relatedIdentifiers': [{'relatedIdentifierName': 'ORDER_ID', 'relatedIdentifierValue': self.order.ref}],
            'marketplaceDetails': {'marketplaceId': self.order.shop.id, 'marketplaceName': self.order.shop.name},
            'items': [self._get_item(*portion) for portion in self.portions],
        }

    def _get_item(self, item, pieces, parts):
        groups, rows = {}, self._get_rows(item, pieces, parts)
        for row in rows:
            groups.setdefault(GROUPS[row['amount-type']], []).append(row)
        return {
            'description': f"Title of {item.sku}",
            'totalAmount': self._money(rows),
            'relatedIdentifiers': [
                {'itemRelatedIdentifierName': 'ORDER_ADJUSTMENT_ITEM_ID', 'itemRelatedIdentifierValue': item.ref}
            ],
            'contexts': [
                {
                    'contextType': 'ProductContext',
                    'asin': 'B0TEST0001',
                    'sku': item.sku,
                    'quantityShipped': pieces,
                    'fulfillmentNetwork': 'AFN' if self.order.channel == 'AMAZON' else 'MFN',
                }
            ],
            'breakdowns': [
                {
                    'breakdownType': name,
                    'breakdownAmount': self._money(entries),
                    'breakdowns': [
                        {'breakdownType': _name_charge(entry), 'breakdownAmount': self._money([entry])}
                        for entry in entries
                    ],
                }
                for name, entries in groups.items()
            ],
        }

    def _money(self, rows):
        return {
            'currencyCode': self.order.shop.currency,
            'currencyAmount': float(sum((row['amount'] for row in rows), Decimal(0))),
        }

    def get_rows(self) -> list[dict]:
        """Return its rows in a settlement."""
        return [row for portion in self.portions for row in self._get_rows(*portion)]

    def _get_rows(self, item, _pieces, parts):
        return item_rows(self.order, item, parts, self.kind, self.posted + self.deferred)


def _name_charge(row):
    for charge, names in zip(CHARGES.values(), ROW_NAMES.values(), strict=True):
        if row['amount-type'] == 'ItemPrice' and row['amount-description'] in names[:2]:
            return charge[names.index(row['amount-description'])]
    return row['amount-description']


def item_rows(order, item, parts, kind, posted) -> list[dict]:
    """Return the rows of a settlement for an item: sold with kind `Order`, else given back."""
    sign = 1 if kind == 'Order' else -1
    common = {
        'order-id': order.ref,
        'merchant-order-id': order.ref,
        'marketplace-name': order.shop.name,
        'posted': posted,
        'order-item-code': item.ref,
        'sku': item.sku,
        'fulfillment-id': 'AFN' if order.channel == 'AMAZON' else 'MFN',
    }
    if sign < 0:
        common.update({'adjustment-id': f'amzn1:crow:{item.ref}', 'merchant-adjustment-item-id': item.ref})
    rows, paid = [], Decimal(0)
    for part in parts:
        goods, tax, withheld = ROW_NAMES[part.kind]
        # Amazon shows tax in rows of its own where it computed it, whatever the order said.
        apart = part.tax if order.states_tax or part.by_amazon else Decimal(0)
        amounts = [
            (('ItemPrice', goods), part.paid + part.discount - apart),
            (('ItemPrice', tax), apart),
            (('Promotion', goods), -part.discount),
            (
                (
                    'ItemWithheldTax',
                    f"MarketplaceFacilitator{'Tax' if order.shop.currency in ('USD', 'CAD') else 'VAT'}-{withheld}",
                ),
                -part.by_amazon,
            ),
        ]
        rows += [make_row((kind, *names), sign * amount, **common) for names, amount in amounts if amount]
        paid += part.paid
    rows += [make_row((kind, 'ItemFees', 'Commission'), -sign * cents(paid * 15 / 100), **common)]
    if sign < 0:
        rows.append(make_row((kind, 'ItemFees', 'RefundCommission'), -cents(paid * 3 / 100), **common))
    elif order.channel == 'AMAZON':
        rows.append(make_row((kind, 'ItemFees', 'FBAPerUnitFulfillmentFee'), -3 * item.quantity, **common))
    return [row for row in rows if row['amount']]


def make_row(kind, amount, **values) -> dict:
    """Return a row by column name; `kind` is transaction type, amount type and description."""
    return {
        'transaction-type': kind[0],
        'amount-type': kind[1],
        'amount-description': kind[2],
        'amount': Decimal(amount),
        **values,
    }
