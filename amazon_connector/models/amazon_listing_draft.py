from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ..amazon_api.errors import NOT_OF_THE_RECORD, AmazonError
from ..amazon_api.feed_messages import check_text, clean_texts
from ..amazon_api.listing_offers import price_patches
from ..amazon_api.patches import read_submission
from ..amazon_api.product_types import ASIN, CONDITION, build_attributes, find_problems, get_name, read_fields
from ..utils.amounts import to_decimal
from ..utils.change import OF_THE_RECORD, describe_problem
from ..utils.phrases import tell
from ..utils.product_values import get_language, get_values
from ..utils.reader_fields import ReaderText
from ..utils.words import explain
from .amazon_listing import CONDITIONS

GENERIC_TYPE = 'PRODUCT'
REQUIREMENTS = [('LISTING_OFFER_ONLY', "Offer on a page that Amazon has"), ('LISTING', "New product page")]


class AmazonListingDraft(models.Model):
    _name = 'amazon.listing.draft'
    _description = "Amazon Listing to Create"
    _inherit = ['amazon.access.mixin']
    _order = 'id desc'
    _rec_name = 'sku'
    _check_company_auto = True

    marketplace_id = fields.Many2one('amazon.seller.marketplace', required=True, ondelete='cascade')
    company_id = fields.Many2one(related='marketplace_id.company_id', store=True)
    currency_id = fields.Many2one(related='marketplace_id.currency_id')
    product_id = fields.Many2one('product.product', required=True, check_company=True, ondelete='cascade')
    listing_id = fields.Many2one('amazon.listing', readonly=True)
    sku = fields.Char("SKU", required=True)
    requirements = fields.Selection(REQUIREMENTS, "What to create", required=True, default='LISTING_OFFER_ONLY')
    asin = fields.Char("ASIN", help="Of the page at Amazon that shows this product.")
    asin_title = fields.Char("Page at Amazon", readonly=True)
    condition = fields.Selection(CONDITIONS, default='new_new', required=True)
    channel = fields.Selection([('fbm', "FBM"), ('fba', "FBA")], required=True, default='fbm')
    pack_quantity = fields.Integer("Pieces per unit", default=1, required=True)
    price = fields.Monetary(help="With or without tax as this marketplace shows prices. Empty: without an offer until "
                            "a price is sent.")
    product_type = fields.Char(help="Amazon's product type, like LUGGAGE.")
    choices = fields.Json(help="Product types that Amazon suggests.")
    line_ids = fields.One2many('amazon.listing.draft.line', 'draft_id', "Required", domain=[('optional', '=', False)])
    optional_line_ids = fields.One2many('amazon.listing.draft.line', 'draft_id', "Optional",
                                        domain=[('optional', '=', True)])
    state = fields.Selection(
        [('draft', "Draft"), ('checked', "Checked by Amazon"), ('sending', "Being sent"), ('done', "Accepted"),
         ('refused', "Refused")],
        required=True, readonly=True, default='draft')
    problem_text = ReaderText("Problems", readonly=True)
    language_note = fields.Char(compute='_compute_language_note')

    _pack_positive = models.Constraint('CHECK(pack_quantity > 0)', "A unit at Amazon has at least one piece.")

    @api.depends('marketplace_id.language_code')
    def _compute_language_note(self):
        for draft in self:
            draft.language_note = not get_language(draft.marketplace_id) and tell(self.env)._(
                "The language of this marketplace (%s) is not installed in Odoo: enter the texts in it here.",
                draft.marketplace_id.language_code)

    def write(self, vals):
        """Write drafts; the title of a page is forgotten where another ASIN is entered."""
        moved = self.filtered(lambda draft: 'asin' in vals and 'asin_title' not in vals and vals['asin'] != draft.asin)
        result = super().write(vals)
        moved.filtered('asin_title').sudo().asin_title = False
        return result

    # === ACTIONS: THEY ASK AMAZON BEFORE THEY WRITE ANYTHING (decision 004) === #

    def action_suggest_types(self):
        """Ask Amazon which product types fit the name of the product."""
        self.check_access('write')
        self.ensure_one()
        choices = self._ask(self.env['amazon.product.type']._search_names, self.marketplace_id, self.product_id.name)
        self.write({'choices': choices, 'product_type': self.product_type or (choices[0][0] if choices else False)})

    def action_load_form(self):
        """Show the fields of the product type, filled from the product; values entered before stay."""
        self.check_access('write')
        for draft, product_type in [(draft, draft._ask(draft._get_type)) for draft in self.sudo()]:
            draft._load_form(product_type)

    def action_check(self):
        """Check the draft by the schema, then by Amazon (`VALIDATION_PREVIEW`), which changes nothing there."""
        self.check_access('write')
        for draft, answer in [(draft, draft._ask(draft._check)) for draft in self.sudo()]:
            draft._show_problems(answer['problems'])
            if answer['status'] == 'VALID':
                draft.state = 'checked'

    def action_send(self):
        """Let the job create the listing at Amazon."""
        self.check_access('write')
        for draft in self:
            draft._ask(draft.marketplace_id.seller_id._get_merchant_token)
            draft._check_filled()
        self.sudo().write({'state': 'sending', 'problem_text': False})
        self.marketplace_id.seller_id._wake('listings')

    def action_open_listing(self):
        self.ensure_one()
        return {'type': 'ir.actions.act_window', 'res_model': 'amazon.listing', 'view_mode': 'form',
                'res_id': self.listing_id.id}

    def _check_filled(self):
        """Raise where nothing says what is to be sold: an offer needs its page or the form, a new page the form."""
        if self._get_lines():
            return
        if self.requirements == 'LISTING':
            raise UserError(tell(self.env)._("Load the form of %s first.", self.sku))
        if not self.asin:
            raise UserError(tell(self.env)._("Enter the ASIN of the page at Amazon that sells %s, or load the form.",
                                             self.sku))

    def _ask(self, method, *arguments, **options):
        """Call Amazon for a person who waits for the answer: whatever goes wrong is raised as a `UserError` in words.
        """
        try:
            return method(*arguments, **options)
        except AmazonError as error:
            raise UserError(self.marketplace_id.seller_id._describe_error(error)) from None

    # === THE FORM === #

    def _get_type(self):
        self.ensure_one()
        name = GENERIC_TYPE if self.requirements == 'LISTING_OFFER_ONLY' else self.product_type
        if not name:
            raise UserError(tell(self.env)._("Choose a product type: \"Suggest\" asks Amazon for those that fit."))
        return self.env['amazon.product.type'].sudo()._get(self.marketplace_id, name, self.requirements)

    def _load_form(self, product_type):
        typed = {line.path: line.value for line in self._get_lines() if line.value}
        defaults = get_values(self.product_id, self.marketplace_id, self.pack_quantity)
        known = {path: str(value) for path, value in defaults.items() if value}
        values = {**known, **typed}
        self._get_lines().unlink()
        self.write({'line_ids': [Command.create({
            'path': field.path, 'title': field.title, 'help': field.help, 'choices': field.choices or False,
            'sequence': position,
            'optional': not field.required and field.path not in values, 'required': field.required,
            'value': values.get(field.path),
        }) for position, field in enumerate(read_fields(product_type.schema))
            if field.path not in (ASIN, CONDITION)], 'state': 'draft', 'problem_text': False})

    def _get_lines(self):
        return self.line_ids | self.optional_line_ids

    def _get_values(self, schema):
        """Return what the form holds and, of what stands above it, what this product type has."""
        head = {ASIN: self.asin, CONDITION: self.condition}
        known = {field.path for field in read_fields(schema)}
        return {**{line.path: line.value for line in self._get_lines()},
                **{path: value for path, value in head.items() if path in known}}

    def _get_attributes(self, product_type):
        """Return the attributes that Amazon gets, with price and channel."""
        market = self.marketplace_id
        attributes = build_attributes(product_type.schema, self._get_values(product_type.schema),
                                      market.marketplace_ref, market.language_code or 'en_US')
        channel = {'fulfillment_channel_code': market._get_amazon_channel()} if self.channel == 'fba' else {
            'fulfillment_channel_code': 'DEFAULT', 'quantity': 0}
        attributes = clean_texts(attributes)
        check_text(tell(self.env)._("The SKU"), self.sku)
        attributes['fulfillment_availability'] = [channel]
        if self.price:
            price = float(to_decimal(self.price, market.currency_id))
            offer = price_patches({'ALL': {'our_price': price}}, market.marketplace_ref, market.currency_id.name)
            attributes['purchasable_offer'] = offer[0]['value']
        return attributes

    # === CHECKING AND SENDING === #

    def _check(self):
        """Return `status` and `problems` (pairs of path and text) by the schema or, if that finds none, by Amazon;
        writes nothing.
        """
        product_type = self._get_type()
        attributes = self._get_attributes(product_type)
        problems = [(problem.path, problem.message) for problem in find_problems(product_type.schema, attributes)]
        if problems:
            return {'status': 'INVALID', 'problems': problems}
        answer = self._put(attributes, product_type, mode='VALIDATION_PREVIEW')
        return {'status': self._read_status(answer, 'VALID'), 'problems': _read_issues(answer)}

    def _read_status(self, answer, wanted):
        """Return `wanted` if Amazon says so and has no error, else INVALID.

        :raises Unclear: Amazon says neither
        """
        return wanted if read_submission(answer, wanted).accepted else 'INVALID'

    def _put(self, attributes, product_type, **options):
        """Create the listing or preview that (`putListingsItem`)."""
        seller = self.marketplace_id.seller_id
        return seller._get_client().call(
            'putListingsItem', seller._get_merchant_token(), self.sku,
            marketplaceIds=[self.marketplace_id.marketplace_ref],
            body={'productType': product_type.name, 'requirements': self.requirements, 'attributes': attributes},
            **options).payload

    def _show_problems(self, problems):
        """Write each problem on the field that it names; the others are shown above the form."""
        lines, rest = self._get_lines(), []
        lines.filtered('problem').problem = False
        above = {get_name(ASIN): tell(self.env)._("ASIN"), get_name(CONDITION): tell(self.env)._("Condition")}
        for path, message in problems:
            name = get_name(path)
            text = tell(self.env)._("Required") if message == 'required' else message
            named = lines.filtered(lambda line, path=path, name=name: line.path == path
                                   or get_name(line.path) == name == path)
            if named:
                # An optional field with a problem is moved to the visible ones.
                named.write({'problem': text, 'optional': False})
            else:
                rest.append(tell(self.env).join([above.get(name, path), text], by=': '))
        self.write({'problem_text': tell(self.env).join(rest) or False, 'state': 'draft'})

    @api.model
    def _send_waiting(self, sync):
        """Create the requested listings, for the flow of listings; return whether there was time for all."""
        for draft in self.search([('marketplace_id.seller_id', '=', sync.seller_id.id), ('state', '=', 'sending')],
                                 order='id'):
            with sync._isolate(draft.display_name):
                draft._send_checked()
            if not sync._commit():
                return False
        return True

    def _send_checked(self):
        """Send this draft; problems are shown on it."""
        try:
            self._send()
        except NOT_OF_THE_RECORD:
            raise
        except AmazonError as error:
            self.write({'state': 'refused', 'problem_text': explain(self.env, error)})
        except OF_THE_RECORD as error:
            self.write({'state': 'refused', 'problem_text': describe_problem(self.env, error)})

    def _send(self):
        self._forbid_change_of_channel()
        product_type = self._get_type()
        attributes = self._get_attributes(product_type)
        answer = self._put(attributes, product_type)
        accepted = self._read_status(answer, 'ACCEPTED') == 'ACCEPTED'
        self._show_problems(_read_issues(answer))
        if accepted:
            self.write({'state': 'done', 'listing_id': self._make_listing(attributes).id})
        else:
            self.state = 'refused'

    def _forbid_change_of_channel(self):
        """Refuse a quantity of the merchant's own for a SKU that Amazon fulfils: it would end Amazon's fulfilment.

        :raises UserError: this would do that
        """
        known = self.env['amazon.listing'].search([('marketplace_id', '=', self.marketplace_id.id),
                                                   ('sku', '=', self.sku)])
        if self.channel == 'fbm' and known.channel == 'fba':
            raise UserError(tell(self.env)._("%s is fulfilled by Amazon: choose FBA, or another SKU.", self.sku))

    def _make_listing(self, attributes):
        """Return the listing that was created; it is read from Amazon soon, when Amazon has made its page."""
        listings = self.env['amazon.listing']
        vals = {
            'product_id': self.product_id.id, 'pack_quantity': self.pack_quantity, 'asin': self.asin,
            'condition': self.condition,
            'channel_code': attributes['fulfillment_availability'][0]['fulfillment_channel_code'], 'status': 'inactive',
            'pending_action': 'read', 'product_type': self.product_type if self.requirements == 'LISTING' else False,
            'follows_product': self.requirements == 'LISTING',
        }
        known = listings.search([('marketplace_id', '=', self.marketplace_id.id), ('sku', '=', self.sku)])
        known.write(vals)
        listing = known or listings.create({**vals, 'marketplace_id': self.marketplace_id.id, 'sku': self.sku,
                                            'title': self.product_id.name})
        listing._answer_pieces()
        return listing


def _read_issues(answer):
    """Return pairs of attribute name (or '') and text, one for each issue that Amazon names."""
    found = []
    for issue in answer.get('issues') or []:
        if isinstance(issue, dict):
            names = issue.get('attributeNames')
            text = str(issue.get('message') or issue.get('code') or '')
            found += [(str(name), text) for name in (names if isinstance(names, list) and names else [''])]
    return found
