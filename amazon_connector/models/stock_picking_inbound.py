from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..utils.access import check_group
from ..utils.phrases import tell
from .amazon_ledger_day import MANAGER


class StockPickingType(models.Model):
    _inherit = 'stock.picking.type'

    amazon_seller_id = fields.Many2one('amazon.seller', "To Amazon for", readonly=True, copy=False, ondelete='set null',
                                       index='btree_not_null')


class StockPicking(models.Model):
    """Transfers that send goods to Amazon, or take back what was on its way."""

    _inherit = 'stock.picking'

    amazon_inbound_id = fields.Many2one(
        'amazon.inbound', "Amazon's shipment", copy=False, index='btree_not_null', ondelete='restrict', tracking=True,
        groups='stock.group_stock_user',
        help="Type or scan its id (FBA…), or choose one that Amazon lists: what Amazon receives by this id closes the "
        "transfer in parts.")
    amazon_inbound_seller_id = fields.Many2one('amazon.seller', compute='_compute_amazon_inbound_seller_id')

    @api.depends('location_id', 'location_dest_id')
    def _compute_amazon_inbound_seller_id(self):
        for picking in self:
            ends = (picking.location_dest_id | picking.location_id).sudo()
            found = ends.filtered(lambda location: location.amazon_kind == 'inbound')[:1].amazon_seller_id
            picking.amazon_inbound_seller_id = (found or picking._amazon_find_simple_seller()).sudo(False)

    def _amazon_find_simple_seller(self):
        """Return the seller to whose simple FBA location this brings goods: once the ledger is started, what is on its
        way is known by Amazon's shipment.
        """
        markets = self.env['amazon.seller.marketplace'].sudo().search([
            ('fba_location_id', 'parent_of', self.location_dest_id.ids), ('seller_id.ledger_state', '!=', 'on')])
        sellers = markets.seller_id if self.location_dest_id else markets.seller_id.browse()
        return sellers if len(sellers) == 1 else sellers.browse()

    @api.constrains('amazon_inbound_id', 'location_id', 'location_dest_id')
    def _check_amazon_inbound(self):
        for picking in self.filtered('amazon_inbound_id'):
            if picking.amazon_inbound_id.seller_id != picking.amazon_inbound_seller_id:
                raise ValidationError(tell(self.env)._(
                    "A shipment of Amazon's belongs to a transfer to \"In transit to Amazon\" of the same seller: %s.",
                    picking.amazon_inbound_id.shipment_ref))

    @api.model_create_multi
    def create(self, vals_list):
        """Create transfers; returns of what Amazon sent back are of the same parcel."""
        pickings = super().create(vals_list)
        if not self.env.su:
            pickings._amazon_check_inbound_change(pickings.sudo().amazon_inbound_id, everywhere=True)
        for picking in pickings.sudo().filtered(lambda picking: picking.return_id.amazon_parcel_id):
            picking.amazon_parcel_id = picking.return_id.amazon_parcel_id
        return pickings

    def write(self, vals):
        """Write transfers; those of a shipment that is over keep it, unless an inventory manager corrects it."""
        if 'amazon_inbound_id' in vals and not self.env.su:
            self._amazon_check_inbound_change(self.env['amazon.inbound'].browse(vals['amazon_inbound_id']))
        before = self.sudo().amazon_inbound_id if 'amazon_inbound_id' in vals else self.env['amazon.inbound'].sudo()
        result = super().write(vals)
        if 'amazon_inbound_id' in vals:
            (before | self.sudo().amazon_inbound_id).exists()._refresh()
        return result

    def _amazon_check_inbound_change(self, new, everywhere=False):
        """Raise an error where users take transfers from a shipment that is over, or give them to one.

        :param new: the shipment that they are given
        :param bool everywhere: also to transfers that are not done
        """
        sent = self.filtered(lambda picking: picking.state == 'done')
        changed = sent.sudo().amazon_inbound_id | (new.sudo().exists() if sent or everywhere else new.sudo().browse())
        if any(inbound.state in ('short', 'done') for inbound in changed):
            check_group(self.env, MANAGER)
        if (self.sudo().amazon_inbound_id | new.sudo().exists()).filtered('user_id'):
            raise UserError(tell(self.env)._("What is missing of this shipment is written off: its transfers keep it."))

    def _action_done(self):
        done = super()._action_done()
        self.sudo().amazon_inbound_id._refresh()
        return done

    def _create_backorder(self, *args, **kwargs):
        backorders = super()._create_backorder(*args, **kwargs)
        for backorder in backorders.sudo():
            if inbound := backorder.backorder_id.amazon_inbound_id:
                backorder.amazon_inbound_id = inbound
            if parcel := backorder.backorder_id.amazon_parcel_id:
                backorder.amazon_parcel_id = parcel
        return backorders
