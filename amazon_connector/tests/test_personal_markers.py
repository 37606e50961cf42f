import base64

from odoo import fields
from odoo.tests import tagged
from odoo.tools import SQL

from ..utils.personal_data import PARTNER_KEPT
from .payloads import MARKER, item, marked_order, order
from .test_labels import PNG, LabelCase


@tagged('post_install', '-at_install')
class TestPersonalMarkers(LabelCase):
    """Markers in everything that Amazon says of a buyer, through the whole life of an order; afterwards the whole
    database is searched for them.
    """

    def find_markers(self):
        """Tables and columns that hold a marker, and attachments whose content does."""
        self.env.flush_all()
        self.env.cr.precommit.run()
        self.env.flush_all()
        found = set()
        self.env.cr.execute(
            """SELECT relname FROM pg_class
                WHERE relkind IN ('r', 'p') AND relnamespace = current_schema::regnamespace ORDER BY relname""")
        for (table,) in self.env.cr.fetchall():
            rows = self.env.execute_query(SQL("SELECT to_jsonb(t) FROM %s t WHERE t::text LIKE %s",
                                              SQL.identifier(table), f'%{MARKER}%'))
            found.update(f'{table}.{column}' for (row,) in rows for column, value in row.items()
                         if MARKER in str(value))
        files = self.env['ir.attachment'].sudo().search([('id', '>', self.last_attachment), ('id', '!=', False)])
        found.update(f'ir.attachment of {file.res_model}' for file in files if MARKER.encode() in (file.raw or b''))
        return found

    def setUp(self):
        super().setUp()
        self.last_attachment = self.env['ir.attachment'].sudo().search([('id', '!=', False)], order='id desc',
                                                                       limit=1).id
        self.product.invoice_policy = 'order'
        # An audit trail, which German companies must have, keeps documents and logs of posted entries: see the test for
        # it.
        self.set_audit_trail(False)

    def set_audit_trail(self, value):
        """Not by `write`: the localisation of this company demands one."""
        self.env.flush_all()
        self.env.cr.execute("UPDATE res_company SET restrictive_audit_trail = %s WHERE id = %s",
                            [value, self.company.id])
        self.env.invalidate_all()

    def attach(self, record, **vals):
        return self.env['ir.attachment'].create({
            'name': f'{MARKER} slip.pdf', 'raw': f'%PDF-1.4 {MARKER} address'.encode(), 'res_model': record._name,
            'res_id': record.id, 'mimetype': 'application/pdf', **vals})

    def live(self, payload):
        """Import, pack, print, buy a label, deliver, invoice, refund, and what people write and send meanwhile."""
        sale = self.receive_sale(payload)
        picking = sale.picking_ids
        picking.carrier_id = self.method
        label, _amazon = self.buy(picking, self.amazon())
        label.attachment_id.raw = PNG + MARKER.encode()
        label.write({'request': {'shipTo': MARKER}, 'inputs': {'note': MARKER}})
        picking.write({'note': f'<p>{MARKER} leave at the door</p>', 'signature': base64.b64encode(PNG)})
        picking.move_ids.description_picking_manual = MARKER
        picking.with_context(skip_amazon_check=True).button_validate()
        picking.date_done = '2026-10-03'
        invoice = sale._create_invoices()
        invoice.narration = f'<p>{MARKER}</p>'
        invoice.action_post()
        credit = invoice._reverse_moves([{'invoice_date': fields.Date.today()}])
        credit.action_post()
        self.attach(invoice, res_field='invoice_pdf_report_file')
        for record in (sale, picking, invoice, credit, sale.partner_id):
            self.attach(record)
            record.message_post(body=f'{MARKER} note', subject=f'{MARKER} subject', message_type='comment')
            record.message_post(body=f'{MARKER} logged')
            record.activity_schedule('mail.mail_activity_data_todo')
        mail = sale.message_post(body=f'Dear {MARKER}', message_type='comment', partner_ids=sale.partner_id.ids,
                                 attachments=[('a.txt', MARKER.encode())])
        self.env['mail.mail'].create({'mail_message_id': mail.id, 'email_to': f'{MARKER}@example.com',
                                      'body_html': MARKER, 'is_notification': True})
        sale.activity_schedule('mail.mail_activity_data_todo', summary=MARKER, note=MARKER)
        sale.write({'note': f'<p>{MARKER}</p>', 'signed_by': MARKER, 'access_token': MARKER})
        sale.partner_id.write({'name': f'{MARKER} by a clerk', 'comment': MARKER, 'ref': MARKER, 'function': MARKER})
        self.env.flush_all()
        self.env.cr.precommit.run()
        return sale

    def test_no_marker_is_left_of_a_consumer(self):
        payload = marked_order(market='FR')
        del payload['buyer']['buyerCompanyName']
        sale = self.live(payload)
        self.assertLessEqual({
            'res_partner.street', 'sale_order.client_order_ref', 'mail_message.body', 'ir.attachment of stock.picking',
            'ir.attachment of account.move',
            'account_move.ref', 'account_move_line.name', 'mail_mail.email_to', 'amazon_label.request',
            'mail_activity.note', 'mail_activity.res_name'}, self.find_markers())
        self.run_flow('retention')
        self.assertEqual((sale.amazon_is_anonymised, sale.amazon_erase_error), (True, False))
        self.assertEqual(self.find_markers(), set())
        self.assertEqual(self.env['amazon.retention']._count_overdue(self.seller), 0)

    def test_no_text_of_a_partner_is_left_whichever_module_adds_it(self):
        payload = marked_order(market='FR')
        del payload['buyer']['buyerCompanyName']
        buyer = self.receive_sale(payload).partner_id
        buyer.with_context(no_vat_validation=True).vat = 'DE136695976'
        self.env.flush_all()
        # Not by `write`: modules check what they know, and a later version may have filled any of these.
        texts = self.env.execute_query(SQL(
            "SELECT column_name FROM information_schema.columns WHERE table_name = 'res_partner' AND data_type IN "
            "('character varying', 'text')"))
        texts = {name for (name,) in texts if name in buyer._fields
                 and not self.env['res.partner']._fields[name].related}
        texts -= {'lang', 'tz', 'type', 'vat', 'peppol_endpoint'} | PARTNER_KEPT | {
            name for name in texts if buyer._fields[name].type == 'selection'}
        self.env.cr.execute(SQL("UPDATE res_partner SET %s WHERE id = %s", SQL(", ").join(
            SQL("%s = %s", SQL.identifier(name), MARKER * (1 + (name == 'l10n_it_codice_fiscale')))
            for name in sorted(texts)), buyer.id))
        self.env.invalidate_all()
        self.assertIn('136695976', buyer.peppol_endpoint)
        self.run_flow('retention')
        self.env.cr.execute("SELECT to_jsonb(p) FROM res_partner p WHERE id = %s", [buyer.id])
        row = self.env.cr.fetchone()[0]
        self.assertEqual({name: value for name, value in row.items() if MARKER in str(value)
                          or '136695976' in str(value)}, {})

    def test_invoices_to_businesses_keep_what_the_company_says(self):
        sale = self.live(marked_order(market='FR'))
        self.assertTrue(sale.partner_id.is_company)
        self.run_flow('retention')
        self.assertTrue(sale.amazon_keep_until)
        kept = self.find_markers()
        self.assertEqual({place.split('.')[0] for place in kept} - {'ir'},
                         {'res_partner', 'account_move', 'account_move_line', 'ir_attachment'})
        self.assertIn('ir.attachment of account.move', kept)
        self.assertNotIn('ir.attachment of stock.picking', kept)
        self.assertFalse(sale.partner_id.email or sale.partner_id.comment or sale.partner_id.phone)
        sale.amazon_keep_until = '2026-01-01'
        self.run_flow('retention')
        self.assertEqual(self.find_markers(), set())

    def test_an_audit_trail_keeps_documents_and_logs_of_posted_entries(self):
        self.set_audit_trail(True)
        payload = marked_order(market='FR')
        del payload['buyer']['buyerCompanyName']
        sale = self.live(payload)
        self.run_flow('retention')
        self.assertEqual((sale.amazon_is_anonymised, sale.amazon_erase_error), (True, False))
        self.assertTrue(sale.amazon_keep_until, "the order shows that something is kept")
        self.assertEqual(self.find_markers(),
                         {'ir_attachment.name', 'mail_message.body', 'ir.attachment of account.move'})

    def test_nothing_is_kept_where_the_company_says_so(self):
        sale = self.receive_sale(marked_order())
        sale._create_invoices().action_post()
        for policy, count in (('none', 0), ('business', 1), ('all', 1)):
            self.company.amazon_invoice_data = policy
            self.assertEqual(len(self.env['amazon.retention']._find_kept_invoices(sale)), count)

    def test_what_never_became_an_order_ends_too(self):
        payload = marked_order()
        payload['orderItems'][0]['product']['sellerSku'] = 'UNKNOWN'
        row = self.receive(payload)
        self.assertEqual(row.state, 'error')
        self.receive(
            {**order(item(None)), **{key: value for key, value in marked_order(1).items() if key != 'salesChannel'},
             'salesChannel': {'channelName': 'AMAZON', 'marketplaceId': 'NOWHERE', 'marketplaceName': 'x'}})
        self.assertIn('amazon_order.payload', self.find_markers())
        self.run_flow('retention')
        self.assertEqual(self.find_markers(), set())

    def test_a_processed_payload_holds_nothing_of_the_buyer(self):
        row = self.receive(marked_order())
        self.assertEqual(row.state, 'done', row.error)
        self.assertNotIn(MARKER, str(row.payload))

    def test_a_gift_message_is_on_no_invoice(self):
        sale = self.receive_sale(marked_order())
        self.assertTrue(sale.order_line.filtered(lambda line: line.display_type and MARKER in line.name))
        self.assertFalse(sale._create_invoices().invoice_line_ids.filtered('display_type').filtered(
            lambda line: MARKER in line.name))
