from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import Form, tagged

from ..amazon_api.errors import Forbidden, LoginFailed, Unavailable
from ..amazon_api.lwa import LoginWithAmazon
from ..utils.stock_plan import StockPlan
from .common import AmazonCase, Reply

VALUES = {'home_marketplace': 'DE', 'name': "New shop", 'method': 'consent', 'application_ref': 'amzn1.sp.solution.x',
          'lwa_client_ref': 'client', 'lwa_client_secret': 'secret', 'environment': 'custom',
          'custom_url': 'http://127.0.0.1:9'}


class SetUpCase(AmazonCase):

    def make_wizard(self):
        return self.env['amazon.connect'].create({**VALUES, 'company_id': self.company.id})

    def connect_new(self, codes=('DE', 'FR', 'US'), orders=()):
        """Return a seller as the wizard and Amazon's answer leave it."""
        seller = self.make_wizard().saved_seller_id
        seller.write({'refresh_token': 'token', 'selling_partner_ref': 'A2NEW'})
        with self.amazon_answers(
                getMarketplaceParticipations=[Reply([self.participation(code) for code in codes])],
                searchOrders=[orders if isinstance(orders, Exception) else Reply({'orders': list(orders)})]):
            seller._connect()
        return seller

    def sold_on(self, code):
        return {'orderId': '1', 'salesChannel': {'marketplaceId': self.marketplace(code).marketplace_ref}}

    def choose(self, seller):
        action = seller.action_choose_marketplaces()
        return self.env[action['res_model']].browse(action['res_id'])


@tagged('post_install', '-at_install')
class TestConnectWizard(SetUpCase):
    """The wizard leads to the values that it needs, and says at once which are wrong."""

    def test_a_wrong_secret_is_refused_before_the_consent(self):
        wizard = self.make_wizard()
        refusal = LoginFailed('x', code='invalid_client')
        with patch.object(LoginWithAmazon, 'check_application', side_effect=refusal), \
                self.assertRaisesRegex(UserError, "client ID and secret"):
            wizard.action_connect()

    def test_what_amazon_does_not_say_stops_nobody(self):
        for error in (None, Unavailable('x', status=503), LoginFailed('x', code='unauthorized_client')):
            with patch.object(LoginWithAmazon, 'check_application', side_effect=error):
                self.assertIn('/amazon_connector/authorize/', self.make_wizard().action_connect()['url'])

    def test_it_shows_where_amazon_sends_users_back_and_where_applications_are(self):
        wizard = Form(self.env['amazon.connect'])
        wizard.home_marketplace = 'DE'
        self.assertTrue(wizard.redirect_uri.endswith('/amazon_connector/return'))
        self.assertEqual(wizard.console_url,
                         'https://sellercentral-europe.amazon.com/sellingpartner/developerconsole')
        wizard.home_marketplace = 'US'
        self.assertEqual(wizard.console_url, 'https://sellercentral.amazon.com/sellingpartner/developerconsole')


@tagged('post_install', '-at_install')
class TestChooseMarketplaces(SetUpCase):
    """Nothing is imported before somebody chose the marketplaces of a new seller."""

    def test_flows_wait_for_the_choice(self):
        seller = self.connect_new()
        self.assertEqual((seller.state, seller.marketplace_choice), ('connected', 'asked'))
        self.assertFalse(self.env['amazon.sync'].search([('seller_id', '=', seller.id)])
                         & self.env['amazon.sync']._find_due('orders'))
        with self.assertRaisesRegex(UserError, "Choose the marketplaces"):
            seller.action_sync_now()
        self.choose(seller).action_choose()
        self.assertEqual(seller.marketplace_choice, 'chosen')
        self.assertTrue(self.env['amazon.sync'].search([('seller_id', '=', seller.id)])
                        & self.env['amazon.sync']._find_due('orders'))

    def test_a_seller_of_before_goes_on(self):
        self.assertFalse(self.seller.marketplace_choice)
        self.assertIn(self.seller, self.env['amazon.sync']._find_due('orders').seller_id)

    def test_those_with_orders_come_first_and_are_proposed(self):
        seller = self.connect_new(orders=[self.sold_on('FR'), self.sold_on('FR'), {'orderId': 'odd'}, 'odd'])
        wizard = self.choose(seller)
        self.assertEqual(wizard.line_ids.filtered('is_chosen').mapped('name'), ['Amazon FR'])
        self.assertEqual(wizard.line_ids[0].name, 'Amazon FR')
        wizard.action_choose()
        self.assertEqual(seller.marketplace_ids.mapped('name'), ['Amazon FR'])

    def test_without_orders_the_home_is_proposed(self):
        for orders in ((), Forbidden('x', status=403)):
            seller = self.connect_new(orders=orders)
            self.assertEqual(self.choose(seller).line_ids.filtered('is_chosen').mapped('name'), ['Amazon DE'])
            seller.unlink()

    def test_the_choice_can_be_changed_later(self):
        markets = self.seller.marketplace_ids
        wizard = self.choose(self.seller)
        self.assertEqual(wizard.line_ids.filtered('is_chosen').marketplace_id, markets)
        wizard.line_ids.filtered(lambda line: line.marketplace_id != self.german).is_chosen = False
        wizard.action_choose()
        self.assertEqual(self.seller.marketplace_ids, self.german)
        wizard = self.choose(self.seller)
        self.assertEqual(len(wizard.line_ids), len(markets))
        wizard.line_ids.is_chosen = False
        with self.assertRaisesRegex(UserError, "one marketplace"):
            wizard.action_choose()

    def test_several_get_the_settings_of_one(self):
        france, america = self.marketplace('FR'), self.marketplace('US')
        policies = france.tax_policy, america.tax_policy
        self.german.write({'order_naming': 'sequence', 'stock_reserve': 4, 'fbm_invoice': 'draft'})
        method = self.env['delivery.carrier'].create({
            'name': "DHL", 'product_id': self.env['product.product'].create({'name': "Way", 'type': 'service'}).id})
        self.german.service_level_ids = [(0, 0, {'level': 'STANDARD', 'delivery_carrier_id': method.id})]
        before = america.pricelist_id
        wizard = self.choose(self.seller)
        wizard.like_id = self.german
        wizard.line_ids.filtered(lambda line: line.marketplace_id in france | america).same_settings = True
        wizard.action_choose()
        for market in france | america:
            self.assertEqual((market.order_naming, market.stock_reserve, market.fbm_invoice,
                              market.service_level_ids.delivery_carrier_id), ('sequence', 4, 'draft', method))
        self.assertEqual((france.tax_policy, america.tax_policy), policies)
        self.assertEqual((france.pricelist_id, america.pricelist_id), (self.german.pricelist_id, before))
        self.assertNotEqual(self.marketplace('JP').order_naming, 'sequence')

    def test_new_ones_ship_from_the_chosen_warehouse(self):
        other = self.env['stock.warehouse'].create({'name': "Second", 'code': 'SEC', 'company_id': self.company.id})
        seller = self.connect_new()
        wizard = self.choose(seller)
        wizard.warehouse_id = other
        wizard.action_choose()
        self.assertEqual(seller.marketplace_ids.warehouse_id, other)


@tagged('post_install', '-at_install')
class TestStockStart(SetUpCase):
    """The first quantities of several marketplaces are looked at and sent together."""

    def start(self):
        action = self.seller.action_start_stock()
        return self.env[action['res_model']].browse(action['res_id'])

    def test_one_preview_for_several_marketplaces(self):
        france, america = self.marketplace('FR'), self.marketplace('US')
        for market in self.german | france | america:
            self.make_listing('SKU-A', self.product, market)
        start = self.start()
        self.assertEqual(start.preview_ids.marketplace_id, self.seller.marketplace_ids)
        self.assertEqual(len(start.line_ids), 3)
        start.preview_ids.filtered(lambda preview: preview.marketplace_id not in self.german | france).is_chosen = False
        self.assertEqual(start.line_ids.listing_id.marketplace_id, self.german | france)
        start.action_start()
        self.assertEqual(self.seller.marketplace_ids.filtered('stock_sync'), self.german | france)
        self.assertNotIn(self.german, self.start().preview_ids.marketplace_id)

    def test_one_that_cannot_be_worked_out_is_named_and_the_others_go_on(self):
        france = self.marketplace('FR')
        self.make_listing('SKU-A', self.product)
        france.warehouse_id = False
        start = self.start()
        self.assertNotIn(france, start.preview_ids.marketplace_id)
        self.assertIn("Amazon FR", start.obstacles)

    def make_offers(self):
        """Listings of each kind on two marketplaces, which they return."""
        markets = self.german | self.marketplace('FR')
        empty = self._make_product('EMPTY', stock=0)
        for market in markets:
            self.make_listing('X-2PK', self.product, market, amazon_quantity=50)
            self.make_listing('JUMP', self.product, market, amazon_quantity=20)
            self.make_listing('EMPTY', empty, market, amazon_quantity=4)
            self.make_listing('SKU-A', self.product, market, amazon_quantity=98)
            self.make_listing('SAME', self.product, market, amazon_quantity=100)
        return markets

    def compare(self, start, markets):
        """Compare with what each marketplace shows alone."""
        def read(preview):
            return [(line.listing_id, line.quantity_before, line.quantity_after, line.change, line.size)
                    for line in preview.line_ids.sorted(lambda line: (line.size, line.listing_id.sku))
                    if line.size != '4_none']
        counts = ('listing_count', 'pieces_count', 'jump_count', 'zero_count', 'large_count', 'small_count',
                  'unmapped_count', 'fba_count', 'unknown_count')
        for preview in start.preview_ids.filtered(lambda preview: preview.marketplace_id in markets):
            alone = preview.browse(preview.marketplace_id.action_start_stock()['res_id'])
            self.assertEqual(read(preview), read(alone))
            self.assertEqual([preview[name] for name in counts], [alone[name] for name in counts])

    def test_it_agrees_with_the_preview_of_each_marketplace(self):
        """It showed neither that something is held back nor how to answer."""
        markets = self.make_offers()
        start = self.start()
        self.compare(start, markets)
        self.assertEqual((start.pieces_count, start.jump_count, len(start.line_ids)), (2, 2, 8))
        start.preview_ids.filtered(lambda preview: preview.marketplace_id == self.german).is_chosen = False
        self.assertEqual((start.pieces_count, start.jump_count, len(start.line_ids)), (1, 1, 4))

    def test_pieces_are_confirmed_in_it_for_all_marketplaces(self):
        markets = self.make_offers()
        start = self.start()
        line = start.line_ids.filtered(lambda line: line.size == '0_pieces')[0]
        action = line.action_confirm_pieces()
        self.assertEqual((action['res_model'], action['res_id']), (start._name, start.id))
        self.assertEqual(start.pieces_count, 0)
        self.compare(start, markets)

    def test_what_is_held_stays_held_until_somebody_sends_it(self):
        markets = self.make_offers()
        start = self.start()
        germany = start.preview_ids.filtered(lambda preview: preview.marketplace_id == self.german)
        germany.send_jumps = True
        start.action_start()
        held = {market: {listing.sku: kind for listing, kind in StockPlan(market).find_held().items()}
                for market in markets}
        self.assertEqual(held, {self.german: {'X-2PK': 'pieces'},
                                markets - self.german: {'X-2PK': 'pieces', 'JUMP': 'jump'}})

    def test_all_are_sent_already(self):
        self.seller.marketplace_ids.stock_sync = True
        with self.assertRaisesRegex(UserError, "already"):
            self.seller.action_start_stock()
