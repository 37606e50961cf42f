import json
from types import SimpleNamespace
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import tagged

from ..amazon_api.errors import AmazonError, Forbidden
from ..models import amazon_feed, amazon_feed_result
from ..utils.stock_plan import StockPlan
from .common import FakeAmazon
from .mutations import mutations
from .payloads import MARKETPLACES
from .test_stock_push import FEED, StockCase

ANSWER = {'sku': 'SKU-A', 'status': 'ACCEPTED', 'submissionId': '1', 'issues': [{
    'code': '1', 'message': "Late.", 'severity': 'WARNING', 'attributeNames': ['quantity'], 'categories': []}]}


class PushResultsCase(StockCase):
    """Two listings whose quantities go out by feed."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(patch.object(amazon_feed, 'PATCH_LIMIT', 1))
        cls.first = cls.env['amazon.listing'].create(cls._listing(cls.german, 'SKU-A', cls.product))
        cls.second = cls.env['amazon.listing'].create(cls._listing(cls.german, 'SKU-B', cls.other_product))
        cls.both = cls.first | cls.second

    @classmethod
    def _listing(cls, market, sku, product):
        return {'marketplace_id': market.id, 'sku': sku, 'product_id': product.id, 'channel_code': 'DEFAULT',
                'status': 'active'}

    def submit(self):
        """Submit both quantities by feed; return its messages in the order of the SKUs."""
        amazon = self.send(**FEED)
        self.assertEqual([name for name, _args, _kwargs in amazon.calls], ['createFeedDocument', 'createFeed'])
        return self.env['amazon.feed.line'].search([('state', '=', 'sent')]).sorted('sku')

    def poll(self, content, status='DONE', document='RESULT'):
        self.env['amazon.feed'].search([('state', '=', 'submitted')]).next_poll = '2020-01-01'
        amazon = FakeAmazon(
            getFeed={'processingStatus': status, **({'resultFeedDocumentId': document} if document else {})},
                            getFeedDocument={'feedDocumentId': 'RESULT', 'url': 'result'})
        amazon.documents['result'] = content if isinstance(content, bytes | Exception) else json.dumps(content).encode()
        self.run_flow('feeds', amazon)

    def report(self, *issues, processed=2, accepted=2):
        return {'header': {'sellerId': 'A1TEST', 'version': '2.0', 'feedId': 'F1'}, 'issues': list(issues),
                'summary': {'errors': len(issues), 'warnings': 0, 'messagesProcessed': processed,
                            'messagesAccepted': accepted, 'messagesInvalid': 0}}

    def states(self):
        return self.both.sorted('sku').mapped('stock_state')


@tagged('post_install', '-at_install')
class TestPushResults(PushResultsCase):
    """Accepted is what Amazon says that it accepted; one strange message, answer or marketplace harms only itself."""

    # === FEEDS === #

    def test_an_error_of_the_feed_accepts_nothing(self):
        self.submit()
        self.poll(self.report({'code': '4002001', 'severity': 'ERROR', 'message': "Item 'Feed' cannot be parsed."},
                              processed=0, accepted=0))
        self.assertEqual(self.states(), ['mismatch', 'mismatch'])
        self.assertIn("cannot be parsed", self.first.stock_error)
        self.assertIn("The result of a feed is not complete", self.seller.activity_ids.mapped('summary'))
        self.submit()
        self.poll(self.report(processed=0, accepted=0))
        self.assertEqual(self.states(), ['failed', 'failed'])
        self.assertEqual(self.send().calls, [], "not for ever")

    def test_fewer_than_were_sent(self):
        lines = self.submit()
        error = {'messageId': lines[1].id, 'severity': 'ERROR', 'message': "No."}
        self.poll(self.report(error, processed=1, accepted=0))
        self.assertEqual(self.states(), ['mismatch', 'failed'])
        self.assertIn("Of 2 messages Amazon processed 1 and accepted 0.", self.first.stock_error)

    def test_severities_that_are_not_known_are_errors(self):
        lines = self.submit()
        self.poll(self.report({'messageId': lines[0].id, 'severity': 'FATAL', 'message': "No."}, accepted=1))
        self.assertEqual(self.states(), ['failed', 'accepted'])
        self.assertIn("severity FATAL", self.first.stock_error)

    def test_what_is_no_result_is_fetched_again_then_pushed_again(self):
        self.submit()
        feed = self.env['amazon.feed'].search([('state', '=', 'submitted')])
        contents = [b'<html>', AmazonError("The compressed document is damaged"),
                    {**self.report(), 'header': {'feedId': 'OTHER'}}, b'', b'null']
        self.assertEqual(len(contents), amazon_feed_result.MOST_READS - 1)
        for content in contents:
            self.poll(content)
            self.assertEqual((feed.state, self.states()), ('submitted', ['sent', 'sent']))
            self.assertIn("cannot be read", feed.error)
        self.poll(b'', document=None)
        self.assertEqual((feed.state, self.states()), ('failed', ['mismatch', 'mismatch']))
        self.assertIn("names no document", feed.error)

    def test_a_state_that_is_not_known_is_waited_for_in_words(self):
        feed = self.submit().feed_id
        self.poll(self.report(), status='STRANGE')
        self.assertEqual((feed.state, self.states()), ('submitted', ['sent', 'sent']))
        self.assertIn("STRANGE", feed.error)
        self.poll(self.report())
        self.assertEqual((feed.state, feed.error, self.states()), ('done', False, ['accepted', 'accepted']))

    def test_whatever_is_odd_in_a_result(self):
        """Each field missing, null, of another type: the message that Amazon refused is never accepted, and nothing
        stops the flow.
        """
        lines = self.submit()
        issue = {'messageId': lines[1].id, 'sku': 'SKU-B', 'code': '1', 'severity': 'ERROR', 'message': "No.",
                 'attributeName': 'quantity'}
        good = self.report(issue, accepted=1)
        feed, sync = lines.feed_id, SimpleNamespace(_commit=lambda: True,
                                                    _in_portions=lambda ids, handle, *_options: handle(ids) or True)
        for name, report in mutations(good, most=3):
            with self.cr.savepoint() as savepoint:
                amazon = FakeAmazon(getFeedDocument={'url': 'result'})
                amazon.documents['result'] = json.dumps(report).encode()
                with amazon.patched():
                    feed._process_result(sync, amazon, 'RESULT')
                self.assertNotEqual(lines[1].state, 'accepted', name)
                self.assertIn((feed.state, bool(feed.error)), [('submitted', True), ('done', True), ('done', False)],
                              name)
                savepoint.close(rollback=True)
            self.env.invalidate_all()
        self.poll(good)
        self.assertEqual(self.states(), ['accepted', 'failed'])

    def test_a_message_that_cannot_be_made_fails_alone(self):
        self.first.sku = 'SKU-A\x1d'
        lines = self.submit()
        self.assertEqual(lines.mapped('sku'), ['SKU-B'])
        self.assertEqual((self.first.stock_state, self.second.stock_state), ('failed', 'sent'))
        self.assertIn("a character that Amazon refuses", self.first.stock_error)

    def test_a_document_that_would_be_too_large_is_two(self):
        with patch('odoo.addons.amazon_connector.amazon_api.feed_messages.MOST_DOCUMENT', 300):
            self.assertEqual(self.submit().mapped('sku'), ['SKU-A'])
            self.assertEqual(self.submit().mapped('sku'), ['SKU-A', 'SKU-B'])

    def test_of_several_feeds_none_is_taken_for_ours(self):
        self.send(createFeedDocument=FEED['createFeedDocument'], createFeed=AmazonError("gone"))
        strangers = [{'feedId': name, 'marketplaceIds': [self.german.marketplace_ref]} for name in ('X1', 'X2')]
        amazon = self.send(getFeeds={'feeds': strangers}, **FEED)
        self.assertEqual([call[0] for call in amazon.calls], ['getFeeds', 'createFeedDocument', 'createFeed'])

    # === ONE BY ONE === #

    def push(self, answers):
        """Push one by one; answers by SKU, else accepted."""
        def answer(_seller, sku, **_options):
            return answers.get(sku, {'sku': sku, 'status': 'ACCEPTED', 'submissionId': '1', 'issues': None})
        with patch.object(amazon_feed, 'PATCH_LIMIT', 100):
            return self.send(patchListingsItem=answer)

    def test_an_answer_that_says_neither_yes_nor_no_is_pushed_again(self):
        for attempt, state in enumerate(('mismatch', 'failed')):
            self.push({'SKU-A': {'sku': 'SKU-A', 'submissionId': '1'}})
            self.assertEqual((self.first.stock_state, self.second.stock_state), (state, 'accepted'), attempt)
        self.assertIn("Amazon's answer has the status", self.first.stock_error)

    def test_whatever_is_odd_in_an_answer(self):
        for name, odd in mutations(ANSWER, most=3):
            self.both.write({'stock_pushed': False, 'stock_state': False, 'stock_attempts': 0})
            feed = self.env['amazon.feed'].create({'marketplace_id': self.german.id, 'kind': 'stock',
                                                   'method': 'patch'})
            feed._add(feed._plan_stock(self.german)[0])
            line = feed.line_ids.sorted('sku')[0]
            feed._submit_line(FakeAmazon(patchListingsItem=odd), line)
            place = name.split('=')[0]
            said = (place in ('status', 'issues/0/severity') or place == 'issues'
                    and not name.endswith(('missing', 'None')) or (
                        place == 'issues/0' and not name.endswith('missing')))
            self.assertEqual(line.state,
                             {True: 'not_recorded' if place == 'status' else 'refused', False: 'accepted'}[said], name)
            self.assertTrue(line.message or not said, name)

    def test_a_value_that_fails_in_odoo_harms_only_itself(self):
        self.first.with_context(tracking_disable=True).product_type = 'X'
        listings = type(self.env['amazon.listing'])

        def get_product_type(listing):
            if listing.sku == 'SKU-A':
                raise KeyError('strange')
            return 'PRODUCT'

        with patch.object(listings, '_get_product_type', get_product_type), self.assertLogs(
                'odoo.addons.amazon_connector', 'WARNING'):
            self.push({})
        self.assertEqual((self.first.stock_state, self.second.stock_state), ('failed', 'accepted'))
        self.assertIn("KeyError", self.first.stock_error)

    def test_a_marketplace_that_refuses_holds_no_other(self):
        french = self.env['amazon.seller.marketplace'].with_context(active_test=False).search([
            ('seller_id', '=', self.seller.id), ('marketplace_ref', '=', MARKETPLACES['FR'][0])])
        french.write({'active': True, 'stock_sync': True, 'guard_share': 0, 'warehouse_id': self.warehouse.id})
        abroad = self.env['amazon.listing'].create(self._listing(french, 'SKU-A', self.product))

        def answer(_seller, _sku, **options):
            return Forbidden("Access is denied.", status=403) if options['marketplaceIds'] == [
                self.german.marketplace_ref] else ANSWER

        with patch.object(amazon_feed, 'PATCH_LIMIT', 100):
            self.send(patchListingsItem=answer)
        self.assertEqual((abroad.stock_state, self.first.stock_state), ('accepted', 'sent'))
        self.assertIn(self.german.name, self.seller.sync_ids.filtered(lambda sync: sync.flow == 'stock').error)
        self.push({})
        self.assertEqual(self.states(), ['accepted', 'accepted'], "they wait until Amazon lets them")

    def forbid(self, *skus):
        def answer(_seller, sku, **_options):
            return (Forbidden("Access to requested resource is denied.", status=403, code='Unauthorized') if sku in skus
                    else ANSWER)
        return answer

    def test_access_to_one_sku_refused_is_its_own(self):
        sync = self.seller.sync_ids.filtered(lambda sync: sync.flow == 'stock')
        with patch.object(amazon_feed, 'PATCH_LIMIT', 100):
            for refused, other in ((self.first, self.second), (self.second, self.first)):
                (refused | other).write({'stock_pushed': False, 'stock_state': False})
                amazon = self.send(patchListingsItem=self.forbid(refused.sku))
                self.assertEqual(len(amazon.named('patchListingsItem')), 2)
                self.assertEqual((refused.stock_state, other.stock_state, sync.failures), ('failed', 'accepted', 0),
                                 sync.error)
                self.assertIn("Access to requested resource", refused.stock_error)
            self.assertFalse(self.send().named('patchListingsItem'), "what was refused is not pushed again by itself")

    def test_a_sku_that_is_refused_alone_is_distinguished_when_another_is_taken(self):
        with patch.object(amazon_feed, 'PATCH_LIMIT', 100):
            self.second.product_id = False
            self.send(patchListingsItem=self.forbid(self.first.sku))
            self.assertEqual(self.first.stock_state, 'sent', "as far as is known it is the operation")
            self.second.product_id = self.other_product
            self.send(patchListingsItem=self.forbid(self.first.sku))
            self.assertEqual(self.second.stock_state, 'accepted')
            self.send(patchListingsItem=self.forbid(self.first.sku))
            self.assertEqual(self.first.stock_state, 'failed')

    def test_three_skus_refused_in_a_row_are_the_operation(self):
        others = self.env['amazon.listing'].create([self._listing(self.german, f'SKU-{letter}', self.product)
                                                    for letter in 'CDE'])
        with patch.object(amazon_feed, 'PATCH_LIMIT', 100):
            amazon = self.send(patchListingsItem=Forbidden("Access is denied.", status=403))
        self.assertEqual(len(amazon.named('patchListingsItem')), 3)
        self.assertEqual(set((self.first | self.second | others).mapped('stock_state')), {'sent'})
        self.assertIn(self.german.name, self.seller.sync_ids.filtered(lambda sync: sync.flow == 'stock').error)

    def test_goods_that_cannot_be_counted_hold_no_others(self):
        products = type(self.env['product.product'])
        original = products._compute_quantities_dict

        def compute(records, *args):
            if self.product in records:
                raise RecursionError()
            return original(records, *args)

        with patch.object(products, '_compute_quantities_dict', compute), self.assertLogs(
                'odoo.addons.amazon_connector', 'WARNING'):
            self.assertEqual(self.pushed(self.push({})), {'SKU-B': 100})
        self.assertEqual(self.first.stock_state, 'blocked')
        self.assertIn("RecursionError", self.first.stock_error)
        self.assertEqual(self.pushed(self.push({})), {'SKU-A': 100})

    def test_one_of_many_that_cannot_be_counted_is_found_by_halving(self):
        products = self.env['product.product'].create([{'name': f"Many {number}", 'is_storable': True}
                                                       for number in range(63)]) | self.product
        plan, counted = StockPlan(self.german), []
        original = type(products)._compute_quantities_dict

        def compute(records, *args):
            counted.append(len(records))
            if self.product in records:
                raise RecursionError()
            return original(records, *args)
        with patch.object(type(products), '_compute_quantities_dict', compute), self.assertLogs(
                'odoo.addons.amazon_connector', 'WARNING'):
            self.assertEqual(len(plan._count(products)), 63)
        self.assertLessEqual(len(counted), 1 + 2 * 6)

    def test_texts_that_cannot_be_made_hold_no_others(self):
        self.german.write({'content_sync': True, 'language_code': 'en_US'})
        self.both.write({'follows_product': True, 'product_type': 'KITCHEN'})
        self.product.name = "Kettle\x1d\x07"
        with patch.object(amazon_feed, 'PATCH_LIMIT', 100):
            amazon = FakeAmazon()
            self.run_flow('content', amazon)
            pushed = {args[1]: str(options['body']) for args, options in amazon.named('patchListingsItem')}
            self.assertIn("'Kettle'", pushed['SKU-A'])
            self.other_product.description_sale = 'x' * 300_000
            self.product.name = "Pot"
            self.run_flow('content', amazon)
        self.assertEqual((self.first.content_state, self.second.content_state), ('accepted', 'failed'))
        self.assertIn("bytes, more than", self.second.content_error)

    # === CHANNELS, AND WHAT IS LEFT AS IT IS === #

    def test_handling_time_and_restock_date_of_seller_central_stay(self):
        amazon = self.push({})
        self.assertEqual(amazon.named('patchListingsItem')[0][1]['body']['patches'], [{
            'op': 'merge', 'path': '/attributes/fulfillment_availability',
            'value': [{'fulfillment_channel_code': 'DEFAULT', 'quantity': 100}]}])

    def test_a_restock_date_that_is_removed_is_today(self):
        self.first.restock_date = '2099-01-01'
        self.push({})
        self.first.restock_date = False
        [(_args, options)] = self.push({}).named('patchListingsItem')
        self.assertLess(options['body']['patches'][0]['value'][0]['restock_date'], '2099-01-01')

    def test_codes_that_are_not_known_are_not_the_merchants(self):
        """A1, at the last moment too."""
        self.first.channel_code = 'SOMETHING_NEW'
        self.assertEqual(self.pushed(self.push({})), {'SKU-B': 100})
        line = self.env['amazon.feed.line'].search([('listing_id', '=', self.second.id)])
        self.second.channel_code = 'AMAZON_XX'
        with self.assertRaises(UserError):
            line._get_body()

    def test_a_new_offer_of_the_merchants_own_ends_no_fulfilment_by_amazon(self):
        self.first.channel_code = 'AMAZON_EU'
        draft = self.env['amazon.listing.draft'].create(
            {'marketplace_id': self.german.id, 'product_id': self.product.id, 'sku': 'SKU-A', 'asin': 'B012345678'})
        draft.state = 'sending'
        draft._send_checked()
        self.assertEqual(draft.state, 'refused')
        self.assertIn("fulfilled by Amazon", draft.problem_text)
