import datetime
from unittest.mock import patch

from dateutil.relativedelta import relativedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from ..models.amazon_ledger_day import DAY
from ..utils import intrastat
from .ledger_common import HEADER, LedgerCase, document, row


@tagged('post_install', '-at_install')
class TestBorderTransfers(LedgerCase):
    """Own goods that Amazon moved between countries: by month and countries, valued at cost, with VAT numbers."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.transfers = cls.env['amazon.border.transfer']
        cls.month = fields.Date.today().replace(day=1) - relativedelta(months=1)
        cls.seller.ledger_start = cls.month - relativedelta(months=6)
        cls.company.vat = 'DE136695976'
        cls.poland = cls.env['account.fiscal.position'].create({
            'name': "Poland", 'company_id': cls.company.id, 'country_id': cls.env.ref('base.pl').id,
            'foreign_vat': 'PL5260250995'})
        cls.product.write({'standard_price': 4.5, 'hs_code': '85183000', 'weight': 0.25,
                           'country_of_origin': cls.env.ref('base.cn').id})
        cls.accountant = new_test_user(cls.env, 'border-book', 'account.group_account_user', company_id=cls.company.id,
                                       company_ids=[(6, 0, cls.company.ids)])

    def move_units(self, *parts, months=0, collect=True):
        """Store transfers of the ledger: country, units, day of the month (and more of the row)."""
        first = self.month + relativedelta(months=months)
        for date, of_day in self.group(first, parts):
            day = self.days.search([('seller_id', '=', self.seller.id), ('date', '=', date)]) or self.days.create(
                {'seller_id': self.seller.id, 'date': date, 'state': 'booked'})
            self.env['amazon.ledger.line'].create([{
                'day_id': day.id, 'seller_id': self.seller.id, 'date': date, 'number': number, 'sku': sku,
                'fnsku': f'X00{sku}', 'event_type': 'WhseTransfers', 'quantity': quantity, 'country_code': country,
                'disposition': 'SELLABLE'} for number, (country, quantity, sku) in enumerate(of_day)])
        if collect:
            self.transfers._collect(self.seller)
        return self.transfers.search([('seller_id', '=', self.seller.id)], order='month, source_id, target_id, part')

    @staticmethod
    def group(first, parts):
        days = {}
        for country, quantity, number, *sku in parts:
            days.setdefault(first + DAY * (number - 1), []).append((country, quantity, sku[0] if sku else 'SKU-A'))
        return days.items()

    def test_a_month_and_a_pair_of_countries(self):
        found = self.move_units(('PL', -10, 3), ('DE', 10, 5), ('DE', -2, 6), ('DE', 2, 8))
        self.assertEqual((found.month, found.source_id.code, found.target_id.code), (self.month, 'PL', 'DE'))
        self.assertEqual((found.quantity, found.value, found.weight), (10, 45, 2.5))
        self.assertEqual((found.source_vat, found.target_vat), ('PL5260250995', 'DE136695976'))
        self.assertEqual((found.line_ids.hs_code, found.line_ids.origin_id.code), ('85183000', 'CN'))
        self.assertFalse(found.problem)
        self.assertTrue(found.is_union)

    def test_fields_of_intrastat_modules_come_before_odoos_own(self):
        # Any field that names a record with a code stands for that of a module that is not here.
        self.product.company_id = self.company
        with patch.object(intrastat, 'CODES', (('not_here_id', 'code'), ('currency_id', 'name'))), \
                patch.object(intrastat, 'ORIGINS', ('not_here_id', *intrastat.ORIGINS)):
            found = self.move_units(('PL', -10, 3), ('DE', 10, 5))
        self.assertEqual((found.line_ids.hs_code, found.line_ids.origin_id.code), ('EUR', 'CN'))
        # What is chosen there later is in the draft the next day.
        self.assertEqual(self.move_units().line_ids.hs_code, '85183000')

    def test_the_month_is_that_of_the_departure(self):
        last = (self.month + relativedelta(months=1) - DAY).day
        found = self.move_units(('PL', -10, last), ('DE', 10, last + 2))
        self.assertEqual(found.month, self.month)

    def test_a_pack_that_changes_later_leaves_what_was_booked(self):
        self.move_units(('PL', -2, 3), ('DE', 2, 5), collect=False)
        for day in self.days.search([('seller_id', '=', self.seller.id)]):
            day._book()
        self.env['amazon.listing'].search([('sku', '=', 'SKU-A')]).pack_quantity = 3
        self.transfers._collect(self.seller)
        self.assertEqual(self.transfers.search([('seller_id', '=', self.seller.id)]).quantity, 2)

    def test_units_of_packs_and_skus_without_a_product(self):
        self.env['amazon.listing'].search([('sku', '=', 'SKU-A')]).pack_quantity = 3
        found = self.move_units(('PL', -2, 3), ('DE', 2, 5), ('PL', -1, 3, 'NEW'), ('DE', 1, 5, 'NEW'))
        self.assertEqual(sorted(found.line_ids.mapped(lambda line: (line.sku, line.quantity))),
                         [('NEW', 1), ('SKU-A', 6)])
        self.assertIn("without a product", found.problem)
        with self.assertRaisesRegex(UserError, "without a product"):
            found.with_user(self.accountant).action_issue()

    def test_drafts_follow_the_ledger(self):
        found = self.move_units(('PL', -10, 3), ('DE', 4, 5))
        self.assertEqual(found.quantity, 4)
        line = found.line_ids
        self.assertEqual(self.move_units(('DE', 6, 9)).quantity, 10)
        self.assertEqual(found.line_ids, line)
        self.env['amazon.ledger.line'].search([('seller_id', '=', self.seller.id)]).unlink()
        self.assertFalse(self.move_units())

    def test_the_number_stays_and_later_finds_are_a_further_part(self):
        found = self.move_units(('PL', -10, 3), ('DE', 4, 5))
        found.with_user(self.accountant).action_issue()
        number = found.number
        self.assertRegex(number, r'^PF-FBA/\d{4}/0001$')
        found.with_user(self.accountant).action_issue()
        self.product.standard_price = 99
        both = self.move_units(('DE', 6, 9))
        self.assertEqual(both.mapped('quantity'), [4, 6])
        self.assertEqual(both.mapped('state'), ['issued', 'draft'])
        self.assertEqual((both[0].number, both[0].value, both[1].value), (number, 18, 594))
        both[1].with_user(self.accountant).action_issue()
        self.assertRegex(both[1].number, '0002$')
        self.env['amazon.ledger.line'].search([('seller_id', '=', self.seller.id), ('quantity', '=', 6)]).unlink()
        self.assertEqual(self.move_units().mapped('quantity'), [4, 6, -6], "a correction")
        with self.assertRaises(UserError):
            both[0].unlink()

    def test_a_month_that_is_not_over_gets_no_number(self):
        found = self.move_units(('PL', -1, 1), ('DE', 1, 1), months=1)
        with self.assertRaisesRegex(UserError, "not over"):
            found.with_user(self.accountant).action_issue()
        self.assertFalse(found.number)

    def test_a_missing_vat_number_stops_the_document(self):
        self.poland.foreign_vat = False
        found = self.move_units(('PL', -1, 1), ('DE', 1, 1))
        self.assertIn("Poland", found.problem)
        with self.assertRaisesRegex(UserError, "Poland"):
            found.with_user(self.accountant).action_issue()
        self.poland.foreign_vat = 'PL5260250995'
        self.move_units()
        found.with_user(self.accountant).action_issue()
        self.assertTrue(found.number)

    def test_it_is_printed_with_what_the_tax_office_asks(self):
        found = self.move_units(('PL', -10, 3), ('DE', 10, 5))
        found.with_user(self.accountant).action_issue()
        self.env.flush_all()
        html = self.env['ir.actions.report'].with_user(self.accountant)._render_qweb_html(
            'amazon_connector.report_border_transfer', found.ids)[0].decode()
        for text in (found.number, 'PL5260250995', 'DE136695976', '85183000', 'SKU-A', '45.00', "article 138"):
            self.assertIn(text, html)

    def test_outside_of_the_union_it_is_an_export(self):
        self.env['account.fiscal.position'].create({
            'name': "GB", 'company_id': self.company.id, 'country_id': self.env.ref('base.uk').id,
            'foreign_vat': 'GB980780684'})
        found = self.move_units(('DE', -1, 3), ('GB', 1, 5))
        self.assertFalse(found.is_union)
        html = self.env['ir.actions.report']._render_qweb_html(
            'amazon_connector.report_border_transfer', found.ids)[0].decode()
        self.assertIn("export", html)
        self.assertNotIn("article 138", html)

    def test_only_accountants_issue(self):
        found = self.move_units(('PL', -1, 1), ('DE', 1, 1))
        for login, group in (('border-read', 'account.group_account_readonly'),
                             ('border-stock', 'stock.group_stock_manager'),
                             ('border-amazon', 'amazon_connector.group_amazon_admin')):
            user = new_test_user(self.env, login, group, company_id=self.company.id,
                                 company_ids=[(6, 0, self.company.ids)])
            with self.assertRaises(AccessError):
                found.with_user(user).action_issue()

    # === FIRST STOCK IN A COUNTRY === #

    def alarms(self):
        return self.seller.activity_ids.filtered(lambda task: "VAT number" in (task.summary or ''))

    def test_stock_in_a_country_without_a_vat_number_alarms_once(self):
        content = document(HEADER, [row('Receipts', 5, country='FR'), row('Receipts', 5, country='PL')])
        self.seller.ledger_start = datetime.date(2026, 10, 1)
        self.import_report('amazon.ledger.day', 'GET_LEDGER_DETAIL_VIEW_DATA', content, 1, 1)
        self.days.search([('seller_id', '=', self.seller.id), ('state', '=', 'ready')])._book()
        self.transfers._warn_of_vat(self.seller)
        self.assertIn("France", self.alarms().summary)
        self.alarms().action_done()
        self.transfers._warn_of_vat(self.seller)
        self.assertFalse(self.alarms())

    def test_no_alarm_where_nothing_lies(self):
        self.place('sellable', 'FR')
        self.transfers._warn_of_vat(self.seller)
        self.assertFalse(self.alarms())

    def test_the_flow_finds_them_once_a_day(self):
        self.move_units(('PL', -1, 1), ('DE', 1, 1), collect=False)
        self.transfers._sync_borders(self.seller)
        self.assertEqual(len(self.transfers.search([('seller_id', '=', self.seller.id)])), 1)
        self.move_units(('PL', -1, 2), ('DE', 1, 2), collect=False)
        self.transfers._sync_borders(self.seller)
        self.assertEqual(self.transfers.search([('seller_id', '=', self.seller.id)]).quantity, 1)
