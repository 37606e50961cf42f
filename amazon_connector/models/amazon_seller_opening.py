import collections

from odoo import models
from odoo.exceptions import UserError
from odoo.tools import float_compare

from ..amazon_reports.ledger_summary import REPORT_TYPE
from ..utils.ledger_plan import LedgerPlan
from ..utils.locks import lock
from .amazon_ledger_day import DAY

# Balances of days within these are not there at once; before, Amazon gives an empty report.
SETTLED = 3


class AmazonSeller(models.Model):
    """Change over from one FBA location for each marketplace to stock by Amazon's ledger."""

    _inherit = 'amazon.seller'

    def _request_opening(self, date):
        """Request Amazon's balances before the first day of the ledger."""
        self.ensure_one()
        if self.ledger_state == 'on':
            raise UserError(self.env._("The FBA stock of %s is kept by Amazon's ledger already.", self.name))
        if date > self.env['amazon.ledger.day']._get_last_date(self):
            raise UserError(self.env._("Amazon's ledger of that day is not complete yet: choose an earlier day."))
        if others := self.marketplace_ids.filtered(lambda market: market.company_id != self.company_id):
            raise UserError(self.env._(
                "Amazon's ledger does not say whose goods it moves: it can be kept for sellers whose marketplaces all "
                "belong to %(company)s. These do not: %(markets)s.", company=self.company_id.name,
                markets=', '.join(others.mapped('name'))))
        self.write({'ledger_state': 'opening', 'ledger_start': date})
        self._request_due_reports()
        self._wake('fba_stock')

    def _has_opening(self):
        """Return whether Amazon's balances before the first day are there. An empty report of a day that is not too
        recent says that there was nothing; one that Amazon cancelled says nothing.
        """
        date = self.ledger_start - DAY
        if self.env['amazon.ledger.balance'].search_count([('seller_id', '=', self.id), ('date', '=', date)], limit=1):
            return True
        days = self.env['amazon.ledger.day']
        return date + DAY * SETTLED < days._get_last_date(self) and bool(self.env['amazon.report'].search_count([
            ('seller_id', '=', self.id), ('report_type', '=', REPORT_TYPE), ('state', '=', 'done'),
            ('start_date', '=', days._to_moment(self, date))], limit=1))

    def _read_opening(self):
        """Return what is to happen to open the ledger.

        :return: the plan of locations; pieces by product, country and place at Amazon; pieces by product and location
            in Odoo as of then, and what was sold from there since; units of SKUs without a product
        :rtype: tuple
        """
        self.ensure_one()
        plan = LedgerPlan(self)
        needs, _unknown, unmapped = self.env['amazon.ledger.difference']._read_amazon(plan, self.ledger_start - DAY)
        locations = self._get_simple_locations()
        held, sold = collections.Counter(), self._count_sold(locations)
        for product, location, quantity in self.env['stock.quant']._read_group(
                [('location_id', 'child_of', locations.ids)], ['product_id', 'location_id'], ['quantity:sum']):
            held[product, location] += quantity
        held.update(sold)
        held.subtract(self._count_sent(locations))
        return plan, needs, held, sold, unmapped

    def _get_simple_locations(self):
        """Return the FBA locations of this seller's marketplaces, as they are without the ledger."""
        markets = self.with_context(active_test=False).marketplace_ids
        return markets.filtered(lambda market: market.company_id == self.company_id).fba_location_id.filtered(
            lambda location: not location.amazon_seller_id)

    def _count_sold(self, locations):
        """Return the pieces by product and location that orders of this seller have taken since the first day, returned
        ones taken off: the ledger ships them once more.
        """
        since = self.env['amazon.ledger.day']._to_moment(self, self.ledger_start)
        sold = collections.Counter()
        for field, other, sign in (('location_id', 'location_dest_id', 1), ('location_dest_id', 'location_id', -1)):
            for product, location, quantity in self.env['stock.move.line']._read_group(
                    [('state', '=', 'done'), ('date', '>=', since), (field, 'child_of', locations.ids),
                     (f'{other}.usage', '=', 'customer'),
                     ('move_id.sale_line_id.order_id.amazon_marketplace_id.seller_id', '=', self.id)],
                    ['product_id', field], ['quantity_product_uom:sum']):
                sold[product, location] += sign * quantity
        return sold

    def _count_sent(self, locations):
        """Return the pieces by product and location that came there since the first day otherwise than by orders, less
        those that were taken away: they are on their way to Amazon, or back, by the ledger.
        """
        since = self.env['amazon.ledger.day']._to_moment(self, self.ledger_start)
        inside = self.env['stock.location'].search([('id', 'child_of', locations.ids)]).ids
        sent = collections.Counter()
        for field, other, sign in (('location_dest_id', 'location_id', 1), ('location_id', 'location_dest_id', -1)):
            for product, location, quantity in self.env['stock.move.line']._read_group(
                    [('state', '=', 'done'), ('date', '>=', since), (field, 'in', inside), (other, 'not in', inside),
                     (f'{other}.usage', 'in', ('internal', 'transit'))],
                    ['product_id', field], ['quantity_product_uom:sum']):
                sent[product, location] += sign * quantity
        return sent

    def _open_ledger(self):
        """Bring the FBA stock to Amazon's opening balance: what the marketplaces' locations hold is moved to the
        countries, and what is more or less then is an inventory move. From then on orders take what the ledger ships.
        """
        lock(self)
        if self.ledger_state != 'opening' or not self._has_opening():
            raise UserError(self.env._("Amazon's opening balance of %s is not there yet.", self.name))
        plan, needs, held, sold, _unmapped = self._read_opening()
        opening = _Opening(plan, self._find_shared(), self.env._("Opening balance of %s", self.ledger_start))
        opening.give_back(sold)
        opening.forward(self._count_sent(self._get_simple_locations()))
        opening.distribute(needs, held)
        moves = self.env['stock.move'].create(opening.vals_list)
        moves._amazon_complete_at(self.ledger_start)
        self.ledger_state = 'on'
        markets = self.with_context(active_test=False).marketplace_ids
        for market in markets.filtered(lambda market: market._is_by_ledger()):
            market.fba_location_id = plan.get_location('sellable', market.fba_country_id or market.country_id)
        return moves

    def _find_shared(self):
        """Return the FBA locations that marketplaces of other sellers use, too: what is too much there is theirs."""
        others = self.env['amazon.seller.marketplace'].search(
            [('seller_id', '!=', self.id), ('fba_location_id', 'in', self._get_simple_locations().ids)])
        return others.fba_location_id


class _Opening:
    """The stock moves of an opening balance, collected in `vals_list`."""

    def __init__(self, plan, shared, origin):
        self.plan, self.shared, self.origin, self.vals_list = plan, shared, origin, []

    def give_back(self, sold):
        """Give back what orders have taken since the first day; it is owed by the shipments of the ledger."""
        dispatch = self.plan.get_location('dispatch')
        for (product, location), quantity in sold.items():
            self._add(product, quantity, dispatch, location)

    def forward(self, sent):
        """Take out what was sent since the first day: the ledger receives it from its way to Amazon; and what was taken
        away comes back by the ledger.
        """
        inbound, removal = self.plan.get_location('inbound'), self.plan.get_location('removal')
        for (product, location), quantity in sent.items():
            self._add(product, quantity, location, inbound if quantity > 0 else removal)

    def distribute(self, needs, held):
        """Move what Odoo holds to the places where Amazon has it; find or lose the rest."""
        loss, rest = self.plan.get_location('loss'), collections.defaultdict(dict)
        for (product, location), quantity in held.items():
            rest[product][location] = quantity
        for (product, country, kind), need in needs.items():
            place = self.plan.get_location(kind, country or None)
            for location, quantity in rest[product].items():
                taken = min(max(quantity, 0), need)
                self._add(product, taken, location, place)
                rest[product][location], need = quantity - taken, need - taken
            self._add(product, need, loss, place)
        for product, by_location in rest.items():
            for location, quantity in by_location.items():
                if quantity < 0 or location not in self.shared:
                    self._add(product, quantity, location, loss)

    def _add(self, product, quantity, source, target):
        sign = float_compare(quantity, 0, precision_rounding=product.uom_id.rounding)
        if sign and product.type != 'service':
            if sign < 0:
                source, target = target, source
            self.vals_list.append({
                'product_id': product.id, 'product_uom_qty': abs(quantity), 'product_uom': product.uom_id.id,
                'location_id': source.id, 'location_dest_id': target.id, 'company_id': self.plan.company.id,
                'procure_method': 'make_to_stock', 'origin': self.origin, 'amazon_accepted': True})
