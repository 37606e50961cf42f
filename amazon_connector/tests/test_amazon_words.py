from odoo.tests import tagged

from ..amazon_api.orders import PENDING
from ..models.amazon_report import IMPORTERS
from ..models.amazon_service_level import LEVELS
from ..utils.amazon_words import KINDS, get_label
from .common import AmazonCase
from .payloads import item, order


@tagged('post_install', '-at_install')
class TestAmazonWords(AmazonCase):
    """Codes of Amazon are read in words, in the reader's language; filters and groups keep the codes."""

    def test_a_code_has_a_label_however_amazon_writes_it(self):
        for code in ('CUSTOMER_DAMAGED', 'Customer Damaged', 'customer_damaged'):
            self.assertEqual(get_label(self.env, 'disposition', code), "Damaged by the customer")
        self.assertEqual(get_label(self.env, 'reimbursement', 'Lost_Warehouse'), "Lost in Amazon's warehouse")

    def test_details_of_returns_and_payouts_have_labels(self):
        found = self.env['amazon.return'].new({
            'label_type': 'AmazonUnPaidLabel', 'label_payer': 'Seller', 'return_type': 'C-Returns',
            'resolution': 'StandardRefund'})
        self.assertEqual(
            (found.label_type_label, found.label_payer_label, found.return_type_label, found.resolution_label),
            ("Amazon's label, not prepaid", "You", "Customer return", "Refund"))
        payout = self.env['amazon.payout'].new({'kind': 'ON_DEMAND', 'account_type': 'Standard Orders'})
        self.assertEqual((payout.kind_label, payout.account_type_label), ("On request", "Standard orders"))

    def test_an_unknown_code_is_shown_as_it_is(self):
        for kind in KINDS:
            self.assertEqual(get_label(self.env, kind, 'Sideways_2'), 'Sideways_2')
        self.assertFalse(get_label(self.env, 'disposition', False))

    def test_codes_that_decide_something_have_labels(self):
        codes = [('report_type', code) for code in IMPORTERS] + [('service_level', code) for code, _text in LEVELS]
        codes += [('order_status', code) for code in PENDING]
        for kind, code in codes:
            self.assertNotEqual(get_label(self.env, kind, code), code)

    def test_an_order_shows_its_status_in_words(self):
        row = self.receive(order(item()))
        self.assertEqual(row.amazon_status_label, get_label(self.env, 'order_status', row.amazon_status))
        self.assertNotEqual(row.amazon_status_label, row.amazon_status)
        sale = row.sale_order_id
        self.assertEqual(sale.amazon_status_label, row.amazon_status_label)
        sale.amazon_status = 'HALF_SHIPPED'
        self.assertEqual(sale.amazon_status_label, 'HALF_SHIPPED')
        sale.amazon_status = False
        self.assertIs(sale.amazon_status_label, False)
        self.assertIn(row, self.env['amazon.order'].search([('amazon_status', '=', row.amazon_status)]))

