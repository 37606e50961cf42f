import datetime
import itertools

from odoo import fields
from odoo.tests import tagged

from ..amazon_api.errors import Unavailable
from .common import AmazonCase, FakeAmazon

HEADER = ('item-name\tseller-sku\tprice\tquantity\tproduct-id-type\tasin1\tproduct-id\titem-condition'
          '\tfulfillment-channel\tstatus')
NUMBERS = itertools.count(1)
NO_ITEMS = {'numberOfResults': 0, 'items': []}


def line(sku, price='19.99', quantity='5', channel='DEFAULT', kind='1', number='', asin='B0TEST0001', status='Active',
         title="Kettle"):
    return '\t'.join([title, sku, price, quantity, kind, asin, number or asin, '11', channel, status])


class ListingCase(AmazonCase):
    """A seller on one marketplace, and Amazon's answers as far as reports of listings go."""

    def setUp(self):
        super().setUp()
        (self.seller.marketplace_ids - self.german).active = False

    def amazon(self, *lines, header=HEADER, **answers):
        amazon = FakeAmazon(**{
            'createReport': lambda **_kwargs: {'reportId': f'R{next(NUMBERS)}'},
            'getReport': {'processingStatus': 'DONE', 'reportDocumentId': 'D1'},
            'getReportDocument': {'reportDocumentId': 'D1', 'url': 'here'}, 'searchListingsItems': NO_ITEMS, **answers})
        amazon.documents['here'] = '\n'.join([header, *lines]).encode() if header is not None else lines[0]
        return amazon

    def import_report(self, amazon):
        """Ask for a report now, and look again when Amazon has had time."""
        self.run_flow('listings', amazon)
        now, reports = fields.Datetime.now(), self.env['amazon.report'].search([])
        reports.next_poll = now
        # Whatever was made in this second was there before.
        reports.filtered('asked_date').asked_date = now + datetime.timedelta(seconds=1)
        self.run_flow('listings', amazon)
        return self.env['amazon.report'].search([('marketplace_id', '=', self.german.id)], limit=1)

    def listing(self, sku, market=None):
        return self.env['amazon.listing'].search([('marketplace_id', '=', (market or self.german).id),
                                                  ('sku', '=', sku)])


@tagged('post_install', '-at_install')
class TestListingImport(ListingCase):
    """The daily report of all listings."""

    def test_one_report_brings_in_all_listings(self):
        amazon = self.amazon(line('SKU-A'), line('SKU-B-FBA', quantity='', channel='AMAZON_EU'),
                             line('NEW', price='', status='Incomplete'))
        report = self.import_report(amazon)
        self.assertEqual((report.state, report.row_count), ('done', 3), report.error)
        self.assertFalse(report.content, "the document is not kept once it is imported")
        kettle, twin, new = (self.listing(sku) for sku in ('SKU-A', 'SKU-B-FBA', 'NEW'))
        self.assertEqual((kettle.product_id, kettle.channel, kettle.status, kettle.amazon_quantity, kettle.amazon_price,
                          kettle.condition),
                         (self.product, 'fbm', 'active', 5, 19.99, 'new_new'))
        self.assertEqual((twin.channel, twin.mapping_state), ('fba', 'unmapped'))
        self.assertEqual((new.status, new.amazon_price), ('incomplete', 0))
        self.assertLessEqual(len(amazon.calls), 6, "report, document, issues, pictures and ranks")

    def test_a_second_report_updates_listings_and_marks_the_removed_ones(self):
        self.import_report(self.amazon(line('SKU-A'), line('SKU-B')))
        self.env['amazon.report'].search([]).unlink()
        # What was created within the second in which the next report is requested may be missing in it.
        self.env.cr.execute("UPDATE amazon_listing SET create_date = create_date - interval '1 minute'")
        self.import_report(self.amazon(line('SKU-A', price='21.50', quantity='3')))
        self.assertEqual((self.listing('SKU-A').amazon_price, self.listing('SKU-A').amazon_quantity), (21.5, 3))
        self.assertEqual((self.listing('SKU-B').status, self.listing('SKU-B').product_id),
                         ('removed', self.other_product))
        self.assertEqual(self.env['amazon.listing'].search_count([('marketplace_id', '=', self.german.id)]), 2)

    def test_no_second_report_on_the_same_day(self):
        """A13"""
        self.import_report(self.amazon(line('SKU-A')))
        self.assertEqual(self.run_flow('listings'), [])

    def test_amazon_takes_its_time(self):
        amazon = self.amazon(getReport={'processingStatus': 'IN_PROGRESS'})
        report = self.import_report(amazon)
        sync = self.seller.sync_ids.filtered(lambda sync: sync.flow == 'listings')
        self.assertEqual((report.state, report.polls), ('asked', 1))
        self.assertLess(sync.next_run, fields.Datetime.now() + datetime.timedelta(minutes=11),
                        "it looks again in some minutes")

    def test_a_report_that_amazon_gives_up_is_shown_and_asked_for_again(self):
        report = self.import_report(self.amazon(getReport={'processingStatus': 'FATAL'}))
        self.assertEqual(report.state, 'error')
        self.assertIn('FATAL', report.error)
        amazon = self.amazon(line('SKU-A'))
        self.assertEqual(self.import_report(amazon).state, 'done', "an error does not count as the report of the day")

    def test_a_document_that_is_no_such_report_changes_nothing(self):
        report = self.import_report(self.amazon('x', header='nothing\tof the kind'))
        self.assertEqual(report.state, 'error')
        self.assertIn('seller-sku', report.error)

    def test_an_import_that_was_interrupted_goes_on_where_it_was(self):
        amazon = self.amazon(line('SKU-A'), line('SKU-B'))
        report = self.import_report(self.amazon(line('SKU-A'), line('SKU-B'),
                                                searchListingsItems=Unavailable("gone", status=503)))
        self.assertEqual((report.state, report.position), ('ready', 2))
        self.run_flow('listings', amazon)
        self.assertEqual(report.state, 'done')
        self.assertFalse(amazon.named('createReport') or amazon.named('getReportDocument'), "nothing is fetched twice")

    def test_issues_are_read_for_the_listings_that_have_some(self):
        issue = {'code': '18027', 'message': "The main image has text.", 'severity': 'WARNING',
                 'attributeNames': ['main_image'], 'categories': []}
        items = {'numberOfResults': 1, 'items': [{'sku': 'SKU-A', 'issues': [issue]}]}
        self.import_report(self.amazon(line('SKU-A'), line('SKU-B'), searchListingsItems=items))
        self.assertEqual((self.listing('SKU-A').issue_level, self.listing('SKU-A').issue_text),
                         ('warning', "main_image: The main image has text."))
        self.assertFalse(self.listing('SKU-B').issue_level)
        self.env['amazon.report'].search([]).unlink()
        self.import_report(self.amazon(line('SKU-A'), line('SKU-B')))
        self.assertFalse(self.listing('SKU-A').issue_level, "an issue that Amazon no longer has is forgotten")

    def test_a_strange_value_spoils_its_row_only(self):
        self.import_report(self.amazon(line('SKU-A', quantity='many'), line('SKU-B')))
        self.assertIn('many', self.listing('SKU-A').report_problem)
        self.assertEqual(self.listing('SKU-B').amazon_quantity, 5)

    def test_what_a_report_lacks_says_nothing_of_what_is_known(self):
        listing = self.make_listing('SKU-A', self.product, asin='B0KNOWN001', amazon_quantity=4)
        header = 'seller-sku\tprice\tquantity\tfulfillment-channel\tstatus'
        self.import_report(self.amazon('SKU-A\t1.00\tmany\tDEFAULT\tActive', header=header))
        self.assertEqual((listing.asin, listing.title, listing.amazon_quantity), ('B0KNOWN001', "Title of SKU-A", 4))

    def test_a_listing_made_after_the_report_is_not_removed(self):
        listing = self.make_listing('JUST-MADE', self.product)
        amazon = self.amazon(line('SKU-A'))
        self.run_flow('listings', amazon)
        report = self.env['amazon.report'].search([], limit=1)
        report.write({'asked_date': listing.create_date - datetime.timedelta(minutes=1),
                      'next_poll': fields.Datetime.now()})
        self.run_flow('listings', amazon)
        self.assertEqual((report.state, listing.status), ('done', 'active'))

    def test_sync_now_reads_one_listing(self):
        listing = self.make_listing('SKU-A', self.product)
        self.env['amazon.report'].create(
            {'marketplace_id': self.german.id, 'report_type': 'GET_MERCHANT_LISTINGS_ALL_DATA', 'state': 'done'})
        listing.action_sync_now()
        item = {'sku': 'SKU-A', 'issues': [],
                'offers': [{'offerType': 'B2C', 'price': {'amount': '17.00', 'currencyCode': 'EUR'}}],
                'fulfillmentAvailability': [{'fulfillmentChannelCode': 'DEFAULT', 'quantity': 9}],
                'summaries': [{'asin': 'B0NEW', 'productType': 'KETTLE', 'status': ['BUYABLE'], 'itemName': "New name",
                               'conditionType': 'used_good'}]}
        calls = self.run_flow('listings', searchListingsItems={'numberOfResults': 1, 'items': [item]})
        self.assertEqual([name for name, _args, _kwargs in calls], ['searchListingsItems'])
        self.assertEqual((listing.amazon_quantity, listing.amazon_price, listing.product_type, listing.asin,
                          listing.condition, listing.pending_action),
                         (9, 17.0, 'KETTLE', 'B0NEW', 'used_good', False))

    def test_fba_inventory_is_shown(self):
        twin = self.make_listing('SKU-A-FBA', self.product, channel='AMAZON_EU')
        self.make_listing('SKU-A', self.product)
        summary = {'sellerSku': 'SKU-A-FBA', 'fnSku': 'X001', 'inventoryDetails': {
            'fulfillableQuantity': 12, 'inboundShippedQuantity': 3, 'inboundWorkingQuantity': 1,
            'reservedQuantity': {'totalReservedQuantity': 2}}}
        calls = self.run_flow('fba_inventory', getInventorySummaries={'inventorySummaries': [summary]})
        self.assertEqual((twin.fba_quantity, twin.fba_inbound, twin.fba_reserved, twin.fnsku), (12, 4, 2, 'X001'))
        self.assertEqual(len(calls), 1, "only marketplaces with FBA listings are asked")
