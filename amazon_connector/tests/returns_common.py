"""Reports of returns as Amazon writes them."""

import base64

from odoo.tests import Form

from . import payloads
from .common import AmazonCase

COLUMNS = {
    'order': 'Order ID', 'order_date': 'Order date', 'date': 'Return request date', 'status': 'Return request status',
    'rma': 'Amazon RMA ID', 'merchant_rma': 'Merchant RMA ID', 'label_type': 'Label type', 'label_cost': 'Label cost',
    'currency': 'Currency code', 'carrier': 'Return carrier', 'tracking': 'Tracking ID',
    'payer': 'Label to be paid by', 'a_to_z': 'A-to-Z Claim', 'prime': 'Is prime', 'asin': 'ASIN',
    'sku': 'Merchant SKU', 'title': 'Item Name', 'quantity': 'Return quantity', 'reason': 'Return Reason',
    'in_policy': 'In policy', 'kind': 'Return type', 'resolution': 'Resolution', 'invoice': 'Invoice number',
    'delivered': 'Return delivery date', 'order_amount': 'Order Amount', 'order_quantity': 'Order quantity',
    'safet_reason': 'SafeT Action reason', 'safet': 'SafeT claim id', 'safet_state': 'SafeT claim state',
    'safet_date': 'SafeT claim creation time', 'safet_amount': 'SafeT claim reimbursement amount',
    'refunded': 'Refunded Amount', 'item': 'Order Item ID',
}
TOLD = {
    'order_date': '01-Oct-2026', 'date': '10-Oct-2026', 'status': 'Approved', 'rma': 'DTEST1RRMA',
    'label_type': 'AmazonPrePaidLabel', 'label_cost': '4.14', 'currency': 'EUR', 'carrier': 'DHL',
    'tracking': '00340434161094000001', 'payer': 'Seller', 'a_to_z': 'N', 'prime': 'N', 'asin': 'B0TEST0001',
    'sku': 'SKU-A', 'title': 'Title of SKU-A', 'quantity': '1', 'reason': 'CR-DEFECTIVE', 'in_policy': 'Y',
    'kind': 'C-Returns', 'resolution': 'StandardRefund', 'order_quantity': '1',
}
MERCHANT, AMAZON = 'GET_FLAT_FILE_RETURNS_DATA_BY_RETURN_DATE', 'GET_FBA_FULFILLMENT_CUSTOMER_RETURNS_DATA'
REPLACED = 'GET_FBA_FULFILLMENT_CUSTOMER_SHIPMENT_REPLACEMENT_DATA'
AMAZON_COLUMNS = ('return-date', 'order-id', 'sku', 'asin', 'fnsku', 'product-name', 'quantity',
                  'fulfillment-center-id', 'detailed-disposition', 'reason', 'status', 'license-plate-number',
                  'customer-comments')
REPLACED_COLUMNS = ('shipment-date', 'sku', 'asin', 'fulfillment-center-id', 'original-fulfillment-center-id',
                    'quantity', 'replacement-reason-code', 'replacement-amazon-order-id', 'original-amazon-order-id')


def request(sale=None, **told):
    """Return a row of the report of returns to the merchant; `sale` gives it order and item."""
    known = {'order': sale.amazon_order_ref, 'item': sale.order_line.filtered('amazon_item_ref')[:1].amazon_item_ref
             } if sale else {}
    values = {**TOLD, **known, **told}
    return [values.get(name, ' ') or ' ' for name in COLUMNS]


def unit(order='', sku='SKU-A', plate='LPN1', date='2026-10-10T08:00:00+00:00', disposition='SELLABLE',
         reason='DEFECTIVE', status='Unit returned to inventory', quantity=1, comments=''):
    """Return a row of the report of returns to Amazon."""
    return [date, order, sku, 'B0TEST0001', f'X00{sku}', "Title", str(quantity), 'LEJ1', disposition, reason, status,
            plate, comments]


def document(header, rows):
    return '\n'.join('\t'.join(row) for row in [list(header), *rows]).encode()


class ReturnsCase(AmazonCase):
    """A seller with orders that are delivered, and reports of what comes back."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.returns = cls.env['amazon.return']
        if not cls.env['amazon.listing'].search_count([('product_id', '=', cls.product.id)], limit=1):
            cls.env['amazon.listing'].create([{
                'marketplace_id': cls.german.id, 'sku': product.default_code, 'product_id': product.id,
                'channel_code': 'DEFAULT'} for product in (cls.product, cls.other_product)])

    def sell(self, *items, deliver=True, **options):
        """Return an order of a merchant, delivered by the warehouse."""
        sale = self.receive_sale(payloads.order(*(items or [payloads.item()]), **options))
        if deliver:
            self.validate(sale.picking_ids)
        return sale

    def validate(self, pickings, quantity=None):
        for move in pickings.move_ids.filtered(lambda move: move.state not in ('done', 'cancel')):
            move.quantity = move.product_uom_qty if quantity is None else quantity
            move.picked = True
        pickings.with_context(skip_backorder=True, skip_sms=True, skip_amazon_check=True).button_validate()

    def load(self, report_type, header, rows):
        """Import a report as its flow does; return it."""
        report = self.env['amazon.report'].create({
            'marketplace_id': self.german.id, 'report_type': report_type, 'state': 'ready',
            'content': base64.b64encode(document(header, rows)), 'asked_date': '2026-10-20'})
        model = 'amazon.replacement' if report_type == REPLACED else 'amazon.return'
        with self.in_job() as env:
            sync = env['amazon.sync'].search([('seller_id', '=', self.seller.id), ('flow', '=', 'returns')])
            self.assertTrue(env[model]._import_report(report.with_env(env), sync))
        return report

    def announce(self, *rows):
        """Import rows of returns to the merchant and let the warehouse expect them; return all returns of the seller.
        """
        report = self.load(MERCHANT, COLUMNS.values(), rows)
        self.assertFalse(report.problem_count, report.problem_text)
        return self.follow()

    def take_back(self, *rows):
        """Import rows of returns to Amazon; return all returns of the seller."""
        report = self.load(AMAZON, AMAZON_COLUMNS, rows)
        self.assertFalse(report.problem_count, report.problem_text)
        return self.follow()

    def follow(self):
        with self.in_job() as env:
            sync = env['amazon.sync'].search([('seller_id', '=', self.seller.id), ('flow', '=', 'returns')])
            self.assertTrue(env['amazon.return']._follow_up(sync))
        return self.returns.search([('seller_id', '=', self.seller.id)], order='id')

    def return_by_hand(self, picking, quantity=1):
        wizard = Form(self.env['stock.return.picking'].with_context(
            active_id=picking.id, active_model='stock.picking')).save()
        wizard.product_return_moves.quantity = quantity
        return self.env['stock.picking'].browse(wizard.action_create_returns()['res_id'])
