import base64
from unittest.mock import patch

import psycopg2

from odoo.exceptions import AccessError, UserError
from odoo.modules.migration import load_script
from odoo.tests import tagged
from odoo.tools import mute_logger

from . import payloads
from .settlement_files import COMMISSION, PRINCIPAL, STORAGE, SUBSCRIPTION, document, row
from .test_settlements import ORDER, SALE, SettlementCase

NUMBER = '15243896011'


class OwnerCase(SettlementCase):
    """A second seller, and a second company that some marketplaces are given to."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls.env['res.company'].create({'name': "Elsewhere SARL", 'currency_id': cls.env.ref('base.EUR').id})
        cls.env.user.company_ids |= cls.other
        cls.warehouse_there = (cls.env['stock.warehouse'].search([('company_id', '=', cls.other.id)], limit=1)
                               or cls.env['stock.warehouse'].create(
                                   {'name': "Lyon", 'code': 'LYO', 'company_id': cls.other.id}))

    @classmethod
    def make_seller(cls, company, *codes):
        seller = cls.env['amazon.seller'].create({
            'name': f"Seller of {company.name}", 'company_id': company.id, 'home_marketplace': 'FR',
            'state': 'connected', 'environment': 'custom',
            'custom_url': 'http://127.0.0.1:9', 'lwa_client_ref': 'client', 'lwa_client_secret': 'secret',
            'refresh_token': 'token', 'import_from': '2026-10-01'})
        cls.env['amazon.seller.marketplace']._update_from_amazon(seller, [cls.participation(code) for code in codes])
        return seller

    def give(self, code, company):
        """Give a marketplace of the seller to another company."""
        market = self.marketplace(code)
        market.write({
            'company_id': company.id, 'warehouse_id': self.warehouse_there.id,
            'fba_location_id': self.warehouse_there.lot_stock_id.id, 'team_id': False,
            'pricelist_id': False, 'settlement_journal_id': False, 'settlement_payout_account_id': False,
            'settlement_carried_account_id': False, 'settlement_partner_id': False})
        return market


@tagged('post_install', '-at_install')
class TestSettlementOwners(OwnerCase):
    """Nothing is booked twice, and nothing in the wrong company."""

    # === OTHER COMPANIES === #

    def test_rows_of_another_companys_marketplace_are_owed_to_it(self):
        self.give('FR', self.other)
        settlement = self.import_rows([*SALE, row(PRINCIPAL, '50.00', '402-1111111-1111111', market='Amazon.fr'),
                                   row(COMMISSION, '-7.50', market='Amazon.fr')])
        self.assertEqual((settlement.company_id, settlement.state), (self.company, 'to_map'))
        rule = settlement.rule_ids
        self.assertEqual((rule.of_company_id, rule.treatment, rule.is_buyer, rule.state),
                         (self.other, 'transfer', False, 'proposed'))
        self.assertFalse(rule.account_id)
        self.assertIn("Elsewhere SARL", rule.name)
        setup = self.env['amazon.settlement.setup'].create({})
        self.assertIn('company', setup.line_ids.mapped('kind'), "an account for it is proposed")
        setup.action_apply()
        rule.action_confirm()
        settlement.action_book()
        self.assertEqual((self.balance('sales'), self.balance('commission'), self.balance('payout')),
                         (-119.0, 17.85, 104.65))
        owed = self.env['account.move.line'].search([('account_id', '=', rule.account_id.id),
                                                     ('parent_state', '=', 'posted')])
        self.assertEqual(sum(owed.mapped('balance')), -42.5)
        self.assertEqual(len(owed), 1, "a settlement may have thousands of such rows")
        self.assertNotIn(owed, self.env['account.move.line'].search(settlement._get_open_domain(('transfer',))),
                         "nothing of it is asked of the bank")
        self.assertFalse(owed.tax_ids | owed.tax_line_id)
        again = self.import_rows([
            row(PRINCIPAL, '1.00', '402-1111111-2222222', market='Amazon.fr'), row(PRINCIPAL, '9.00', ORDER),
            row(PRINCIPAL, '9.00', ORDER)], ref='222')
        self.assertEqual((again.state, again.line_ids[0].rule_id), ('ready', rule))

    def test_a_settlement_of_a_marketplace_is_that_of_its_company(self):
        self.give('FR', self.other)
        settlement = self.import_rows([row(PRINCIPAL, '50.00', '402-1111111-1111111', market='Amazon.fr')])
        self.assertEqual(settlement.company_id, self.other)

    def test_a_settlement_that_names_no_marketplace_asks_whose_it_is(self):
        french = self.give('FR', self.other)
        settlement = self.import_rows([row(STORAGE, '-3.00', market='')])
        self.assertIn("Elsewhere SARL", settlement.problem)
        with self.assertRaisesRegex(UserError, "No row names a marketplace"):
            settlement.action_book()
        # A settlement has a hundred thousand rows, which are not to be loaded for that.
        rows, read = type(self.env['amazon.settlement.line']), []
        fetch = rows._fetch_query
        self.env.invalidate_all()
        with patch.object(rows, '_fetch_query', lambda *args, **kwargs: read.append(args[0]) or fetch(*args, **kwargs)):
            self.decide(settlement, 'marketplace', marketplace_id=french.id)
        self.assertFalse(read)
        self.assertEqual((settlement.company_id, settlement.marketplace_id, settlement.line_ids.company_id,
                          settlement.line_ids.marketplace_id),
                         (self.other, french, self.other, french))
        self.assertNotIn("No row names", settlement.problem)

    def test_deleting_a_product_does_not_scan_all_rows(self):
        self.env.cr.execute("""
            SELECT tablename FROM pg_indexes
             WHERE tablename IN ('amazon_settlement_line', 'amazon_settlement_cost')
               AND indexdef LIKE '%(product_id)%' ORDER BY 1""")
        self.assertEqual([name for (name,) in self.env.cr.fetchall()],
                         ['amazon_settlement_cost', 'amazon_settlement_line'])

    def test_orders_say_whose_a_settlement_without_a_marketplace_is(self):
        self.give('FR', self.other)
        self.receive_sale(payloads.order(payloads.item(), ref=ORDER))
        settlement = self.import_rows([row(PRINCIPAL, '119.00', ORDER, market='')])
        self.assertEqual((settlement.marketplace_id, settlement.problem), (self.german, False))

    # === TWICE === #

    def test_two_sellers_of_one_account_have_a_settlement_once(self):
        twin = self.make_seller(self.company, 'DE', 'FR')
        settlement = self.import_rows(SALE, ref=NUMBER)
        same = self.env['amazon.settlement']._import_file(twin, document(SALE, ref=NUMBER))
        self.assertEqual((same, self.env['amazon.settlement'].search_count([])), (settlement, 1))
        self.assertIn(twin.name, settlement.message_ids[0].body)
        settlement.action_book()
        self.env['amazon.settlement']._import_file(twin, document(SALE, ref=NUMBER))
        self.assertEqual(self.balance('sales'), -119.0)
        other = self.env['amazon.settlement']._import_file(twin, document(SALE[:2], ref=NUMBER))
        self.assertEqual(other.seller_id, twin, "another total: another settlement")

    def test_the_database_keeps_a_settlement_once(self):
        twin = self.make_seller(self.company, 'DE')
        self.seller.selling_partner_ref = False
        settlement = self.import_rows(SALE, ref=NUMBER)
        load_script('amazon_connector/migrations/1.5.0/pre-settlement-doubles.py',
                    'migration').migrate(self.env.cr, '19.0.1.4.0')
        self.env.invalidate_all()
        self.assertEqual(settlement.stage, 'ready', "the migration sets doubles aside only")
        with self.assertRaises(psycopg2.errors.UniqueViolation), mute_logger('odoo.sql_db'), self.cr.savepoint():
            settlement.copy({'seller_id': twin.id, 'marketplace_id': twin.marketplace_ids.id,
                             'company_id': self.company.id, 'settlement_ref': NUMBER,
                             'currency_id': settlement.currency_id.id, 'end_date': settlement.end_date,
                             'total': settlement.total, 'stage': 'ready'})
            self.env.flush_all()

    def test_other_accounts_have_settlements_of_their_own(self):
        """A file that somebody made up for another account keeps nobody's settlement out."""
        other = self.make_seller(self.other, 'FR')
        made_up = self.import_rows(SALE, ref=NUMBER)
        other.selling_partner_ref = 'A2TEST'
        true = self.env['amazon.settlement']._import_file(other, document(SALE, ref=NUMBER))
        self.assertEqual((true.seller_id, made_up.seller_id), (other, self.seller))

    def test_a_double_is_not_restored_beside_the_one_in_use(self):
        twin = self.make_seller(self.company, 'DE')
        settlement = self.import_rows(SALE, ref=NUMBER)
        double = self.copy_to(twin, settlement, stage='elsewhere')
        with self.assertRaisesRegex(UserError, "in use there"):
            double.action_restore()

    def copy_to(self, twin, settlement, **vals):
        """A double as databases of earlier versions have it."""
        double = settlement.copy({
            'seller_id': twin.id, 'marketplace_id': twin.marketplace_ids.id, 'company_id': self.company.id,
            'settlement_ref': settlement.settlement_ref,
            'currency_id': settlement.currency_id.id, 'end_date': settlement.end_date, 'total': settlement.total,
            **vals})
        self.env.flush_all()
        return double

    def migrate(self):
        self.env.flush_all()
        for when in ('pre', 'post'):
            load_script(f'amazon_connector/migrations/1.5.0/{when}-settlement-doubles.py',
                        'migration').migrate(self.env.cr, '19.0.1.4.0')
            self.env.invalidate_all()

    def test_the_upgrade_says_what_it_set_aside_and_what_is_booked_twice(self):
        self.env.cr.execute("DROP INDEX amazon_settlement_account_unique")
        twin = self.make_seller(self.company, 'DE')
        settlement, booked = self.import_rows(SALE, ref=NUMBER), self.book(SALE, ref='15243896022')
        double = self.copy_to(twin, settlement, stage='ready', problem="Some rows have no rule")
        self.copy_to(twin, booked, stage='booked')
        for _time in range(2):
            self.migrate()
        self.assertEqual((settlement.stage, double.stage, double.state, double.problem),
                         ('ready', 'elsewhere', 'elsewhere', False))
        self.assertIn(self.seller.name, double.aside_reason or '')
        self.assertEqual(twin.activity_ids.mapped('summary'), ["Settlement 15243896022 is booked twice"])

    def test_one_that_is_booked_by_hand_is_not_booked_again(self):
        settlement = self.import_rows(SALE, ref=NUMBER)
        self.assertFalse(settlement.problem)
        journal = self.env['account.journal'].search([('company_id', '=', self.company.id), ('type', '=', 'general')],
                                                     limit=1)
        entry = self.env['account.move'].create({'journal_id': journal.id, 'ref': f"Amazon {NUMBER} October",
                                                 'line_ids': [
                                                     (0, 0, {'account_id': self.account(kind).id, 'balance': amount})
                                                     for kind, amount in (('payout', 62.15), ('sales', -62.15))]})
        entry.action_post()
        settlement._evaluate()
        self.assertIn(entry.name, settlement.problem)
        with self.assertRaisesRegex(UserError, "names this settlement already"):
            settlement.action_book()
        self.decide(settlement, 'elsewhere', reason=entry.name)
        self.assertEqual((settlement.state, settlement.aside_reason, settlement.problem),
                         ('elsewhere', entry.name, False))

    def test_set_aside_and_restored(self):
        self.german.settlement_auto = True
        settlement = self.import_rows([*SALE, row(('Other', 'Other', 'Drone Landing Fee'), '-1.00')])
        with self.assertRaisesRegex(UserError, "Enter the reason"):
            self.decide(settlement, 'ignored', reason=False)
        self.decide(settlement, 'ignored', reason="A test account")
        settlement.line_ids.rule_id.filtered(lambda rule: rule.state == 'proposed').action_confirm()
        self.run_flow('settlements', getReports={'reports': []})
        self.assertEqual((settlement.state, len(settlement.move_ids)), ('ignored', 0))
        with self.assertRaisesRegex(UserError, "Restore it"):
            settlement.action_book()
        settlement.action_restore()
        self.assertEqual((settlement.state, settlement.aside_reason), ('ready', False))
        settlement.action_book()
        with self.assertRaisesRegex(UserError, "cancel its booking"):
            self.decide(settlement, 'elsewhere', reason="Too late")

    def decide(self, settlement, decision, **vals):
        action = settlement.action_set_aside()
        return self.env['amazon.settlement.decision'].with_context(**action['context']).create(
            {'decision': decision, **vals}).action_decide()

    def test_only_accountants_decide(self):
        seller = self.env['res.users'].create({
            'name': "Sales", 'login': 'sales', 'company_ids': self.company.ids, 'company_id': self.company.id,
            'group_ids': [(6, 0, self.env.ref('amazon_connector.group_amazon_user').ids)]})
        settlement = self.import_rows(SALE).with_user(seller)
        for method in ('action_set_aside', 'action_restore'):
            with self.assertRaises(AccessError):
                getattr(settlement, method)()


@tagged('post_install', '-at_install')
class TestSettlementUpload(OwnerCase):
    """The upload finds whose file it is, and asks where that is not sure."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.second = cls.make_seller(cls.company, 'GB', 'DE', 'FR')

    def upload(self, content, **vals):
        wizard = self.env['amazon.settlement.upload'].create(
            {'document': base64.b64encode(content), 'document_name': 'x.txt', **vals})
        action = wizard.action_upload()
        settlement = (self.env['amazon.settlement'].browse(action['res_id'])
                      if action['res_model'] == 'amazon.settlement' else None)
        return settlement, wizard

    def test_by_its_orders(self):
        self.receive_sale(payloads.order(payloads.item(), ref=ORDER))
        settlement, _wizard = self.upload(document(SALE))
        self.assertEqual(settlement.seller_id, self.seller)
        with self.assertRaisesRegex(UserError, f"those of {self.seller.name}, not of {self.second.name}"):
            self.upload(document(SALE, ref='222'), seller_id=self.second.id)

    def test_by_its_skus(self):
        market = self.second.marketplace_ids.filtered(lambda market: market.currency_id.name == 'EUR')[:1]
        self.env['amazon.listing'].create({'marketplace_id': market.id, 'sku': 'SKU-A', 'channel_code': 'DEFAULT',
                                           'title': "Thing"})
        self.assertEqual(self.upload(document(SALE))[0].seller_id, self.second)

    def test_by_its_marketplaces(self):
        self.seller.marketplace_ids.filtered(lambda market: market.country_id.code == 'GB').unlink()
        settlement, _wizard = self.upload(document([row(SUBSCRIPTION, '-39.00', market='Amazon.gb')], currency='GBP'))
        self.assertEqual(settlement.seller_id, self.second)

    def test_the_marketplaces_that_it_names_are_not_those_of_the_chosen_seller(self):
        american = document([row(PRINCIPAL, '165.28', '303-0000001-0000001', market='Amazon.com')], currency='USD')
        with self.assertRaisesRegex(UserError, f"of Amazon.com, where {self.seller.name} does not sell"):
            self.upload(american, seller_id=self.seller.id)
        self.assertFalse(self.env['amazon.settlement'].search_count([]))

    def test_it_asks_when_it_is_not_sure(self):
        settlement, wizard = self.upload(document(SALE))
        self.assertFalse(settlement)
        self.assertIn("choose it", wizard.question)
        self.assertFalse(self.env['amazon.settlement'].search_count([]))
        wizard.seller_id = self.seller
        action = wizard.action_upload()
        self.assertEqual(self.env['amazon.settlement'].browse(action['res_id']).seller_id, self.seller)

    def test_both_have_orders_of_it(self):
        """Two of everything: what fits both says nothing."""
        for seller in (self.seller, self.second):
            self.env['sale.order'].create({
                'partner_id': self.env['res.partner'].create({'name': "Buyer"}).id,
                'amazon_order_ref': ORDER if seller == self.seller else '302-9999999-9999999',
                'amazon_marketplace_id': seller.marketplace_ids.filtered(
                    lambda market: market.currency_id.name == 'EUR')[0].id})
        settlement, wizard = self.upload(document([*SALE, row(PRINCIPAL, '1.00', '302-9999999-9999999')]))
        self.assertFalse(settlement)
        self.assertTrue(wizard.question)

    def test_a_damaged_file_is_refused_in_words(self):
        with self.assertRaisesRegex(UserError, "Line 4"):
            self.upload(document(SALE).replace(b'-17.85', b'-17.8x'), seller_id=self.seller.id)
        with self.assertRaises(UserError):
            self.upload(b'nothing')
