import base64
import json

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..amazon_api.errors import Forbidden, NotFound, Unavailable
from ..utils.product_values import get_language, get_values
from .common import AmazonCase, FakeAmazon

PIXEL = b'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=='


def text(title, longest=50):
    return {'title': title, 'type': 'array', 'items': {'type': 'object', 'required': ['value'], 'properties': {
        'value': {'title': title, 'type': 'string', 'maxLength': longest}, 'language_tag': {'type': 'string'},
        'marketplace_id': {'type': 'string'}}}}


SCHEMA = {
    'type': 'object', 'required': ['item_name', 'brand', 'condition_type'], 'properties': {
        'item_name': text("Item Name"), 'brand': text("Brand Name"), 'color': text("Color"), 'fabric': text("Fabric"),
        'condition_type': {'title': "Condition", 'items': {'required': ['value'], 'properties': {
            'value': {'title': "Condition", 'type': 'string', 'enum': ['new_new', 'used_good'],
                      'enumNames': ["New", "Used"]}}}},
        'item_weight': {'title': "Weight", 'items': {'required': ['value', 'unit'], 'properties': {
            'value': {'title': "Weight", 'type': 'number'},
            'unit': {'title': "Unit", 'type': 'string', 'enum': ['kilograms']}}}},
        'merchant_suggested_asin': text("ASIN", 10),
        'main_product_image_locator': {'title': "Picture", 'items': {'properties': {
            'media_location': {'title': "Picture", 'type': 'string'}, 'marketplace_id': {'type': 'string'}}}},
        'fulfillment_availability': {'items': {}}, 'purchasable_offer': {'items': {}},
    },
}


@tagged('post_install', '-at_install')
class TestListingCreate(AmazonCase):
    """Selling a product of Odoo at Amazon."""

    def setUp(self):
        super().setUp()
        (self.seller.marketplace_ids - self.german).active = False
        self.german.language_code = 'en_GB'
        self.env['amazon.report'].create(
            {'marketplace_id': self.german.id, 'report_type': 'GET_MERCHANT_LISTINGS_ALL_DATA', 'state': 'done'})
        self.product.write({'weight': 1.5, 'company_id': self.company.id, 'list_price': 20})

    def amazon(self, **answers):
        amazon = FakeAmazon(**{
            'getDefinitionsProductType': {'displayName': "Shirt", 'schema': {'link': {'resource': 'schema'}}},
            'searchDefinitionsProductTypes': {'productTypes': [{'name': 'SHIRT', 'displayName': "Shirt"},
                                                               {'name': 'HAT', 'displayName': "Hat"}]},
            'putListingsItem': lambda *_args, **query: {'sku': 'SKU-A', 'status': 'VALID' if 'mode' in query
                                                        else 'ACCEPTED', 'issues': []},
            'searchListingsItems': {'numberOfResults': 0, 'items': []}, **answers})
        amazon.documents['schema'] = json.dumps(SCHEMA).encode()
        return amazon

    def sell(self, amazon=None, **vals):
        """What the wizard makes."""
        wizard = self.env['amazon.sell'].with_context(active_model='product.product',
                                                      active_ids=self.product.ids).create({
                                                          'marketplace_ids': [fields.Command.set(self.german.ids)],
                                                          **vals})
        with (amazon or self.amazon()).patched():
            action = wizard.action_next()
        return self.env['amazon.listing.draft'].browse(action['res_id'])

    def new_page(self, amazon=None):
        return self.sell(amazon, requirements='LISTING', product_type='SHIRT')

    def line(self, draft, path):
        return draft._get_lines().filtered(lambda line: line.path == path)

    def test_the_form_asks_for_what_amazon_requires_filled_from_the_product(self):
        draft = self.new_page()
        shown = {line.path: line.value for line in draft.line_ids}
        self.assertEqual(shown, {
            'item_name.value': "Product SKU-A", 'brand.value': "Test GmbH",
            'item_weight.value': '1.5', 'item_weight.unit': 'kilograms'})
        self.assertEqual(set(draft.optional_line_ids.mapped('path')), {
            'color.value', 'fabric.value', 'main_product_image_locator.media_location'})
        self.assertEqual(self.line(draft, 'item_weight.unit').choices, [['kilograms', 'kilograms']])
        self.assertEqual((draft.sku, draft.price), ('SKU-A', 20.0))

    def test_amazon_suggests_product_types(self):
        draft = self.sell(requirements='LISTING')
        self.assertFalse(draft.line_ids)
        with self.assertRaisesRegex(UserError, "product type"):
            draft.action_load_form()
        with self.amazon().patched():
            draft.action_suggest_types()
        self.assertEqual((draft.product_type, draft.choices), ('SHIRT', [['SHIRT', "Shirt"], ['HAT', "Hat"]]))

    def test_what_was_typed_stays_when_the_form_is_loaded_again(self):
        draft = self.new_page()
        self.line(draft, 'brand.value').value = "My brand"
        with self.amazon().patched():
            draft.action_load_form()
        self.assertEqual(self.line(draft, 'brand.value').value, "My brand")

    def test_the_schema_is_checked_before_amazon_is_asked(self):
        draft, amazon = self.new_page(), self.amazon()
        self.line(draft, 'item_name.value').value = "x" * 60
        self.line(draft, 'brand.value').value = False
        with amazon.patched():
            draft.action_check()
        self.assertEqual(amazon.named('putListingsItem'), [])
        self.assertIn("too long", self.line(draft, 'item_name.value').problem)
        self.assertEqual((self.line(draft, 'brand.value').problem, draft.state), ("Required", 'draft'))

    def test_amazons_preview_puts_its_issues_on_the_fields(self):
        draft = self.new_page()
        issues = [{'code': '1', 'severity': 'ERROR', 'message': "Unknown brand.", 'attributeNames': ['brand']},
                  {'code': '2', 'severity': 'ERROR', 'message': "Fabric is needed.", 'attributeNames': ['fabric']},
                  {'code': '3', 'severity': 'ERROR', 'message': "You may not sell this."}]
        with self.amazon(putListingsItem={'status': 'INVALID', 'issues': issues}).patched():
            draft.action_check()
        self.assertEqual((self.line(draft, 'brand.value').problem, draft.state), ("Unknown brand.", 'draft'))
        self.assertIn(self.line(draft, 'fabric.value'), draft.line_ids, "a field with a problem is shown")
        self.assertEqual(draft.problem_text, "You may not sell this.")
        amazon = self.amazon()
        with amazon.patched():
            draft.action_check()
        (_args, query), = amazon.named('putListingsItem')
        self.assertEqual((query['mode'], draft.state, draft.problem_text), ('VALIDATION_PREVIEW', 'checked', False))
        self.assertFalse(draft._get_lines().filtered('problem'))

    def test_sending_creates_the_listing(self):
        draft = self.new_page()
        draft.action_send()
        amazon = self.amazon()
        self.run_flow('listings', amazon)
        (args, query), = amazon.named('putListingsItem')
        attributes = query['body']['attributes']
        self.assertEqual((args[1], query['body']['productType'], query['body']['requirements']),
                         ('SKU-A', 'SHIRT', 'LISTING'))
        self.assertEqual(attributes['item_name'],
                         [{'value': "Product SKU-A", 'language_tag': 'en_GB',
                           'marketplace_id': self.german.marketplace_ref}])
        self.assertEqual(attributes['item_weight'][0]['value'], 1.5)
        self.assertEqual(attributes['fulfillment_availability'],
                         [{'fulfillment_channel_code': 'DEFAULT', 'quantity': 0}])
        self.assertEqual(attributes['purchasable_offer'][0]['our_price'], [{'schedule': [{'value_with_tax': 20.0}]}])
        listing = draft.listing_id
        self.assertEqual((draft.state, listing.sku, listing.product_id, listing.product_type, listing.channel),
                         ('done', 'SKU-A', self.product, 'SHIRT', 'fbm'))
        self.assertTrue(listing.follows_product)

    def test_what_amazon_refuses_is_shown_and_can_be_mended(self):
        draft = self.new_page()
        draft.action_send()
        issue = {'code': '1', 'severity': 'ERROR', 'message': "Unknown brand.", 'attributeNames': ['brand']}
        self.run_flow('listings', self.amazon(putListingsItem={'status': 'INVALID', 'issues': [issue]}))
        self.assertEqual((draft.state, self.line(draft, 'brand.value').problem, draft.listing_id.id),
                         ('refused', "Unknown brand.", False))
        draft.action_send()
        self.run_flow('listings', self.amazon())
        self.assertEqual(draft.state, 'done')

    def test_without_the_merchant_token_it_says_where_to_find_it(self):
        draft = self.new_page()
        self.seller.selling_partner_ref = False
        with self.assertRaisesRegex(UserError, "merchant token"):
            draft.action_send()
        with self.assertRaisesRegex(UserError, "merchant token"):
            self.german.action_start_stock()
        self.german.stock_sync = True
        self.make_listing('SKU-A', self.product)
        self.assertEqual(self.run_flow('stock'), [])
        sync = self.seller.sync_ids.filtered(lambda sync: sync.flow == 'stock')
        self.assertIn("merchant token", sync.error)
        self.assertEqual(self.seller.state, 'connected', "orders go on")

    def test_amazon_away_keeps_the_pending_action(self):
        draft = self.new_page()
        draft.action_send()
        self.run_flow('listings', self.amazon(putListingsItem=Unavailable("gone", status=503)))
        self.assertEqual(draft.state, 'sending')
        with self.amazon(putListingsItem=Unavailable("gone", status=503)).patched(), self.assertRaisesRegex(
                UserError, "cannot be reached"):
            self.new_page().action_check()

    def test_a_schema_that_cannot_be_read_now_is_read_later(self):
        draft = self.new_page()
        self.env['amazon.product.type'].search([]).unlink()
        draft.action_send()
        self.run_flow('listings', self.amazon(getDefinitionsProductType=Unavailable("gone", status=503)))
        self.assertEqual(draft.state, 'sending')
        self.run_flow('listings', self.amazon())
        self.assertEqual(draft.state, 'done')

    def test_fba_only_where_amazons_code_is_known(self):
        self.assertEqual(self.german._get_amazon_channel(), 'AMAZON_EU')
        japanese = self.seller.with_context(active_test=False).marketplace_ids.filtered(
            lambda market: market.country_id.code == 'JP')
        self.assertEqual(japanese._get_amazon_channel(), 'AMAZON_JP')
        self.seller.home_marketplace = 'AU'
        with self.assertRaises(UserError):
            self.german._get_amazon_channel()

    # === OFFER ONLY === #

    def page(self, *items):
        return {'searchCatalogItems': {'numberOfResults': len(items), 'items': list(items)}}

    def test_an_offer_on_a_page_that_the_barcode_leads_to(self):
        self.product.barcode = '4006381333931'
        amazon = self.amazon(**self.page({'asin': 'B0KETTLE01', 'summaries': [{'itemName': "Kettle"}]}))
        draft = self.sell(amazon, channel='fba')
        self.assertEqual(amazon.named('searchCatalogItems')[0][1]['identifiers'], ['4006381333931'])
        self.assertEqual((draft.asin, draft.asin_title, draft.sku), ('B0KETTLE01', "Kettle", 'SKU-A-FBA'))
        draft.action_send()
        amazon = self.amazon()
        self.run_flow('listings', amazon)
        body = amazon.named('putListingsItem')[0][1]['body']
        self.assertEqual((body['productType'], body['requirements']), ('PRODUCT', 'LISTING_OFFER_ONLY'))
        self.assertEqual(body['attributes']['fulfillment_availability'], [{'fulfillment_channel_code': 'AMAZON_EU'}],
                         "A1: no quantity of the merchant's")
        self.assertEqual(draft.listing_id.channel, 'fba')

    def test_asin_and_condition_are_in_one_place_and_sent_as_they_stand_there(self):
        """They were copied into the form, which was sent whatever was entered above it afterwards."""
        for draft in (self.sell(self.amazon(**self.page({'asin': 'B0KETTLE01', 'summaries': [{'itemName': "Kettle"}]})),
                                asin='B0KETTLE01'), self.new_page()):
            self.assertFalse(self.line(draft, 'merchant_suggested_asin.value') | self.line(
                draft, 'condition_type.value'))
            draft.write({'asin': 'B0OTHER001', 'condition': 'used_good', 'sku': f'SKU-{draft.id}'})
            self.assertFalse(draft.asin_title, "it was the other page's")
            draft.action_send()
            amazon = self.amazon()
            self.run_flow('listings', amazon)
            attributes = amazon.named('putListingsItem')[0][1]['body']['attributes']
            self.assertEqual([attributes[name][0]['value'] for name in ('merchant_suggested_asin', 'condition_type')],
                             ['B0OTHER001', 'used_good'])
            self.assertEqual((draft.listing_id.asin, draft.listing_id.condition), ('B0OTHER001', 'used_good'))

    def test_an_offer_needs_its_page_only(self):
        draft = self.sell(self.amazon(**self.page()))
        self.assertFalse(draft.asin)
        with self.assertRaisesRegex(UserError, "Enter the ASIN"):
            draft.action_send()
        draft.asin = 'B0KETTLE01'
        draft.action_send()
        amazon = self.amazon()
        self.run_flow('listings', amazon)
        self.assertEqual(draft.state, 'done', draft.problem_text)

    def test_a_problem_of_what_stands_above_the_form_names_it(self):
        draft = self.new_page()
        draft.write({'asin': 'B0' * 10, 'condition': 'club_club'})
        with self.amazon().patched():
            draft.action_check()
        self.assertRegex(draft.problem_text, r"Condition: .*\n?ASIN: |ASIN: .*\n?Condition: ")

    def test_the_asin_of_a_product_with_one_variant_is_on_the_product(self):
        template = self.env['product.template'].create({'name': "Kettle", 'amazon_asin': 'B0KETTLE01'})
        self.assertEqual(template.product_variant_id.amazon_asin, 'B0KETTLE01')
        template.amazon_asin = 'B0KETTLE02'
        self.assertEqual(template.product_variant_id.amazon_asin, 'B0KETTLE02')
        self.assertEqual(self.env['product.template'].search([('amazon_asin', '=', 'B0KETTLE02')]), template)

    def test_a_barcode_of_two_pages_leads_to_none(self):
        self.product.barcode = '4006381333931'
        draft = self.sell(self.amazon(**self.page({'asin': 'B01'}, {'asin': 'B02'})))
        self.assertEqual((draft.asin, draft.line_ids.ids), (False, []))

    def test_an_asin_that_amazon_does_not_have(self):
        with self.assertRaisesRegex(UserError, "B0NOTHING1"):
            self.sell(self.amazon(**self.page()), asin='B0NOTHING1')

    # === ENDING === #

    def test_closing_and_deleting(self):
        closed, deleted = self.make_listing('SKU-A', self.product), self.make_listing('SKU-B', self.other_product)
        closed.action_close()
        deleted.action_delete()
        amazon = self.amazon(deleteListingsItem={'status': 'ACCEPTED'})
        self.run_flow('listings', amazon)
        offer = {'marketplace_id': self.german.marketplace_ref, 'currency': 'EUR', 'audience': 'ALL'}
        self.assertEqual(amazon.named('patchListingsItem')[0][1]['body']['patches'], [
            {'op': 'delete', 'path': '/attributes/purchasable_offer', 'value': [offer]}])
        self.assertEqual(amazon.named('deleteListingsItem')[0][0][1], 'SKU-B')
        self.assertEqual((closed.status, closed.price_paused, deleted.status), ('inactive', True, 'removed'))
        deleted.unlink()
        with self.assertRaises(UserError):
            closed.unlink()

    def test_only_administrators_end_offers(self):
        user = self.env['res.users'].create(
            {'name': "U", 'login': 'amazon-user', 'company_ids': [fields.Command.set(self.company.ids)],
             'company_id': self.company.id,
             'group_ids': [fields.Command.link(self.env.ref('amazon_connector.group_amazon_user').id)]})
        listing = self.make_listing('SKU-A', self.product).with_user(user)
        for action in (listing.action_close, listing.action_delete, self.german.with_user(user).action_pass_guard):
            with self.assertRaises(AccessError):
                action()

    def test_an_end_that_amazon_refuses_is_shown(self):
        lost, refused = self.make_listing('SKU-A', self.product), self.make_listing('SKU-B', self.other_product)
        (lost | refused).action_delete()
        answers = [NotFound("SKU not found", status=404),
                   {'status': 'INVALID', 'issues': [{'severity': 'ERROR', 'message': "Not now.", 'code': '1'}]}]
        self.run_flow('listings', self.amazon(deleteListingsItem=answers))
        self.assertEqual({lost.pending_action_error, refused.pending_action_error}, {"SKU not found", "Not now."})
        self.assertFalse(lost.pending_action or refused.pending_action)

    def test_access_to_one_sku_refused_is_its_own(self):
        listings = [self.make_listing(f'SKU-{letter}', self.product) for letter in 'AB']
        for operation, action, done in (('patchListingsItem', 'action_close', 'inactive'),
                                        ('deleteListingsItem', 'action_delete', 'removed')):
            for refused, other in (listings, listings[::-1]):
                (refused | other).write({'status': 'active', 'pending_action': False, 'pending_action_error': False})
                getattr(refused | other, action)()
                self.run_flow('listings', self.amazon(**{operation: self.forbid(refused.sku)}))
                self.assertEqual((refused.status, refused.pending_action, other.status), ('active', False, done))
                self.assertIn("Access is denied", refused.pending_action_error)

    def test_an_operation_that_is_refused_keeps_what_was_asked_for(self):
        listing = self.make_listing('SKU-A', self.product)
        listing.action_delete()
        self.run_flow('listings', self.amazon(deleteListingsItem=self.forbid('SKU-A')))
        self.assertEqual((listing.status, listing.pending_action), ('active', 'delete'),
                         "as far as is known it is the operation")

    def forbid(self, sku):
        accepted = {'sku': sku, 'status': 'ACCEPTED', 'submissionId': '1'}
        return (lambda _seller, asked, **_options: Forbidden("Access is denied", status=403) if asked == sku
                else accepted)

    # === CHANGES === #

    def send_content(self, **answers):
        amazon = FakeAmazon(**answers)
        self.run_flow('content', amazon)
        patches = [patch for _args, kwargs in amazon.named('patchListingsItem') for patch in kwargs['body']['patches']]
        return {patch['path'].rsplit('/', 1)[1]: patch['value'][0] for patch in patches}

    def test_changes_of_the_product_go_out_on_change(self):
        self.german.content_sync = True
        listing = self.make_listing('SKU-A', self.product, product_type='SHIRT', follows_product=True)
        self.make_listing('SKU-A2', self.product, product_type='SHIRT')
        self.assertEqual(self.send_content()['item_name'], {
            'value': "Product SKU-A", 'language_tag': 'en_GB', 'marketplace_id': self.german.marketplace_ref})
        self.assertEqual(listing.content_state, 'accepted')
        self.assertEqual(self.send_content(), {}, "A13")
        self.product.write({'name': "New name", 'description_sale': "First line\nSecond", 'image_1920': PIXEL})
        sent = self.send_content()
        self.assertEqual((sent['item_name']['value'], sent['bullet_point']['value']), ("New name", "First line"))
        self.assertIn(f'/web/image/product.product/{self.product.id}/image_1920/',
                      sent['main_product_image_locator']['media_location'])
        self.assertEqual(self.send_content(), {})

    def test_texts_are_in_the_language_of_the_marketplace_or_not_sent(self):
        self.german.content_sync = True
        self.make_listing('SKU-A', self.product, product_type='SHIRT', follows_product=True)
        self.german.language_code = 'de_DE'
        self.assertEqual(self.send_content(), {})
        self.assertIn("de_DE", self.german.content_obstacle)
        self.env['res.lang']._activate_lang('de_DE')
        self.product.with_context(lang='de_DE').name = "Wasserkocher"
        self.assertEqual(self.send_content()['item_name']['value'], "Wasserkocher")
        self.assertFalse(self.german.content_obstacle)

    def test_a_picture_can_be_fetched_without_a_login(self):
        self.product.image_1920 = PIXEL
        url = get_values(self.product, self.german)['main_product_image_locator.media_location']
        self.assertIn('access_token=', url)
        self.assertTrue(base64.b64decode(PIXEL))

    def test_values_of_a_variant(self):
        values = [fields.Command.create({'name': name}) for name in ("Red", "Blue")]
        color = self.env['product.attribute'].create({'name': "Color", 'value_ids': values})
        template = self.env['product.template'].create({'name': "Tee", 'attribute_line_ids': [
            fields.Command.create({'attribute_id': color.id, 'value_ids': [fields.Command.set(color.value_ids.ids)]})]})
        values = get_values(template.product_variant_ids[0], self.german)
        self.assertEqual(values['color.value'], "Red")
        self.assertEqual(get_language(self.german), 'en_US', "another English serves")
