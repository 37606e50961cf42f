from odoo import api, fields, models

from ..utils.access import WAREHOUSE, check_group
from ..utils.notices import make_notice
from ..utils.phrases import tell

PRIME = 'PRIME'


class StockPicking(models.Model):
    """What the board of deliveries to ship shows of each, and what it says after several were validated."""

    _inherit = 'stock.picking'

    amazon_content = fields.Text("To pack", compute='_compute_amazon_content')
    amazon_image = fields.Image("Picture", compute='_compute_amazon_content')
    amazon_country_id = fields.Many2one(related='partner_id.country_id', string="Ships to")
    amazon_is_prime = fields.Boolean("Prime", compute='_compute_amazon_is_prime', search='_search_amazon_is_prime')

    @api.depends('move_ids.product_id', 'move_ids.product_uom_qty', 'move_ids.state')
    @api.depends_context('lang')
    def _compute_amazon_content(self):
        for picking in self:
            moves = picking.move_ids.filtered(lambda move: move.state != 'cancel')
            picking.amazon_content = '\n'.join(
                f'{move.product_uom_qty:g} × {move.product_id.display_name}' for move in moves) or False
            picking.amazon_image = moves.product_id[:1].image_128

    @api.depends('amazon_programs')
    def _compute_amazon_is_prime(self):
        for picking in self:
            picking.amazon_is_prime = _is_prime(picking.sale_id)

    def _search_amazon_is_prime(self, operator, value):
        wanted = value if operator in ('in', 'not in') else [value]
        found = [('sale_id.amazon_programs', 'ilike', PRIME)]
        return found if (operator in ('=', 'in')) == (True in wanted) else ['!', *found]

    def _amazon_find_prime_problem(self, orders):
        """Return that Amazon has not approved the delivery method for Prime, or None; it would confirm the shipment and
        take Prime away from sellers who do so.

        :param orders: `sale.order` records whose goods are in this delivery
        """
        mappings = self.env['amazon.carrier.mapping'].sudo()
        if all(mappings._find(self.carrier_id, order.amazon_marketplace_id).is_for_prime
               for order in orders.filtered(_is_prime)):
            return None
        return tell(self.env)._("This is a Prime order, and delivery method \"%s\" is not marked as approved for "
                                "Prime: buy the label from Amazon, or have an administrator of Inventory or Amazon "
                                "tick \"May carry Prime\" under Amazon > Configuration > Carriers.",
                                self.carrier_id.name)

    def action_amazon_validate(self):
        """Validate these deliveries and say what became of them; what Amazon would refuse is shown before."""
        check_group(self.env, WAREHOUSE)
        self.check_access('write')
        result = self.button_validate()
        return self._amazon_tell_validated() if result is True else result

    def _amazon_tell_validated(self):
        """Return a notice of how many of these deliveries are validated, and which are not."""
        left = self.filtered(lambda picking: picking.state not in ('done', 'cancel'))
        said = tell(self.env)._("Validated: %(done)s of %(all)s. Amazon is told of them by the next run.",
                                done=len(self) - len(left), all=len(self))
        if left:
            said = tell(self.env).join([said, tell(self.env)._("Not validated: %s", ', '.join(left.mapped('name')))])
        return make_notice('warning' if left else 'success', said, {'type': 'ir.actions.act_window_close'},
                           sticky=bool(left))

    @api.model
    def get_empty_list_help(self, help_message):
        """Return the board's own words where Odoo's would speak of other transfers."""
        if self.env.context.get('amazon_to_ship'):
            return help_message
        return super().get_empty_list_help(help_message)


def _is_prime(order):
    return PRIME in (order.amazon_programs or '').split(', ')
