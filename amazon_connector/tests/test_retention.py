import datetime
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import new_test_user, tagged

from .common import AmazonCase
from .payloads import address, item, later, order


@tagged('post_install', '-at_install')
class TestRetention(AmazonCase):
    """Whose data ends, when, and what may not stop it. Orders of these tests were to arrive on 7 October, years ago."""

    def receive_old(self, **more):
        return self.receive_sale(old_order(**more))

    def assert_erased(self, sale, erased=True):
        self.assertEqual((sale.amazon_is_anonymised, bool(sale.amazon_erase_error)), (erased, False))

    # === WHOSE === #

    def test_contacts_of_the_company_are_left_alone(self):
        contacts = self.env['res.partner'].create([
            {'name': "Our supplier", 'street': "Own street 1", 'supplier_rank': 1}, {'name': "Our customer", 'street': "Own street 2"}])
        user = new_test_user(self.env, 'own_user', groups='base.group_user')
        user.partner_id.street = "Own street 3"
        contacts |= user.partner_id
        sales = self.env['sale.order']
        for number, contact in enumerate(contacts):
            sale = self.receive_old(email=f'b{number}@marketplace.amazon.de', name=f"Bob {number}", status='SHIPPED', shipped=1)
            sale.with_context(tracking_disable=True).write({'partner_id': contact.id, 'partner_shipping_id': contact.id, 'partner_invoice_id': contact.id})
            sales |= sale
        self.run_flow('retention')
        self.assertEqual(contacts.mapped('street'), ["Own street 1", "Own street 2", "Own street 3"])
        self.assertEqual(sales.mapped('amazon_is_anonymised'), [True] * 3)

    def test_a_buyer_who_became_somebody_elses_is_left_alone(self):
        supplier, user, customer, free = (self.receive_old(email=f'{name}@marketplace.amazon.de', name=name).partner_id
                                          for name in ('Supplier', 'User', 'Customer', 'Nobody'))
        supplier.supplier_rank = 1
        self.env['res.users'].with_context(no_reset_password=True).create({'name': "User", 'login': 'u', 'partner_id': user.id})
        self.env['sale.order'].create({'partner_id': customer.id})
        self.run_flow('retention')
        self.assertEqual((supplier | user | customer).mapped('name'), ["Supplier", "User", "Customer"])
        self.assertEqual((supplier | user | customer).mapped('street'), ["Hauptstraße 5"] * 3)
        self.assertFalse(free.street)

    def test_no_user_sets_the_mark(self):
        buyer = self.receive_old().partner_id
        own = self.env['res.partner'].create({'name': "Own", 'email': 'own@example.com', 'amazon_is_buyer': True})
        own.write({'amazon_is_buyer': True})
        self.assertFalse(self.env['res.partner'].with_context(default_amazon_is_buyer=True).create({'name': "Own"}).amazon_is_buyer)
        self.env['base.partner.merge.automatic.wizard']._merge((buyer | own).ids, own)
        self.assertEqual((own.amazon_is_buyer, own.amazon_key), (False, False))
        self.assertFalse(buyer.exists())
        self.run_flow('retention')
        self.assertEqual((own.name, own.email), ("Own", 'own@example.com'))

    def test_a_copy_of_a_buyer_is_a_buyer(self):
        copied = self.receive_old().partner_id.copy()
        self.assertTrue(copied.amazon_is_buyer)

    # === WHEN === #

    def test_age_alone_ends_an_order(self):
        sales = [self.receive_old(status=status, email=f'{status}@marketplace.amazon.de', name=status, channel='AMAZON')
                 for status in ('UNSHIPPED', 'PENDING', 'PARTIALLY_SHIPPED', 'CANCELLED') if status != 'CANCELLED']
        self.run_flow('retention')
        for sale in sales:
            self.assert_erased(sale)

    def test_what_left_late_is_kept_for_as_long_after(self):
        sale = self.receive_old()
        sale.picking_ids.with_context(skip_amazon_check=True).button_validate()
        self.assertEqual(sale.picking_ids.state, 'done')
        self.run_flow('retention')
        self.assert_erased(sale, False)
        sale.picking_ids.date_done = '2021-01-01'
        self.run_flow('retention')
        self.assert_erased(sale)

    def test_each_order_ends_by_its_own_date(self):
        old = self.receive_old(to=address(street="First street 1"))
        second = self.receive_old(to=address(street="Second street 2"))
        new = self.receive_sale(new_order(to=address(street="New street 3")))
        self.assertEqual(old.partner_id, new.partner_id)
        self.run_flow('retention')
        self.assert_erased(old)
        self.assert_erased(new, False)
        self.assertFalse(second.partner_shipping_id.street)
        self.assertEqual(new.partner_shipping_id.street, "New street 3")
        self.assertEqual((new.partner_id.street, new.partner_id.name), ("New street 3", "Anna Schmidt"))

    def test_partners_without_an_order_end(self):
        sale = self.receive_old()
        buyer = sale.partner_id
        other = self.env['res.partner'].create({'name': "Own"})
        sale.with_context(tracking_disable=True).write({'partner_id': other.id, 'partner_invoice_id': other.id, 'partner_shipping_id': other.id})
        sale.picking_ids.partner_id = other
        self.env.flush_all()
        self.env.cr.execute("UPDATE res_partner SET create_date = '2021-01-01' WHERE id = %s", [buyer.id])
        self.env.invalidate_all()
        self.assertEqual(self.env['amazon.retention']._count_overdue(self.seller), 2)
        self.run_flow('retention')
        self.assertNotIn("Anna", buyer.name)
        self.assertEqual(self.env['amazon.retention']._count_overdue(self.seller), 0)

    def test_an_order_that_is_erased_does_not_come_back(self):
        payload = old_order()
        sale = self.receive_sale(payload)
        self.run_flow('retention')
        self.receive_sale(later(payload))
        self.assertNotIn("Anna", sale.partner_id.name)
        self.assertNotIn('recipient', self.env['amazon.order'].search([('sale_order_id', '=', sale.id)]).payload)

    # === WHAT MAY NOT STOP IT === #

    def test_one_order_that_cannot_be_erased_stops_no_other(self):
        bad = self.receive_old(email='bad@marketplace.amazon.de', name="Bad")
        good = self.receive_old(created='2021-09-02T09:00:00Z')
        retention = self.env.registry['amazon.retention']
        erase = retention._erase_order

        def refuse(model, order, own):
            if order == bad:
                raise UserError("Refused by a test")  # pylint: disable=translation-required
            return erase(model, order, own)
        with patch.object(retention, '_erase_order', refuse), self.assertLogs('odoo.addons.amazon_connector', 'WARNING'):
            self.run_flow('retention')
        self.assert_erased(good)
        self.assertEqual((bad.amazon_is_anonymised, bad.amazon_erase_error), (False, "Refused by a test"))
        self.assertEqual(self.env['amazon.retention']._count_overdue(self.seller), 1)
        self.assertIn("Buyers' data is kept for too long", self.seller.activity_ids.mapped('summary'))
        self.run_flow('retention')
        self.assert_erased(bad)
        self.assertFalse(self.env['amazon.retention']._count_overdue(self.seller))

    def test_files_of_others_stay(self):
        """What hangs on a template or is shared with another message was not made for this buyer."""
        sale, other = self.receive_old(), self.env['res.partner'].create({'name': "Own"})
        template = self.env['mail.template'].create({'name': "Terms", 'model_id': self.env['ir.model']._get_id('sale.order')})
        terms, shared, letter = self.env['ir.attachment'].create([
            {'name': "Terms", 'raw': b'x', 'res_model': 'mail.template', 'res_id': template.id}, {'name': "Shared", 'raw': b'y'},
            {'name': "Letter", 'raw': b'z'}])
        sale.message_post(body="Hello", attachment_ids=letter.ids).attachment_ids |= terms | shared
        other.message_post(body="Hello").attachment_ids |= shared
        self.run_flow('retention')
        self.assert_erased(sale)
        self.assertEqual([bool(file.exists()) for file in (terms, shared, letter)], [True, True, False])

    def test_a_delivery_of_two_orders_ends_with_the_later_one(self):
        old, new = self.receive_old(), self.receive_sale(new_order())
        picking = new.picking_ids
        old.picking_ids.move_ids.picking_id = picking
        picking.note = "Back door"
        self.run_flow('retention')
        self.assert_erased(old)
        self.assertIn("Back door", picking.note)
        new.amazon_deliver_by = '2021-01-01'
        self.run_flow('retention')
        self.assert_erased(new)
        self.assertFalse(picking.note)

    def test_a_german_audit_trail_stops_nothing(self):
        self.company.restrictive_audit_trail = True
        self.german.write({'fbm_invoice': 'posted'})
        self.product.invoice_policy = 'order'
        sale = self.receive_old(status='SHIPPED', shipped=1)
        other = self.receive_old(email='b@marketplace.amazon.de', name="Bob")
        self.assertEqual(sale.invoice_ids.state, 'posted')
        sale.partner_id.with_context(tracking_disable=False).message_post(body="Anna called")
        sale.partner_id.write({'name': "Anna Maria Schmidt"})
        self.env.flush_all()
        self.env.cr.precommit.run()
        sale.picking_ids.date_done = '2021-01-01'
        self.run_flow('retention')
        self.assert_erased(sale)
        self.assert_erased(other)
        self.assertFalse([body for body in sale.partner_id.message_ids.mapped('body') if "Anna" in body])

    def test_no_tracking_on_buyers(self):
        buyer = self.receive_old().partner_id
        buyer.with_context(tracking_disable=False).write({'name': "Anna Maria", 'email': 'x@example.com', 'vat': False})
        self.env.flush_all()
        self.env.cr.precommit.run()
        self.assertFalse(buyer.message_ids.tracking_value_ids)

    def test_sellers_in_error_or_archived_are_no_exception(self):
        sale = self.receive_old()
        for vals in ({'state': 'error'}, {'active': False}, {'state': 'draft'}):
            sale.amazon_is_anonymised = False
            self.seller.write(vals)
            self.run_flow('retention')
            self.assert_erased(sale)

    def test_after_a_backup_was_restored_it_comes_first(self):
        sale = self.receive_old()
        syncs = self.seller.sync_ids.grouped('flow')
        self.env.cr.execute("UPDATE amazon_sync SET create_date = '2021-01-01' WHERE seller_id = %s", [self.seller.id])
        self.env.invalidate_all()
        syncs['retention'].write({'last_success': '2021-01-01', 'last_run': '2021-01-01', 'next_run': fields.Datetime.now() + datetime.timedelta(days=1)})
        order_calls = []
        with patch.object(self.env.registry['amazon.order'], '_sync_orders', lambda _model, sync: order_calls.append(sale.amazon_is_anonymised)):
            self.run_flow('orders')
        self.assertEqual(order_calls, [True])


def old_order(email='a1@marketplace.amazon.de', status='UNSHIPPED', shipped=0, created='2021-09-01T09:00:00Z', **more):
    return _at('2021', order(item(shipped=shipped), email=email, status=status, created=created, **more))


def new_order(**more):
    return _at('2099', order(item(), **more))


def _at(year, payload):
    payload['fulfillment']['deliverByWindow'] = {'latestDateTime': f'{year}-10-07T21:59:59Z'}
    return payload
