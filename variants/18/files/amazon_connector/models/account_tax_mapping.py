from odoo import api, fields, models
from odoo.osv.expression import FALSE_DOMAIN, NEGATIVE_TERM_OPERATORS, TERM_OPERATORS_NEGATION, TRUE_DOMAIN


class AccountTax(models.Model):
    """Which fiscal positions a tax belongs to, and which taxes it replaces there.

    Odoo 18 keeps this in lines of fiscal positions, each with a tax to replace and its replacement. A tax that belongs
    to a position and replaces none there has a line with itself. Taxes of a registration abroad have that country.
    """

    _inherit = 'account.tax'

    amazon_dest_line_ids = fields.One2many('account.fiscal.position.tax', 'tax_dest_id', "Lines that lead to this tax")
    amazon_src_line_ids = fields.One2many('account.fiscal.position.tax', 'tax_src_id', "Lines that lead from this tax")
    amazon_fiscal_position_ids = fields.Many2many(
        'account.fiscal.position', string="Fiscal positions of this tax", compute='_compute_amazon_mapping',
        inverse='_inverse_amazon_mapping', search='_search_amazon_fiscal_position_ids')
    amazon_original_tax_ids = fields.Many2many(
        'account.tax', string="Taxes that this one replaces", compute='_compute_amazon_mapping',
        inverse='_inverse_amazon_mapping',
        search='_search_amazon_original_tax_ids', context={'active_test': False})
    amazon_replacing_tax_ids = fields.Many2many(
        'account.tax', string="Taxes that replace this one", compute='_compute_amazon_mapping',
        inverse='_inverse_amazon_replacing_tax_ids', context={'active_test': False})
    amazon_is_domestic = fields.Boolean(
        "Domestic tax", compute='_compute_amazon_is_domestic', search='_search_amazon_is_domestic')

    @api.model_create_multi
    def create(self, vals_list):
        """Create taxes; those of a registration abroad belong to its fiscal position."""
        taxes = super().create(vals_list)
        self.env['account.fiscal.position'].invalidate_model(['amazon_tax_ids'])
        return taxes

    @api.depends('amazon_dest_line_ids.position_id', 'amazon_dest_line_ids.tax_src_id',
                 'amazon_src_line_ids.tax_dest_id')
    def _compute_amazon_mapping(self):
        for tax in self:
            to_this, from_this = tax.amazon_dest_line_ids, tax.amazon_src_line_ids
            tax.amazon_fiscal_position_ids = to_this.position_id | tax._amazon_find_registrations()
            tax.amazon_original_tax_ids = to_this.tax_src_id - tax._origin
            tax.amazon_replacing_tax_ids = from_this.tax_dest_id - tax._origin

    def _amazon_find_registrations(self):
        if self.amazon_original_id or self.country_id in (self.country_id.browse(),
                                                          self.company_id.account_fiscal_country_id):
            return self.env['account.fiscal.position']
        return self.env['account.fiscal.position'].search([
            ('company_id', 'parent_of', self.company_id.id), ('foreign_vat', '!=', False),
            ('country_id', '=', self.country_id.id)])

    def _inverse_amazon_mapping(self):
        for tax in self:
            positions = tax.amazon_fiscal_position_ids
            if self.env.context.get('active_test', True):
                positions |= tax.amazon_dest_line_ids.position_id.filtered(lambda position: not position.active)
            tax._amazon_write_mapping(positions, tax.amazon_original_tax_ids)

    def _amazon_write_mapping(self, positions, originals):
        """Add and delete lines for what was added and taken; what was there before keeps the lines that it has."""
        lines, before = self.amazon_dest_line_ids, self.amazon_dest_line_ids.position_id
        known, replaced = before | self._amazon_find_registrations(), lines.tax_src_id - self
        pairs = {(position, original) for position in positions for original in originals
                 if position not in known or original not in replaced}
        paired = positions.browse().union(*(position for position, _original in pairs))
        superfluous = paired - self._amazon_find_kept()
        gone = lines.filtered(
            lambda line: line.position_id not in positions
            or (line.position_id in superfluous if line.tax_src_id == self else line.tax_src_id not in originals))
        alone = (positions & before | positions - known) - (lines - gone).position_id - paired
        gone.unlink()
        lines.create([
            {'position_id': position.id, 'tax_src_id': original.id, 'tax_dest_id': self.id}
            for position, original in sorted(
                pairs | {(position, self) for position in alone}, key=lambda pair: (pair[0].id, pair[1].id))])

    def _amazon_find_kept(self):
        """Return the positions that keep this tax and add another one, as the Spanish ones for withholding."""
        return self.amazon_dest_line_ids.filtered(
            lambda line: line.tax_src_id == self and line.position_id.tax_ids.filtered(
                lambda other: other.tax_src_id == self) - line).position_id

    def _inverse_amazon_replacing_tax_ids(self):
        for tax in self:
            tax.amazon_src_line_ids.filtered(
                lambda line, tax=tax: line.tax_dest_id != tax
                and line.tax_dest_id not in tax.amazon_replacing_tax_ids).unlink()

    @api.depends('company_id.amazon_domestic_fiscal_position_id', 'amazon_fiscal_position_ids')
    def _compute_amazon_is_domestic(self):
        for tax in self:
            positions = tax.amazon_fiscal_position_ids - tax._amazon_find_kept()
            tax.amazon_is_domestic = not positions or tax.company_id.amazon_domestic_fiscal_position_id in positions

    @api.model
    def _search_amazon_is_domestic(self, operator, value):
        wanted = set(map(bool, value if isinstance(value, (list, tuple)) else [value]))
        if operator in NEGATIVE_TERM_OPERATORS:
            wanted = {True, False} - wanted
        if len(wanted) != 1:
            return TRUE_DOMAIN if wanted else FALSE_DOMAIN
        foreign = self._amazon_find_mapped().filtered(lambda tax: not tax.amazon_is_domestic)
        return [('id', 'not in' if True in wanted else 'in', foreign.ids)]

    @api.model
    def _search_amazon_fiscal_position_ids(self, operator, value):
        return self._amazon_search_mapping('amazon_fiscal_position_ids', operator, value)

    @api.model
    def _search_amazon_original_tax_ids(self, operator, value):
        return self._amazon_search_mapping('amazon_original_tax_ids', operator, value)

    @api.model
    def _amazon_search_mapping(self, name, operator, value):
        """Return the domain of the taxes for which a field of their mapping is computed so."""
        mapped, others = self._amazon_find_mapped().filtered(name), self[name].with_context(active_test=False)
        values = value if isinstance(value, (list, tuple, set)) else [value]
        positive = TERM_OPERATORS_NEGATION[operator] if operator in NEGATIVE_TERM_OPERATORS else operator
        named = [record for text in values if isinstance(text, str) for record, _name in others.name_search(
            text, operator='=' if positive == 'in' else positive, limit=None)]
        others = others.browse(named + [part for part in values if part and not isinstance(part, str)])
        found = [('id', 'in', mapped.filtered(lambda tax: tax[name] & others).ids)]
        if not all(values):
            found = ['|', *found, ('id', 'not in', mapped.ids)]
        return ['!', *found] if positive != operator else found

    @api.model
    def _amazon_find_mapped(self):
        """Return all taxes that may belong to a fiscal position, archived ones too."""
        registrations = self.env['account.fiscal.position'].search([('foreign_vat', '!=', False)])
        return self.with_context(active_test=False).search([
            '|', ('amazon_dest_line_ids', '!=', False),
            ('country_id', 'in', registrations.country_id.ids)]).with_env(self.env)


class AccountFiscalPosition(models.Model):
    _inherit = 'account.fiscal.position'

    amazon_tax_ids = fields.Many2many(
        'account.tax', string="Taxes of this fiscal position", compute='_compute_amazon_tax_ids',
        inverse='_inverse_amazon_tax_ids')
    amazon_is_domestic = fields.Boolean("Domestic fiscal position", compute='_compute_amazon_is_domestic')

    @api.depends('tax_ids.tax_dest_id', 'foreign_vat', 'country_id')
    @api.depends_context('active_test')
    def _compute_amazon_tax_ids(self):
        for position in self:
            position.amazon_tax_ids = position._amazon_find_taxes()

    def _amazon_find_taxes(self):
        taxes = self.with_context(active_test=False).tax_ids.tax_dest_id
        if self.foreign_vat and self.country_id not in (
                self.country_id.browse(), self.company_id.account_fiscal_country_id):
            taxes |= taxes.search([
                *taxes._check_company_domain(self.company_id), ('country_id', '=', self.country_id.id),
                ('amazon_original_id', '=', False)])
        return taxes.filtered('active') if self.env.context.get('active_test', True) else taxes

    def _inverse_amazon_tax_ids(self):
        for position in self:
            taxes, before = position.amazon_tax_ids, position._amazon_find_taxes()
            position.tax_ids.filtered(lambda line, gone=before - taxes: line.tax_dest_id in gone).unlink()
            position.tax_ids.create([{'position_id': position.id, 'tax_src_id': tax.id, 'tax_dest_id': tax.id}
                                     for tax in taxes - before])

    @api.depends('company_id.amazon_domestic_fiscal_position_id')
    def _compute_amazon_is_domestic(self):
        for position in self:
            position.amazon_is_domestic = position == position.company_id.amazon_domestic_fiscal_position_id


class ResCompany(models.Model):
    _inherit = 'res.company'

    amazon_domestic_fiscal_position_id = fields.Many2one(
        'account.fiscal.position', "Domestic fiscal position", compute='_compute_amazon_domestic_fiscal_position_id')

    @api.depends('country_id', 'fiscal_position_ids.sequence', 'fiscal_position_ids.country_id',
                 'fiscal_position_ids.country_group_id')
    def _compute_amazon_domestic_fiscal_position_id(self):
        """The first position of the company's own country, or else of a group of countries that it belongs to."""
        for company in self:
            country, positions = company.country_id, self.env['account.fiscal.position']
            own = positions.search([('company_id', '=', company.id), '|', ('country_id', '=', country.id), '&', (
                'country_id', '=', False), ('country_group_id', 'in', country.country_group_ids.ids)])
            company.amazon_domestic_fiscal_position_id = own.sorted(
                lambda position: (position.sequence, not position.country_id, position.id))[:1]
