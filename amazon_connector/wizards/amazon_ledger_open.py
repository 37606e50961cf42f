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
        if self.seller_id.ledger_state != 'opening' or not self.seller_id._has_opening():
            return
        opening = self.seller_id._read_opening()
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
        lines += [{'product_id': product.id, 'place': place, 'amazon_quantity': quantity}
                  for (product, place), quantity in opening.count_under_way().items() if quantity]
        self.write({'is_there': True, 'line_ids': [Command.clear(), *map(Command.create, lines)]})

    def _reopen(self):
        return {'type': 'ir.actions.act_window', 'name': self.env._("FBA stock by Amazon's ledger"),
                'res_model': self._name, 'res_id': self.id, 'view_mode': 'form', 'target': 'new'}

    def action_request(self):
        """Request Amazon's balance of the evening before the first day."""
        self.check_access('write')
        check_group(self.env, ADMIN, MANAGER)
        seller = self.seller_id
        seller.check_access('read')
        seller.sudo()._request_opening(self.date)
        return seller._notify('info', self.env._("Amazon makes the balance, which takes some minutes. Open this again "
                                                 "then: it shows what would change before anything does."))

    def action_start(self):
        """Book the opening balance; from now on the FBA stock follows Amazon's ledger."""
        self.check_access('write')
        check_group(self.env, MANAGER)
        seller = self.seller_id
        seller.check_access('read')
        seller.sudo()._open_ledger()
        seller._wake('fba_stock')
        return {'type': 'ir.actions.act_window_close'}

    def action_cancel(self):
        """Leave the FBA stock in one location for each marketplace."""
        self.check_access('write')
        check_group(self.env, ADMIN, MANAGER)
        self.seller_id.check_access('read')
        seller = self.seller_id.sudo()
        if seller.ledger_state == 'opening':
            seller.write({'ledger_state': 'off', 'ledger_start': False})
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
