from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..utils.phrases import tell
from ..utils.reader_fields import ReaderChar
from .amazon_listing_pieces import CHECKS

CHOSEN = ('product_id', 'pack_quantity')


def _get_key(record):
    """Return what a row and its listings have in common."""
    return record.seller_id, record.company_id, record.sku


class AmazonListingSku(models.Model):
    """The SKUs of a seller, each with its listings on all marketplaces; what is chosen here is chosen for all of them.

    A marketplace that has another product or other pieces than most keeps its own choice; as long as others have none,
    its product is a suggestion for them.
    """

    _name = 'amazon.listing.sku'
    _description = "Amazon SKU"
    _inherit = ['amazon.access.mixin']
    _auto = False
    _check_company_auto = True
    _order = 'mapping_state desc, sku, id'
    _rec_name = 'sku'

    seller_id = fields.Many2one('amazon.seller', readonly=True)
    company_id = fields.Many2one('res.company', readonly=True)
    sku = fields.Char("SKU", readonly=True)
    asin = fields.Char("ASIN", readonly=True)
    barcode = fields.Char(readonly=True)
    title = fields.Char(readonly=True)
    image_url = fields.Char(readonly=True)
    picture = fields.Char(compute='_compute_picture')
    product_id = fields.Many2one('product.product', check_company=True, help="On most marketplaces.")
    pack_quantity = fields.Integer("Pieces")
    pack_proposed = fields.Integer("Proposed", readonly=True)
    pack_evidence = fields.Char("Found", readonly=True)
    contradicts = fields.Boolean("Titles contradict each other", readonly=True)
    pack_check = fields.Selection(CHECKS, "Confirmed", readonly=True)
    suggested_product_id = fields.Many2one('product.product', "Suggestion", readonly=True)
    reason = ReaderChar(readonly=True)
    suggestion = fields.Char("Why", compute='_compute_suggestion')
    listing_count = fields.Integer("Marketplaces", readonly=True)
    mapped_count = fields.Integer("Mapped on", readonly=True)
    mapped_text = fields.Char("Mapped", compute='_compute_mapped_text')
    differs = fields.Boolean("Marketplaces differ", readonly=True)
    own_choice = fields.Char("Own choice", compute='_compute_own_choice')
    mapping_state = fields.Selection(
        [('ignored', "Ignored"), ('mapped', "Mapped"), ('unmapped', "Unmapped")], readonly=True)
    creating = fields.Boolean("Product is being created", readonly=True)

    @property
    def _table_query(self):
        self.env['amazon.listing'].flush_model()
        # In brackets, which not every Odoo adds.
        return SQL("""(
            SELECT MIN(id) AS id, seller_id, company_id, sku, %(asin)s AS asin, %(barcode)s AS barcode,
                   %(title)s AS title, %(image)s AS image_url,
                   CASE MAX(mapping_state) WHEN 'mapped' THEN mode() WITHIN GROUP (ORDER BY product_id)
                   END AS product_id,
                   CASE MAX(mapping_state) WHEN 'mapped' THEN mode() WITHIN GROUP (
                       ORDER BY CASE WHEN product_id IS NOT NULL THEN pack_quantity END)
                   ELSE COALESCE(
                       MAX(CASE WHEN product_id IS NULL AND pack_source = 'person' THEN pack_quantity END),
                       mode() WITHIN GROUP (ORDER BY CASE WHEN product_id IS NOT NULL
                           AND pack_check IS DISTINCT FROM 'ask' THEN pack_quantity END),
                       MAX(CASE WHEN product_id IS NULL THEN pack_quantity END)) END AS pack_quantity,
                   CASE COUNT(DISTINCT NULLIF(pack_proposed, 0)) WHEN 1 THEN MAX(pack_proposed) ELSE 0
                   END AS pack_proposed,
                   CASE COUNT(DISTINCT NULLIF(pack_proposed, 0)) WHEN 1 THEN
                       (array_agg(pack_evidence ORDER BY id) FILTER (WHERE pack_proposed > 0))[1]
                   ELSE string_agg(DISTINCT pack_evidence, ' / ') END AS pack_evidence,
                   COUNT(DISTINCT NULLIF(pack_proposed, 0)) > 1 AS contradicts,
                   MIN(pack_check) AS pack_check, MAX(suggestion) AS reason,
                   CASE MAX(mapping_state) WHEN 'unmapped' THEN COALESCE(
                       mode() WITHIN GROUP (ORDER BY product_id), MAX(suggested_product_id))
                   END AS suggested_product_id, COUNT(*) AS listing_count, COUNT(product_id) AS mapped_count,
                   COUNT(product_id) > 0 AND MAX(mapping_state) = 'unmapped' OR MIN(product_id) != MAX(product_id) OR
                       MIN(CASE WHEN product_id IS NOT NULL THEN pack_quantity END) !=
                       MAX(CASE WHEN product_id IS NOT NULL THEN pack_quantity END) AS differs,
                   MAX(mapping_state) AS mapping_state, BOOL_OR(pending_action = 'product') AS creating
              FROM amazon_listing
          GROUP BY seller_id, company_id, sku)""", asin=self._pick('asin'), barcode=self._pick('barcode'),
                   title=self._pick('title'), image=self._pick('image_url'))

    def _pick(self, column):
        """Return SQL for a value that all listings of a SKU share, or else that of the listing that a row shows."""
        return SQL(
            "CASE WHEN MIN(%(column)s) = MAX(%(column)s) THEN MIN(%(column)s) "
            "ELSE (array_agg(%(column)s ORDER BY title IS NULL, id))[1] END", column=SQL.identifier(column))

    @api.depends('image_url', 'product_id', 'suggested_product_id')
    def _compute_picture(self):
        for row in self:
            product = row.product_id or row.suggested_product_id
            shown = row.image_url or product.with_context(bin_size=True).image_128
            row.picture = shown and (row.image_url or f'/web/image/product.product/{product.id}/image_128')

    @api.depends('reason', 'mapped_count', 'suggested_product_id')
    @api.depends_context('lang')
    def _compute_suggestion(self):
        for row in self:
            row.suggestion = (tell(self.env)._("Mapped so on %s marketplaces", row.mapped_count)
                              if row.mapped_count and row.suggested_product_id else row.reason)

    @api.depends('mapped_count', 'listing_count', 'own_choice')
    def _compute_mapped_text(self):
        for row in self:
            text = tell(self.env)._("%(mapped)s of %(all)s", mapped=row.mapped_count, all=row.listing_count)
            row.mapped_text = tell(self.env)._("%(count)s, otherwise: %(marketplaces)s", count=text,
                                               marketplaces=row.own_choice) if row.own_choice else text

    @api.depends('differs')
    def _compute_own_choice(self):
        """Name the marketplaces that have another product or other pieces."""
        own = self.filtered('differs')._get_listings().grouped(_get_key)
        for row in self:
            others = own.get(_get_key(row), self.env['amazon.listing']).filtered(
                lambda listing, row=row: listing.product_id and not row._is_alike(listing))
            row.own_choice = ', '.join(sorted(others.marketplace_id.mapped('name')))

    def _get_listings(self):
        """Return the listings of these SKUs on all marketplaces."""
        found = self.env['amazon.listing'].search([
            ('seller_id', 'in', self.seller_id.ids), ('sku', 'in', self.mapped('sku'))], order='id')
        keys = {_get_key(row) for row in self}
        return found.filtered(lambda listing: _get_key(listing) in keys)

    def _is_alike(self, listing):
        return (listing.product_id, listing.pack_quantity) == (self.product_id, self.pack_quantity)

    def write(self, vals):
        """Choose the product, or the pieces, of these SKUs on all marketplaces that have no choice of their own.

        :raises AccessError: anything else is to be changed
        """
        result = super().write({name: value for name, value in vals.items() if name not in CHOSEN})
        for row, followers in [(row, row._get_followers()) for row in self]:
            row._choose(followers, vals)
        self.invalidate_model()
        return result

    def _get_followers(self):
        """Return the listings that have no choice of their own."""
        listings = self._get_listings()
        if self.mapping_state != 'ignored':
            listings = listings.filtered(lambda listing: not listing.ignored)
        followers = listings.filtered(lambda listing: not listing.product_id or self._is_alike(listing))
        if not followers:
            raise UserError(tell(self.env)._(
                "Every marketplace has its own choice: press \"Marketplaces\" in the row, and choose there."))
        return followers

    def _choose(self, followers, vals):
        """Choose for the listings that have no choice of their own; pieces that nobody entered are asked for."""
        product = self.env['product.product'].browse(vals.get('product_id'))
        if 'product_id' in vals and not product:
            followers.write({'product_id': False})
        elif 'pack_quantity' in vals:
            followers.write({'pack_quantity': vals['pack_quantity'] or 1,
                             **({'product_id': product.id} if product else {})})
        elif product:
            listings = self._get_listings()
            followers._choose(product, *listings._find_choice(product))
            followers._take_answers(listings - followers)

    # === ACTIONS === #

    def action_accept_suggestion(self):
        """Map these SKUs to their suggested products."""
        self.check_access('write')
        for row in self.filtered('suggested_product_id'):
            row.write({'product_id': row.suggested_product_id.id})

    def action_map(self):
        """Apply the mapping rules of each marketplace."""
        return self._get_listings().action_map()

    def action_create_products(self):
        """Create the product of each SKU from its listing on one marketplace; the others follow."""
        listings = self.env['amazon.listing']
        for row in self.filtered(lambda row: not row.product_id):
            own = row._get_listings().filtered(lambda listing: not listing.product_id)
            listings |= (own.filtered(lambda listing: listing.status != 'removed') or own)[:1]
        return listings.action_create_products()

    def action_use_proposed_pieces(self):
        """Set the pieces that are proposed on all marketplaces."""
        self.check_access('write')
        for row in self.filtered('contradicts'):
            raise UserError(tell(self.env)._(
                "Titles of %(sku)s name different pieces (%(pieces)s): enter the right number.", sku=row.sku,
                pieces=row.pack_evidence))
        for row in self:
            row._get_listings()._end_question(lambda listing, row=row: {
                'pack_quantity': row.pack_proposed or listing.pack_quantity})

    def action_confirm_pieces(self):
        """Confirm that the pieces that are set are right."""
        self._get_listings().action_confirm_pieces()

    def action_ignore(self):
        """Ignore the unmapped listings of these SKUs."""
        self._get_listings().filtered(lambda listing: not listing.product_id).action_ignore()

    def action_unignore(self):
        """No longer ignore these SKUs, and apply the mapping rules to them."""
        self._get_listings().filtered('ignored').action_unignore()

    def action_view_listings(self):
        """Show the listings of this SKU, one for each marketplace."""
        self.ensure_one()
        return self.seller_id._action_window(
            'amazon_connector.amazon_listing_action_mapping',
            [('seller_id', '=', self.seller_id.id), ('company_id', '=', self.company_id.id), ('sku', '=', self.sku)])
