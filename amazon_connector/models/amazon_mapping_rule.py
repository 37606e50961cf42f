import re

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

KINDS = [
    ('sku', "SKU = internal reference"), ('pattern', "Part of the SKU = internal reference"),
    ('sibling', "Same SKU on another marketplace"), ('barcode', "Barcode (EAN, UPC, GTIN)"), ('asin', "ASIN on the product"),
]
DEFAULT_KINDS = ('sku', 'sibling', 'barcode', 'asin')
BARCODE = re.compile(r'\d{8,14}')


class AmazonMappingRule(models.Model):
    _name = 'amazon.mapping.rule'
    _description = "Amazon Mapping Rule"
    _order = 'marketplace_id, sequence, id'
    _rec_name = 'kind'

    marketplace_id = fields.Many2one('amazon.seller.marketplace', required=True, ondelete='cascade', index=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    kind = fields.Selection(KINDS, "Rule", required=True, default='pattern')
    prefix = fields.Char(help="What the SKU begins with and the internal reference does not.")
    suffix = fields.Char(help="What the SKU ends with and the internal reference does not.")
    expression = fields.Char(
        "Regular expression", help="Applied to what is left of the SKU. The group \"ref\" (or the first group) is the internal reference, "
                                   "the group \"pack\" the number of pieces: (?P<ref>.+)-(?P<pack>\\d+)PK")

    @api.constrains('kind', 'prefix', 'suffix', 'expression')
    def _check_pattern(self):
        for rule in self.filtered(lambda rule: rule.kind == 'pattern'):
            if not (rule.prefix or rule.suffix or rule.expression):
                raise ValidationError(self.env._("Enter a prefix, a suffix or a regular expression."))
            try:
                re.compile(rule.expression or '')
            except re.error as error:
                raise ValidationError(self.env._("The regular expression cannot be read: %s", error)) from None

    def _find_products(self, listings):
        """Return what this rule finds for listings of its marketplace.

        :return: listing -> list of pairs (product, pieces in one Amazon unit); more than one pair is ambiguous
        :rtype: dict
        """
        self.ensure_one()
        keys = {listing: key for listing in listings if (key := self._get_key(listing))}
        found = getattr(self, f'_search_{self.kind}')({key for key, _pack in keys.values()}) if keys else {}
        return {listing: [(product, pack * pieces) for product, pieces in found[key]] for listing, (key, pack) in keys.items() if key in found}

    def _get_key(self, listing):
        """Return what to look for and the pieces of a pack, or None where this rule has nothing to say of a listing."""
        if self.kind == 'pattern':
            return self._read_pattern(listing.sku)
        if self.kind == 'barcode':
            barcode = listing.barcode or listing.sku
            return (barcode.lstrip('0'), 1) if BARCODE.fullmatch(barcode) else None
        key = listing.asin if self.kind == 'asin' else listing.sku
        return (key, 1) if key else None

    def _read_pattern(self, sku):
        prefix, suffix = self.prefix or '', self.suffix or ''
        if not (sku.startswith(prefix) and sku.endswith(suffix)):
            return None
        rest = sku.removeprefix(prefix).removesuffix(suffix)
        if not self.expression:
            return rest, 1
        match = re.fullmatch(self.expression, rest)
        if not match:
            return None
        named = match.groupdict()
        reference = named.get('ref') or (match[1] if match.re.groups and 'ref' not in named else rest)
        pack = named.get('pack') or '1'
        return (reference, int(pack)) if pack.isdigit() and int(pack) else None

    def _search_products(self, field, values):
        products = self.env['product.product']
        domain = [*products._check_company_domain(self.marketplace_id.company_id), (field, 'in', list(values))]
        return products.search_fetch(domain, [field])

    def _search_sku(self, keys):
        return {key: [(product, 1) for product in products] for key, products in self._search_products('default_code', keys).grouped('default_code').items()}

    _search_pattern = _search_sku

    def _search_asin(self, keys):
        return {key: [(product, 1) for product in products] for key, products in self._search_products('amazon_asin', keys).grouped('amazon_asin').items()}

    def _search_barcode(self, keys):
        """By product or packaging; a GTIN is the same with and without leading zeros."""
        spellings = {spelling for key in keys for spelling in {key, *(key.zfill(length) for length in (8, 12, 13, 14))}}
        found = {}
        for product in self._search_products('barcode', spellings):
            found.setdefault(product.barcode.lstrip('0'), []).append((product, 1))
        packagings = self.env['product.uom'].search([
            *self.env['product.uom']._check_company_domain(self.marketplace_id.company_id), ('barcode', 'in', list(spellings))])
        for packaging in packagings:
            pieces = round(packaging.uom_id._compute_quantity(1, packaging.product_id.uom_id))
            found.setdefault(packaging.barcode.lstrip('0'), []).append((packaging.product_id, max(pieces, 1)))
        return found

    def _search_sibling(self, keys):
        siblings = self.env['amazon.listing'].search_fetch([
            ('seller_id', '=', self.marketplace_id.seller_id.id), ('marketplace_id', '!=', self.marketplace_id.id), ('sku', 'in', list(keys)),
            ('product_id', '!=', False), ('company_id', '=', self.marketplace_id.company_id.id)], ['sku', 'product_id', 'pack_quantity'])
        return {sku: list({(sibling.product_id, sibling.pack_quantity) for sibling in group}) for sku, group in siblings.grouped('sku').items()}

    # === SUGGESTIONS === #

    @api.model
    def _suggest(self, listings):
        """Return weaker evidence for listings of one company that no rule could map.

        :return: listing -> (product, reason)
        :rtype: dict
        """
        if not listings:
            return {}
        company = listings.company_id
        by_reference = self._search_normalized(company, SQL("lower(regexp_replace(product.default_code, '[^[:alnum:]]', '', 'g'))"),
                                               {self._normalize(listing.sku) for listing in listings})
        names = SQL("lower(template.name->>'en_US')")
        by_name = self._search_normalized(company, names, {listing.title.lower() for listing in listings if listing.title})
        suggestions = {}
        for listing in listings:
            reference, name = by_reference.get(self._normalize(listing.sku), []), by_name.get((listing.title or '').lower(), [])
            if len(reference) == 1:
                suggestions[listing] = reference[0], self.env._("The internal reference is written alike")
            elif len(name) == 1:
                suggestions[listing] = name[0], self.env._("The product has this title as its name")
        return suggestions

    @api.model
    def _normalize(self, sku):
        return re.sub(r'[\W_]', '', sku).lower()

    def _search_normalized(self, company, expression, keys):
        self.env['product.product'].flush_model()
        self.env.cr.execute(SQL(
            """SELECT %(expression)s, array_agg(product.id)
                 FROM product_product product JOIN product_template template ON template.id = product.product_tmpl_id
                WHERE product.active AND (template.company_id IS NULL OR template.company_id = %(company)s) AND %(expression)s = ANY(%(keys)s)
             GROUP BY 1""", expression=expression, company=company.id, keys=list(keys - {''})))
        return {key: list(self.env['product.product'].browse(ids)) for key, ids in self.env.cr.fetchall()}
