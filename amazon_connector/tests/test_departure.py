import datetime
import itertools
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from ..amazon_reports.fulfilled_shipments import REPORT_TYPE
from ..models.amazon_fba_shipment import AmazonFbaShipment
from .common import FakeAmazon
from .ledger_common import HEADER, LedgerCase, document, row
from .payloads import item, order
from .tax_common import TaxCase, buyer

COLUMNS = (
    'amazon-order-id', 'merchant-order-id', 'shipment-id', 'shipment-item-id', 'amazon-order-item-id', 'purchase-date',
    'shipment-date', 'buyer-email', 'buyer-name', 'sku', 'quantity-shipped', 'recipient-name', 'ship-address-1',
    'fulfillment-center-id', 'fulfillment-channel', 'sales-channel')
PERSON = "Kowalska"


def shipment(number, order_ref, center, channel='Amazon.de', merchant='', quantity=1, date='2026-10-02'):
    """Return a row of what Amazon shipped, with what it tells of people."""
    return (order_ref, merchant, f'D{number}', f'DI{number}', f'{number}', f'{date}T08:00:00+00:00',
            f'{date}T12:00:00+00:00', 'x@marketplace.amazon.de', PERSON, 'SKU-A', str(quantity), PERSON,
            f'{PERSON}gasse 1', center, 'AFN', channel)


def table(*rows):
    return ('\r\n'.join('\t'.join(cells) for cells in (COLUMNS, *rows)) + '\r\n').encode()


class DepartureCase(TaxCase, LedgerCase):
    """A German company that is registered in Poland, too, and Amazon's report of what it shipped."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company._map_eu_taxes()
        cls.company.vat = 'DE136695976'
        cls.poland = cls.env.ref('base.pl')
        group = cls.env['account.tax.group'].create(
            {'name': "PL", 'company_id': cls.company.id, 'country_id': cls.poland.id})
        cls.polish = cls.make_tax(cls.company, "PL 23", 23, country_id=cls.poland.id, tax_group_id=group.id)
        cls.position = cls.make_position(cls.company, "Poland", [cls.polish], country_id=cls.poland.id,
                                         foreign_vat='PL5260250995', sequence=50)
        cls.german.write({'fba_invoice': 'no', 'fba_confirm': True})
        cls.shipments = cls.env['amazon.fba.shipment']
        cls.centers = cls.env['amazon.fulfillment.center']
        cls.startClassPatcher(cls._patch_keep())

    @classmethod
    def _patch_keep(cls):
        """The orders are of October 2026, whatever the day of the test."""
        return patch('odoo.addons.amazon_connector.models.amazon_fba_shipment.KEEP_DAYS', 36500)

    def setUp(self):
        super().setUp()
        # Poland's own position comes behind that of the One Stop Shop as long as goods leave from Germany.
        self.env['account.fiscal.position'].search([
            ('company_id', '=', self.company.id), ('country_id', '=', self.poland.id),
            ('foreign_vat', '=', False)]).sequence = 1

    def buy(self, to='PL', total='123.00', tax='23.00', **more):
        row_ = self.sell(total, tax, to=to, channel='AMAZON', status='SHIPPED', **more)
        self.assertEqual((row_.state, row_.sale_order_id.state), ('done', 'sale'), row_.error)
        return row_

    def report(self, *rows):
        """Import what Amazon shipped, and let the flow use it."""
        self.import_report('amazon.fba.shipment', REPORT_TYPE, table(*rows), 1, 1)
        self.resolve()
        self.env.invalidate_all()

    def resolve(self):
        self.shipments._resolve(self.seller)._amazon_set_departure()

    def read_again(self, inbox, payload):
        """Amazon answers with the order; it is processed."""
        self.assertEqual(inbox.state, 'requested')
        self.env['amazon.order'].sudo()._store(self.seller, [payload], force=True)
        inbox.with_context(tracking_disable=True)._process()


@tagged('post_install', '-at_install')
class TestDepartureTax(DepartureCase):
    """An order is taxed by the country that its goods really left from."""

    def payload(self, **more):
        entry = item(total='123.00', parts=[('ITEM', '123.00'), ('TAX', '23.00')], item_ref='77')
        entry['proceeds']['breakdowns'][0]['subtotal']['amount'] = '100.00'
        return order(entry, to=buyer('PL'), channel='AMAZON', status='SHIPPED', ref='302-7777777-0000001', name="Ola",
                     email='ola@marketplace.amazon.de', **more)

    def buy_known(self, **more):
        payload = self.payload(**more)
        inbox = self.receive_by(self.seller, payload)
        self.assertEqual((inbox.state, inbox.sale_order_id.state), ('done', 'sale'), inbox.error)
        return inbox, payload

    def test_an_order_that_is_not_invoiced_is_taxed_anew(self):
        inbox, payload = self.buy_known()
        sale = inbox.sale_order_id
        self.assertEqual(sale.amazon_source_country_id.code, 'DE')
        self.assertNotEqual(sale.fiscal_position_id, self.position)
        self.report(shipment(1, sale.amazon_order_ref, 'WRO5'))
        self.assertEqual((sale.amazon_departure_country_id, sale.amazon_departure_state), (self.poland, 'again'))
        self.read_again(inbox, payload)
        self.assertEqual(inbox.state, 'done', inbox.error)
        self.assertEqual(sale.fiscal_position_id, self.position)
        self.assertEqual(sale.order_line.tax_ids._amazon_get_original(), self.polish)
        self.assertEqual((sale.amount_total, sale.amount_tax), (123, 23))
        self.assertEqual((sale.amazon_departure_state, sale.amazon_source_country_id), ('right', self.poland))

    def test_an_invoiced_order_is_listed_with_both_countries(self):
        inbox, _payload = self.buy_known()
        sale = inbox.sale_order_id
        position = sale.fiscal_position_id
        sale._create_invoices().action_post()
        self.report(shipment(1, sale.amazon_order_ref, 'WRO5'))
        self.assertEqual((sale.amazon_departure_state, inbox.state), ('invoiced', 'done'))
        self.assertEqual((sale.amazon_source_country_id.code, sale.amazon_departure_country_id.code), ('DE', 'PL'))
        self.assertEqual(sale.fiscal_position_id, position)
        self.assertEqual(sale.invoice_ids.amazon_departure_country_id, self.poland)
        self.assertIn(sale.invoice_ids, self.env['account.move'].search([
            ('amazon_departure_country_id', '=', self.poland.id)]))
        accountant = new_test_user(self.env, 'departure-book', 'account.group_account_user', company_id=self.company.id,
                                   company_ids=[(6, 0, self.company.ids)])
        salesman = new_test_user(self.env, 'departure-sale', 'sales_team.group_sale_salesman_all_leads',
                                 company_id=self.company.id, company_ids=[(6, 0, self.company.ids)])
        with self.assertRaises(AccessError):
            sale.with_user(salesman).action_amazon_departure_checked()
        sale.with_user(accountant).action_amazon_departure_checked()
        self.assertEqual(sale.amazon_departure_state, 'checked')
        self.resolve()
        self.assertEqual(sale.amazon_departure_state, 'checked')

    def test_the_right_country_changes_nothing(self):
        inbox, _payload = self.buy_known()
        self.report(shipment(1, inbox.amazon_order_ref, 'LEJ1'))
        self.assertEqual((inbox.state, inbox.sale_order_id.amazon_departure_state), ('done', 'right'))

    def test_the_same_tax_from_another_country_is_right(self):
        """A consumer in France pays French tax in the One Stop Shop, from Germany and from Poland."""
        inbox = self.buy('FR', '120.00', '20.00')
        self.report(shipment(1, inbox.amazon_order_ref, 'WRO5'))
        sale = inbox.sale_order_id
        self.assertEqual((sale.amazon_departure_state, sale.amazon_source_country_id), ('right', self.poland))
        self.assertEqual(inbox.state, 'done')

    def test_an_order_that_comes_behind_its_shipment_is_taxed_by_it_at_once(self):
        self.report(shipment(1, '302-7777777-0000001', 'WRO5'))
        inbox, _payload = self.buy_known()
        self.assertEqual(inbox.sale_order_id.fiscal_position_id, self.position)
        self.resolve()
        self.assertEqual(inbox.sale_order_id.amazon_departure_state, 'right')

    def test_an_order_from_two_countries_is_a_persons_matter(self):
        inbox, _payload = self.buy_known()
        self.report(shipment(1, inbox.amazon_order_ref, 'WRO5'), shipment(2, inbox.amazon_order_ref, 'LEJ1'))
        sale = inbox.sale_order_id
        self.assertEqual((sale.amazon_departure_state, sale.amazon_departure_country_id.id), ('several', False))
        self.assertEqual(inbox.state, 'done')

    def test_an_unknown_tax_of_the_country_is_asked_and_nothing_is_sold_without(self):
        self.position.active = False
        inbox, payload = self.buy_known()
        sale, taxes = inbox.sale_order_id, inbox.sale_order_id.order_line.tax_ids
        self.report(shipment(1, sale.amazon_order_ref, 'WRO5'))
        self.read_again(inbox, payload)
        self.assertEqual(inbox.state, 'error')
        self.assertIn("Poland", inbox.error)
        self.assertEqual(sale.order_line.tax_ids, taxes)
        self.assertIn("Poland", sale._amazon_find_invoice_obstacle())
        self.position.active = True
        inbox._process()
        self.assertEqual(inbox.state, 'done', inbox.error)
        self.assertEqual(sale.fiscal_position_id, self.position)

    def test_the_invoice_waits_where_stock_lies_in_several_countries(self):
        self.german.write({'fba_invoice': 'posted', 'invoice_date': 'today'})
        (self.product | self.other_product).invoice_policy = 'order'
        inbox, payload = self.buy_known()
        self.assertTrue(inbox.sale_order_id.invoice_ids, "one country only")
        self.place('sellable', 'DE')
        self.place('sellable', 'PL')
        second = self.receive_by(self.seller, {**payload, 'orderId': '302-7777777-0000002'}).sale_order_id
        self.assertFalse(second.invoice_ids)
        self.assertIn("report", second._amazon_find_invoice_obstacle())
        self.report(shipment(1, second.amazon_order_ref, 'XYZ9'))
        self.assertIn("XYZ9", second._amazon_find_invoice_obstacle())
        self.centers.search([('code', '=', 'XYZ9')]).with_user(self.make_controller()).country_id = self.env.ref(
            'base.de')
        self.resolve()
        self.env.invalidate_all()
        self.assertFalse(second._amazon_find_invoice_obstacle())

    def test_the_invoice_waits_some_days_only(self):
        for country in ('DE', 'PL'):
            self.place('sellable', country)
        self.german.fba_invoice = 'no'
        sale = self.buy_known()[0].sale_order_id
        sale.amazon_invoice_day = fields.Date.today() - datetime.timedelta(days=4)
        self.assertFalse(sale._amazon_find_departure_obstacle())
        sale.amazon_invoice_day += datetime.timedelta(days=1)
        self.assertTrue(sale._amazon_find_departure_obstacle())

    def make_controller(self):
        return new_test_user(self.env, 'departure-controller', 'account.group_account_manager',
                             company_id=self.company.id, company_ids=[(6, 0, self.company.ids)])


@tagged('post_install', '-at_install')
class TestDepartureCenters(DepartureCase):
    """The country of a center is known by the ledger, by the built-in list, or by a person; it is never guessed."""

    def find(self, code):
        return self.centers._find(self.company, [code]).get(code)

    def test_the_ledger_comes_before_the_list(self):
        self.assertEqual(self.find('LEJ1').code, 'DE')
        self.store(row('Shipments', -1, country='GB').replace('LBA1', 'LEJ1'))
        self.assertEqual(self.find('LEJ1').code, 'GB')

    def test_a_code_that_only_looks_like_others_is_unknown(self):
        self.assertFalse(self.find('LEJ99'))

    def test_a_center_in_two_countries_is_asked(self):
        self.store(row('Shipments', -1, country='FR').replace('LYS1', 'XFR1'),
                   row('Shipments', -1, country='DE').replace('LEJ1', 'XFR1'))
        center = self.centers.search([('code', '=', 'XFR1'), ('company_id', '=', self.company.id)])
        self.assertFalse(self.find('XFR1'), "though it is in the list")
        self.assertEqual((center.country_id.id, center.ledger_countries), (False, 'DE, FR'))
        center.with_user(self.make_admin()).country_id = self.env.ref('base.fr')
        self.store(row('Shipments', -1, country='DE').replace('LEJ1', 'XFR1'))
        self.assertEqual((self.find('XFR1').code, center.source), ('FR', 'user'))

    def make_admin(self):
        return new_test_user(self.env, 'departure-admin', 'amazon_connector.group_amazon_admin',
                             company_id=self.company.id, company_ids=[(6, 0, self.company.ids)])

    def test_an_unknown_center_is_asked_once_with_what_waits(self):
        inbox = self.buy()
        self.report(shipment(1, inbox.amazon_order_ref, 'XYZ9'), shipment(2, '302-1-1', 'XYZ9'))
        center, admin = self.centers.search([('code', '=', 'XYZ9')]), self.make_admin()
        self.assertEqual((center.waiting_count, center.country_id.id), (2, False))
        self.assertFalse(inbox.sale_order_id.amazon_departure_state)
        self.assertTrue(self.seller.activity_ids.filtered(lambda task: 'XYZ9' in (task.note or '')))
        center.with_user(admin).country_id = self.poland
        self.resolve()
        self.env.invalidate_all()
        self.assertEqual(inbox.sale_order_id.amazon_departure_country_id, self.poland)
        self.assertEqual((center.source, center.waiting_count), ('user', 0))
        self.store(row('Shipments', -1, country='DE').replace('LEJ1', 'XYZ9'))
        self.assertEqual(self.find('XYZ9').code, 'DE', "the ledger knows better than a person")
        with self.assertRaisesRegex(UserError, "Germany"):
            center.with_user(admin).country_id = self.poland

    def test_built_in_centers_and_those_of_others_are_read_only(self):
        admin = self.make_admin()
        with self.assertRaises(AccessError):
            self.centers.search([('code', '=', 'WRO5'), ('company_id', '=', False)]).with_user(admin).country_id = False
        user = new_test_user(self.env, 'departure-user', 'amazon_connector.group_amazon_user',
                             company_id=self.company.id, company_ids=[(6, 0, self.company.ids)])
        center = self.centers.create({'code': 'QQQ1', 'company_id': self.company.id})
        with self.assertRaises(AccessError):
            center.with_user(user).country_id = self.poland


@tagged('post_install', '-at_install')
class TestDepartureReport(DepartureCase):
    """Amazon's report of what it shipped."""

    def test_a_shipment_is_stored_once(self):
        for center in ('WRO5', 'LEJ1'):
            self.report(shipment(1, '302-0000001-0000001', center, quantity=2), shipment(2, '302-1', 'WRO5'))
        found = self.shipments.search([('seller_id', '=', self.seller.id)], order='shipment_item_ref')
        self.assertEqual(found.mapped('center'), ['LEJ1', 'WRO5'])
        self.assertEqual(found.mapped('country_id.code'), ['DE', 'PL'])

    def test_orders_of_other_shops_are_no_orders_of_amazons(self):
        inbox = self.buy()
        self.report(shipment(1, inbox.amazon_order_ref, 'WRO5', channel='Non-Amazon DE', merchant='SHOP-7'),
                    shipment(2, 'S02-1', 'WRO5', channel='', merchant='SHOP-8'))
        found = self.shipments.search([('seller_id', '=', self.seller.id)])
        self.assertEqual(found.mapped('is_multichannel'), [True, True])
        self.assertFalse(found.sale_order_id)
        self.assertFalse(inbox.sale_order_id.amazon_departure_state)

    def test_a_bad_row_harms_no_other_and_is_shown(self):
        inbox = self.buy()
        bad = list(shipment(2, '302-1', 'WRO5'))
        bad[3] = ''
        report = self.import_report('amazon.fba.shipment', REPORT_TYPE,
                                    table(bad, shipment(1, inbox.amazon_order_ref, 'WRO5')), 1, 1)
        self.assertEqual((report.problem_count, report.row_count), (1, 2))
        self.assertEqual(self.shipments.search_count([('seller_id', '=', self.seller.id)]), 1)

    numbers = itertools.count()

    def run_report(self, content, status='DONE'):
        wanted = []

        def create(**query):
            wanted.append(query)
            return {'reportId': f'R{next(self.numbers)}'}
        amazon = FakeAmazon(
            createReport=create, getReportDocument={'url': 'https://document'},
            getReport=lambda ref: {'reportId': ref, 'reportType': REPORT_TYPE, 'processingStatus': status,
                                   'reportDocumentId': 'D1'})
        amazon.documents['https://document'] = content
        self.seller.write({'ledger_state': 'off'})
        for _step in range(2):
            self.env['amazon.report'].search([('state', '=', 'asked')]).next_poll = '2026-01-01'
            self.run_flow('fba_stock', amazon)
        return wanted, self.env['amazon.report'].search([('report_type', '=', REPORT_TYPE)])

    def test_the_flow_fetches_it_once_a_day_for_a_month_at_most(self):
        inbox = self.buy()
        inbox.sale_order_id.date_order = fields.Datetime.now()
        wanted, report = self.run_report(table(shipment(1, inbox.amazon_order_ref, 'WRO5')))
        self.assertEqual(report.state, 'done', report.error)
        self.assertEqual(report.end_date - report.start_date, datetime.timedelta(days=30))
        self.assertEqual(inbox.sale_order_id.amazon_departure_country_id, self.poland)
        self.assertFalse(self.run_report(b'')[0], "not twice a day")
        self.env.cr.execute("UPDATE amazon_report SET create_date = create_date - interval '1 day'")
        self.env.invalidate_all()
        end = report.end_date
        wanted, reports = self.run_report(table(shipment(1, inbox.amazon_order_ref, 'WRO5')))
        self.assertEqual(len(wanted), 1)
        self.assertEqual(end - reports[0].start_date, datetime.timedelta(days=10))

    def test_nothing_of_people_is_stored_even_where_the_document_is_wrong(self):
        inbox = self.buy()
        inbox.sale_order_id.date_order = fields.Datetime.now()
        shifted = [PERSON, *shipment(2, '302-1', 'WRO5')]
        stored = []
        self.patch(AmazonFbaShipment, '_import_report', lambda _model, report, _sync: stored.append(
            (report._get_content().decode(), report.charset)) or True)
        self.run_report(table(shipment(1, inbox.amazon_order_ref, 'WRO5'), shifted))
        text, _charset = stored[0]
        self.assertNotIn(PERSON, text)
        self.assertNotIn('x@marketplace', text)
        self.assertIn('WRO5', text)
        self.assertEqual(len(text.splitlines()), 3)

    def test_a_document_of_another_kind_is_not_kept(self):
        inbox = self.buy()
        inbox.sale_order_id.date_order = fields.Datetime.now()
        _wanted, report = self.run_report(document(HEADER, [row('Receipts', 1)]))
        self.assertEqual((report.state, report.content), ('error', False))
        self.assertTrue(report.error)

    def pass_day(self):
        self.env.flush_all()
        self.env.cr.execute("UPDATE amazon_report SET create_date = create_date - interval '1 day', start_date = "
                            "start_date - interval '1 day', end_date = end_date - interval '1 day'")
        self.env.invalidate_all()

    def test_nothing_to_report_says_nothing_before_it_is_said_twice(self):
        inbox = self.buy()
        inbox.sale_order_id.date_order = fields.Datetime.now()
        for _day in range(2):
            report = self.run_report(b'', status='CANCELLED')[1][0]
            self.assertEqual((report.state, (report.end_date - report.start_date).days), ('empty', 30))
            self.pass_day()
        report = self.run_report(table(shipment(1, inbox.amazon_order_ref, 'WRO5')))[1][0]
        self.assertEqual((report.end_date - report.start_date).days, 11)
        self.pass_day()
        self.run_report(b'', status='CANCELLED')
        self.pass_day()
        report = self.run_report(b'', status='CANCELLED')[1][0]
        self.assertEqual((report.end_date - report.start_date).days, 12)

    def test_nothing_to_report_is_no_error(self):
        inbox = self.buy()
        inbox.sale_order_id.date_order = fields.Datetime.now()
        self.assertEqual(self.run_report(b'', 'CANCELLED')[1].state, 'empty')

    def test_sellers_without_fba_orders_ask_nothing(self):
        self.assertFalse(self.run_report(b'')[0])
