import datetime

from odoo import fields
from odoo.tests import new_test_user, tagged

from .common import AmazonCase
from .payloads import item, order


@tagged('post_install', '-at_install')
class TestDigest(AmazonCase):
    """Figures of Amazon in Odoo's digest mails: of one company, and for those who may see them."""

    def setUp(self):
        super().setUp()
        self.digest = self.env.ref('amazon_connector.digest_amazon')
        self.reader = new_test_user(self.env, login='digest_reader', groups='amazon_connector.group_amazon_user',
                                    email='reader@example.com', company_id=self.company.id,
                                    company_ids=[(6, 0, self.company.ids)])

    def figure(self, name, user=None, company=None, days=1):
        end = fields.Datetime.now() + datetime.timedelta(minutes=1)
        digest = self.digest.with_context(
            start_datetime=end - datetime.timedelta(days=days), end_datetime=end, allowed_company_ids=[]).with_user(
                user or self.reader).with_company(company or self.company)
        digest.invalidate_model([f'kpi_amazon_{name}_value'])
        return digest[f'kpi_amazon_{name}_value']

    def sell(self, *skus, **options):
        now = fields.Datetime.now()
        rows = self.receive(*(order(item(sku), created=f"{now - datetime.timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ}",
                                    **options) for sku in skus))
        return rows.sale_order_id

    def test_orders_and_revenue(self):
        before = self.figure('orders'), self.figure('revenue')
        sales = self.sell('SKU-A', 'SKU-B')
        self.assertEqual(self.figure('orders') - before[0], 2)
        self.assertAlmostEqual(self.figure('revenue') - before[1], sum(sales.mapped('amount_untaxed')))
        sales[0]._action_cancel()
        self.assertEqual(self.figure('orders') - before[0], 1)

    def test_revenue_in_another_currency_is_converted_and_without_a_rate_left_out(self):
        before = self.figure('revenue')
        british = self.marketplace('GB')
        pounds = british.currency_id
        self.env['res.currency.rate'].search([('currency_id', '=', pounds.id)]).unlink()
        sale = self.receive(order(item(currency='GBP'), market='GB',
                                  created=f"{fields.Datetime.now():%Y-%m-%dT%H:%M:%SZ}")).sale_order_id
        self.assertEqual(sale.currency_id, pounds)
        self.assertAlmostEqual(self.figure('revenue'), before, msg="no rate: not counted one to one")
        self.env['res.currency.rate'].create({'currency_id': pounds.id, 'name': '2020-01-01', 'rate': 0.5,
                                              'company_id': self.company.id})
        self.assertAlmostEqual(self.figure('revenue') - before, 2 * sale.amount_untaxed)

    def test_late_orders_exceptions_and_claims(self):
        before = [self.figure(name) for name in ('late', 'exceptions', 'claims')]
        sale = self.sell('SKU-A')
        sale.amazon_ship_by = fields.Datetime.now() - datetime.timedelta(hours=2)
        self.sell('NEW-1')
        self.env['amazon.claim'].create({'seller_id': self.seller.id, 'key': 'd1', 'kind': 'lost', 'units': 1,
                                         'open_units': 1, 'event_date': '2026-10-01'})
        self.assertEqual([self.figure(name) - count for name, count in zip(('late', 'exceptions', 'claims'), before,
                                                                         strict=True)], [2, 1, 1])
        sale.amazon_status = 'SHIPPED'
        self.assertEqual(self.figure('late') - before[0], 1, "the other one, whose product is unknown")

    def test_what_waits_counts_however_old_it_is(self):
        names = ('late', 'exceptions', 'claims')
        before = [self.figure(name) for name in names]
        sale = self.sell('SKU-A')
        sale.amazon_ship_by = fields.Datetime.now() - datetime.timedelta(days=50)
        self.sell('NEW-1')
        self.env['amazon.claim'].create({'seller_id': self.seller.id, 'key': 'd1', 'kind': 'lost', 'units': 1,
                                         'open_units': 1, 'event_date': '2026-10-01'})
        self.env.flush_all()
        for table in ('amazon_order', 'amazon_claim'):
            self.env.cr.execute(f"UPDATE {table} SET create_date = now() - interval '50 days'")
        self.env.invalidate_all()
        for days in (1, 7, 30):
            self.assertEqual([self.figure(name, days=days) - count for name, count in zip(names, before, strict=True)],
                             [2, 1, 1])

    def test_another_company_has_its_own_figures(self):
        other = self.env['res.company'].create({'name': "Other SARL"})
        self.reader.company_ids += other
        self.sell('SKU-A')
        self.assertEqual((self.figure('orders', company=other), self.figure('revenue', company=other)), (0, 0.0))
        self.assertTrue(self.figure('orders'))

    def test_who_sees_no_amazon_orders_gets_a_mail_without_them(self):
        stranger = new_test_user(self.env, login='digest_stranger', groups='base.group_user', email='s@example.com',
                                 company_id=self.company.id, company_ids=[(6, 0, self.company.ids)])
        self.assertFalse(self.digest._compute_kpis(self.company, stranger))
        self.assertEqual({kpi['kpi_name'] for kpi in self.digest._compute_kpis(self.company, self.reader)},
                         {'kpi_amazon_orders', 'kpi_amazon_revenue', 'kpi_amazon_late', 'kpi_amazon_exceptions',
                          'kpi_amazon_claims'})

    def test_the_mail_comes_to_those_who_want_it(self):
        self.digest.action_send()
        self.assertEqual(self.digest.periodicity, 'daily', "nobody gets it: that is no reason to send it less often")
        self.assertFalse(self.env['mail.mail'].search([('email_to', 'like', 'reader@example.com')]))
        self.digest.with_user(self.reader).action_subscribe()
        self.digest.action_send()
        mail = self.env['mail.mail'].search([('email_to', 'like', 'reader@example.com')])
        self.assertIn("Amazon Order Exceptions", mail.body_html)
        self.digest.with_user(self.reader).action_unsubscribe()
        self.assertFalse(self.digest.user_ids)
