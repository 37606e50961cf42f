from odoo import api, fields, models

from ..utils.pack_pieces import NONE, find_pieces, propose_pieces, split_sku
from ..utils.phrases import tell

CHECKS = [('ask', "To confirm"), ('differs', "Confirmed, another number")]
SOURCES = [('guess', "Read in SKU or title"), ('person', "Entered or confirmed")]


class AmazonListing(models.Model):
    """How many of its product one unit of a listing is.

    SKU and title propose a number. A person confirms it, or another one that is set, before orders are delivered and
    quantities and prices are pushed that may be wrong: a pack mapped as one piece shows Amazon twice the stock, or half
    the price.
    """

    _inherit = 'amazon.listing'

    pack_proposed = fields.Integer("Pieces proposed", compute='_compute_pack_proposed', store=True,
                                   help="What SKU or title say; 0 where they say nothing.")
    pack_evidence = fields.Char("Found", compute='_compute_pack_proposed', store=True,
                                help="The words in SKU or title that name the pieces.")
    pack_answered = fields.Integer(readonly=True, help="The proposal that somebody has answered.")
    pack_source = fields.Selection(SOURCES, "Pieces are", readonly=True)
    pack_check = fields.Selection(CHECKS, "Pieces", compute='_compute_pack_check', store=True, index='btree_not_null')
    pack_hint = fields.Char("Pieces are to be confirmed", compute='_compute_pack_hint')
    stock_hint = fields.Char("Quantity is held back", compute='_compute_stock_hint')
    held_reason = fields.Char("Why it is held", compute='_compute_held_reason')

    @api.depends('sku', 'title', 'company_id', 'product_id.default_code', 'product_id.product_tmpl_id.name',
                 'product_id.product_template_attribute_value_ids.name')
    def _compute_pack_proposed(self):
        for company, listings in self.grouped('company_id').items():
            for product, of_product in listings.with_company(company).grouped('product_id').items():
                own = self._find_pieces_of(product)
                for listing in of_product:
                    count, evidence = self._read_proposal(listing.sku, listing.title, product, own)
                    listing.pack_proposed, listing.pack_evidence = count, evidence

    @api.model
    def _read_proposal(self, sku, title, product, own):
        """Return how many of a product SKU or title name, and the words that say it; 0 where they say nothing.

        A product with this SKU, or a kit, is what one unit is.

        :param Pieces own: those that the product names of itself
        """
        if product and (product.default_code == sku or 'is_kits' in product._fields and product.is_kits):
            return 0, False
        found = find_pieces(sku, title)
        count = propose_pieces(found, own)
        return count, count and found.evidence or False

    @api.model
    def _find_pieces_of(self, product):
        """Return the pieces that a product names in its reference or its name, in any language."""
        for language in sorted(code for code, _name in self.env['res.lang'].get_installed()) if product else ():
            named = product.with_context(lang=language)
            values = named.product_template_attribute_value_ids.mapped('name')
            found = find_pieces(named.default_code, ', '.join([named.name or '', *values]))
            if found.count:
                return found
        return NONE

    @api.model
    def _propose_again(self, marketplace):
        """Propose pieces anew where a bill of materials decides whether the product is a kit: Odoo announces no change
        of that.
        """
        if 'mrp.bom' not in self.env:
            return
        bills = self.env['mrp.bom'].sudo().with_context(active_test=False).search_fetch([], ['product_tmpl_id'])
        listings = self.search([('marketplace_id', '=', marketplace.id),
                                ('product_tmpl_id', 'in', bills.product_tmpl_id.ids)])
        listings.product_id.invalidate_recordset(['is_kits'])
        self.env.add_to_compute(self._fields['pack_proposed'], listings)
        self.env.add_to_compute(self._fields['pack_evidence'], listings)

    @api.depends('product_id', 'pack_quantity', 'pack_proposed', 'pack_answered', 'pack_source')
    def _compute_pack_check(self):
        for listing in self:
            differs = bool(listing.product_id) and listing.pack_proposed not in (0, listing.pack_quantity)
            asked = differs and listing.pack_answered != listing.pack_proposed or listing._is_guess()
            listing.pack_check = 'ask' if asked else differs and 'differs'

    def _is_guess(self):
        return bool(self.product_id) and self.pack_source == 'guess' and self.pack_quantity > 1

    @api.depends('pack_check', 'pack_quantity', 'pack_proposed', 'pack_evidence')
    def _compute_pack_hint(self):
        for listing in self:
            listing.pack_hint = listing.pack_check == 'ask' and tell(self.env)._(
                "%(pieces)s Orders wait, and no price and no higher quantity is sent, before somebody confirms the "
                "pieces.", pieces=listing._describe_pieces())

    def _describe_pieces(self):
        if self.pack_proposed not in (0, self.pack_quantity):
            return tell(self.env)._("Pieces per unit: %(pieces)s set, but \"%(evidence)s\" says %(proposed)s.",
                                    pieces=self.pack_quantity, evidence=self.pack_evidence,
                                    proposed=self.pack_proposed)
        if self.pack_evidence:
            return tell(self.env)._("Pieces per unit: %(pieces)s, as \"%(evidence)s\" says.",
                                    pieces=self.pack_quantity, evidence=self.pack_evidence)
        return tell(self.env)._("Pieces per unit: %s, as on another marketplace.", self.pack_quantity)

    @api.depends('stock_state', 'pack_check', 'quantity_target', 'quantity_known', 'stock_pushed')
    def _compute_stock_hint(self):
        for listing in self:
            jumps = listing.stock_state == 'held' and listing.pack_check != 'ask'
            listing.stock_hint = jumps and listing._describe_jump(listing.quantity_target, listing.quantity_known)

    def _describe_jump(self, new, old):
        if self._has_quantity_pushed():
            return tell(self.env)._(
                "Odoo has %(new)s, far above the %(old)s that were sent last, and did not receive them since. Check "
                "pieces and stock.", new=new, old=old)
        return tell(self.env)._(
            "Odoo has %(new)s, far above the %(old)s that Amazon shows, and did not receive them since. Check pieces "
            "and stock.", new=new, old=old)

    @api.depends('pack_hint', 'stock_hint', 'price_error')
    @api.depends_context('lang')
    def _compute_held_reason(self):
        for listing in self:
            listing.held_reason = listing.pack_hint or listing.stock_hint or listing.price_error

    @api.model_create_multi
    def create(self, vals_list):
        """Create listings; those without a product show the pieces that are proposed. One piece, which a form has by
        itself, is no answer.
        """
        listings = super().create(vals_list)
        for listing, vals in zip(listings, vals_list, strict=True):
            if not self.env.su and vals.get('pack_quantity', 1) > 1:
                listing.sudo()._answer_pieces()
            elif not self.env.su or 'pack_quantity' not in vals:
                listing.sudo()._fill_in_pieces()
        return listings

    def write(self, vals):
        """Write listings; a product that a person chooses without its pieces gets those that were entered before, or
        those that are proposed.
        """
        changed = first = entered = self.browse()
        if 'product_id' in vals:
            changed = self.filtered(lambda listing: listing.product_id.id != vals['product_id'])
            first = changed.filtered(lambda listing: not listing.product_id)
        if vals.get('product_id') and 'pack_quantity' not in vals:
            entered = first.filtered(lambda listing: listing.pack_source == 'person')
            (first - entered)._propose_pieces(self.env['product.product'].browse(vals['product_id']))
        result = super().write(vals)
        if changed:
            changed.sudo()._ask_again(vals, first, entered)
        if 'pack_quantity' in vals and not self.env.su:
            self.sudo()._answer_pieces()
        elif 'title' in vals:
            self.sudo()._fill_in_pieces()
        return result

    def _fill_in_pieces(self):
        """Show the pieces that are proposed for listings that have no product yet."""
        for listing in self.filtered(lambda listing: not listing.product_id and listing.pack_source != 'person'):
            pieces = listing.pack_proposed or 1
            if listing.pack_quantity != pieces:
                listing.write({'pack_quantity': pieces, 'pack_source': pieces > 1 and 'guess'})

    def _propose_pieces(self, product):
        """Set the pieces of listings that get this product; a job, which nobody watches, sets one, and a person is
        asked where that is not what is proposed.
        """
        for listing in self.sudo():
            pieces = 1 if self.env.su else listing._propose_for(product.sudo()) or 1
            listing.write({'pack_quantity': pieces, 'pack_source': pieces > 1 and 'guess'})

    def _propose_for(self, product):
        product = product.with_company(self.company_id)
        return self._read_proposal(self.sku, self.title, product, self._find_pieces_of(product))[0]

    def _ask_again(self, vals, first, entered):
        """Ask about the pieces of listings that have another product now; what was entered before the first one is an
        answer.

        :param dict vals: the values that were written
        :param first: those that had no product before
        :param entered: those of them whose pieces were entered
        """
        given = {name: vals[name] for name in ('pack_answered', 'pack_source') if name in vals}
        for listing in self - entered:
            source = listing.pack_source if listing in first else listing.pack_quantity > 1 and 'guess'
            listing.write({'pack_answered': 0, 'pack_source': 'pack_quantity' not in vals and source, **given})
        entered.sudo()._answer_pieces()
        if not vals['product_id']:
            self._fill_in_pieces()

    def _answer_pieces(self):
        """Mark that a person has decided the pieces of these listings; orders that waited for that are processed."""
        for proposed, listings in self.grouped('pack_proposed').items():
            listings.write({'pack_answered': proposed, 'pack_source': 'person'})
        self.filtered('product_id')._retry_orders()

    # === CHOICE FOR A SKU === #

    def _find_choice(self, product):
        """Return the pieces, and their source, for a product that a person chooses for these listings of one SKU: those
        that were entered before, those that it has elsewhere, or those that SKU or a title name.
        """
        entered = self.filtered(lambda listing: not listing.product_id and listing.pack_source == 'person')
        if entered:
            return entered[0].pack_quantity, 'person'
        same = self.filtered(lambda listing: listing.product_id == product and listing.pack_check != 'ask')
        if same:
            return same[0].pack_quantity, False
        pieces = max(listing._propose_for(product.sudo()) for listing in self.sudo()) or 1
        source = pieces > 1 and ('person' if self._names_pieces(product, pieces) else 'guess')
        return pieces, source

    def _names_pieces(self, product, pieces):
        """Return whether the SKU is the reference of a product with so many pieces, as its suggestion says."""
        base, count = split_sku(self[0].sku)
        normalize = self.env['amazon.mapping.rule']._normalize
        return (count == pieces and product in self.suggested_product_id
                and normalize(base) == normalize(product.default_code or ''))

    def _choose(self, product, pieces, source):
        """Choose a product with its pieces for these listings."""
        chosen = self.filtered(lambda listing: listing.product_id != product)
        chosen.write({'product_id': product.id})
        chosen.sudo().write({'pack_quantity': pieces, 'pack_source': source})
        if source == 'person':
            chosen.sudo()._answer_pieces()

    def _take_answers(self, others):
        """Take over what a person has answered for the same product and pieces elsewhere: nobody is asked again."""
        for listing in self.sudo():
            same = others.filtered(lambda other, own=listing: other.product_id == own.product_id
                                   and other.pack_quantity == own.pack_quantity and other.pack_check != 'ask')
            if listing.pack_check == 'ask' and listing.pack_proposed in same.mapped('pack_answered'):
                listing.pack_answered = listing.pack_proposed

    def _with_same_question(self):
        """Return these listings, and those of the same SKU and product that ask the same."""
        asking = self.search([('seller_id', 'in', self.seller_id.ids), ('sku', 'in', self.mapped('sku')),
                              ('product_id', 'in', self.product_id.ids), ('pack_check', '=', 'ask')])
        asked = {listing._get_question() for listing in self}
        return self | asking.filtered(lambda listing: listing._get_question() in asked)

    def _get_question(self):
        # Pieces of another marketplace are the same question where this one says nothing else.
        return self.seller_id, self.sku, self.product_id, self.pack_quantity, self.pack_proposed or self.pack_quantity

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
        self._end_question(lambda listing: {'pack_quantity': listing.pack_proposed or listing.pack_quantity})

    def _end_question(self, get_vals):
        listings = self.filtered(lambda listing: listing.pack_check == 'ask')._with_same_question()
        listings.check_access('write')
        for listing in listings.sudo():
            listing.write(get_vals(listing))
        listings.sudo()._answer_pieces()
        for flow in ('stock', 'prices'):
            listings.seller_id._wake(flow)
