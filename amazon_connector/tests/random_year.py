"""A year of a seller on three marketplaces, drawn by a seed: orders, refunds, settlements, and the lines of the bank.

Nothing here knows Odoo or the addon. What must be in the books then is in `random_ledger`.
"""

import dataclasses
import datetime
import random
import zoneinfo
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from .random_law import CASES, COMPANIES, ON_TOP, SHOPS
from .random_orders import INSIDE, TOP, UNSTATED, ZERO, Item, Order, Refund, cents, item_rows, make_row, price_part

UTC = datetime.timezone.utc
COLUMNS = (
    'settlement-id',
    'settlement-start-date',
    'settlement-end-date',
    'deposit-date',
    'total-amount',
    'currency',
    'transaction-type',
    'order-id',
    'merchant-order-id',
    'adjustment-id',
    'shipment-id',
    'marketplace-name',
    'amount-type',
    'amount-description',
    'amount',
    'fulfillment-id',
    'posted-date',
    'posted-date-time',
    'order-item-code',
    'merchant-order-item-id',
    'merchant-adjustment-item-id',
    'sku',
    'quantity-purchased',
    'promotion-id',
)
OTHER = 'other-transaction'
RESERVE, RELEASED = (OTHER, OTHER, 'Current Reserve Amount'), (OTHER, OTHER, 'Previous Reserve Amount Balance')
OWED, CHARGED, FAILED = (
    (OTHER, OTHER, 'Payable to Amazon'),
    (OTHER, OTHER, 'Successful charge'),
    (OTHER, OTHER, 'Failed Disbursement'),
)
# What Amazon charges and pays beside orders: kind, lowest and highest amount in cents.
EXTRAS = [
    (('ServiceFee', 'Cost of Advertising', 'TransactionTotalAmount'), -3000, -100),
    ((OTHER, OTHER, 'Storage Fee'), -2000, -50),
    ((OTHER, OTHER, 'Subscription Fee'), -3900, -3900),
    ((OTHER, 'FBA Inventory Reimbursement', 'WAREHOUSE_LOST'), 300, 4000),
    ((OTHER, 'FBA Inventory Reimbursement', 'COMPENSATED_CLAWBACK'), -900, -100),
    (('Liquidations', 'ItemFees', 'Commission'), -200, -10),
]
REFUND_KINDS = ('Refund', 'Refund', 'Refund', 'Chargeback Refund', 'A-to-z Guarantee Refund')
# Units of a currency for one euro, by and large; they move from month to month.
VALUES = {'EUR': 1, 'GBP': 0.85, 'USD': 1.1, 'CAD': 1.5, 'MXN': 20}
SKUS = ('SKU-A', 'SKU-B', 'SKU-REDUCED')


@dataclasses.dataclass
class Settlement:
    """One payout: `orders` and `refunds` are what its rows settle, `rows` all of them."""

    shop: str
    ref: str
    start: datetime.datetime
    end: datetime.datetime
    orders: list
    refunds: list
    rows: list

    @property
    def total(self) -> Decimal:
        return sum((row['amount'] for row in self.rows), Decimal(0))

    @property
    def currency(self):
        return SHOPS[self.shop].currency

    @property
    def deposit(self):
        return self.end + datetime.timedelta(days=2)

    def sum(self, *kinds) -> Decimal:
        """Return the sum of the rows of some kinds."""
        return sum(
            (
                row['amount']
                for row in self.rows
                if (row['transaction-type'], row['amount-type'], row['amount-description']) in kinds
            ),
            Decimal(0),
        )

    def get_file(self) -> bytes:
        """Return its report in flat file V2."""
        head = {
            'settlement-id': self.ref,
            'settlement-start-date': _show(self.start),
            'settlement-end-date': _show(self.end),
            'deposit-date': _show(self.deposit),
            'total-amount': self.total,
            'currency': self.currency,
        }
        rows = [
            {
                **row,
                'settlement-id': self.ref,
                'posted-date': f"{row['posted']:%Y-%m-%d}",
                'posted-date-time': _show(row['posted']),
            }
            for row in self.rows
        ]
        return '\n'.join(
            '\t'.join(line)
            for line in [COLUMNS, *([str(row.get(name, '')) for name in COLUMNS] for row in [head, *rows])]
        ).encode()


class BankLine(NamedTuple):
    """What the bank shows: `settlement` is whose payout it is, None for somebody else's money."""

    date: datetime.date
    currency: str
    amount: Decimal
    text: str
    settlement: Settlement | None


@dataclasses.dataclass
class Round:
    """Some weeks until `end`: what Amazon states in them, in this order, and what the bank shows some days later."""

    end: datetime.datetime
    orders: list
    refunds: list
    settlements: list
    bank: list


@dataclasses.dataclass
class Account:
    """What Amazon keeps of a seller on a marketplace between two settlements."""

    waiting: list = dataclasses.field(default_factory=list)
    reserve: Decimal = Decimal(0)
    owed: Decimal = Decimal(0)
    failed: Decimal = Decimal(0)
    count: int = 0


def _show(moment):
    return f'{moment:%Y-%m-%d %H:%M:%S} UTC'


class Year:
    """The year of a company (a key of `COMPANIES`), drawn by a seed.

    :param int rounds: how many settlements each marketplace closes
    :param int orders: how many orders each marketplace has between two of them
    """

    def __init__(self, seed, country, rounds=6, orders=4):
        self.seed, self.rng = seed, random.Random(f'{seed}/{country}')
        self.company, self.cases = COMPANIES[country], CASES[country]
        self.zone = zoneinfo.ZoneInfo(self.company.zone)
        self.count, self.length = orders, datetime.timedelta(days=357 / rounds)
        self.moments = [
            datetime.datetime(2026, 1, 2, 5, 30, tzinfo=UTC) + self.length * number for number in range(rounds + 1)
        ]
        rng = self.rng
        # Whether Amazon computes the seller's tax, whether it rounds piece by piece, what is invoiced, and whether
        # settlements are split by month.
        self.calculates = {shop: rng.random() < 0.6 for shop in self.company.shops}
        self.per_piece = {shop: rng.random() < 0.4 for shop in self.company.shops}
        self.on_top = {shop: shop in ON_TOP or rng.random() < 0.3 for shop in self.company.shops}
        self.invoices = {
            (shop, channel): rng.random() < 0.6 for shop in self.company.shops for channel in ('MERCHANT', 'AMAZON')
        }
        self.splits = {shop: rng.random() < 0.5 for shop in self.company.shops}
        home = VALUES[self.company.currency]
        self.rates = {
            SHOPS[shop].currency: [
                round(VALUES[SHOPS[shop].currency] / home * rng.uniform(0.93, 1.07), 4) for _month in range(12)
            ]
            for shop in self.company.shops
            if SHOPS[shop].currency != self.company.currency
        }
        self.accounts = {shop: Account() for shop in self.company.shops}
        self.orders, self.numbers = [], iter(range(1, 10**6))
        self.late = []

    def play(self):
        """Yield the rounds of the year."""
        for start, end in zip(self.moments, self.moments[1:], strict=False):
            orders = [self._buy(shop, start, end) for shop in self.company.shops for _number in range(self.count)]
            refunds = self._refund(end, start)
            settlements = [self._settle(shop, start, end) for shop in self.company.shops]
            yield Round(end, orders, refunds, settlements, self._pay(settlements))
            self.orders += orders

    # === ORDERS === #

    def _moment(self, start, end):
        return (start + self.rng.random() * (end - start)).replace(microsecond=0)

    def _buy(self, shop, start, end):
        rng, number = self.rng, next(self.numbers)
        cases = [
            case for case in self.cases if case.shop == shop and (case.stated or self.calculates[shop] or not case.vat)
        ]
        case = rng.choices(cases, [case.weight for case in cases])[0]
        style = self._draw_style(case)
        channel = rng.choice(case.get_channels(self.company.country))
        created = self._moment(start, end - datetime.timedelta(days=4))
        items = [
            self._draw_item(case, number, position)
            for position in range(rng.choice((1, 1, 2)) if case.limit > 1000 else 1)
        ]
        company = 'GmbH' if case.vat else ''
        delay = datetime.timedelta(days=rng.choice((2, 2, 2, 40)))
        order = Order(
            f'{rng.randrange(300, 310)}-{number:07d}-{rng.randrange(10**7):07d}',
            case,
            channel,
            style,
            created,
            created + delay,
            items,
            f"Buyer {number} {company}".strip(),
            names_payer=case.place.country != 'US' or rng.random() < 0.6,
            signed=rng.random() < 0.7,
            invoiced=self.invoices[shop, channel],
        )
        self.accounts[shop].waiting.append((order.posted, order))
        return order

    def _draw_style(self, case):
        if case.place.country == 'US' and self.rng.random() < 0.25:
            return UNSTATED
        if case.stated or self.calculates[case.shop]:
            return TOP if self.on_top[case.shop] else INSIDE
        return self.rng.choice((ZERO, UNSTATED))

    def _draw_item(self, case, number, position):
        rng = self.rng
        sku = rng.choice(SKUS)
        taxes = case.reduced if sku == 'SKU-REDUCED' else case.taxes
        quantity = rng.choice((1, 1, 2, 3, 10))
        inside = not self.on_top[case.shop]
        highest = min(9000, case.limit * 100 // (quantity * 2))
        unit = Decimal(rng.randint(199, max(200, highest))) / 100
        price, discount = unit * quantity, Decimal(0)
        if rng.random() < 0.35:
            discount = cents(price * rng.choice((10, 15, 30, 50, 70, 90)) / 100)
        pieces = quantity if self.per_piece[case.shop] and not discount else 1
        parts = [price_part('ITEM', price, discount, taxes, inside, pieces)]
        for kind, chance in (('SHIPPING', 0.4), ('GIFT_WRAP', 0.1)):
            if rng.random() < chance:
                price = Decimal(rng.randint(99, 899)) / 100
                parts.append(price_part(kind, price, price if rng.random() < 0.2 else Decimal(0), taxes, inside))
        return Item(f'{number:010d}{position:04d}', sku, quantity, parts)

    # === REFUNDS === #

    def _refund(self, end, start):
        """Refund some earlier orders, in parts and again and again."""
        refunds = []
        for order in self.orders:
            if self.rng.random() < 0.25 and any(part.paid > 1 for item in order.items for part in item.left):
                refund = self._draw_refund(order, self._moment(start, end - datetime.timedelta(days=3)))
                if refund:
                    refunds.append(refund)
                    self.accounts[order.case.shop].waiting.append((refund.posted + refund.deferred, refund))
        return refunds

    def _draw_refund(self, order, posted):
        rng, whole = self.rng, all(item.left == item.parts for item in order.items)
        portions = [self._draw_portion(item) for item in order.items if rng.random() < 0.6]
        portions = [portion for portion in portions if any(part.paid for part in portion[2])]
        if not portions:
            return None
        # Within a month, so that it does not matter which of its two dates counts.
        local = posted.astimezone(self.zone)
        deferrable = (local + datetime.timedelta(days=3)).month == local.month
        refund = Refund(
            order,
            f'{next(self.numbers):06d}',
            rng.choice(REFUND_KINDS),
            posted,
            portions,
            datetime.timedelta(days=2 if deferrable and rng.random() < 0.3 else 0),
        )
        refund.by_hand = whole and refund.paid == sum(part.paid for part in order.parts) and rng.random() < 0.3
        return refund

    def _draw_portion(self, item):
        """Return item, pieces that come back, and what the buyer gets: the rest, pieces, or some of the price."""
        choice, whole = self.rng.random(), item.left == item.parts
        if choice < 0.4:
            parts, pieces = list(item.left), item.quantity if whole else 0
        elif choice < 0.7 and whole and item.quantity > 1:
            pieces = self.rng.randrange(1, item.quantity)
            parts = [item.parts[0].share(Fraction(pieces, item.quantity))]
        else:
            pieces, parts = 0, [item.left[0].share(Fraction(self.rng.choice((10, 25, 33)), 100))]
        given = {part.kind: part for part in parts}
        item.left = [part.minus(given[part.kind]) if part.kind in given else part for part in item.left]
        return item, pieces, parts

    # === SETTLEMENTS === #

    def _settle(self, shop, start, end):
        account, rng = self.accounts[shop], self.rng
        due = [event for moment, event in account.waiting if moment < end]
        account.waiting = [entry for entry in account.waiting if entry[0] >= end]
        orders, refunds = ([event for event in due if isinstance(event, kind)] for kind in (Order, Refund))
        rows = [
            row
            for order in orders
            for item in order.items
            for row in item_rows(order, item, item.parts, 'Order', order.posted)
        ]
        rows += [row for refund in refunds for row in refund.get_rows()]
        last = end - datetime.timedelta(hours=1)
        rows += [
            make_row(kind, Decimal(rng.randint(low, high)) / 100, posted=last, **{'marketplace-name': SHOPS[shop].name})
            for kind, low, high in EXTRAS
            if rng.random() < 0.6
        ]
        if rng.random() < 0.15:
            rows.append(
                make_row(
                    EXTRAS[1][0],
                    Decimal(-rng.randint(20000, 90000)) / 100,
                    posted=last,
                    **{'marketplace-name': SHOPS[shop].name},
                )
            )
        rows += [make_row(kind, amount, posted=last) for kind, amount in self._draw_balance(account) if amount]
        account.count += 1
        settlement = Settlement(
            shop, f'{1 + self.company.shops.index(shop)}{account.count:05d}', start, end, orders, refunds, rows
        )
        account.owed = min(settlement.total, Decimal(0))
        return settlement

    def _draw_balance(self, account):
        """What Amazon keeps, gives back, carries over, takes from the card, and what the bank sent back."""
        kept = Decimal(self.rng.choice((0, 0, 5000, 12345))) / 100
        charged = -account.owed if self.rng.random() < 0.4 else Decimal(0)
        balance = [
            (RELEASED, account.reserve),
            (RESERVE, -kept),
            (OWED, account.owed),
            (CHARGED, charged),
            (FAILED, account.failed),
        ]
        account.charge, account.reserve, account.failed = charged, kept, Decimal(0)
        return balance

    # === BANK === #

    def _pay(self, settlements):
        """The bank: payouts, some a round late or sent back, cards charged, and what only looks like one."""
        rng, lines = self.rng, self.late
        self.late = []
        for settlement in settlements:
            account, total, date = self.accounts[settlement.shop], settlement.total, settlement.deposit.date()
            if settlement.sum(CHARGED):
                lines.append(
                    BankLine(date, settlement.currency, -settlement.sum(CHARGED), "AMAZON PAYMENTS CHARGE", settlement)
                )
            if total <= 0:
                continue
            line = BankLine(date, settlement.currency, total, f"AMAZON PAYMENTS {settlement.ref}", settlement)
            fate = rng.random()
            if fate < 0.1:
                account.failed = total
            elif fate < 0.25:
                self.late.append(line)
            else:
                lines.append(line)
            if rng.random() < 0.2:
                lines.append(BankLine(date, settlement.currency, total, "Miller Ltd, invoice of May", None))
        return lines
