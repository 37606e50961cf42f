import collections

from odoo import fields, models
from odoo.tools import float_is_zero

from ..utils.ledger_plan import LedgerPlan
from .amazon_ledger_day import DAY

# Orders come within minutes, those with an exception once somebody has looked at them.
WAIT_DAYS = 7


class AmazonSeller(models.Model):
    """Shipments of Amazon that no order in Odoo explains: replacements, other channels, orders that were not imported.
    """

    _inherit = 'amazon.seller'

    def _get_dispatch(self):
        """Return the location through which Amazon's shipments go: the ledger takes them there from their country, and
        the orders take them from there to the buyers.
        """
        self.ensure_one()
        return self.env['stock.location']._amazon_get(self, 'dispatch')

    def _book_unexplained(self):
        """Book as shipped what Amazon's ledger shipped a week ago or earlier and no order has taken since; and take
        back of it what an order explains later on.
        """
        plan, date = LedgerPlan(self), fields.Date.today()
        dispatch, customers = self._get_dispatch(), plan.get_location('customer')
        vals_list = []
        for product, missing in self._find_unexplained(dispatch).items():
            source, target = (dispatch, customers) if missing > 0 else (customers, dispatch)
            vals_list.append({
                'product_id': product.id, 'product_uom_qty': abs(missing), 'product_uom': product.uom_id.id,
                'location_id': source.id, 'location_dest_id': target.id, 'company_id': self.company_id.id,
                'procure_method': 'make_to_stock', 'amazon_unexplained': True,
                'origin': self.env._("Shipped by Amazon, no order")})
        self.env['stock.move'].create(vals_list)._amazon_complete_at(date)

    def _find_unexplained(self, dispatch):
        """Return by product how many pieces more are to be booked as shipped without an order; negative: less.

        Orders of the last days explain shipments of the last days first, and older ones with what is left.
        """
        limit = fields.Date.today() - DAY * WAIT_DAYS
        counts = collections.defaultdict(lambda: [0.0] * 5)
        lines = self.env['stock.move.line']
        for field, sign in (('location_dest_id', 1), ('location_id', -1)):
            domain = [('state', '=', 'done'), (field, '=', dispatch.id)]
            own = [('move_id.amazon_ledger_day_id', '=', False)]
            ordered = [*own, ('move_id.amazon_unexplained', '=', False)]
            parts = ([('move_id.amazon_ledger_day_id.date', '<=', limit)],
                     [('move_id.amazon_ledger_day_id.date', '>', limit)],
                     [*ordered, ('date', '<', limit + DAY)], [*ordered, ('date', '>=', limit + DAY)],
                     [*own, ('move_id.amazon_unexplained', '=', True)])
            for position, part in enumerate(parts):
                for product, quantity in lines._read_group([*domain, *part], ['product_id'],
                                                           ['quantity_product_uom:sum']):
                    counts[product][position] += sign * quantity
        missing = {product: max(shipped + sold + min(recent + sold_lately, 0), 0) + unexplained
                   for product, (shipped, recent, sold, sold_lately, unexplained) in counts.items()}
        return {product: quantity for product, quantity in missing.items()
                if not float_is_zero(quantity, precision_rounding=product.uom_id.rounding)}
