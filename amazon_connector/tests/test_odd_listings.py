import base64
import contextlib
import datetime
import itertools
import json
from unittest.mock import patch

import psycopg2

from odoo import fields
from odoo.tests import tagged

from ..amazon_api.errors import AmazonError, Forbidden, NotFound
from ..amazon_api.replies import decode_json
from ..utils import pace
from .common import FakeAmazon, Reply
from .mutations import mutations as mutate
from .test_listing_import import HEADER, ListingCase, line

GOOD = {'marketplaceId': 'A1PA6795UKMFR9', 'asin': 'B0GOOD0001', 'productType': 'LUGGAGE',
        'status': ['BUYABLE', 'DISCOVERABLE'], 'itemName': "Good",
        'conditionType': 'new_new', 'fnSku': 'X001', 'createdDate': '2026-01-01T00:00:00Z',
        'lastUpdatedDate': '2026-01-01T00:00:00Z'}


def item(sku, **parts):
    return {'sku': sku, 'summaries': [dict(GOOD)],
            'fulfillmentAvailability': [{'fulfillmentChannelCode': 'DEFAULT', 'quantity': 9}], 'issues': [
                {'code': '1', 'message': "Look", 'severity': 'WARNING', 'categories': [], 'attributeNames': ['brand']}],
        'offers': [{'marketplaceId': GOOD['marketplaceId'], 'offerType': 'B2C',
                    'price': {'currencyCode': 'EUR', 'amount': '12.34'}}],
        'attributes': {}, 'relationships': [], **parts}


def mutations(record):
    """Yield the path of each part of a record, and what the client makes of a reply in which it is another."""
    for name, changed in mutate(record):
        yield name.partition('=')[0].split('/'), decode_json(json.dumps(changed).encode())


class OddCase(ListingCase):
    """Reports that come again and again, or odd as they are, and searches for what they name."""

    def import_report(self, amazon):
        self.env['amazon.report'].search([]).unlink()
        return super().import_report(amazon)

    def import_lines(self, *lines):
        """Import a report that has been fetched, without the flow around it; Amazon finds every SKU that is searched
        for.
        """
        document = base64.b64encode('\n'.join([HEADER, *lines]).encode())
        report = self.env['amazon.report'].create({
            'marketplace_id': self.german.id, 'report_type': 'GET_MERCHANT_LISTINGS_ALL_DATA', 'state': 'ready',
            'content': document, 'asked_date': fields.Datetime.now()})
        with FakeAmazon(searchListingsItems=lambda _seller, identifiers=(), **_query: {
                'items': [{'sku': sku} for sku in identifiers]}).patched():
            report._import(self.sync())
        return report

    def sync(self, flow='listings'):
        return self.seller.sync_ids.filtered(lambda sync: sync.flow == flow)

    def found(self, *skus):
        """An answer that finds these SKUs among those that are asked for."""
        def search(_seller, identifiers=(), **_query):
            items = [item(sku) for sku in skus if sku in identifiers]
            return {'numberOfResults': len(items), 'items': items}
        return search


@tagged('post_install', '-at_install')
class TestOddReports(OddCase):
    """Reports with odd rows, without rows, or damaged as a whole."""

    def test_an_odd_row_is_shown_and_removes_nothing(self):
        known = self.make_listing('TRUE-SKU', self.product)
        report = self.import_report(self.amazon(line('SKU-B'), line('TRUE-SKU', title="Ket\ttle"), 'short',
                                                line('NUL\0'), line('TOO-BIG', quantity='9' * 20)))
        self.assertEqual((report.state, report.problem_count, known.status, known.missing_hint),
                         ('partial', 4, 'active', False))
        self.assertEqual(self.listing('SKU-B').amazon_quantity, 5)
        for text in ("Line 3: 11 values for 10 columns", "Line 4: 1 values for 10 columns",
                     "Line 5: its SKU has characters", "Line 6: TOO-BIG: quantity"):
            self.assertIn(text, report.problem_text)
        self.assertFalse(self.env['amazon.listing'].search([('sku', 'in', ('tle', 'Ket', 'short', 'TRUE-SKU'))])
                         - known)
        self.assertIn("Line 3",
                      self.seller.activity_ids.filtered(lambda activity: "Some lines" in activity.summary).note)

    def test_many_problems_are_bounded_and_notified_once(self):
        lines = [line('SKU-B'), *(line(f'ODD-{number}', title="a\tb") for number in range(700))]
        report = self.import_report(self.amazon(*lines))
        self.assertEqual((report.problem_count, len(report.problems), len(report.problem_text.splitlines())),
                         (700, 500, 51))
        self.assertIn("+650", report.problem_text)
        self.seller.activity_ids.unlink()
        again = self.amazon(*lines)
        self.run_flow('listings', again)
        self.env['amazon.report']._want(self.german, report.report_type)
        self.run_flow('listings', again)
        self.env['amazon.report'].search([]).next_poll = fields.Datetime.now()
        self.run_flow('listings', again)
        self.assertEqual(self.env['amazon.report'].search([], limit=1).state, 'partial')
        self.assertFalse(self.seller.activity_ids, "the same reasons as the day before")

    def test_problems_are_counted_once_and_all(self):
        """Beyond those that are kept, too, and when an import goes on that had no more time."""
        lines = [line('SKU-B'), line('SKU-C'), *(line(f'ODD-{number}', title="a\tb") for number in range(700))]
        report = self.import_report(self.amazon(*lines))
        report._add_problems({9001: "Late"})
        self.assertEqual((report.problem_count, len(report.problems)), (701, 500))
        report.write(
            {'position': 1, 'state': 'ready', 'content': base64.b64encode('\n'.join([HEADER, *lines]).encode())})
        self.run_flow('listings', self.amazon(*lines))
        self.assertEqual((report.state, report.problem_count), ('partial', 701))

    def test_each_column_missing_empty_or_odd(self):
        """One odd row among good ones: the good ones arrive, nothing is taken away, and the row says what is wrong with
        it.
        """
        known = self.make_listing('ODD', self.product, amazon_quantity=4, amazon_price=8, asin='B0KNOWN001')
        values = line('ODD').split('\t')
        self.patch(type(self.sync()), '_commit', lambda _sync: True)
        for position, odd in itertools.product(range(len(values)),
                                               ('', 'x\0y', '1e1000000', 'NaN', 'Infinity', 'x' * 400, '\ufffd')):
            rows = [line('SKU-A'), '\t'.join([*values[:position], odd, *values[position + 1:]]),
                    line('SKU-B', quantity='7')]
            with self.subTest(column=HEADER.split('\t')[position], value=odd[:10]):
                report = self.import_lines(*rows)
                self.assertIn(report.state, ('done', 'partial'))
                self.assertEqual((self.listing('SKU-A').amazon_quantity, self.listing('SKU-B').amazon_quantity), (5, 7))
                self.assertNotEqual(known.status, 'removed')
                self.assertTrue(known.asin and known.channel == 'fbm')
                if report.state == 'partial':
                    self.assertIn("Line 3", report.problem_text)
                elif position in (2, 3):
                    self.assertEqual(odd, '', "an odd number is a problem")

    def test_nothing_is_not_zero(self):
        """What can be bought has a price and a quantity, whatever the report lacks."""
        known = self.make_listing('SKU-A', self.product, amazon_quantity=4, amazon_price=8)
        self.import_report(self.amazon(line('SKU-A', price='', quantity=''), header=HEADER))
        self.assertEqual((known.amazon_quantity, known.amazon_price), (4, 8))
        self.import_report(
            self.amazon('SKU-A\t9.00\t3\tDEFAULT', header='seller-sku\tprice\tquantity\tfulfillment-channel'))
        self.assertEqual((known.amazon_quantity, known.amazon_price, known.status), (3, 9, 'active'),
                         "no column of statuses says nothing")

    def test_a_damaged_report_does_not_keep_the_next_one_from_being_read(self):
        self.seller.with_context(active_test=False).marketplace_ids.filtered(
            lambda market: market.country_id.code == 'FR').active = True
        good = '\n'.join([HEADER, line('SKU-A')]).encode()
        for damage in (b'', b'<html>503</html>', b'\xff\xfe\x00', b'PK\x03\x04' + bytes(50),
                       good.replace(b'seller-sku', b'sku'), b'x' * 2_000_000):
            documents = itertools.cycle(['bad', 'good'])
            amazon = self.amazon(
                getReportDocument=lambda _id, documents=documents: {'reportDocumentId': 'D', 'url': next(documents)})
            amazon.documents.update(bad=damage, good=good)
            with self.subTest(damage=damage[:10]), self.env.cr.savepoint():
                report = self.import_report(amazon)
                reports = self.env['amazon.report'].search([])
                self.assertEqual(sorted(reports.mapped('state')), ['done', 'error'])
                self.assertTrue(reports.filtered(lambda report: report.state == 'error').error)
                self.assertTrue(report)

    def test_an_unexpected_error_in_one_report_stays_there(self):
        self.seller.with_context(active_test=False).marketplace_ids.filtered(
            lambda market: market.country_id.code == 'FR').active = True
        failed = []

        def issues(_listings, marketplace, _client):
            if not failed:
                failed.append(marketplace)
                raise KeyError('seller-sku')
        self.patch(type(self.env['amazon.listing']), '_find_missing',
                   lambda listings, report, *_args: issues(listings, report.marketplace_id, None) or True)
        with self.assertLogs('odoo.addons.amazon_connector.models.amazon_report', 'ERROR'):
            self.import_report(self.amazon(line('SKU-A')))
        reports = self.env['amazon.report'].search([])
        self.assertEqual(sorted(reports.mapped('state')), ['done', 'error'])
        self.assertIn("unexpected error (KeyError)", reports.filtered(lambda report: report.state == 'error').error)

    def test_rows_that_collide_with_users_come_again_in_smaller_portions(self):
        original, sizes, busy = type(self.env['amazon.listing'])._store_rows, [], {'ROW-3': 3, 'NEVER': 99}

        def store(listings, report, rows):
            sizes.append(len(rows))
            for row in rows:
                if busy.get(row.sku, 0) > 0:
                    busy[row.sku] -= 1
                    raise psycopg2.errors.SerializationFailure()
            return original(listings, report, rows)
        self.patch(type(self.env['amazon.listing']), '_store_rows', store)
        self.patch(pace.time, 'sleep', lambda _seconds: None)
        report = self.import_report(self.amazon(*(line(f'ROW-{number}') for number in range(6)), line('NEVER'),
                                                line('LAST')))
        self.assertEqual([bool(self.listing(sku)) for sku in ('ROW-0', 'ROW-3', 'ROW-5', 'LAST', 'NEVER')],
                         [True, True, True, True, False])
        self.assertEqual((report.state, report.position, report.problem_count), ('partial', 8, 1))
        self.assertIn("Line 8: Other users or jobs change", report.problem_text)
        self.assertIn(1, sizes)

    def test_a_row_that_the_database_refuses_is_alone(self):
        original = type(self.env['amazon.listing'])._prepare_row

        def prepare(listings, report, row):
            return {**original(listings, report, row), **({'title': "a\0b"} if row.sku == 'BAD' else {})}
        self.patch(type(self.env['amazon.listing']), '_prepare_row', prepare)
        with self.assertLogs('odoo.addons.amazon_connector.models.amazon_listing_import', 'ERROR'):
            report = self.import_report(self.amazon(*(line(f'GOOD-{number}') for number in range(5)), line('BAD'),
                                                    line('LAST')))
        self.assertEqual((report.state, report.problem_count), ('partial', 1))
        self.assertTrue(self.listing('LAST') and self.listing('GOOD-0') and not self.listing('BAD'))


@tagged('post_install', '-at_install')
class TestAbsence(OddCase):
    """What Amazon does not mention is not removed by that."""

    def make_listings(self, count):
        return self.env['amazon.listing'].union(*(self.make_listing(f'KNOWN-{number}', self.product)
                                                  for number in range(count)))

    def test_a_report_with_its_header_only_removes_nothing(self):
        listings = self.make_listings(3)
        report = self.import_report(self.amazon())
        self.assertEqual((report.state, set(listings.mapped('status'))), ('done', {'active'}))
        self.assertIn("3 of 3", self.german.removal_message)
        self.assertEqual(len(self.seller.activity_ids.filtered(lambda activity: "missing" in activity.summary)), 1)
        self.german.action_confirm_removal()
        self.assertEqual((set(listings.mapped('status')), self.german.removal_message), ({'removed'}, False))

    def test_more_than_a_share_waits_for_a_person(self):
        listings = self.make_listings(60)
        amazon = self.amazon(*(line(f'KNOWN-{number}') for number in range(40)))
        self.import_report(amazon)
        self.assertEqual(listings.filtered(lambda listing: listing.status == 'removed'), listings.browse())
        self.assertIn("20 of 60", self.german.removal_message)
        self.assertFalse([query for _args, query in amazon.named('searchListingsItems') if 'identifiers' in query])
        listings[-1].pending_action = 'read'
        self.run_flow('listings', self.amazon())
        self.assertEqual(listings[-1].status, 'active', "what a person is asked about is not decided meanwhile")
        self.import_report(self.amazon(*(line(f'KNOWN-{number}') for number in range(60))))
        self.assertEqual((self.german.removal_message, set(listings.mapped('missing_hint'))), (False, {False}))

    def test_few_are_removed_when_their_sku_is_not_found_either(self):
        listings = self.make_listings(4)
        self.import_report(self.amazon(line('KNOWN-0'), line('KNOWN-1'), searchListingsItems=self.found('KNOWN-2')))
        self.assertEqual(listings.mapped('status'), ['active', 'active', 'active', 'removed'])
        self.assertEqual(listings[2].title, "Good", "it is there, and was read")
        self.import_report(self.amazon(*(line(f'KNOWN-{number}') for number in range(4))))
        self.assertEqual(set(listings.mapped('status')), {'active'}, "it came back")

    def test_one_empty_answer_removes_nothing(self):
        listing = self.make_listing('KNOWN', self.product)
        listing.pending_action = 'read'
        with self.amazon().patched():
            listing._read(self.seller._get_client())
            listing._read(self.seller._get_client())
        self.assertEqual((listing.status, listing.missing_hint), ('active', 'search'),
                         "the same hint again is no second one")
        with self.amazon(searchListingsItems=self.found('KNOWN')).patched():
            listing._read(self.seller._get_client())
        self.assertFalse(listing.missing_hint)

    def test_skus_with_a_comma_are_asked_for_one_by_one(self):
        """A list of Amazon's is separated by commas, and takes twenty."""
        listings = self.env['amazon.listing'].union(*(self.make_listing(f'{number},5 L', self.product)
                                                      for number in range(3)))
        listings |= self.env['amazon.listing'].union(*(self.make_listing(f'PLAIN-{number}', self.product)
                                                       for number in range(20)))
        asked = []

        def search(_seller, identifiers=(), **_query):
            asked.extend(','.join(identifiers).split(','))
            self.assertLessEqual(len(','.join(identifiers).split(',')), 20)
            return {'numberOfResults': 0, 'items': [item(sku) for sku in identifiers]}

        def get(_seller, sku, **_query):
            return NotFound("no") if sku.startswith('2') else item(sku)
        with self.amazon(searchListingsItems=search, getListingsItem=get).patched():
            listings._read(self.seller._get_client())
        self.assertEqual(len(asked), 20)
        self.assertEqual(listings.mapped('missing_hint'), [False, False, 'search', *[False] * 20])
        self.assertEqual(set(listings.mapped('status')), {'active'})

    def test_a_sku_with_a_comma_to_which_access_is_refused_is_alone(self):
        listings = [self.make_listing(f'{letter},5 L', self.product, read_problem=False) for letter in 'AB']

        for refused, other in (listings, listings[::-1]):
            (refused | other).read_problem = False
            amazon = self.amazon(getListingsItem=lambda _seller, sku, refused=refused, **_query: (
                Forbidden("Access is denied", status=403) if sku == refused.sku else item(sku)))
            with amazon.patched():
                (refused | other)._read(self.seller._get_client())
            self.assertIn("Access is denied", refused.read_problem)
            self.assertEqual((refused.missing_hint, other.missing_hint, other.read_problem), (False, False, False))

    def test_an_answer_with_a_nameless_entry_is_no_hint(self):
        listing = self.make_listing('KNOWN', self.product)
        with self.amazon(searchListingsItems={'numberOfResults': 1, 'items': [{'summaries': []}]}).patched():
            listing._read(self.seller._get_client())
        self.assertFalse(listing.missing_hint)
        self.assertIn("without a SKU", listing.read_problem)

    def test_fba_stock_that_is_not_stated_stays(self):
        fba, other = (self.make_listing(sku, self.product, channel='AMAZON_EU', fba_quantity=5, fba_inbound=2,
                                        fba_reserved=1, fnsku='X1')
                      for sku in ('FBA-1', 'FBA-2'))
        self.run_flow('fba_inventory',
                      getInventorySummaries={
                          'inventorySummaries': [{'sellerSku': 'FBA-1', 'condition': 'NewItem', 'totalQuantity': 0}]})
        self.assertEqual([(one.fba_quantity, one.fba_inbound, one.fba_reserved, one.fnsku) for one in (fba, other)],
                         [(5, 2, 1, 'X1')] * 2)
        self.assertEqual((bool(fba.fba_date), bool(other.fba_date)), (True, False))

    def test_a_sku_in_two_conditions_is_added_up(self):
        fba = self.make_listing('FBA-1', self.product, channel='AMAZON_EU')
        summaries = [{'sellerSku': 'FBA-1', 'condition': condition, 'fnSku': condition,
                      'inventoryDetails': {'fulfillableQuantity': quantity}}
                     for condition, quantity in (('NewItem', 4), ('UsedGood', 3), ('NewItem', 4))]
        self.run_flow('fba_inventory', getInventorySummaries={'inventorySummaries': summaries})
        self.assertEqual(fba.fba_quantity, 7)


@tagged('post_install', '-at_install')
class TestChannels(OddCase):
    """Any channel of Amazon's own decides, whatever else a SKU has."""

    def read_back(self, listing, *entries, **parts):
        answer = {'numberOfResults': 1, 'items': [item(listing.sku, fulfillmentAvailability=list(entries), **parts)]}
        with self.amazon(searchListingsItems=answer).patched():
            listing._read(self.seller._get_client())

    def test_two_channels_in_any_order(self):
        both = [{'fulfillmentChannelCode': 'DEFAULT', 'quantity': 21},
                {'fulfillmentChannelCode': 'AMAZON_EU', 'quantity': 0}]
        for entries in (both, both[::-1]):
            for before in ('DEFAULT', 'AMAZON_EU'):
                listing = self.make_listing(f'TWO-{before}-{entries[0]["quantity"]}', self.product, channel=before)
                self.read_back(listing, *entries)
                self.assertEqual((listing.channel, listing.channel_code), ('fba', 'AMAZON_EU'))
        self.read_back(listing, {'fulfillmentChannelCode': 'DEFAULT', 'quantity': 3})
        self.assertEqual((listing.channel, listing.amazon_quantity), ('fbm', 3), "Amazon's own fulfilment ended")
        self.read_back(listing)
        self.assertEqual(listing.channel, 'fbm', "no entry says nothing")

    def test_a_report_alone_does_not_end_amazons_own_fulfilment(self):
        listing = self.make_listing('TWO', self.product, channel='AMAZON_EU')
        both = [{'fulfillmentChannelCode': 'DEFAULT', 'quantity': 21},
                {'fulfillmentChannelCode': 'AMAZON_EU', 'quantity': 0}]
        answer = {'numberOfResults': 1, 'items': [item('TWO', fulfillmentAvailability=both)]}
        amazon = self.amazon(line('TWO', quantity='21'), searchListingsItems=answer)
        self.import_report(amazon)
        self.assertEqual((listing.channel, listing.pending_action), ('fba', 'read'))
        self.run_flow('listings', amazon)
        self.assertEqual((listing.channel, listing.pending_action), ('fba', False))
        answer['items'][0]['fulfillmentAvailability'] = both[:1]
        self.import_report(amazon)
        self.run_flow('listings', amazon)
        self.assertEqual((listing.channel, listing.amazon_quantity), ('fbm', 21))

    def test_the_summary_of_another_marketplace_is_not_this_ones(self):
        listing = self.make_listing('ABROAD', self.product)
        other = {**GOOD, 'marketplaceId': 'A13V1IB3VIYZZH', 'itemName': "Français", 'status': [], 'asin': 'B0FRENCH01'}
        for summaries in ([other, GOOD], [GOOD, other]):
            self.read_back(listing, summaries=summaries)
            self.assertEqual((listing.title, listing.status, listing.asin), ("Good", 'active', 'B0GOOD0001'))
        self.read_back(listing, summaries=[other])
        self.assertEqual((listing.title, listing.status), ("Good", 'active'))


@tagged('post_install', '-at_install')
class TestOddAnswers(OddCase):
    """One strange object among good ones: the good ones arrive, the strange one says in words what is wrong with it,
    and takes nothing away.
    """

    def test_every_mutation_of_an_item(self):
        good, odd, last = (self.make_listing(sku, self.product) for sku in ('GOOD', 'ODD', 'LAST'))
        listings, count = good | odd | last, 0
        with FakeAmazon().patched() as amazon:
            client = self.seller._get_client()
            for path, changed in mutations(item('ODD')):
                if path[0] in ('attributes', 'relationships', 'offers'):
                    continue
                listings.write({'amazon_quantity': 0, 'title': "Before", 'read_problem': False, 'status': 'active',
                                'missing_hint': False})
                amazon.answers['searchListingsItems'] = {'numberOfResults': 3,
                                                         'items': [item('GOOD'), changed, item('LAST')]}
                listings._read(client)
                self.env.flush_all()
                count += 1
                self.assertEqual([(one.amazon_quantity, one.title, one.read_problem) for one in (good, last)],
                                 [(9, "Good", False)] * 2, path)
                self.assertNotEqual(odd.status, 'removed', path)
                if path[0] != 'sku':
                    self.assertTrue(odd.read_problem or odd.title == "Before" or odd.title == "Good"
                                    or path[2:] == ['itemName'], path)
                    self.assertFalse(odd.missing_hint, path)
                self.assertNotIn("Error", odd.read_problem or '')
        self.assertGreater(count, 150)

    def test_every_mutation_of_an_offer(self):
        good, odd = (self.make_listing(sku, self.product) for sku in ('GOOD', 'ODD'))
        with FakeAmazon().patched() as amazon:
            for path, offers in mutations(item('ODD')['offers']):
                good.write({'amazon_price': 1})
                amazon.answers['searchListingsItems'] = {'numberOfResults': 2,
                                                         'items': [item('ODD', offers=offers), item('GOOD')]}
                (good | odd)._read(self.seller._get_client())
                self.env.flush_all()
                self.assertEqual(good.amazon_price, 12.34, path)

    def test_every_mutation_of_an_issue(self):
        good, odd = (self.make_listing(sku, self.product) for sku in ('GOOD', 'ODD'))
        with FakeAmazon().patched() as amazon:
            for path, issues in mutations(item('ODD')['issues']):
                good.write({'issues': False, 'issue_level': False})
                amazon.answers['searchListingsItems'] = {'items': [{'sku': 'ODD', 'issues': issues},
                                                                   {'sku': 'GOOD', 'issues': item('GOOD')['issues']}]}
                self.env['amazon.listing']._read_issues(self.german, self.seller._get_client())
                self.assertEqual(good.issue_text, "brand: Look", path)
                self.assertTrue(odd.issue_text or not odd.issues, path)

    def test_every_mutation_of_an_inventory_summary(self):
        good, odd, last = (self.make_listing(sku, self.product, channel='AMAZON_EU') for sku in ('GOOD', 'ODD', 'LAST'))

        def summary(sku):
            return {'sellerSku': sku, 'fnSku': 'X1', 'condition': 'NewItem', 'totalQuantity': 9, 'inventoryDetails': {
                'fulfillableQuantity': 5, 'inboundWorkingQuantity': 1, 'inboundShippedQuantity': 1,
                'inboundReceivingQuantity': 1, 'reservedQuantity': {'totalReservedQuantity': 2}}}
        with FakeAmazon().patched() as amazon:
            for path, changed in mutations(summary('ODD')):
                (good | odd | last).write({'fba_quantity': 3, 'fba_inbound': 0})
                amazon.answers['getInventorySummaries'] = {'granularity': {},
                                                           'inventorySummaries': [summary('GOOD'), changed,
                                                                                  summary('LAST')]}
                problems = (good | odd | last)._read_fba_inventory(self.seller._get_client(), self.german)
                self.env.flush_all()
                self.assertEqual([(one.fba_quantity, one.fba_inbound) for one in (good, last)], [(5, 3)] * 2, path)
                details = changed.get('inventoryDetails')
                if not isinstance(details, dict) or details.get('fulfillableQuantity') != 0:
                    self.assertGreater(odd.fba_quantity, 0, "what is not understood is not zero")
                for problem in problems:
                    self.assertRegex(problem, r"^Amazon (sent|has not stated) .*\((SKU ODD|inventorySummaries)", path)

    def test_every_mutation_of_relationships(self):
        """A product is created for each listing, or its listing says why not."""
        relation = {'type': 'VARIATION', 'parentSkus': ['TEE'],
                    'variationTheme': {'theme': 'SIZE', 'attributes': ['size']}}
        odd = item('ODD', relationships=[{'marketplaceId': GOOD['marketplaceId'], 'relationships': [relation]}],
                   attributes={'size': [{'value': 'M', 'marketplace_id': GOOD['marketplaceId']}]})
        templates = self.env['product.template']
        for path, changed in mutations(odd):
            if path[0] not in ('relationships', 'attributes'):
                continue
            with self.env.cr.savepoint() as savepoint, FakeAmazon(
                    getListingsItem={'sku': 'TEE', 'summaries': [dict(GOOD)]}).patched() as amazon:
                listings = self.make_listing('GOOD-1', asin='B0GOOD0001') | self.make_listing('ODD', asin='B0ODD00001')
                amazon.answers['searchListingsItems'] = {'items': [changed]}
                client, items = self.seller._get_client(), {'GOOD-1': item('GOOD-1'), 'ODD': changed}
                templates._amazon_create(listings, items, templates._amazon_read_families(self.german, items, client))
                self.env.flush_all()
                self.assertTrue(listings[0].product_id and not listings[0].pending_action_error, path)
                self.assertTrue(listings[1].product_id or listings[1].pending_action_error, path)
                savepoint.rollback()

    def test_a_parent_that_amazon_does_not_know_holds_no_other_product(self):
        relation = {'type': 'VARIATION', 'parentSkus': ['TEE'],
                    'variationTheme': {'theme': 'SIZE', 'attributes': ['size']}}
        listings = self.make_listing('GOOD-1', asin='B0GOOD0001') | self.make_listing('CHILD', asin='B0CHILD001')
        listings.action_create_products()
        items = [item('GOOD-1'), item('CHILD', relationships=[{'relationships': [relation]}])]
        self.run_flow('listings', self.amazon(searchListingsItems=lambda _seller, **_query: {'items': items},
                                              getListingsItem=NotFound("No such parent")))
        self.assertTrue(listings[0].product_id)
        self.assertEqual((listings[1].product_id.id, listings[1].pending_action, listings[1].pending_action_error),
                         (False, False, "No such parent"))

    def test_what_is_no_answer(self):
        listing, fba = self.make_listing('KNOWN', self.product), self.make_listing(
            'FBA', self.product, channel='AMAZON_EU')
        for payload in (None, [], {}, 'x', {'items': None}, {'items': {}}, {'inventorySummaries': 7}):
            listing.pending_action = 'read'
            self.run_flow('listings', self.amazon(line('KNOWN'), line('FBA', channel='AMAZON_EU', quantity=''),
                                                  searchListingsItems=Reply(payload)))
            self.assertRegex(self.sync().error, "Amazon (sent|has not stated)")
            self.run_flow('fba_inventory', getInventorySummaries=Reply(payload))
            self.assertRegex(self.sync('fba_inventory').error, "Amazon (sent|has not stated)")
        self.assertEqual((listing.status, fba.status, listing.pending_action), ('active', 'active', 'read'))

    def test_pages_that_never_end(self):
        listing = self.make_listing('FBA', self.product, channel='AMAZON_EU')
        amazon = FakeAmazon(getInventorySummaries=lambda **_query: Reply({'inventorySummaries': []}, 'again'))
        self.run_flow('fba_inventory', amazon)
        self.assertEqual(len(amazon.calls), 2)
        self.assertIn("again and again", self.sync('fba_inventory').error)
        listing.pending_action = 'read'
        amazon = self.amazon(searchListingsItems={'items': [], 'pagination': {'nextToken': 'again'}})
        self.run_flow('listings', amazon)
        self.assertEqual(len(amazon.named('searchListingsItems')), 2)


@tagged('post_install', '-at_install')
class TestRefusals(OddCase):
    """A marketplace that Amazon refuses keeps no other from being asked."""

    def setUp(self):
        super().setUp()
        self.seller.with_context(active_test=False).marketplace_ids.active = True
        self.french = self.marketplace('FR')

    def test_issues_that_were_read_stay_when_a_later_page_is_refused(self):
        old = self.make_listing('OLD', issue_level='error',
                                issues=[{'code': '1', 'severity': 'ERROR', 'message': "Old."}])
        listings = [self.make_listing(f'BAD-{number}') for number in range(2)]
        pages = {None: ('BAD-0', 'a'), 'a': ('BAD-1', 'b')}

        def answer(*_args, **query):
            if query.get('pageToken') not in pages:
                return AmazonError("The page token is invalid.", status=400, code='InvalidInput')
            sku, token = pages[query.get('pageToken')]
            return Reply({'items': [{'sku': sku, 'issues': [{'code': '1', 'severity': 'ERROR', 'message': "Bad."}]}]},
                         token)
        with FakeAmazon(searchListingsItems=answer).patched(), patch.object(type(self.env['amazon.sync']),
                                                                            '_commit') as commit, \
                contextlib.suppress(AmazonError):
            self.env['amazon.listing']._read_issues(self.german, self.seller._get_client())
            self.fail("the flow is to know that it is not all")
        commit.assert_called_once_with()
        self.assertEqual([listing.issue_level for listing in (old, *listings)], ['error', 'error', 'error'])

    def refusing(self, marketplace, answer, error):
        """Refuse what is asked of one marketplace."""
        def call(*args, **query):
            if marketplace.marketplace_ref in query['marketplaceIds']:
                return error
            return answer(*args, **query) if callable(answer) else answer
        return call

    def test_create_report(self):
        (self.seller.marketplace_ids - self.german - self.french).active = False
        for refused, error in ((self.german, Forbidden("A role is missing", status=403, code='Unauthorized')),
                               (self.french, AmazonError("no", status=400))):
            with self.env.cr.savepoint():
                amazon = self.amazon(line('SKU-A'))
                amazon.answers['createReport'] = self.refusing(refused, amazon.answers['createReport'], error)
                self.import_report(amazon)
                reports = self.env['amazon.report'].search([])
                self.assertEqual({report.marketplace_id: report.state for report in reports}, {
                    market: 'wanted' if market == refused else 'done' for market in self.seller.marketplace_ids})
                self.assertIn(refused.name, self.sync().error)
                asked = len(amazon.named('createReport'))
                self.run_flow('listings', amazon)
                self.assertEqual(len(amazon.named('createReport')), asked, "it is asked again later, not at every turn")
                report = reports.filtered(lambda report, refused=refused: report.marketplace_id == refused)
                self.assertTrue(report.error)
                report.write({'next_poll': False})
                self.env.cr.execute("UPDATE amazon_report SET create_date = %s WHERE id = %s",
                                    [fields.Datetime.now() - datetime.timedelta(hours=13), report.id])
                report.invalidate_recordset()
                self.run_flow('listings', amazon)
                self.assertEqual(report.state, 'error', "and not for ever")
                self.seller.state = 'connected'

    def test_get_inventory_summaries(self):
        for market in self.german | self.french:
            self.make_listing('FBA', self.product, market=market, channel='AMAZON_EU')
        for refused, other in ((self.german, self.french), (self.french, self.german)):
            self.env['amazon.listing'].search([]).fba_quantity = 0
            summaries = {'inventorySummaries': [{'sellerSku': 'FBA', 'inventoryDetails': {'fulfillableQuantity': 8}}]}
            self.run_flow('fba_inventory',
                          getInventorySummaries=self.refusing(refused, summaries, Forbidden("no", status=403)))
            self.assertEqual((self.listing('FBA', refused).fba_quantity, self.listing('FBA', other).fba_quantity),
                             (0, 8))
            self.assertIn(refused.name, self.sync('fba_inventory').error)
            self.seller.state = 'connected'

    def test_a_pending_action_that_fails(self):
        pending = [self.make_listing('PENDING', self.product, market=market, pending_action='read')
                   for market in (self.german, self.french)]
        answer = {'numberOfResults': 1,
                  'items': [
                      {'sku': 'PENDING',
                       'fulfillmentAvailability': [{'fulfillmentChannelCode': 'DEFAULT', 'quantity': 2}]}]}
        self.run_flow('listings',
                      self.amazon(searchListingsItems=self.refusing(self.german, answer,
                                                                    AmazonError("no", status=400))))
        self.assertEqual([(listing.pending_action, listing.amazon_quantity) for listing in pending],
                         [('read', 0), (False, 2)])
        self.assertTrue(self.env['amazon.report'].search_count([('state', '=', 'asked')]),
                        "the reports are asked for all the same")
