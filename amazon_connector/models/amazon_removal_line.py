from odoo import fields, models

from ..utils.amazon_words import label_field
from ..utils.ledger_plan import LedgerPlan


class AmazonRemovalLine(models.Model):
    """One SKU of a removal order, in sellable or unsellable condition; quantities are units as Amazon sells them."""

    _name = 'amazon.removal.line'
    _description = "Amazon Removal Order Line"
    _rec_name = 'sku'
    _order = 'removal_id desc, sku, disposition'

    removal_id = fields.Many2one('amazon.removal', required=True, readonly=True, ondelete='cascade', index=True)
    seller_id = fields.Many2one(related='removal_id.seller_id', store=True)
    company_id = fields.Many2one(related='removal_id.company_id', store=True)
    sku = fields.Char("SKU", readonly=True, index='btree_not_null')
    fnsku = fields.Char("FNSKU", readonly=True)
    disposition = fields.Char(readonly=True)
    disposition_label = label_field("Condition", 'disposition', 'disposition')
    product_id = fields.Many2one('product.product', readonly=True, index='btree_not_null', ondelete='set null')
    pack_quantity = fields.Integer("Pieces per unit", readonly=True, default=1)
    requested = fields.Integer(readonly=True)
    cancelled = fields.Integer(readonly=True)
    disposed = fields.Integer("Disposed of", readonly=True)
    shipped = fields.Integer(readonly=True)
    in_process = fields.Integer("In process", readonly=True)
    fee = fields.Monetary("Removal fee", readonly=True, help="As reported; the settlement books it.")
    currency_id = fields.Many2one('res.currency', readonly=True)
    extra = fields.Json("Other columns", readonly=True)

    _line_unique = models.UniqueIndex(
        "(removal_id, COALESCE(sku, ''), COALESCE(fnsku, ''), COALESCE(disposition, ''))",
        "A removal order has each SKU and condition once.")

    def _get_key(self):
        return self.sku or '', self.fnsku or '', self.disposition or ''

    def _get_missing(self):
        """Return the units of which Amazon says nothing, of an order that is done."""
        return max(self.requested - self.cancelled - self.shipped - self.disposed - self.in_process, 0)

    def _link_products(self):
        """Find the products of lines that have none."""
        link_products(self)


def link_products(lines):
    """Write product and pack of records with `seller_id`, `sku` and `fnsku` that have no product, where they are clear.
    """
    for seller, group in lines.filtered(lambda line: not line.product_id).grouped('seller_id').items():
        plan = LedgerPlan(seller)
        plan.learn_products({line.sku for line in group if line.sku}, {line.fnsku for line in group if line.fnsku})
        for line in group:
            products = plan.find_products(line.sku or '', line.fnsku or '')
            if len(products) == 1:
                (product, pack), = products
                line.write({'product_id': product, 'pack_quantity': pack})
