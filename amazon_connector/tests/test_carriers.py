import datetime
from unittest.mock import patch

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import ValidationError
from odoo.fields import Command
from odoo.tests import Form, new_test_user

from .payloads import item, order
from .test_shipments import ShipmentCase


class TestCarriers(ShipmentCase):

    def validate(self, picking, **vals):
        picking.write(vals)
        return picking.button_validate()

    def assert_warns(self, action, words):
        self.assertEqual(action['res_model'], 'amazon.ship.warning')
        wizard = self.env['amazon.ship.warning'].browse(action['res_id'])
        self.assertIn(words, wizard.line_ids[:1].problem)
        return wizard

    def test_the_warning_is_for_those_who_ship(self):
        """A warehouse worker is no superuser, and is warned all the same."""
        picking = self.receive_sale(order(item())).picking_ids
        picking.write({'carrier_id': self._make_method("Fahrradkurier").id, 'carrier_tracking_ref': '1'})
        user = new_test_user(self.env, 'shipper', groups='stock.group_stock_user', company_id=self.company.id,
                             company_ids=[Command.set(self.company.ids)])
        action = picking.with_user(user).button_validate()
        wizard = self.assert_warns(action, "has no carrier at Amazon").with_user(user)
        self.assertIn("an administrator of Inventory or Amazon maps it", wizard.line_ids.problem,
                      "the menu is not theirs")
        self.assertEqual(wizard.picking_ids, picking)
        wizard.action_validate()
        self.assertEqual(picking.state, 'done')

    def test_an_unmapped_carrier_warns_before_the_delivery_is_validated(self):
        """A21"""
        picking = self.receive_sale(order(item())).picking_ids
        action = self.validate(picking, carrier_id=self._make_method("Fahrradkurier").id, carrier_tracking_ref='1')
        wizard = self.assert_warns(action, "has no carrier at Amazon")
        self.assertEqual(picking.state, 'assigned', "nothing is done yet")
        wizard.action_validate()
        self.assertEqual(picking.state, 'done')
        self.assertEqual(picking.amazon_state, 'to_confirm')
        self.assertFalse(self.confirm(), "no name is sent that Amazon would refuse")
        self.env['amazon.carrier.mapping'].create({
            'delivery_carrier_id': picking.carrier_id.id,
            'carrier_id': self.env.ref('amazon_connector.carrier_other').id, 'carrier_name': "Fahrradkurier"})
        [(_reference, detail)] = self.confirm()
        self.assertEqual((detail['carrierCode'], detail['carrierName']), ('Other', "Fahrradkurier"))

    def test_warnings(self):
        cases = [
            ({'carrier_id': False}, "No delivery method"),
            ({'carrier_id': self.method.id, 'carrier_tracking_ref': False}, "tracking number is missing"),
            ({'carrier_id': self.method.id, 'carrier_tracking_ref': 'ABC'}, "does not look like"),
        ]
        for vals, words in cases:
            with self.subTest(words):
                self.assert_warns(self.validate(self.receive_sale(order(item())).picking_ids, **vals), words)
        self.mapping.carrier_id = self.env.ref('amazon_connector.carrier_canada_post')
        self.assert_warns(self.validate(self.receive_sale(order(item())).picking_ids, carrier_id=self.method.id,
                                        carrier_tracking_ref='1'), "does not know")
        sale = self.receive_sale(order(item(programs=['TRANSPARENCY'])))
        self.mapping.carrier_id = self.env.ref('amazon_connector.carrier_dhl')
        self.assert_warns(self.validate(sale.picking_ids, carrier_id=self.method.id,
                                        carrier_tracking_ref='111111111111'), "Transparency")

    def test_no_warning_where_nothing_is_missing_or_demanded(self):
        self.assertIs(self.validate(self.receive_sale(order(item())).picking_ids, carrier_id=self.method.id,
                                    carrier_tracking_ref='111111111111'), True)
        self.mapping.carrier_id = self.env.ref('amazon_connector.carrier_self_delivery')
        self.assertIs(self.validate(self.receive_sale(order(item())).picking_ids, carrier_id=self.method.id), True)
        self.mapping.carrier_id = self.env.ref('amazon_connector.carrier_dhl')
        self.german.tracking_required = False
        self.assertIs(self.validate(self.receive_sale(order(item())).picking_ids, carrier_id=self.method.id), True)

    def test_a_wave_is_validated_without_those_that_have_a_problem(self):
        pickings = self.env['stock.picking'].union(
            *(self.receive_sale(order(item())).picking_ids for _number in range(3)))
        pickings.write({'carrier_id': self.method.id, 'carrier_tracking_ref': '111111111111'})
        pickings[1].carrier_tracking_ref = False
        wizard = self.assert_warns(pickings.button_validate(), "missing")
        wizard.action_validate_others()
        self.assertEqual(pickings.mapped('state'), ['done', 'assigned', 'done'])

    def test_other_deliveries_are_not_asked_about(self):
        picking = self.env['stock.picking'].create({
            'picking_type_id': self.warehouse.out_type_id.id, 'location_id': self.warehouse.lot_stock_id.id,
            'location_dest_id': self.env.ref('stock.stock_location_customers').id, 'move_ids': [Command.create({
                'product_id': self.product.id, 'product_uom_qty': 1, 'quantity': 1,
                'location_id': self.warehouse.lot_stock_id.id,
                'location_dest_id': self.env.ref('stock.stock_location_customers').id})]})
        self.assertIs(picking.button_validate(), True)
        self.assertFalse(picking.amazon_package_ids)

    def test_suggestions_by_name(self):
        methods = {name: self._make_method(name) for name in ("UPS Standard", "Versand mit Deutsche Post",
                                                              "dpd classic", "Abholung", "DHL Express Worldwide")}
        self.env['amazon.carrier.mapping'].action_suggest()
        suggested = {name: self.env['amazon.carrier.mapping']._find(method, self.german).carrier_code
                     for name, method in methods.items()}
        self.assertEqual(suggested, {"UPS Standard": 'UPS', "Versand mit Deutsche Post": 'Deutsche Post',
                                     "dpd classic": 'DPD', "Abholung": False, "DHL Express Worldwide": 'DHL Express'})
        mapping = methods["dpd classic"].amazon_mapping_ids
        self.assertTrue(mapping.is_suggested)
        mapping.carrier_id = self.env.ref('amazon_connector.carrier_gls')
        self.assertFalse(mapping.is_suggested, "a person chose")

    def test_another_carrier_on_one_marketplace_only(self):
        self.env['amazon.carrier.mapping'].create(
            {'delivery_carrier_id': self.method.id, 'marketplace_id': self.marketplace('FR').id,
             'carrier_id': self.env.ref('amazon_connector.carrier_colissimo').id})
        find = self.env['amazon.carrier.mapping']._find
        self.assertEqual([find(self.method, self.marketplace(code)).carrier_code for code in ('DE', 'FR')],
                         ['DHL', 'Colissimo'])

    def test_other_needs_a_name_and_patterns_must_be_valid(self):
        with self.assertRaisesRegex(ValidationError, "name of the carrier"):
            self.mapping.carrier_id = self.env.ref('amazon_connector.carrier_other')
        with self.assertRaisesRegex(ValidationError, "regular expression"):
            self.env.ref('amazon_connector.carrier_dhl').tracking_pattern = '['

    def test_a_service_level_chooses_the_delivery_method(self):
        express = self._make_method("Express")
        self.german.service_level_ids = [Command.create({'level': 'EXPEDITED', 'delivery_carrier_id': express.id})]
        payload = order(item())
        payload['fulfillment']['fulfillmentServiceLevel'] = 'EXPEDITED'
        sale = self.receive_sale(payload)
        self.assertEqual(sale.picking_ids.carrier_id, express)
        self.assertEqual(sale.amount_total, 119.0, "the buyer paid Amazon: the method adds nothing")
        self.assertFalse(self.receive_sale(order(item())).picking_ids.carrier_id)

    def test_a_service_is_of_its_carrier(self):
        with Form(self.mapping, view='amazon_connector.amazon_carrier_mapping_view_list') as form:
            form.service_id = self.env.ref('amazon_connector.service_dhl_dhl_paket')
            form.carrier_id = self.env.ref('amazon_connector.carrier_ups')
            self.assertFalse(form.service_id)


class TestToShip(ShipmentCase):

    def ship_by(self, days, **more):
        payload = order(item(), **more)
        moment = fields.Datetime.now() + datetime.timedelta(days=days)
        payload['fulfillment']['shipByWindow'] = {'latestDateTime': f'{moment.isoformat()}Z'}
        return self.receive_sale(payload).picking_ids

    @freeze_time('2026-10-07 10:00:00')
    def test_risk_by_day_and_what_is_blocked_with_its_reason(self):
        expected = {'overdue': self.ship_by(-1), 'today': self.ship_by(0), 'tomorrow': self.ship_by(1),
                    'later': self.ship_by(2)}
        self._make_product('NONE', stock=0)
        expected['blocked'] = self.receive_sale(order(item('NONE'))).picking_ids
        for risk, picking in expected.items():
            self.assertEqual(picking.amazon_risk, risk)
        self.assertIn("Not enough stock", expected['blocked'].amazon_obstacle)
        self.assertIn("No delivery method", expected['today'].amazon_obstacle)
        domain = [('id', 'in', [picking.id for picking in expected.values()])]
        for risk, picking in expected.items():
            self.assertEqual(self.env['stock.picking'].search([*domain, ('amazon_risk', '=', risk)]), picking)
            self.assertNotIn(picking, self.env['stock.picking'].search([*domain, ('amazon_risk', '!=', risk)]))
        pickings = self.env['stock.picking'].union(*expected.values())
        self.assertEqual(self.env['stock.picking'].search([*domain, ('amazon_risk', 'not in', ['today', 'later'])]),
                         pickings - expected['today'] - expected['later'])
        self.assertEqual(self.env['stock.picking'].search([*domain, ('amazon_risk', '!=', False)]), pickings)
        self.assertFalse(self.env['stock.picking'].search([*domain, ('amazon_risk', '=', False)]))
        groups = dict(self.env['stock.picking']._read_group(domain, ['amazon_risk'], ['id:recordset']))
        self.assertEqual({risk: picking for risk, picking in groups.items() if picking}, expected)

    @freeze_time('2026-10-09 10:00:00')
    def test_what_amazon_wants_on_a_day_off_leaves_before(self):
        """A Friday; Amazon wants it by Sunday."""
        picking = self.ship_by(2)
        self.assertEqual(picking.amazon_ship_day, datetime.date(2026, 10, 9))
        self.assertEqual(picking.amazon_risk, 'today')
        every_day = self.env['resource.calendar'].create({'name': "Seven days", 'tz': 'Europe/Berlin',
                                                          'attendance_ids': [Command.create({
                                                              'name': str(day), 'dayofweek': str(day), 'hour_from': 6,
                                                              'hour_to': 20}) for day in range(7)]})
        self.warehouse.amazon_calendar_id = every_day
        self.assertEqual(picking.amazon_ship_day, datetime.date(2026, 10, 11))
        self.assertEqual(picking.amazon_risk, 'later')

    def test_an_order_that_waits_for_a_person_is_blocked(self):
        picking = self.ship_by(0)
        row = picking.sale_id.sudo().amazon_inbox_ids
        row._set_error("The address is strange", "Look")
        self.env.invalidate_all()
        self.assertEqual(picking.amazon_risk, 'blocked')
        self.assertEqual(picking.amazon_obstacle, "The address is strange")

    def test_amazons_number_is_on_delivery_slip_and_picking_list(self):
        picking = self.ship_by(0)
        for report in ('stock.action_report_delivery', 'stock.action_report_picking'):
            with patch.object(type(self.env['ir.actions.report']), 'barcode', return_value=b''):
                html = self.env['ir.actions.report']._render_qweb_html(report, picking.ids)[0].decode()
            self.assertIn('name="amazon_order"', html)
            self.assertIn(picking.amazon_order_ref, html)

    def test_late_confirmations_are_found(self):
        picking = self.deliver(self.ship_by(-1).sale_id)
        self.assertTrue(picking.amazon_package_ids.is_late)
        packages = self.env['amazon.package']
        self.assertIn(picking.amazon_package_ids, packages.search([('is_late', '=', True)]))
        self.assertNotIn(picking.amazon_package_ids, packages.search([('is_late', '=', False)])
                         | packages.search([('is_late', '!=', True)]))
        self.confirm()
        self.read_back(picking.amazon_package_ids)
        self.assertFalse(picking.amazon_package_ids.is_late)
