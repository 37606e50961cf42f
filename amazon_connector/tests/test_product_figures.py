import datetime

from odoo import fields
from odoo.tests import new_test_user, tagged

from . import payloads
from .settlement_files import COMMISSION
from .test_analysis import AnalysisCase


@tagged('post_install', '-at_install')
class TestProductFigures(AnalysisCase):
    """The product form shows what 30 days brought on each marketplace, and no figure where none is known."""

    def setUp(self):
        super().setUp()
        self.product.standard_price = 30.0
        self.listing = self.make_listing('SKU-A', self.product, sales_rank=7, sales_rank_group="Kitchen")

    def read_figure(self, **vals):
        self.env.flush_all()
        self.product.product_tmpl_id.invalidate_recordset()
        figure, = self.product.product_tmpl_id.amazon_figure_ids.filtered(
            lambda figure: figure.marketplace_id == self.german)
        figure.invalidate_recordset()
        return figure

    def sell_now(self, **options):
        sale, _item = self.sell(**options)
        sale.date_order = fields.Datetime.now()
        return sale

    def test_sales_and_profit_of_thirty_days(self):
        self.know_fees((COMMISSION, '-11.90'), days=40)
        figure = self.read_figure()
        self.assertEqual((figure.units, figure.is_known), (0, True), "nothing was sold, and that is known")
        sale = self.sell_now(quantity=1, total='119.00')
        figure = self.read_figure()
        self.assertEqual((figure.units, figure.sales, round(figure.profit, 2), figure.is_known), (1, 100, 58.1, True))
        self.assertEqual(round(figure.margin, 3), 0.581)
        self.assertEqual(self.product.amazon_figure_ids, figure)
        self.assertEqual((figure.sales_rank, figure.sales_rank_group), (7, "Kitchen"))
        action = figure.action_open()
        self.assertEqual(self.env[action['res_model']].search(action['domain']).sale_order_id, sale)
        sale.date_order = fields.Datetime.now() - datetime.timedelta(days=31)
        self.assertEqual(self.read_figure().units, 0)

    def test_a_profit_that_is_not_known_is_not_zero(self):
        self.sell_now(quantity=1, total='119.00')
        figure = self.read_figure()
        self.assertEqual((figure.sales, figure.is_known), (100, False))

    def test_a_marketplace_without_an_exchange_rate(self):
        """Its sales were 0.00 in the company's currency."""
        british = self.marketplace('GB')
        self.env['res.currency.rate'].search([('currency_id', '=', british.currency_id.id)]).unlink()
        self.make_listing('SKU-A', self.product, market=british)
        sale = self.receive_sale(payloads.order(
            payloads.item(total='50.00', currency='GBP', shipped=1), market='GB', status='SHIPPED'))
        sale.date_order = fields.Datetime.now()
        self.env.flush_all()
        figure = self.env['amazon.product.figure'].search([('marketplace_id', '=', british.id)])
        self.assertEqual((figure.currency_id, figure.units), (british.currency_id, 1))
        self.assertEqual(figure.sales, sale.amount_untaxed)

    def test_what_came_back(self):
        sale, _item = self.sell(quantity=2, total='238.00')
        now = fields.Datetime.now()
        for number, moment in enumerate((now, now - datetime.timedelta(days=40))):
            self.env['amazon.return'].create({
                'seller_id': self.seller.id, 'company_id': self.company.id, 'marketplace_id': self.german.id,
                'sale_order_id': sale.id, 'product_id': self.product.id, 'date': now.date(), 'channel': 'fbm',
                'rma_ref': f'R{number}', 'announced_date': now.date(), 'order_ref': sale.amazon_order_ref,
                'sku': 'SKU-A', 'quantity': 1,
                'received_date': moment, 'received_quantity': 1})
        self.assertEqual(self.read_figure().returned_units, 1)

    def test_the_best_rank_of_several_pages(self):
        self.make_listing('SKU-B', self.product, sales_rank=3, sales_rank_group="Toys")
        self.make_listing('SKU-C', self.product)
        figure = self.read_figure()
        self.assertEqual((figure.sales_rank, figure.sales_rank_group), (3, "Toys"))

    def test_other_companies_and_users_see_none(self):
        seller = new_test_user(self.env, 'figures', 'amazon_connector.group_amazon_user', company_id=self.company.id,
                               company_ids=self.company.ids)
        self.assertTrue(self.product.with_user(seller).amazon_figure_ids)
        other = self.env['res.company'].create({'name': "Elsewhere"})
        stranger = new_test_user(self.env, 'stranger', 'amazon_connector.group_amazon_user', company_id=other.id,
                                 company_ids=other.ids)
        self.assertFalse(self.env['amazon.product.figure'].with_user(stranger).with_context(
            allowed_company_ids=other.ids).search(
            [('product_id', '=', self.product.id)]))

    def test_the_number_of_queries_does_not_depend_on_the_marketplaces(self):
        for code in ('FR', 'GB'):
            self.make_listing('SKU-A', self.product, market=self.marketplace(code))
        figures = self.product.amazon_figure_ids
        self.assertEqual(len(figures), 3)
        names = ['units', 'sales', 'profit', 'returned_units', 'sales_rank']

        def count(records):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            records.browse(records.ids).read(names)
            return self.cr.sql_log_count - before
        count(figures)
        self.assertLessEqual(count(figures), count(figures[:1]))
