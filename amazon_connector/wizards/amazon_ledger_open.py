from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ..models.amazon_ledger_day import MANAGER
from ..models.amazon_ledger_difference import PLACES
from ..utils.access import ADMIN, check_group


class AmazonLedgerOpen(models.TransientModel):
    """The way from one FBA location for each marketplace to FBA stock by country: choose a day, look, start."""

    _name = 'amazon.ledger.open'
    _description = "FBA Stock by Amazon's Ledger"
    _inherit = ['amazon.access.mixin']

    seller_id = fields.Many2one('amazon.seller', required=True, domain=[('ledger_state', '!=', 'on')],
                                default=lambda self: self._default_seller())
    ledger_state = fields.Selection(related='seller_id.ledger_state')
    date = fields.Date("First day", required=True, default=lambda self: fields.Date.today().replace(day=1)
                       - relativedelta(months=fields.Date.today().day == 1),
                       help="From this day on the stock follows Amazon's ledger, from Amazon's balance of the evening "
                       "before.")
    is_there = fields.Boolean("Balance is there", readonly=True)
    line_ids = fields.One2many('amazon.ledger.open.line', 'open_id', readonly=True)
    shipment_ids = fields.One2many('amazon.ledger.open.shipment', 'open_id')
    is_undecided = fields.Boolean(compute='_compute_is_undecided')
    answer = fields.Text("What Amazon answered", readonly=True)
    may_say_nothing = fields.Boolean("Nothing may have been there", readonly=True)
    is_silent = fields.Boolean("Amazon gave no balance", readonly=True)
    candidate_ids = fields.Many2many('stock.picking', string="Transfers without a shipment",
                                     compute='_compute_candidate_ids', groups='stock.group_stock_user')

    @api.depends('shipment_ids.choice')
    def _compute_is_undecided(self):
        for wizard in self:
            wizard.is_undecided = any(line.kind == 'way' and not line._get_choice() for line in wizard.shipment_ids)

    @api.depends('seller_id')
    def _compute_candidate_ids(self):
        for wizard in self:
            seller = wizard.seller_id.sudo()
            opened = seller.ledger_state == 'opening'
            wizard.candidate_ids = (seller._find_nameless(seller._get_inside()) if opened
                                    else self.env['stock.picking']).sudo(False)

    @api.model
    def _default_seller(self):
        return self.env['amazon.seller'].search([('ledger_state', '!=', 'on')], order='ledger_state desc', limit=1)

    @api.model
    def action_open(self):
        """Open this for the first seller whose FBA stock is not kept by the ledger, with what would happen where
        Amazon's balance is there.
        """
        seller = self._default_seller()
        if not seller:
            raise UserError(self.env._("The FBA stock of all sellers is kept by Amazon's ledger."))
        wizard = self.create({'seller_id': seller.id, **({'date': seller.ledger_start} if seller.ledger_start else {})})
        wizard.sudo()._load()
        return wizard._reopen()

    def _load(self):
        """Show how far Amazon is, and what would happen by the choices that were made here."""
        seller = self.seller_id
        if seller.ledger_state != 'opening':
            return
        is_there = seller._has_opening()
        self.write({'is_there': is_there, 'answer': seller._describe_opening() or False,
                    'may_say_nothing': not is_there and seller._may_confirm_nothing(),
                    'is_silent': not is_there and seller._is_balance_missing()})
        if is_there:
            choices = self._get_choices()
            opening, ways = seller._read_opening(choices)
            self.write({'line_ids': [Command.clear(), *map(Command.create, self._prepare_lines(opening))],
                        'shipment_ids': [Command.clear(), *map(Command.create, self._prepare_shipments(
                            opening, ways, choices))]})

    def _get_choices(self):
        """Return what a person has chosen otherwise than by Amazon's certain numbers, by number of the shipment."""
        return {line.shipment_ref: choice for line in self.shipment_ids
                if line.kind == 'way' and (choice := line._get_choice()) and (line.obstacle or choice != 'amazon')}

    def _get_chosen_transfers(self):
        """Return the transfers (ids) that a person has chosen and not named yet, by number of the shipment."""
        return {line.shipment_ref: line.picking_id.id for line in self.shipment_ids
                if line.kind == 'unnamed' and line.picking_id and not line.picking_id.amazon_inbound_id}

    def _prepare_lines(self, opening):
        total = {product: 0.0 for product, _location in opening.held}
        for (product, _location), quantity in opening.held.items():
            total[product] += quantity
        lines = [{'product_id': product.id, 'country_id': country.id, 'place': place, 'amazon_quantity': quantity,
                  'odoo_quantity': total.pop(product, 0.0)}
                 for (product, country, place), quantity in opening.needs.items() if quantity or product in total]
        lines += [{'product_id': product.id, 'odoo_quantity': quantity}
                  for product, quantity in total.items() if quantity]
        lines += [{'sku': sku, 'country_id': country.id, 'place': place, 'amazon_quantity': quantity}
                  for (sku, country, place), quantity in opening.unmapped.items()]
        return lines + [{'product_id': product.id, 'place': place, 'amazon_quantity': quantity}
                        for (product, place), quantity in opening.count_under_way().items() if quantity]

    def _prepare_shipments(self, opening, ways, choices):
        seller, lines = self.seller_id, self.env['amazon.ledger.open.shipment']
        on_way = opening.count_by_shipment()
        vals_list = [lines._prepare_way(way, choices.get(ref), on_way[ref]) for ref, way in ways.by_reference.items()]
        undone = seller._find_undone(seller._get_inside())
        unnamed = seller._find_unnamed({*ways.by_reference, *undone}, ways.received_since)
        inbounds = {inbound.shipment_ref: inbound for inbound in self.env['amazon.inbound'].search([
            ('seller_id', '=', seller.id), ('shipment_ref', 'in', [*unnamed, *undone])])}
        nothing, chosen = self.env['amazon.inbound'], self._get_chosen_transfers()
        vals_list += [{**lines._prepare('unnamed', ref, inbounds.get(ref, nothing)), 'picking_id': chosen.get(ref),
                       'since': sum(ways.received_since[ref].values())} for ref in unnamed]
        for ref, pickings in undone.items():
            inbound = inbounds.get(ref, nothing)
            if inbound._has_arrived():
                vals_list.append({**lines._prepare('undone', ref, inbound),
                                  'transfers': ', '.join(pickings.mapped('name'))})
        return vals_list

    def _reopen(self):
        return {'type': 'ir.actions.act_window', 'name': self.env._("FBA stock by Amazon's ledger"),
                'res_model': self._name, 'res_id': self.id, 'view_mode': 'form', 'target': 'new',
                'context': {'dialog_size': 'extra-large'}}

    def action_request(self):
        """Request Amazon's balance of the evening before the first day."""
        self.check_access('write')
        check_group(self.env, ADMIN, MANAGER)
        seller = self.seller_id
        seller.check_access('read')
        seller.sudo()._request_opening(self.date)
        return seller._notify('info', self.env._("Amazon makes the balance, which takes some minutes. Open this again "
                                                 "then: it shows what would change before anything does."))

    def action_show(self):
        """Show again how far Amazon is, and what would change by the choices that were made."""
        self.check_access('write')
        check_group(self.env, ADMIN, MANAGER)
        self.seller_id.check_access('read')
        self.sudo()._load()
        return self._reopen()

    def action_refresh(self):
        """Ask Amazon again what became of the shipments."""
        self.check_access('write')
        check_group(self.env, ADMIN, MANAGER)
        seller = self.seller_id
        seller.check_access('read')
        seller.sudo().inbound_fetched = False
        seller._wake('fba_stock')
        return seller._notify('info', self.env._("Amazon is asked about the shipments. Open this again in some "
                                                 "minutes."))

    def action_request_again(self):
        """Request the balance that Amazon did not give once more."""
        self.check_access('write')
        check_group(self.env, ADMIN, MANAGER)
        seller = self.seller_id
        seller.check_access('read')
        if seller.ledger_state != 'opening':
            raise UserError(self.env._("Request the balance first."))
        seller.sudo()._request_opening_again()
        return seller._notify('info', self.env._(
            "Amazon is asked for the balance again, at the earliest half an hour after it was asked last."))

    def action_say_nothing(self):
        """Take it that there was nothing at Amazon on the evening before the first day, and show what that changes."""
        self.check_access('write')
        check_group(self.env, MANAGER)
        self.seller_id.check_access('read')
        self.seller_id.sudo()._confirm_nothing()
        self.sudo()._load()
        return self._reopen()

    def action_start(self):
        """Book the opening balance; from now on the FBA stock follows Amazon's ledger."""
        self.check_access('write')
        check_group(self.env, MANAGER)
        seller = self.seller_id
        seller.check_access('read')
        seller.sudo()._open_ledger(self._get_choices())
        seller._wake('fba_stock')
        return {'type': 'ir.actions.act_window_close'}

    def action_cancel(self):
        """Leave the FBA stock in one location for each marketplace."""
        self.check_access('write')
        check_group(self.env, ADMIN, MANAGER)
        self.seller_id.check_access('read')
        seller = self.seller_id.sudo()
        if seller.ledger_state == 'opening':
            seller._reset_opening()
        return {'type': 'ir.actions.act_window_close'}


class AmazonLedgerOpenLine(models.TransientModel):
    _name = 'amazon.ledger.open.line'
    _description = "Opening Balance of FBA Stock"

    open_id = fields.Many2one('amazon.ledger.open', required=True, ondelete='cascade')
    product_id = fields.Many2one('product.product')
    sku = fields.Char("SKU without a product")
    country_id = fields.Many2one('res.country')
    place = fields.Selection([*PLACES, ('inbound', "In transit to Amazon"), ('removal', "On its way back from Amazon")])
    amazon_quantity = fields.Float("At Amazon", digits=(16, 2))
    odoo_quantity = fields.Float("FBA in Odoo", digits=(16, 2),
                                 help="Of this product in the FBA locations of the marketplaces, as of that day; shown "
                                 "once for all countries.")
