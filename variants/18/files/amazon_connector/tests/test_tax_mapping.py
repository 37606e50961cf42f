from odoo.fields import Command
from odoo.tests import tagged

from .tax_common import TaxCase


@tagged('post_install', '-at_install')
class TestTaxMapping(TaxCase):
    """Which positions a tax belongs to and which taxes it replaces there is read from and written to Odoo's lines."""

    def setUp(self):
        super().setUp()
        self.full, self.reduced = (self.make_tax(self.company, f"Usual {rate}", rate) for rate in (19, 7))
        self.first, self.second, self.third = (
            self.make_position(self.company, f"Place {name}") for name in "PQR")
        self.tax = self.make_tax(self.company, "Mapped", 5)
        for position, original in ((self.first, self.full), (self.second, self.reduced)):
            self.add_line(position, original)

    def add_line(self, position, original, tax=None):
        self.env['account.fiscal.position.tax'].create(
            {'position_id': position.id, 'tax_src_id': original.id, 'tax_dest_id': (tax or self.tax).id})

    def pairs(self, tax=None):
        return {(line.position_id.name, line.tax_src_id.name) for line in (tax or self.tax).amazon_dest_line_ids}

    def link_positions(self, *commands):
        self.tax.write({'amazon_fiscal_position_ids': list(commands)})

    def test_a_position_that_is_added_changes_no_other(self):
        self.link_positions(Command.link(self.third.id))
        self.assertEqual(self.pairs(), {("Place P", "Usual 19"), ("Place Q", "Usual 7"),
                                        ("Place R", "Usual 19"), ("Place R", "Usual 7")})
        self.link_positions(Command.unlink(self.third.id))
        self.assertEqual(self.pairs(), {("Place P", "Usual 19"), ("Place Q", "Usual 7")})
        self.link_positions(Command.unlink(self.first.id))
        self.assertEqual(self.pairs(), {("Place Q", "Usual 7")})
        self.link_positions(Command.clear())
        self.assertFalse(self.pairs())

    def test_a_tax_to_replace_that_is_added_changes_no_other(self):
        other = self.make_tax(self.company, "Usual 3", 3)
        before = self.pairs()
        self.tax.amazon_original_tax_ids += other
        self.assertEqual(self.pairs(), before | {("Place P", "Usual 3"), ("Place Q", "Usual 3")})
        self.tax.amazon_original_tax_ids -= other
        self.assertEqual(self.pairs(), before)
        self.tax.amazon_original_tax_ids -= self.full
        self.assertEqual(self.pairs(), {("Place P", "Mapped"), ("Place Q", "Usual 7")}, "it still belongs to P")

    def test_a_tax_that_replaces_none_may_begin_to(self):
        tax = self.make_tax(self.company, "New", 6, amazon_fiscal_position_ids=[Command.set(self.third.ids)])
        self.assertEqual(self.pairs(tax), {("Place R", "New")})
        tax.amazon_original_tax_ids = self.full
        self.assertEqual(self.pairs(tax), {("Place R", "Usual 19")})

    def test_a_position_that_keeps_a_tax_beside_another_one_goes_on_to(self):
        self.add_line(self.third, self.full, self.full)
        self.add_line(self.third, self.full, self.reduced)
        self.full.amazon_original_tax_ids = self.reduced
        self.assertIn(("Place R", "Usual 19"), self.pairs(self.full))

    def test_archived_positions_and_taxes_keep_their_lines(self):
        self.second.active = False
        self.link_positions(Command.link(self.third.id))
        self.assertLessEqual({("Place P", "Usual 19"), ("Place Q", "Usual 7")}, self.pairs())
        self.tax.active = False
        self.first.amazon_tax_ids += self.reduced
        self.assertEqual(self.first.tax_ids.tax_dest_id, self.tax | self.reduced)

    def register(self):
        """Return a position of a registration abroad, with the taxes of its country."""
        poland = self.env.ref('base.pl')
        group = self.env['account.tax.group'].create(
            {'name': "VAT", 'company_id': self.company.id, 'country_id': poland.id})
        tax = self.make_tax(self.company, "23 % Poland", 23, country_id=poland.id, tax_group_id=group.id)
        position = self.make_position(self.company, "LC PL", country_id=poland.id, foreign_vat='PL5260250995')
        self.env.invalidate_all()
        return position, tax

    def test_a_registration_abroad_has_no_lines_for_what_its_country_says(self):
        position, tax = self.register()
        self.assertEqual((tax.amazon_fiscal_position_ids, position.amazon_tax_ids), (position, tax))
        position.amazon_tax_ids += self.full
        self.assertEqual(position.tax_ids.tax_dest_id, self.full)
        tax.amazon_fiscal_position_ids += self.first
        self.assertEqual(self.pairs(tax), {("Place P", "23 % Poland")})

    def search(self, name, operator, value):
        return self.env['account.tax'].search([('company_id', '=', self.company.id), (name, operator, value)])

    def test_a_search_finds_what_is_computed(self):
        position, foreign = self.register()
        self.add_line(self.third, self.full, self.full)
        everything = self.env['account.tax'].search([('company_id', '=', self.company.id)])
        for name, records in (('amazon_fiscal_position_ids', position | self.first | self.third),
                              ('amazon_original_tax_ids', self.full | self.reduced)):
            for record in records:
                having = everything.filtered(lambda tax, name=name, record=record: record in tax[name])
                for operator, value in (
                        ('=', record.id), ('in', record.ids), ('=', record.name), ('ilike', record.name)):
                    self.assertEqual(self.search(name, operator, value), having, (name, operator, value))
                for operator, value in (('!=', record.id), ('not in', record.ids), ('not ilike', record.name)):
                    self.assertEqual(self.search(name, operator, value), everything - having, (name, operator, value))
                some = everything.filtered(lambda tax, name=name, having=having: not tax[name] or tax in having)
                self.assertEqual(self.search(name, 'in', [False, record.id]), some)
            with_any = everything.filtered(name)
            self.assertEqual((self.search(name, '!=', False), self.search(name, '=', False)),
                             (with_any, everything - with_any))
        self.assertIn(foreign, self.search('amazon_fiscal_position_ids', '=', position.id))

    def test_a_search_for_domestic_taxes_finds_them_with_every_operator(self):
        foreign = self.register()[1] | self.tax
        everything = self.env['account.tax'].search([('company_id', '=', self.company.id)])
        domestic = everything.filtered('amazon_is_domestic')
        self.assertFalse(foreign & domestic)
        for operator, value, found in (
                ('=', True, domestic), ('!=', False, domestic), ('in', [True], domestic), ('not in', [False], domestic),
                ('=', False, everything - domestic), ('!=', True, everything - domestic),
                ('in', [False], everything - domestic), ('not in', [True], everything - domestic),
                ('in', [True, False], everything), ('in', [], everything.browse())):
            self.assertEqual(self.search('amazon_is_domestic', operator, value), found, (operator, value))
