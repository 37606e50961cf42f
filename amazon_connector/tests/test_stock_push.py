import base64
import datetime
import json

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import SQL

from ..amazon_api.errors import AmazonError, RateLimited, Unavailable
from ..models import amazon_feed, amazon_feed_result
from ..models.amazon_push_mixin import READ_BACK_AFTER
from ..utils.stock_plan import StockPlan
from .common import AmazonCase, FakeAmazon
from .payloads import item, later, order

UTC = datetime.timezone.utc
FEED = {'createFeedDocument': {'feedDocumentId': 'D1', 'url': 'there'}, 'createFeed': {'feedId': 'F1'}}


class StockCase(AmazonCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        (cls.seller.marketplace_ids - cls.german).active = False
        cls.german.write({'stock_sync': True, 'guard_share': 0})

    def pushed(self, amazon):
        """Return the quantities of patches: SKU -> quantity, in the order of the calls."""
        return {args[1]: kwargs['body']['patches'][0]['value'][0]['quantity']
                for args, kwargs in amazon.named('patchListingsItem')}

    def send(self, **answers):
        amazon = FakeAmazon(**answers)
        self.run_flow('stock', amazon)
        return amazon

    def many(self, count, quantity=10):
        """So many listings, each of a product of its own with stock."""
        products = self.env['product.product'].create(
            [{'name': f"Many {n}", 'default_code': f'MANY-{n}', 'is_storable': True} for n in range(count)])
        self.env['stock.quant'].with_context(inventory_mode=False).create([
            {'product_id': product.id, 'location_id': self.warehouse.lot_stock_id.id, 'quantity': quantity}
            for product in products])
        return self.env['amazon.listing'].create([{
            'marketplace_id': self.german.id, 'sku': product.default_code, 'product_id': product.id,
            'channel_code': 'DEFAULT', 'status': 'active',
        } for product in products])

    def make_kit(self, **vals):
        kit = self.env['product.product'].create({'name': "Kit", 'default_code': 'KIT', 'is_storable': True, **vals})
        self.env['mrp.bom'].create({'product_tmpl_id': kit.product_tmpl_id.id, 'type': 'phantom',
                                    'company_id': self.company.id, 'bom_line_ids': [
                                        fields.Command.create({'product_id': self.product.id, 'product_qty': 3}),
                                        fields.Command.create({'product_id': self.other_product.id})]})
        return kit

    def empty(self, listings):
        quants = self.env['stock.quant'].search([('product_id', 'in', listings.product_id.ids),
                                                 ('location_id', '=', self.warehouse.lot_stock_id.id)])
        quants.write({'quantity': 0})


@tagged('post_install', '-at_install')
class TestQuantities(StockCase):
    """How many of a product a listing shows."""

    def quantity(self, listing):
        self.env.flush_all()
        self.env.invalidate_all()
        return StockPlan(self.german).quantity(listing)

    def test_free_quantity_of_the_warehouse(self):
        listing = self.make_listing('SKU-A', self.product)
        self.assertEqual(self.quantity(listing), 100, "what lies at FBA is not sold from here")
        quant = self.env['stock.quant'].search(
            [('product_id', '=', self.product.id), ('location_id', '=', self.warehouse.lot_stock_id.id)])
        quant.reserved_quantity = 30
        self.assertEqual(self.quantity(listing), 70)

    def test_reserve_share_and_cap_in_this_order(self):
        listing = self.make_listing('SKU-A', self.product)
        self.german.write({'stock_reserve': 20, 'stock_share': 35})
        self.assertEqual(self.quantity(listing), 28)
        self.german.stock_cap = 5
        self.assertEqual(self.quantity(listing), 5)
        listing.write({'own_stock_rule': True, 'stock_reserve': 98, 'stock_share': 100})
        self.assertEqual(self.quantity(listing), 2, "the listing's own rule counts instead")

    def test_kits_by_their_components(self):
        listing = self.make_listing('KIT', self.make_kit())
        self.assertEqual(self.quantity(listing), 33)
        listing.pack_quantity = 2
        self.assertEqual(self.quantity(listing), 16)

    def test_pending_orders_of_kits_reserve_the_components(self):
        kit = self.make_listing('KIT', self.make_kit())
        parts = self.make_listing('SKU-A', self.product) | self.make_listing('SKU-B', self.other_product)
        pending = order(item('KIT', 2, total=None), status='PENDING', recipient=None, buyer=None)
        sale = self.receive_sale(pending)
        self.assertEqual([self.quantity(listing) for listing in kit | parts], [31, 94, 98])
        sale._amazon_hold()
        held = sale.order_line.amazon_hold_move_ids
        self.assertEqual(sorted(held.mapped('product_qty')), [2, 6], "what is held stays held")
        kit.product_id.bom_ids.bom_line_ids[0].product_qty = 4
        sale._amazon_hold()
        self.assertEqual([self.quantity(listing) for listing in parts], [92, 98])
        self.receive_sale(later(pending, status='CANCELLED'))
        self.assertEqual([self.quantity(listing) for listing in parts], [100, 100])

    def test_pending_orders_of_kits_that_nobody_counts_reserve_the_components(self):
        uncounted = {'is_storable': False}
        self.make_listing('KIT', self.make_kit(**uncounted))
        part = self.make_listing('SKU-A', self.product)
        self.receive_sale(order(item('KIT', 2, total=None), status='PENDING', recipient=None, buyer=None))
        self.assertEqual(self.quantity(part), 94)

    def test_one_that_cannot_be_counted_costs_few_queries(self):
        """Halves, not one by one: a shop has 50,000 products."""
        products = self.env['product.product'].create([
            {'name': f"P{number}", 'default_code': f'P{number}', 'is_storable': True} for number in range(64)])
        for product in products:
            self.make_listing(product.default_code, product)
        bad, calls, model = products[40], [], type(products)
        original = model._compute_quantities_dict

        def count(found, *args, **kwargs):
            calls.append(len(found))
            if bad in found:
                raise ZeroDivisionError()
            return original(found, *args, **kwargs)
        self.patch(model, '_compute_quantities_dict', count)
        with self.assertLogs('odoo.addons.amazon_connector', 'WARNING'):
            plan = StockPlan(self.german)
        self.assertEqual(list(plan._uncounted), bad.ids)
        self.assertLess(len(calls), 16)

    def test_packs(self):
        self.assertEqual(self.quantity(self.make_listing('SKU-A-3PK', self.product, pack_quantity=3)), 33)

    def test_negative_is_zero(self):
        listing = self.make_listing('SKU-A', self.product)
        self.set_stock(self.product, -5)
        self.assertEqual(self.quantity(listing), 0)

    def test_locations_instead_of_the_warehouse(self):
        shelf = self.env['stock.location'].create({'name': "Shelf", 'location_id': self.warehouse.lot_stock_id.id,
                                                   'company_id': self.company.id})
        self.env['stock.quant']._update_available_quantity(self.product, shelf, 7)
        self.german.stock_location_ids = shelf
        self.assertEqual(self.quantity(self.make_listing('SKU-A', self.product)), 7)

    def test_forecast_by_choice(self):
        self.env['stock.move'].create({
            'product_id': self.product.id, 'product_uom_qty': 11,
            'location_id': self.env.ref('stock.stock_location_suppliers').id,
            'location_dest_id': self.warehouse.lot_stock_id.id, 'company_id': self.company.id})._action_confirm()
        listing = self.make_listing('SKU-A', self.product)
        self.assertEqual(self.quantity(listing), 100)
        self.german.stock_basis = 'forecast'
        self.assertEqual(self.quantity(listing), 111)

    def test_paused_and_archived_follow_the_chosen_rule(self):
        listing = self.make_listing('SKU-A', self.product, stock_paused=True)
        self.assertIsNone(self.quantity(listing))
        self.german.paused_policy = 'zero'
        self.assertEqual(self.quantity(listing), 0)
        listing.stock_paused = False
        self.product.active = False
        self.assertEqual(self.quantity(listing), 0)
        self.german.inactive_policy = 'keep'
        self.assertIsNone(self.quantity(listing))

    def test_without_a_warehouse_nothing_is_counted(self):
        self.make_listing('SKU-A', self.product)
        self.german.warehouse_id = False
        self.assertEqual(self.run_flow('stock'), [])
        self.assertIn("warehouse", self.german.stock_obstacle)
        with self.assertRaises(UserError):
            self.german.action_start_stock()

    def test_goods_that_odoo_does_not_count_show_the_cap_or_stay_as_they_are(self):
        service = self.env['product.product'].create({'name': "On demand", 'default_code': 'DEMAND',
                                                      'is_storable': False})
        listing = self.make_listing('DEMAND', service)
        self.assertIsNone(self.quantity(listing))
        listing.write({'own_stock_rule': True, 'stock_cap': 9})
        self.assertEqual(self.quantity(listing), 9)

    def test_handling_time_and_restock_date(self):
        listing = self.make_listing('SKU-A', self.product, lead_time_days=4, restock_date=fields.Date.today()
                                    + datetime.timedelta(days=9))
        self.german.lead_time_days = 2
        value = StockPlan(self.german).value(listing, 3)
        self.assertEqual((value['lead_time_to_ship_max_days'], value['restock_date']),
                         (4, listing.restock_date.isoformat()))
        listing.write({'lead_time_days': 0, 'restock_date': '2020-01-01'})
        self.assertEqual(StockPlan(self.german).value(listing, 3), {'quantity': 3, 'lead_time_to_ship_max_days': 2})

    def test_queries_do_not_depend_on_the_number_of_listings(self):
        def count():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            plan = StockPlan(self.german)
            quantities = [plan.quantity(listing) for listing in plan.listings]
            return self.cr.sql_log_count - before, len(quantities)
        self.many(3)
        count()
        few, number = count()
        self.many_more(2500)
        # What Odoo keeps across requests may have been forgotten since.
        count()
        many, larger = count()
        self.assertEqual((many, number + 2500), (few, larger))

    def many_more(self, count):
        """Like `many`, below the ORM: only the reading is of interest."""
        self.env.flush_all()
        template = self.copy_sql('product_template', SQL("source.id = %s", self.product.product_tmpl_id.id),
                                 SQL("generate_series(1, %s)", count))
        product = self.copy_sql('product_product', SQL("source.id = %s", self.product.id), SQL("template"),
                                product_tmpl_id=SQL("template.id"))
        self.cr.execute(SQL(
            """WITH template AS (%s), product AS (%s)
               INSERT INTO amazon_listing (marketplace_id, seller_id, company_id, sku, product_id, pack_quantity,
                                           channel, channel_code, status, stock_share)
                    SELECT %s, %s, %s, 'BULK-' || id, id, 1, 'fbm', 'DEFAULT', 'active', 100 FROM product""",
            template, product, self.german.id, self.seller.id, self.company.id))

    def copy_sql(self, table, which, times, **changed):
        """Return SQL that inserts a row anew for each row of `times`, with all of its columns but the id and those that
        are `changed`.
        """
        self.cr.execute("SELECT column_name FROM information_schema.columns WHERE table_name = %s AND "
                        "column_name != 'id'", [table])
        names = [name for (name,) in self.cr.fetchall()]
        values = [changed.get(name, SQL.identifier('source', name)) for name in names]
        return SQL("INSERT INTO %s (%s) SELECT %s FROM %s source, %s WHERE %s RETURNING id", SQL.identifier(table),
                   SQL(", ").join(map(SQL.identifier, names)), SQL(", ").join(values), SQL.identifier(table),
                   times, which)


@tagged('post_install', '-at_install')
class TestStockPush(StockCase):
    """Which quantities are pushed to Amazon, when, and what becomes of them."""

    def test_a_change_goes_out_once(self):
        """A13: a second run without a change makes no call."""
        listing = self.make_listing('SKU-A', self.product)
        self.assertEqual(self.pushed(self.send()), {'SKU-A': 100})
        self.assertEqual((listing.stock_state, listing.quantity_pushed), ('accepted', 100))
        self.assertEqual(self.send().calls, [])
        self.set_stock(self.product, 60)
        self.set_stock(self.product, 40)
        self.assertEqual(self.pushed(self.send()), {'SKU-A': 40}, "two changes between two runs are one")

    def test_never_for_fba(self):
        """A1: both SKUs on one product; also when a change was collected before Amazon's channel was known."""
        merchant = self.make_listing('SKU-A', self.product)
        self.make_listing('SKU-A-FBA', self.product, channel='AMAZON_EU')
        self.make_listing('SKU-A-NEW', self.product, channel=False)
        amazon = self.send()
        self.assertEqual(self.pushed(amazon), {'SKU-A': 100})
        self.assertEqual(amazon.named('patchListingsItem')[0][1]['body']['patches'], [{
            'op': 'merge', 'path': '/attributes/fulfillment_availability',
            'value': [{'fulfillment_channel_code': 'DEFAULT', 'quantity': 100}]}])
        self.set_stock(self.product, 50)
        self.send(patchListingsItem=Unavailable("gone", status=503))
        merchant.channel_code = 'AMAZON_EU'
        self.assertEqual(self.send().calls, [])
        line = self.env['amazon.feed.line'].search([('listing_id', '=', merchant.id)], limit=1)
        with self.assertRaises(UserError):
            line._get_body()

    def test_nothing_is_sent_before_somebody_started_it_or_for_what_is_not_mapped(self):
        self.make_listing('SKU-A', self.product)
        self.make_listing('UNKNOWN')
        self.german.stock_sync = False
        self.assertEqual(self.send().calls, [])

    def test_dangerous_changes_go_first(self):
        """A11: to zero, then down, then up."""
        zero, down = self._make_product('ZERO', stock=1), self._make_product('DOWN', stock=50)
        for sku, product in (('UP', self.product), ('DOWN', down), ('ZERO', zero)):
            self.make_listing(sku, product, amazon_quantity=60)
        self.set_stock(zero, 0)
        self.assertEqual(list(self.pushed(self.send())), ['ZERO', 'DOWN', 'UP'])

    def test_one_sku_refused_does_not_hold_the_others(self):
        refused, good = self.make_listing('SKU-A', self.product), self.make_listing('SKU-B', self.other_product)
        issue = {'code': '8560', 'severity': 'ERROR', 'message': "Not yours.", 'attributeNames': ['sku'],
                 'categories': []}

        def answer(_seller, sku, **_query):
            return ({'sku': sku, 'status': 'INVALID', 'issues': [issue]} if sku == 'SKU-A'
                    else {'sku': sku, 'status': 'ACCEPTED'})
        self.send(patchListingsItem=answer)
        self.assertEqual((refused.stock_state, refused.stock_error, good.stock_state),
                         ('failed', "sku: Not yours.", 'accepted'))
        self.assertEqual(self.send().calls, [], "what was refused is not sent again by itself")
        self.assertIn("refused", self.seller.activity_ids.mapped('summary')[0])
        refused.action_push_again()
        self.assertEqual(self.pushed(self.send()), {'SKU-A': 100})

    def test_an_error_for_one_sku_is_its_own(self):
        lost, good = self.make_listing('SKU-A', self.product), self.make_listing('SKU-B', self.other_product)
        self.send(patchListingsItem=[AmazonError("SKU not found", status=404), {'status': 'ACCEPTED'}])
        self.assertEqual({lost.stock_state, good.stock_state}, {'failed', 'accepted'})

    def test_amazon_away_keeps_the_changes(self):
        self.make_listing('SKU-A', self.product)
        self.make_listing('SKU-B', self.other_product)
        self.send(patchListingsItem=[{'status': 'ACCEPTED'}, Unavailable("gone", status=503)])
        amazon = self.send()
        self.assertEqual(len(amazon.calls), 1, "what was sent is not sent again, what was not is")

    def test_a_change_that_overtakes_one_that_waits_replaces_it(self):
        self.make_listing('SKU-A', self.product)
        self.send(patchListingsItem=Unavailable("gone", status=503))
        self.set_stock(self.product, 3)
        amazon = self.send()
        self.assertEqual([kwargs['body']['patches'][0]['value'][0]['quantity']
                          for _args, kwargs in amazon.named('patchListingsItem')], [3])
        self.assertIn('superseded', self.env['amazon.feed.line'].search([]).mapped('state'))

    def test_stopping_drops_what_waits(self):
        listing = self.make_listing('SKU-A', self.product)
        self.send(patchListingsItem=Unavailable("gone", status=503))
        self.german.action_stop_stock()
        self.assertEqual(self.send().calls, [])
        self.german.stock_sync = True
        self.assertEqual(self.pushed(self.send()), {'SKU-A': 100})
        self.assertTrue(listing.stock_pushed)

    def test_a_movement_wakes_the_flow(self):
        cron = self.env.ref('amazon_connector.ir_cron_amazon_stock')
        self.env.cr.precommit.run()
        self.env['ir.cron.trigger'].search([('cron_id', '=', cron.id)]).unlink()
        for quantity in (3, 2, 1):
            self.set_stock(self.product, quantity)
        self.env.cr.precommit.run()
        self.assertEqual(self.env['ir.cron.trigger'].search_count([('cron_id', '=', cron.id)]), 1)

    # === FEEDS === #

    def test_many_changes_are_one_feed(self):
        listings = self.many(amazon_feed.PATCH_LIMIT + 1)
        amazon = self.send(**FEED)
        self.assertEqual([name for name, _args, _kwargs in amazon.calls], ['createFeedDocument', 'createFeed'])
        document = amazon.uploads[0]
        self.assertEqual((document['header']['sellerId'], len(document['messages'])), ('A1TEST', len(listings)))
        self.assertEqual(document['messages'][0] | {'messageId': 1}, {
            'messageId': 1, 'sku': 'MANY-0', 'operationType': 'PATCH', 'productType': 'PRODUCT', 'patches': [{
                'op': 'merge', 'path': '/attributes/fulfillment_availability',
                'value': [{'fulfillment_channel_code': 'DEFAULT', 'quantity': 10}]}]})
        self.assertEqual(self.send().calls, [], "A13")
        return listings

    def poll(self, status='DONE', issues=(), document=None, **answers):
        """Let Amazon answer for the open feed."""
        self.env['amazon.feed'].search([('state', '=', 'submitted')]).next_poll = fields.Datetime.now()
        amazon = FakeAmazon(getFeed={'processingStatus': status, 'resultFeedDocumentId': 'RESULT'},
                            getFeedDocument={'feedDocumentId': 'RESULT', 'url': 'result'}, **answers)
        amazon.documents['result'] = json.dumps(self.report(issues)).encode() if document is None else document
        self.run_flow('feeds', amazon)
        return amazon

    def report(self, issues=(), **summary):
        """A processing report on the messages that are on their way, all of them accepted but those with an error."""
        sent = self.env['amazon.feed.line'].search_count([('state', '=', 'sent')])
        refused = {issue.get('messageId') for issue in issues if issue['severity'] == 'ERROR'}
        return {'header': {'sellerId': 'A1TEST', 'version': '2.0', 'feedId': 'F1'}, 'issues': list(issues), 'summary': {
            'errors': len(refused), 'warnings': 0, 'messagesProcessed': sent, 'messagesAccepted': sent - len(refused),
            'messagesInvalid': len(refused), **summary}}

    def test_the_result_of_a_feed_is_written_back_per_message(self):
        listings = self.test_many_changes_are_one_feed()
        lines = self.env['amazon.feed.line'].search([])
        issue = {'messageId': lines[1].id, 'sku': 'MANY-1', 'code': '1', 'severity': 'ERROR', 'message': "No.",
                 'attributeName': 'quantity'}
        self.poll(issues=[issue])
        self.assertEqual((lines[1].state, lines[1].message, listings[1].stock_state),
                         ('refused', "quantity: No.", 'failed'))
        self.assertEqual(set((listings - listings[1]).mapped('stock_state')), {'accepted'})
        self.assertEqual((lines.feed_id.state, lines.feed_id.refused_count), ('done', 1))

    def test_a_damaged_result_is_fetched_again_later(self):
        self.test_many_changes_are_one_feed()
        feed = self.env['amazon.feed'].search([], limit=1)
        for damaged in (b'{"issues": [', b'[]', b''):
            self.poll(document=damaged)
            self.assertEqual((feed.state, feed.next_poll > fields.Datetime.now()), ('submitted', True))
            self.assertIn("cannot be read", feed.error)
        with self.assertRaisesRegex(UserError, "would not reach Amazon"):
            feed.unlink()
        self.poll()
        self.assertEqual((feed.state, feed.error), ('done', False))
        feed.unlink()

    def test_a_feed_that_failed_as_a_whole_is_pushed_again_but_not_for_ever(self):
        """A12: no silence after a rejected feed."""
        listings = self.test_many_changes_are_one_feed()
        self.poll('FATAL', issues=[{'code': '1', 'severity': 'ERROR', 'message': "Unreadable."}])
        feed = self.env['amazon.feed'].search([], limit=1)
        self.assertEqual(feed.state, 'failed')
        self.assertIn("Unreadable.", feed.error)
        self.assertIn("A feed failed", self.seller.activity_ids.mapped('summary'))
        self.assertEqual(len(self.send(**FEED).calls), 2)
        self.poll('CANCELLED')
        self.assertEqual(set(listings.mapped('stock_state')), {'failed'})
        self.assertEqual(self.send().calls, [])

    def test_an_urgent_change_passes_a_feed_in_progress(self):
        """A11: by patch within one run; when the feed ends later, the older value does not stay."""
        listings = self.test_many_changes_are_one_feed()
        self.empty(listings[0])
        self.assertEqual(self.pushed(self.send()), {'MANY-0': 0})
        self.poll('IN_PROGRESS')
        self.poll()
        self.assertEqual(self.pushed(self.send()), {'MANY-0': 0}, "the feed may have overwritten it")
        self.assertEqual(self.send().calls, [])

    def test_a_few_to_zero_among_many_go_one_by_one(self):
        listings = self.test_many_changes_are_one_feed()
        self.env['stock.quant'].search([('product_id', 'in', listings.product_id.ids)]).write({'quantity': 4})
        self.empty(listings[:2])
        amazon = self.send(**FEED)
        self.assertEqual(self.pushed(amazon), {'MANY-0': 0, 'MANY-1': 0})
        self.assertEqual(len(amazon.uploads[0]['messages']), len(listings) - 2)

    def test_a_feed_that_waits_for_its_place_holds_no_single_change(self):
        """A11"""
        limit = RateLimited(datetime.datetime.now(UTC) + datetime.timedelta(minutes=5), operation='createFeed')
        self.many(amazon_feed.PATCH_LIMIT + 1)
        self.send(createFeedDocument=FEED['createFeedDocument'], createFeed=limit)
        self.make_listing('SKU-A', self.product)
        self.assertEqual(self.pushed(self.send(createFeedDocument=limit, getFeeds={'feeds': []})), {'SKU-A': 100})

    def test_a_feed_that_cannot_be_uploaded_holds_no_single_change(self):
        """A11; and after some attempts somebody is notified."""
        self.many(amazon_feed.PATCH_LIMIT + 1)
        away = Unavailable("The upload broke off")
        self.send(createFeedDocument=away)
        self.make_listing('SKU-A', self.product)
        self.assertEqual(self.pushed(self.send(createFeedDocument=away)), {'SKU-A': 100})
        for _time in range(3):
            self.send(createFeedDocument=away)
        self.assertEqual(self.seller.activity_ids.mapped('summary'), ["A feed cannot be submitted"])
        feed = self.env['amazon.feed'].search([('method', '=', 'feed')])
        self.assertEqual((feed.state, feed.error), ('draft', "The upload broke off"))
        self.send(**FEED)
        self.assertEqual((feed.state, feed.error), ('submitted', False))

    def test_a_worker_that_died_while_it_created_a_feed_creates_no_second_one(self):
        self.many(amazon_feed.PATCH_LIMIT + 1)
        self.send(createFeedDocument=FEED['createFeedDocument'], createFeed=Unavailable("gone"))
        feed = self.env['amazon.feed'].search([], limit=1)
        self.assertEqual(feed.state, 'submitting')
        other = {'feedId': 'OTHER', 'marketplaceIds': ['elsewhere']}
        amazon = self.send(
            getFeeds={'feeds': [other, {'feedId': 'F9', 'marketplaceIds': [self.german.marketplace_ref]}]})
        self.assertEqual((feed.state, feed.feed_ref, [call[0] for call in amazon.calls]),
                         ('submitted', 'F9', ['getFeeds']))

    def test_a_feed_that_amazon_does_not_have_is_created_again(self):
        self.many(amazon_feed.PATCH_LIMIT + 1)
        self.send(createFeedDocument=FEED['createFeedDocument'], createFeed=Unavailable("gone"))
        amazon = self.send(getFeeds={'feeds': []}, **FEED)
        self.assertEqual([call[0] for call in amazon.calls], ['getFeeds', 'createFeedDocument', 'createFeed'])

    def test_a_feed_in_progress_for_hours_raises_an_alarm(self):
        """A11"""
        self.test_many_changes_are_one_feed()
        feed = self.env['amazon.feed'].search([], limit=1)
        self.poll('IN_PROGRESS')
        self.assertEqual((feed.polls, feed.alarmed), (1, False))
        feed.submit_date -= datetime.timedelta(hours=3)
        self.poll('IN_PROGRESS')
        self.poll('IN_PROGRESS')
        self.assertTrue(feed.alarmed)
        self.assertEqual(self.seller.activity_ids.mapped('summary').count("A feed is late"), 1)

    # === READ BACK === #

    def read_back(self, shown, after=READ_BACK_AFTER, channel='DEFAULT'):
        """Let time pass and Amazon show a quantity for SKU-A."""
        listing = self.env['amazon.listing'].search([('sku', '=', 'SKU-A')])
        if listing.stock_pushed_date:
            listing.stock_pushed_date -= after
        item = {'sku': 'SKU-A',
                'fulfillmentAvailability': [
                    {'fulfillmentChannelCode': channel, **({'quantity': shown} if shown is not None else {})}]}
        amazon = FakeAmazon(searchListingsItems={'numberOfResults': 1, 'items': [item]})
        self.run_flow('feeds', amazon)
        return amazon

    def test_read_back_confirms(self):
        """A12"""
        listing = self.make_listing('SKU-A', self.product)
        self.send()
        self.assertEqual(self.read_back(100, after=datetime.timedelta()).calls, [], "Amazon is given time")
        self.read_back(100)
        self.assertEqual((listing.stock_state, listing.amazon_quantity, listing.out_of_sync), ('confirmed', 100, False))
        self.assertEqual(listing.stock_attempts, 0)
        self.assertEqual(self.read_back(100).calls, [])

    def test_a_price_pushed_a_moment_ago_is_not_compared_with_the_quantity(self):
        listing = self.make_listing('SKU-A', self.product)
        self.send()
        listing.write({'price_pushed': {'ALL': {'our_price': 5.0}}, 'price_state': 'accepted',
                       'price_pushed_date': fields.Datetime.now()})
        self.read_back(100)
        self.assertEqual((listing.stock_state, listing.price_state), ('confirmed', 'accepted'))

    def test_accepted_but_not_done_is_pushed_again_and_then_somebody_is_notified(self):
        """A12: read-back compares, sends again, then alerts."""
        listing = self.make_listing('SKU-A', self.product)
        self.send()
        self.read_back(7)
        self.assertEqual(listing.stock_state, 'mismatch')
        self.assertEqual(self.pushed(self.send()), {'SKU-A': 100})
        self.read_back(7)
        self.assertEqual(listing.stock_state, 'failed')
        self.assertIn("accepted 100 and shows 7", listing.stock_error)
        self.assertIn("does not show", self.seller.activity_ids.mapped('summary')[-1])
        self.assertEqual(self.send().calls, [])
        self.assertTrue(listing.out_of_sync)

    def test_what_was_sold_since_is_no_mismatch(self):
        listing = self.make_listing('SKU-A', self.product)
        self.send()
        self.receive_sale(order(item('SKU-A', 3), created=fields.Datetime.now().isoformat() + 'Z'))
        self.read_back(97)
        self.assertEqual(listing.stock_state, 'confirmed')

    def test_a_listing_that_turned_out_to_be_fba_is_left_alone(self):
        """A1"""
        listing = self.make_listing('SKU-A', self.product)
        self.send()
        self.read_back(None, channel='AMAZON_EU')
        self.assertEqual(listing.channel, 'fba')
        self.set_stock(self.product, 3)
        self.assertEqual(self.send().calls, [])

    def test_many_are_read_back_by_one_report(self):
        listings = self.many(amazon_feed_result.READ_BACK_LIMIT + 1)
        self.send(**FEED)
        self.poll()
        self.env.flush_all()
        self.cr.execute("UPDATE amazon_listing SET stock_pushed_date = stock_pushed_date - interval '1 hour' WHERE "
                        "id IN %s", [tuple(listings.ids)])
        self.env.invalidate_all()
        self.assertEqual(self.run_flow('feeds'), [])
        report = self.env['amazon.report'].search([], limit=1)
        self.assertEqual(report.state, 'wanted')
        rows = '\n'.join(['seller-sku\tprice\tquantity\tfulfillment-channel\tstatus'] + [
            f'MANY-{n}\t\t{9 if n == 5 else 10}\tDEFAULT\tActive' for n in range(len(listings))])
        report.write({'state': 'ready', 'asked_date': fields.Datetime.now(),
                      'content': base64.b64encode(rows.encode())})
        self.run_flow('listings', searchListingsItems={'numberOfResults': 0, 'items': []})
        self.assertEqual((listings[5].stock_state, set((listings - listings[5]).mapped('stock_state'))),
                         ('mismatch', {'confirmed'}))

    # === FIRST SYNC AND GUARD === #

    def test_the_preview_shows_what_would_change_and_sends_nothing(self):
        self.german.stock_sync = False
        self.make_listing('SKU-A', self.product, amazon_quantity=98)
        self.make_listing('SKU-B', self.other_product, amazon_quantity=30)
        self.make_listing('EMPTY', self._make_product('EMPTY', stock=0), amazon_quantity=4)
        self.make_listing('SAME', self._make_product('SAME', stock=5), amazon_quantity=5)
        self.make_listing('TWIN', self.product, channel='AMAZON_EU')
        self.make_listing('UNKNOWN')
        preview = self.env['amazon.stock.preview'].browse(self.german.action_start_stock()['res_id'])
        self.assertEqual([(line.listing_id.sku, line.quantity_before, line.quantity_after, line.size)
                          for line in preview.line_ids],
                         [('EMPTY', 4, 0, '1_zero'), ('SKU-B', 30, 100, '2_large'), ('SKU-A', 98, 100, '3_small')])
        self.assertEqual((preview.zero_count, preview.large_count, preview.small_count, preview.fba_count,
                          preview.unmapped_count), (1, 1, 1, 1, 1))
        self.assertEqual(self.send().calls, [])
        preview.action_start()
        self.assertEqual(self.pushed(self.send()), {'EMPTY': 0, 'SKU-A': 100, 'SKU-B': 100, 'SAME': 5})

    def test_a_run_that_would_empty_the_shop_asks(self):
        listings = self.many(40)
        self.german.guard_share = 20
        self.send()
        self.empty(listings[:15])
        self.assertEqual(self.send().calls, [])
        self.assertIn("15 of 40", self.german.guard_message)
        self.assertTrue(self.seller.activity_ids)
        self.german.action_pass_guard()
        self.assertEqual(set(self.pushed(self.send()).values()), {0})
        self.assertFalse(self.german.guard_message or self.german.guard_passed, "the next time it asks again")

    def test_the_guard_goes_when_its_cause_goes(self):
        listings = self.many(40)
        self.german.guard_share = 20
        self.send()
        self.empty(listings[:15])
        self.send()
        self.env['stock.quant'].search([('product_id', 'in', listings.product_id.ids)]).write({'quantity': 10})
        self.assertEqual(self.send().calls, [])
        self.assertFalse(self.german.guard_message)
