import re
from typing import NamedTuple

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, float_is_zero

from ..amazon_api.inbound import CLOSED, VOIDED
from ..utils.access import check_companies, check_group
from ..utils.amazon_words import label_field
from ..utils.inbound_goods import keep_parts
from ..utils.ledger_plan import LedgerPlan
from ..utils.phrases import tell
from .amazon_ledger_day import DAY, MANAGER

REFERENCE = re.compile(r'[A-Z]{3,4}-?[0-9A-Z]{5,20}')
# What the label of a box says: the shipment, and the number of the box.
BOX = re.compile(r'(FBA[0-9A-Z]{7,9})U[0-9]{6}')
STATES = [('open', "On its way"), ('short', "Closed, units missing"), ('done', "Done"), ('cancel', "Cancelled")]


class Missing(NamedTuple):
    """Pieces of a product that were sent in a shipment (`amazon.inbound`) and that Amazon has not received."""

    inbound: object
    product: object
    sent: float
    received: float
    missing: float


class AmazonInbound(models.Model):
    """A shipment to Amazon: what transfers of Odoo have sent in it, and what Amazon has received of it.

    Amazon's id (FBA…) ties the transfers of the warehouse to the receipts of the ledger, which come in parts over
    weeks.
    """

    _name = 'amazon.inbound'
    _description = "Shipment to Amazon"
    _inherit = ['amazon.access.mixin']
    _rec_name = 'shipment_ref'
    _rec_names_search = ['shipment_ref', 'name']
    _order = 'id desc'

    seller_id = fields.Many2one('amazon.seller', required=True, ondelete='cascade', index=True,
                                default=lambda self: self._default_seller())
    company_id = fields.Many2one(related='seller_id.company_id', store=True, index=True)
    shipment_ref = fields.Char("Amazon's shipment", required=True, index=True,
                               help="As Amazon shows it: FBA and letters and digits. The label of a box does, too.")
    name = fields.Char("Name at Amazon", readonly=True)
    center = fields.Char("Fulfillment center", readonly=True)
    country_id = fields.Many2one('res.country', "Destination", help="The country that the goods go to, for the stock "
                                 "in transit by country. Odoo finds it by the fulfillment center where Amazon names "
                                 "one.")
    amazon_status = fields.Char("Status code", readonly=True)
    amazon_status_label = label_field("Status at Amazon", 'shipment_status', 'amazon_status')
    state = fields.Selection(STATES, required=True, readonly=True, default='open', index=True)
    is_closed = fields.Boolean("Closed", readonly=True, help="Amazon receives nothing more of it: it says so, or "
                               "somebody does.")
    last_receipt = fields.Date(readonly=True)
    picking_ids = fields.One2many('stock.picking', 'amazon_inbound_id', "Transfers", readonly=True,
                                  groups='stock.group_stock_user')
    line_ids = fields.One2many('amazon.inbound.line', 'inbound_id', readonly=True)
    item_ids = fields.One2many('amazon.inbound.item', 'inbound_id', readonly=True)
    kit_parts = fields.Json("Components when sent", readonly=True, copy=False,
                            help="Of kits: pieces by component (ids), whatever became of their bills since.")
    items_read = fields.Datetime("Quantities read on", readonly=True, help="When Amazon last stated its quantities of "
                                 "all SKUs of the shipment.")
    note = fields.Char("Reason", help="Why what is missing is written off; the stock moves say it.")
    user_id = fields.Many2one('res.users', "Written off by", readonly=True)

    _inbound_unique = models.Constraint('UNIQUE(seller_id, shipment_ref)', "This shipment is already there.")

    @api.model
    def _default_seller(self):
        sellers = self.env['amazon.seller'].sudo().search([
            ('ledger_state', '=', 'on'), ('company_id', 'in', self.env.companies.ids)], limit=2)
        return sellers if len(sellers) == 1 else sellers.browse()

    @api.depends('shipment_ref', 'name')
    def _compute_display_name(self):
        for inbound in self:
            inbound.display_name = ' '.join(filter(None, [
                inbound.shipment_ref, inbound.name and f'({inbound.name})']))

    # === REFERENCE === #

    @api.model
    def _clean_ref(self, text):
        """Return the id of a shipment as Amazon writes it, from what somebody typed or scanned.

        :raises UserError: it is none
        """
        ref = re.sub(r'\s', '', text or '').upper()
        box = BOX.fullmatch(ref)
        ref = box[1] if box else ref
        if not REFERENCE.fullmatch(ref):
            raise UserError(tell(self.env)._(
                "\"%s\" is no shipment of Amazon's: it is FBA and letters and digits, as Seller Central and the labels "
                "of the boxes show it.", ref[:50]))
        return ref

    @api.model_create_multi
    def create(self, vals_list):
        """Create shipments; users only for sellers of their companies."""
        if not self.env.su:
            vals_list = [{**vals, 'shipment_ref': self._clean_ref(vals.get('shipment_ref'))} for vals in vals_list]
        inbounds = super().create([{**vals, 'is_closed': True} if vals.get('amazon_status') in CLOSED else vals
                                   for vals in vals_list])
        check_companies(self.env, inbounds.sudo().company_id.ids)
        return inbounds

    @api.model
    def name_create(self, name):
        """Return the shipment of an id that was typed or scanned, made where there is none yet, as id and name."""
        ref = self._clean_ref(name)
        seller = self.env['amazon.seller'].browse(self.env.context.get('default_seller_id')) or self._default_seller()
        if not seller:
            raise UserError(tell(self.env)._("Choose the destination first: it says which seller's shipment this is."))
        found = self.search([('seller_id', '=', seller.id), ('shipment_ref', '=', ref)], limit=1)
        found = found or self.create({'seller_id': seller.id, 'shipment_ref': ref})
        return found.id, found.display_name

    def write(self, vals):
        """Write shipments; what Amazon received or Odoo sent already stays with its id and seller."""
        if not self.env.su and vals.keys() & {'shipment_ref', 'seller_id'}:
            if self.sudo().line_ids or self.sudo().picking_ids:
                raise UserError(tell(self.env)._("Goods were sent or received by this id. Choose another shipment on "
                                                 "the transfer, where its id was wrong."))
            if 'shipment_ref' in vals:
                vals = {**vals, 'shipment_ref': self._clean_ref(vals['shipment_ref'])}
        if 'amazon_status' in vals:
            self._follow_status(vals['amazon_status'])
        result = super().write(vals)
        if 'seller_id' in vals:
            check_companies(self.env, self.sudo().company_id.ids)
        return result

    # === STATE === #

    def _follow_status(self, status):
        """Close these shipments when Amazon does, and open them when it opens them again; what somebody has closed or
        opened stays as it is until then.
        """
        is_closed = status in CLOSED
        self.filtered(lambda inbound: (inbound.amazon_status in CLOSED) != is_closed).is_closed = is_closed

    def _refresh(self):
        """Bring the states of these shipments in line with what was sent, received and closed."""
        if not self:
            return
        self._read_anew()
        receipts = dict(self.env.execute_query(SQL(
            """SELECT inbound.id, MAX(day.date) FROM amazon_inbound inbound
                 JOIN stock_move move ON move.amazon_ledger_ref = inbound.shipment_ref AND move.state = 'done'
                 JOIN amazon_ledger_day day ON day.id = move.amazon_ledger_day_id AND day.seller_id = inbound.seller_id
                WHERE inbound.id = ANY(%s) GROUP BY inbound.id""", self.ids)))
        for seller in self.seller_id:
            keep_parts(self.filtered(lambda inbound, seller=seller: inbound.seller_id == seller))
        for inbound in self:
            vals = {'state': inbound._find_state(), 'last_receipt': receipts.get(inbound.id, False)}
            changed = {name: value for name, value in vals.items() if inbound[name] != value}
            if changed:
                inbound.write(changed)

    def _read_anew(self):
        """Let the lines of these shipments be read from the stock moves again."""
        self.env.flush_all()
        self.invalidate_recordset(['line_ids'])
        self.env['amazon.inbound.line'].invalidate_model()

    def _find_state(self):
        lines = self.line_ids
        missing, sent = any(line.missing for line in lines), any(line.sent for line in lines)
        if self.amazon_status in VOIDED:
            # The seller has cancelled it: Amazon owes nothing of what was sent.
            arrived = any(line.sent or line.received for line in lines) and not missing
            return 'done' if arrived else 'cancel'
        if self.is_closed:
            return 'short' if missing else 'done'
        return 'done' if sent and not missing else 'open'

    def _has_arrived(self):
        """Return whether Amazon says that it has received something of this shipment, or is done with it."""
        return self.amazon_status in (*CLOSED, *VOIDED) or any(self.item_ids.mapped('received'))

    def _get_missing(self):
        """Return what is missing of these shipments that Amazon has closed, or of which it has received nothing for as
        many days as claims of shipments wait; what was written off is not among it.

        :rtype: list[Missing]
        """
        self._read_anew()
        over = self.filtered(lambda inbound: inbound.state == 'short') | self._find_quiet()
        return [Missing(line.inbound_id, line.product_id, line.sent, line.received, line.missing)
                for line in over.line_ids if line.missing]

    def _find_quiet(self):
        """Return those of these shipments of which nothing was sent or received lately: Amazon is done with them,
        although it has not closed them.
        """
        today, policies, waits = fields.Date.today(), self.env['amazon.claim.policy'], {}
        quiet = self.browse()
        for inbound in self.filtered(lambda inbound: inbound.state == 'open'):
            key, last = (inbound.seller_id, 'inbound', inbound.country_id), inbound._find_last_movement()
            if key not in waits:
                waits[key] = policies._find(*key).wait_days
            if last and last + DAY * waits[key] < today:
                quiet |= inbound
        return quiet

    def _find_last_movement(self):
        """Return the last day on which something of this shipment was sent or received, or None."""
        return max(filter(None, [*self._get_sent_days(), self.last_receipt]), default=None)

    def _get_sent_days(self):
        return [picking.date_done.date() for picking in self.sudo().picking_ids if picking.date_done]

    # === ACTIONS === #

    def action_new_transfer(self):
        """Open a new transfer of Odoo for this shipment, from the first warehouse of its company."""
        self.check_access('read')
        check_group(self.env, 'stock.group_stock_user')
        self.ensure_one()
        picking_type = self.sudo().seller_id._make_inbound_types()[:1]
        return {
            'type': 'ir.actions.act_window', 'name': self.env._("Transfer to Amazon"), 'res_model': 'stock.picking',
            'view_mode': 'form', 'context': {
                'default_picking_type_id': picking_type.id, 'default_amazon_inbound_id': self.id,
                'default_location_dest_id': picking_type.default_location_dest_id.id}}

    def action_close(self):
        """Mark that Amazon receives nothing more of these shipments, where its API does not say so."""
        self.check_access('write')
        check_group(self.env, MANAGER)
        self.sudo().is_closed = True
        self.sudo()._refresh()
        return True

    def action_open_again(self):
        """Let these shipments wait for receipts again."""
        self.check_access('write')
        check_group(self.env, MANAGER)
        self.sudo().is_closed = False
        self.sudo()._refresh()
        return True

    def action_write_off(self):
        """Write off what is missing of these shipments that are closed or cancelled, and take in what Amazon received
        beyond what was sent, by inventory moves with their reason.
        """
        self.check_access('write')
        check_group(self.env, MANAGER)
        for inbound in self.sudo():
            if not inbound.is_closed and inbound.state != 'cancel':
                raise UserError(tell(self.env)._("Amazon may still receive units of %s.", inbound.shipment_ref))
            if not (inbound.note or '').strip():
                raise UserError(tell(self.env)._("Write down the reason first: %s", inbound.shipment_ref))
            inbound._write_off()
        return True

    def _write_off(self):
        self._read_anew()
        plan = LedgerPlan(self.seller_id)
        inbound, loss = plan.get_location('inbound'), plan.get_location('loss')
        vals_list = []
        for line in self.line_ids:
            pieces = line.missing - line.extra
            if not float_is_zero(pieces, precision_rounding=line.product_id.uom_id.rounding):
                source, target = (inbound, loss) if pieces > 0 else (loss, inbound)
                vals_list.append({
                    'product_id': line.product_id.id, 'product_uom_qty': abs(pieces),
                    'product_uom': line.product_id.uom_id.id, 'location_id': source.id, 'location_dest_id': target.id,
                    'company_id': self.company_id.id, 'procure_method': 'make_to_stock', 'amazon_inbound_id': self.id,
                    'origin': self.env._("%(shipment)s, written off by %(user)s: %(note)s",
                                         shipment=self.shipment_ref, user=self.env.user.name, note=self.note)})
        if not vals_list:
            raise UserError(tell(self.env)._("Nothing of %s is missing or too much.", self.shipment_ref))
        self.env['stock.move'].create(vals_list)._amazon_complete_at(fields.Date.context_today(self))
        self.user_id = self.env.user
        self._refresh()
