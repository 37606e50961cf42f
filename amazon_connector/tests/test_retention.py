import datetime
import logging
import pathlib
from unittest.mock import patch

from odoo import Command, fields
from odoo.exceptions import UserError
from odoo.modules.migration import load_script
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
            {'name': "Our supplier", 'street': "Own street 1", 'supplier_rank': 1},
            {'name': "Our customer", 'street': "Own street 2"}])
        user = new_test_user(self.env, 'own_user', groups='base.group_user')
        user.partner_id.street = "Own street 3"
        contacts |= user.partner_id
        sales = self.env['sale.order']
        for number, contact in enumerate(contacts):
            sale = self.receive_old(email=f'b{number}@marketplace.amazon.de', name=f"Bob {number}", status='SHIPPED',
                                    shipped=1)
            sale.with_context(tracking_disable=True).write({'partner_id': contact.id, 'partner_shipping_id': contact.id,
                                                            'partner_invoice_id': contact.id})
            sales |= sale
        self.run_flow('retention')
        self.assertEqual(contacts.mapped('street'), ["Own street 1", "Own street 2", "Own street 3"])
        self.assertEqual(sales.mapped('amazon_is_anonymised'), [True] * 3)

    def test_a_buyer_who_became_somebody_elses_is_left_alone(self):
        supplier, user, customer, free = (self.receive_old(email=f'{name}@marketplace.amazon.de', name=name).partner_id
                                          for name in ('Supplier', 'User', 'Customer', 'Nobody'))
        supplier.supplier_rank = 1
        # A login of before: buyers get none any more.
        login = self.env['res.users'].with_context(no_reset_password=True).create({'name': "Login", 'login': 'u'})
        self.env.flush_all()
        self.env.cr.execute("UPDATE res_users SET partner_id = %s WHERE id = %s", [user.id, login.id])
        self.env.invalidate_all()
        self.env['sale.order'].create({'partner_id': customer.id})
        self.run_flow('retention')
        self.assertEqual((supplier | user | customer).mapped('name'), ["Supplier", "User", "Customer"])
        self.assertEqual((supplier | user | customer).mapped('street'), ["Hauptstraße 5"] * 3)
        self.assertFalse(free.street)

    def test_no_user_sets_the_mark(self):
        buyer = self.receive_old().partner_id
        own = self.env['res.partner'].create({'name': "Own", 'email': 'own@example.com', 'amazon_is_buyer': True})
        own.write({'amazon_is_buyer': True})
        self.assertFalse(self.env['res.partner'].with_context(default_amazon_is_buyer=True).create(
            {'name': "Own"}).amazon_is_buyer)
        with self.assertRaises(UserError):
            self.env['base.partner.merge.automatic.wizard']._merge((buyer | own).ids, own)
        self.assertEqual((own.amazon_is_buyer, own.amazon_key), (False, False))
        self.run_flow('retention')
        self.assertEqual((own.name, own.email), ("Own", 'own@example.com'))

    def test_a_copy_of_a_buyer_is_a_buyer(self):
        copied = self.receive_old().partner_id.copy()
        self.assertTrue(copied.amazon_is_buyer)

    # === WHAT IS NOT SOMEBODY ELSE'S === #

    def test_bank_accounts_and_open_dialogs_go_with_the_buyer(self):
        sale, paid = self.receive_old(), self.receive_old(email='b@marketplace.amazon.de', name="Bob")
        for order_, number in ((sale, 'DE02120300000000202051'), (paid, 'DE02500105170137075030')):
            order_.partner_id.bank_ids = [Command.create({'acc_number': number, 'acc_holder_name': "Anna"})]
        banks = (sale | paid).partner_id.bank_ids
        banks[1].allow_out_payment = True
        payment = self.env['account.payment'].create({'partner_id': paid.partner_id.id, 'partner_bank_id': banks[1].id,
                                                      'amount': 1, 'payment_type': 'outbound'})
        composer = self.env['mail.compose.message'].create({
            'model': 'sale.order', 'res_ids': str(sale.ids), 'body': "Dear Anna", 'partner_ids': sale.partner_id.ids})
        self.run_flow('retention')
        self.assertEqual(sale.partner_id.name, f"Amazon buyer {sale.partner_id.id}")
        self.assertFalse(sale.partner_id.street or paid.partner_id.street or composer.exists() or banks[0].exists())
        self.assertEqual(payment.partner_bank_id, banks[1])
        self.assertFalse(banks[1].acc_holder_name or '500105170137' in banks[1].acc_number
                         + banks[1].sanitized_acc_number)
        self.assertNotIn('202051', str((sale.partner_id | paid.partner_id).message_ids.mapped('body')))
        self.assertFalse(sale.amazon_kept_contacts)

    def test_who_stays_is_named_with_the_reason(self):
        sale, erased = self.receive_old(), self.receive_old(email='b@marketplace.amazon.de', name="Bob")
        self.env['sale.order'].create({'partner_id': sale.partner_id.id})._action_cancel()
        self.assertFalse(sale.amazon_kept_contacts, "its time has not come")
        self.seller.erase_all = True
        self.run_flow('retention')
        self.assertEqual(sale.partner_id.name, "Anna Schmidt")
        self.assertIn("Anna Schmidt", sale.amazon_kept_contacts)
        self.assertIn(self.env['ir.model']._get('sale.order').name, sale.amazon_kept_contacts)
        self.assertFalse(erased.amazon_kept_contacts)
        said = str(self.seller.message_ids.mapped('body'))
        self.assertIn("others need them: 1.", said)
        self.assertNotIn("All data of this seller", said)

    def test_letters_from_and_to_buyers_go_wherever_they_are(self):
        sale, own = self.receive_old(), self.env['res.partner'].create({'name': "Own"})
        buyer = sale.partner_id
        letters = own.message_post(body="I am Anna", author_id=buyer.id, email_from='"Anna" <a1@marketplace.amazon.de>',
                                   message_type='email', attachments=[('anna.txt', b'Anna')])
        file = letters.attachment_ids
        letters |= own.message_post(body="Dear Anna", partner_ids=buyer.ids, message_type='comment',
                                    subtype_xmlid='mail.mt_comment')
        other = own.message_post(body="Something else")
        mails = self.env['mail.mail'].create([
            {'subject': "Anna", 'body_html': "Dear Anna", 'recipient_ids': [Command.link(buyer.id)]},
            {'subject': "Anna", 'body_html': "Dear Anna", 'email_to': f'"Anna" <{buyer.email}>'}])
        stays = self.env['mail.mail'].create({'body_html': "Own", 'email_to': f'x{buyer.email}'})
        self.run_flow('retention')
        self.assertNotIn("Anna",
                         str(letters.mapped('body') + letters.mapped('email_from') + letters.mapped('reply_to')))
        self.assertFalse(mails.exists() or file.exists())
        self.assertEqual((bool(stays.exists()), "Something else" in other.body), (True, True))

    def test_contacts_below_a_buyer_go_unless_others_need_them(self):
        sale = self.receive_old()
        buyer = sale.partner_id
        child, used, older = self.env['res.partner'].create([
            {'name': f"Anna {name}", 'parent_id': buyer.id, 'type': 'delivery', 'street': "Below 1"}
            for name in ('child', 'used', 'older')])
        # By itself Odoo would take the buyer as the one to invoice.
        self.env['sale.order'].create(dict.fromkeys(('partner_id', 'partner_invoice_id', 'partner_shipping_id'),
                                                    used.id))
        self.env.flush_all()
        self.env.cr.execute("UPDATE res_partner SET create_date = '2021-01-01' WHERE id = %s", [older.id])
        self.env.invalidate_all()
        self.run_flow('retention')
        self.assertEqual(child.name, f"Amazon buyer {child.id}")
        self.assertFalse(child.street or buyer.street)
        self.assertIn("Anna used", sale.amazon_kept_contacts)
        self.assertEqual((used | older).mapped('street'), ["Below 1"] * 2)

    # === WHEN === #

    def test_age_alone_ends_an_order(self):
        sales = [self.receive_old(status=status, email=f'{status}@marketplace.amazon.de', name=status, channel='AMAZON')
                 for status in ('UNSHIPPED', 'PENDING', 'PARTIALLY_SHIPPED')]
        payload = old_order(email='cancelled@marketplace.amazon.de', name="Cancelled")
        sales.append(self.receive_sale(payload))
        self.receive_sale(later(payload, status='CANCELLED'))
        self.assertEqual((sales[-1].state, sales[-1].amazon_status), ('cancel', 'CANCELLED'))
        self.run_flow('retention')
        for sale in sales:
            self.assert_erased(sale)

    def test_a_late_shipment_is_kept_for_as_long_after(self):
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
        sale.with_context(tracking_disable=True).write({'partner_id': other.id, 'partner_invoice_id': other.id,
                                                        'partner_shipping_id': other.id})
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

    # === WHAT OLDER VERSIONS ERASED === #

    def anonymise_as_before(self, sale):
        """As versions before 19.0.1.4.0 did: they took the key, and left the VAT number."""
        self.env.flush_all()
        self.env.cr.execute(
            """UPDATE res_partner SET name = 'Acheteur Amazon ' || id, street = NULL, street2 = NULL, city = NULL,
                      phone = NULL, email = NULL,
                      comment = NULL, amazon_email = NULL, amazon_key = NULL, amazon_is_buyer = NULL,
                      vat = 'DE136695976', website = 'https://a.example'
                WHERE id = %s""", [sale.partner_id.id])
        self.env.cr.execute("UPDATE sale_order SET amazon_is_anonymised = TRUE, amazon_erase_version = NULL "
                            "WHERE id = %s", [sale.id])
        self.env.invalidate_all()

    def migrate(self):
        self.env.flush_all()
        path = pathlib.Path(__file__).parents[1] / 'migrations' / '1.4.0' / 'post-personal-data.py'
        load_script(str(path), 'migrated').migrate(self.env.cr, '19.0.1.3.0')
        self.env.invalidate_all()

    def test_what_older_versions_erased_is_erased_by_todays_list(self):
        sale, used, own = (self.receive_old(email=f'{name}@marketplace.amazon.de', name=name)
                           for name in ('Old', 'Used', 'Own'))
        self.anonymise_as_before(sale)
        self.anonymise_as_before(used)
        self.env['sale.order'].create({'partner_id': used.partner_id.id})
        contact = self.env['res.partner'].create({'name': "Own contact", 'website': 'https://own.example'})
        own.with_context(tracking_disable=True).write(
            dict.fromkeys(('partner_id', 'partner_invoice_id', 'partner_shipping_id'), contact.id))
        own.amazon_is_anonymised = True
        for _twice in range(2):
            self.migrate()
            self.assertEqual([sale.partner_id.amazon_is_buyer, used.partner_id.amazon_is_buyer,
                              contact.amazon_is_buyer], [True, False, False])
            self.assertTrue(sale.amazon_is_anonymised, "an order that is over is not opened again")
            self.assertEqual(self.env['amazon.retention']._count_overdue(self.seller), 0,
                             "what is erased anew is not late")
        self.run_flow('retention')
        self.assertFalse(sale.partner_id.vat or sale.partner_id.website)
        self.assertEqual((used.partner_id.website, contact.website), ('https://a.example', 'https://own.example'))
        self.assertFalse(self.env['amazon.retention']._find_outdated(self.seller))

    def test_what_older_versions_erased_comes_in_portions_and_last(self):
        first, second, over = (self.receive_old(email=f'{name}@marketplace.amazon.de', name=name)
                               for name in ('First', 'Second', 'Over'))
        second.date_order += datetime.timedelta(days=1)
        self.anonymise_as_before(first)
        self.anonymise_as_before(second)
        self.migrate()
        sync = self.seller.sync_ids.filtered(lambda sync: sync.flow == 'retention')
        for expected in ((True, True, False), (True, True, True)):
            with patch('odoo.addons.amazon_connector.models.amazon_retention.OUTDATED_A_RUN', 1):
                self.run_flow('retention')
            self.assertEqual(tuple(not order.partner_id.website for order in (over, second, first)), expected)
            self.assertLess(sync.next_run, fields.Datetime.now() + datetime.timedelta(hours=1), "there may be more")
        self.run_flow('retention')
        self.assertGreater(sync.next_run, fields.Datetime.now() + datetime.timedelta(hours=1))

    def test_what_cannot_be_erased_anew_is_late(self):
        sale = self.receive_old()
        self.anonymise_as_before(sale)
        with patch.object(self.env.registry['amazon.retention'], '_erase_order',
                          side_effect=UserError("Refused by a test")), \
                self.assertLogs('odoo.addons.amazon_connector', 'WARNING'):
            self.run_flow('retention')
        self.assertEqual(sale.amazon_erase_error, "Refused by a test")
        self.assertEqual(self.env['amazon.retention']._count_overdue(self.seller), 1)
        self.run_flow('retention')
        self.assertEqual((sale.amazon_erase_error, self.env['amazon.retention']._count_overdue(self.seller)),
                         (False, 0))

    # === WHAT MAY NOT STOP IT === #

    def test_only_conflicts_are_tried_again_in_silence(self):
        """A value that the database has no room for concerns the order; a statement that took too long, all of them."""
        sale = self.receive_old()
        retention = self.env.registry['amazon.retention']
        sync = self.seller.sync_ids.filtered(lambda sync: sync.flow == 'retention')

        def execute(statement):
            def erase(model, *_args):
                self.assertTrue(logging.getLogger('odoo.sql_db').propagate, "other threads log as ever")
                model.env.cr.execute(statement)
            return erase
        with patch.object(retention, '_erase_order', execute(f"SELECT {', '.join(['1'] * 1700)}")), self.assertLogs(
                'odoo.addons.amazon_connector', 'WARNING'):
            self.run_flow('retention')
        self.assertIn('54', sale.amazon_erase_error or '')
        with patch.object(retention, '_erase_order',
                          execute("SET LOCAL statement_timeout = 1; SELECT pg_sleep(1)")), self.assertLogs(
                                  'odoo.addons.amazon_connector', 'WARNING'):
            self.run_flow('retention')
        self.assertEqual(sync.failures, 1)
        self.assertIn('57014', sync.error)

    def test_a_run_that_was_killed_stops_no_shop(self):
        syncs = self.seller.sync_ids.grouped('flow')
        self.seller.user_id = new_test_user(
            self.env, 'responsible', 'amazon_connector.group_amazon_admin', company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)])
        for hours, expected in ((0, []), (2, [True])):
            self.env.flush_all()
            self.env.cr.execute(
                "UPDATE amazon_sync SET last_success = '2021-01-01', last_run = %s, failures = 0, next_run = %s "
                "WHERE id = %s",
                [fields.Datetime.now() - datetime.timedelta(hours=hours),
                 fields.Datetime.now() + datetime.timedelta(days=1), syncs['retention'].id])
            self.env.invalidate_all()
            calls = []
            note = lambda _model, sync, calls=calls: calls.append(True)  # noqa: E731
            with patch.object(self.env.registry['amazon.order'], '_sync_orders', note):
                self.run_flow('orders')
            self.assertEqual(calls, expected, "one hour is for a run that is at work")
        self.assertEqual(syncs['retention'].failures, 1)
        self.assertIn("was interrupted", syncs['retention'].error)
        self.assertTrue(self.seller.attention_ids.filtered(lambda need: need.kind == 'flows').activity_ids)

    def test_a_run_that_cannot_even_begin_stops_no_shop(self):
        syncs = self.seller.sync_ids.grouped('flow')
        self.env.cr.execute("UPDATE amazon_sync SET last_success = '2021-01-01', last_run = '2021-01-01' WHERE id = %s",
                            [syncs['retention'].id])
        self.env.invalidate_all()
        run, calls = self.env.registry['amazon.sync']._run, []

        def fail(sync):
            if sync.flow == 'retention':
                raise ValueError("Broken by a test")
            return run(sync)
        with patch.object(self.env.registry['amazon.sync'], '_run',
                          fail), self.assertLogs('odoo.addons.amazon_connector', 'ERROR'), \
                patch.object(self.env.registry['amazon.order'], '_sync_orders',
                             lambda _model, sync: calls.append(True)):
            self.run_flow('orders')
        self.assertEqual((calls, syncs['retention'].failures), ([True], 1))

    def test_the_job_shows_what_is_late_and_opening_a_seller_counts_nothing(self):
        self.receive_old()
        with patch.object(self.env.registry['amazon.retention'], '_erase_order',
                          side_effect=UserError("Refused by a test")), \
                self.assertLogs('odoo.addons.amazon_connector', 'WARNING'):
            self.run_flow('retention')
        with patch.object(self.env.registry['amazon.retention'], '_find_over', side_effect=AssertionError("counted")):
            self.assertEqual(self.seller.read(['overdue_count'])[0]['overdue_count'], 1)
        self.run_flow('retention')
        self.assertEqual(self.seller.overdue_count, 0)

    def test_that_all_is_erased_is_said_once(self):
        self.receive_old()
        self.seller.erase_all = True
        for _day in range(2):
            self.run_flow('retention')
            self.seller.message_post(body="Something else")
        self.assertEqual(
            len(self.seller.message_ids.filtered(lambda message: "All data of this seller" in message.body)), 1)

    def test_days_are_those_of_the_company(self):
        self.company.resource_calendar_id.tz = 'Europe/Berlin'
        self.company.amazon_invoice_data = 'all'
        sale = self.receive_old()
        sale.date_order = '2020-12-31 23:30:00'
        kept = self.env['amazon.retention']._get_kept_until(sale, self.env['account.move'].new())
        self.assertEqual(kept, datetime.date(2031, 1, 1))

    def test_one_order_that_cannot_be_erased_stops_no_other(self):
        bad = self.receive_old(email='bad@marketplace.amazon.de', name="Bad")
        good = self.receive_old(created='2021-09-02T09:00:00Z')
        retention = self.env.registry['amazon.retention']
        erase = retention._erase_order

        def refuse(model, order, own):
            if order == bad:
                raise UserError("Refused by a test")  # pylint: disable=translation-required
            return erase(model, order, own)
        with patch.object(retention, '_erase_order', refuse), self.assertLogs('odoo.addons.amazon_connector',
                                                                              'WARNING'):
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
        template = self.env['mail.template'].create(
            {'name': "Terms", 'model_id': self.env['ir.model']._get_id('sale.order')})
        terms, shared, letter = self.env['ir.attachment'].create([
            {'name': "Terms", 'raw': b'x', 'res_model': 'mail.template', 'res_id': template.id},
            {'name': "Shared", 'raw': b'y'}, {'name': "Letter", 'raw': b'z'}])
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

    def test_documents_of_a_german_company_stop_nothing(self):
        """Some versions keep them without an audit trail, too. Not by `write`: the localisation demands one."""
        self.env.flush_all()
        self.env.cr.execute("UPDATE res_company SET restrictive_audit_trail = FALSE WHERE id = %s", [self.company.id])
        self.env.invalidate_all()
        self.german.write({'fbm_invoice': 'posted'})
        self.product.invoice_policy = 'order'
        sale = self.receive_old(status='SHIPPED', shipped=1)
        self.assertEqual((sale.invoice_ids.state, sale.company_id.account_fiscal_country_id.code), ('posted', 'DE'))
        self.env['ir.attachment'].create({
            'name': "invoice.pdf", 'raw': b'%PDF-1.4 Anna', 'mimetype': 'application/pdf', 'res_model': 'account.move',
            'res_id': sale.invoice_ids.id})
        sale.picking_ids.date_done = '2021-01-01'
        self.run_flow('retention')
        self.assert_erased(sale)

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
        syncs['retention'].write({'last_success': '2021-01-01', 'last_run': '2021-01-01',
                                  'next_run': fields.Datetime.now() + datetime.timedelta(days=1)})
        order_calls = []
        with patch.object(self.env.registry['amazon.order'], '_sync_orders',
                          lambda _model, sync: order_calls.append(sale.amazon_is_anonymised)):
            self.run_flow('orders')
        self.assertEqual(order_calls, [True])


def old_order(email='a1@marketplace.amazon.de', status='UNSHIPPED', shipped=0, created='2021-09-01T09:00:00Z', **more):
    return _at('2021', order(item(shipped=shipped), email=email, status=status, created=created, **more))


def new_order(**more):
    return _at('2099', order(item(), **more))


def _at(year, payload):
    payload['fulfillment']['deliverByWindow'] = {'latestDateTime': f'{year}-10-07T21:59:59Z'}
    return payload
