from odoo.tests import tagged

from .claims_common import REIMBURSEMENTS as HEADER
from .claims_common import ClaimsCase, moment, reimbursed
from .payloads import item, order
from .settlement_files import LOST, document, row


@tagged('post_install', '-at_install')
class TestReimbursements(ClaimsCase):
    """What Amazon paid is stored once, and belongs to its product, order, settlement and cost; nothing is booked."""

    def settle(self, *rows, ref='111'):
        return self.env['amazon.settlement']._import_file(self.seller, document(list(rows), ref=ref))

    def tie(self):
        self.env['amazon.reimbursement']._tie(self.seller)

    def test_a_reimbursement_is_stored_once_and_updated(self):
        self.reimburse(reimbursed('Lost_Warehouse'))
        found = self.reimburse(reimbursed('Lost_Warehouse', case='C1'))
        self.assertEqual((len(found), found.case_ref, found.kind, found.product_id, found.amount),
                         (1, 'C1', 'lost', self.product, 10))

    def test_a_reimbursement_of_several_skus_and_reasons_is_several(self):
        found = self.reimburse(reimbursed('Lost_Warehouse'), reimbursed('Lost_Warehouse', sku='SKU-B'),
                               reimbursed('Damaged_Warehouse'))
        self.assertEqual(len(found), 3)

    def test_rows_of_one_key_are_added_up_and_the_same_row_counts_once(self):
        found = self.reimburse(reimbursed('Lost_Warehouse'), reimbursed('Lost_Warehouse'),
                               reimbursed('Lost_Warehouse', 2, '7.00'))
        self.assertEqual((found.amount, found.cash_quantity, found.unit_amount), (24, 3, 8))

    def test_unknown_reasons_and_currencies_are_kept_and_stop_nothing(self):
        found = self.reimburse(reimbursed('Meteor_Strike', ref='R1'), reimbursed('Lost_Warehouse', ref='R2'),
                               reimbursed('Lost_Warehouse', ref='R3', currency='XTS'))
        self.assertEqual(found.mapped('kind'), ['other', 'lost', 'lost'])
        self.assertEqual((found[0].reason, found[2].currency_code, found[2].currency_id.name),
                         ('Meteor_Strike', 'XTS', found[2].currency_id.name))

    def test_a_row_that_cannot_be_read_is_a_problem_and_the_others_are_stored(self):
        report = self.import_claims(
            'amazon.reimbursement', 'GET_FBA_REIMBURSEMENTS_DATA', HEADER,
            [reimbursed('Lost_Warehouse'), reimbursed('Lost_Warehouse', ref='R2').replace('10.00', 'ten')])
        self.assertEqual(report.problem_count, 1)
        self.assertEqual(self.env['amazon.reimbursement'].search([]).mapped('reimbursement_ref'), ['R1'])

    def test_a_reversal_is_tied_to_what_it_takes_back_even_if_that_comes_later(self):
        back = reimbursed('Reimbursement_Reversal', -1, ref='R2', original='R1', original_type='Lost_Warehouse')
        reversal = self.reimburse(back)
        self.assertFalse(reversal.original_id)
        self.assertEqual((reversal.kind, reversal.original_kind, reversal.amount), ('reversal', 'lost', -10))
        original = self.reimburse(reimbursed('Lost_Warehouse')) - reversal
        self.tie()
        self.assertEqual((reversal.original_id, original.reversal_ids), (original, reversal))

    def test_a_product_and_an_order_that_come_later_are_tied(self):
        payload = order(item('SKU-A', 1))
        found = self.reimburse(reimbursed('CustomerReturn', sku='NEW', order=payload['orderId']))
        self.assertFalse(found.product_id or found.sale_order_id)
        self.make_listing('NEW', self.product, channel='AMAZON_EU', pack_quantity=3)
        sale = self.receive_sale(payload)
        self.tie()
        self.assertEqual((found.product_id, found.pack_quantity, found.sale_order_id), (self.product, 3, sale))

    # === COST === #

    def test_what_is_paid_for_a_unit_is_held_against_its_cost(self):
        found = self.reimburse(reimbursed('Lost_Warehouse', amount='9.50'), reimbursed('Lost_Warehouse', ref='R2'))
        self.assertEqual(found.mapped('unit_cost'), [10, 10])
        self.assertEqual(found.mapped('is_below_cost'), [True, False])

    def test_goods_that_were_sold_are_not_held_against_their_cost(self):
        self.assertFalse(self.reimburse(reimbursed('CustomerReturn', amount='1.00')).is_below_cost)

    def test_without_a_rate_nothing_is_compared(self):
        found = self.reimburse(reimbursed('Lost_Warehouse', amount='1.00', currency='SEK'))
        self.assertFalse(found.unit_value or found.is_below_cost)

    # === SETTLEMENTS === #

    def test_the_settlement_row_that_names_it_paid_it(self):
        found = self.reimburse(reimbursed('Lost_Warehouse', ref='R1'), reimbursed('Lost_Warehouse', ref='R2'))
        settlement = self.settle(row(LOST, '10.00', sku='SKU-A', adjustment_id='R2'))
        self.tie()
        self.assertEqual(found.mapped('is_settled'), [False, True])
        self.assertEqual(found[1].settlement_line_ids, settlement.line_ids)

    def test_a_row_without_a_name_is_the_nearest_of_its_sku_and_amount(self):
        found = self.reimburse(reimbursed('Lost_Warehouse', ref='R1', day=1), reimbursed('Lost_Warehouse', ref='R2'),
                               reimbursed('Lost_Warehouse', ref='R3', amount='9.00'),
                               reimbursed('Lost_Warehouse', ref='R4', sku='SKU-B'))
        self.settle(row(LOST, '10.00', sku='SKU-A', posted='2026-10-21'))
        self.tie()
        self.assertEqual(found.filtered('is_settled').reimbursement_ref, 'R2')

    def test_one_row_pays_one_reimbursement(self):
        found = self.reimburse(reimbursed('Lost_Warehouse', ref='R1'), reimbursed('Lost_Warehouse', ref='R2'))
        self.settle(row(LOST, '10.00', sku='SKU-A'))
        self.tie()
        self.tie()
        self.assertEqual(len(found.filtered('is_settled')), 1)

    def test_several_rows_of_one_day_may_pay_one(self):
        found = self.reimburse(reimbursed('Lost_Warehouse', 3))
        self.settle(row(LOST, '10.00', sku='SKU-A'), row(LOST, '20.00', sku='SKU-A'))
        self.tie()
        self.assertEqual(sum(found.settlement_line_ids.mapped('amount')), 30)

    def test_money_of_another_order_or_currency_is_not_taken(self):
        found = self.reimburse(reimbursed('CustomerReturn', order='302-1234567-1234567'),
                               reimbursed('CustomerReturn', ref='R2', currency='GBP'))
        self.settle(row(LOST, '10.00', sku='SKU-A', order='302-7654321-7654321'))
        self.tie()
        self.assertFalse(any(found.mapped('is_settled')))

    def test_nothing_is_booked_from_the_report(self):
        before = self.env['account.move'].search_count([]), self.env['stock.move'].search_count([])
        self.reimburse(reimbursed('Lost_Warehouse'), reimbursed('Lost_Warehouse', 0, ref='R2', inventory=1))
        self.tie()
        after = self.env['account.move'].search_count([]), self.env['stock.move'].search_count([])
        self.assertEqual(before, after)

    def test_a_settlement_that_is_deleted_leaves_it_unpaid(self):
        found = self.reimburse(reimbursed('Lost_Warehouse'))
        settlement = self.settle(row(LOST, '10.00', sku='SKU-A'))
        self.tie()
        self.assertTrue(found.is_settled)
        settlement.line_ids.reimbursement_id = False
        settlement.line_ids.treatment = 'fee'
        self.tie()
        self.assertFalse(found.is_settled)

    def test_dates(self):
        self.assertEqual(str(self.reimburse(reimbursed('Lost_Warehouse')).approval_date), moment(20)[:19].replace(
            'T', ' '))
