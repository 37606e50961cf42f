import collections

from odoo import fields, models
from odoo.tools import float_is_zero

from ..utils.kits import find_parts, prepare_parts
from ..utils.order_charges import GOODS, QUOTATION
from .sale_order_departure import TAX_ANEW

CHARGES = [
    ('item', "Item"), ('shipping', "Shipping"), ('gift_wrap', "Gift wrap"), ('discount', "Discount"), ('tip', "Tip"),
    ('cod_fee', "Fee for payment on delivery"), ('tax', "Tax"), ('note', "Gift message"), ('other', "Other"),
]


class SaleOrderLine(models.Model):
    _inherit = 'sale.order.line'

    amazon_item_ref = fields.Char("Amazon Item", copy=False, readonly=True, index='btree_not_null')
    amazon_charge = fields.Selection(
        CHARGES, "Amazon charge", copy=False, readonly=True,
        help="What Amazon charged with this line; goods are items only.")
    amazon_charge_of = fields.Selection(
        CHARGES, "Amazon charge on", copy=False, readonly=True,
        help="What a discount reduces; for all else the charge itself.")
    amazon_part = fields.Integer(
        "Part of an Amazon charge", copy=False, readonly=True,
        help="Distinguishes lines for the same charge of the same item.")
    amazon_sku = fields.Char("Amazon SKU", copy=False, readonly=True)
    amazon_needs_codes = fields.Boolean(copy=False, readonly=True,
                                        help="Amazon wants a Transparency code of each unit.")
    amazon_hold_move_ids = fields.One2many('stock.move', 'amazon_hold_line_id', readonly=True)

    # One line per charge, however often and by however many jobs an order is read.
    _amazon_charge_unique = models.UniqueIndex(
        "(order_id, amazon_charge, (COALESCE(amazon_item_ref, '')), amazon_charge_of, (COALESCE(amazon_part, 0)))"
        " WHERE amazon_charge IS NOT NULL",
        "This charge of the Amazon order has a line already.")

    def _amazon_is_goods(self):
        """Return whether this line is an item that Amazon sold, not a charge beside it."""
        self.ensure_one()
        return self.amazon_charge == GOODS

    def _amazon_get_price(self, quantity):
        """Return the price of some units of this item less the discount on it, with the taxes that prices include."""
        self.ensure_one()
        # A discount, and what the rounding of the price leaves.
        of_item = self.order_id.order_line.filtered(
            lambda line: line.amazon_item_ref == self.amazon_item_ref and line.amazon_charge in ('discount', 'other')
            and line.amazon_charge_of == GOODS)
        more = sum(line.price_unit * line.product_uom_qty for line in of_item)
        return (self.price_unit + more / (self.product_uom_qty or 1)) * quantity

    def _action_launch_stock_rule(self, previous_product_uom_qty=False):
        """Create deliveries, except for lines that Amazon fulfils: their goods leave the FBA location without one."""
        own = self.filtered(lambda line: line.order_id.amazon_channel != 'fba')
        return super(SaleOrderLine, own)._action_launch_stock_rule(previous_product_uom_qty=previous_product_uom_qty)

    def _amazon_write(self, vals):
        """Write the values that differ; product and unit only as long as the order is a quotation."""
        self.ensure_one()
        if self.state not in QUOTATION and self.env.context.get('amazon_tax_anew') is not TAX_ANEW:
            kept = ['product_id', 'product_uom_id', 'tax_ids']
            # A tax that was confirmed stays, as does the amount of another tax.
            kept += ['extra_tax_data'] * self._amazon_differs('tax_ids', vals.get('tax_ids') or [(6, 0, [])])
            vals = {field: value for field, value in vals.items() if field not in kept}
        changed = {field: value for field, value in vals.items() if self._amazon_differs(field, value)}
        if not changed.keys().isdisjoint(('product_id', 'product_uom_id')):
            # Odoo computes the other values anew for another product or unit.
            changed = vals
        elif 'product_uom_qty' in changed:
            changed['price_unit'] = vals['price_unit']
        if changed:
            self.write(changed)
        if 'extra_tax_data' in changed:
            # Odoo computes amounts anew for other fields only.
            self._compute_amount()

    def _amazon_differs(self, field, value):
        if field == 'tax_ids':
            return set(value[0][2]) != set(self.tax_ids.ids)
        if field == 'extra_tax_data':
            return (value or False) != (self.extra_tax_data or False)
        if field == 'price_unit':
            return abs(value - self.price_unit) > 1e-9
        return self._fields[field].convert_to_write(self[field], self) != value

    def _amazon_prepare_move(self, quantity):
        """Return the values of a stock move that leaves to the customer without a delivery order."""
        self.ensure_one()
        order = self.order_id
        marketplace = order.amazon_marketplace_id
        source = marketplace.fba_location_id if order.amazon_channel == 'fba' else order.warehouse_id.lot_stock_id
        return {
            'product_id': self.product_id.id, 'product_uom_qty': quantity, 'product_uom': self.product_uom_id.id,
            'location_id': source.id, 'location_dest_id': order.partner_shipping_id.property_stock_customer.id,
            'origin': order.name, 'company_id': order.company_id.id, 'partner_id': order.partner_shipping_id.id,
            'procure_method': 'make_to_stock',
        }

    def _amazon_explode(self, vals, bills):
        """Return the values of the stock moves that some of this line's product needs: of the components of a kit, each
        with its line of the bill, by which Odoo counts how many kits were delivered.

        :param dict vals: those of a move of the product itself
        :param dict bills: those of the products of many lines, as `find_bills` returns them
        """
        bill = bills.get(self.product_id)
        if not bill:
            return [vals]
        quantity = self.product_uom_id._compute_quantity(vals['product_uom_qty'], self.product_id.uom_id, round=False)
        return [{**vals, **part} for part in prepare_parts(self.product_id, quantity, bill)]

    def _amazon_prepare_departures(self, quantity, bills):
        """Return the values of the stock moves for goods that Amazon reports as shipped; where its ledger keeps the
        stock, they are taken from what the ledger ships.

        :param dict bills: as `find_bills` returns them
        """
        vals, market = self._amazon_prepare_move(quantity), self.order_id.amazon_marketplace_id
        if self.order_id.amazon_channel == 'fba' and market._is_by_ledger():
            vals['location_id'] = market.seller_id._get_dispatch().id
        return self._amazon_explode({**vals, 'sale_line_id': self.id}, bills)

    def _amazon_assign_open_moves(self, quantity):
        """Return the moves of this line by which some units leave to the customer, with how much of each leaves, and
        how many units need a move of their own.

        Steps of the warehouse before them are no longer waited for: they are cancelled, or have so much less to do.

        :param float quantity: in the unit of the line
        :return: move -> quantity in the unit of its product; units
        :rtype: tuple
        """
        needs = self._amazon_get_needs(self.move_ids)
        opened = self.move_ids.filtered(lambda move: move.state not in ('done', 'cancel'))
        leaving = opened.filtered(lambda move: move.location_dest_id.usage == 'customer')
        taken = leaving._amazon_share(needs, quantity)
        self.env['stock.move'].union(*taken)._amazon_skip_steps()
        done = min(
            sum(amount for move, amount in taken.items() if move.product_id == product) / need
            for product, need in needs.items())
        (opened - leaving)._amazon_reduce((opened - leaving)._amazon_share(needs, quantity - done))
        return taken, quantity - done

    def _amazon_get_needs(self, moves):
        """Return which products, in their own units, make one unit of this line: those of the kit where it is one.

        :param moves: the line's stock moves
        :rtype: dict
        """
        self.ensure_one()
        unit = self.product_uom_id._compute_quantity(1, self.product_id.uom_id, round=False)
        if 'bom_line_id' not in moves._fields or not moves.bom_line_id:
            return {self.product_id: unit}
        parts = find_parts(self.product_id, self.company_id).get(self.product_id)
        return {part: unit * need for part, need in parts.items()} if parts else {self.product_id: unit}

    def _amazon_get_returned_units(self):
        """Return how many units of this line have come back from the buyer, in the line's unit, as far as they reduce
        what Odoo counts as delivered.
        """
        back = self.move_ids.filtered(lambda move: move.state == 'done' and move.to_refund and move._amazon_is_back())
        if not back:
            return 0.0
        return self.env['amazon.return']._to_units(back, self._amazon_get_needs(self.move_ids))

    # === RESERVATION === #

    def _amazon_prepare_holds(self, bills):
        """Return the values of the stock moves that reserve what this line orders: the components of a kit, as far as
        Odoo counts them.

        :param dict bills: as `find_bills` returns them, for the products of all lines at once
        """
        if not self.product_uom_qty:
            return []
        moves = [{**vals, 'amazon_hold_line_id': self.id}
                 for vals in self._amazon_explode(self._amazon_prepare_move(self.product_uom_qty), bills)
                 if self.env['product.product'].browse(vals['product_id']).is_storable]
        for vals in moves:
            # By these Odoo counts how many kits were delivered.
            vals.pop('bom_line_id', None)
        return moves

    def _amazon_is_held(self, wanted):
        """Return whether exactly this is reserved for the line.

        :param list wanted: values of stock moves
        """
        left = collections.Counter()
        for move in self.amazon_hold_move_ids.filtered(lambda move: move.state not in ('done', 'cancel')):
            left[move.product_id, move.product_uom] += move.product_uom_qty
        for vals in wanted:
            product, unit = (self.env[model].browse(vals[name]) for model, name in (
                ('product.product', 'product_id'), ('uom.uom', 'product_uom')))
            left[product, unit] -= vals['product_uom_qty']
        return all(float_is_zero(quantity, precision_rounding=unit.rounding)
                   for (_product, unit), quantity in left.items())

    def _amazon_release(self):
        self.amazon_hold_move_ids.filtered(lambda move: move.state not in ('done', 'cancel'))._action_cancel()
