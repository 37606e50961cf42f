from odoo import api, fields, models


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
            lines, originals = tax.amazon_dest_line_ids, tax.amazon_original_tax_ids or tax
            wanted = {(position, original) for position in tax.amazon_fiscal_position_ids for original in originals}
            lines.filtered(lambda line, wanted=wanted: (line.position_id, line.tax_src_id) not in wanted).unlink()
            there = {(line.position_id, line.tax_src_id) for line in lines.exists()}
            lines.create([{'position_id': position.id, 'tax_src_id': original.id, 'tax_dest_id': tax.id}
                          for position, original in sorted(wanted - there, key=lambda pair: (pair[0].id, pair[1].id))])

    def _inverse_amazon_replacing_tax_ids(self):
        for tax in self:
            tax.amazon_src_line_ids.filtered(
                lambda line, tax=tax: line.tax_dest_id != tax
                and line.tax_dest_id not in tax.amazon_replacing_tax_ids).unlink()

    @api.depends('company_id.amazon_domestic_fiscal_position_id', 'amazon_fiscal_position_ids')
    def _compute_amazon_is_domestic(self):
        for tax in self:
            # A position that keeps a tax and adds another one, as the Spanish ones for withholding, says nothing of it.
            kept = tax.amazon_dest_line_ids.filtered(
                lambda line, tax=tax: line.tax_src_id == tax and line.position_id.tax_ids.filtered(
                    lambda other, tax=tax: other.tax_src_id == tax) - line).position_id
            positions = tax.amazon_fiscal_position_ids - kept
            tax.amazon_is_domestic = not positions or tax.company_id.amazon_domestic_fiscal_position_id in positions

    @api.model
    def _search_amazon_is_domestic(self, operator, value):
        registrations = self.env['account.fiscal.position'].search([('foreign_vat', '!=', False)])
        foreign = self.with_context(active_test=False).search([
            '|', ('amazon_dest_line_ids', '!=', False), ('country_id', 'in', registrations.country_id.ids)]).filtered(
                lambda tax: not tax.amazon_is_domestic)
        return [('id', 'not in' if (operator == '=') == bool(value) else 'in', foreign.ids)]

    @api.model
    def _search_amazon_fiscal_position_ids(self, operator, value):
        return self._amazon_search_lines('position_id', 'tax_dest_id', operator, value)

    @api.model
    def _search_amazon_original_tax_ids(self, operator, value):
        return self._amazon_search_lines('tax_src_id', 'tax_dest_id', operator, value)

    @api.model
    def _amazon_search_lines(self, known, wanted, operator, value):
        lines = self.env['account.fiscal.position.tax'].with_context(active_test=False)
        negative = operator in ('!=', 'not in') if value else operator in ('=', 'in')
        values = value if isinstance(value, (list, tuple)) else [value]
        found = lines.search([(known, 'in', values)] if value else [(known, '!=', False)])
        if not value and known == 'tax_src_id':
            found = found.filtered(lambda line: line.tax_src_id != line.tax_dest_id)
        return [('id', 'not in' if negative else 'in', found[wanted].ids)]


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
            taxes = position.with_context(active_test=False).tax_ids.tax_dest_id
            if position.foreign_vat and position.country_id:
                taxes |= taxes.search([
                    *taxes._check_company_domain(position.company_id), ('country_id', '=', position.country_id.id),
                    ('amazon_original_id', '=', False)])
            position.amazon_tax_ids = taxes.filtered('active') if self.env.context.get('active_test', True) else taxes

    def _inverse_amazon_tax_ids(self):
        for position in self:
            taxes = position.amazon_tax_ids
            position.tax_ids.filtered(lambda line, taxes=taxes: line.tax_dest_id not in taxes).unlink()
            position.tax_ids.create([{'position_id': position.id, 'tax_src_id': tax.id, 'tax_dest_id': tax.id}
                                     for tax in taxes - position.tax_ids.tax_dest_id])

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
