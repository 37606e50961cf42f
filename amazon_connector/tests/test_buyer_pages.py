from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import HttpCase, tagged

from .buyer_common import BuyerCase

SECRETS = ("Hauptstraße", "10115")
SALESMAN = 'sales_team.group_sale_salesman_all_leads'


@tagged('post_install', '-at_install')
class TestBuyerPages(BuyerCase, HttpCase):
    """Pages and mails with a buyer's address, as a browser and the composer of mails ask for them: Odoo prints these as
    superuser.
    """

    GROUPS = {'salesman': SALESMAN, 'amazon': 'amazon_connector.group_amazon_user',
              'stock': f'{SALESMAN},stock.group_stock_user'}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sale._portal_ensure_token()
        cls.own = cls.env['res.partner'].create({'name': "Own", 'street': "Hauptstraße 9", 'zip': '10115'})
        cls.own_sale = cls.env['sale.order'].create({
            'partner_id': cls.own.id, 'company_id': cls.company.id,
            'order_line': [Command.create({'product_id': cls.product.id, 'product_uom_qty': 1})]})
        cls.own_sale.action_confirm()
        cls.own_sale._portal_ensure_token()

    def find_pages(self, sale):
        picking, key = sale.picking_ids[:1], f'access_token={sale.access_token}'
        return [f'{page}?{key}' for page in (
            f'/my/picking/pdf/{picking.id}', f'/my/picking/return/pdf/{picking.id}', f'/my/orders/{sale.id}')] + [
            f'/my/orders/{sale.id}?{key}&report_type={kind}' for kind in ('html', 'pdf', 'text')]

    def find_reports(self, sale):
        return [f'/report/{kind}/{name}/{record.id}' for kind in ('html', 'pdf') for name, record in (
            ('stock.report_deliveryslip', sale.picking_ids[:1]), ('sale.report_saleorder', sale))]

    def open(self, page):
        """Return whether a page shows the address; printed pages are HTML in tests."""
        reply = self.url_open(page)
        shown = any(secret in reply.text for secret in SECRETS)
        self.assertFalse(shown and reply.status_code != 200)
        return shown

    def test_nobody_prints_an_address_that_he_may_not_read(self):
        for name in (None, 'salesman', 'amazon'):
            self.authenticate(*[name and f'buyer_{name}'] * 2)
            for page in self.find_pages(self.sale) + self.find_reports(self.sale):
                self.assertFalse(self.open(page), (name, page))
        self.assertFalse(self.env['amazon.access.log'].search([('action', '=', 'print')]))

    def test_those_who_may_print_it_and_it_is_logged(self):
        self.authenticate('buyer_stock', 'buyer_stock')
        picking = self.sale.picking_ids[:1]
        self.assertTrue(self.open(f'/my/picking/pdf/{picking.id}'))
        line = self.env['amazon.access.log'].search([('action', '=', 'print')])
        self.assertEqual((line.model, line.res_id, line.user_id), ('stock.picking', picking.id, self.users['stock']))

    def test_customers_of_the_company_open_their_pages_as_ever(self):
        self.authenticate(None, None)
        slip, _return_label, page, *_printed = self.find_pages(self.own_sale)
        self.assertEqual((self.open(slip), self.open(page)), (True, True))
        self.authenticate('buyer_salesman', 'buyer_salesman')
        self.assertTrue(self.open(f'/my/picking/pdf/{self.own_sale.picking_ids[:1].id}'))
        self.assertFalse(self.env['amazon.access.log'].search([]))

    def test_the_composer_of_mails_prints_for_readers_only(self):
        for name, sale, may in (('salesman', self.sale, False), ('stock', self.sale, True),
                                ('salesman', self.own_sale, True)):
            composers = self.as_user(name, self.env['mail.compose.message'])
            values = {'model': 'sale.order', 'res_ids': str(sale.ids), 'composition_mode': 'comment',
                      'template_id': self.env.ref('sale.email_template_edi_sale').id}
            if not may:
                with self.assertRaises(AccessError):
                    composers.create(values).read(['attachment_ids'])
                continue
            composer = composers.create(values)
            self.assertIn("Hauptstraße", composer.attachment_ids[:1].sudo().raw.decode())
        line = self.env['amazon.access.log'].search([('action', '=', 'print')])
        self.assertEqual((line.model, line.res_id, line.user_id), ('sale.order', self.sale.id, self.users['stock']))
