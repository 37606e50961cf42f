import json
from unittest.mock import patch

from odoo.tests import tagged

from ..models import amazon_feed
from .common import FakeAmazon
from .test_stock_push import FEED, StockCase

REFUSED = {'sku': '', 'status': 'INVALID', 'issues': [{'code': '1', 'severity': 'ERROR', 'message': "No."}]}


@tagged('post_install', '-at_install')
class TestStockHeld(StockCase):
    """What is held back does no harm meanwhile, and what was agreed to is not asked again."""

    def poll(self):
        """Let Amazon accept the feed that is on its way."""
        feed = self.env['amazon.feed'].search([('state', '=', 'submitted')])
        feed.next_poll = '2026-01-01'
        amazon = FakeAmazon(getFeed={'processingStatus': 'DONE', 'resultFeedDocumentId': 'RESULT'},
                            getFeedDocument={'feedDocumentId': 'RESULT', 'url': 'result'})
        count = len(feed.line_ids)
        amazon.documents['result'] = json.dumps({
            'header': {'sellerId': 'A1TEST', 'version': '2.0', 'feedId': 'F1'}, 'issues': [],
            'summary': {'errors': 0, 'warnings': 0, 'messagesProcessed': count, 'messagesAccepted': count,
                        'messagesInvalid': 0}}).encode()
        self.run_flow('feeds', amazon)

    def receive_goods(self, product, quantity):
        move = self.env['stock.move'].create({
            'product_id': product.id, 'product_uom_qty': quantity,
            'location_id': self.env.ref('stock.stock_location_suppliers').id,
            'location_dest_id': self.warehouse.lot_stock_id.id, 'company_id': self.company.id})
        move._action_confirm()
        move.write({'quantity': quantity, 'picked': True})
        move._action_done()
        self.env.invalidate_all()

    # === WHILE THE PIECES ARE ASKED FOR === #

    def test_a_quantity_of_zero_is_never_held(self):
        """Amazon went on selling 50 that were not there."""
        self.make_listing('X-2PK', self.product, amazon_quantity=50)
        self.set_stock(self.product, 0)
        self.assertEqual(self.pushed(self.send()), {'X-2PK': 0})
        self.german.paused_policy = 'zero'
        paused = self.make_listing('Y-2PK', self.other_product, amazon_quantity=50, stock_paused=True)
        self.assertEqual(self.pushed(self.send()), {'Y-2PK': 0})
        (paused | self.env['amazon.listing'].search([('sku', '=', 'X-2PK')])).action_push_again()
        self.assertEqual(self.pushed(self.send()), {'X-2PK': 0, 'Y-2PK': 0})

    def test_less_than_amazon_shows_goes_out_whatever_the_pieces_are(self):
        self.make_listing('X-2PK', self.product, amazon_quantity=101)
        unclear = self.make_listing('Y-2PK', self.other_product, amazon_quantity=99)
        self.assertEqual(self.pushed(self.send()), {'X-2PK': 50}, "101 are too many, even as single pieces")
        self.assertEqual((unclear.pack_check, unclear.stock_state), ('ask', 'held'))

    def test_what_is_pushed_again_goes_down_all_the_same(self):
        listing = self.make_listing('X', self.product)
        self.send()
        listing.write({'title': "Kettle, Pack of 2", 'amazon_quantity': 60})
        listing._mark_not_recorded('stock', "Lost.")
        self.assertEqual((listing.pack_check, self.pushed(self.send())), ('ask', {'X': 50}))
        listing.action_push_again()
        self.assertEqual(self.pushed(self.send()), {'X': 50})

    def test_what_does_not_change_the_quantity_goes_out(self):
        listing = self.make_listing('X', self.product)
        self.send()
        listing.title = "Kettle, Pack of 2"
        self.assertEqual(self.pushed(self.send()), {'X': 50})
        listing.lead_time_days = 3
        self.assertEqual((self.pushed(self.send()), listing.stock_state), ({'X': 50}, 'accepted'))

    def test_what_amazon_refused_is_no_quantity_at_amazon(self):
        listing = self.make_listing('X', self.product, amazon_quantity=60)
        self.send(patchListingsItem=REFUSED)
        listing.title = "Kettle, Pack of 2"
        self.set_stock(self.product, 50)
        self.assertEqual((listing.pack_check, self.pushed(self.send())), ('ask', {'X': 25}))

    def test_amazons_reason_stays_while_another_quantity_is_held(self):
        """A refused value was called accepted afterwards."""
        listing = self.make_listing('X', self.product, amazon_quantity=90)
        self.send(patchListingsItem=REFUSED)
        self.assertEqual((listing.stock_state, listing.stock_error), ('failed', "No."))
        self.set_stock(self.product, 900)
        self.send()
        self.assertEqual((listing.stock_state, listing.stock_error), ('held', "No."))
        self.set_stock(self.product, 100)
        self.send()
        self.assertEqual((listing.stock_state, listing.stock_error), ('failed', "No."))

    # === JUMPS === #

    def test_goods_that_come_in_while_a_feed_is_on_its_way_explain_a_rise(self):
        listing = self.make_listing('X', self.product, amazon_quantity=80)
        with patch.object(amazon_feed, 'PATCH_LIMIT', 0):
            self.send(**FEED)
        self.receive_goods(self.product, 500)
        listing.stock_pushed_date = '2030-01-01'
        self.poll()
        listing.stock_pushed_date = '2030-01-01'
        self.assertEqual((listing.stock_state, listing.quantity_pushed), ('accepted', 100))
        self.assertEqual(self.pushed(self.send()), {'X': 600})

    def test_components_that_come_in_explain_the_rise_of_a_kit(self):
        kit = self.make_kit()
        listing = self.make_listing('KIT', kit, amazon_quantity=30)
        self.send()
        self.assertEqual(listing.quantity_pushed, 33)
        self.set_stock(self.product, 30)
        self.send()
        self.set_stock(self.other_product, 900)
        self.receive_goods(self.product, 300)
        self.assertEqual(self.pushed(self.send()), {'KIT': 110})
        self.set_stock(self.product, 3)
        self.send()
        self.env['stock.move'].search([('product_id', '=', self.product.id)]).date = '2020-01-01'
        self.set_stock(self.product, 900)
        self.assertEqual((self.pushed(self.send()), listing.stock_state), ({}, 'held'), "counted, not received")

    def test_an_agreement_holds_though_something_moves_meanwhile(self):
        listing = self.make_listing('X', self.product, amazon_quantity=20)
        self.send()
        listing.action_approve_stock()
        self.set_stock(self.product, 101)
        self.assertEqual(self.pushed(self.send()), {'X': 101}, "an order was cancelled before the job ran")
        self.set_stock(self.product, 410)
        self.assertEqual(self.pushed(self.send()), {}, "the next jump is asked for again")

    def test_the_list_shows_the_number_that_its_reason_names(self):
        listing = self.make_listing('X', self.product, amazon_quantity=90)
        self.send()
        listing.amazon_quantity = 70
        self.set_stock(self.product, 900)
        self.send()
        self.assertEqual((listing.stock_state, listing.quantity_known), ('held', 100))
        self.assertIn('100', listing.stock_hint)
