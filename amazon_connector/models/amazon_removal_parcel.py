import collections
import datetime

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import float_compare

from ..amazon_reports.removal_shipments import read_removal_shipments
from ..utils.access import check_group
from ..utils.amazon_words import label_field
from ..utils.locks import try_lock
from ..utils.phrases import tell
from .amazon_ledger_day import MANAGER
from .amazon_removal import RETURN

# Parcels that are stored in one transaction.
CHUNK = 200


class AmazonRemovalParcel(models.Model):
    """A parcel of a removal order, which the warehouse receives by its tracking number.

    The receipt takes goods from the seller's location "On its way back from Amazon", where the ledger put them.
    """

    _name = 'amazon.removal.parcel'
    _description = "Amazon Removal Parcel"
    _inherit = ['amazon.access.mixin']
    _rec_name = 'tracking_ref'
    _order = 'shipment_date desc, id desc'

    removal_id = fields.Many2one('amazon.removal', required=True, readonly=True, ondelete='cascade', index=True)
    seller_id = fields.Many2one(related='removal_id.seller_id', store=True, index=True)
    company_id = fields.Many2one(related='removal_id.company_id', store=True, index=True)
    tracking_ref = fields.Char("Tracking number", readonly=True, index='btree_not_null')
    carrier = fields.Char(readonly=True)
    order_type = fields.Char("Type code", readonly=True)
    order_type_label = label_field("Type", 'removal_type', 'order_type')
    shipment_date = fields.Datetime("Shipped on", readonly=True)
    is_expected = fields.Boolean("Comes to us", readonly=True, help="Of an order that asks for the goods; others go to "
                                 "somebody else.")
    line_ids = fields.One2many('amazon.removal.parcel.line', 'parcel_id', readonly=True)
    picking_ids = fields.One2many('stock.picking', 'amazon_parcel_id', "Receipts", readonly=True)
    quantity = fields.Float("Units", digits=(16, 2), compute='_compute_state', store=True)
    received = fields.Float(digits=(16, 2), compute='_compute_state', store=True)
    missing = fields.Float(digits=(16, 2), compute='_compute_state', store=True)
    received_date = fields.Datetime("Received on", compute='_compute_state', store=True)
    is_late = fields.Boolean("Late", readonly=True, help="Not received as a whole, days after it was shipped.")
    state = fields.Selection(
        [('away', "Not for us"), ('waiting', "Under way"), ('part', "Received in part"), ('short', "Came short"),
         ('received', "Received"), ('written_off', "Written off")],
        compute='_compute_state', store=True)
    write_off_ids = fields.One2many('stock.move', 'amazon_parcel_id', "Written off", readonly=True)
    note = fields.Char("Reason", help="Why what is missing is written off; the stock move says it.")

    _parcel_unique = models.UniqueIndex(
        "(removal_id, COALESCE(tracking_ref, ''), COALESCE(CASE WHEN tracking_ref IS NULL THEN shipment_date END, "
        "'2000-01-01'))", "A removal order has each parcel once.")

    @api.depends('is_expected', 'line_ids.quantity', 'line_ids.received', 'picking_ids.state', 'write_off_ids.state',
                 'picking_ids.date_done')
    def _compute_state(self):
        for parcel in self:
            parcel.quantity = sum(parcel.line_ids.mapped('quantity'))
            parcel.received = sum(parcel.line_ids.mapped('received'))
            parcel.missing = max(parcel.quantity - parcel.received, 0) if parcel.is_expected else 0
            parcel.received_date = max(filter(None, parcel.picking_ids.mapped('date_done')), default=False)
            parcel.state = parcel._find_state()

    def _find_state(self):
        if not self.is_expected:
            return 'away'
        if not self.missing:
            return 'received'
        if any(move.state == 'done' for move in self.write_off_ids):
            return 'written_off'
        if self.picking_ids and all(picking.state in ('done', 'cancel') for picking in self.picking_ids):
            return 'short'
        return 'part' if self.received else 'waiting'

    # === IMPORT === #

    @api.model
    def _import_report(self, report, sync):
        """Store parcels, and make their receipts; see `amazon_report.IMPORTERS`."""
        rows = list(read_removal_shipments(report._get_content(), report.charset or ''))
        report._begin(rows)
        parcels = collections.defaultdict(list)
        for row in rows:
            if not row.problem:
                parcels[row.order_ref, row.tracking_ref, None if row.tracking_ref else row.shipment_date].append(row)
        keys = list(parcels)
        for start in range(report.position, len(keys), CHUNK):
            for key in keys[start:start + CHUNK]:
                self._store(report.seller_id, parcels[key])
            report.position = start + CHUNK
            if not sync._commit():
                return False
        return True

    @api.model
    def _store(self, seller, rows):
        """Write one parcel from all its rows, and bring its receipt up to date."""
        first = min(rows, key=lambda row: row.shipment_date)
        parcel = self._find_or_make(seller, first)
        parcel.write({
            'carrier': first.carrier or parcel.carrier, 'order_type': first.order_type or parcel.order_type,
            'shipment_date': min(filter(None, [first.shipment_date, parcel.shipment_date])),
            'is_expected': parcel.is_expected or (
                first.order_type or parcel.removal_id.order_type or '').strip().lower() == RETURN})
        quantities = collections.Counter()
        for row in rows:
            quantities[row.sku, row.fnsku, row.disposition] += row.quantity
        parcel._write_lines(quantities)
        parcel._plan_receipt()
        return parcel

    @api.model
    def _find_or_make(self, seller, row):
        removals = self.env['amazon.removal']
        removal = removals.search([('seller_id', '=', seller.id), ('order_ref', '=', row.order_ref)]) or (
            # Both reports are made at other times.
            removals.create({'seller_id': seller.id, 'order_ref': row.order_ref, 'request_date': row.request_date,
                             'order_type': row.order_type or False}))
        domain = [('removal_id', '=', removal.id), ('tracking_ref', '=', row.tracking_ref or False)]
        if not row.tracking_ref:
            domain.append(('shipment_date', '=', row.shipment_date))
        return self.search(domain) or self.create({
            'removal_id': removal.id, 'tracking_ref': row.tracking_ref or False, 'shipment_date': row.shipment_date})

    def _write_lines(self, quantities):
        """Write what a report names of this parcel, units by SKU, FNSKU and disposition.

        The rows are about goods that have left, and Amazon's reports of the same days have now more of them, now fewer:
        a parcel never becomes smaller. Only where a SKU is there with all its units may they be in another condition.

        :param quantities: units by key of a line
        """
        known = {line._get_key(): line for line in self.line_ids}
        stored = _count_by_item({key: line.quantity for key, line in known.items()})
        named = _count_by_item(quantities)
        for key in {**known, **quantities}:
            item, quantity = _get_item(key), quantities.get(key, 0)
            if named[item] < stored[item]:
                continue
            if key not in known:
                self._add_line(key, quantity)
            elif known[key].quantity != quantity:
                known[key].quantity = quantity
        self.line_ids._link_products()

    def _add_line(self, key, quantity):
        sku, fnsku, disposition = key
        self.env['amazon.removal.parcel.line'].create({
            'parcel_id': self.id, 'sku': sku or False, 'fnsku': fnsku or False, 'disposition': disposition or False,
            'quantity': quantity})

    # === RECEIPTS === #

    def _get_source(self):
        """Return the location that the goods come from: where the ledger puts them, else the simple FBA location. What
        Amazon had sent before the ledger, and nobody knew of, is lost by its opening balance, and found again.
        """
        seller, places = self.seller_id, self.env['stock.location']
        if seller.ledger_state != 'on':
            return seller._get_home_market().fba_location_id
        known = self.picking_ids.location_id.filtered(lambda place: place.amazon_kind in ('removal', 'loss'))
        is_old = self.shipment_date and self.shipment_date < seller._get_first_moment()
        return known[:1] or places._amazon_get(seller, 'loss' if is_old else 'removal')

    def _plan_receipt(self):
        """Bring the receipts of these parcels to what Amazon shipped; what was planned before is not planned again,
        whatever the warehouse made of it.
        """
        for parcel in self.filtered('is_expected'):
            parcel.line_ids._link_products()
            parcel.line_ids._share_planned()
            more = {line: pieces for line in parcel.line_ids if line.product_id.type == 'consu'
                    and (pieces := line._get_unplanned()) > 0}
            if more:
                picking = parcel._get_open_picking()
                self.env['stock.move'].create([parcel._prepare_move(picking, line, pieces)
                                               for line, pieces in more.items()])
                picking.action_confirm()
                picking.action_assign()
                for line, pieces in more.items():
                    line.planned += pieces

    def _get_open_picking(self):
        found = self.picking_ids.filtered(lambda picking: picking.state not in ('done', 'cancel')
                                          and picking.picking_type_code == 'incoming')
        return found[:1] or self.env['stock.picking'].create(self._prepare_picking())

    def _get_warehouse(self):
        """Return the warehouse of the seller's company: that of the home marketplace, if it is the company's."""
        market, company = self.seller_id._get_home_market(), self.company_id
        if market.company_id == company and market.warehouse_id:
            return market.warehouse_id
        return self.env['stock.warehouse'].search([('company_id', '=', company.id)], limit=1)

    def _prepare_picking(self):
        warehouse = self._get_warehouse()
        picking_type = warehouse.in_type_id
        return {
            'picking_type_id': picking_type.id, 'location_id': self._get_source().id,
            'location_dest_id': (picking_type.default_location_dest_id or warehouse.lot_stock_id).id,
            'company_id': self.company_id.id, 'amazon_parcel_id': self.id,
            'carrier_tracking_ref': self.tracking_ref,
            'origin': ' '.join(filter(None, ["Amazon", self.removal_id.order_ref, self.tracking_ref]))}

    def _prepare_move(self, picking, line, pieces):
        return {
            'picking_id': picking.id, 'product_id': line.product_id.id, 'product_uom_qty': pieces,
            'product_uom': line.product_id.uom_id.id, 'location_id': picking.location_id.id,
            'location_dest_id': picking.location_dest_id.id, 'company_id': picking.company_id.id,
            'picking_type_id': picking.picking_type_id.id, 'procure_method': 'make_to_stock',
            'origin': picking.origin}

    @api.model
    def _follow(self, sync):
        """Plan receipts of parcels whose SKUs got a product, reserve what the ledger brought since, and mark those that
        are late.

        :return: whether there was time for all
        :rtype: bool
        """
        seller = sync.seller_id
        parcels = self.search([('seller_id', '=', seller.id), ('is_expected', '=', True),
                               ('state', 'in', ('waiting', 'part', 'short'))])
        return sync._in_portions(
            parcels.ids, lambda ids: self.browse(ids)._follow_some(), 50,
            give_up=lambda parcel_id, error: sync._add_problem(self.browse(parcel_id).display_name, error))

    def _follow_some(self):
        policies, now = self.env['amazon.claim.policy'], fields.Datetime.now()
        for parcel in try_lock(self):
            parcel._plan_receipt()
            waiting = parcel.picking_ids.filtered(lambda picking: picking.state in ('confirmed', 'waiting'))
            if waiting:
                waiting.action_assign()
            policy = policies._find(parcel.seller_id, 'parcel')
            is_late = bool(parcel.missing) and parcel.shipment_date < now - datetime.timedelta(days=policy.wait_days)
            if is_late != parcel.is_late:
                parcel.is_late = is_late

    # === DECISIONS === #

    def action_expect(self):
        """Expect these parcels in the warehouse, although Amazon's word for their order is not that of a return."""
        self.check_access('read')
        check_group(self.env, MANAGER)
        parcels = self.sudo().filtered(lambda parcel: not parcel.is_expected)
        if not parcels:
            raise UserError(tell(self.env)._("These parcels are expected already."))
        parcels.is_expected = True
        parcels._plan_receipt()
        return True

    def action_view_pickings(self):
        """Show the receipts of these parcels."""
        self.check_access('read')
        return {
            'type': 'ir.actions.act_window', 'name': self.env._("Receipts"), 'res_model': 'stock.picking',
            'view_mode': 'list,form', 'domain': [('id', 'in', self.sudo().picking_ids.ids)]}

    def action_write_off(self):
        """Book what never came of these parcels as lost, with the reason; their open receipts are cancelled."""
        self.check_access('write')
        check_group(self.env, MANAGER)
        parcels = try_lock(self.browse(set(self.ids)).sudo().filtered(
            lambda parcel: parcel.is_expected and parcel.missing and parcel.state != 'written_off'))
        if not parcels:
            raise UserError(tell(self.env)._("Nothing is missing of these parcels, or it is written off already."))
        if without := parcels.filtered(lambda parcel: not (parcel.note or '').strip()):
            raise UserError(tell(self.env)._("Write down the reason first: %s",
                                             ', '.join(without.mapped('display_name'))))
        for parcel in parcels:
            parcel._write_off()
        return True

    def _write_off(self):
        self.picking_ids.filtered(lambda picking: picking.state not in ('done', 'cancel')).action_cancel()
        source, loss = self._get_source(), self.env['stock.location']._amazon_get(self.seller_id, 'loss')
        pieces = collections.Counter()
        for line, parts in self.line_ids._get_parts().items():
            pieces.update({part: line.missing * need for part, need in parts.items()})
        moves = self.env['stock.move'].create([{
            'product_id': product.id, 'product_uom_qty': quantity, 'product_uom': product.uom_id.id,
            'location_id': source.id, 'location_dest_id': loss.id, 'company_id': self.company_id.id,
            'procure_method': 'make_to_stock', 'amazon_accepted': True, 'amazon_parcel_id': self.id,
            'origin': self.env._("Written off by %(user)s: %(note)s", user=self.env.user.name, note=self.note),
        } for product, quantity in pieces.items() if float_compare(
            quantity, 0, precision_rounding=product.uom_id.rounding) > 0])
        moves._amazon_complete_at(fields.Date.context_today(self))


def _get_item(key):
    """Return the SKU of the key of a line, else its FNSKU."""
    return key[0] or key[1]


def _count_by_item(quantities):
    """Return units by SKU.

    :param dict quantities: units by key of a line
    """
    counts = collections.Counter()
    for key, quantity in quantities.items():
        counts[_get_item(key)] += quantity
    return counts
