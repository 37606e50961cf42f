from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.amazon_ledger_day import MANAGER
from ..utils.access import check_group
from ..utils.amazon_words import label_field
from ..utils.opening_way import CHOICES, OBSTACLES

KINDS = [
    ('way', "A transfer names it"), ('unnamed', "Amazon lists it under way, no transfer in Odoo names it"),
    ('undone', "Amazon has received of it, and its transfer is not done"),
]
# So many SKUs are named.
SHOWN = 5


class AmazonLedgerOpenShipment(models.TransientModel):
    """A shipment to Amazon that may have been on its way when the first day of the ledger began."""

    _name = 'amazon.ledger.open.shipment'
    _description = "Shipment under Way at the Opening"
    _inherit = ['amazon.access.mixin']
    _rec_name = 'shipment_ref'
    _order = 'kind desc, shipment_ref'

    open_id = fields.Many2one('amazon.ledger.open', required=True, readonly=True, ondelete='cascade')
    kind = fields.Selection(KINDS, "In Odoo", readonly=True)
    shipment_ref = fields.Char("Amazon's shipment", readonly=True)
    amazon_status = fields.Char("Status code", readonly=True)
    amazon_status_label = label_field("Status at Amazon", 'shipment_status', 'amazon_status')
    content = fields.Char(readonly=True, help="SKUs and units that Amazon states.")
    transfers = fields.Char(readonly=True)
    sent = fields.Float(digits=(16, 2), readonly=True, help="Pieces that the transfers have sent.")
    received = fields.Float("Received before", digits=(16, 2), readonly=True,
                            help="Pieces that Amazon had received before the first day.")
    since = fields.Float("Received since", digits=(16, 2), readonly=True,
                         help="Pieces that Amazon's ledger has received since the first day.")
    on_way = fields.Float("On its way", digits=(16, 2), readonly=True, help="Pieces that will be in transit to Amazon: "
                          "as it was chosen, or would be assumed. Show it again after a choice.")
    obstacle = fields.Selection([*OBSTACLES, *KINDS[1:]], "To decide", readonly=True)
    is_known = fields.Boolean("Amazon states quantities", readonly=True)
    choices = fields.Json(compute='_compute_choices')
    choice = fields.Selection(CHOICES, "What was on its way")
    picking_id = fields.Many2one('stock.picking', "Its transfer", groups='stock.group_stock_user')

    @api.depends('is_known')
    def _compute_choices(self):
        labels = self._fields['choice']._description_selection(self.env)
        for line in self:
            line.choices = [[value, label] for value, label in labels if line.is_known or value != 'amazon']

    def _get_choice(self):
        """Return what was chosen, '' for nothing: what Amazon says is none where it says nothing."""
        return self.choice if self.choice and (self.is_known or self.choice != 'amazon') else ''

    def _prepare_way(self, way, choice, on_way):
        """Return the values of a shipment that done transfers name.

        :param way: a `Way`
        """
        return {
            **self._prepare('way', way.reference, way.inbound), 'transfers': ', '.join(way.pickings.mapped('name')),
            'sent': sum(way.sent.values()), 'received': sum(way.received[product] for product in way.sent),
            'since': sum(way.since[product] for product in way.sent), 'on_way': on_way,
            'obstacle': way.obstacle or False, 'is_known': way.by_amazon is not None,
            'choice': choice or ('amazon' if not way.obstacle else False)}

    def _prepare(self, kind, shipment_ref, inbound):
        """Return the values of a shipment of which nothing is on its way by a transfer that is done."""
        items = inbound.item_ids
        content = ', '.join(f'{item.sku} × {item.shipped}' for item in items[:SHOWN])
        return {'kind': kind, 'obstacle': kind, 'shipment_ref': shipment_ref, 'amazon_status': inbound.amazon_status,
                'content': content + (f' … (+{len(items) - SHOWN})' if len(items) > SHOWN else '')}

    def action_name_transfer(self):
        """Write this shipment on the transfer that was chosen, and show what would change then."""
        self.ensure_one()
        self.check_access('write')
        check_group(self.env, MANAGER)
        opening, picking = self.open_id, self.picking_id
        opening.seller_id.check_access('read')
        if not picking or picking not in opening.candidate_ids:
            raise UserError(self.env._("Choose the transfer that sent this shipment: one to the FBA location that "
                                       "names no shipment."))
        inbounds, named = self.env['amazon.inbound'], {
            'seller_id': opening.seller_id.id, 'shipment_ref': self.shipment_ref}
        picking.amazon_inbound_id = inbounds.search([
            (name, '=', value) for name, value in named.items()]) or inbounds.create(named)
        return opening.action_show()
