from odoo.tests import tagged

from .claims_common import REIMBURSEMENTS, ClaimsCase, reimbursed, removal
from .ledger_common import row
from .test_claims import damaged, lost

SHORT_HEADER = REIMBURSEMENTS.rsplit('\t', 2)[0]


def taken_back(cash=1, amount='10.00', **options):
    """Return a row of money that Amazon takes back; without columns of what it takes back."""
    return reimbursed('Reimbursement_Reversal', -cash, amount, **{'day': 3, 'month': 11, 'ref': 'R9', **options})


@tagged('post_install', '-at_install')
class TestMoneyTakenBack(ClaimsCase):
    """Files of 16 columns do not say what Amazon takes back: it is what was paid for the same units."""

    def reimburse_short(self, *rows):
        """Import a file of 16 columns, as some European accounts get it."""
        self.import_claims('amazon.reimbursement', 'GET_FBA_REIMBURSEMENTS_DATA', SHORT_HEADER,
                           [text.rsplit('\t', 2)[0] for text in rows])
        found = self.env['amazon.reimbursement']
        found._tie(self.seller)
        return found.search([('seller_id', '=', self.seller.id)], order='approval_date, id')

    def states(self, **day):
        self.env.invalidate_all()
        return {claim.reference: (claim.state, claim.open_units) for claim in self.find(**day)}

    def test_a_claim_opens_again_when_the_money_is_taken_back(self):
        self.store(lost(), last=31)
        claim = self.find(day=1)
        self.reimburse_short(reimbursed('Lost_Warehouse'))
        self.find(day=2)
        self.assertEqual(claim.state, 'paid')
        self.reimburse_short(reimbursed('Lost_Warehouse'), taken_back())
        original, reversal = self.reimburse_short(taken_back())
        self.assertEqual((reversal.original_id, reversal.original_kind), (original, 'lost'))
        self.find(day=4)
        self.assertEqual((claim.state, claim.open_units, str(claim.deadline)), ('found', 1, '2027-01-02'))
        self.assertIn('reversed', claim.evidence_ids.mapped('kind'))

    def test_what_was_paid_below_cost_and_taken_back_is_no_claim(self):
        self.reimburse_short(reimbursed('Lost_Warehouse', 2, '4.00'))
        claim = self.find(day=1)
        self.assertEqual((claim.kind, claim.open_units), ('below_cost', 2))
        self.reimburse_short(taken_back(2, '4.00'))
        self.find(day=4)
        self.assertEqual(claim.open_units, 0)

    def test_what_it_takes_back_may_come_later(self):
        reversal = self.reimburse_short(taken_back())
        self.assertFalse(reversal.original_id)
        original, _reversal = self.reimburse_short(reimbursed('Damaged_Warehouse'))
        self.assertEqual((reversal.original_id, reversal.original_kind), (original, 'damaged'))

    def test_it_is_that_of_the_same_amount_for_a_unit_and_the_latest_of_these(self):
        found = self.reimburse_short(
            reimbursed('Lost_Warehouse', ref='R1', day=1), reimbursed('Lost_Warehouse', ref='R2', day=2),
            reimbursed('Damaged_Warehouse', 1, '7.00', ref='R3', day=3),
            reimbursed('Lost_Warehouse', ref='R4', day=4, month=11), taken_back())
        self.assertEqual(found.filtered('original_id').original_id.reimbursement_ref, 'R2')

    def test_units_are_taken_back_once(self):
        found = self.reimburse_short(
            reimbursed('Lost_Warehouse', ref='R1', day=1), reimbursed('Lost_Warehouse', ref='R2', day=2),
            taken_back(ref='R8'), taken_back(ref='R9', day=4))
        self.assertEqual({reversal.original_id.reimbursement_ref for reversal in found[2:]}, {'R1', 'R2'})

    def test_other_goods_orders_currencies_and_smaller_payments_are_others(self):
        order = '302-1234567-1234567'
        for other in (reimbursed('Lost_Warehouse', sku='SKU-B'), reimbursed('CustomerReturn', order=order),
                      reimbursed('Lost_Warehouse', currency='GBP')):
            self.env['amazon.reimbursement'].search([]).unlink()
            reversal = self.reimburse_short(other, taken_back(order='302-7654321-7654321'))[-1]
            self.assertFalse(reversal.original_id, other)
        self.env['amazon.reimbursement'].search([]).unlink()
        found = self.reimburse_short(reimbursed('Lost_Warehouse', ref='R1'), reimbursed('Lost_Warehouse', ref='R2'),
                                     taken_back(2))
        self.assertFalse(found[-1].original_id)
        self.assertEqual(found[-1].original_kind, 'lost', "all that it can be was paid for the same")

    def test_several_payments_that_are_taken_back_at_once_open_their_claims(self):
        self.store(lost(ref='A1'), lost(ref='A2', day=2), last=31)
        self.reimburse_short(reimbursed('Lost_Warehouse', ref='R1'), reimbursed('Lost_Warehouse', ref='R2'))
        self.assertFalse(self.find(day=2))
        self.reimburse_short(taken_back(2))
        self.assertEqual(self.states(day=4), {'A1': ('found', 1), 'A2': ('found', 1)})

    def test_what_amazon_names_is_not_guessed(self):
        found = self.reimburse(reimbursed('Lost_Warehouse'), taken_back(original='R5'))
        self.env['amazon.reimbursement']._tie(self.seller)
        self.assertFalse(found[-1].original_id)


@tagged('post_install', '-at_install')
class TestDisposedAndPaid(ClaimsCase):
    """What Amazon destroyed without an order is settled by money for the warehouse that no loss or damage takes."""

    def dispose(self, units=1, day=10, *others):
        self.store(row('Adjustments', -units, reason='D', day=day, reference='X1', disposition='WAREHOUSE_DAMAGED'),
                   *others, last=31)

    def states(self, **day):
        self.env.invalidate_all()
        return sorted((claim.kind, claim.state, claim.open_units) for claim in self.find(**day))

    def test_money_without_a_case_closes_the_claim(self):
        for reason in ('Damaged_Warehouse', 'Lost_Warehouse'):
            self.env['amazon.reimbursement'].search([]).unlink()
            self.dispose(2)
            self.assertEqual(self.states(day=14), [('disposed', 'found', 2)])
            self.reimburse(reimbursed(reason, 2))
            self.assertEqual(self.states(), [('disposed', 'paid', 0)], reason)

    def test_money_for_other_goods_closes_nothing(self):
        self.dispose()
        self.reimburse(reimbursed('Damaged_Warehouse', sku='SKU-B'), reimbursed('CustomerReturn', ref='R2'),
                       reimbursed('Damaged_Warehouse', ref='R3', day=2))
        self.assertEqual(self.states(), [('disposed', 'found', 1)])

    def test_losses_and_damages_take_their_money_first(self):
        self.dispose(1, 1, lost(day=5), *damaged(day=6))
        self.reimburse(reimbursed('Lost_Warehouse'), reimbursed('Damaged_Warehouse', ref='R2'))
        self.assertEqual(self.states(), [('disposed', 'found', 1)])
        self.reimburse(reimbursed('Damaged_Warehouse', ref='R3', day=21))
        self.assertEqual(self.states(day=16), [('disposed', 'paid', 0)])

    def test_a_unit_that_amazon_gives_back_is_settled(self):
        self.dispose()
        self.reimburse(reimbursed('Damaged_Warehouse', 0, inventory=1))
        self.assertFalse(self.find())

    def test_money_that_is_taken_back_opens_it_again(self):
        self.dispose()
        claim = self.find(day=14, month=10)
        self.reimburse(reimbursed('Damaged_Warehouse'))
        self.assertEqual(self.states(day=1), [('disposed', 'paid', 0)])
        self.reimburse(reimbursed('Reimbursement_Reversal', -1, ref='R2', day=3, month=11, original='R1',
                                  original_type='Damaged_Warehouse'))
        self.assertEqual(self.states(day=4), [('disposed', 'found', 1)])
        self.assertEqual(str(claim.deadline), '2027-01-02')

    def test_what_was_ordered_takes_no_money(self):
        self.dispose(1, 10, *damaged(day=5))
        self.remove(removal(1, disposed=1, kind='Disposal', day=8, updated=9))
        self.reimburse(reimbursed('Damaged_Warehouse'))
        self.assertFalse(self.find())
