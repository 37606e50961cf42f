import collections

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, float_is_zero

from ..utils.access import check_group
from ..utils.ledger_plan import SELLABLE, LedgerPlan
from ..utils.phrases import tell
from .amazon_ledger_day import MANAGER
from .stock_location import AT_AMAZON

PLACES = [('sellable', "Sellable"), ('unsellable', "Unsellable"), ('transfer', "In transit at Amazon")]


class AmazonLedgerDifference(models.Model):
    """Where Odoo's FBA stock is not what Amazon says, as of the last day with balances; nothing is adjusted before a
    person accepts it.
    """

    _name = 'amazon.ledger.difference'
    _description = "Amazon Stock Difference"
    _inherit = ['amazon.access.mixin']
    _rec_name = 'sku'
    _order = 'state, date desc, sku'

    seller_id = fields.Many2one('amazon.seller', required=True, readonly=True, ondelete='cascade')
    company_id = fields.Many2one(related='seller_id.company_id', store=True, index=True)
    date = fields.Date("As of", required=True, readonly=True)
    product_id = fields.Many2one('product.product', readonly=True, ondelete='cascade')
    sku = fields.Char("SKU", readonly=True)
    country_id = fields.Many2one('res.country', readonly=True)
    place = fields.Selection(PLACES, required=True, readonly=True)
    amazon_quantity = fields.Float("At Amazon", digits=(16, 2), readonly=True)
    odoo_quantity = fields.Float("In Odoo", digits=(16, 2), readonly=True)
    difference = fields.Float(digits=(16, 2), readonly=True, help="What Odoo lacks; negative: what it has too "
                              "much.")
    cause = fields.Selection(
        [('unmapped', "Its SKU has no product"), ('day', "Days of the ledger are missing or not booked"),
         ('obstacle', "Rows of the ledger are not booked"), ('manual', "Somebody moved this stock by hand"),
         ('unknown', "Amazon has unknown events"), ('none', "None is known")],
        "Likely cause", required=True, readonly=True)
    state = fields.Selection([('open', "Open"), ('accepted', "Accepted")], required=True, readonly=True, default='open')
    note = fields.Char("Reason", help="Why the difference is accepted; the stock move says it.")
    user_id = fields.Many2one('res.users', "Accepted by", readonly=True)
    move_id = fields.Many2one('stock.move', readonly=True)

    # === PROOF === #

    @api.model
    def _prove(self, seller):
        """Compare the stock of a seller with Amazon's last balances, and bring the list of differences up to date."""
        balances = self.env['amazon.ledger.balance']
        date = balances._get_last_date(seller)
        if not date or date < seller.ledger_start:
            return
        plan = LedgerPlan(seller)
        at_amazon, unknown, unmapped = self._read_amazon(plan, date)
        in_odoo = self._read_odoo(plan, date)
        differing = [key for key in {**at_amazon, **in_odoo} if not float_is_zero(
            at_amazon[key] - in_odoo[key], precision_rounding=key[0].uom_id.rounding)]
        causes = _Causes(self.env, seller, date, {product.id for product, _country, _place in differing})
        found = {}
        for key in differing:
            product, country, place = key
            found[product.id, country.id, place, product.default_code or ''] = {
                'amazon_quantity': at_amazon[key], 'odoo_quantity': in_odoo[key],
                'difference': at_amazon[key] - in_odoo[key],
                'cause': causes.find(product, plan.get_location(place, country or None), unknown[product])}
        for (sku, country, place), quantity in unmapped.items():
            found[False, country.id, place, sku] = {
                'amazon_quantity': quantity, 'odoo_quantity': 0, 'difference': quantity, 'cause': 'unmapped'}
        self._update(seller, date, found)

    @api.model
    def _read_amazon(self, plan, date):
        """Return Amazon's quantities at the end of a day, in pieces by product, country and place; how many pieces of
        a product are unknown events; and the units of SKUs without a product.
        """
        known, unknown, unmapped = collections.Counter(), collections.Counter(), collections.Counter()
        nowhere = self.env['res.country']
        for sku, fnsku, disposition, code, ending, in_transit, odd in self._read_balances(plan, date):
            place = 'sellable' if disposition == SELLABLE else 'unsellable'
            country, products = plan.find_country(code), plan.find_products(sku, fnsku)
            if len(products) != 1 or not country or not plan.find_parts(*next(iter(products))):
                unmapped[sku, country, place] += ending
                unmapped[sku, nowhere, 'transfer'] += in_transit
                continue
            (product_id, pack), = products
            for part, pieces in plan.find_parts(product_id, pack).items():
                product = self.env['product.product'].browse(part)
                if not product.is_storable:
                    # Odoo counts none of them: the carton of a kit.
                    continue
                known[product, country, place] += ending * pieces
                known[product, nowhere, 'transfer'] += in_transit * pieces
                unknown[product] += odd * pieces
        return known, unknown, +unmapped

    @api.model
    def _read_balances(self, plan, date):
        """Return Amazon's balances at the end of a day, summed up: SKU, FNSKU, disposition, country, units there, units
        between fulfillment centers and units of unknown events; the plan knows their products then.
        """
        rows = self.env.execute_query(SQL(
            """SELECT COALESCE(sku, ''), COALESCE(fnsku, ''), COALESCE(disposition, ''), COALESCE(country_code, ''),
                      SUM(ending)::int, SUM(in_transit)::int, SUM(ABS(unknown))::int
                 FROM amazon_ledger_balance WHERE seller_id = %s AND date = %s GROUP BY 1, 2, 3, 4""",
            plan.seller.id, date))
        plan.learn_products({row[0] for row in rows}, {row[1] for row in rows if row[1]})
        return rows

    @api.model
    def _read_odoo(self, plan, date):
        """Return Odoo's quantities of the same, as they would be without the days of the ledger behind that day."""
        locations = self.env['stock.location'].search([
            ('amazon_seller_id', '=', plan.seller.id), ('amazon_kind', 'in', [*AT_AMAZON, 'transfer'])])
        found = collections.Counter()

        def add(product, location, quantity):
            found[product, location.amazon_country_id, location.amazon_kind] += quantity
        for product, location, quantity in self.env['stock.quant']._read_group(
                [('location_id', 'in', locations.ids)], ['product_id', 'location_id'], ['quantity:sum']):
            add(product, location, quantity)
        later = [('state', '=', 'done'), ('move_id.amazon_ledger_day_id.date', '>', date),
                 ('move_id.amazon_ledger_day_id.seller_id', '=', plan.seller.id)]
        for field, sign in (('location_dest_id', -1), ('location_id', 1)):
            for product, location, quantity in self.env['stock.move.line']._read_group(
                    [*later, (field, 'in', locations.ids)], ['product_id', field], ['quantity_product_uom:sum']):
                add(product, location, sign * quantity)
        return found

    @api.model
    def _update(self, seller, date, found):
        known = {(entry.product_id.id, entry.country_id.id, entry.place, entry.sku or ''): entry
                 for entry in self.search([('seller_id', '=', seller.id), ('state', '=', 'open')])}
        self.browse().union(*(entry for key, entry in known.items() if key not in found)).unlink()
        for key, vals in found.items():
            if key in known:
                known[key].write({'date': date, **vals})
        self.create([{
            'seller_id': seller.id, 'date': date, 'product_id': product, 'country_id': country, 'place': place,
            'sku': sku, **vals,
        } for (product, country, place, sku), vals in found.items() if (product, country, place, sku) not in known])

    # === DECISIONS === #

    def action_accept(self):
        """Bring Odoo's stock to Amazon's by an inventory move for each of these differences, with its reason."""
        self.check_access('write')
        check_group(self.env, MANAGER)
        differences = self.browse(set(self.ids)).sudo().filtered(
            lambda difference: difference.state == 'open' and difference.product_id)
        if not differences:
            raise UserError(tell(self.env)._("Choose open differences of products. A SKU without a product is mapped "
                                             "first."))
        if without := differences.filtered(lambda difference: not (difference.note or '').strip()):
            raise UserError(tell(self.env)._("Write down the reason first: %s", ', '.join(without.mapped('sku'))))
        for (seller, date), group in differences.grouped(lambda entry: (entry.seller_id, entry.date)).items():
            group._accept(LedgerPlan(seller), date)
        return True

    def _accept(self, plan, date):
        """Book these differences of one seller and day.

        :param plan: the `LedgerPlan` of the seller
        """
        moves = self.env['stock.move'].create([difference._prepare_move(plan) for difference in self])
        moves._amazon_complete_at(date)
        self.write({'state': 'accepted', 'user_id': self.env.user.id})
        for difference, move in zip(self, moves, strict=True):
            difference.move_id = move

    def _prepare_move(self, plan):
        ends = plan.get_location('loss'), plan.get_location(self.place, self.country_id or None)
        source, target = ends if self.difference > 0 else reversed(ends)
        return {
            'product_id': self.product_id.id, 'product_uom_qty': abs(self.difference),
            'product_uom': self.product_id.uom_id.id, 'location_id': source.id, 'location_dest_id': target.id,
            'company_id': self.company_id.id, 'procure_method': 'make_to_stock', 'amazon_accepted': True,
            'origin': self.env._("Accepted by %(user)s: %(note)s", user=self.env.user.name, note=self.note)}


class _Causes:
    """The likely causes of differences of one seller, asked once for all."""

    def __init__(self, env, seller, date, product_ids):
        days = env['amazon.ledger.day'].search_fetch(
            [('seller_id', '=', seller.id), ('date', '>=', seller.ledger_start), ('date', '<=', date)], ['state'])
        self.days_lack = len(days) < (date - seller.ledger_start).days + 1 or any(
            day.state != 'booked' for day in days)
        self.with_obstacles = self._read_obstacles(env, seller)
        self.by_hand = self._read_by_hand(env, seller, product_ids) if product_ids else set()

    @staticmethod
    def _read_obstacles(env, seller):
        """Return the products (ids) with rows that could not be booked."""
        return {product.id for (product,) in env['amazon.ledger.line']._read_group(
            [('seller_id', '=', seller.id), ('obstacle', '!=', False), ('product_id', '!=', False)], ['product_id'])}

    @staticmethod
    def _read_by_hand(env, seller, product_ids):
        """Return the pairs of product and location (ids) between which somebody has moved stock."""
        moves, found = env['stock.move'], set()
        for field in ('location_id', 'location_dest_id'):
            found.update((product.id, location.id) for product, location in moves._read_group(
                [('product_id', 'in', list(product_ids)), ('state', '=', 'done'), ('amazon_ledger_day_id', '=', False),
                 ('amazon_accepted', '=', False), ('date', '>=', seller.ledger_start),
                 (f'{field}.amazon_seller_id', '=', seller.id)], ['product_id', field]))
        return found

    def find(self, product, location, unknown):
        """Return the likely cause of a difference of a product at a location.

        :param unknown: pieces of it that Amazon itself lists as unknown events
        """
        if self.days_lack:
            return 'day'
        if product.id in self.with_obstacles:
            return 'obstacle'
        if (product.id, location.id) in self.by_hand:
            return 'manual'
        return 'unknown' if unknown else 'none'
