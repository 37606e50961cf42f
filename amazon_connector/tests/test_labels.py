import base64
import datetime
import gzip
from unittest.mock import patch

import psycopg2

from odoo import fields
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tools import format_datetime
from odoo.tools.pdf import merge_pdf

from ..amazon_api.errors import AmazonError, RateLimited, Unavailable
from .common import FakeAmazon
from .payloads import item, order
from .test_shipments import ShipmentCase, shown

PNG = base64.b64decode(
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==')
PDF_FILE = merge_pdf([])
CONTENTS = {'PNG': PNG, 'ZPL': b'^XA^FDlabel^FS^XZ', 'PDF': PDF_FILE}
SIZE = {'width': 4, 'length': 6, 'unit': 'INCH'}


def rate(service, price, days, inputs=False, protected=True):
    arrives = (datetime.datetime(2026, 10, 2) + datetime.timedelta(days=days)).strftime('%Y-%m-%dT00:00:00Z')
    return {
        'rateId': service, 'serviceId': service, 'serviceName': service.title(), 'carrierId': 'UPS',
        'carrierName': 'UPS',
        'totalCharge': {'value': price, 'unit': 'EUR'}, 'promise': {'deliveryWindow': {'end': arrives}},
        'requiresAdditionalInputs': inputs,
        'supportedDocumentSpecifications': [{'format': form, 'size': SIZE, 'printOptions': [{
            'supportedDPIs': [203], 'supportedPageLayouts': ['DEFAULT'], 'supportedFileJoiningOptions': [False],
            'supportedDocumentDetails': [{'name': 'LABEL', 'isMandatory': True}]}]} for form in ('PNG', 'ZPL')],
        'benefits': {'includedBenefits': ['CLAIMS_PROTECTED'] if protected else [], 'excludedBenefits': []}}


# The order's buyer was promised 7 October.
RATES = [rate('slow', 3, 20), rate('standard', 5, 4), rate('fast', 9, 2), rate('express', 4, 1, inputs=True)]


class LabelCase(ShipmentCase):
    """On the French marketplace labels are bought by Shipping v2, on the German one by Merchant Fulfillment v0."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.warehouse.partner_id.write({'street': "Weg 1", 'city': "Berlin", 'zip': '10115',
                                        'country_id': cls.env.ref('base.de').id,
                                        'email': 'lager@example.com', 'phone': '+49301'})
        cls.box = cls.env['stock.package.type'].create({'name': "Box", 'packaging_length': 300, 'width': 200,
                                                        'height': 100, 'base_weight': 0.1})
        cls.method.write({'delivery_type': 'amazon', 'amazon_package_type_id': cls.box.id,
                          'amazon_label_format': 'PNG'})
        (cls.product | cls.other_product).weight = 0.5

    def open_delivery(self, *items, market='FR'):
        picking = self.receive_sale(order(*(items or [item()]), market=market)).picking_ids
        picking.carrier_id = self.method
        return picking

    def amazon(self, rates=RATES, number='T1', **answers):
        def purchase(body, *, business, key):
            document = {'type': 'LABEL', 'format': body['requestedDocumentSpecification']['format'], 'contents': ''}
            document['contents'] = base64.b64encode(CONTENTS[document['format']]).decode()
            return {'shipmentId': f'S-{key}', 'packageDocumentDetails': [
                {'packageClientReferenceId': '1', 'trackingId': number, 'packageDocuments': [document]}]}
        return FakeAmazon(**{'getRates': {'requestToken': 'R', 'rates': rates}, 'purchaseShipment': purchase,
                             'cancelShipment': {}, **answers})

    def buy(self, picking, amazon=None, **vals):
        label = self.env['amazon.label']._want(picking, **vals)
        amazon = amazon or self.amazon()
        self.run_flow('labels', amazon)
        return label, amazon


class TestLabels(LabelCase):

    def test_the_cheapest_in_time_is_bought_and_shown_on_the_delivery(self):
        picking = self.open_delivery(item('SKU-A', 2))
        label, amazon = self.buy(picking)
        self.assertEqual(label.state, 'bought', label.error)
        self.assertEqual((label.service_name, label.price, label.currency_id.name), ('Standard', 5.0, 'EUR'))
        self.assertEqual(picking.carrier_tracking_ref, 'T1')
        self.assertEqual(picking.carrier_price, 5.0)
        self.assertEqual(label.attachment_id.raw, PNG)
        self.assertEqual(label.attachment_id.name, 'LabelShipping-amazon-T1.png')
        self.assertEqual(label.attachment_id.res_id, picking.id)
        [((body,), options)] = amazon.named('getRates')
        self.assertEqual(options, {'business': 'AmazonShipping_FR'})
        parcel = body['packages'][0]
        self.assertEqual(parcel['weight'], {'value': 1100.0, 'unit': 'GRAM'})
        self.assertEqual(parcel['dimensions'], {'length': 30.0, 'width': 20.0, 'height': 10.0, 'unit': 'CENTIMETER'})
        self.assertEqual([entry['quantity'] for entry in parcel['items']], [2])

    def test_rules(self):
        for vals, service in (({'amazon_rule': 'fastest'}, 'Fast'), ({'amazon_rule': 'cheapest'}, 'Standard')):
            self.method.write(vals)
            self.assertEqual(self.buy(self.open_delivery())[0].service_name, service)
        late = [rate('slow', 3, 20)]
        self.assertIn("in time", self.buy(self.open_delivery(), self.amazon(late))[0].error)
        self.method.amazon_protected_only = True
        self.assertIn("protects",
                      self.buy(self.open_delivery(), self.amazon([rate('cheap', 1, 1, protected=False)]))[0].error)
        self.method.amazon_rule = 'ask'
        self.assertIn("person chooses", self.buy(self.open_delivery())[0].error)

    def test_a_person_chooses_and_answers_the_carrier(self):
        picking = self.open_delivery()
        schema = {'type': 'object', 'required': ['contents'],
                  'properties': {'contents': {'title': "What is inside", 'enum': ['Gift']}, 'hs': {}}}
        amazon = self.amazon(getAdditionalInputs=schema)
        with amazon.patched():
            wizard = self.env['amazon.label.buy'].browse(picking.action_amazon_buy_label()['res_id'])
            self.assertEqual(wizard.offer_ids.mapped('service'), ['Slow', 'Express', 'Standard', 'Fast'])
            self.assertEqual(wizard.offer_ids.mapped('in_time'), [False, True, True, True])
            wizard.offer_ids[1].action_choose()
        self.assertFalse(picking.amazon_label_ids, "a click buys nothing")
        self.assertEqual(wizard.input_ids.mapped('title'), ["What is inside", 'hs'])
        with self.assertRaisesRegex(UserError, "Fill in: What is inside"):
            wizard.action_buy()
        self.assertFalse(picking.amazon_is_buying)
        wizard.input_ids[0].value = 'Gift'
        wizard.action_buy()
        self.assertTrue(picking.amazon_is_buying, "no second one is offered")
        self.run_flow('labels', amazon)
        self.assertFalse(picking.amazon_is_buying)
        self.assertEqual(picking.amazon_label_ids.state, 'bought', picking.amazon_label_ids.error)
        [((body,), _options)] = amazon.named('purchaseShipment')
        self.assertEqual((body['rateId'], body['additionalInputs']), ('express', {'contents': 'Gift'}))

    def test_a_price_that_rose_is_not_paid(self):
        label, amazon = self.buy(self.open_delivery(), service_ref='standard', price_limit=4.0)
        self.assertEqual(label.state, 'failed')
        self.assertIn("rose to 5", label.error)
        self.assertFalse(amazon.named('purchaseShipment'))

    def test_a_delivery_with_a_bought_label_is_confirmed_without_a_confirmation(self):
        picking = self.open_delivery()
        self.buy(picking)
        picking.button_validate()
        self.assertEqual(picking.state, 'done')
        self.assertEqual(picking.amazon_state, 'sent', "whoever buys from Amazon need not confirm")
        self.assertFalse(self.confirm())
        package = picking.amazon_package_ids
        self.assertEqual(package.tracking_number, 'T1')
        self.read_back(shows=[shown(package, packageReferenceId='900')])
        self.assertEqual(picking.amazon_state, 'confirmed')

    def test_a_label_that_amazon_does_not_show_is_confirmed_by_hand(self):
        picking = self.open_delivery()
        self.buy(picking)
        picking.button_validate()
        for _look in range(3):
            self.read_back(shows=[])
        package = picking.amazon_package_ids
        self.assertEqual((package.detail_pushed['carrierCode'], package.detail_pushed['trackingNumber']), ('UPS', 'T1'))

    def test_validation_asks_for_the_label_and_waits_for_it(self):
        picking = self.open_delivery()
        picking.button_validate()
        self.assertEqual(picking.state, 'done')
        self.assertEqual(picking.amazon_label_ids.state, 'wanted',
                         "nothing talks to Amazon while a delivery is validated")
        self.assertFalse(self.confirm())
        self.assertIn("not bought yet", picking.amazon_package_ids.error)
        self.run_flow('labels', self.amazon())
        self.assertEqual(picking.carrier_tracking_ref, 'T1')
        self.assertEqual(picking.amazon_package_ids.state, 'sent')

    def test_a_label_for_each_package(self):
        picking = self.open_delivery(item('SKU-A', 2))
        boxes = self.env['stock.package'].create(
            [{'name': "BOX1", 'shipping_weight': 2, 'package_type_id': self.box.id}, {'name': "BOX2"}])
        line = picking.move_line_ids
        line.write({'quantity': 1, 'result_package_id': boxes[0].id})
        line.copy({'quantity': 1, 'result_package_id': boxes[1].id, 'move_id': line.move_id.id,
                   'picking_id': picking.id})
        numbers = iter(['T1', 'T2'])
        amazon = self.amazon()
        purchase = amazon.answers['purchaseShipment']

        def numbered(body, **options):
            reply = purchase(body, **options)
            reply['packageDocumentDetails'][0]['trackingId'] = next(numbers)
            return reply
        amazon.answers['purchaseShipment'] = numbered
        labels, amazon = self.buy(picking, amazon)
        weights = [body['packages'][0]['weight']['value'] for (body,), _options in amazon.named('getRates')]
        self.assertEqual(weights, [2000.0, 600.0])
        self.assertEqual(picking.carrier_tracking_ref, 'T1,T2')
        self.assertEqual(picking.carrier_price, 10.0)
        picking.button_validate()
        self.assertEqual({package.stock_package_id: package.tracking_number for package in picking.amazon_package_ids},
                         {boxes[0]: 'T1', boxes[1]: 'T2'})
        self.assertEqual(len(labels), 2)

    def test_a_purchase_without_an_answer_happens_once(self):
        picking = self.open_delivery()
        amazon = self.amazon(purchaseShipment=[Unavailable("No reply")])
        label, _amazon = self.buy(picking, amazon)
        self.assertEqual(label.state, 'buying')
        before = label.key, label.request
        good = self.amazon()
        self.run_flow('labels', good)
        self.assertEqual(label.state, 'bought')
        [((body,), options)] = good.named('purchaseShipment')
        self.assertEqual((options['key'], body), before, "the same request under the same key")
        self.assertFalse(good.named('getRates'))

    def test_a_rate_that_ran_out_meanwhile_is_asked_for_again(self):
        label, _amazon = self.buy(self.open_delivery(), self.amazon(purchaseShipment=[Unavailable("No reply")]))
        self.run_flow('labels',
                      self.amazon(purchaseShipment=[AmazonError("The rate is not valid any more.", status=400)]))
        self.assertEqual(label.state, 'wanted')
        self.run_flow('labels', self.amazon())
        self.assertEqual(label.state, 'bought')

    def test_merchant_fulfillment_is_never_asked_twice(self):
        picking = self.open_delivery(market='DE')
        service = {'ShippingServiceName': "Paket", 'CarrierName': "DHL", 'ShippingServiceId': 'P',
                   'ShippingServiceOfferId': 'O', 'RateWithAdjustments': {'CurrencyCode': 'EUR', 'Amount': 5.5},
                   'LatestEstimatedDeliveryDate': '2026-10-05T00:00:00Z',
                   'AvailableLabelFormats': ['PNG', 'ZPL203'], 'RequiresAdditionalSellerInputs': False}
        sold = {'ShipmentId': 'S', 'TrackingId': 'T9', 'Label': {'FileContents': {
            'Contents': base64.b64encode(gzip.compress(PNG)).decode(), 'FileType': 'image/png'}}}
        offers = {'ShippingServiceList': [service]}
        amazon = FakeAmazon(getEligibleShipmentServices=offers, createShipment=[Unavailable("No reply")])
        label, _amazon = self.buy(picking, amazon)
        self.assertEqual(label.state, 'buying')
        self.run_flow('labels', FakeAmazon())
        self.assertEqual(label.state, 'failed')
        self.assertIn("Seller Central", label.error)
        label.action_retry()
        self.run_flow('labels', FakeAmazon(getEligibleShipmentServices=offers, createShipment=sold))
        self.assertEqual((label.state, picking.carrier_tracking_ref, label.price), ('bought', 'T9', 5.5))

    def test_what_amazon_was_not_asked_is_asked_later(self):
        picking = self.open_delivery(market='DE')
        service = {'ShippingServiceName': "Paket", 'CarrierName': "DHL", 'ShippingServiceId': 'P',
                   'ShippingServiceOfferId': 'O', 'RateWithAdjustments': {'CurrencyCode': 'EUR', 'Amount': 5.5},
                   'LatestEstimatedDeliveryDate': '2026-10-05T00:00:00Z',
                   'AvailableLabelFormats': ['PNG'], 'RequiresAdditionalSellerInputs': False}
        until = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=30)
        limited = FakeAmazon(getEligibleShipmentServices={'ShippingServiceList': [service]},
                             createShipment=[RateLimited(until)])
        label, _amazon = self.buy(picking, limited)
        self.assertEqual(label.state, 'wanted', "the rate limit says that nothing was bought")

    def test_a_label_that_was_paid_for_is_kept_if_the_delivery_cannot_be_written(self):
        picking = self.open_delivery()
        with patch.object(type(picking), 'message_post', side_effect=psycopg2.OperationalError):
            label, _amazon = self.buy(picking)
        self.assertEqual((label.state, label.tracking_number), ('buying', 'T1'))
        amazon = FakeAmazon()
        self.run_flow('labels', amazon)
        self.assertEqual((label.state, picking.carrier_tracking_ref, amazon.calls), ('bought', 'T1', []))

    def test_a_purchase_without_an_answer_is_not_repeated_after_long(self):
        label, _amazon = self.buy(self.open_delivery(), self.amazon(purchaseShipment=[Unavailable("No reply")]))
        self.env.cr.execute("UPDATE amazon_label SET write_date = now() - interval '1 day'")
        self.env.invalidate_all()
        amazon = self.amazon()
        self.run_flow('labels', amazon)
        self.assertEqual((label.state, amazon.calls), ('failed', []))

    def test_amazons_refusal_is_shown_and_holds_nothing_else(self):
        pickings = self.open_delivery() | self.open_delivery()
        amazon = self.amazon()
        amazon.answers['getRates'] = [AmazonError("ShipFrom is wrong", status=400), amazon.answers['getRates']]
        labels, _amazon = self.buy(pickings, amazon)
        self.assertEqual(labels.mapped('state'), ['failed', 'bought'])
        self.assertIn("ShipFrom", labels[0].error)
        self.assertTrue(labels[0].picking_id.activity_ids)

    def test_cancel(self):
        picking = self.open_delivery()
        label, _amazon = self.buy(picking)
        picking.cancel_shipment()
        self.assertEqual(label.state, 'void')
        amazon = self.amazon()
        self.run_flow('labels', amazon)
        self.assertEqual([args for args, _options in amazon.named('cancelShipment')], [(label.shipment_ref,)])
        self.assertEqual(label.state, 'voided')
        self.assertFalse(label.attachment_id)
        self.assertFalse(picking.carrier_tracking_ref)
        self.assertEqual(self.buy(picking)[0].state, 'bought', "another can be bought")

    def test_too_late_to_cancel(self):
        picking = self.open_delivery()
        label, _amazon = self.buy(picking)
        picking.cancel_shipment()
        self.run_flow('labels', self.amazon(cancelShipment=[AmazonError("handed over already", status=400)]))
        self.assertEqual(label.state, 'bought')
        self.assertIn("handed over", label.error)
        self.assertEqual(picking.carrier_tracking_ref, 'T1', "the label is still paid for")
        self.assertTrue(picking.activity_ids)

    def test_many_with_progress_and_failures(self):
        pickings = self.env['stock.picking'].union(*(self.open_delivery() for _number in range(3)))
        other = self.receive_sale(order(item(), market='FR')).picking_ids
        batch = self.env['amazon.label.batch'].browse((pickings | other).action_amazon_buy_label()['res_id'])
        self.assertEqual((batch.count, batch.progress), (3, 0.0))
        self.env['res.lang']._activate_lang('fr_FR')
        batch.invalidate_recordset()
        self.assertEqual(batch.with_context(lang='fr_FR', tz='Europe/Paris').display_name,
                         format_datetime(self.env, batch.create_date, 'Europe/Paris', 'dd/MM/y HH:mm:ss', 'fr_FR'))
        self.assertIn(other.name, batch.refused)
        amazon = self.amazon()
        amazon.answers['getRates'] = [{'requestToken': 'R', 'rates': []}, *[amazon.answers['getRates']] * 2]
        self.run_flow('labels', amazon)
        self.assertEqual((batch.bought_count, batch.failed_count, batch.progress), (2, 1, 100.0))
        content, mimetype, _extension = batch.label_ids._make_document()
        self.assertTrue(content.startswith(b'%PDF'))
        self.assertEqual(mimetype, 'application/pdf')
        batch.action_retry()
        self.run_flow('labels', self.amazon())
        self.assertEqual(batch.bought_count, 3)

    def test_a_parcel_that_got_another_label_does_not_stop_the_others(self):
        """Trying a selection again ended for all of them with the rule that a parcel has one label."""
        replaced, other = self.open_delivery(), self.open_delivery()
        batch = self.env['amazon.label.batch'].browse((replaced | other).action_amazon_buy_label()['res_id'])
        amazon = self.amazon()
        amazon.answers['getRates'] = [{'requestToken': 'R', 'rates': []}] * 2
        self.run_flow('labels', amazon)
        failed = batch.label_ids
        self.assertEqual(failed.mapped('state'), ['failed', 'failed'])
        bought, _amazon = self.buy(replaced)
        (failed | bought).action_retry()
        self.assertEqual({label.picking_id: label.state for label in failed}, {replaced: 'failed', other: 'wanted'})
        with self.assertRaisesRegex(UserError, "other labels"):
            failed.filtered(lambda label: label.picking_id == replaced).action_retry()

    def test_printing(self):
        picking = self.open_delivery()
        with self.assertRaisesRegex(UserError, "No label is bought"):
            picking.action_amazon_print_labels()
        label, _amazon = self.buy(picking)
        self.assertIn(f'/labels/{label.id}', picking.action_amazon_print_labels()['url'])
        self.method.amazon_label_format = 'ZPL'
        zebra, _amazon = self.buy(self.open_delivery())
        self.assertEqual(zebra._make_document()[1:], ('application/zpl', 'zpl'))
        with self.assertRaisesRegex(UserError, "apart"):
            (label | zebra)._make_document()
        self.method.amazon_label_format = 'PDF'
        self.assertIn("no labels as PDF", self.buy(self.open_delivery())[0].error)

    def test_what_is_missing_is_named(self):
        cases = [(self.warehouse.partner_id, {'phone': False, 'street': False}, "lacks: street, phone"),
                 (self.box, {'width': 0}, "package type Box"), (self.product, {'weight': 0}, "weight is missing")]
        self.company.partner_id.phone = False
        for record, vals, words in cases:
            with self.subTest(words):
                before = {field: record[field] for field in vals}
                record.write(vals)
                self.box.base_weight = 0
                label, amazon = self.buy(self.open_delivery())
                self.assertIn(words, label.error or '')
                self.assertFalse(amazon.calls)
                record.write(before)
        with self.assertRaises(ValidationError):
            self.method.amazon_package_type_id = False

    def test_a_label_is_for_one_order(self):
        picking, other = self.open_delivery(), self.open_delivery()
        other.move_ids.write({'picking_id': picking.id})
        with self.assertRaisesRegex(UserError, "several Amazon orders"):
            self.env['amazon.label']._want(picking)

    def test_price_on_the_order(self):
        sale = self.receive_sale(order(item(), market='FR'))
        with self.amazon().patched():
            self.assertEqual(self.method.rate_shipment(sale)['carrier_price'], 5.0)
        other = self.env['sale.order'].create(
            {'partner_id': sale.partner_id.id, 'order_line': [Command.create({'product_id': self.product.id})]})
        self.assertIn("Amazon orders", self.method.rate_shipment(other)['error_message'])

    def test_tracking(self):
        picking = self.open_delivery()
        label, _amazon = self.buy(picking)
        self.assertIn(picking.amazon_order_ref, picking.carrier_tracking_url)
        for status, over in (('InTransit', False), ('Delivered', True)):
            label.next_track = fields.Datetime.now()
            self.run_flow('labels', self.amazon(getTracking={'summary': {'status': status}}))
            self.assertEqual((label.tracking_status, not label.next_track), (status, over))

    def test_ship_plus_needs_a_label(self):
        picking = self.receive_sale(order(item(), programs=['FBM_SHIP_PLUS_LITE', 'PRIME'])).picking_ids
        self.assertFalse(picking.sale_id.amazon_is_ship_plus, "another program")
        picking = self.receive_sale(order(item(), programs=['FBM_SHIP_PLUS'])).picking_ids
        picking.write({'carrier_id': self._make_method("DHL").id, 'carrier_tracking_ref': '111111111111'})
        action = picking.button_validate()
        self.assertIn("Ship+", self.env['amazon.ship.warning'].browse(action['res_id']).line_ids.problem)

    def test_labels_name_buyers_and_go_with_them(self):
        picking = self.open_delivery()
        label, _amazon = self.buy(picking)
        attachment = label.attachment_id
        picking.button_validate()
        self.env['amazon.retention']._erase(picking.sale_id, self.env['res.partner'])
        self.assertFalse(attachment.exists())
