from odoo.exceptions import UserError
from odoo.tests import tagged

from ..models.amazon_ledger_day import DAY
from .ledger_common import BALANCES, START, balance, document, row
from .test_ledger_opening import REF, OpeningCase
from .test_ledger_opening_amazon import AmazonWayCase


@tagged('post_install', '-at_install')
class TestLedgerOpeningShort(AmazonWayCase):
    """What was on its way and is short is Amazon's debt, not lost; what Amazon has not said for certain is asked."""

    def check_missing(self, missing):
        self.days.search([])._book()
        self.inbound._refresh()
        self.assertEqual((self.inbound.state, self.inbound.line_ids.missing, self.quantity('inbound')),
                         ('short', missing, missing))

    # === SENT SINCE THE FIRST DAY === #

    def test_what_was_sent_since_and_came_short_is_in_transit(self):
        self.send(20, START + DAY, amazon_inbound_id=self.inbound.id)
        self.say('CLOSED', 20, 18)
        self.know_ledger(row('Receipts', 18, reference=REF, day=5))
        self.check_start(20, 0)
        self.check_missing(2)

    def test_what_was_sent_since_and_never_arrived_is_in_transit(self):
        self.send(20, START + DAY, amazon_inbound_id=self.inbound.id)
        self.say('CLOSED', 20, 0)
        self.know_ledger()
        self.check_start(20, 0)
        self.check_missing(20)

    def test_a_person_who_closes_a_shipment_loses_nothing_of_what_was_sent_since(self):
        self.send(20, START + DAY, amazon_inbound_id=self.inbound.id)
        self.seller.inbound_fetched = False
        self.inbound.action_close()
        self.know_ledger()
        self.check_start(20, 0)

    def test_a_choice_for_what_was_on_its_way_leaves_what_was_sent_since(self):
        self.send(5, START - 9 * DAY, amazon_inbound_id=self.inbound.id)
        self.send(20, START + DAY, amazon_inbound_id=self.inbound.id)
        wizard = self.check_question('unlisted')
        wizard.shipment_ids.choice = 'none'
        wizard.action_start()
        self.check_way(20, 5)

    def test_a_transfer_that_was_written_down_later_in_part(self):
        self.send(20, START + 5 * DAY, amazon_inbound_id=self.inbound.id)
        self.say('CLOSED', 20, 19)
        self.know_ledger(row('Receipts', 4, reference=REF, day=2))
        self.open(balance(115, month=9, day=30))
        self.assertEqual((self.quantity('sellable', 'DE'), self.quantity('inbound'), self.quantity('loss')),
                         (115, 5, 0))

    def test_more_than_was_announced_may_be_sent_since(self):
        self.send(20, START + DAY, amazon_inbound_id=self.inbound.id)
        self.say('SHIPPED', 18, 0)
        self.know_ledger()
        self.check_start(20, 0)

    # === SENT BEFORE === #

    def test_a_closed_shipment_of_which_nothing_came_since_is_asked(self):
        """It may have been closed, and paid, long before."""
        self.send(20, START - 9 * DAY, amazon_inbound_id=self.inbound.id)
        self.say('CLOSED', 20, 18)
        self.know_ledger()
        wizard = self.check_question('short')
        self.assertTrue(wizard.shipment_ids.is_known)
        wizard.shipment_ids.choice = 'amazon'
        wizard.action_start()
        self.check_way(2, 18)
        self.check_missing(2)

    def test_a_closed_shipment_that_was_short_long_before(self):
        self.send(20, START - 90 * DAY, amazon_inbound_id=self.inbound.id)
        self.say('CLOSED', 20, 18)
        self.know_ledger()
        wizard = self.check_question('short')
        wizard.shipment_ids.choice = 'none'
        wizard.action_start()
        self.check_way(0, 20)

    def test_a_closed_shipment_whose_quantities_amazon_does_not_state_is_asked(self):
        self.send(20, START - 9 * DAY, amazon_inbound_id=self.inbound.id)
        self.say('CLOSED')
        self.know_ledger(row('Receipts', 18, reference=REF, day=5))
        self.check_question('items')

    def test_a_closed_shipment_that_came_as_a_whole_since(self):
        self.send(20, START - 9 * DAY, amazon_inbound_id=self.inbound.id)
        self.say('CLOSED')
        self.know_ledger(row('Receipts', 20, reference=REF, day=5))
        self.check_start(20, 0)

    def test_what_amazon_counted_today_is_asked_of_closed_shipments_too(self):
        self.send(20, START - 9 * DAY, amazon_inbound_id=self.inbound.id)
        self.say('CLOSED', 20, 20)
        self.know_ledger(row('Receipts', 5, reference=REF, day=5))
        self.inbound.items_read = self.at(21)
        self.check_question('ledger')

    # === SKUS WITHOUT A PRODUCT === #

    def test_a_sku_without_a_product_may_be_the_rest(self):
        self.send(20, START - 9 * DAY, amazon_inbound_id=self.inbound.id)
        self.say('SHIPPED', 10, OTHER=(10, 0))
        self.check_question('product')

    def test_a_sku_with_several_products_may_be_the_rest(self):
        french = self.seller.marketplace_ids.filtered(lambda market: market.country_id.code == 'FR')
        self.make_listing('TWO', self.product, channel='AMAZON_EU')
        self.make_listing('TWO', self.product, market=french, channel='AMAZON_EU', pack_quantity=2)
        self.send(20, START - 9 * DAY, amazon_inbound_id=self.inbound.id)
        self.say('SHIPPED', 10, TWO=(10, 0))
        self.check_question('product')

    def test_a_sku_without_a_product_that_the_ledger_has_received(self):
        self.send(20, START - 9 * DAY, amazon_inbound_id=self.inbound.id)
        self.say('CLOSED', 10, 10)
        self.know_ledger(row('Receipts', 10, reference=REF, day=5), row('Receipts', 10, sku='X', reference=REF, day=5))
        self.check_question('product')

    def test_where_all_was_received_no_sku_is_asked(self):
        self.send(20, START - 90 * DAY, amazon_inbound_id=self.inbound.id)
        self.say('CLOSED', 20, 20, OTHER=(10, 10))
        self.know_ledger()
        self.check_start(0, 20)

    # === CHOICES === #

    def test_what_amazon_does_not_say_is_no_choice(self):
        self.send(20, START - 9 * DAY, amazon_inbound_id=self.inbound.id)
        wizard = self.check_question('unlisted')
        line = wizard.shipment_ids
        self.assertEqual([value for value, _label in line.choices], ['balance', 'none'])
        line.choice = 'amazon'
        self.assertTrue(wizard.is_undecided, "as Start says")
        self.say('SHIPPED', 20)
        wizard.action_show()
        self.assertEqual(len(wizard.shipment_ids.choices), 3)

    # === NUMBERS OF SHIPMENTS === #

    def test_numbers_of_the_sellers_own_are_none_of_amazons(self):
        for number in ('FBA20241015', 'FBALAGER2024', 'FBASENDUNG1', 'FBA100000123'):
            self.send(1, START - 9 * DAY, origin=number)
        self.assertFalse(self.load(balance(100, month=9, day=30)).shipment_ids)

    def test_the_number_that_amazon_has_listed_is_the_shipment(self):
        self.inbound.shipment_ref = 'FBA4X8YTD6'
        self.send(20, START - 9 * DAY, origin='FBA20241015', carrier_tracking_ref='FBA4X8YTD6')
        self.say('SHIPPED', 20)
        self.check_start(20, 0)

    def test_a_number_beside_one_of_the_sellers_own(self):
        self.send(20, START - 9 * DAY, origin='FBALAGER2024', carrier_tracking_ref=REF)
        self.say('SHIPPED', 20)
        self.check_start(20, 0)

    def test_numbers_that_amazons_ledger_names(self):
        self.send(20, START - 9 * DAY, origin='FBA20241015')
        self.know_ledger(row('Receipts', 20, reference='FBA20241015', day=5))
        line = self.load(balance(100, month=9, day=30)).shipment_ids
        self.assertEqual((line.kind, line.shipment_ref, line.since), ('way', 'FBA20241015', 20))

    def test_the_ledger_of_a_long_time_is_added_up(self):
        """However many rows there are, none is read as a record."""
        self.send(20, START - 9 * DAY, amazon_inbound_id=self.inbound.id)
        self.know_ledger(*(row('Receipts', 1, reference=REF, day=day) for day in range(1, 20)))

        def refuse(_model, *_args, **_options):
            raise AssertionError("rows are read as records")
        self.patch(type(self.env['amazon.ledger.line']), 'search', refuse)
        _opening, ways = self.seller._read_opening()
        self.assertEqual(ways.received_since[REF][self.product], 19)


@tagged('post_install', '-at_install')
class TestLedgerOpeningShared(OpeningCase):
    """Where other sellers have their goods in the same location, too, theirs are none of this seller's."""

    def setUp(self):
        super().setUp()
        self.patch(type(self.days), '_get_last_date', lambda _model, _seller: START + 20 * DAY)
        other = self.seller.copy({'name': "Other", 'home_marketplace': 'US', 'selling_partner_ref': 'A2TEST'})
        self.german.copy({'seller_id': other.id, 'fba_location_id': self.simple.id})

    def test_an_empty_balance_says_that_this_seller_has_nothing(self):
        self.import_report('amazon.ledger.balance', 'GET_LEDGER_SUMMARY_VIEW_DATA', document(BALANCES, []), 0,
                           0).state = 'done'
        self.assertTrue(self.seller._has_opening())
        self.show().action_start()
        self.assertEqual(self.env['stock.quant']._get_available_quantity(self.product, self.simple), 100)

    def test_what_others_have_there_is_no_loss(self):
        self.seller.ledger_nothing = self.seller._get_opening_date()
        self.assertIn("of the 0 pieces of 0 products", self.seller._describe_opening())
        with self.assertRaises(UserError):
            self.seller._confirm_nothing()
