import ast

from lxml import etree

from odoo import fields
from odoo.tests import new_test_user, tagged

from ..amazon_api.errors import LoginFailed, NotFound
from ..models.amazon_attention import KINDS
from .common import AmazonCase, Reply
from .payloads import item, order
from .settlement_files import UNKNOWN, row
from .test_settlements import SettlementCase

ACTIVITY = 'amazon_connector.mail_activity_type_attention'


class AttentionCase(AmazonCase):
    """A seller with a responsible person who reads French."""

    def setUp(self):
        super().setUp()
        self.env['res.lang']._activate_lang('fr_FR')
        self.person = self.make_user('person', 'amazon_connector.group_amazon_user', lang='fr_FR')
        self.seller.user_id = self.person

    def make_user(self, login, groups, **vals):
        return new_test_user(self.env, login=f'attention_{login}', groups=groups, company_id=self.company.id,
                             company_ids=[(6, 0, self.company.ids)], **vals)

    def update(self):
        """Run the job; return the open activities about this seller."""
        with self.in_job() as env:
            env.ref('amazon_connector.ir_cron_amazon_attention').method_direct_trigger()
        return self.tasks()

    def tasks(self):
        return self.seller.attention_ids.activity_ids

    def fail(self, *skus):
        return self.receive(*(order(item(sku)) for sku in skus))


@tagged('post_install', '-at_install')
class TestAttention(AttentionCase):
    """Who is responsible gets one activity for each kind of what waits, not one for each record."""

    def test_one_activity_with_a_count_that_follows_and_ends_by_itself(self):
        self.assertFalse(self.update(), "nothing waits")
        rows = self.fail('NEW-1', 'NEW-2', 'NEW-3')
        task = self.update()
        self.assertEqual((len(task), task.user_id, task.activity_type_id, task.res_model),
                         (1, self.person, self.env.ref(ACTIVITY), 'amazon.attention'))
        self.assertEqual(task.summary, self.seller.attention_ids.with_context(lang='fr_FR')._summarize())
        self.assertIn('3', task.summary)
        self.fail('NEW-4')
        self.assertEqual(self.update(), task, "the same activity")
        self.assertIn('4', task.summary)
        self.env['amazon.order'].search([('seller_id', '=', self.seller.id)]).action_resolve()
        self.assertFalse(self.update())
        self.assertEqual(self.seller.attention_ids.count, 0)
        self.assertEqual(set(rows.mapped('state')), {'done'})

    def test_the_list_that_opens_shows_what_is_counted(self):
        rows = self.fail('NEW-1')
        self.update()
        self.receive(order(item()))
        action = self.seller.attention_ids.with_user(self.person).action_open()
        self.assertEqual(self.env[action['res_model']].search(action['domain']), rows)

    def test_the_only_record_opens_itself(self):
        rows = self.fail('NEW-1')
        self.update()
        attention = self.seller.attention_ids.with_user(self.person)
        action = attention.action_open()
        self.assertEqual((action['res_id'], [kind for _view, kind in action['views']]), (rows.id, ['form']))
        self.fail('NEW-2')
        self.assertFalse(attention.action_open().get('res_id'))

    def test_filters_show_the_same_records(self):
        for kind in ('orders', 'settlements'):
            arch = etree.fromstring(self.env[KINDS[kind].model].get_view(view_type='search')['arch'])
            domain = arch.xpath("//filter[@name='attention']")[0].get('domain')
            self.assertEqual(ast.literal_eval(domain), KINDS[kind].domain)

    def test_what_somebody_finished_comes_again_with_something_new_only(self):
        self.fail('NEW-1', 'NEW-2')
        self.update().with_user(self.person).action_feedback(feedback="I leave these")
        self.assertFalse(self.update(), "nothing new came")
        self.env['amazon.order'].search([('seller_id', '=', self.seller.id)], limit=1).action_resolve()
        self.assertFalse(self.update(), "less is nothing new")
        self.fail('NEW-3')
        task = self.update()
        self.assertEqual(len(task), 1)
        self.assertIn('2', task.summary)

    def test_one_that_was_solved_and_another_that_came_are_something_new(self):
        rows = self.fail('NEW-1', 'NEW-2')
        self.update().with_user(self.person).unlink()
        rows[0].action_resolve()
        self.fail('NEW-3')
        self.assertEqual(len(self.update()), 1, "as many as before, but not the same")

    def test_what_somebody_rescheduled_or_gave_away_stays_so(self):
        self.fail('NEW-1')
        task, later = self.update(), fields.Date.add(fields.Date.today(), days=9)
        other = self.make_user('other', 'amazon_connector.group_amazon_user', lang='en_US')
        task.with_user(self.person).write({'date_deadline': later, 'user_id': other.id})
        self.fail('NEW-2')
        self.assertEqual(self.update(), task)
        self.assertEqual((task.date_deadline, task.user_id, task.summary), (later, other, "Order exceptions: 2"))

    def test_an_archived_seller_asks_nobody(self):
        self.fail('NEW-1')
        self.update()
        self.seller.active = False
        self.assertFalse(self.update())

    def test_a_deleted_seller_leaves_no_activity(self):
        seller = self.env['amazon.seller'].create({
            'name': "Short", 'company_id': self.company.id, 'home_marketplace': 'DE', 'state': 'error',
            'user_id': self.person.id})
        self.update()
        tasks = seller.attention_ids.activity_ids
        self.assertEqual(len(tasks), 1)
        seller.unlink()
        self.assertFalse(tasks.exists())

    # === WHO === #

    def test_somebody_who_may_and_can_look_is_found(self):
        admin = self.make_user('admin', 'amazon_connector.group_amazon_admin')
        stranger, left = (self.make_user(login, 'amazon_connector.group_amazon_user') for login in ('stranger', 'left'))
        other = self.env['res.company'].create({'name': "Other"})
        for user in (self.env['res.users'], self.make_user('none', 'base.group_user'), stranger, left):
            self.seller.user_id = user
            # What may happen to a person later on.
            if user == stranger:
                user.write({'company_ids': [(6, 0, other.ids)], 'company_id': other.id})
            user.filtered(lambda user: user == left).active = False
            self.assertEqual(self.seller._find_responsible('amazon.order'), admin, user.login)

    def test_other_tasks_go_to_the_same_person(self):
        self.seller._alert("A task", "Why")
        self.seller.secret_expiry_date = fields.Date.add(fields.Date.today(), days=14)
        self.env['amazon.seller']._warn_about_secrets()
        self.assertEqual([task.user_id for task in self.seller.activity_ids], [self.person] * 2)

    def test_tasks_of_jobs_are_in_the_language_of_whoever_gets_them(self):
        self.german._for_person()._hold_stock(7, 9)
        task, french = self.seller.activity_ids, self.german.with_context(lang='fr_FR')
        self.assertEqual(task.summary, french.env._("Quantities for %s are held back", self.german.name))
        self.assertNotIn("held back", task.summary)
        self.assertNotIn("set to zero", task.note)

    def test_as_long_as_there_is_nobody_nothing_is_forgotten(self):
        self.seller.user_id = False
        self.fail('NEW-1')
        self.assertFalse(self.update())
        self.assertEqual(self.seller.attention_ids.count, 1, "the list shows it")
        self.seller.user_id = self.person
        self.assertEqual(len(self.update()), 1)

    def test_several_kinds_are_several_activities(self):
        self.fail('NEW-1')
        self.german.write({'price_sync': True, 'stock_sync': True})
        self.make_listing('SKU-X', self.product, price_state='failed')
        self.make_listing('SKU-Y', self.product, stock_state='held')
        self.make_listing('SKU-Z', self.product, price_state='confirmed')
        self.assertEqual({task.summary for task in self.update()}, {
            record.with_context(lang='fr_FR')._summarize() for record in self.seller.attention_ids})
        self.assertEqual({record.kind: record.count for record in self.seller.attention_ids},
                         {'orders': 1, 'listings': 2})

    def test_listings_that_nobody_can_finish_are_not_counted(self):
        self.german.write({'price_sync': True, 'stock_sync': True, 'content_sync': True, 'pricelist_id':
                           self.env['product.pricelist'].create({'name': "DE"}).id})
        states, archived = {'stock_state': 'failed', 'price_state': 'held'}, self.product.copy({'active': False})
        self.german.inactive_policy = 'keep'
        listing = self.make_listing('OK', self.product, content_state='failed',
                                    follows_product=True, **states)
        self.make_listing('REMOVED', self.product, status='removed', **states)
        self.make_listing('UNMAPPED', None, **states)
        self.make_listing('PAUSED', self.product, stock_paused=True, price_paused=True, content_state='failed',
                          **states)
        self.make_listing('FBA', self.product, channel='AMAZON_EU', stock_state='failed')
        self.make_listing('ARCHIVED', archived, stock_state='failed')
        self.update()
        self.assertEqual(self.seller.attention_ids.mapped('count'), [1])
        for marked in ({'price_sync': False}, {'stock_sync': False}):
            self.german.write(marked)
            self.update()
            self.assertEqual(self.seller.attention_ids.count, 1, marked)
        self.german.content_sync = False
        self.update()
        self.assertEqual(self.seller.attention_ids.count, 0)
        self.german.write({'paused_policy': 'zero', 'stock_sync': True})
        listing.action_ignore()
        self.update()
        self.assertEqual(self.seller.attention_ids.count, 1, "zero is sent for what is paused")

    def test_ignored_listings_are_not_held_back(self):
        listing = self.make_listing('SKU-X', self.product, stock_state='held', price_state='blocked',
                                    price_error="No price", content_state='failed')
        listing.action_ignore()
        self.assertEqual([listing[name] for name in ('stock_state', 'price_state', 'content_state', 'price_error')],
                         [False] * 4)
        listing = self.make_listing('SKU-Y', self.product, stock_state='held')
        self.patch(type(listing), '_submit', lambda listing, *_args, **_options: {
            'sku': listing.sku, 'status': 'ACCEPTED', 'submissionId': '1'})
        with self.in_job() as env:
            listing.with_env(env)._run_delete(None)
        self.assertEqual((listing.status, listing.stock_state), ('removed', False))

    # === WHO LEAVES === #

    def test_only_those_who_can_open_it_get_it(self):
        admin = self.make_user('admin', 'amazon_connector.group_amazon_admin')
        for groups in ('sales_team.group_sale_salesman', 'stock.group_stock_user', 'account.group_account_invoice'):
            self.seller.user_id = self.make_user(groups, groups)
            self.seller.state = 'error'
            task = self.update()
            self.assertEqual(task.user_id, admin, groups)
            self.assertTrue(self.seller.attention_ids.with_user(task.user_id).has_access('read'))
            self.seller.state = 'connected'
            self.update()

    def test_whoever_leaves_leaves_the_task_to_somebody_else(self):
        self.fail('NEW-1')
        self.seller._alert("A task", "Why")
        self.update()
        for leave in (lambda user: user.action_archive(), lambda user: user.write({'active': False})):
            other = self.make_user(str(leave), 'amazon_connector.group_amazon_admin', lang='en_US')
            leave(self.seller._find_responsible())
            self.assertEqual((self.tasks().user_id, self.tasks().summary), (other, "Order exceptions: 1"))
            self.assertEqual(self.seller.activity_ids.user_id, other)
            self.seller.user_id = other
        self.assertEqual(self.update().user_id, other)

    def test_who_cannot_open_it_any_more_leaves_it_to_somebody_else(self):
        self.fail('NEW-1')
        self.update()
        admin = self.make_user('admin', 'amazon_connector.group_amazon_admin')
        self.person.group_ids = [(6, 0, self.env.ref('base.group_user').ids)]
        self.assertEqual(self.update().user_id, admin)

    def test_what_left_with_somebody_comes_again_and_what_was_done_does_not(self):
        self.fail('NEW-1')
        self.update().with_user(self.person).action_feedback()
        other = self.make_user('other', 'amazon_connector.group_amazon_user')
        self.seller.user_id = other
        self.assertFalse(self.update(), "somebody has dealt with it")
        self.person.action_archive()
        self.assertEqual(self.update().user_id, other)
        self.update().unlink()
        self.assertFalse(self.update())

    def test_a_new_responsible_person_gets_the_open_tasks(self):
        self.fail('NEW-1', 'NEW-2')
        self.seller._alert("A task", "Why")
        task, other = self.update(), self.make_user('other', 'amazon_connector.group_amazon_user', lang='en_US')
        self.seller.user_id = other
        self.assertEqual((task.user_id, task.summary), (other, "Order exceptions: 2"))
        self.assertEqual(self.seller.activity_ids.user_id, other)
        third = self.make_user('third', 'amazon_connector.group_amazon_user')
        task.with_user(other).user_id = third
        self.seller.user_id = self.person
        self.assertEqual(self.update().user_id, third, "given away by hand")

    def test_thousands_that_wait_are_a_number(self):
        self.fail(*(f'NEW-{number}' for number in range(3)))
        self.update()
        record = self.seller.attention_ids
        self.assertEqual((record.count, record.latest), (3, max(self.env['amazon.order'].search([
            ('seller_id', '=', self.seller.id)]).ids)))
        with self.assertQueryCount(__system__=25):
            self.env['amazon.attention']._update(self.seller)

    def test_one_seller_that_fails_stops_no_other(self):
        self.fail('NEW-1')
        other = self.env['amazon.seller'].create({
            'name': "Other", 'company_id': self.company.id, 'home_marketplace': 'DE', 'sequence': -1})
        original = type(self.env['amazon.attention'])._update

        def update(model, seller, *args):
            if seller.id == other.id:
                raise KeyError("bug")
            return original(model, seller, *args)
        self.patch(type(self.env['amazon.attention']), '_update', update)
        with self.assertLogs('odoo.addons.amazon_connector.models.amazon_attention', 'ERROR'):
            self.assertEqual(len(self.update()), 1)

    def test_few_queries_however_much_waits(self):
        self.fail(*(f'NEW-{number}' for number in range(20)))
        self.update()
        self.fail('NEW-X')
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.cr.sql_log_count
        self.env['amazon.attention']._update(self.seller)
        self.assertLess(self.cr.sql_log_count - before, 40)


@tagged('post_install', '-at_install')
class TestAttentionFlows(AttentionCase):
    """Flows that fail, and connections that are lost."""

    def setUp(self):
        super().setUp()
        self.sync = self.seller.sync_ids.filtered(lambda sync: sync.flow == 'orders')

    def run_orders(self, *answers):
        self.sync.next_run = False
        with self.amazon_answers(searchOrders=list(answers)):
            self.run_job('orders')

    def test_a_flow_that_fails_and_heals(self):
        for _run in range(2):
            self.run_orders(NotFound("no", status=404))
        self.assertFalse(self.tasks())
        for _run in range(2):
            self.run_orders(NotFound("no", status=404))
        self.assertEqual(self.tasks().mapped('summary'), [
            self.seller.attention_ids.with_context(lang='fr_FR')._summarize()])
        self.assertTrue(self.sync.needs_person)
        self.run_orders(Reply({'orders': [], 'lastUpdatedBefore': '2026-10-02T00:00:00Z'}))
        self.assertFalse(self.sync.needs_person)
        self.assertFalse(self.tasks(), "at once")

    def test_several_flows_are_one_activity(self):
        self.seller.sync_ids[:5].write({'needs_person': True, 'failures': 3})
        self.assertEqual(len(self.update()), 1)
        self.assertEqual(self.seller.attention_ids.count, 5)

    def test_a_lost_connection_is_told_at_once_although_no_flow_runs_any_more(self):
        self.run_orders(LoginFailed("no", code='invalid_grant'))
        self.assertEqual(self.seller.state, 'error')
        self.assertEqual(self.seller.attention_ids.mapped('kind'), ['connection'])
        self.assertEqual(self.tasks().user_id, self.person)
        self.seller.state = 'connected'
        self.assertFalse(self.update())


@tagged('post_install', '-at_install')
class TestAttentionMoney(AttentionCase, SettlementCase):
    """Settlements go to whoever keeps the books."""

    def test_settlements_to_map(self):
        keeper = self.make_user('keeper', 'account.group_account_user', lang='en_US')
        self.seller.accounting_user_id = keeper
        settlement = self.import_rows([row(UNKNOWN, '-5.00')])
        self.assertEqual(settlement.state, 'to_map')
        task = self.update()
        self.assertEqual((task.user_id, task.summary), (keeper, "Settlements that need you: 1"))
        self.assertEqual(self.seller.attention_ids.with_user(keeper).action_open()['domain'][0],
                         ('seller_id', '=', self.seller.id))
        rule = settlement.rule_ids
        rule.account_id = self.account('fees')
        rule.action_confirm()
        self.assertEqual(settlement.state, 'ready')
        self.assertFalse(self.update())

    def test_accountants_read_what_is_theirs(self):
        keeper = self.make_user('keeper', 'account.group_account_user')
        self.fail('NEW-1')
        self.import_rows([row(UNKNOWN, '-5.00')])
        self.update()
        for user, kinds in ((keeper, {'settlements'}), (self.person, {'orders', 'settlements'})):
            found = self.env['amazon.attention'].with_user(user).search([('seller_id', '=', self.seller.id)])
            self.assertEqual(set(found.mapped('kind')), kinds)
