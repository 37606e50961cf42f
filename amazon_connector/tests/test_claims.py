from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .claims_common import ClaimsCase, parcel, reimbursed, removal
from .ledger_common import row


def lost(units=1, *, day=1, ref='A1', **options):
    return row('Adjustments', -units, reason='M', day=day, reference=ref, **options)


def found(units=1, *, day=5, reason='F', **options):
    return row('Adjustments', units, reason=reason, day=day, **options)


def damaged(units=1, *, day=1, reason='E', ref='D1', disposition='SELLABLE'):
    """Return the pair of rows of units that Amazon damaged."""
    return (row('Adjustments', -units, reason=reason, day=day, reference=ref, disposition=disposition),
            row('Adjustments', units, reason='P', day=day, reference=f'{ref}P', disposition='WAREHOUSE_DAMAGED'))


@tagged('post_install', '-at_install')
class TestClaims(ClaimsCase):
    """What Amazon owes is found once, follows what turns up or is paid, and is over by itself."""

    def ledger(self, *rows):
        return self.store(*rows, last=31)

    def states(self):
        return [(claim.kind, claim.open_units, claim.state) for claim in self.find()]

    # === LOST === #

    def test_a_lost_unit_is_a_claim_after_thirty_days(self):
        self.ledger(lost(2))
        self.assertFalse(self.find(day=30, month=10))
        claim = self.find(day=31, month=10)
        self.assertEqual((claim.kind, claim.product_id, claim.open_units, claim.value, str(claim.deadline)),
                         ('lost', self.product, 2, 20, '2026-11-30'))
        self.assertEqual((claim.reference, claim.center, claim.fnsku, claim.country_id.code),
                         ('A1', 'LEJ1', 'X00SKU-A', 'DE'))
        self.assertEqual((claim.evidence_ids.quantity, claim.evidence_ids.ledger_line_id.reference), (-2, 'A1'))

    def test_an_event_is_found_once(self):
        self.ledger(lost(2))
        claim = self.find(day=1)
        before = claim.evidence_ids
        self.assertEqual(self.find(day=2), claim)
        self.assertEqual(claim.evidence_ids, before)

    def test_an_event_stays_the_same_when_its_day_is_replaced(self):
        self.ledger(lost(2))
        claim = self.find(day=1)
        self.ledger(lost(2), found(3, day=1, sku='SKU-B'))
        self.assertEqual(self.find(day=2), claim)
        self.assertEqual(claim.evidence_ids.ledger_line_id.reference, 'A1')

    def test_equal_rows_are_movements_of_their_own(self):
        self.ledger(lost(ref=''), lost(ref=''))
        claim = self.find()
        self.assertEqual((claim.open_units, len(claim.evidence_ids)), (2, 2))

    def test_no_claim_for_what_was_found_again(self):
        self.ledger(lost(2), found(2, day=20))
        self.assertFalse(self.find())

    def test_a_unit_that_is_found_later_closes_the_claim(self):
        self.ledger(lost())
        claim = self.find(day=1)
        self.store(lost(), row('Adjustments', 1, reason='F', day=31), last=31)
        self.assertEqual(self.find().mapped('state'), ['cleared'])
        self.assertEqual((claim.open_units, claim.found_units, claim.value), (0, 1, 0))

    def test_a_unit_that_is_found_before_it_was_lost_is_another_one(self):
        self.ledger(found(day=1), lost(day=10))
        self.assertEqual(self.states(), [('lost', 1, 'found')])

    def test_a_unit_that_is_found_is_one(self):
        self.ledger(lost(ref='A1'), lost(ref='A2'), found())
        self.assertEqual(len(self.find()), 1)

    def test_a_unit_of_another_sku_is_not_found(self):
        self.ledger(lost(), found(sku='SKU-B'))
        self.assertEqual(self.states(), [('lost', 1, 'found')])

    def test_what_amazon_has_reconciled_is_no_claim(self):
        self.ledger(lost(3, reconciled='3', unreconciled='0'), lost(3, ref='A2', reconciled='1', unreconciled='2'))
        self.assertEqual([(claim.reference, claim.open_units) for claim in self.find()], [('A2', 2)])

    def test_a_loss_of_code_5_counts_and_other_codes_do_not(self):
        self.ledger(row('Adjustments', -1, reason='5'), row('Adjustments', -1, reason='O'),
                    row('Adjustments', -1, reason='4'), row('Adjustments', -1, reason='?'), row('WhseTransfers', -1))
        self.assertEqual(self.states(), [('lost', 1, 'found')])

    def test_a_day_that_is_not_over_waits(self):
        days = self.ledger(lost())
        days.state = 'open'
        self.assertFalse(self.find())

    # === MONEY === #

    def test_what_was_paid_is_no_claim(self):
        self.ledger(lost(2))
        self.reimburse(reimbursed('Lost_Warehouse', 2))
        self.assertFalse(self.find())
        self.assertEqual(self.env['amazon.reimbursement'].search([]).ledger_line_ids.reference, 'A1')

    def test_money_that_comes_later_pays_the_claim(self):
        self.ledger(lost(2))
        claim = self.find(day=1)
        self.reimburse(reimbursed('Lost_Warehouse', 1))
        self.find(day=2)
        self.assertEqual((claim.state, claim.open_units, claim.paid_units, claim.value), ('partly', 1, 1, 10))
        self.reimburse(reimbursed('Lost_Warehouse', 1, ref='R2'))
        self.find(day=3)
        self.assertEqual((claim.state, claim.open_units, claim.value), ('paid', 0, 0))

    def test_money_for_other_reasons_or_skus_pays_nothing(self):
        self.ledger(lost())
        self.reimburse(reimbursed('Damaged_Warehouse'), reimbursed('Lost_Warehouse', ref='R2', sku='SKU-B'),
                       reimbursed('GeneralAdjustment', ref='R3'))
        self.assertEqual(self.states(), [('lost', 1, 'found')])

    def test_money_pays_one_event(self):
        self.ledger(lost(ref='A1'), lost(day=2, ref='A2'))
        self.reimburse(reimbursed('Lost_Warehouse'))
        self.assertEqual([claim.reference for claim in self.find()], ['A2'])

    def test_money_on_the_case_pays_whatever_its_reason(self):
        self.ledger(lost())
        claim = self.find(day=1)
        claim.case_ref = 'C1'
        claim.action_file()
        self.reimburse(reimbursed('GeneralAdjustment', case='C1'))
        self.find(day=5)
        self.assertEqual((claim.state, claim.paid_units), ('paid', 1))

    def test_a_unit_that_is_given_back_is_its_row_in_the_ledger(self):
        """It settles one loss, although two reports have it."""
        self.ledger(lost(ref='A1'), lost(day=2, ref='A2'), found(day=20, reason='N'))
        self.reimburse(reimbursed('Lost_Warehouse', 0, inventory=1))
        self.assertEqual([claim.reference for claim in self.find()], ['A2'])

    def test_a_reversal_reopens_a_claim(self):
        self.ledger(lost())
        claim = self.find(day=1)
        self.reimburse(reimbursed('Lost_Warehouse'))
        self.find(day=2)
        self.assertEqual(claim.state, 'paid')
        self.reimburse(reimbursed('Reimbursement_Reversal', -1, ref='R2', day=3, month=11, original='R1',
                                  original_type='Lost_Warehouse'))
        self.find(day=4)
        self.assertEqual((claim.state, claim.open_units, claim.paid_units), ('found', 1, 0))
        self.assertEqual(str(claim.deadline), '2027-01-02')
        self.assertIn('reversed', claim.evidence_ids.mapped('kind'))

    def test_a_reversal_of_what_was_paid_without_a_claim_is_one(self):
        self.ledger(lost())
        self.reimburse(reimbursed('Lost_Warehouse'))
        self.assertFalse(self.find(day=2))
        self.reimburse(reimbursed('Reimbursement_Reversal', -1, ref='R2', day=3, month=11, original='R1'))
        self.assertEqual(self.find(day=4).state, 'found')

    def test_a_reversal_for_a_unit_that_is_back_reopens_nothing(self):
        self.ledger(lost(ref='A1'), lost(day=2, ref='A2'), found(day=22))
        self.reimburse(reimbursed('Lost_Warehouse', day=5), reimbursed('Lost_Warehouse', ref='R2', day=6),
                       reimbursed('Reimbursement_Reversal', -1, ref='R3', day=25, original='R1', inventory=1,
                                  original_type='Lost_Warehouse'))
        self.assertFalse(self.find())

    # === DAMAGED, DISPOSED OF === #

    def test_damage_is_the_row_that_leaves_the_condition(self):
        """The pair's other row, in which the unit is damaged, is no second loss, and no unit that was found."""
        self.ledger(*damaged(2), lost(ref='L1', day=2))
        self.assertEqual(sorted(self.states()), [('damaged', 2, 'found'), ('lost', 1, 'found')])

    def test_every_code_of_damage_counts(self):
        for number, code in enumerate('67EHKU', 1):
            self.ledger(*damaged(reason=code, ref=f'D{number}'))
            claims = self.find().filtered(lambda claim, number=number: claim.reference == f'D{number}')
            self.assertEqual(claims.mapped('open_units'), [1])

    def test_a_change_of_condition_and_gifts_are_no_damage(self):
        self.ledger(row('Adjustments', -1, reason='Q'),
                    row('Adjustments', 1, reason='P', disposition='CUSTOMER_DAMAGED'))
        self.assertFalse(self.find())

    def test_damage_is_paid_as_damage(self):
        self.ledger(*damaged())
        self.reimburse(reimbursed('Lost_Warehouse'))
        self.assertEqual(self.states(), [('damaged', 1, 'found')])
        self.reimburse(reimbursed('Damaged_Warehouse', ref='R2'))
        self.assertEqual(self.states(), [('damaged', 0, 'paid')])

    def dispose(self, units=1, day=10, reason='D'):
        self.ledger(row('Adjustments', -units, reason=reason, day=day, reference='X1', disposition='WAREHOUSE_DAMAGED'))

    def test_disposal_without_an_order_is_a_claim(self):
        for reason in 'DG':
            self.dispose(reason=reason)
            self.assertIn(('disposed', 1, 'found'), self.states())

    def test_disposal_that_was_ordered_is_none(self):
        self.dispose(2)
        self.remove(removal(2, disposed=2, kind='Disposal', day=12))
        self.assertFalse(self.find())

    def test_an_order_disposes_of_its_units_once(self):
        self.dispose(3)
        self.remove(removal(2, disposed=2, kind='Disposal', disposition='Unsellable'))
        self.assertEqual(self.states(), [('disposed', 1, 'found')])

    def test_a_disposal_of_another_time_or_sku_is_another_one(self):
        self.dispose()
        self.remove(removal(2, disposed=2, kind='Disposal', day=14, updated=15),
                    removal(2, disposed=2, kind='Disposal', ref='REM2', sku='SKU-B'),
                    removal(2, disposed=2, kind='Disposal', ref='REM3', month=7))
        self.assertEqual(self.states(), [('disposed', 1, 'found')])

    def test_an_order_for_the_goods_may_end_as_a_disposal(self):
        self.dispose()
        self.remove(removal(3, shipped=2, disposed=1))
        self.assertFalse(self.find())
        self.dispose(2)
        self.assertEqual(self.states(), [('disposed', 1, 'found')])

    # === REMOVALS === #

    def test_units_of_a_removal_that_never_left_are_a_claim(self):
        self.remove(removal(5, shipped=2, disposed=1))
        claim = self.find()
        self.assertEqual((claim.kind, claim.open_units, claim.reference, claim.removal_id.order_ref),
                         ('removal', 2, 'REM1', 'REM1'))
        self.remove(removal(5, shipped=4, disposed=1, updated=9))
        self.find()
        self.assertEqual((claim.open_units, claim.state), (0, 'cleared'))

    def test_a_parcel_is_a_claim_fifteen_days_after_it_left(self):
        self.send_back(parcel(2))
        self.assertFalse(self.find(day=17, month=10))
        claim = self.find(day=18, month=10)
        self.assertEqual((claim.kind, claim.open_units, claim.reference, str(claim.deadline)),
                         ('parcel', 2, 'T1', '2026-12-17'))
        self.receive(1)
        self.find(day=19, month=10)
        self.assertEqual((claim.open_units, claim.found_units, claim.state), (1, 1, 'found'))
        self.receive(1)
        self.find(day=20, month=10)
        self.assertEqual((claim.open_units, claim.state), (0, 'cleared'))

    def receive(self, quantity, backorder=True):
        picking = self.env['stock.picking'].search([
            ('amazon_parcel_id', '!=', False), ('state', 'not in', ('done', 'cancel'))])
        picking.move_ids.quantity = quantity
        picking.move_ids.picked = True
        picking.with_context(skip_backorder=True, picking_ids_not_to_backorder=[] if backorder else picking.ids
                             ).button_validate()
        picking.date_done = '2026-10-06 12:00:00'

    def test_a_parcel_that_came_short_is_a_claim_at_once(self):
        self.send_back(parcel(3))
        self.receive(1, backorder=False)
        claim = self.find(day=8, month=10)
        self.assertEqual((claim.open_units, str(claim.deadline)), (2, '2026-12-05'))

    def test_goods_for_others_are_no_claim(self):
        self.send_back(parcel(3, kind='Liquidations'))
        self.assertFalse(self.find())

    # === BELOW COST === #

    def test_units_that_were_paid_below_cost_are_a_claim(self):
        self.ledger(lost(2))
        self.reimburse(reimbursed('Lost_Warehouse', 2, '7.00'))
        claim = self.find()
        self.assertEqual((claim.kind, claim.open_units, claim.value, claim.yardstick),
                         ('below_cost', 2, 6, 'shortfall'))

    def test_a_little_below_cost_and_unknown_cost_are_none(self):
        self.other_product.standard_price = 0
        self.reimburse(reimbursed('Lost_Warehouse', 1, '9.60'), reimbursed('Lost_Warehouse', 1, '1.00', ref='R2',
                                                                           sku='SKU-B'))
        self.assertFalse(self.find())

    def test_money_that_was_taken_back_was_not_too_little(self):
        self.reimburse(reimbursed('Lost_Warehouse', 1, '7.00'), reimbursed(
            'Reimbursement_Reversal', -1, '7.00', ref='R2', original='R1', original_type='Lost_Warehouse'))
        self.assertFalse(self.find())

    # === VALUE === #

    def test_an_unknown_cost_is_shown_as_unknown(self):
        self.product.standard_price = 0
        self.ledger(lost())
        claim = self.find()
        self.assertTrue(claim.is_unvalued)
        self.product.standard_price = 4
        self.find()
        self.assertEqual((claim.is_unvalued, claim.value), (False, 4))

    def test_a_sku_without_a_product_is_a_claim_too(self):
        self.ledger(lost(sku='NEW'))
        claim = self.find()
        self.assertEqual((claim.sku, claim.product_id.id, claim.is_unvalued), ('NEW', False, True))
        self.make_listing('NEW', self.product, channel='AMAZON_EU', pack_quantity=3)
        self.find()
        self.assertEqual(claim.value, 30)

    # === STATES === #

    def test_a_claim_expires_unless_it_was_filed(self):
        self.ledger(lost(ref='A1'), lost(ref='A2'))
        claims = self.find(day=10)
        claims[0].action_file()
        self.find(day=1, month=12)
        self.assertEqual(claims.mapped('state'), ['filed', 'expired'])

    def test_a_refused_claim_stays_so_until_it_is_paid(self):
        self.ledger(lost())
        claim = self.find()
        claim.action_refuse()
        self.find(day=16)
        self.assertEqual((claim.state, claim.value), ('refused', 0))
        claim.action_reopen()
        self.assertEqual(claim.state, 'found')
        claim.action_refuse()
        self.reimburse(reimbursed('Lost_Warehouse'))
        self.find(day=17)
        self.assertEqual(claim.state, 'paid')

    def test_an_event_that_amazon_takes_back_closes_its_claim(self):
        self.ledger(lost(), found(day=2, sku='SKU-B'))
        claim = self.find()
        self.store(found(day=1, sku='SKU-B'), found(day=2, sku='SKU-B'), last=2)
        self.find()
        self.assertEqual((claim.state, claim.open_units), ('cleared', 0))

    def test_only_those_with_rights_file_claims_and_change_what_is_theirs(self):
        self.ledger(lost())
        claim = self.find()
        with self.assertRaises(AccessError):
            claim.with_user(self.make_user('stock.group_stock_user')).action_file()
        user = self.make_user('amazon_connector.group_amazon_user')
        claim.with_user(user).case_ref = 'C1'
        claim.with_user(user).action_file()
        self.assertEqual((claim.state, claim.case_ref), ('filed', 'C1'))
        with self.assertRaises(UserError):
            claim.with_user(user).action_file()

    def make_user(self, groups):
        return new_test_user(self.env, f'claims{self.env["res.users"].search_count([])}', groups,
                             company_id=self.company.id, company_ids=[(6, 0, self.company.ids)])

    # === WINDOWS === #

    def test_a_window_of_the_company_comes_before_the_built_in_one(self):
        self.ledger(lost())
        self.env['amazon.claim.policy'].create({'kind': 'lost', 'company_id': self.company.id, 'wait_days': 5,
                                                'window_days': 20})
        claim = self.find(day=7, month=10)
        self.assertEqual(str(claim.deadline), '2026-10-21')

    def test_windows_by_region_and_country(self):
        find = self.env['amazon.claim.policy']._find
        self.assertEqual((find(self.seller, 'return').wait_days, find(self.seller, 'return').window_days), (45, 105))
        self.assertEqual(find(self.seller, 'removal', self.env.ref('base.ae')).window_days, 30)
        self.assertEqual(find(self.seller, 'inbound').certainty, 'open')
        self.env['amazon.claim.policy'].search([]).active = False
        self.assertEqual(find(self.seller, 'lost').window_days, 60)

    # === TASKS AND NUMBERS === #

    def get_tasks(self):
        return self.seller.activity_ids.filtered(lambda task: task.activity_type_id == self.env.ref(
            'amazon_connector.mail_activity_type_claim'))

    def test_one_task_before_deadlines_that_is_over_by_itself(self):
        self.ledger(lost(ref='A1'), lost(ref='A2', day=2))
        self.find(day=10)
        self.assertFalse(self.get_tasks())
        claims = self.find(day=20)
        self.assertEqual((len(self.get_tasks()), str(self.get_tasks().date_deadline)), (1, '2026-11-30'))
        self.assertIn("2", self.get_tasks().summary)
        claims[0].with_context(tz='UTC').action_file()
        self.find(day=21)
        self.assertEqual(str(self.get_tasks().date_deadline), '2026-12-01')
        self.reimburse(reimbursed('Lost_Warehouse', 2))
        self.find(day=22)
        self.assertFalse(self.get_tasks())

    def test_numbers_never_add_up_currencies(self):
        self.ledger(lost(ref='A1'), lost(ref='A2', day=2), lost(ref='A3', day=3), lost(ref='A4', day=4))
        claims = self.find(day=10)
        claims[:2].action_file()
        self.reimburse(reimbursed('Lost_Warehouse', ref='R1'),
                       reimbursed('Lost_Warehouse', ref='R2', currency='GBP', amount='9.00'),
                       # Not filed: it was not won.
                       reimbursed('Lost_Warehouse', ref='R3', amount='99.00'))
        self.find(day=11)
        self.env.invalidate_all()
        self.assertEqual((self.seller.claim_count, self.seller.claim_value), (1, 10))
        sums = {currency.name: (open_value, won) for currency, open_value, won in
                self.env['amazon.claim.number']._read_group([('seller_id', '=', self.seller.id)], ['currency_id'],
                                                            ['open_value:sum', 'won_amount:sum'])}
        self.assertEqual(sums, {'EUR': (10, 10), 'GBP': (0, 9)})
