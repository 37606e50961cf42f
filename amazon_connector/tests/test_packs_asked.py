from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from .payloads import item, later, order
from .test_stock_push import StockCase


@tagged('post_install', '-at_install')
class TestPacksAsked(StockCase):
    """A number of pieces that nobody confirmed does nothing, and what a person enters stays."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user = new_test_user(
            cls.env, login='amazon-asked', groups='amazon_connector.group_amazon_admin', company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)])
        cls.product.amazon_asin = 'B0PACK'

    def by_user(self, listings):
        return listings.with_user(self.user)

    def state(self, listing):
        return listing.product_id, listing.pack_quantity, listing.pack_check

    def make_asked(self, sku='X', **vals):
        """A listing that the rule for ASINs maps as one piece, though its title names two."""
        listing = self.make_listing(sku, asin='B0PACK', title="Kettle (Pack of 2)", **vals)
        listing._map()
        self.assertEqual(self.state(listing), (self.product, 1, 'ask'))
        return listing

    # === ORDERS === #

    def test_an_order_waits_for_the_pieces(self):
        """It shipped one kettle to who had bought two."""
        listing = self.make_asked()
        row = self.receive(order(item('X', 3)))
        self.assertEqual((row.state, row.sale_order_id.state, row.listing_ids), ('error', 'draft', listing))
        self.assertIn('X', row.error)
        self.by_user(listing).action_use_proposed_pieces()
        self.assertEqual(row.state, 'new', "the answer tries it again")
        row._process()
        self.assertEqual((row.state, row.sale_order_id.state), ('done', 'sale'), row.error)
        self.assertEqual(row.sale_order_id.picking_ids.move_ids.product_qty, 6)

    def test_pieces_that_are_entered_on_the_order_are_an_answer(self):
        self.make_asked()
        row = self.receive(order(item('X', 3)))
        self.by_user(row).listing_ids = [Command.update(row.listing_ids.id, {'pack_quantity': 4})]
        self.assertEqual(row.state, 'new')
        row._process()
        self.assertEqual(row.state, 'done', row.error)
        self.assertEqual(row.sale_order_id.picking_ids.move_ids.product_qty, 12)

    def test_an_order_that_amazon_fulfils_waits_as_well(self):
        listing = self.make_asked(channel='AMAZON_EU')
        row = self.receive(order(item('X', 1, shipped=1), channel='AMAZON', status='SHIPPED'))
        self.assertEqual((row.state, row.sale_order_id.state), ('error', 'draft'))
        self.by_user(listing).action_confirm_pieces()
        row._process()
        self.assertEqual((row.state, row.sale_order_id.state), ('done', 'sale'))

    def test_an_order_that_is_confirmed_is_not_asked_again(self):
        listing = self.make_listing('X', self.product)
        payload = order(item('X'))
        sale = self.receive_sale(payload)
        listing.title = "Kettle (Pack of 2)"
        self.assertEqual(listing.pack_check, 'ask')
        row = self.receive(later(payload))
        self.assertEqual((row.state, sale.state), ('done', 'sale'))

    # === WHO SAID IT === #

    def test_a_number_that_was_read_in_a_title_is_confirmed_first(self):
        """100 gloves may be one box."""
        listing = self.make_listing('GLOVES', title="Nitrile Gloves, Pack of 100", amazon_quantity=10)
        self.assertEqual(listing.pack_quantity, 100)
        self.by_user(listing).product_id = self.product
        self.assertEqual(self.state(listing), (self.product, 100, 'ask'))
        self.assertIn('Pack of 100', listing.pack_hint)
        self.assertEqual((self.pushed(self.send()), listing.stock_state), ({}, 'held'))
        self.by_user(listing).pack_quantity = 1
        self.assertEqual(self.state(listing), (self.product, 1, 'differs'))
        self.german.stock_jump_limit = 0
        self.assertEqual(self.pushed(self.send()), {'GLOVES': 100})

    def test_what_was_entered_before_the_product_stays(self):
        pack, plain = self.make_listing('SKU-A-2PK'), self.make_listing('ODD')
        self.by_user(pack | plain).pack_quantity = 4
        pack.title = plain.title = "Kettle, now in red"
        plain.asin = 'B0PACK'
        plain._map()
        self.by_user(pack).product_id = self.product
        self.assertEqual(self.state(pack), (self.product, 4, 'differs'))
        self.assertEqual(self.state(plain), (self.product, 4, False), "a rule keeps it, too")
        self.by_user(pack).product_id = self.other_product
        self.assertEqual(self.state(pack), (self.other_product, 4, 'ask'))

    def test_the_default_of_a_form_is_no_answer(self):
        vals = {'marketplace_id': self.german.id, 'sku': 'X-2PK', 'product_id': self.product.id, 'pack_quantity': 1}
        listing = self.by_user(self.env['amazon.listing']).create(vals)
        self.assertEqual(self.state(listing), (self.product, 1, 'ask'))
        unmapped = self.by_user(self.env['amazon.listing']).create({**vals, 'sku': 'Y-2PK', 'product_id': False})
        self.assertEqual(unmapped.pack_quantity, 2)
        typed = self.by_user(self.env['amazon.listing']).create({**vals, 'sku': 'Z-2PK', 'pack_quantity': 3})
        self.assertEqual(self.state(typed), (self.product, 3, 'differs'))

    def test_an_answer_for_another_product_or_number_is_none(self):
        self.seller.with_context(active_test=False).marketplace_ids.active = True
        self.make_listing('X-2PK', self.product, market=self.marketplace('FR'))
        self.by_user(self.make_listing('X-2PK', market=self.marketplace('US'))).pack_quantity = 3
        german = self.make_listing('X-2PK')
        german._map()
        self.assertEqual(self.state(german), (self.product, 1, 'ask'))

    def test_a_guess_of_another_marketplace_stays_one(self):
        self.seller.with_context(active_test=False).marketplace_ids.active = True
        french = self.make_listing('X-2PK', market=self.marketplace('FR'))
        self.by_user(french).product_id = self.product
        german = self.make_listing('X-2PK')
        german._map()
        self.assertEqual((self.state(french), self.state(german)), ((self.product, 2, 'ask'),) * 2)
        self.by_user(german).action_confirm_pieces()
        self.assertEqual((self.state(french), self.state(german)), ((self.product, 2, False),) * 2)

    # === WHAT THE PRODUCT SAYS === #

    def test_the_language_of_who_writes_does_not_matter(self):
        self.env['res.lang']._activate_lang('fr_FR')
        glasses = self._make_product('G', name="Glasses")
        glasses.with_context(lang='fr_FR').name = "Lot de 6 verres"
        english = self.make_listing('E', glasses, title="Glasses, Pack of 12")
        french = self.env['amazon.listing'].with_context(lang='fr_FR').create(
            {'marketplace_id': self.german.id, 'sku': 'F', 'product_id': glasses.id, 'title': "Glasses, Pack of 12"})
        self.assertEqual((english.pack_proposed, french.pack_proposed), (2, 2))

    def test_another_name_or_reference_is_another_proposal(self):
        glasses = self._make_product('G', name="Glasses")
        listing = self.make_listing('X', glasses, title="Glasses, Pack of 12")
        same = self.make_listing('SIX-6PK', glasses)
        self.assertEqual((listing.pack_proposed, same.pack_proposed), (12, 6))
        glasses.name = "Glasses, set of 6"
        self.assertEqual((listing.pack_proposed, same.pack_proposed), (2, 1))
        glasses.write({'name': "Glasses", 'default_code': 'SIX-6PK'})
        self.assertEqual((listing.pack_proposed, same.pack_proposed), (2, 0))

    def test_a_product_that_becomes_a_kit_is_the_pack(self):
        kit = self._make_product('KIT', stock=0)
        listing = self.make_listing('K-2PK', kit)
        self.assertEqual(listing.pack_proposed, 2)
        bill = self.env['mrp.bom'].create({
            'product_tmpl_id': kit.product_tmpl_id.id, 'type': 'phantom', 'company_id': self.company.id,
            'bom_line_ids': [Command.create({'product_id': self.product.id, 'product_qty': 2})]})
        self.env['amazon.listing']._propose_again(self.german)
        self.assertEqual(listing.pack_proposed, 0)
        bill.type = 'normal'
        self.env['amazon.listing']._propose_again(self.german)
        self.assertEqual(listing.pack_proposed, 2)
