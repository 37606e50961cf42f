import datetime

from odoo import fields
from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from ..models.amazon_rate_bucket import DatabaseLimiter
from ..models.amazon_setup_step import KINDS, PROOFS, SETUP
from . import payloads
from .common import AmazonCase, Reply
from .settlement_files import PRINCIPAL, document, row

# Queries for the steps of any number of sellers.
QUERIES = 30


class StartPageCase(AmazonCase):

    def step(self, kind, seller=None):
        self.env.flush_all()
        self.env.invalidate_all()
        return self.env['amazon.setup.step'].search(
            [('kind', '=', kind), ('seller_id', '=', (seller or self.seller).id)])

    def state(self, kind, seller=None):
        return self.step(kind, seller).state

    def answer(self, operation, done=True):
        self.env['amazon.rate.bucket'].search(
            [('seller_id', '=', self.seller.id), ('operation', '=', operation)]).unlink()
        self.env['amazon.rate.bucket'].create({
            'seller_id': self.seller.id, 'operation': operation, 'answer': 'done' if done else 'refused'})


@tagged('post_install', '-at_install')
class TestSetupSteps(StartPageCase):
    """The start page: nothing is green that was not looked at, and each button leads on."""

    def test_a_company_without_a_seller_sees_one_card(self):
        company = self.env['res.company'].create({'name': "New Ltd"})
        steps = self.env['amazon.setup.step'].search([('company_id', '=', company.id)])
        self.assertEqual(steps.mapped('kind'), ['connect'])
        self.assertEqual(steps.action_next()['res_model'], 'amazon.connect')
        self.env['amazon.seller'].create({'name': "Draft", 'company_id': company.id, 'home_marketplace': 'FR'})
        self.env.flush_all()
        steps = self.env['amazon.setup.step'].search([('company_id', '=', company.id)])
        self.assertEqual((steps.mapped('kind'), steps.state), (['connection'], 'todo'))

    def test_every_step_has_a_state_and_words(self):
        steps = self.env['amazon.setup.step'].search([('seller_id', '=', self.seller.id)])
        self.assertEqual(steps.mapped('kind'), [kind for kind, _label in (*SETUP, *PROOFS)])
        self.assertEqual(len(set(steps.ids)), len(KINDS) - 1)
        for step in steps:
            self.assertTrue(step.state and step.detail, step.kind)

    def test_nothing_is_good_before_it_was_looked_at(self):
        """A connected seller of whom nothing is known yet: only what stands in Odoo can be good."""
        steps = self.env['amazon.setup.step'].search([('seller_id', '=', self.seller.id)])
        self.assertEqual([step.kind for step in steps if step.state == 'done'], ['warehouse'])

    def test_every_button_leads_somewhere(self):
        self.seller.application_ref = 'amzn1.sp.solution.x'
        steps = self.env['amazon.setup.step'].search([('seller_id', '=', self.seller.id)])
        with self.amazon_answers(getMarketplaceParticipations=[Reply([]), Reply([])]):
            for step in steps.filtered('button'):
                self.assertTrue(step.action_next(), step.kind)

    def test_several_sellers_have_a_column_each(self):
        page = self.env['amazon.setup.step'].action_open()
        self.assertFalse((page.get('context') or {}) if isinstance(page.get('context'), dict) else False)
        self.seller.copy({'name': "Second", 'selling_partner_ref': 'A2TEST'})
        self.assertEqual(self.env['amazon.setup.step'].action_open()['context'], {'group_by': ['seller_id']})

    def test_many_sellers_take_no_more_queries_than_one(self):
        others = self.env['amazon.seller']
        for number in range(4):
            others |= self.seller.copy({'name': f"Seller {number}", 'selling_partner_ref': f'A{number}MANY'})
        others.write({'state': 'connected'})
        for seller in others:
            self.env['amazon.seller.marketplace']._update_from_amazon(
                seller, [self.participation(code) for code in payloads.MARKETPLACES])
        counts = []
        for sellers in (self.seller, self.seller | others):
            self.env['amazon.setup.step'].search([('seller_id', 'in', sellers.ids)]).mapped('detail')
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self.env['amazon.setup.step'].search([('seller_id', 'in', sellers.ids)]).mapped('detail')
            counts.append(self.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0] + 2)
        self.assertLessEqual(counts[1], QUERIES)

    def test_whoever_may_not_set_up_sees_states_without_buttons(self):
        user = new_test_user(self.env, 'start_user', groups='amazon_connector.group_amazon_user',
                             company_id=self.company.id, company_ids=[Command.set(self.company.ids)])
        steps = self.env['amazon.setup.step'].with_user(user).search([('seller_id', '=', self.seller.id)])
        self.assertTrue(all(steps.mapped('state')))
        self.assertEqual(set(steps.mapped('button')), {False})
        with self.assertRaises(AccessError):
            steps[0].action_next()

    def test_accounts_are_set_up_by_those_who_keep_them(self):
        admin = new_test_user(self.env, 'start_admin', groups='amazon_connector.group_amazon_admin',
                              company_id=self.company.id, company_ids=[Command.set(self.company.ids)])
        step = self.step('accounts').with_user(admin)
        self.assertEqual((step.state, step.button), ('todo', False))
        admin.write({'group_ids': [Command.link(self.env.ref('account.group_account_manager').id)]})
        step = self.step('accounts').with_user(admin)
        self.assertTrue(step.button)

    # === SINGLE STEPS === #

    def test_connected_is_what_amazon_answered(self):
        self.assertEqual(self.state('connection'), 'open')
        self.answer('getMarketplaceParticipations')
        self.assertEqual(self.state('connection'), 'done')
        self.seller.write({'state': 'error', 'state_message': "Because"})
        self.assertEqual((self.step('connection').state, self.step('connection').detail), ('todo', "Because"))

    def test_roles_are_those_that_amazon_showed(self):
        for operation in ('getMarketplaceParticipations', 'searchOrders', 'listTransactions'):
            self.answer(operation)
        self.assertEqual(self.state('roles'), 'open')
        self.answer('getListingsItem')
        self.assertEqual(self.state('roles'), 'done')
        self.answer('listTransactions', done=False)
        step = self.step('roles')
        self.assertEqual(step.state, 'todo')
        self.assertIn("Finance and Accounting", step.detail)
        self.assertIn("settlements", step.detail)

    def test_a_role_of_buyers_data_is_missing_where_orders_lack_it(self):
        for operation in ('getMarketplaceParticipations', 'searchOrders', 'listTransactions', 'getListingsItem'):
            self.answer(operation)
        self.seller.write({'missing_data': 'buyer', 'granted_data': 'recipient'})
        step = self.step('roles')
        self.assertEqual(step.state, 'todo')
        self.assertIn("Buyer Communication", step.detail)
        self.assertNotIn("Direct-to-Consumer", step.detail)

    def test_the_answers_of_amazon_are_kept_by_operation(self):
        limiter = DatabaseLimiter(self.registry, self.seller.id)
        self.answer('getOrder')
        self.env['amazon.rate.bucket'].search([('seller_id', '=', self.seller.id)]).answer = False
        self.env.flush_all()
        executed = []
        self.patch(limiter, '_execute', lambda query: self.env.execute_query(query) and executed.append(query))
        limiter.record('getOrder', True)
        limiter.record('getOrder', True)
        self.assertEqual(len(executed), 1)
        self.env.invalidate_all()
        self.assertEqual(self.seller._get_answers(), {self.seller.id: {'getOrder': True}})
        limiter.record('getOrder', False)
        self.env.invalidate_all()
        self.assertEqual(self.seller._get_answers(), {self.seller.id: {'getOrder': False}})

    def test_products_are_counted(self):
        self.assertEqual(self.state('products'), 'open')
        self.make_listing('ONE', self.product)
        listing = self.make_listing('TWO')
        step = self.step('products')
        self.assertEqual((step.state, step.detail), ('todo', "1 of 2 listings have a product."))
        listing.product_id = self.product
        self.assertEqual(self.state('products'), 'done')
        self.assertEqual(self.state('stock'), 'todo')

    def test_taxes_are_good_only_when_they_were_counted(self):
        self.assertEqual(self.state('taxes'), 'open')
        self.seller._set_tax_gaps([{'is_missing': True}])
        self.assertEqual(self.state('taxes'), 'todo')
        self.seller._set_tax_gaps([{'is_missing': False}])
        self.assertEqual(self.state('taxes'), 'done')

    def test_quantities_are_good_when_all_marketplaces_get_them(self):
        self.make_listing('ONE', self.product)
        self.seller.marketplace_ids.stock_sync = True
        self.assertEqual(self.state('stock'), 'done')
        self.german.guard_message = "Many zeros"
        self.assertEqual(self.state('stock'), 'todo')

    def test_quantities_that_are_held_back_are_to_do(self):
        """The step was good while listings waited for somebody."""
        listing = self.make_listing('ONE', self.product)
        self.german.stock_sync = True
        self.assertEqual(self.step('stock').action_next()['res_model'], 'amazon.stock.start')
        self.seller.marketplace_ids.stock_sync = True
        listing.stock_state = 'held'
        step = self.step('stock')
        self.assertEqual((step.state, step.detail), ('todo', "Quantities held back until you agree: 1."))
        action = step.action_next()
        self.assertEqual(self.env[action['res_model']].search(action['domain']), listing)

    def test_data_protection_is_good_when_it_was_reviewed(self):
        self.patch(type(self.seller), '_find_secrets_state', lambda seller, stored: 'encrypted')
        self.assertEqual(self.state('protection'), 'todo')
        review = self.env['amazon.data.review'].create({'company_id': self.company.id})
        self.assertEqual(self.state('protection'), 'done')
        review.date = fields.Datetime.now() - datetime.timedelta(days=91)
        self.assertEqual(self.state('protection'), 'todo')

    def test_notifications_are_good_when_those_who_get_them_may_look(self):
        self.assertEqual(self.state('notifications'), 'open', "nobody is chosen")
        companies = {'company_id': self.company.id, 'company_ids': self.company.ids}
        self.seller.accounting_user_id = new_test_user(self.env, 'step_books', name="Berta",
                                                       groups='account.group_account_user', **companies)
        self.seller.user_id = new_test_user(self.env, 'step_user', groups='base.group_user', name="Ursula", **companies)
        step = self.step('notifications')
        self.assertEqual(step.state, 'todo')
        self.assertIn("Order exceptions", step.detail)
        self.assertNotIn("Settlements", step.detail)
        self.assertEqual((step.action_next()['res_model'], step.action_next()['res_id']),
                         ('amazon.seller', self.seller.id))
        self.seller.user_id.group_ids = [Command.link(self.env.ref(name).id) for name in (
            'amazon_connector.group_amazon_user', 'stock.group_stock_user')]
        step = self.step('notifications')
        self.assertEqual((step.state, step.detail), (
            'done', "Activities go to Ursula, those about settlements and refunds to Berta."))
        self.seller.user_id.group_ids = [Command.unlink(self.env.ref('amazon_connector.group_amazon_user').id)]
        self.assertEqual(self.state('notifications'), 'todo', "who was chosen once has lost the right")

    def test_marketplaces_are_good_when_somebody_chose_them(self):
        self.assertEqual(self.state('marketplaces'), 'open')
        self.seller.marketplace_choice = 'chosen'
        self.assertEqual(self.state('marketplaces'), 'done')
        self.german.is_suspended = True
        self.assertEqual(self.state('marketplaces'), 'todo')

    def test_marketplaces_of_a_seller_of_before_are_good_when_orders_came_in(self):
        """Nobody asked sellers of before the upgrade to choose, and their step stayed grey."""
        self.env['sale.order'].create({
            'partner_id': self.env.user.partner_id.id, 'company_id': self.company.id,
            'amazon_marketplace_id': self.german.id, 'amazon_order_ref': '306-0000000-0000001'})
        step = self.step('marketplaces')
        self.assertEqual(step.state, 'done')
        self.assertIn("Orders came in from Amazon DE.", step.detail)
        self.german.active = False
        self.assertEqual(self.state('marketplaces'), 'open', "of those in use none sold")

    def test_a_seller_of_before_is_connected_by_any_answer_of_amazon(self):
        self.answer('searchOrders', done=False)
        self.assertEqual(self.state('connection'), 'open')
        self.answer('searchOrders')
        self.assertEqual(self.state('connection'), 'done')


@tagged('post_install', '-at_install')
class TestSetupProofs(StartPageCase):
    """The proofs say what the flows recorded, and why not where they did not."""

    def make_order(self, minutes, **vals):
        """An order that was placed some minutes before it came in."""
        sale = self.env['sale.order'].create({
            'partner_id': self.env.user.partner_id.id, 'company_id': self.company.id,
            'amazon_marketplace_id': self.german.id, 'amazon_order_ref': f'306-0000000-{minutes:07d}',
            'date_order': fields.Datetime.now() - datetime.timedelta(minutes=minutes)})
        order = self.env['amazon.order'].create({
            'seller_id': self.seller.id, 'amazon_order_ref': sale.amazon_order_ref, 'sale_order_id': sale.id,
            'marketplace_ref': self.german.marketplace_ref, 'state': 'done', **vals})
        self.env.flush_all()
        # Those that are younger came in later, by a second a minute.
        moment = fields.Datetime.now() - datetime.timedelta(seconds=minutes)
        self.env.cr.execute("UPDATE amazon_order SET create_date = %s WHERE id = %s", (moment, order.id))
        return order

    def test_an_order_that_came_in_time(self):
        self.assertEqual(self.state('proof_order'), 'open')
        self.make_order(600)
        step = self.step('proof_order')
        self.assertEqual(step.state, 'open')
        self.assertIn("before Odoo looked", step.detail)
        order = self.make_order(4)
        step = self.step('proof_order')
        self.assertEqual(step.state, 'done')
        self.assertIn(order.amazon_order_ref, step.detail)
        self.assertEqual((step.action_next()['res_model'], step.action_next()['res_id']), ('amazon.order', order.id))
        failed = self.make_order(3, state='error', error="Why", sale_order_id=False)
        step = self.step('proof_order')
        self.assertEqual((step.state, step.action_next()['res_id']), ('todo', failed.id), "it worked once")
        self.make_order(2)
        self.assertEqual(self.state('proof_order'), 'done')

    def test_an_order_that_did_not_become_a_sales_order(self):
        order = self.make_order(600, state='error', error="Why")
        step = self.step('proof_order')
        self.assertEqual((step.state, step.action_next()['res_id']), ('todo', order.id))

    def test_checking_now_wakes_the_flow(self):
        self.step('proof_order').action_next()
        self.assertTrue(self.env['amazon.sync.wake'].search(
            [('sync_id.seller_id', '=', self.seller.id), ('sync_id.flow', '=', 'orders')]))

    def test_a_quantity_that_amazon_shows(self):
        self.assertEqual(self.state('proof_quantity'), 'open')
        listing = self.make_listing('ONE', self.product, stock_pushed={'quantity': 3}, stock_state='sent',
                                    stock_pushed_date=fields.Datetime.now())
        self.assertEqual(self.state('proof_quantity'), 'open')
        listing.write({'stock_state': 'failed', 'stock_error': "No such SKU"})
        step = self.step('proof_quantity')
        self.assertEqual(step.state, 'todo')
        self.assertIn("No such SKU", step.detail)
        listing.write({'stock_state': 'confirmed', 'amazon_quantity': 3})
        self.assertEqual(self.state('proof_quantity'), 'done')
        later = fields.Datetime.add(listing.stock_pushed_date, minutes=1)
        self.make_listing('TWO', self.product, stock_pushed={'quantity': 3}, stock_state='failed',
                          stock_pushed_date=later, stock_error="No such offer")
        step = self.step('proof_quantity')
        self.assertEqual(step.state, 'todo', "it worked once")
        self.assertIn("No such offer", step.detail)
        listing.stock_pushed_date = later
        self.assertEqual(self.state('proof_quantity'), 'done')

    def test_a_tracking_number_that_amazon_shows(self):
        self.assertEqual(self.state('proof_tracking'), 'open')
        self.assertEqual(self.step('proof_tracking').action_next()['res_model'], 'stock.picking')
        order = self.make_order(4)
        picking = self.env['stock.picking'].create({
            'picking_type_id': self.warehouse.out_type_id.id, 'location_id': self.warehouse.lot_stock_id.id,
            'location_dest_id': self.env.ref('stock.stock_location_customers').id, 'company_id': self.company.id})
        package = self.env['amazon.package'].create({
            'picking_id': picking.id, 'sale_order_id': order.sale_order_id.id, 'ship_date': fields.Datetime.now(),
            'items': [{'orderItemId': '1', 'quantity': 1}], 'tracking_number': 'T1', 'state': 'sent'})
        self.assertEqual(self.state('proof_tracking'), 'open')
        package.write({'state': 'failed', 'refusal': "No such carrier"})
        step = self.step('proof_tracking')
        self.assertEqual(step.state, 'todo')
        self.assertIn("No such carrier", step.detail)
        package.state = 'confirmed'
        step = self.step('proof_tracking')
        self.assertEqual(step.state, 'done')
        self.assertIn('T1', step.detail)
        failed = package.copy({'state': 'failed', 'refusal': "No such number"})
        self.env.flush_all()
        self.env.cr.execute("UPDATE amazon_package SET write_date = write_date + interval '1 minute' WHERE id = %s",
                            (failed.id,))
        self.assertEqual(self.state('proof_tracking'), 'todo', "it worked once")

    def test_a_settlement_whose_rows_are_mapped(self):
        self.assertEqual(self.state('proof_settlement'), 'open')
        settlement = self.env['amazon.settlement']._import_file(
            self.seller, document([row(PRINCIPAL, '10.00', '306-1')], ref='77'))
        settlement.stage = 'to_map'
        self.assertEqual(self.state('proof_settlement'), 'todo')
        settlement.stage = 'ready'
        self.assertEqual(self.state('proof_settlement'), 'done')
        later = self.env['amazon.settlement']._import_file(
            self.seller, document([row(PRINCIPAL, '10.00', '306-1')], ref='78'))
        later.write({'stage': 'wrong', 'end_date': fields.Datetime.add(settlement.end_date, days=14)})
        self.assertEqual(self.state('proof_settlement'), 'todo', "it worked once")
