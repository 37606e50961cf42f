import collections
import re

from odoo import models

from ..amazon_api.inbound import OPEN, UNDER_WAY
from ..utils.domains import any_of
from ..utils.opening_plan import Sent
from .amazon_ledger_day import DAY

# What was sent to Amazon so long before the first day is there, or lost, unless Amazon still lists its shipment.
WAY_DAYS = 120
# Goods are sent to Amazon by warehouses, or by vendors.
SENT_FROM = ('internal', 'transit', 'supplier')
# What may be Amazon's number of a shipment, or of a box of it: Amazon has listed it, or its ledger has received of it.
# Numbers of the seller's own look like that, too (FBA20241015, FBALAGER2024); all of Amazon begin like this one.
SHIPMENT = re.compile(r'\b(FBA(?=[A-Z]*[0-9])[0-9A-Z]{7,9})(?:U[0-9]{6})?\b')
LIKELY = re.compile(r'FBA1(?=[0-9]*[A-Z])[0-9A-Z]{7,8}')
# Where people write it.
TEXTS = ('origin', 'carrier_tracking_ref', 'note')


class AmazonSeller(models.Model):
    """What is under way when the ledger of a seller is opened."""

    _inherit = 'amazon.seller'

    def _find_sent(self, inside, shared):
        """Return what came there since the first day otherwise than by orders, less what was taken away: it is on its
        way to Amazon, or back, by the ledger. What Amazon had sent back before that day is none of it, nor are goods of
        another seller.

        :rtype: list[Sent]
        """
        since, parcel = self._get_first_moment(), 'picking_id.amazon_parcel_id'
        domain = [('state', '=', 'done'), ('date', '>=', since), '|', '|', ('picking_id', '=', False),
                  (parcel, '=', False), (f'{parcel}.shipment_date', '>=', since)]
        found = self._group_sent(domain, inside, 'location_dest_id', 1) + self._group_sent(
            domain, inside, 'location_id', -1)
        return [part for part in found if self._is_own(part, shared)]

    def _is_own(self, part, shared):
        """Return whether goods that were sent are this seller's: what names a seller is his, and of what names none
        nobody knows it where several sellers have their goods.
        """
        named = part.picking.amazon_inbound_id.seller_id | part.picking.amazon_parcel_id.seller_id
        return named == self if named else part.location not in shared

    def _find_on_way(self, inside, shared):
        """Return what was sent there before the first day by transfers with Amazon's number of the shipment, the last
        first: what of it Amazon had not received is on its way.

        The number is on the transfer as Amazon's shipment, or in its source document, tracking number or note.
        """
        since = self._get_first_moment()
        found = [part for part in self._find_before(inside) if part.reference and self._is_own(part, shared)]
        return sorted(found, key=lambda part: (part.picking.date_done or since, part.picking.id), reverse=True)

    def _find_before(self, inside):
        """Return what transfers sent there before the first day, less what their returns have taken back: those that
        Amazon may still receive of.
        """
        since, listed = self._get_first_moment(), self._find_listed(OPEN)
        may_arrive = [[('date', '>=', since - DAY * WAY_DAYS)], [('picking_id.amazon_inbound_id', 'in', listed.ids)]]
        may_arrive += [[(f'picking_id.{name}', 'ilike', ref)] for ref in listed.mapped('shipment_ref')
                       for name in TEXTS]
        before = [('state', '=', 'done'), ('date', '<', since)]
        sent = self._group_sent([*before, ('picking_id', '!=', False), *any_of(may_arrive)], inside,
                                'location_dest_id', 1)
        back = collections.Counter()
        for part in self._group_sent([*before, ('picking_id.return_id', 'in', [part.picking.id for part in sent])],
                                     inside, 'location_id', -1):
            back[part.picking.return_id, part.product, part.location] -= part.quantity
        return [part._replace(quantity=part.quantity - back[part.picking, part.product, part.location])
                for part in sent]

    def _find_listed(self, statuses):
        """Return the shipments of this seller that Amazon lists with one of these statuses."""
        return self.env['amazon.inbound'].search([('seller_id', '=', self.id), ('amazon_status', 'in', statuses)])

    def _find_undone(self, inside):
        """Return the transfers there that are not done, by the number of Amazon's shipment that they say."""
        pickings = self.env['stock.move'].search([
            ('state', 'not in', ('draft', 'done', 'cancel')), ('location_dest_id', 'in', inside.ids),
            ('location_id', 'not in', inside.ids), ('location_id.usage', 'in', SENT_FROM)]).picking_id
        references = self._find_references(pickings)
        named = pickings.filtered(lambda picking: references[picking])
        return named.grouped(lambda picking: references[picking])

    def _find_nameless(self, inside):
        """Return the done transfers there of the last months that say no number of a shipment."""
        since = self._get_first_moment()
        parts = self._group_sent([
            ('state', '=', 'done'), ('date', '>=', since - DAY * WAY_DAYS), ('picking_id', '!=', False),
            ('picking_id.amazon_parcel_id', '=', False)], inside, 'location_dest_id', 1)
        return self.env['stock.picking'].union(*(part.picking for part in parts if not part.reference))

    def _find_unnamed(self, named, received):
        """Return the numbers of the shipments that no transfer of Odoo names, though Amazon lists them under way, or
        its ledger has received something of them since the first day.

        :param named: numbers that transfers name
        :param received: numbers of which the ledger has received something
        """
        known = self.env['amazon.inbound'].search([
            ('seller_id', '=', self.id), ('picking_ids', '!=', False), ('picking_ids.state', '!=', 'cancel')])
        return sorted({*self._find_listed(UNDER_WAY).mapped('shipment_ref'), *received}
                      - {*named, *known.mapped('shipment_ref')})

    def _find_named(self, inside):
        """Return the numbers of the shipments that done transfers say and that may have been on their way."""
        parts = [*self._find_sent(inside, inside.browse()), *self._find_before(inside)]
        return {part.reference for part in parts if part.reference}

    def _find_opening_refs(self):
        """Return the numbers of the shipments that Amazon is asked about for the opening: those that transfers say, and
        those that Amazon listed as open when it was asked last.
        """
        inside = self._get_inside()
        return {*self._find_named(inside), *self._find_undone(inside), *self._find_listed(OPEN).mapped('shipment_ref')}

    def _group_sent(self, domain, inside, field, sign):
        """Return movements between the FBA locations and others of the company, by transfer, of the day of Amazon's
        parcel, else of the transfer.
        """
        other = 'location_id' if field == 'location_dest_id' else 'location_dest_id'
        found = self.env['stock.move.line']._read_group(
            [*domain, (field, 'in', inside.ids), (other, 'not in', inside.ids), (f'{other}.usage', 'in', SENT_FROM)],
            ['picking_id', 'product_id', field], ['quantity_product_uom:sum', 'date:max'])
        references = self._find_references(self.env['stock.picking'].union(*(row[0] for row in found))) if (
            sign > 0) else {}
        return [
            Sent(picking, references.get(picking, ''), product, location, sign * quantity,
                 self._to_ledger_day(picking.amazon_parcel_id.shipment_date or picking.date_done or date))
            for picking, product, location, quantity, date in found]

    def _to_ledger_day(self, moment):
        return self.env['amazon.ledger.day']._to_date(self, moment)

    def _find_references(self, pickings) -> dict:
        """Return Amazon's numbers of the shipments that transfers say, by transfer, '' for none; of several numbers,
        the one that is Amazon's.
        """
        named = {picking: set(SHIPMENT.findall(' '.join(
            str(picking[name]) for name in TEXTS if picking[name]).upper())) for picking in pickings}
        known, references = self._filter_known(set().union(*named.values())), {}
        for picking, found in named.items():
            found = found & known or {ref for ref in found if LIKELY.fullmatch(ref)}
            references[picking] = found.pop() if len(found) == 1 else ''
            if inbound := picking.amazon_inbound_id:
                references[picking] = inbound.shipment_ref if inbound.seller_id == self else ''
        return references

    def _filter_known(self, refs):
        """Return those of some numbers that Amazon has listed as shipments, or that its ledger has received goods of.
        """
        refs, lines = list(refs), self.env['amazon.ledger.line']
        listed = self.env['amazon.inbound'].search([
            ('seller_id', '=', self.id), ('shipment_ref', 'in', refs), ('amazon_status', '!=', False)])
        received = lines._read_group([('seller_id', '=', self.id), ('reference', 'in', refs)], ['reference'])
        return {*listed.mapped('shipment_ref'), *(reference for (reference,) in received)}

    def _count_removed(self, inside):
        """Return the pieces that receipts expect of parcels which Amazon sent before the first day, by product,
        location and day of the parcel: they are on their way back.
        """
        removed = collections.Counter()
        for move in self._find_receipts(inside).move_ids.filtered(lambda move: move.state not in ('done', 'cancel')):
            sent = move.picking_id.amazon_parcel_id.shipment_date
            if sent < self._get_first_moment():
                removed[move.product_id, move.location_id, self._to_ledger_day(sent)] += move.product_qty
        return removed

    def _find_receipts(self, inside):
        """Return the open receipts of parcels of this seller that take goods from its FBA locations."""
        return self.env['stock.picking'].search([
            ('amazon_parcel_id.seller_id', '=', self.id), ('state', 'not in', ('done', 'cancel')),
            ('location_id', 'in', inside.ids)])

