from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import float_compare

from ..utils.locks import lock
from ..utils.phrases import tell
from .amazon_return_picking import DIGITS

OUTCOMES = [('stock', "Back into stock"), ('refurbish', "To refurbish"), ('scrap', "Scrap")]
COUNTS = {'stock': 'stocked_quantity', 'refurbish': 'refurbished_quantity', 'scrap': 'scrapped_quantity'}


class AmazonReturn(models.Model):
    """Inspection of what came back to the warehouse: into stock, to be refurbished, or scrapped."""

    _inherit = 'amazon.return'

    stocked_quantity = fields.Float("Back in stock", digits=(16, 2), readonly=True)
    refurbished_quantity = fields.Float("To refurbish", digits=(16, 2), readonly=True)
    scrapped_quantity = fields.Float("Scrapped", digits=(16, 2), readonly=True)
    uninspected_quantity = fields.Float("To inspect", digits=(16, 2), readonly=True,
                                        compute='_compute_uninspected_quantity', store=True)

    @api.depends('channel', 'received_quantity', *COUNTS.values())
    def _compute_uninspected_quantity(self):
        for record in self:
            inspected = sum(record[name] for name in COUNTS.values())
            record.uninspected_quantity = max(record.received_quantity - inspected,
                                              0.0) if record.channel == 'fbm' else 0.0

    def _find_place(self):
        """Return where the goods of this return lie since they were received."""
        received = self.sale_line_id.move_ids.filtered(lambda move: move.state == 'done' and move._amazon_is_back())
        move = ((received & self.move_ids) or received).sorted('date')[-1:]
        while onwards := move.move_dest_ids.filtered(
                lambda onward: onward.state == 'done' and onward.location_dest_id.usage == 'internal')[:1]:
            move = onwards
        return move.move_line_ids.location_dest_id[:1] or move.location_dest_id

    def _inspect(self, outcome, quantity, place, lot=None):
        """Move goods of this return to where an inspection sends them. The movements are made with the rights of the
        user.

        :param str outcome: one of `OUTCOMES`
        :param float quantity: units of the return
        :param place: `stock.location` where the goods are
        :param lot: `stock.lot` of the goods where the product is tracked
        :raises UserError: they are not there, or it is more than what was received
        """
        self.ensure_one()
        record = self.sudo()
        lock(record)
        if quantity <= 0 or float_compare(quantity, record.uninspected_quantity, precision_digits=DIGITS) > 0:
            raise UserError(tell(self.env)._("%s units of this return are to be inspected.",
                                             record.uninspected_quantity))
        for product, need in record._get_needs().items():
            goods = product.with_env(self.env), need * quantity
            self._check_there(*goods, place, lot)
            if outcome == 'scrap':
                self._scrap(*goods, place, lot)
            else:
                self._put(*goods, place, self._get_target(outcome, place), lot)
        record[COUNTS[outcome]] += quantity
        record.sale_order_id._amazon_update_returned()

    def _check_there(self, product, quantity, place, lot):
        if not product.is_storable:
            return
        if product.tracking != 'none' and not lot:
            raise UserError(tell(self.env)._("Choose the lot or serial number of %s.", product.display_name))
        quants = self.env['stock.quant']._gather(product, place, lot_id=lot or None)
        if float_compare(sum(quants.mapped('quantity')), quantity, precision_rounding=product.uom_id.rounding) < 0:
            raise UserError(tell(self.env)._("%(product)s: not so many are at %(place)s.", product=product.display_name,
                                             place=place.display_name))

    def _get_target(self, outcome, place):
        warehouse = self.sudo().sale_order_id.warehouse_id
        if outcome == 'stock':
            stock = warehouse.lot_stock_id
            return place if place.parent_path.startswith(stock.parent_path) else stock
        if not warehouse.amazon_refurbish_location_id:
            raise UserError(tell(self.env)._("Choose the location of goods to refurbish on the warehouse %s first.",
                                             warehouse.name))
        return warehouse.amazon_refurbish_location_id

    def _put(self, product, quantity, place, target, lot):
        if target == place:
            return
        ends = {'location_id': place.id, 'location_dest_id': target.id}
        unit = {'product_id': product.id, 'product_uom_id': product.uom_id.id}
        move = self.env['stock.move'].create({
            'product_id': product.id, 'product_uom': product.uom_id.id, 'product_uom_qty': quantity,
            'company_id': self.company_id.id, 'procure_method': 'make_to_stock', 'origin': self.display_name,
            'state': 'draft', 'picked': True, **ends, 'move_line_ids': [Command.create({
                **unit, **ends, 'quantity': quantity, 'lot_id': lot.id if lot else False,
                'company_id': self.company_id.id})],
        })
        move.sudo().amazon_return_id = self
        move._action_done()

    def _scrap(self, product, quantity, place, lot):
        scrap = self.env['stock.scrap'].create({
            'product_id': product.id, 'product_uom_id': product.uom_id.id, 'scrap_qty': quantity,
            'location_id': place.id, 'lot_id': lot.id if lot else False, 'company_id': self.company_id.id,
            'origin': self.display_name,
        })
        scrap.sudo().amazon_return_id = self
        scrap.do_scrap()
