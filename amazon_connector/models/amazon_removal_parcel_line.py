import collections

from odoo import api, fields, models

from ..utils.amazon_words import label_field
from ..utils.kits import count_units, find_parts
from .amazon_removal_line import link_products


class AmazonRemovalParcelLine(models.Model):
    """One SKU in a parcel of a removal order; quantities are units as Amazon sells them."""

    _name = 'amazon.removal.parcel.line'
    _description = "Amazon Removal Parcel Content"
    _rec_name = 'sku'
    _order = 'parcel_id desc, id'

    parcel_id = fields.Many2one('amazon.removal.parcel', required=True, readonly=True, ondelete='cascade', index=True)
    seller_id = fields.Many2one(related='parcel_id.seller_id', store=True)
    company_id = fields.Many2one(related='parcel_id.company_id', store=True)
    sku = fields.Char("SKU", readonly=True, index='btree_not_null')
    fnsku = fields.Char("FNSKU", readonly=True)
    disposition = fields.Char(readonly=True)
    disposition_label = label_field("Condition", 'disposition', 'disposition')
    product_id = fields.Many2one('product.product', readonly=True, index='btree_not_null', ondelete='set null')
    pack_quantity = fields.Integer("Pieces per unit", readonly=True, default=1)
    quantity = fields.Integer("Shipped", readonly=True)
    planned = fields.Float("Pieces in receipts", digits=(16, 2), readonly=True)
    received = fields.Float(digits=(16, 2), compute='_compute_received', store=True)
    missing = fields.Float(digits=(16, 2), compute='_compute_received', store=True)

    def _get_key(self):
        return self.sku or '', self.fnsku or '', self.disposition or ''

    def _link_products(self):
        """Find the products of lines that have none."""
        link_products(self)

    def _get_unplanned(self):
        """Return the pieces of this line that no receipt is planned for; negative for what is planned beyond it."""
        return self.quantity * self.pack_quantity - self.planned

    def _share_planned(self):
        """Let receipts that are planned beyond what a line shipped be those of other lines of its product: Amazon has
        the same units in another condition now.
        """
        for lines in self.filtered('product_id').grouped('product_id').values():
            for spare in lines.filtered(lambda line: line._get_unplanned() < 0):
                for line in lines.filtered(lambda line: line._get_unplanned() > 0):
                    pieces = max(min(-spare._get_unplanned(), line._get_unplanned()), 0.0)
                    spare.planned -= pieces
                    line.planned += pieces

    @api.depends('quantity', 'pack_quantity', 'product_id', 'parcel_id.is_expected',
                 'parcel_id.picking_ids.move_ids.state', 'parcel_id.picking_ids.move_ids.quantity')
    def _compute_received(self):
        for parcel in self.parcel_id:
            pieces = _count_received(parcel.picking_ids.move_ids)
            for line, parts in parcel.line_ids._get_parts().items():
                line.received = min(max(count_units(parts, pieces), 0), line.quantity)
                pieces.subtract({part: need * line.received for part, need in parts.items()})
                line.missing = line.quantity - line.received if parcel.is_expected else 0.0

    def _get_parts(self):
        """Return what the warehouse receives of one unit of these lines: product -> pieces, the components of a kit;
        nothing of lines without a product.

        :rtype: dict
        """
        kits = {}
        for company, lines in self.grouped('company_id').items():
            kits.update(find_parts(lines.product_id, company))
        return {line: {part: need * line.pack_quantity for part, need in kits.get(
            line.product_id, dict.fromkeys(line.product_id, 1)).items()} for line in self}


def _count_received(moves):
    """Return the pieces by product that receipts brought in, returned ones taken off."""
    pieces = collections.Counter()
    for move in moves:
        if move.state == 'done':
            pieces[move.product_id] += move.product_uom._compute_quantity(
                move.quantity, move.product_id.uom_id) * (1 if move.picking_type_id.code == 'incoming' else -1)
    return pieces
