from unittest.mock import patch

from odoo import fields
from odoo.fields import Command

from ..amazon_api.errors import AmazonError, Unavailable
from .common import AmazonCase, FakeAmazon, Reply
from .payloads import item, later, order


def shown(package, **changes):
    """A package as Amazon shows it after it recorded ours."""
    return {'packageReferenceId': package.reference or str(package.id), 'trackingNumber': package.tracking_number,
            'packageItems': package.items, **changes}


class ShipmentCase(AmazonCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.method = cls._make_method("DHL Versand")
        cls.mapping = cls.env['amazon.carrier.mapping'].create(
            {'delivery_carrier_id': cls.method.id, 'carrier_id': cls.env.ref('amazon_connector.carrier_dhl').id})

    @classmethod
    def _make_method(cls, name):
        product = cls.env['product.product'].create({'name': name, 'type': 'service'})
        return cls.env['delivery.carrier'].create({'name': name, 'product_id': product.id, 'delivery_type': 'fixed'})

    def deliver(self, sale, quantities=None, tracking='00340434161094042557', method=None):
        """Validate the open delivery of an order, wholly or some units of each product; return it."""
        picking = sale.picking_ids.filtered(lambda picking: picking.state not in ('done', 'cancel'))
        picking.write({'carrier_id': (method or self.method).id, 'carrier_tracking_ref': tracking})
        for move in picking.move_ids:
            move.quantity = (quantities or {}).get(move.product_id, move.product_uom_qty if quantities is None else 0)
            move.picked = bool(move.quantity)
        picking.with_context(skip_backorder=True, skip_amazon_check=True).button_validate()
        return picking

    def confirm(self, *packages, amazon=None, **answers):
        """Run the flow that tells Amazon; return the arguments of each `confirmShipment`."""
        amazon = amazon or FakeAmazon(confirmShipment={}, **answers)
        self.run_flow('shipments', amazon)
        return [(args[0], kwargs['packageDetail']) for args, kwargs in amazon.named('confirmShipment')]

    def read_back(self, *packages, shows=None):
        """Run the flow at the time when Amazon's record is looked at, and let it show these packages."""
        waiting = self.env['amazon.package'].search([('state', '=', 'sent')])
        waiting.next_check = fields.Datetime.now()
        records = shows if shows is not None else [shown(package) for package in packages]
        return self.run_flow('shipments', confirmShipment={}, getOrder={'order': {'packages': records}})


class TestShipments(ShipmentCase):

    def test_a_delivery_is_confirmed_only_when_amazon_shows_it(self):
        """A22"""
        sale = self.receive_sale(order(item('SKU-A', 2)))
        picking = self.deliver(sale)
        self.assertEqual(picking.amazon_state, 'to_confirm')
        [(reference, detail)] = self.confirm()
        self.assertEqual(reference, sale.amazon_order_ref)
        self.assertEqual(detail['carrierCode'], 'DHL')
        self.assertEqual(detail['trackingNumber'], '00340434161094042557')
        self.assertEqual(detail['orderItems'], [{'orderItemId': sale.order_line[0].amazon_item_ref, 'quantity': 2}])
        self.assertEqual(picking.amazon_state, 'sent', "accepted is not recorded")
        self.read_back(picking.amazon_package_ids)
        self.assertEqual(picking.amazon_state, 'confirmed')

    def test_what_is_accepted_and_not_recorded_is_pushed_again_then_fails_with_a_task(self):
        """A22"""
        picking = self.deliver(self.receive_sale(order(item())))
        self.confirm()
        for _look in range(3):
            self.read_back(shows=[])
        self.assertEqual(picking.amazon_state, 'sent', "pushed again")
        self.assertEqual(picking.amazon_package_ids.attempts, 1)
        for _look in range(3):
            self.read_back(shows=[])
        self.assertEqual(picking.amazon_state, 'failed')
        self.assertIn("does not show", picking.amazon_package_ids.error)
        self.assertEqual(picking.activity_ids.activity_type_id,
                         self.env.ref('amazon_connector.mail_activity_type_delivery'))
        picking.action_amazon_retry()
        self.assertEqual(len(self.confirm()), 1)
        self.read_back(picking.amazon_package_ids)
        self.assertEqual(picking.amazon_state, 'confirmed')
        self.assertFalse(picking.activity_ids, "the task is done")

    def test_the_orders_flow_confirms_what_it_sees_without_calls(self):
        payload = order(item())
        picking = self.deliver(self.receive_sale(payload))
        self.confirm()
        self.receive(later(payload, status='SHIPPED', packages=[shown(picking.amazon_package_ids)]))
        self.assertEqual(picking.amazon_state, 'confirmed')

    def test_a_partial_delivery_reports_only_what_it_ships(self):
        """A27"""
        sale = self.receive_sale(order(item('SKU-A', 3), item('SKU-B', 2)))
        first = self.deliver(sale, {self.product: 2}, tracking='111111111111')
        [(_reference, detail)] = self.confirm()
        refs = {line.product_id: line.amazon_item_ref for line in sale.order_line}
        self.assertEqual(detail['orderItems'], [{'orderItemId': refs[self.product], 'quantity': 2}])
        self.read_back(first.amazon_package_ids)
        second = self.deliver(sale, tracking='222222222222')
        [(_reference, detail)] = self.confirm()
        self.assertEqual(detail['orderItems'], [{'orderItemId': refs[self.product], 'quantity': 1},
                                                {'orderItemId': refs[self.other_product], 'quantity': 2}])
        self.assertEqual(detail['trackingNumber'], '222222222222')
        self.assertNotEqual(first.amazon_package_ids.detail_pushed['packageReferenceId'], detail['packageReferenceId'])
        self.read_back(second.amazon_package_ids)
        self.assertEqual(sale.picking_ids.mapped('amazon_state'), ['confirmed', 'confirmed'])

    def test_every_package_of_a_delivery_is_confirmed_with_its_own_content_and_number(self):
        """A27"""
        sale = self.receive_sale(order(item('SKU-A', 2), item('SKU-B', 1)))
        picking = sale.picking_ids
        picking.write({'carrier_id': self.method.id, 'carrier_tracking_ref': '111111111111, 222222222222'})
        first, second = self.env['stock.package'].create([{'name': "BOX1"}, {'name': "BOX2"}])
        move, other = picking.move_ids.sorted(lambda move: move.product_id.default_code)
        line = move.move_line_ids
        line.quantity = 1
        line.result_package_id = first
        line.copy({'quantity': 1, 'result_package_id': second.id, 'move_id': move.id, 'picking_id': picking.id})
        other.move_line_ids.result_package_id = second
        picking.move_ids.picked = True
        picking.with_context(skip_amazon_check=True).button_validate()
        details = {detail['trackingNumber']: detail['orderItems'] for _reference, detail in self.confirm()}
        refs = {line.product_id: line.amazon_item_ref for line in sale.order_line}
        self.assertEqual(details, {
            '111111111111': [{'orderItemId': refs[self.product], 'quantity': 1}],
            '222222222222': [{'orderItemId': refs[self.product], 'quantity': 1},
                             {'orderItemId': refs[self.other_product], 'quantity': 1}]})

    def test_a_kit_is_reported_as_the_item_that_was_ordered(self):
        if 'mrp.bom' not in self.env:
            self.skipTest("needs sale_mrp")
        kit = self.env['product.product'].create({'name': "Kit", 'default_code': 'KIT', 'is_storable': True})
        self.env['mrp.bom'].create({'product_tmpl_id': kit.product_tmpl_id.id, 'type': 'phantom', 'bom_line_ids': [
            Command.create({'product_id': self.product.id, 'product_qty': 2}),
            Command.create({'product_id': self.other_product.id, 'product_qty': 1})]})
        sale = self.receive_sale(order(item('KIT', 3)))
        self.deliver(sale, {self.product: 5, self.other_product: 1}, tracking='111111111111')
        self.assertEqual([detail['orderItems'][0]['quantity'] for _reference, detail in self.confirm()], [1],
                         "two kits lack a lid")
        self.deliver(sale, tracking='222222222222')
        self.assertEqual([detail['orderItems'][0]['quantity'] for _reference, detail in self.confirm()], [2])

    def test_never_more_than_was_ordered(self):
        sale = self.receive_sale(order(item('SKU-A', 2)))
        self.deliver(sale, {self.product: 5})
        [(_reference, detail)] = self.confirm()
        self.assertEqual(detail['orderItems'][0]['quantity'], 2)

    def test_shipments_are_confirmed_on_a_marketplace_that_is_not_in_use_any_more(self):
        self.deliver(self.receive_sale(order(item())))
        self.german.active = False
        self.assertEqual(len(self.confirm()), 1)

    def test_item_ids_are_unique_within_an_order_only(self):
        """A27: two orders of one wave whose items have the same id."""
        pickings = self.env['stock.picking'].union(*(self.receive_sale(order(item(item_ref='1'))).picking_ids
                                                     for _number in range(2)))
        pickings.write({'carrier_id': self.method.id, 'carrier_tracking_ref': '111111111111'})
        pickings.button_validate()
        self.assertEqual(len(self.confirm()), 2)

    def test_serial_numbers_are_sent_where_amazon_wants_them(self):
        product = self._make_product('SERIAL', tracking='serial')
        lots = self.env['stock.lot'].create([{'name': name, 'product_id': product.id, 'company_id': self.company.id}
                                             for name in ('AZ:1', 'AZ:2')])
        for lot in lots:
            self.env['stock.quant']._update_available_quantity(product, self.warehouse.lot_stock_id, 1, lot_id=lot)
        sale = self.receive_sale(order(item('SERIAL', 2, programs=['TRANSPARENCY'])))
        sale.picking_ids.carrier_id = self.method
        sale.picking_ids.carrier_tracking_ref = '111111111111'
        sale.picking_ids.move_ids.picked = True
        sale.picking_ids.with_context(skip_amazon_check=True).button_validate()
        [(_reference, detail)] = self.confirm()
        self.assertEqual(sorted(detail['orderItems'][0]['transparencyCodes']), ['AZ:1', 'AZ:2'])

    def test_transparency_without_serial_numbers_waits_with_its_reason(self):
        picking = self.deliver(self.receive_sale(order(item(programs=['TRANSPARENCY']))))
        self.assertFalse(self.confirm())
        self.assertIn("Transparency", picking.amazon_package_ids.error)

    def test_a_dropshipped_purchase_is_confirmed(self):
        sale = self.receive_sale(order(item()))
        sale.picking_ids.action_cancel()
        supplier = self.env.ref('stock.stock_location_suppliers')
        picking = self.env['stock.picking'].create({
            'picking_type_id': self.warehouse.out_type_id.id, 'location_id': supplier.id,
            'location_dest_id': self.env.ref('stock.stock_location_customers').id,
            'carrier_id': self.method.id, 'carrier_tracking_ref': '111111111111', 'move_ids': [Command.create({
                'product_id': self.product.id, 'product_uom_qty': 1, 'quantity': 1, 'picked': True,
                'sale_line_id': sale.order_line.id,
                'location_id': supplier.id, 'location_dest_id': self.env.ref('stock.stock_location_customers').id})]})
        picking.with_context(skip_amazon_check=True).button_validate()
        self.assertEqual([reference for reference, _detail in self.confirm()], [sale.amazon_order_ref])

    def test_two_orders_in_one_delivery(self):
        sales = [self.receive_sale(order(item())) for _number in range(2)]
        picking = sales[0].picking_ids
        other = sales[1].picking_ids
        other.move_ids.write({'picking_id': picking.id})
        other.unlink()
        picking.write({'carrier_id': self.method.id, 'carrier_tracking_ref': '111111111111'})
        picking.move_ids.picked = True
        picking.with_context(skip_amazon_check=True).button_validate()
        self.assertEqual(sorted(reference for reference, _detail in self.confirm()),
                         sorted(sale.amazon_order_ref for sale in sales))

    def test_returns_and_other_channels_are_not_confirmed(self):
        sale = self.receive_sale(order(item()))
        picking = self.deliver(sale)
        self.confirm()
        self.read_back(picking.amazon_package_ids)
        wizard = self.env['stock.return.picking'].with_context(active_id=picking.id,
                                                               active_model='stock.picking').create({})
        wizard.product_return_moves.quantity = 1
        back = self.env['stock.picking'].browse(wizard.action_create_returns()['res_id'])
        back.move_ids.picked = True
        back.button_validate()
        self.assertEqual(back.state, 'done')
        self.assertFalse(back.amazon_package_ids)
        self.assertFalse(self.confirm())

    def test_a_corrected_tracking_number_changes_the_package(self):
        picking = self.deliver(self.receive_sale(order(item())), tracking='111111111111')
        [(_reference, before)] = self.confirm()
        self.read_back(picking.amazon_package_ids, shows=[shown(picking.amazon_package_ids, packageReferenceId='7')])
        picking.carrier_tracking_ref = '222222222222'
        self.assertEqual(picking.amazon_state, 'to_confirm')
        [(_reference, after)] = self.confirm()
        self.assertEqual(after['packageReferenceId'], '7', "the package as Amazon knows it")
        self.assertEqual(after['trackingNumber'], '222222222222')
        self.assertEqual(after['orderItems'], before['orderItems'])
        self.read_back(
            shows=[{'packageReferenceId': '7', 'trackingNumber': '111111111111', 'packageItems': after['orderItems']}])
        self.assertEqual(picking.amazon_state, 'sent', "Amazon shows the old number still")
        self.read_back(picking.amazon_package_ids)
        self.assertEqual(picking.amazon_state, 'confirmed')

    def test_a_refusal_shows_amazons_words(self):
        picking = self.deliver(self.receive_sale(order(item())))
        refusal = AmazonError("CarrierCode: 'DHL' is not valid.", status=400)
        self.confirm(amazon=FakeAmazon(confirmShipment=[refusal], getOrder={'order': {}}))
        self.read_back(shows=[])
        self.assertEqual(picking.amazon_state, 'failed')
        self.assertIn("is not valid", picking.amazon_package_ids.error)

    def test_a_refusal_of_what_amazon_has_recorded_is_no_failure(self):
        """A worker died after Amazon had answered, and another confirms it again."""
        picking = self.deliver(self.receive_sale(order(item())))
        self.confirm(amazon=FakeAmazon(confirmShipment=[AmazonError("Quantity exceeds what is left", status=400)]))
        self.read_back(picking.amazon_package_ids)
        self.assertEqual(picking.amazon_state, 'confirmed')

    def test_amazon_cannot_be_reached_and_no_order_is_lost(self):
        picking = self.deliver(self.receive_sale(order(item())))
        self.confirm(amazon=FakeAmazon(confirmShipment=[Unavailable("No reply")]))
        self.assertEqual(picking.amazon_package_ids.state, 'sent')
        self.assertEqual(len(self.confirm()), 1, "pushed on the next run")

    def test_a_cancelled_order_is_not_confirmed(self):
        payload = order(item())
        sale = self.receive_sale(payload)
        picking = self.deliver(sale)
        row = self.receive(later(payload, status='CANCELLED'))
        self.assertEqual(row.state, 'error')
        self.assertIn("delivered", row.error)
        sale.amazon_status = 'CANCELLED'
        self.assertFalse(self.confirm())
        self.assertEqual(picking.amazon_state, 'failed')
        self.assertTrue(picking.activity_ids)

    def test_many_go_by_feed_and_results_are_read_per_message(self):
        pickings = [self.deliver(self.receive_sale(order(item())), tracking=f'{number:012d}') for number in range(3)]
        report = (
            b"<AmazonEnvelope><Message><ProcessingReport><ProcessingSummary><MessagesProcessed>3</MessagesProcessed><MessagesSuccessful>2"
                  b"</MessagesSuccessful></ProcessingSummary><Result><MessageID>%d</MessageID><ResultCode>Error</ResultCode>"
                  b"<ResultDescription>The order was not "
            b"found.</ResultDescription></Result></ProcessingReport></Message></AmazonEnvelope>")
        amazon = FakeAmazon(createFeedDocument={'feedDocumentId': 'D', 'url': 'up'}, createFeed={'feedId': 'F'},
                            getFeed={'processingStatus': 'DONE', 'resultFeedDocumentId': 'R'},
                            getFeedDocument={'url': 'down'})
        with patch('odoo.addons.amazon_connector.models.amazon_feed.PATCH_LIMIT', 2):
            self.run_flow('shipments', amazon)
        self.assertEqual([name for name, _args, _kwargs in amazon.calls], ['createFeedDocument', 'createFeed'])
        feed = self.env['amazon.feed'].search([('kind', '=', 'shipment')])
        self.assertEqual(amazon.uploads[0].count(b'<AmazonOrderID>'), 3)
        amazon.documents['down'] = report % feed.line_ids.filtered(
            lambda line: line.package_id.picking_id == pickings[1]).id
        feed.next_poll = fields.Datetime.now()
        self.run_flow('feeds', amazon)
        packages = pickings[0].amazon_package_ids | pickings[2].amazon_package_ids
        orders = {package.amazon_order_ref: {'order': {'packages': [shown(package, packageReferenceId='1')]}}
                  for package in packages}
        self.env['amazon.package'].search([]).next_check = fields.Datetime.now()
        self.run_flow('shipments', getOrder=lambda reference, **_options: Reply(orders.get(reference, {'order': {}})))
        self.assertEqual([picking.amazon_state for picking in pickings], ['confirmed', 'failed', 'confirmed'])
        self.assertIn("not found", pickings[1].amazon_package_ids.error)

    def test_one_strange_package_holds_no_other(self):
        """Control characters of a scanner are no part of a number; what cannot be made fails alone."""
        numbers = '\x1d111111111111\x1e', '2' * 12, '3' * 12
        scanned, strange, good = [self.deliver(self.receive_sale(order(item())), tracking=number) for number in numbers]
        strange.amazon_package_ids.with_context(tracking_disable=True).items = [{'quantity': 1}]
        amazon = FakeAmazon(createFeedDocument={'feedDocumentId': 'D', 'url': 'up'}, createFeed={'feedId': 'F'})
        with patch('odoo.addons.amazon_connector.models.amazon_feed.PATCH_LIMIT', 2):
            self.run_flow('shipments', amazon)
        self.assertIn(b'<ShipperTrackingNumber>111111111111</ShipperTrackingNumber>', amazon.uploads[0])
        self.assertIn(b'<ShipperTrackingNumber>333333333333</ShipperTrackingNumber>', amazon.uploads[0])
        self.assertEqual(amazon.uploads[0].count(b'<Message>'), 2)
        lines = {line.package_id.picking_id: line for line in self.env['amazon.feed.line'].search([])}
        self.assertEqual([lines[picking].state for picking in (scanned, strange, good)], ['sent', 'refused', 'sent'])
        self.assertIn("orderItemId", lines[strange].message)

    def test_without_tracking_by_feed_where_it_is_not_demanded(self):
        letter = self._make_method("Brief")
        self.env['amazon.carrier.mapping'].create(
            {'delivery_carrier_id': letter.id, 'carrier_id': self.env.ref('amazon_connector.carrier_deutsche_post').id})
        self.deliver(self.receive_sale(order(item())), tracking=False, method=letter)
        amazon = FakeAmazon(createFeedDocument={'feedDocumentId': 'D', 'url': 'up'}, createFeed={'feedId': 'F'})
        self.run_flow('shipments', amazon)
        self.assertIn(b'<CarrierCode>Deutsche Post</CarrierCode>', amazon.uploads[0])
        self.assertNotIn(b'ShipperTrackingNumber', amazon.uploads[0])

    def test_a_tracking_number_that_comes_later_is_waited_for(self):
        picking = self.deliver(self.receive_sale(order(item())), tracking=False)
        self.assertFalse(self.confirm())
        self.assertIn("tracking number is missing", picking.amazon_package_ids.error)
        picking.carrier_tracking_ref = '111111111111'
        self.assertEqual([detail['trackingNumber'] for _reference, detail in self.confirm()], ['111111111111'])
