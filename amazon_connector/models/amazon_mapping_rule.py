import re

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from ..utils.pack_pieces import split_sku
from ..utils.phrases import tell

KINDS = [
    ('sku', "SKU = internal reference"), ('pattern', "Part of the SKU = internal reference"),
    ('sibling', "Same SKU on another marketplace"), ('barcode', "Barcode (EAN, UPC, GTIN)"),
    ('asin', "ASIN on the product"),
]
DEFAULT_KINDS = ('sku', 'sibling', 'barcode', 'asin')
BARCODE = re.compile(r'\d{8,14}')


def _has_nested_repeats(expression) -> bool:
    """Return whether matching an expression can take exponential time: a part that repeats holds repetitions or
    alternatives.
    """
    text, found = re.sub(r'\\.|\[\^?\]?[^\]]*\]', 'x', expression), 1
    while found:
        match = re.search(r'\(([^()]*)\)([*+]|\{\d*,\d*\})?', text)
        found, varies = match, bool(match and re.search(r'[*+|]|\{\d*,', match[1]))
        if varies and match[2]:
            return True
        text = match and text[:match.start()] + ('x+' if varies or match[2] else 'x') + text[match.end():]
    return False


class AmazonMappingRule(models.Model):
    _name = 'amazon.mapping.rule'
    _description = "Amazon Mapping Rule"
    _inherit = ['amazon.access.mixin']
    _order = 'marketplace_id, sequence, id'
    _rec_name = 'kind'

    marketplace_id = fields.Many2one('amazon.seller.marketplace', required=True, ondelete='cascade', index=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    kind = fields.Selection(KINDS, "Rule", required=True, default='pattern')
    prefix = fields.Char(help="What the SKU begins with and the internal reference does not.")
    suffix = fields.Char(help="What the SKU ends with and the internal reference does not.")
    expression = fields.Char(
        "Regular expression", help="Applied to what is left of the SKU. The group \"ref\" (or the first group) is the "
        "internal reference, "
                                   "the group \"pack\" the number of pieces: (?P<ref>.+)-(?P<pack>\\d+)PK")

    @api.constrains('kind', 'prefix', 'suffix', 'expression')
    def _check_pattern(self):
        for rule in self.filtered(lambda rule: rule.kind == 'pattern'):
            if not (rule.prefix or rule.suffix or rule.expression):
                raise ValidationError(tell(self.env)._("Enter a prefix, a suffix or a regular expression."))
            try:
                re.compile(rule.expression or '')
            except re.error as error:
                raise ValidationError(tell(self.env)._("The regular expression cannot be read: %s", error)) from None
            if _has_nested_repeats(rule.expression or ''):
                raise ValidationError(tell(self.env)._("In this regular expression a part that repeats holds "
                                                       "repetitions or alternatives, as in (a+)+: with some "
                                                       "SKUs it would never end. Write it without."))

    @api.model
    def _match(self, marketplace, entries):
        """Find the products of listings of a marketplace by its rules in their order; ambiguous matches are left out.

        :param entries: `amazon.listing` records or `ListingRow` tuples: what has a SKU, an ASIN, a barcode and a title
        :return: entry -> values of a listing: product and pieces of a pack, or a suggestion with its reason
        :rtype: dict
        """
        todo, matches = list(entries), {}
        for rule in marketplace.mapping_rule_ids if todo else ():
            matches.update(rule._apply(todo))
            todo = [entry for entry in todo if entry not in matches]
        matches.update(self._suggest(marketplace.company_id, todo))
        return matches

    def _apply(self, entries):
        """Return the values for the entries that this rule fits."""
        self.ensure_one()
        label, matches = tell(self.env).choice(self, 'kind'), {}
        for entry, candidates in self._find_products(entries).items():
            if len(candidates) == 1:
                product, pack = candidates[0]
                matches[entry] = {'product_id': product.id, 'pack_quantity': pack}
            else:
                text = tell(self.env)._("%(rule)s: %(count)s products fit", rule=label, count=len(candidates))
                matches[entry] = {'suggested_product_id': False, 'suggestion': text}
        return self._add_answers(matches) if self.kind == 'sibling' else matches

    def _add_answers(self, matches):
        """Add what a person has answered about the same product and pieces of the same SKU elsewhere: nobody is asked
        again. What nobody has confirmed there is not confirmed here.
        """
        listings = self.env['amazon.listing']
        alike = self._search_siblings([entry.sku for entry in matches]).grouped(
            lambda sibling: (sibling.sku, sibling.product_id.id, sibling.pack_quantity))
        for entry, vals in matches.items():
            same = alike.get((entry.sku, vals.get('product_id'), vals.get('pack_quantity')))
            if same:
                product = same.product_id.with_company(self.marketplace_id.company_id)
                own = listings._find_pieces_of(product)
                proposed = listings._read_proposal(entry.sku, entry.title, product, own)[0]
                vals['pack_answered'] = proposed if proposed in same.mapped('pack_answered') else 0
                vals['pack_source'] = all(sibling._is_guess() for sibling in same) and 'guess'
        return matches

    def _find_products(self, entries):
        """Return the products that this rule finds: entry -> list of pairs (product, pieces in one Amazon unit); more
        than one is ambiguous.
        """
        keys = {entry: key for entry in entries if (key := self._get_key(entry))}
        found = getattr(self, f'_search_{self.kind}')({key for key, _pack in keys.values()}) if keys else {}
        return {entry: [(product, pack * pieces) for product, pieces in found[key]]
                for entry, (key, pack) in keys.items() if key in found}

    def _get_key(self, entry):
        """Return the reference to search for and the pieces of a pack, or None where this rule does not fit an entry.
        """
        if self.kind == 'pattern':
            return self._read_pattern(entry.sku)
        if self.kind == 'barcode':
            barcode = entry.barcode or entry.sku
            return (barcode.lstrip('0'), 1) if BARCODE.fullmatch(barcode) else None
        key = entry.asin if self.kind == 'asin' else entry.sku
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

    def _search_field(self, field, keys):
        found = {}
        for product in self._search_products(field, keys):
            found.setdefault(product[field], []).append((product, 1))
        return found

    def _search_sku(self, keys):
        return self._search_field('default_code', keys)

    _search_pattern = _search_sku

    def _search_asin(self, keys):
        return self._search_field('amazon_asin', keys)

    def _search_barcode(self, keys):
        """Find products by their barcode or that of a packaging; a GTIN is the same with and without leading zeros."""
        spellings = {spelling for key in keys for spelling in {key, *(key.zfill(length) for length in (8, 12, 13, 14))}}
        found = {}
        for product in self._search_products('barcode', spellings):
            found.setdefault(product.barcode.lstrip('0'), []).append((product, 1))
        packagings = self.env['product.uom'].search([
            *self.env['product.uom']._check_company_domain(self.marketplace_id.company_id),
            ('barcode', 'in', list(spellings))])
        for packaging in packagings:
            pieces = round(packaging.uom_id._compute_quantity(1, packaging.product_id.uom_id))
            found.setdefault(packaging.barcode.lstrip('0'), []).append((packaging.product_id, max(pieces, 1)))
        return found

    def _search_siblings(self, skus):
        """Return the mapped listings of these SKUs on the seller's other marketplaces."""
        return self.env['amazon.listing'].search_fetch([
            ('seller_id', '=', self.marketplace_id.seller_id.id), ('marketplace_id', '!=', self.marketplace_id.id),
            ('sku', 'in', list(skus)),
            ('product_id', '!=', False), ('company_id', '=', self.marketplace_id.company_id.id)],
            ['sku', 'product_id', 'pack_quantity', 'pack_answered', 'pack_source'])

    def _search_sibling(self, keys):
        return {sku: list({(sibling.product_id, sibling.pack_quantity) for sibling in group})
                for sku, group in self._search_siblings(keys).grouped('sku').items()}

    # === SUGGESTIONS === #

    @api.model
    def _suggest(self, company, entries):
        """Return suggestions by weaker evidence for entries that no rule could map; older suggestions without evidence
        are cleared.
        """
        if not entries:
            return {}
        packs = {entry: split_sku(entry.sku) for entry in entries}
        by_reference = self._search_normalized(
            company, SQL("lower(regexp_replace(product.default_code, '[^[:alnum:]]', '', 'g'))"),
            {self._normalize(sku) for entry in entries for sku in (entry.sku, packs[entry][0])})
        by_name = self._search_normalized(company, SQL("lower(template.name->>'en_US')"),
                                          {entry.title.lower() for entry in entries if entry.title})
        suggestions = {}
        for entry in entries:
            product, reason = self._choose_suggestion(
                by_reference.get(self._normalize(entry.sku), []),
                by_reference.get(self._normalize(packs[entry][0]), []), packs[entry][1],
                by_name.get((entry.title or '').lower(), []))
            suggestions[entry] = {'suggested_product_id': product, 'suggestion': reason}
        return suggestions

    def _choose_suggestion(self, by_reference, by_base, pieces, by_name):
        """Return the product (id) of the strongest evidence that names one only, and why; False twice without any.

        :param int pieces: those that follow the base in the SKU
        """
        if len(by_reference) == 1:
            return by_reference[0], tell(self.env)._("The internal reference is written alike")
        if len(by_base) == 1 and pieces:
            return by_base[0], tell(self.env)._("The SKU is this internal reference with %s pieces", pieces)
        if len(by_name) == 1:
            return by_name[0], tell(self.env)._("The product has this title as its name")
        return False, False

    @api.model
    def _normalize(self, sku):
        return re.sub(r'[\W_]', '', sku).lower()

    def _search_normalized(self, company, expression, keys):
        self.env['product.product'].flush_model()
        self.env.cr.execute(SQL(
            """SELECT %(expression)s, array_agg(product.id)
                 FROM product_product product JOIN product_template template ON template.id = product.product_tmpl_id
                WHERE product.active AND (template.company_id IS NULL OR template.company_id = %(company)s)
                  AND %(expression)s = ANY(%(keys)s)
             GROUP BY 1""", expression=expression, company=company.id, keys=list(keys - {''})))
        return dict(self.env.cr.fetchall())
