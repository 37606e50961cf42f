"""What Amazon says of the shipments that may have been on their way when the first day of a ledger began; nothing is
written.
"""

import collections
from typing import NamedTuple

from odoo.tools import SQL

from ..amazon_api.inbound import CLOSED, OPEN, VOIDED

CHOICES = [
    ('amazon', "What Amazon had not received"), ('balance', "What Amazon's balance lacks of it"),
    ('none', "Nothing but what was received since"),
]
OBSTACLES = [
    ('unasked', "Amazon has not been asked yet"), ('unlisted', "Amazon has said nothing of it"),
    ('status', "Its status is unknown to Odoo"), ('items', "Amazon has not stated all its quantities"),
    ('product', "Amazon's shipment lacks a product of the transfer, or a SKU has no product"),
    ('short', "It is closed and short, and nobody knows since when"),
    ('ledger', "Amazon's ledger does not show yet when it was received"),
]


class Way(NamedTuple):
    """A shipment that transfers of Odoo name; counters are pieces by product.

    :param sent: by the transfers
    :param received: by Amazon until the first day, as far as is known
    :param since: received by Amazon's ledger since the first day
    :param least: on their way or sent since the first day, if of before only what was received since was on its way
    :param by_amazon: the same by what Amazon says, None where it has not said enough
    :param obstacle: why that is not certain, as `OBSTACLES` has it, '' where it is
    """

    reference: str
    inbound: object
    pickings: object
    sent: collections.Counter
    received: collections.Counter
    since: collections.Counter
    least: collections.Counter
    by_amazon: collections.Counter | None
    obstacle: str

    def get_limit(self, choice: str):
        """Return the most pieces by product that were on their way, None where only Amazon's balance limits them.

        :param str choice: one of `CHOICES`, '' for none
        """
        if choice == 'none':
            return self.least
        if choice == 'balance' or self.by_amazon is None or self.obstacle and not choice:
            return None
        return self.by_amazon

    def is_decided(self, choice: str) -> bool:
        """Return whether it is certain what was on its way, or a person has chosen it."""
        return not self.obstacle if not choice else choice != 'amazon' or self.by_amazon is not None


class Goods(NamedTuple):
    """Pieces by product of a shipment: sent by transfers before the first day (`early`) and since then (`late`),
    announced to Amazon, counted by Amazon until it was asked and, of these, until the first day (`received`), received
    by its ledger `since`. `has_unknown` says that some have a SKU of which the product is not known.
    """

    early: collections.Counter
    late: collections.Counter
    announced: collections.Counter
    counted: collections.Counter
    received: collections.Counter
    since: collections.Counter
    has_unknown: bool

    @property
    def sent(self) -> collections.Counter:
        return self.early + self.late

    def count_on_way(self) -> collections.Counter:
        """Return what was not received until the first day, of what left before that day no more than was announced."""
        return collections.Counter({product: self._count_late(product) + max(min(
            self.early[product], max(self.announced[product] - self.late[product], 0)) - self.received[product], 0)
            for product in self.sent})

    def count_least(self) -> collections.Counter:
        """Return the same, where of what left before that day only what was received since was on its way."""
        return collections.Counter({
            product: self._count_late(product) + max(self.since[product] - self.late[product], 0)
            for product in self.sent})

    def _count_late(self, product):
        """Return what was sent since, less what Amazon had before: its transfer was written down later."""
        return max(self.late[product] - max(self.received[product] - self.early[product], 0), 0)

    def is_all_received(self) -> bool:
        """Return whether Amazon had received all of it before the first day."""
        return all(self.received[product] >= quantity for product, quantity in self.sent.items())

    def lacks_product(self) -> bool:
        """Return whether Amazon announces no unit of what was sent, or units of which nobody knows the product."""
        return self.has_unknown or bool(self.sent.keys() - self.announced.keys())


class OpeningWays:
    """The shipments of a seller that transfers name: `by_reference` has the `Way` of each by its number,
    `received_since` what its ledger has received since the first day, of others, too.

    :param plan: the `LedgerPlan` of the seller
    :param early: `Sent` of before the first day, with the number of a shipment
    :param late: `Sent` of since the first day, with the number of a shipment
    """

    def __init__(self, plan, early, late):
        self.plan, self.seller, self.env = plan, plan.seller, plan.env
        self._early, self._late = _group(early), _group(late)
        references = list(dict.fromkeys([*self._early, *self._late]))
        found = self.env['amazon.inbound'].search([
            ('seller_id', '=', self.seller.id), ('shipment_ref', 'in', references)])
        self._inbounds = {inbound.shipment_ref: inbound for inbound in found}
        plan.learn_shipments(self._inbounds)
        plan.learn_products(set(found.item_ids.mapped('sku')), set(filter(None, found.item_ids.mapped('fnsku'))))
        days = self.env['amazon.ledger.day']
        self._last = days._get_last_date(self.seller)
        self._is_caught_up = self.seller._find_missing_day(self._last) > self._last
        self.received_since, self._unknown = self._count_received_since()
        self.by_reference = {reference: self._read_way(reference) for reference in references}

    def _count_received_since(self):
        """Return what the ledger has received since its first day: number of the shipment -> product -> pieces; and the
        numbers of those of which it has received SKUs without a known product.
        """
        self.env['amazon.ledger.line'].flush_model()
        rows = [row for row in self.env.execute_query(SQL(
            """SELECT reference, COALESCE(sku, ''), COALESCE(fnsku, ''), COALESCE(event_type, ''), COALESCE(code, ''),
                      SUM(quantity)::int
                 FROM amazon_ledger_line WHERE seller_id = %s AND date >= %s AND reference != '' GROUP BY 1, 2, 3, 4, 5
             ORDER BY 1""", self.seller.id, self.seller.ledger_start))
            if self.plan.find_reason(*row[3:5]).route == 'inbound']
        self.plan.learn_products({row[1] for row in rows}, {row[2] for row in rows if row[2]})
        self.plan.learn_shipments({row[0] for row in rows})
        counts, unknown = collections.defaultdict(collections.Counter), set()
        for reference, sku, fnsku, _event_type, _code, quantity in rows:
            pieces = self._find_pieces(sku, fnsku, reference)
            if quantity and not pieces:
                unknown.add(reference)
            for product, need in pieces.items():
                counts[reference][product] += quantity * need
        return counts, unknown

    def _find_pieces(self, sku, fnsku, reference):
        """Return the pieces by product in a unit of a SKU of a shipment, nothing where its product is not known."""
        products = self.plan.find_products(sku or '', fnsku or '')
        parts = self.plan.find_received(*next(iter(products)), reference) if len(products) == 1 else {}
        return {self.env['product.product'].browse(part): pieces for part, pieces in parts.items()}

    def get_limits(self, choices) -> dict:
        """Return the most pieces by product that were on their way, by number of the shipment, where there is a limit.

        :param dict choices: number of a shipment -> what a person has chosen
        """
        limits = {reference: way.get_limit(choices.get(reference) or '')
                  for reference, way in self.by_reference.items()}
        return {reference: limit for reference, limit in limits.items() if limit is not None}

    def find_undecided(self, choices) -> list:
        """Return the numbers of the shipments of which neither Amazon nor a person says what was on its way."""
        return [reference for reference, way in self.by_reference.items()
                if not way.is_decided(choices.get(reference) or '')]

    def _read_way(self, reference):
        parts = [*self._late.get(reference, ()), *self._early.get(reference, ())]
        inbound, goods = self._inbounds.get(reference, self.env['amazon.inbound']), self._read_goods(reference)
        by_amazon, obstacle = self._judge(inbound, goods)
        return Way(reference, inbound, self.env['stock.picking'].union(*(part.picking for part in parts)), goods.sent,
                   goods.received, goods.since, goods.count_least(), by_amazon, obstacle)

    def _read_goods(self, reference):
        """Return what is known of the pieces of a shipment."""
        announced, counted, has_unknown = collections.Counter(), collections.Counter(), reference in self._unknown
        for item in self._inbounds.get(reference, self.env['amazon.inbound']).item_ids:
            pieces = self._find_pieces(item.sku, item.fnsku, reference)
            has_unknown |= not pieces and bool(item.shipped or item.received)
            for product, need in pieces.items():
                announced[product] += item.shipped * need
                counted[product] += item.received * need
        since = self.received_since.get(reference, collections.Counter())
        received = collections.Counter({
            product: max(quantity - since[product], 0) for product, quantity in counted.items()})
        return Goods(_count(self._early.get(reference, ())), _count(self._late.get(reference, ())), announced, counted,
                     received, since, has_unknown)

    # === CERTAIN OR NOT === #

    def _judge(self, inbound, goods):
        """Return what was on its way by product, None where it is not known, and why that is not certain."""
        status, is_asked = inbound.amazon_status or '', bool(self.seller.inbound_fetched)
        if inbound.is_closed or is_asked and status in (*CLOSED, *VOIDED):
            return self._judge_over(inbound, goods, status)
        if obstacle := self._find_obstacle(inbound, goods, status, is_asked):
            return None, obstacle
        return goods.count_on_way(), 'ledger' if self._is_ledger_behind(inbound, goods) else ''

    def _find_obstacle(self, inbound, goods, status, is_asked):
        """Return why nobody knows what was on its way of a shipment that is not over, '' where it is known."""
        if not is_asked:
            return 'unasked'
        if not status:
            return 'unlisted'
        if status not in OPEN:
            return 'status'
        if not inbound.items_read:
            return 'items'
        return 'product' if goods.lacks_product() and not goods.is_all_received() else ''

    def _judge_over(self, inbound, goods, status):
        """Return the same of a shipment of which Amazon receives nothing more.

        One of which something was received since the first day was on its way then, and what is short of it is Amazon's
        debt. What was short of one that was closed before is none any more, and nobody knows when it was closed.
        """
        if status in VOIDED or not inbound.items_read:
            is_read = inbound.items_read and not any(inbound.item_ids.mapped('received'))
            is_short = status not in VOIDED and (status in CLOSED or any(goods.since.values()))
            if is_short and self._is_caught_up and goods.count_least() != +goods.sent:
                return None, 'items'
            return goods.count_least(), '' if self._is_caught_up or is_read else 'ledger'
        # Amazon closes a shipment long after it has received the last of it, which is not today where the ledger, up to
        # yesterday, has received nothing of it.
        is_behind = self._is_ledger_behind(inbound, goods) and (any(goods.since.values()) or not self._is_caught_up)
        if goods.is_all_received():
            return goods.count_on_way(), 'ledger' if is_behind else ''
        if goods.lacks_product():
            return None, 'product'
        if is_behind:
            return goods.count_on_way(), 'ledger'
        is_certain = any(goods.since.values()) or goods.count_on_way() == goods.count_least()
        return goods.count_on_way(), '' if is_certain else 'short'

    def _is_ledger_behind(self, inbound, goods):
        """Return whether what Amazon has counted may belong to either side of the first day: its ledger is not known as
        a whole, or until a day before Amazon counted.
        """
        is_late = any(goods.received[product] for product in goods.sent) and self.env['amazon.ledger.day']._to_date(
            self.seller, inbound.items_read) > self._last
        return any(goods.counted[product] for product in goods.sent) and (is_late or not self._is_caught_up)


def _group(parts):
    found = collections.defaultdict(list)
    for part in parts:
        found[part.reference].append(part)
    return found


def _count(parts):
    """Return the pieces by product that transfers have sent, as far as Odoo counts them."""
    counts = collections.Counter()
    for part in parts:
        if part.product.is_storable:
            counts[part.product] += part.quantity
    return counts
