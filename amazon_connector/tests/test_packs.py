import datetime

from odoo import fields
from odoo.tests import tagged

from ..utils.stock_plan import StockPlan
from .payloads import item, order
from .test_prices import PriceCase
from .test_stock_push import StockCase


@tagged('post_install', '-at_install')
class TestPacks(StockCase):
    """Pieces of packs are proposed, and asked for before they do harm."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user = cls.new_user('amazon-packs', 'amazon_connector.group_amazon_admin')

    def by_user(self, listings):
        return listings.with_user(self.user)

    def state(self, listing):
        return listing.product_id, listing.pack_quantity, listing.pack_check

    def test_a_pack_that_is_mapped_in_bulk_has_its_pieces(self):
        """It told Amazon twice the stock."""
        pack, single = self.make_listing('SKU-000-2PK', title="Kettle"), self.make_listing('KETTLE', title="Kettle")
        self.assertEqual((pack.pack_quantity, pack.pack_evidence, single.pack_quantity), (2, '2PK', 1))
        self.by_user(pack | single).write({'product_id': self.product.id})
        self.assertEqual([self.state(listing) for listing in pack | single],
                         [(self.product, 2, 'ask'), (self.product, 1, False)])
        self.assertEqual(self.pushed(self.send()), {'KETTLE': 100})
        self.by_user(pack).action_confirm_pieces()
        self.assertEqual((pack.pack_check, self.pushed(self.send())), (False, {'SKU-000-2PK': 50}))

    def test_a_rule_that_maps_a_pack_as_one_piece_sends_nothing_before_somebody_confirms(self):
        self.product.amazon_asin = 'B0PACK'
        listing = self.make_listing('X', asin='B0PACK', title="Kettle (Pack of 2)", amazon_quantity=7)
        listing._map()
        self.assertEqual(self.state(listing), (self.product, 1, 'ask'))
        self.assertIn('Pack of 2', listing.pack_hint)
        self.assertEqual(self.pushed(self.send()), {})
        self.assertEqual(listing.stock_state, 'held')
        self.by_user(listing).action_use_proposed_pieces()
        self.assertEqual(self.state(listing), (self.product, 2, False))
        self.german.stock_jump_limit = 0
        self.assertEqual(self.pushed(self.send()), {'X': 50})
        self.assertEqual(listing.stock_state, 'accepted')

    def test_who_keeps_the_pieces_is_not_asked_again_on_any_marketplace(self):
        self.seller.with_context(active_test=False).marketplace_ids.active = True
        listings = self.env['amazon.listing'].union(*(
            self.make_listing('X-2PK', self.product, market=self.marketplace(code)) for code in ('DE', 'FR')))
        self.assertEqual(listings.mapped('pack_check'), ['ask', 'ask'])
        self.by_user(listings[0]).action_confirm_pieces()
        self.assertEqual(listings.mapped('pack_check'), ['differs', 'differs'])
        american = self.make_listing('X-2PK', market=self.marketplace('US'))
        american._map()
        self.assertEqual(self.state(american), (self.product, 1, 'differs'), "the rule takes the answer over")
        american.title = "Kettle X, Pack of 5"
        self.assertEqual(american.pack_check, 'differs', "the SKU still says the same")
        titled = self.make_listing('Y', self.product, title="Kettle, Pack of 2")
        self.by_user(titled).action_confirm_pieces()
        titled.title = "Kettle, Pack of 3"
        self.assertEqual(titled.pack_check, 'ask', "another number is another question")

    def test_pieces_that_a_person_enters_are_an_answer(self):
        listing = self.make_listing('X-2PK')
        self.by_user(listing).write({'product_id': self.product.id, 'pack_quantity': 1})
        self.assertEqual(self.state(listing), (self.product, 1, 'differs'))
        self.by_user(listing).product_id = self.other_product
        self.assertEqual(self.state(listing), (self.other_product, 1, 'ask'), "another product is another question")

    def test_a_product_that_is_a_pack_itself(self):
        six = self._make_product('GLASS-6', name="Glasses, set of 6")
        twelve = self.make_listing('G12', title="Glasses, Pack of 12")
        self.by_user(twelve).product_id = six
        self.assertEqual(self.state(twelve), (six, 2, 'ask'))
        same = self.make_listing('GLASS-6', title="Six glasses, 6 pieces")
        same._map()
        self.assertEqual(self.state(same), (six, 1, False), "what has the SKU of the product is the product")

    def test_a_pack_is_suggested_by_the_reference_that_its_sku_contains(self):
        listing = self.make_listing('SKU-A-3PK')
        listing._map()
        self.assertEqual((listing.suggested_product_id, listing.product_id.id), (self.product, False))
        self.assertIn('3', listing.suggestion)
        self.by_user(listing).action_accept_suggestion()
        self.assertEqual(self.state(listing), (self.product, 3, False))

    def test_a_product_made_from_a_pack_is_that_pack(self):
        listing = self.make_listing('SKU-000-2PK', title="Kettle, pack of 2")
        product = self.env['product.template']._amazon_create_single(listing)
        listing._set_product(product)
        self.assertEqual(self.state(listing), (product, 1, False))
        twin = self.make_listing('SKU-000-8PK', title="Kettle")
        twin._set_product(product)
        self.assertEqual((twin.pack_quantity, twin.pack_proposed, twin.pack_check), (1, 4, 'ask'))

    def test_an_order_waits_for_its_product_and_has_the_pieces(self):
        self.receive(order(item('SKU-A-9-2PK', 3, '30.00')))
        listing = self.env['amazon.listing'].search([('sku', '=', 'SKU-A-9-2PK')])
        [row] = self.env['amazon.order'].search([('listing_ids', 'in', listing.ids)])
        self.by_user(listing).product_id = self.product
        row._process()
        self.assertEqual((row.state, row.listing_ids), ('error', listing), "the pieces are to be confirmed")
        self.by_user(listing).action_confirm_pieces()
        row._process()
        self.assertEqual(row.sale_order_id.picking_ids.move_ids.product_qty, 6)

    def test_what_is_sold_goes_down_while_its_pieces_are_asked_for(self):
        """A title that changes at Amazon must not sell what is not there."""
        listing = self.make_listing('X', self.product)
        self.assertEqual(self.pushed(self.send()), {'X': 100})
        listing.title = "Kettle, Pack of 2"
        self.assertEqual((listing.pack_check, self.pushed(self.send())), ('ask', {'X': 50}))
        self.set_stock(self.product, 120)
        self.assertEqual(self.pushed(self.send()), {}, "up it goes when the pieces are known")
        self.set_stock(self.product, 10)
        self.assertEqual(self.pushed(self.send()), {'X': 5})
        self.by_user(listing).action_confirm_pieces()
        self.assertEqual(self.pushed(self.send()), {'X': 10})

    def open_preview(self):
        action = self.german.with_user(self.user).action_start_stock()
        return self.env['amazon.stock.preview'].with_user(self.user).browse(action['res_id'])

    def test_the_preview_marks_them_and_does_not_send_them(self):
        self.german.stock_sync = False
        asked = self.make_listing('X-2PK', self.product, amazon_quantity=50)
        sure = self.make_listing('SKU-A', self.product, amazon_quantity=90)
        preview = self.open_preview()
        self.assertEqual({line.listing_id: line.size for line in preview.line_ids}, {
            asked: '0_pieces', sure: '3_small'})
        self.assertEqual((preview.pieces_count, preview.small_count), (1, 1))
        preview.action_start()
        self.assertEqual(self.pushed(self.send()), {'SKU-A': 100})
        line = preview.line_ids.filtered(lambda line: line.listing_id == asked)
        line.action_confirm_pieces()
        self.assertEqual((line.size, line.quantity_after, preview.pieces_count), ('2_large', 100, 0))
        self.assertEqual(self.pushed(self.send()), {'X-2PK': 100})

    # === JUMPS === #

    def test_a_quantity_far_above_amazons_is_held_and_released(self):
        listing = self.make_listing('X', self.product, amazon_quantity=20)
        self.assertEqual(self.pushed(self.send()), {})
        self.assertEqual((listing.stock_state, listing.quantity_target), ('held', 100))
        self.assertIn('20', listing.stock_hint)
        self.set_stock(self.product, 95)
        self.assertEqual(self.pushed(self.send()), {})
        self.by_user(listing).action_approve_stock()
        self.set_stock(self.product, 90)
        self.assertEqual(self.pushed(self.send()), {'X': 90}, "less than what was agreed to")
        self.assertEqual((listing.stock_state, listing.stock_approved, listing.stock_hint), ('accepted', 0, False))
        self.set_stock(self.product, 400)
        self.assertEqual(self.pushed(self.send()), {}, "the next one is held again")
        self.set_stock(self.product, 90)
        self.assertEqual((self.pushed(self.send()), listing.stock_state), ({}, 'accepted'))

    def test_the_limit_belongs_to_the_marketplace_and_small_numbers_are_free(self):
        self.make_listing('X', self.product, amazon_quantity=20)
        self.german.stock_jump_limit = 500
        self.assertEqual(self.pushed(self.send()), {'X': 100})
        self.set_stock(self.other_product, 9)
        self.make_listing('Y', self.other_product, amazon_quantity=1)
        self.make_listing('Z', self.other_product, amazon_quantity=0)
        self.assertEqual(self.pushed(self.send()), {'Y': 9, 'Z': 9})

    def test_goods_that_came_in_explain_an_increase_and_counts_do_not(self):
        self.make_listing('X', self.product, amazon_quantity=80)
        self.send()
        self.set_stock(self.product, 10)
        self.send()
        self.receive_goods(self.env.ref('stock.stock_location_suppliers'), 300, '2020-02-01')
        self.assertEqual(self.pushed(self.send()), {'X': 310})
        self.set_stock(self.product, 10)
        self.send()
        inventory = self.env['stock.location'].search(
            [('usage', '=', 'inventory'), ('company_id', '=', self.company.id)], limit=1)
        self.receive_goods(inventory, 300, '2020-03-01')
        self.assertEqual(self.pushed(self.send()), {})

    def receive_goods(self, source, quantity, date):
        """Goods come in on a day, a week after the last quantity was pushed."""
        day = fields.Datetime.to_datetime(date)
        self.env['amazon.listing'].search([]).stock_counted_date = day - datetime.timedelta(days=7)
        move = self.env['stock.move'].create({
            'product_id': self.product.id, 'product_uom_qty': quantity, 'location_id': source.id,
            'location_dest_id': self.warehouse.lot_stock_id.id, 'company_id': self.company.id})
        move._action_confirm()
        move.write({'quantity': quantity, 'picked': True})
        move._action_done()
        move.date = day
        self.env.invalidate_all()

    def test_the_preview_marks_jumps_and_sends_them_by_choice(self):
        self.german.stock_sync = False
        listing = self.make_listing('X', self.product, amazon_quantity=20)
        preview = self.open_preview()
        self.assertEqual((preview.line_ids.size, preview.jump_count), ('0_jump', 1))
        preview.action_start()
        self.assertEqual(self.pushed(self.send()), {})
        preview.send_jumps = True
        preview.action_start()
        self.assertEqual((self.pushed(self.send()), listing.stock_state), ({'X': 100}, 'accepted'))

    def test_held_quantities_cost_no_query_each(self):
        def count():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self.assertTrue(StockPlan(self.german).find_held())
            return self.cr.sql_log_count - before
        listings = self.many(43, quantity=70)
        listings[:3].amazon_quantity = 1
        self.make_listing('X', self.product, amazon_quantity=1, stock_pushed={'quantity': 1},
                          stock_pushed_date='2020-01-01')
        few = count()
        listings.amazon_quantity = 1
        self.assertLess(count(), few + 5)


@tagged('post_install', '-at_install')
class TestPackPrices(PriceCase):
    """A price of wrong pieces is wrong, too."""

    def test_no_new_price_before_the_pieces_are_confirmed(self):
        self.product.default_code = 'KETTLE'
        self.listing.title = "Kettle, Pack of 2"
        self.assertEqual((self.listing.pack_check, self.send(), self.listing.price_state), ('ask', {}, 'held'))
        self.listing.action_approve_price()
        self.assertEqual(self.send(), {}, "another question")
        self.listing.action_use_proposed_pieces()
        self.assertEqual(self.price(), 40.0)

    def test_a_price_that_amazon_has_is_not_held(self):
        self.product.default_code = 'KETTLE'
        self.send()
        self.listing.title = "Kettle, Pack of 2"
        self.send()
        self.assertEqual(self.listing.price_state, 'accepted')
