from odoo import fields, models

from ..utils.domains import any_of


class AmazonTrackingImportLine(models.TransientModel):
    """A line of a carrier's file, with the delivery that it means."""

    _name = 'amazon.tracking.import.line'
    _description = "Tracking Number in a File"
    _inherit = ['amazon.access.mixin']

    wizard_id = fields.Many2one('amazon.tracking.import', required=True, ondelete='cascade')
    reference = fields.Char("Order or delivery")
    tracking_number = fields.Char("Tracking number")
    carrier_name = fields.Char("Delivery method in the file")
    picking_id = fields.Many2one('stock.picking', "Delivery", readonly=True)
    present_number = fields.Char("Number so far", related='picking_id.carrier_tracking_ref')
    carrier_id = fields.Many2one('delivery.carrier', "Delivery method", readonly=True)
    problem = fields.Char(readonly=True)

    def _find_deliveries(self):
        """Set the delivery and the delivery method that each line means, or why there is none."""
        deliveries, carriers = self._read_deliveries(), self._read_carriers()
        none = self.env['stock.picking'], self.env['delivery.carrier']
        for line in self:
            found = deliveries.get(line.reference, none[0])
            # What is delivered already counts where nothing else is open.
            found = found.filtered(lambda picking: picking.state != 'done') or found
            carrier = carriers.get((line.carrier_name or '').lower(), none[1])
            line.sudo().write({
                'picking_id': found.id if len(found) == 1 else False, 'carrier_id': carrier.id,
                'problem': line._find_problem(found, carrier)})

    def _read_deliveries(self):
        """Return by order and by name the deliveries of Amazon that the user may see."""
        references = [reference for reference in self.mapped('reference') if reference]
        found = self.env['stock.picking'].search([
            ('picking_type_code', '=', 'outgoing'), ('state', 'not in', ('draft', 'cancel')),
            ('amazon_order_ref', '!=', False),
            '|', ('amazon_order_ref', 'in', references), ('name', 'in', references)])
        return {**found.grouped('amazon_order_ref'), **found.grouped('name')}

    def _read_carriers(self):
        names = {name.lower() for name in self.mapped('carrier_name') if name}
        found = self.env['delivery.carrier'].search(any_of([[('name', '=ilike', name)] for name in names]))
        return {carrier.name.lower(): carrier for carrier in reversed(found)}

    def _find_problem(self, found, carrier):
        if not self.tracking_number:
            return self.env._("The tracking number is missing.")
        if not found:
            return self.env._("There is no delivery of this order or with this number.")
        if len(found) > 1:
            return self.env._("The order has several deliveries: name the delivery (%s).",
                              ', '.join(found.mapped('name')))
        if self.carrier_name and not carrier:
            return self.env._("There is no delivery method of this name.")
        return False

    def _apply(self):
        """Write the numbers, and the delivery method where the file names one; several of a delivery are joined."""
        for picking, lines in self.grouped('picking_id').items():
            vals = {'carrier_tracking_ref': ','.join(dict.fromkeys(lines.mapped('tracking_number')))}
            if carrier := lines.carrier_id[:1]:
                vals['carrier_id'] = carrier.id
            picking.write(vals)
