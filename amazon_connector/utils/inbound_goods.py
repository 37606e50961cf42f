"""What is known of the goods of shipments to Amazon of a seller, read for all of them at once."""

import collections
from typing import NamedTuple

from odoo.tools import SQL

from .kits import find_parts, read_sent_parts
from .ledger_plan import LedgerPlan, read_parts


class Receipt(NamedTuple):
    """Units of a SKU that Amazon has received by its ledger, as they were booked; `booked` are the pieces by component
    of one piece of a kit, None where the product itself was booked.
    """

    sku: str
    product: object
    pack: int
    quantity: int
    booked: dict | None


class InboundGoods:
    """Receipts, listings and kits of some shipments (`amazon.inbound`) of one seller.

    :param lines: their `amazon.inbound.line` records
    """

    def __init__(self, inbounds, lines):
        self.env, self.seller, self.company = inbounds.env, inbounds.seller_id, inbounds.company_id
        self.inbounds, self._parts = inbounds, None
        self._receipts = self._read_receipts()
        skus = {receipt.sku for found in self._receipts.values() for receipt in found}
        skus.update(inbounds.item_ids.mapped('sku'))
        self._by_sku, self._by_product, self._plan = {}, {}, LedgerPlan(self.seller)
        # What Amazon names was sent to it, whoever sends what is sold of it now.
        self._learn_listings([('sku', 'in', list(skus))])
        self._moves = self._find_moves()
        bills = self._get_bills(self._moves.values())
        products = lines.product_id | inbounds.env['product.product'].union(*map(_get_variants, bills)).sudo(False)
        self._learn_listings([('channel', '=', 'fba'), ('product_id', 'in', products.ids)])
        self._plan.learn_products(skus | {sku for found in self._by_product.values() for sku in found.mapped('sku')},
                                  set())
        self._carried = {inbound: self._count_carried(moves) for inbound, moves in self._moves.items()}

    def _read_receipts(self):
        """Return the receipts by number of the shipment."""
        self.env['amazon.ledger.line'].flush_model()
        found, products = collections.defaultdict(list), self.env['product.product']
        for reference, sku, product, pack, text, quantity in self.env.execute_query(SQL(
                """SELECT reference, COALESCE(sku, ''), product_id, pack_quantity, parts::text, SUM(quantity)::int
                     FROM amazon_ledger_line
                    WHERE seller_id = %s AND reference = ANY(%s) AND route = 'inbound' AND product_id IS NOT NULL
                    GROUP BY 1, 2, 3, 4, 5 ORDER BY MIN(id)""",
                self.seller.id, self.inbounds.mapped('shipment_ref'))):
            booked = text and {products.browse(part): need / pack
                               for part, need in read_parts(product, pack, text).items()}
            found[reference].append(Receipt(sku, products.browse(product), pack, quantity, booked or None))
        return found

    def _learn_listings(self, domain):
        listings = self.env['amazon.listing'].search(
            [('seller_id', '=', self.seller.id), ('product_id', '!=', False), *domain], order='id')
        for listing in listings.sorted(lambda listing: listing.channel != 'fba'):
            for known, key in ((self._by_sku, listing.sku), (self._by_product, listing.product_id)):
                known[key] = known.get(key, listing.browse()) | listing

    # === KITS === #

    def _find_moves(self):
        """Return the movements by which transfers have sent components of kits, by shipment."""
        moves = self.inbounds.picking_ids.move_ids
        if 'bom_line_id' not in moves._fields:
            return {}
        return moves.filtered(lambda move: move.state == 'done' and move.bom_line_id).grouped(
            lambda move: move.picking_id.amazon_inbound_id)

    def _get_bills(self, groups):
        return {move.bom_line_id.sudo().bom_id for moves in groups for move in moves}

    def _count_carried(self, moves):
        """Return the pieces by component that movements have sent of kits, by kit."""
        carried = collections.defaultdict(collections.Counter)
        for move in moves:
            if kit := self._find_kit(move.bom_line_id.sudo().bom_id):
                sign = 1 if move.location_dest_id.amazon_kind == 'inbound' else -1
                carried[kit][move.product_id] += sign * move._amazon_get_amount()
        return carried

    def _find_kit(self, bill):
        """Return the product of a bill; of a bill for all variants the only one that is sold from Amazon's stock."""
        variants = _get_variants(bill).sudo(False)
        if len(variants) > 1:
            variants = variants.filtered(lambda variant: variant in self._by_product)
        return variants if len(variants) == 1 else variants.browse()

    # === OF ONE SHIPMENT === #

    def get_receipts(self, inbound) -> list:
        """Return what Amazon has received of a shipment (`Receipt`)."""
        return self._receipts.get(inbound.shipment_ref, [])

    def get_carried(self, inbound) -> dict:
        """Return the pieces by component that transfers have sent of kits, by kit."""
        return self._carried.get(inbound, {})

    def get_parts(self, product) -> dict:
        """Return what a kit is made of today, nothing of other products."""
        if self._parts is None:
            # One question for all.
            self._parts = find_parts(self.env['product.product'].union(
                *(found.product_id for found in self._by_sku.values()),
                *(kit for found in self._carried.values() for kit in found)), self.company)
        return self._parts.get(product, {})

    def find_listing(self, sku):
        """Return the listing of a SKU, empty where it has several products or packs: nobody knows its pieces."""
        return next((listing for listing in self._by_sku.get(sku, ()) if self._is_clear(listing)),
                    self.env['amazon.listing'])

    def find_listings(self, product):
        """Return the listings whose SKU is of a product and of no other, without those of which that is not clear."""
        listings = self._by_product.get(product, self.env['amazon.listing'])
        return listings.filtered(self._is_clear)

    def _is_clear(self, listing):
        return len(self._plan.find_products(listing.sku, '')) == 1


def _get_variants(bill):
    return bill.product_id or bill.product_tmpl_id.product_variant_ids


def keep_parts(inbounds):
    """Keep what the kits of shipments of one seller are made of, as they are sent; what was sent as itself is no kit
    there.
    """
    if 'mrp.bom' not in inbounds.env or not inbounds:
        return
    goods, unknown = InboundGoods(inbounds, inbounds.env['amazon.inbound.line']), {}
    for inbound in inbounds:
        kits = inbounds.env['product.product'].union(*goods.get_carried(inbound), *(
            goods.find_listing(sku).product_id for sku in inbound.item_ids.mapped('sku')))
        sent = read_sent_parts(inbound)
        unknown[inbound] = kits.browse([kit.id for kit in kits if kit.id not in sent])
    parts = find_parts(inbounds.env['product.product'].union(*unknown.values()), inbounds.company_id)
    for inbound, kits in unknown.items():
        if found := {str(kit.id): {str(part.id): need for part, need in parts[kit].items()}
                     for kit in kits if kit in parts}:
            inbound.kit_parts = {**(inbound.kit_parts or {}), **found}
