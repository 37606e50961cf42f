"""What Amazon says of the shipments that may have been on their way when the first day of a ledger began; nothing is
written.
"""

import collections
from typing import NamedTuple

from ..amazon_api.inbound import CLOSED, OPEN, VOIDED

CHOICES = [
    ('amazon', "What Amazon had not received"), ('balance', "What Amazon's balance lacks of it"),
    ('none', "Nothing but what was received since"),
]
OBSTACLES = [
    ('unasked', "Amazon has not been asked yet"), ('unlisted', "Amazon has said nothing of it"),
    ('status', "Its status is unknown to Odoo"), ('items', "Amazon has not stated all its quantities"),
    ('product', "Amazon's shipment lacks a product of the transfer, or a SKU has no product"),
    ('ledger', "Amazon's ledger does not show yet when it was received"),
]


class Way(NamedTuple):
    """A shipment that transfers of Odoo name; counters are pieces by product.

    :param sent: by the transfers
    :param received: by Amazon until the first day, as far as is known
    :param since: received by Amazon's ledger since the first day
    :param by_amazon: on their way when the first day began, None where Amazon has not said enough
    :param obstacle: why that is not certain, as `OBSTACLES` has it, '' where it is
    """

    reference: str
    inbound: object
    pickings: object
    sent: collections.Counter
    received: collections.Counter
    since: collections.Counter
    by_amazon: collections.Counter | None
    obstacle: str

    def get_limit(self, choice: str):
        """Return the most pieces by product that were on their way, None where only Amazon's balance limits them.

        :param str choice: one of `CHOICES`, '' for none
        """
        if choice == 'none':
            return self.since
        if choice == 'balance' or self.by_amazon is None or self.obstacle and not choice:
            return None
        return self.by_amazon

    def is_decided(self, choice: str) -> bool:
        """Return whether it is certain what was on its way, or a person has chosen it."""
        return not self.obstacle if not choice else choice != 'amazon' or self.by_amazon is not None


class OpeningWays:
    """The shipments of a seller that transfers name: `by_reference` has the `Way` of each by its number,
    `received_since` what its ledger has received since the first day, of others, too.

    :param plan: the `LedgerPlan` of the seller
    :param parts: `Sent` with the number of a shipment
    """

    def __init__(self, plan, parts):
        self.plan, self.seller, self.env = plan, plan.seller, plan.env
        self._parts = collections.defaultdict(list)
        for part in parts:
            self._parts[part.reference].append(part)
        found = self.env['amazon.inbound'].search([
            ('seller_id', '=', self.seller.id), ('shipment_ref', 'in', list(self._parts))])
        self._inbounds = {inbound.shipment_ref: inbound for inbound in found}
        plan.learn_shipments(self._inbounds)
        plan.learn_products(set(found.item_ids.mapped('sku')), set(filter(None, found.item_ids.mapped('fnsku'))))
        days = self.env['amazon.ledger.day']
        self._last = days._get_last_date(self.seller)
        self._is_caught_up = self.seller._find_missing_day(self._last) > self._last
        self.received_since = self._count_received_since()
        self.by_reference = {
            reference: self._read_way(reference, parts) for reference, parts in self._parts.items()}

    def _count_received_since(self):
        """Return what the ledger has received since its first day: number of the shipment -> product -> pieces."""
        lines = self.env['amazon.ledger.line'].search([
            ('seller_id', '=', self.seller.id), ('date', '>=', self.seller.ledger_start), ('reference', '!=', False)])
        lines = lines.filtered(lambda line: self.plan.find_reason(line.event_type, line.code or '').route == 'inbound')
        self.plan.learn_products(set(lines.mapped('sku')), set(filter(None, lines.mapped('fnsku'))))
        self.plan.learn_shipments(lines.mapped('reference'))
        counts = collections.defaultdict(collections.Counter)
        for line in lines:
            for product, pieces in self._find_pieces(line.sku, line.fnsku, line.reference).items():
                counts[line.reference][product] += line.quantity * pieces
        return counts

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

    def _read_way(self, reference, parts):
        sent, pickings = collections.Counter(), self.env['stock.picking']
        for part in parts:
            pickings |= part.picking
            if part.product.is_storable:
                sent[part.product] += part.quantity
        inbound = self._inbounds.get(reference, self.env['amazon.inbound'])
        announced, counted = self._count_items(inbound)
        since = self.received_since.get(reference, collections.Counter())
        received = collections.Counter({
            product: max(quantity - since[product], 0) for product, quantity in counted.items()})
        by_amazon, obstacle = self._judge(inbound, sent, announced, counted, received, since)
        return Way(reference, inbound, pickings, sent, received, since, by_amazon, obstacle)

    def _count_items(self, inbound):
        """Return what Amazon states of a shipment: pieces by product that were announced, and received until now."""
        announced, received = collections.Counter(), collections.Counter()
        for item in inbound.item_ids:
            for product, pieces in self._find_pieces(item.sku, item.fnsku, inbound.shipment_ref).items():
                announced[product] += item.shipped * pieces
                received[product] += item.received * pieces
        return announced, received

    def _judge(self, inbound, sent, announced, counted, received, since):
        """Return what was on its way by product, None where it is not known, and why that is not certain.

        Of a shipment that is over, only what Amazon has received since was on its way. Of another one, what was sent
        and announced, less what was received until the first day; what Amazon counted after the last day of its ledger
        that is known may belong to either side of the first day.
        """
        status = inbound.amazon_status or ''
        if inbound.is_closed or self.seller.inbound_fetched and status in (*CLOSED, *VOIDED):
            is_known = self._is_caught_up or inbound.items_read and not any(inbound.item_ids.mapped('received'))
            return since, '' if is_known else 'ledger'
        if not self.seller.inbound_fetched:
            return None, 'unasked'
        if not status:
            return None, 'unlisted'
        if status not in OPEN:
            return None, 'status'
        if not inbound.items_read:
            return None, 'items'
        if sent.keys() - announced.keys():
            return None, 'product'
        rest = collections.Counter({product: max(min(quantity, announced[product]) - received[product], 0)
                                    for product, quantity in sent.items()})
        arrived = any(counted[product] for product in sent)
        is_late = any(received[product] for product in sent) and self.env['amazon.ledger.day']._to_date(
            self.seller, inbound.items_read) > self._last
        return rest, 'ledger' if arrived and (is_late or not self._is_caught_up) else ''
