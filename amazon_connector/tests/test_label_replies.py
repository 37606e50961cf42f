import base64
import gzip
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user
from odoo.tools import mute_logger

from ..amazon_api.errors import NotFound, Unavailable
from ..amazon_api.storable import make_storable
from ..models import amazon_label_document
from .common import FakeAmazon
from .mutations import mutations
from .payloads import item
from .test_labels import PNG, RATES, SIZE, LabelCase, rate
from .test_shipments import shown

CONTENTS = base64.b64encode(PNG).decode()


def sold(contents=CONTENTS, number='T1', ref='S1'):
    return {
        'shipmentId': ref,
        'packageDocumentDetails': [
            {
                'packageClientReferenceId': '1',
                'trackingId': number,
                'packageDocuments': [{'type': 'LABEL', 'format': 'PNG', 'contents': contents}],
            }
        ],
    }


def service(price=5.5, **changes):
    return {
        'ShippingServiceName': "Paket",
        'CarrierName': "DHL",
        'ShippingServiceId': 'P',
        'ShippingServiceOfferId': 'O',
        'AvailableLabelFormats': ['PNG'],
        'RateWithAdjustments': {'CurrencyCode': 'EUR', 'Amount': price},
        'LatestEstimatedDeliveryDate': '2026-10-05T00:00:00Z',
        'RequiresAdditionalSellerInputs': False,
        **changes,
    }


def shipment(number='T1', ref='S1', **changes):
    return {
        'ShipmentId': ref,
        'TrackingId': number,
        'ShippingService': service(5.75),
        'Label': {'FileContents': {'Contents': base64.b64encode(gzip.compress(PNG)).decode(), 'FileType': 'image/png'}},
        **changes,
    }


def with_group(offer, required=True, services=(('SIGN', 2.5), ('CONFIRM', 0.5)), ref='CONFIRMATION'):
    return {
        **offer,
        'availableValueAddedServiceGroups': offer.get('availableValueAddedServiceGroups', [])
        + [
            {
                'groupId': ref,
                'groupDescription': ref.title(),
                'isRequired': required,
                'valueAddedServices': [
                    {'id': name, 'name': name.title(), 'cost': {'value': price, 'unit': 'EUR'}}
                    for name, price in services
                ],
            }
        ],
    }


class TestLabelReplies(LabelCase):
    # === WHAT IS PAID FOR === #

    def test_a_label_that_cannot_be_decoded_is_kept_and_holds_no_other(self):
        labels = self.env['amazon.label']._want(self.open_delivery() | self.open_delivery() | self.open_delivery())
        replies = [
            sold(number='T1', ref='S1'),
            sold(contents='{not base64}', number='T2', ref='S2'),
            sold(number='T3', ref='S3'),
        ]
        self.run_flow(
            'labels',
            self.amazon(purchaseShipment=replies, getShipmentDocuments=[NotFound("There is none", status=404)]),
        )
        self.assertEqual(labels.mapped('state'), ['bought'] * 3, labels.mapped('error'))
        bad = labels[1]
        self.assertEqual(
            (bad.shipment_ref, bad.tracking_number, bad.price, bad.document_state), ('S2', 'T2', 5.0, 'missing')
        )
        self.assertEqual((bad.picking_id.carrier_tracking_ref, bad.picking_id.carrier_price), ('T2', 5.0))
        self.assertFalse(bad.attachment_id)
        self.assertIn("its document is missing", bad.error)
        self.assertTrue(bad.picking_id.activity_ids)
        self.assertEqual([label.attachment_id.raw for label in labels - bad], [PNG] * 2)
        with self.assertRaisesRegex(UserError, "No label"):
            bad.action_print()
        self.assertEqual(labels.action_print()['params']['type'], 'warning')
        bad.with_user(self._make_stock_user()).action_fetch_document()
        amazon = self.amazon(
            getShipmentDocuments={**sold(), 'packageDocumentDetail': sold()['packageDocumentDetails'][0]}
        )
        self.run_flow('labels', amazon)
        self.assertEqual(
            (bad.attachment_id.raw, bad.document_state, bad.error, amazon.named('purchaseShipment')),
            (PNG, False, False, []),
        )
        self.assertEqual(
            amazon.named('getShipmentDocuments'),
            [(('S2',), {'packageClientReferenceId': '1', 'business': 'AmazonShipping_FR'})],
        )

    def _make_stock_user(self, groups='stock.group_stock_user'):
        return new_test_user(
            self.env,
            f'user_{groups}',
            groups=groups,
            company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)],
        )

    def test_documents_are_for_those_who_send_parcels(self):
        label, _amazon = self.buy(self.open_delivery())
        with self.assertRaises(AccessError):
            label.with_user(self._make_stock_user('base.group_user')).action_fetch_document()

    def test_a_document_is_fetched_at_once_if_the_first_one_was_damaged(self):
        for market, first, answer in (
            (
                'FR',
                {'purchaseShipment': sold(contents='')},
                {'getShipmentDocuments': {'packageDocumentDetail': sold()['packageDocumentDetails'][0]}},
            ),
            ('DE', {'createShipment': shipment(Label={})}, {'getShipment': shipment()}),
        ):
            picking = self.open_delivery(market=market)
            label, _amazon = self.buy(
                picking,
                self.amazon(getEligibleShipmentServices={'ShippingServiceList': [service()]}, **first, **answer),
            )
            self.assertEqual(
                (label.state, label.attachment_id.raw, label.error, label.document_state), ('bought', PNG, False, False)
            )
        self.assertEqual(label.price, 5.75, "what Amazon says was paid")

    def test_a_sold_label_without_an_id_is_not_bought_again_by_itself(self):
        for market, answer in (
            ('FR', {'purchaseShipment': sold(ref=None)}),
            ('DE', {'createShipment': shipment(ref=[])}),
        ):
            amazon = self.amazon(getEligibleShipmentServices={'ShippingServiceList': [service()]}, **answer)
            label, _amazon = self.buy(self.open_delivery(market=market), amazon)
            self.assertEqual((label.state, label.tracking_number), ('failed', 'T1'))
            self.assertIn("paid for: look for it in Seller Central", label.error)
            self.run_flow('labels', amazon)
            self.assertEqual(len(amazon.named('purchaseShipment') + amazon.named('createShipment')), 1)

    def test_further_documents_are_kept_with_the_delivery(self):
        reply = sold()
        documents = reply['packageDocumentDetails'][0]['packageDocuments']
        form = {'type': 'CUSTOM_FORM', 'format': 'PDF', 'contents': base64.b64encode(b'%PDF-1.4 form').decode()}
        for order in (documents + [form], [form] + documents):
            reply['packageDocumentDetails'][0]['packageDocuments'] = order
            picking = self.open_delivery()
            label, _amazon = self.buy(picking, self.amazon(purchaseShipment=reply))
            self.assertEqual((label.attachment_id.raw, label.document_ids.raw), (PNG, b'%PDF-1.4 form'))
            self.assertEqual(label.document_ids.name, 'CustomForm-T1.pdf')
            picking.cancel_shipment()
            self.run_flow('labels', self.amazon())
            self.assertFalse(label.document_ids.exists())

    def test_a_damaged_document_holds_no_other_back_from_the_printer(self):
        labels, _amazon = self.buy(self.open_delivery() | self.open_delivery())
        labels[0].attachment_id.raw = PNG[:40]
        action = labels.action_print()
        self.assertIn(labels[0].display_name, action['params']['message'])
        self.assertTrue(labels._make_document()[0].startswith(b'%PDF'))
        labels.action_fetch_document()
        self.assertEqual(labels.mapped('document_state'), ['wanted', False])

    def test_printing_checks_each_document_once(self):
        """The controller makes the document; before that it is only seen what can be printed."""
        labels, _amazon = self.buy(self.open_delivery() | self.open_delivery())
        convert = amazon_label_document._to_pdf
        with patch.object(amazon_label_document, '_to_pdf', side_effect=convert) as converted:
            self.assertEqual(labels.action_print()['type'], 'ir.actions.act_url')
        self.assertEqual(converted.call_count, 2)

    def test_what_nobody_expected_holds_no_other_label(self):
        labels = self.env['amazon.label']._want(self.open_delivery() | self.open_delivery())
        prepare, first = type(labels)._prepare_purchase, labels[0]

        def broken(label, shop):
            if label == first:
                raise KeyError('surprise')
            return prepare(label, shop)

        with (
            patch.object(type(labels), '_prepare_purchase', broken),
            mute_logger('odoo.addons.amazon_connector.models.amazon_sync'),
        ):
            self.run_flow('labels', self.amazon())
        self.assertEqual(labels.mapped('state'), ['wanted', 'bought'])
        sync = self.seller.sync_ids.filtered(lambda sync: sync.flow == 'labels')
        self.assertIn(first.display_name, sync.error)
        self.assertTrue(
            sync.next_run < fields.Datetime.add(fields.Datetime.now(), minutes=10), "it is tried again soon"
        )

    def test_amazon_away_for_one_label_holds_no_other(self):
        labels = self.env['amazon.label']._want(self.open_delivery() | self.open_delivery())
        amazon = self.amazon()
        amazon.answers['getRates'] = [Unavailable("Amazon answered 500"), amazon.answers['getRates']]
        self.run_flow('labels', amazon)
        self.assertEqual(labels.mapped('state'), ['wanted', 'bought'])

    # === MUTATIONS === #

    def _make_labels(self, count, market='FR'):
        """Labels of one delivery, each for a package of its own."""
        picking = self.open_delivery(market=market)
        packages = self.env['stock.package'].create(
            [{'name': f"M{number}", 'shipping_weight': 1, 'package_type_id': self.box.id} for number in range(count)]
        )
        return self.env['amazon.label']._want_parcels(
            [(picking, picking.sale_id, package, [{'orderItemId': 'I', 'quantity': 1}]) for package in packages]
        )

    def _run_mutations(self, operation, payload, market, most, **answers):
        """Buy one label for each mutation of a reply, and good ones between them; return pairs of the mutation's name
        and its label.
        """
        changed = []
        # Those of a second offer are the unit tests'.
        for position, mutation in enumerate(one for one in mutations(payload, most) if '/1/' not in one[0]):
            changed += [mutation] if position % 8 else [('good', payload), mutation]
        changed.append(('good', payload))
        labels = self._make_labels(len(changed), market)
        replies = [make_storable(mutated) for _name, mutated in changed]
        amazon = self.amazon(
            **{
                'purchaseShipment': sold(),
                'createShipment': shipment(),
                'getEligibleShipmentServices': {'ShippingServiceList': [service()]},
                'getShipmentDocuments': lambda *_args, **_options: {},
                'getShipment': lambda *_args: {},
                **answers,
                operation: replies,
            }
        )
        with patch.object(type(labels.picking_id), 'message_post'), patch.object(type(labels), '_show_on_delivery'):
            self.run_flow('labels', amazon)
        sync = self.seller.sync_ids.filtered(lambda sync: sync.flow == 'labels')
        self.assertFalse(sync.error)
        result = list(zip([name for name, _mutated in changed], labels, strict=True))
        for name, label in result:
            self.assertTrue(name != 'good' or (label.state == 'bought' and label.attachment_id), label.error)
        return [(name, label) for name, label in result if name != 'good']

    def test_odd_answers_to_purchases(self):
        for operation, payload, market in (
            ('purchaseShipment', sold(), 'FR'),
            ('createShipment', {**shipment(), 'ShippingService': {}}, 'DE'),
        ):
            for name, label in self._run_mutations(operation, payload, market, 4):
                with self.subTest(operation, mutation=name):
                    self.assertEqual(label.state, 'bought' if label.shipment_ref else 'failed')
                    self.assertEqual(label.price, 5.0 if market == 'FR' else 5.5)
                    self.assertEqual(
                        label.document_state, False if label.attachment_id or not label.shipment_ref else 'missing'
                    )
                    self.assertTrue(label.error or (label.attachment_id and label.shipment_ref))
                    if 'shipmentid' not in name.lower():
                        self.assertEqual(label.shipment_ref, 'S1')
                    if not any(
                        word in name for word in ('rack', 'packageDocumentDetails=', 'packageDocumentDetails/0=')
                    ):
                        self.assertEqual(label.tracking_number, 'T1')

    def test_odd_offers(self):
        """Whatever is wrong with one offer, the other one is bought; if the whole answer is, its field is named."""
        for operation, payload, market in (
            (
                'getRates',
                {
                    'requestToken': 'R',
                    'rates': [with_group(rate('standard', 5, 4)), rate('fast', 9, 2)],
                    'ineligibleRates': [],
                },
                'FR',
            ),
            (
                'getEligibleShipmentServices',
                {'ShippingServiceList': [service(), service(9, ShippingServiceName="Express", ShippingServiceId='E')]},
                'DE',
            ),
        ):
            for name, label in self._run_mutations(operation, payload, market, 1):
                with self.subTest(operation, mutation=name):
                    whole = '/' not in name and not name.startswith('ineligible')
                    self.assertEqual(
                        (label.state, label.error), ('failed' if whole else 'bought', label.error if whole else False)
                    )
                    self.assertTrue(
                        not whole or "cannot be read" in label.error or "No carrier" in label.error, label.error
                    )

    def test_an_offer_that_cannot_be_read_is_shown_with_its_reason(self):
        rates = [
            {**rate('cheap', 1, 1), 'totalCharge': {'value': None, 'unit': 'EUR'}},
            {**rate('odd', 2, 1), 'totalCharge': {'value': 2, 'unit': 'QQQ'}},
            *RATES,
        ]
        with self.amazon(rates).patched():
            wizard = self.env['amazon.label.buy'].browse(self.open_delivery().action_amazon_buy_label()['res_id'])
        self.assertEqual(wizard.offer_ids.mapped('service'), ['Slow', 'Express', 'Standard', 'Fast'])
        self.assertIn(
            "UPS Cheap: Amazon's offer cannot be read (rates/0/totalCharge/value is missing)", wizard.refusals
        )
        self.assertIn("QQQ", wizard.refusals)
        with self.amazon().patched() as amazon, self.assertRaisesRegex(UserError, "requestToken is missing"):
            amazon.answers['getRates'] = {'rates': []}
            self.open_delivery().action_amazon_buy_label()

    def test_tracking(self):
        labels, _amazon = self.buy(self.open_delivery() | self.open_delivery() | self.open_delivery())
        labels.next_track = fields.Datetime.now()
        self.run_flow(
            'labels', self.amazon(getTracking=[{'summary': 'x'}, {'summary': {}}, {'summary': {'status': 'InTransit'}}])
        )
        self.assertEqual(labels.mapped('tracking_status'), [False, False, 'InTransit'])
        self.assertIn("summary", labels[0].tracking_problem)
        self.assertTrue(all(labels.mapped('next_track')), "Amazon may know it later")
        labels.next_track = fields.Datetime.now()
        self.run_flow('labels', self.amazon(getTracking={'summary': {'status': 'Delivered'}}))
        self.assertEqual(
            set(labels.mapped(lambda label: (label.tracking_status, label.tracking_problem, label.next_track))),
            {('Delivered', False, False)},
        )

    def test_one_order_whose_packages_cannot_be_read(self):
        pickings = self.open_delivery() | self.open_delivery()
        self.buy(pickings)
        for picking in pickings:
            picking.button_validate()
        packages = pickings.amazon_package_ids
        odd, good = packages.sorted(lambda package: package.sale_order_id.id)
        for _look in range(3):
            packages.next_check = fields.Datetime.now()
            self.run_flow(
                'shipments',
                FakeAmazon(
                    getOrder=lambda ref, **_options: {
                        'order': {
                            'packages': [
                                {'packageReferenceId': 'x', 'packageItems': [{'quantity': 1}]}
                                if ref == odd.amazon_order_ref
                                else shown(good)
                            ]
                        }
                    }
                ),
            )
        self.assertEqual((good.state, odd.state), ('confirmed', 'failed'))
        self.assertIn("packages/0/packageItems/0/orderItemId is missing", odd.error)

    # === EXTRA SERVICES, SIZES === #

    def test_a_person_sees_and_chooses_what_the_carrier_demands(self):
        offer = with_group(
            with_group(rate('ground', 5, 2)), required=False, services=(('INSURE', 1.0),), ref='INSURANCE'
        )
        picking, amazon = self.open_delivery(), self.amazon([offer])
        with amazon.patched():
            wizard = self.env['amazon.label.buy'].browse(picking.action_amazon_buy_label()['res_id'])
        self.assertEqual((wizard.offer_ids.price, wizard.offer_ids.extra_services), (5.5, 'Confirm'))
        wizard.offer_ids.action_choose()
        self.assertFalse(picking.amazon_label_ids, "there is something to choose")
        self.assertEqual(
            [(entry.title, entry.value, entry.required) for entry in wizard.input_ids],
            [('Confirmation', 'CONFIRM', True), ('Insurance', False, False)],
        )
        self.assertEqual(
            wizard.input_ids[0].choices, [['CONFIRM', 'Confirm (+0.50 EUR)'], ['SIGN', 'Sign (+2.50 EUR)']]
        )
        wizard.input_ids[0].value = 'SIGN'
        wizard.input_ids[1].value = 'INSURE'
        self.assertEqual(wizard.total, 8.5)
        wizard.action_buy()
        self.run_flow('labels', amazon)
        label = picking.amazon_label_ids
        self.assertEqual(
            (label.state, label.price, picking.carrier_price, label.extra_services),
            ('bought', 8.5, 8.5, 'Sign, Insure'),
            label.error,
        )
        [((body,), _options)] = amazon.named('purchaseShipment')
        self.assertEqual(body['requestedValueAddedServices'], [{'id': 'SIGN'}, {'id': 'INSURE'}])

    def test_rules_count_what_the_carrier_demands(self):
        rates = [with_group(rate('ground', 5, 2), services=(('SIGN', 2.5), ('CONFIRM', 1.5))), rate('other', 6, 2)]
        for offers in (rates, rates[::-1]):
            label, _amazon = self.buy(self.open_delivery(), self.amazon(offers))
            self.assertEqual((label.service_name, label.price), ('Other', 6.0))
        label, amazon = self.buy(self.open_delivery(), self.amazon(rates[:1]))
        self.assertEqual((label.price, label.extra_services), (6.5, 'Confirm'))
        self.assertEqual(amazon.named('purchaseShipment')[0][0][0]['requestedValueAddedServices'], [{'id': 'CONFIRM'}])
        label, _amazon = self.buy(self.open_delivery(), self.amazon(rates[:1]), service_ref='ground', price_limit=6.0)
        self.assertIn("rose to 6.5", label.error)
        label, _amazon = self.buy(
            self.open_delivery(), self.amazon(rates[:1]), service_ref='ground', price_limit=9.0, services={'X': 'Y'}
        )
        self.assertIn("not offered any more", label.error)

    def test_of_two_offers_of_one_service_the_agreed_one_is_bought(self):
        rates = [
            {**rate('ground', 5, 4), 'rateId': 'slow'},
            {**rate('ground', 8, 1), 'rateId': 'quick'},
            {**rate('ground', 12, 1), 'rateId': 'dear'},
        ]
        for offers in (rates, rates[::-1]):
            label, amazon = self.buy(self.open_delivery(), self.amazon(offers), service_ref='ground', price_limit=8.0)
            self.assertEqual((label.price, amazon.named('purchaseShipment')[0][0][0]['rateId']), (8.0, 'quick'))

    def _with_sizes(self, *sizes):
        offer = rate('ground', 5, 2)
        return {
            **offer,
            'supportedDocumentSpecifications': [
                {**entry, 'size': size} for entry in offer['supportedDocumentSpecifications'] for size in sizes
            ],
        }

    def test_the_size_that_the_printer_takes(self):
        letter, a6, odd = (
            {'width': 8.5, 'length': 11, 'unit': 'INCH'},
            {'width': 10.5, 'length': 14.8, 'unit': 'CENTIMETER'},
            {**SIZE, 'length': 8},
        )
        for sizes, wanted, best in (
            ((letter, SIZE), 'label', SIZE),
            ((letter, a6), 'label', a6),
            ((SIZE, letter), 'sheet', letter),
            ((letter, odd), 'label', odd),
        ):
            self.method.amazon_label_size = wanted
            for order in (sizes, sizes[::-1]):
                label, amazon = self.buy(self.open_delivery(), self.amazon([self._with_sizes(*order)]))
                self.assertEqual(
                    amazon.named('purchaseShipment')[0][0][0]['requestedDocumentSpecification']['size'], best
                )
        picking, amazon = self.open_delivery(), self.amazon([self._with_sizes(letter, odd)])
        with amazon.patched():
            wizard = self.env['amazon.label.buy'].browse(picking.action_amazon_buy_label()['res_id'])
        wizard.offer_ids.action_choose()
        self.assertEqual(
            [(entry.value, entry.choices) for entry in wizard.input_ids],
            [('4 × 8 in', [['4 × 8 in'] * 2, ['8.5 × 11 in'] * 2])],
        )
        wizard.input_ids.value = '8.5 × 11 in'
        wizard.action_buy()
        self.run_flow('labels', amazon)
        self.assertEqual(amazon.named('purchaseShipment')[0][0][0]['requestedDocumentSpecification']['size'], letter)

    def test_zpl_is_drawn_for_the_printers_resolution(self):
        self.method.write({'amazon_label_format': 'ZPL', 'amazon_label_dpi': '300'})
        self.assertIn("300 dpi", self.buy(self.open_delivery())[0].error)
        self.method.amazon_label_dpi = '203'
        self.assertEqual(self.buy(self.open_delivery())[0].state, 'bought')

    def test_an_offer_of_which_nobody_knows_when_it_arrives_is_not_in_time(self):
        with self.amazon([{**rate('when', 1, 1), 'promise': {}}]).patched():
            wizard = self.env['amazon.label.buy'].browse(self.open_delivery().action_amazon_buy_label()['res_id'])
        self.assertFalse(wizard.offer_ids.in_time, "the rules do not take it either")

    def test_a_batch_goes_on_when_somebody_else_was_quicker(self):
        pickings = self.open_delivery() | self.open_delivery()
        self.env['amazon.label']._want(pickings[0])
        find = type(self.env['amazon.label'])._find_parcels
        with (
            patch.object(
                type(self.env['amazon.label']),
                '_find_parcels',
                lambda labels, picking: (
                    find(labels, pickings[1])
                    if picking == pickings[1]
                    else [(picking.sale_id, self.env['stock.package'], [])]
                ),
            ),
            mute_logger('odoo.sql_db'),
        ):
            batch = self.env['amazon.label.batch']._make(pickings)
        self.assertEqual(batch.count, 1)
        self.assertIn(pickings[0].name, batch.refused)

    def test_a_batch_is_of_one_company(self):
        warehouse = self.env['stock.warehouse'].search([('company_id', '!=', self.company.id)], limit=1)
        other = self.env['stock.picking'].create({'picking_type_id': warehouse.out_type_id.id})
        for pickings in (self.open_delivery() | other, other | self.open_delivery()):
            with self.assertRaisesRegex(UserError, "one company"):
                self.env['amazon.label.batch']._make(pickings)

    def test_items_of_the_parcel(self):
        label, amazon = self.buy(self.open_delivery(item('SKU-A', 2)))
        self.assertEqual(
            amazon.named('purchaseShipment')[0][0][0]['requestedDocumentSpecification'],
            {
                'format': 'PNG',
                'size': SIZE,
                'needFileJoining': False,
                'requestedDocumentTypes': ['LABEL'],
                'dpi': 203,
                'pageLayout': 'DEFAULT',
            },
        )
        self.assertEqual(label.state, 'bought')
