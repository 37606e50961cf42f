import datetime

from lxml import etree

from odoo import fields
from odoo.tests import new_test_user, tagged

from .claims_common import ClaimsCase


@tagged('post_install', '-at_install')
class TestClaimsShown(ClaimsCase):
    """What is open and what was won this year is on the form of the seller and on the overview, and opens its claims.
    """

    def setUp(self):
        super().setUp()
        self.year = fields.Date.context_today(self.seller).replace(month=1, day=1)
        self.open = self.make_claim('A1', open_units=2)
        self.won = self.make_claim('A2', filed=True, paid=[('EUR', 20.0, self.year)])

    def make_claim(self, ref, open_units=0, filed=False, paid=(), **vals):
        claim = self.claims.create({
            'seller_id': self.seller.id, 'key': ref, 'kind': 'lost', 'reference': ref, 'event_date': self.year,
            'units': 2, 'open_units': open_units, 'unit_value': 10, 'state': 'found' if open_units else 'paid',
            'filed_date': filed and self.year, **vals})
        for number, (currency, amount, date) in enumerate(paid):
            currency = self.env['res.currency'].with_context(active_test=False).search([('name', '=', currency)])
            record = self.env['amazon.reimbursement'].create({
                'seller_id': claim.seller_id.id, 'reimbursement_ref': f'{ref}-{number}', 'reason': 'Lost_Warehouse',
                'approval_date': date, 'currency_id': currency.id})
            self.env['amazon.claim.evidence'].create({
                'claim_id': claim.id, 'kind': 'paid', 'date': date, 'quantity': 1, 'amount': amount,
                'currency_id': currency.id, 'reimbursement_id': record.id})
        return claim

    def make_rate(self, name, rate):
        currency = self.env['res.currency'].with_context(active_test=False).search([('name', '=', name)])
        currency.active = True
        currency.rate_ids.unlink()
        if rate:
            self.env['res.currency.rate'].create({
                'currency_id': currency.id, 'rate': rate, 'name': self.year - datetime.timedelta(days=1),
                'company_id': self.company.id})

    def read_overview(self):
        self.env.flush_all()
        self.env.invalidate_all()
        return self.env['amazon.overview'].browse(self.company.id)

    def search_of(self, action):
        return self.env[action['res_model']].search(action['domain'])

    def test_the_form_of_the_seller_shows_both(self):
        arch = etree.fromstring(self.env['amazon.seller'].get_view(view_type='form')['arch'])
        for action, field in (('action_view_claims', 'claim_value'), ('action_view_won', 'claim_won')):
            field, = arch.xpath(f"//button[@name='{action}']//field[@name='{field}']")
            self.assertNotIn(field.get('invisible'), ('1', 'True'))
        self.assertEqual((self.seller.claim_value, self.search_of(self.seller.action_view_won())), (20, self.won))
        self.assertIn('20', self.seller.claim_won)

    def test_the_overview_shows_both(self):
        overview = self.read_overview()
        self.assertEqual((overview.claim_count, overview.claim_value, overview.claim_won, overview.currency_id),
                         (1, 20, 20, self.company.currency_id))
        self.assertEqual(self.search_of(overview.action_view_claims()), self.open)
        self.assertEqual(self.search_of(overview.action_view_won()), self.won)
        arch = etree.fromstring(self.env['amazon.overview'].get_view(view_type='form')['arch'])
        for action, field in (('action_view_claims', 'claim_value'), ('action_view_won', 'claim_won')):
            self.assertTrue(arch.xpath(f"//button[@name='{action}']//field[@name='{field}']"))

    def test_money_of_other_currencies_is_converted_at_its_day(self):
        self.make_rate('GBP', 0.5), self.make_rate('SEK', False)
        claim = self.make_claim('A3', filed=True, paid=[('GBP', 10.0, self.year), ('SEK', 100.0, self.year)])
        overview = self.read_overview()
        self.assertEqual(overview.claim_won, 40)
        self.assertIn('SEK', overview.missing_rates)
        self.assertEqual(self.search_of(overview.action_view_won()), self.won | claim)
        claim.unlink()
        self.assertNotIn('SEK', self.read_overview().missing_rates or '')

    def test_money_of_last_year_and_of_claims_that_nobody_filed_is_not_won(self):
        self.make_claim('A3', paid=[('EUR', 5.0, self.year)])
        self.make_claim('A4', filed=True, paid=[('EUR', 7.0, self.year - datetime.timedelta(days=1))])
        overview = self.read_overview()
        self.assertEqual((overview.claim_won, self.search_of(overview.action_view_won())), (20, self.won))

    def test_several_companies_are_in_the_currency_of_the_first(self):
        self.make_rate('GBP', 0.5)
        other = self.env['res.company'].create({
            'name': "British", 'currency_id': self.env.ref('base.GBP').id})
        seller = self.env['amazon.seller'].create({
            'name': "British", 'company_id': other.id, 'home_marketplace': 'GB'})
        claim = self.make_claim('A3', open_units=1, seller_id=seller.id)
        self.assertEqual(self.read_overview().claim_value, 20)
        both = self.read_overview().with_context(allowed_company_ids=(self.company | other).ids)
        self.assertEqual((both.claim_count, both.claim_value), (2, 40))
        self.assertEqual(self.search_of(both.action_view_claims()), self.open | claim)

    def test_who_may_not_read_claims_sees_none(self):
        user = new_test_user(self.env, 'claims_billing', 'account.group_account_invoice', company_id=self.company.id,
                             company_ids=[(6, 0, self.company.ids)])
        overview = self.read_overview().with_user(user)
        may_read = self.claims.with_user(user).has_access('read')
        self.assertEqual(overview.claim_count, 1 if may_read else 0)
        self.assertEqual(overview.claim_won, 20 if may_read else 0)
