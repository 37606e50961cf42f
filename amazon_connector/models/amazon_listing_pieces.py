from odoo import api, fields, models

from ..utils.pack_pieces import NONE, find_pieces, propose_pieces

CHECKS = [('ask', "To confirm"), ('differs', "Confirmed, another number")]


class AmazonListing(models.Model):
    """How many of its product one unit of a listing is.

    SKU and title propose a number. Where another one is set, a person confirms it before quantities and prices are
    pushed that may be wrong: a pack mapped as one piece shows Amazon twice the stock, or half the price.
    """

    _inherit = 'amazon.listing'

    pack_proposed = fields.Integer("Pieces proposed", compute='_compute_pack_proposed', store=True,
                                   help="What SKU or title say; 0 where they say nothing.")
    pack_evidence = fields.Char("Found", compute='_compute_pack_proposed', store=True,
                                help="The words in SKU or title that name the pieces.")
    pack_answered = fields.Integer(readonly=True, help="The proposal that somebody has answered.")
    pack_check = fields.Selection(CHECKS, "Pieces", compute='_compute_pack_check', store=True, index='btree_not_null')
    pack_hint = fields.Char("Pieces are to be confirmed", compute='_compute_pack_hint')
    stock_hint = fields.Char("Quantity is held back", compute='_compute_stock_hint')
    held_reason = fields.Char("Why it is held", compute='_compute_held_reason')

    @api.depends('sku', 'title', 'product_id')
    def _compute_pack_proposed(self):
        by_product = {product: self._find_pieces_of(product) for product in self.product_id}
        for listing in self:
            found = listing._find_pieces(listing.product_id)
            count = propose_pieces(found, by_product.get(listing.product_id, NONE))
            listing.pack_proposed, listing.pack_evidence = count, count and found.evidence or False

    def _find_pieces(self, product):
        """Return the pieces that SKU or title name; a product with this SKU, or a kit, is what one unit is."""
        if product and (product.default_code == self.sku or 'is_kits' in product._fields and product.is_kits):
            return NONE
        return find_pieces(self.sku, self.title)

    @api.model
    def _find_pieces_of(self, product):
        values = product.product_template_attribute_value_ids.mapped('name')
        return find_pieces(product.default_code, ', '.join([product.name or '', *values]))

    @api.depends('product_id', 'pack_quantity', 'pack_proposed', 'pack_answered')
    def _compute_pack_check(self):
        for listing in self:
            differs = bool(listing.product_id) and listing.pack_proposed not in (0, listing.pack_quantity)
            listing.pack_check = differs and ('differs' if listing.pack_answered == listing.pack_proposed else 'ask')

    @api.depends('pack_check', 'pack_quantity', 'pack_proposed', 'pack_evidence')
    def _compute_pack_hint(self):
        for listing in self:
            listing.pack_hint = listing.pack_check == 'ask' and self.env._(
                "Pieces per unit: %(pieces)s set, but \"%(evidence)s\" says %(proposed)s. No price and no higher "
                "quantity is sent before somebody confirms the pieces.", pieces=listing.pack_quantity,
                evidence=listing.pack_evidence, proposed=listing.pack_proposed)

    @api.depends('stock_state', 'pack_check', 'quantity_target', 'quantity_pushed', 'amazon_quantity')
    def _compute_stock_hint(self):
        for listing in self:
            jumps = listing.stock_state == 'held' and listing.pack_check != 'ask'
            listing.stock_hint = jumps and self.env._(
                "Odoo has %(new)s, far above the %(old)s that Amazon shows, and did not receive them since. Check "
                "pieces and stock.", new=listing.quantity_target,
                old=listing.quantity_pushed if listing.stock_pushed else listing.amazon_quantity)

    @api.depends('pack_hint', 'stock_hint', 'price_error')
    def _compute_held_reason(self):
        for listing in self:
            listing.held_reason = listing.pack_hint or listing.stock_hint or listing.price_error

    @api.model_create_multi
    def create(self, vals_list):
        """Create listings; those without a product show the pieces that are proposed."""
        listings = super().create(vals_list)
        for listing, vals in zip(listings, vals_list, strict=True):
            if 'pack_quantity' not in vals:
                listing.sudo()._fill_in_pieces()
            elif not self.env.su:
                listing.sudo()._answer_pieces()
        return listings

    def write(self, vals):
        """Write listings; a product that a person chooses without its pieces gets those that are proposed for it."""
        changed = self.browse()
        if 'product_id' in vals:
            changed = self.filtered(lambda listing: listing.product_id.id != vals['product_id'])
            if vals['product_id'] and 'pack_quantity' not in vals:
                changed._propose_pieces(self.env['product.product'].browse(vals['product_id']))
        result = super().write(vals)
        if changed and 'pack_answered' not in vals:
            changed.sudo().pack_answered = 0
        if 'pack_quantity' in vals and not self.env.su:
            self.sudo()._answer_pieces()
        elif 'title' in vals:
            self.sudo()._fill_in_pieces()
        return result

    def _fill_in_pieces(self):
        """Show the pieces that are proposed for listings that have no product yet."""
        for listing in self.filtered(lambda listing: not listing.product_id and not listing.pack_answered):
            pieces = listing.pack_proposed or 1
            if listing.pack_quantity != pieces:
                listing.pack_quantity = pieces

    def _propose_pieces(self, product):
        """Set the pieces of listings that get this product; a job, which nobody watches, sets one, and a person is
        asked where that is not what is proposed.
        """
        of_product = self._find_pieces_of(product.sudo())
        for listing in self.sudo().filtered(lambda listing: not listing.product_id and not listing.pack_answered):
            proposed = propose_pieces(listing._find_pieces(product.sudo()), of_product)
            listing.pack_quantity = 1 if self.env.su else proposed or 1

    def _answer_pieces(self):
        """Mark that a person has decided the pieces of these listings."""
        for proposed, listings in self.grouped('pack_proposed').items():
            listings.pack_answered = proposed

    def _with_same_question(self):
        """Return these listings, and those of the same SKU and product that ask the same."""
        asking = self.search([('seller_id', 'in', self.seller_id.ids), ('sku', 'in', self.mapped('sku')),
                              ('product_id', 'in', self.product_id.ids), ('pack_check', '=', 'ask')])
        asked = {listing._get_question() for listing in self}
        return self | asking.filtered(lambda listing: listing._get_question() in asked)

    def _get_question(self):
        return self.seller_id, self.sku, self.product_id, self.pack_quantity, self.pack_proposed

    # === ACTIONS === #

    def action_approve_stock(self):
        """Send the quantities that were held back because they are far above what Amazon shows."""
        self.check_access('write')
        for listing in self.sudo().filtered(lambda listing: listing.stock_state == 'held'
                                            and listing.pack_check != 'ask'):
            listing.write({'stock_approved': listing.quantity_target, 'stock_state': False})
        self.seller_id._wake('stock')
        return self.seller_id._notify_started()

    def action_confirm_pieces(self):
        """Confirm that the pieces that are set are right, on all marketplaces that ask the same."""
        self.check_access('write')
        self._end_question(lambda _listing: {})

    def action_use_proposed_pieces(self):
        """Set the pieces that are proposed, on all marketplaces that ask the same."""
        self.check_access('write')
        self._end_question(lambda listing: {'pack_quantity': listing.pack_proposed})

    def _end_question(self, get_vals):
        listings = self.filtered(lambda listing: listing.pack_check == 'ask')._with_same_question()
        listings.check_access('write')
        for listing in listings.sudo():
            listing.write({**get_vals(listing), 'pack_answered': listing.pack_proposed})
        for flow in ('stock', 'prices'):
            listings.seller_id._wake(flow)
