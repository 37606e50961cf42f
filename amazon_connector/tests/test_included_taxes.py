from odoo.exceptions import ValidationError
from odoo.fields import Command
from odoo.modules.migration import load_script
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import AmazonCase
from .payloads import item, order

MIGRATION = 'amazon_connector/migrations/1.5.0/post-included-taxes.py'


class IncludedTaxCase(AmazonCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.taxes = cls.env['account.tax'].with_company(cls.company)
        cls.usual = cls.company.account_sale_tax_id
        cls.abroad = cls.env['account.fiscal.position'].create({'name': "Abroad", 'company_id': cls.company.id})
        cls.foreign = cls.make_tax(
            "21 % abroad",
            21,
            fiscal_position_ids=[Command.link(cls.abroad.id)],
            original_tax_ids=[Command.link(cls.usual.id)],
        )

    @classmethod
    def make_tax(cls, name, amount, **vals):
        return cls.taxes.create(
            {'name': name, 'amount': amount, 'type_tax_use': 'sale', 'company_id': cls.company.id, **vals}
        )

    def make_group(self, **vals):
        children = self.make_tax("A", 5, type_tax_use='none') | self.make_tax("B", 9.975, type_tax_use='none')
        return self.make_tax("A and B", 0, amount_type='group', children_tax_ids=[Command.set(children.ids)], **vals)

    def compute(self, taxes, price):
        return taxes.compute_all(price, currency=self.company.currency_id)


@tagged('post_install', '-at_install')
class TestIncludedTaxes(IncludedTaxCase):
    """Lines of Amazon orders have taxes that are inside of prices; nothing else in Odoo knows of them."""

    def test_connecting_and_importing_change_no_mapping(self):
        active = self.taxes.search([])
        self.receive_sale(order(item(total='119.00', parts=[('ITEM', '119.00'), ('TAX', '19.00')])))
        self.foreign._amazon_get_included()
        self.assertEqual(self.abroad.map_tax(self.usual), self.foreign)
        self.assertEqual(self.taxes.search([]), active, "nothing new is offered")
        self.assertFalse(
            self.taxes.with_context(active_test=False).search([('name', 'like', 'Amazon')]) & self.abroad.tax_ids
        )

    def test_a_twin_is_made_once_and_hidden(self):
        twin = self.foreign._amazon_get_included()
        self.assertEqual(
            (twin.amazon_original_id, twin.price_include, twin.active, twin._amazon_get_original()),
            (self.foreign, True, False, self.foreign),
        )
        self.assertFalse(twin.original_tax_ids or twin.replacing_tax_ids or twin.fiscal_position_ids)
        self.assertFalse(self.usual._amazon_get_included().replacing_tax_ids)
        self.assertEqual((self.foreign._amazon_get_included(), twin._amazon_get_included()), (twin, twin))
        self.assertAlmostEqual(self.compute(twin, 121)['total_excluded'], 100)
        self.assertEqual(twin.tax_label, self.foreign.tax_label, "an invoice shows the same")

    def test_what_leaves_the_price_needs_none(self):
        nothing, inside = self.make_tax("0 %", 0), self.make_tax("Inside", 20, price_include_override='tax_included')
        reverse = self.make_tax(
            "Reverse", 19, invoice_repartition_line_ids=self._reverse(), refund_repartition_line_ids=self._reverse()
        )
        for tax in nothing | inside | reverse:
            self.assertEqual(tax._amazon_get_included(), tax)

    def _reverse(self):
        return [
            Command.create({'repartition_type': 'base'}),
            Command.create({'repartition_type': 'tax', 'factor_percent': 100}),
            Command.create({'repartition_type': 'tax', 'factor_percent': -100}),
        ]

    def test_nobody_makes_it_visible(self):
        twin = self.foreign._amazon_get_included()
        group = self.taxes.with_context(active_test=False).search([('tax_group_id', '=', twin.tax_group_id.id)])
        group.write({'active': True})
        self.assertEqual((twin in group, twin.active), (True, False), "as Odoo activates the taxes of India")
        for vals in (
            {'original_tax_ids': [Command.link(self.usual.id)]},
            {'fiscal_position_ids': [Command.link(self.abroad.id)]},
        ):
            with self.assertRaises(ValidationError):
                twin.write(vals)

    def test_a_copy_of_a_twin_is_an_ordinary_tax(self):
        copy = self.foreign._amazon_get_included().copy({'active': True})
        self.assertFalse(copy.amazon_original_id)

    def test_groups_have_twins_of_groups(self):
        group = self.make_group()
        twin = group._amazon_get_included()
        self.assertEqual((twin.amount_type, twin.active, twin.amazon_original_id), ('group', False, group))
        self.assertEqual(twin.children_tax_ids.amazon_original_id, group.children_tax_ids)
        result = self.compute(twin, 114.98)
        self.assertEqual((result['total_included'], result['total_excluded']), (114.98, 100.0))
        self.assertEqual(sorted(tax['amount'] for tax in result['taxes']), [5.0, 9.98])
        other = self.make_tax(
            "A only", 0, amount_type='group', children_tax_ids=[Command.set(group.children_tax_ids[0].ids)]
        )
        self.assertEqual(
            other._amazon_get_included().children_tax_ids, twin.children_tax_ids[0], "a child has one twin"
        )

    def test_a_line_keeps_a_group_of_taxes_inside_the_price(self):
        twin = self.make_group()._amazon_get_included()
        sale = self.env['sale.order'].create(
            {'partner_id': self.env['res.partner'].create({'name': "Somebody"}).id, 'company_id': self.company.id}
        )
        sale.order_line = [
            Command.create({'product_id': self.product.id, 'price_unit': 114.98, 'tax_ids': [Command.set(twin.ids)]})
        ]
        self.env.invalidate_all()
        self.assertEqual((sale.order_line.tax_ids, sale.amount_total, sale.amount_untaxed), (twin, 114.98, 100.0))
        sale.action_confirm()
        sale.order_line.qty_delivered = 1
        invoice = sale._create_invoices()
        invoice.action_post()
        self.assertEqual((invoice.amount_total, invoice.amount_untaxed), (114.98, 100.0))
        self.assertEqual(invoice.line_ids.tax_line_id, twin.children_tax_ids)

    def test_twins_follow_their_originals(self):
        tag = self.env['account.account.tag'].create(
            {'name': "Grid", 'applicability': 'taxes', 'country_id': self.company.country_id.id}
        )
        account = self.env['account.account'].search(
            [('company_ids', '=', self.company.id), ('account_type', '=', 'liability_current')], limit=1
        )
        twin = self.foreign._amazon_get_included()
        lines = twin.repartition_line_ids
        self.foreign.write({'amount': 16, 'name': "16 % abroad", 'description': "<div>Sixteen</div>"})
        for tax_line in self.foreign.repartition_line_ids.filtered(lambda line: line.repartition_type == 'tax'):
            tax_line.write({'tag_ids': [Command.set(tag.ids)], 'account_id': account.id})
        self.assertEqual(
            (twin.amount, twin.price_include, twin.active, str(twin.description)),
            (16, True, False, "<div>Sixteen</div>"),
        )
        self.assertIn("16 % abroad", twin.name)
        self.assertEqual(twin.repartition_line_ids, lines)
        tax_lines = lines.filtered(lambda line: line.repartition_type == 'tax')
        self.assertEqual((tax_lines.tag_ids, tax_lines.account_id, len(tax_lines)), (tag, account, 2))
        self.foreign.active = False
        self.assertEqual((twin.active, twin.amazon_original_id), (False, self.foreign))

    def test_a_distribution_that_grows_and_shrinks(self):
        twin = self.foreign._amazon_get_included()

        def distribute(*percents):
            lines = [
                Command.create({'repartition_type': 'base'}),
                *(Command.create({'repartition_type': 'tax', 'factor_percent': percent}) for percent in percents),
            ]
            self.foreign.write(
                {
                    'invoice_repartition_line_ids': [Command.clear(), *lines],
                    'refund_repartition_line_ids': [Command.clear(), *lines],
                }
            )
            self.env.invalidate_all()
            return twin.invoice_repartition_line_ids.filtered(lambda line: line.repartition_type == 'tax').mapped(
                'factor_percent'
            )

        self.assertEqual(distribute(40, 60), [40, 60])
        self.assertEqual(distribute(100), [100])
        twin._validate_repartition_lines()

    def test_a_group_that_changes(self):
        group = self.make_group()
        twin = group._amazon_get_included()
        more = self.make_tax("C", 1, type_tax_use='none')
        group.children_tax_ids = [Command.link(more.id)]
        self.assertEqual(twin.children_tax_ids.amazon_original_id, group.children_tax_ids)
        more.amount = 2
        self.assertEqual(sorted(twin.children_tax_ids.mapped('amount')), [2, 5, 9.975])

    def test_a_name_that_is_taken(self):
        self.make_tax("21 % abroad (Amazon, included)", 21)
        self.assertEqual(self.foreign._amazon_get_included().name, "21 % abroad (Amazon, included) 2")

    def test_an_original_that_is_deleted_takes_its_unused_twin_along(self):
        first, second = self.make_tax("First", 3), self.make_tax("Second", 4)
        twins = first._amazon_get_included() | second._amazon_get_included()
        self.env['sale.order'].create(
            {
                'partner_id': self.company.partner_id.id,
                'company_id': self.company.id,
                'order_line': [Command.create({'product_id': self.product.id, 'tax_ids': [Command.set(twins[1].ids)]})],
            }
        )
        (first | second).unlink()
        self.assertEqual(twins.exists(), twins[1], "an order has it")

    def test_uninstalling_leaves_no_tax_that_does_anything(self):
        used, group = self.foreign._amazon_get_included(), self.make_group()._amazon_get_included()
        children = group.children_tax_ids
        unused = self.make_tax("Unused", 8)._amazon_get_included()
        sale = self.env['sale.order'].create(
            {
                'partner_id': self.company.partner_id.id,
                'company_id': self.company.id,
                'order_line': [Command.create({'product_id': self.product.id, 'tax_ids': [Command.set(used.ids)]})],
            }
        )
        self.taxes._amazon_archive_twins()
        self.env.invalidate_all()
        self.assertEqual((unused | used | group | children).exists(), used)
        self.assertEqual((sale.order_line.tax_ids, used.active), (used, False))
        self.assertEqual(self.abroad.map_tax(self.usual), self.foreign)

    def test_the_wizard_and_its_accounts_know_originals_only(self):
        self.env['amazon.settlement.setup'].create({}).action_apply()
        taxes = self.seller.marketplace_ids.settlement_sale_tax_id
        self.assertTrue(taxes and all(taxes.mapped('active')))
        self.assertFalse(taxes.amazon_original_id)


@tagged('post_install', '-at_install')
class TestTaxesOfEarlierVersions(IncludedTaxCase):
    """Databases in which the copies doubled the tax of other sales."""

    def copy_of(self, tax, **vals):
        return tax.copy(
            {
                'name': f"{tax.name} (Amazon, included)",
                'price_include_override': 'tax_included',
                'include_base_amount': False,
                'fiscal_position_ids': [Command.set(tax.fiscal_position_ids.ids)],
                'original_tax_ids': [Command.set(tax.original_tax_ids.ids)],
                **vals,
            }
        )

    def migrate(self):
        for _time in range(2):
            with mute_logger('odoo.upgrade'):
                load_script(MIGRATION, 'migration').migrate(self.env.cr, '19.0.1.4.0')
            self.env.invalidate_all()

    def test_copies_are_hidden_and_linked(self):
        copy = self.copy_of(self.foreign)
        self.assertEqual(self.abroad.map_tax(self.usual), self.foreign | copy, "as it was")
        draft = self.env['sale.order'].create(
            {
                'partner_id': self.company.partner_id.id,
                'company_id': self.company.id,
                'fiscal_position_id': self.abroad.id,
                'order_line': [
                    Command.create(
                        {
                            'product_id': self.product.id,
                            'price_unit': 100,
                            'tax_ids': [Command.set((self.foreign | copy).ids)],
                        }
                    )
                ],
            }
        )
        self.migrate()
        self.assertEqual(self.abroad.map_tax(self.usual), self.foreign)
        self.assertEqual(
            (copy.active, copy.amazon_original_id, self.foreign._amazon_get_included()), (False, self.foreign, copy)
        )
        self.assertEqual((draft.order_line.tax_ids, draft.amount_total), (self.foreign, 121))
        notes = draft.message_ids.filtered(lambda message: "the same tax twice" in message.body)
        self.assertEqual(len(notes), 1, "said on the document, once")

    def test_an_original_that_was_renamed_is_found(self):
        copy = self.copy_of(self.foreign)
        self.foreign.name = "Another name"
        self.migrate()
        self.assertEqual(copy.amazon_original_id, self.foreign)

    def test_a_copy_that_a_product_has_stays_with_it(self):
        copy = self.copy_of(self.foreign)
        self.other_product.taxes_id = copy
        self.migrate()
        self.assertEqual((copy.active, copy.amazon_original_id.ids, self.other_product.taxes_id), (True, [], copy))
        self.assertEqual(self.abroad.map_tax(self.usual), self.foreign)
        self.assertNotEqual(self.foreign._amazon_get_included(), copy)

    def test_settlements_book_the_original(self):
        self.german.settlement_sale_tax_id = self.copy_of(self.foreign)
        self.migrate()
        self.assertEqual(self.german.settlement_sale_tax_id, self.foreign)
