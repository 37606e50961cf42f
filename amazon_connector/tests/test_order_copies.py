from odoo.fields import Command
from odoo.tests import tagged

from .common import AmazonCase
from .payloads import item, order


def old(*items, **more):
    """An order that was to arrive years ago."""
    payload = order(*items, created='2021-09-01T09:00:00Z', **more)
    payload['fulfillment']['deliverByWindow'] = {'latestDateTime': '2021-10-07T21:59:59Z'}
    return payload


@tagged('post_install', '-at_install')
class TestOrderCopies(AmazonCase):
    """A duplicate of an Amazon order, for a replacement as a rule, is an ordinary quotation for the same buyer, and
    ends as the order does.
    """

    def setUp(self):
        super().setUp()
        gift = {'packing': {'giftOption': {'giftMessage': "With love"}}}
        self.sale = self.receive_sale(
            old(item(parts=[('ITEM', '100.00'), ('SHIPPING', '19.00'), ('TAX', '19.00')], fulfillment=gift)))

    def test_it_has_nothing_of_amazons(self):
        self.assertTrue(self.sale.order_line.tax_ids.amazon_original_id)
        copy = self.sale.copy()
        self.assertEqual((copy.partner_id, copy.amazon_order_ref, copy.amazon_marketplace_id.id),
                         (self.sale.partner_id, False, False))
        self.assertFalse(copy.order_line.filtered('amazon_charge'))
        self.assertNotIn("With love", ' '.join(copy.order_line.mapped('name')))
        self.assertFalse(copy.order_line.filtered('display_type'))
        taxes = copy.order_line.tax_ids
        self.assertEqual((set(taxes.mapped('active')), taxes.amazon_original_id.ids), ({True}, []))
        self.assertEqual((copy.amount_total, copy.amount_tax), (119.0, 19.0))
        self.assertFalse(any(copy.order_line.mapped('extra_tax_data')))
        copy.action_confirm()
        self.assertEqual(copy.state, 'sale')

    def test_tax_that_amazon_remitted_is_no_line_of_it(self):
        market = self.marketplace('DE')
        market.tax_policy = 'line'
        sale = self.receive_sale(old(item(parts=[('ITEM', '100.00'), ('TAX', '19.00')], total='119.00'),
                                     email='b@marketplace.amazon.de'))
        self.assertTrue(sale.order_line.filtered(lambda line: line.amazon_charge == 'tax'))
        copy = sale.copy()
        self.assertFalse(copy.order_line.filtered(lambda line: line.product_id == market.tax_product_id))

    def test_a_line_that_is_copied_alone_says_nothing_either(self):
        gift = self.sale.order_line.filtered(lambda line: line.amazon_charge == 'note')
        goods = self.sale.order_line.filtered(lambda line: line._amazon_is_goods())
        other = self.env['sale.order'].create({'partner_id': self.env['res.partner'].create({'name': "Own"}).id})
        self.assertNotIn("With love", gift.copy({'order_id': other.id}).name)
        self.assertEqual(goods.copy({'order_id': other.id}).tax_ids, goods.tax_ids.amazon_original_id)

    def test_an_invoice_that_is_copied_says_nothing_either_but_its_credit_note_is_the_same(self):
        self.sale.order_line.qty_delivered = 1
        invoice = self.sale._create_invoices()
        gift = self.sale.order_line.filtered(lambda line: line.amazon_charge == 'note')
        invoice.invoice_line_ids = [
            Command.create({'display_type': 'line_note', 'name': gift.name, 'sale_line_ids': [Command.link(gift.id)]})]
        invoice.action_post()
        copy = invoice.copy()
        self.assertNotIn("With love", ' '.join(copy.line_ids.mapped(lambda line: line.name or '')))
        self.assertEqual((copy.line_ids.tax_ids.amazon_original_id.ids, copy.amount_total, copy.amount_tax),
                         ([], 119.0, 19.0))
        note = invoice._reverse_moves()
        self.assertEqual((note.amount_total, note.invoice_line_ids.tax_ids), (119.0, invoice.invoice_line_ids.tax_ids))

    def test_the_buyer_is_erased_when_the_copy_is_over_too(self):
        copy, buyer = self.sale.copy(), self.sale.partner_id
        again = copy.copy()
        copy.write(
            {'note': "For Anna",
             'order_line': [Command.create({'product_id': self.sale.order_line.product_id[:1].id})]})
        self.run_flow('retention')
        self.assertEqual((self.sale.amazon_is_anonymised, copy.amazon_is_anonymised, buyer.name),
                         (True, False, "Anna Schmidt"), "it is still needed")
        self.assertFalse(self.env['amazon.retention']._count_overdue(self.seller))
        (copy | again).date_order = '2026-01-01'
        self.run_flow('retention')
        self.assertEqual((copy | again).mapped('amazon_is_anonymised'), [True, True])
        self.assertFalse(copy.note)
        self.assertFalse(buyer.exists() and buyer.street)
        self.assertFalse(self.env['amazon.retention']._find_kept_partners(self.sale | copy))

    def test_a_buyer_who_asks_for_it_is_erased_with_the_copies(self):
        copy, buyer = self.sale.copy(), self.sale.partner_id
        wizard = self.env['amazon.erase'].create({'partner_id': buyer.id})
        self.assertEqual(wizard.order_count, 2)
        wizard.action_erase()
        self.assertEqual(((self.sale | copy).mapped('amazon_is_anonymised'), bool(buyer.exists() and buyer.street)),
                         ([True, True], False))

    def test_a_copy_for_somebody_else_is_his(self):
        own = self.env['res.partner'].create({'name': "Own customer"})
        copy, buyer = self.sale.copy(), self.sale.partner_id
        copy.write({'partner_id': own.id, 'partner_invoice_id': own.id, 'partner_shipping_id': own.id, 'note': "Terms",
                    'date_order': '2026-01-01'})
        self.run_flow('retention')
        self.assertEqual((copy.amazon_is_anonymised, copy.note and "Terms" in copy.note, own.name),
                         (False, True, "Own customer"))
        self.assertFalse(buyer.exists() and buyer.street)

    def test_deliveries_and_invoices_of_a_copy_keep_no_buyer(self):
        copy, buyer = self.sale.copy(), self.sale.partner_id
        copy.action_confirm()
        copy.picking_ids.button_validate()
        copy.order_line.qty_delivered = 1
        invoice = copy._create_invoices()
        invoice.action_post()
        copy.date_order = '2026-01-01'
        copy.picking_ids.date_done = '2026-01-02'
        self.company.amazon_invoice_data = 'none'
        self.run_flow('retention')
        self.assertTrue(copy.amazon_is_anonymised)
        self.assertFalse(buyer.exists() and buyer.street)
