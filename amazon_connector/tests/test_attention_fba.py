import ast

from lxml import etree

from odoo.tests import tagged

from ..models.amazon_attention import KINDS
from .ledger_common import LedgerCase, balance, row
from .test_attention import AttentionCase


@tagged('post_install', '-at_install')
class TestAttentionFba(AttentionCase, LedgerCase):
    """Somebody is told of FBA stock that differs, of rows that are not booked, and of shipments that came short."""

    def waiting(self):
        self.update()
        return {record.kind: record.count for record in self.seller.attention_ids if record.count}

    def open(self, kind):
        """Return what the list shows that opens."""
        record = self.seller.attention_ids.filtered(lambda record: record.kind == kind)
        action = record.with_user(self.person).action_open()
        return self.env[action['res_model']].with_user(self.person).search(action['domain'])

    def test_differences_are_news_once_all_days_are_booked(self):
        days = self.book(row('Receipts', 5))
        differences = self.prove(balance(8))
        self.assertEqual(differences.cause, 'none')
        self.assertEqual((self.waiting(), self.open('differences')), ({'differences': 1}, differences))
        self.assertEqual(self.tasks().user_id, self.person)
        self.assertIn('1', self.tasks().summary)
        days.state = 'ready'
        self.env['amazon.ledger.difference']._prove(self.seller)
        self.assertEqual(differences.cause, 'day')
        self.assertFalse(self.waiting(), "it is not known yet")
        days.state = 'booked'
        self.env['amazon.ledger.difference']._prove(self.seller)
        self.assertEqual(self.waiting(), {'differences': 1})
        self.assertFalse(self.prove(balance(5)))
        self.assertFalse(self.waiting())

    def test_a_difference_that_was_accepted_is_none(self):
        self.book(row('Receipts', 5))
        difference = self.prove(balance(8))
        difference.note = "Counted"
        difference.action_accept()
        self.assertFalse(self.waiting())

    def test_rows_that_are_not_booked(self):
        days = self.book(row('Receipts', 5), row('Receipts', 1, sku='UNKNOWN'), row('Teleported', 2))
        self.assertEqual(self.waiting(), {'ledger': 2})
        self.assertEqual(self.open('ledger'), days.line_ids.filtered('obstacle'))
        self.update().with_user(self.person).action_feedback()
        # The day is read again: the same rows are no news.
        self.book(row('Receipts', 6), row('Receipts', 1, sku='UNKNOWN'), row('Teleported', 2))
        self.assertFalse(self.update())
        self.book(row('Receipts', 1, sku='UNKNOWN', day=2), first=2, last=2)
        self.assertEqual(len(self.update()), 1)
        self.make_listing('UNKNOWN', self.other_product, channel='AMAZON_EU')
        self.days.search([('seller_id', '=', self.seller.id)])._book()
        self.assertEqual(self.waiting(), {'ledger': 1})

    def test_shipments_that_came_short(self):
        inbounds = self.env['amazon.inbound'].create([
            {'seller_id': self.seller.id, 'shipment_ref': f'FBA15TOLD00{number}', 'state': state}
            for number, state in enumerate(('short', 'open', 'done', 'cancel'))])
        self.assertEqual((self.waiting(), self.open('inbounds')), ({'inbounds': 1}, inbounds[0]))
        inbounds[0].state = 'done'
        self.assertFalse(self.waiting())

    def test_filters_show_the_same_records(self):
        for kind in ('differences', 'inbounds'):
            arch = etree.fromstring(self.env[KINDS[kind].model].get_view(view_type='search')['arch'])
            domain = arch.xpath("//filter[@name='attention']")[0].get('domain')
            self.assertEqual(ast.literal_eval(domain), KINDS[kind].domain)
