from odoo.tests import Form, tagged

from . import payloads
from .common import FakeAmazon
from .returns_common import (
    AMAZON,
    AMAZON_COLUMNS,
    COLUMNS,
    MERCHANT,
    REPLACED,
    REPLACED_COLUMNS,
    ReturnsCase,
    document,
    request,
    unit,
)


@tagged('post_install', '-at_install')
class TestReturnsColumns(ReturnsCase):
    """Columns that Amazon adds to its reports of returns and replacements are kept and shown, those about people are
    not.
    """

    def setUp(self):
        super().setUp()
        self.sale = self.receive_sale(payloads.order(payloads.item(quantity=1, total='10.00', shipped=1),
                                                     channel='AMAZON', status='SHIPPED'))
        self.ref = self.sale.amazon_order_ref

    def store(self, report_type, columns, rows):
        """Fetch a report as Amazon has it and import it; return what is stored of its document."""
        report = self.env['amazon.report'].create({
            'marketplace_id': self.german.id, 'report_type': report_type, 'state': 'asked',
            'report_ref': str(self.env['amazon.report'].search_count([]))})
        amazon = FakeAmazon(getReportDocument={'url': 'u'})
        amazon.documents['u'] = document(columns, rows)
        with amazon.patched():
            self.assertTrue(report._fetch(self.seller._get_client(), 'D'))
        model = 'amazon.replacement' if report_type == REPLACED else 'amazon.return'
        with self.in_job() as env:
            sync = env['amazon.sync'].search([('seller_id', '=', self.seller.id), ('flow', '=', 'returns')])
            self.assertTrue(env[model]._import_report(report.with_env(env), sync))
        self.assertFalse(report.problem_count, report.problem_text)
        return report._get_content()

    def test_of_returns_to_amazon(self):
        columns = (*AMAZON_COLUMNS, 'Grade', 'customer-note', '')
        stored = self.store(AMAZON, columns, [[*unit(self.ref, comments="By Anna"), 'B "good"', "Anna Schmidt", '7']])
        self.assertNotIn(b'Anna', stored)
        record = self.returns.search([('order_ref', '=', self.ref)])
        self.assertEqual(record.extra, {'Grade': 'B "good"', '#16': '7'})
        self.store(AMAZON, columns, [[*unit(self.ref), 'C', '', '']])
        self.assertEqual((self.returns.search([('order_ref', '=', self.ref)]), record.extra), (record, {'Grade': 'C'}))
        self.assertFalse(record._differs('extra', {'Grade': 'C'}))
        self.store(AMAZON, columns, [[*unit(self.ref), '', '', '']])
        self.assertFalse(record.extra)

    def test_of_returns_to_the_merchant(self):
        sale = self.sell()
        stored = self.store(MERCHANT, (*COLUMNS.values(), 'Carbon', 'Buyer feedback'),
                            [[*request(sale), '3 kg', "Anna Schmidt"]])
        self.assertNotIn(b'Anna', stored)
        self.assertEqual(self.returns.search([('order_ref', '=', sale.amazon_order_ref)]).extra, {'Carbon': '3 kg'})

    def test_a_date_that_cannot_be_read_is_kept(self):
        sale = self.sell()
        self.store(MERCHANT, COLUMNS.values(), [request(sale, delivered='soon')])
        record = self.returns.search([('order_ref', '=', sale.amazon_order_ref)])
        self.assertEqual((record.delivery_date, record.extra), (False, {'Return delivery date': 'soon'}))

    def test_of_replacements(self):
        columns, sent = (*REPLACED_COLUMNS, 'Program', 'recipient-name'), [
            '2026-10-05T10:00:00+00:00', 'SKU-A', 'B0TEST0001', 'LEJ1', 'LEJ1', '1', 'DAMAGED', '303-1', self.ref]
        stored = self.store(REPLACED, columns, [[*sent, 'Pan-EU', "Anna Schmidt"]])
        self.assertNotIn(b'Anna', stored)
        record = self.env['amazon.replacement'].search([('order_ref', '=', '303-1')])
        self.assertEqual(record.extra, {'Program': 'Pan-EU'})
        self.store(REPLACED, columns, [[*sent, 'Local', "Anna Schmidt"]])
        self.assertEqual(record.extra, {'Program': 'Local'})

    def test_they_are_shown(self):
        self.store(AMAZON, (*AMAZON_COLUMNS, 'Grade'), [[*unit(self.ref), 'B']])
        form = Form(self.returns.search([('order_ref', '=', self.ref)]))
        self.assertEqual((form.extra, form._get_modifier('extra', 'invisible')), ({'Grade': 'B'}, False))
