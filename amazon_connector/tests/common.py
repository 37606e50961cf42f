import contextlib
import json
from unittest.mock import patch

from odoo.fields import Command
from odoo.tests.common import TransactionCase, new_test_user

from ..amazon_api.client import Client
from ..amazon_api.documents import Document
from . import payloads


class Reply:
    """What the client returns, as far as the flows look at it."""

    def __init__(self, payload, token=None):
        self.payload = payload
        self.pagination = {'nextToken': token} if token else None


class FakeAmazon:
    """Amazon at the edge of a unit: answers by operation, documents by URL, and all calls in order.

    An answer is a function of the call's arguments, a list of payloads in turn, or one payload; exceptions are raised.
    """

    def __init__(self, **answers):
        self.answers = {'patchListingsItem': {'sku': '', 'status': 'ACCEPTED', 'submissionId': '1'},
                        'getMarketplaceParticipations': {'payload': []}, 'listPayouts': {'payouts': []},
                        'searchCatalogItems': {'numberOfResults': 0, 'items': []}, **answers}
        self.calls = []
        self.uploads = []
        self.documents = {}

    def call(self, operation, *args, **kwargs):
        self.calls.append((operation, args, kwargs))
        answer = self.answers[operation]
        result = answer.pop(0) if isinstance(answer, list) else answer(*args, **kwargs) if callable(answer) else answer
        if isinstance(result, Exception):
            raise result
        return result if isinstance(result, Reply) else Reply(result)

    def upload(self, _transport, _url, content, _content_type):
        self.uploads.append(content if content.startswith(b'<') else json.loads(content))

    def download(self, _transport, url, *, gzipped=False, max_bytes=None):
        content = self.documents[url]
        if isinstance(content, Exception):
            raise content
        return Document(content, '')

    def named(self, operation):
        return [(args, kwargs) for name, args, kwargs in self.calls if name == operation]

    @contextlib.contextmanager
    def patched(self):
        models = 'odoo.addons.amazon_connector.models'
        with patch.object(Client, 'call', lambda _client, *args, **kwargs: self.call(*args, **kwargs)), \
                patch(f'{models}.amazon_feed.upload', self.upload), patch(f'{models}.amazon_feed_result.download',
                                                                          self.download), \
                patch(f'{models}.amazon_report.download',
                      self.download), patch(f'{models}.amazon_product_type.download', self.download):
            yield self


class AmazonCase(TransactionCase):
    """A connected seller of a German company on several marketplaces, and products with stock."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls._find_or_make_company()
        cls.env.user.write({'company_ids': [(4, cls.company.id)], 'company_id': cls.company.id})
        cls.env = cls.env(context={**cls.env.context, 'allowed_company_ids': cls.company.ids})
        warehouses = cls.env['stock.warehouse']
        cls.warehouse = warehouses.search([('company_id', '=', cls.company.id)], limit=1) or warehouses.create(
            {'name': "Berlin", 'code': 'BER', 'company_id': cls.company.id})
        cls.seller = cls.env['amazon.seller'].create({
            'name': "Test seller", 'company_id': cls.company.id, 'home_marketplace': 'DE', 'state': 'connected',
            'environment': 'custom',
            'custom_url': 'http://127.0.0.1:9', 'lwa_client_ref': 'client', 'lwa_client_secret': 'secret',
            'refresh_token': 'token', 'selling_partner_ref': 'A1TEST', 'import_from': '2026-10-01',
        })
        cls.env['amazon.seller.marketplace']._update_from_amazon(cls.seller,
                                                                 [cls.participation(code)
                                                                  for code in payloads.MARKETPLACES])
        cls.german = cls.marketplace('DE')
        cls.product = cls._make_product('SKU-A')
        cls.other_product = cls._make_product('SKU-B')

    @classmethod
    def _find_or_make_company(cls):
        """Loading a chart of accounts takes seconds: `scripts/test` works on a database that has this company."""
        company = cls.env['res.company'].search([('name', '=', "Test GmbH")], limit=1)
        if not company:
            company = cls.env['res.company'].create({'name': "Test GmbH", 'currency_id': cls.env.ref('base.EUR').id})
            company.country_id = cls.env.ref('base.de')
            cls.env['account.chart.template'].try_loading('de_skr03', company=company, install_demo=False)
        return company

    @classmethod
    def participation(cls, code):
        marketplace, currency = payloads.MARKETPLACES[code]
        return {
            'marketplace': {'id': marketplace, 'name': f'Amazon {code}', 'countryCode': code,
                            'defaultCurrencyCode': currency,
                            'defaultLanguageCode': 'en_US', 'domainName': f'www.amazon.{code.lower()}'},
            'participation': {'isParticipating': True, 'hasSuspendedListings': False}, 'storeName': 'Test',
        }

    @classmethod
    def marketplace(cls, code):
        return cls.seller.marketplace_ids.filtered(
            lambda marketplace: marketplace.marketplace_ref == payloads.MARKETPLACES[code][0])

    @classmethod
    def _make_product(cls, sku, stock=100, **vals):
        product = cls.env['product.product'].create({'name': f"Product {sku}", 'default_code': sku, 'is_storable': True,
                                                     **vals})
        if stock and product.tracking == 'none':
            for location in cls.warehouse.lot_stock_id | cls.german.fba_location_id:
                cls.env['stock.quant']._update_available_quantity(product, location, stock)
        return product

    def make_responsible(self):
        """Give the seller a responsible person: the user of tests is none who could look at anything."""
        self.seller.user_id = self.new_user('responsible', 'amazon_connector.group_amazon_user')

    @classmethod
    def new_user(cls, login, groups, **vals):
        """Return a new user of the seller's company only."""
        return new_test_user(cls.env, login, groups=groups, company_id=cls.company.id,
                             company_ids=[Command.set(cls.company.ids)], **vals)

    def make_listing(self, sku, product=None, market=None, channel='DEFAULT', **vals):
        """A listing as the report brings it in."""
        return self.env['amazon.listing'].create({
            'marketplace_id': (market or self.german).id, 'sku': sku, 'product_id': product.id if product else False,
            'channel_code': channel, 'status': 'active', 'title': f"Title of {sku}", **vals})

    def set_stock(self, product, quantity, location=None):
        self.env['stock.quant']._update_available_quantity(
            product, location or self.warehouse.lot_stock_id,
            quantity - product.with_context(location=self.warehouse.view_location_id.ids).qty_available)
        self.env.invalidate_all()

    def run_flow(self, flow, amazon=None, **answers):
        """Run a flow as its job does; return the calls that it made, as pairs of operation and what was sent."""
        sync = self.seller.sync_ids.filtered(lambda sync: sync.flow == flow)
        sync.next_run = False
        amazon = amazon or FakeAmazon(**answers)
        with amazon.patched():
            self.run_job(flow)
        return amazon.calls

    @contextlib.contextmanager
    def in_job(self):
        """Give an environment with a cursor that may commit, as jobs and requests have it."""
        self.env.flush_all()
        with self.enter_registry_test_mode(), self.registry.cursor() as cr:
            yield self.env(cr=cr)
        self.env.invalidate_all()

    def run_job(self, flow):
        """Run the job of a flow, whatever is due of it."""
        with self.in_job() as env:
            env.ref(f'amazon_connector.ir_cron_amazon_{flow}').method_direct_trigger()

    def receive(self, *orders):
        """Store orders in the inbox and process all that is due; return their inbox rows in the same order."""
        inbox = self.env['amazon.order'].sudo()
        inbox._store(self.seller, orders)
        rows = inbox.search([('seller_id', '=', self.seller.id), ('state', '=', 'new')])
        for row in rows.with_context(tracking_disable=True):
            row._process()
        by_ref = {row.amazon_order_ref: row for row in inbox.search([('seller_id', '=', self.seller.id)])}
        return self.env['amazon.order'].sudo().concat(*(by_ref[order['orderId']] for order in orders))

    def receive_sale(self, order):
        """Store and process one order; return its sales order after checking that nothing was wrong."""
        row = self.receive(order)
        self.assertEqual(row.state, 'done', row.error)
        return row.sale_order_id

    def amazon_answers(self, **answers):
        """Patch the client: operation -> a function of the call's arguments, or a list of replies in turn."""
        def call(_client, operation, *args, **kwargs):
            answer = (answers[operation] if operation in answers or operation != 'getMarketplaceParticipations'
                      else lambda **_options: Reply({'payload': []}))
            result = answer.pop(0) if isinstance(answer, list) else answer(*args, **kwargs)
            if isinstance(result, Exception):
                raise result
            return result
        return patch.object(Client, 'call', call)
