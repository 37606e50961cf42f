import collections

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import SQL

from ..amazon_api.feed_messages import MessageProblem
from ..amazon_api.removal_feed import make_document
from ..models.amazon_ledger_day import MANAGER
from ..models.amazon_removal_request import DISPOSITIONS, KINDS
from ..utils.access import USER, check_group
from ..utils.ledger_plan import SELLABLE, LedgerPlan
from ..utils.locks import lock
from ..utils.words import explain

# The most SKUs of one order.
MOST = 500


class AmazonRemovalCreate(models.TransientModel):
    """Order goods back from Amazon, or have them destroyed: choose what, look at the order, send it."""

    _name = 'amazon.removal.create'
    _description = "Order a Removal"
    _inherit = ['amazon.access.mixin']
    _check_company_auto = True

    marketplace_id = fields.Many2one('amazon.seller.marketplace', required=True,
                                     default=lambda self: self._default_marketplace())
    seller_id = fields.Many2one(related='marketplace_id.seller_id')
    company_id = fields.Many2one(related='marketplace_id.company_id')
    kind = fields.Selection(KINDS, required=True, default='return')
    warehouse_id = fields.Many2one('stock.warehouse', "To", check_company=True,
                                   default=lambda self: self._default_marketplace().warehouse_id)
    notes = fields.Char("Notes for the shipment")
    condition = fields.Selection([('unsellable', "What cannot be sold"), ('all', "All units")], "Offer",
                                 required=True, default='unsellable')
    product_ids = fields.Many2many('product.product', string="Products", check_company=True,
                                   help="Empty: all products.")
    balance_date = fields.Date("Stock as of", readonly=True)
    line_ids = fields.One2many('amazon.removal.create.line', 'wizard_id')
    preview = fields.Text(readonly=True)
    is_sent = fields.Boolean(readonly=True)

    @api.model
    def _default_marketplace(self):
        seller = self.env['amazon.seller'].search([('state', '=', 'connected')], limit=1)
        return seller._get_home_market() if seller else self.env['amazon.seller.marketplace']

    def _check_rights(self):
        """Raise an error unless the user may order removals: inventory managers with rights of Amazon."""
        self.check_access('write')
        check_group(self.env, MANAGER)
        check_group(self.env, USER)
        self.marketplace_id.check_access('read')

    # === WHAT THERE IS === #

    def action_load(self):
        """List the units that Amazon has by its last balance, less those that removal orders take already."""
        self._check_rights()
        self.sudo()._load()
        return self._reopen()

    def _load(self):
        date = self.env['amazon.ledger.balance']._get_last_date(self.seller_id)
        if not date:
            raise UserError(self.env._("There is no balance of Amazon's yet: start the ledger of %s first.",
                                       self.seller_id.name))
        lines = []
        for (sku, fnsku, product, pack), (sellable, unsellable) in self._read_units(date).items():
            is_asked = product in self.product_ids.ids if self.product_ids else self.condition == 'all' or unsellable
            if sellable + unsellable > 0 and is_asked:
                lines.append({
                    'sku': sku, 'fnsku': fnsku, 'product_id': product, 'pack_quantity': pack,
                    'available_sellable': sellable, 'available_unsellable': unsellable,
                    'unsellable': unsellable, 'sellable': sellable if self.condition == 'all' else 0})
        lines.sort(key=lambda line: (-line['available_unsellable'], line['sku']))
        self.write({'balance_date': date, 'preview': False,
                    'line_ids': [Command.clear(), *map(Command.create, lines[:MOST])]})

    def _read_units(self, date):
        """Return sellable and unsellable units that are free, by SKU, FNSKU, product (id) and pack."""
        rows = self.env.execute_query(SQL(
            """SELECT sku, MAX(COALESCE(fnsku, '')), SUM(CASE WHEN disposition = %s THEN ending ELSE 0 END)::int,
                      SUM(CASE WHEN disposition = %s THEN 0 ELSE ending END)::int
                 FROM amazon_ledger_balance WHERE seller_id = %s AND date = %s AND sku IS NOT NULL GROUP BY sku""",
            SELLABLE, SELLABLE, self.seller_id.id, date))
        plan, taken = LedgerPlan(self.seller_id), self._count_ordered()
        plan.learn_products({row[0] for row in rows}, {row[1] for row in rows if row[1]})
        units = {}
        for sku, fnsku, sellable, unsellable in rows:
            products = plan.find_products(sku, fnsku)
            product, pack = next(iter(products)) if len(products) == 1 else (False, 1)
            units[sku, fnsku, product, pack] = (max(sellable - taken[sku, True], 0),
                                                max(unsellable - taken[sku, False], 0))
        return units

    def _count_ordered(self):
        """Return the units that removal orders are still to take, by SKU and whether they are sellable."""
        taken = collections.Counter()
        for line in self.env['amazon.removal.line'].search(
                [('seller_id', '=', self.seller_id.id), ('removal_id.is_open', '=', True)]):
            taken[line.sku, line.disposition == SELLABLE] += max(
                line.requested - line.cancelled - line.shipped - line.disposed, 0)
        for line in self.env['amazon.removal.request.line'].search(
                [('request_id.seller_id', '=', self.seller_id.id), ('state', '!=', 'refused'),
                 ('request_id.state', 'in', ('waiting', 'sent', 'accepted', 'unclear'))]):
            taken[line.sku, True] += line.sellable
            taken[line.sku, False] += line.unsellable
        return taken

    # === THE ORDER === #

    def action_preview(self):
        """Show the order as it would be sent."""
        self._check_rights()
        wizard = self.sudo()
        wizard.preview = wizard._make_preview()
        return self._reopen()

    def _make_preview(self):
        """Return the order as it would be sent, after checking it; its number is given when it is made."""
        self._check_lines()
        try:
            return make_document('…', DISPOSITIONS[self.kind], self._get_address(), self.notes or '',
                                 self._get_rows()).decode()
        except MessageProblem as error:
            raise UserError(explain(self.env, error)) from None

    def _get_chosen(self):
        return self.line_ids.filtered(lambda line: line.sellable or line.unsellable)

    def _get_rows(self):
        return [(line.sku, line.sellable, line.unsellable) for line in self._get_chosen()]

    def _check_lines(self):
        """Check the units against what is free at Amazon now: the form shows what was there when it was opened."""
        lines = self._get_chosen()
        if not lines:
            raise UserError(self.env._("Enter units of at least one SKU."))
        date = self.env['amazon.ledger.balance']._get_last_date(self.seller_id)
        free = {sku: units for (sku, *_rest), units in self._read_units(date).items()} if date else {}
        for line in lines:
            sellable, unsellable = free.get(line.sku, (0, 0))
            if min(line.sellable, line.unsellable) < 0 or line.sellable > sellable or line.unsellable > unsellable:
                raise UserError(self.env._(
                    "%(sku)s: Amazon has %(sellable)s sellable and %(unsellable)s unsellable units that are free.",
                    sku=line.sku, sellable=sellable, unsellable=unsellable))
        if len(set(lines.mapped('sku'))) < len(lines):
            raise UserError(self.env._("Each SKU can be in the order once."))

    def _get_address(self):
        """Return the address of the warehouse as the feed names its parts, {} where nothing is sent back."""
        if self.kind != 'return':
            return {}
        if not self.warehouse_id or self.warehouse_id.company_id != self.company_id:
            raise UserError(self.env._("Choose the warehouse of %s that is to receive the goods.",
                                       self.company_id.name))
        partner = self.warehouse_id.partner_id
        address = {
            'AddressName': partner.commercial_company_name or partner.name, 'AddressFieldOne': partner.street,
            'AddressFieldTwo': partner.street2, 'AddressCity': partner.city,
            'AddressCountryCode': partner.country_id.code, 'AddressStateOrRegion': partner.state_id.code,
            'AddressPostalCode': partner.zip, 'ContactPhoneNumber': partner.phone}
        names = {'AddressFieldOne': self.env._("street"), 'AddressCity': self.env._("city"),
                 'AddressCountryCode': self.env._("country"), 'AddressPostalCode': self.env._("ZIP")}
        if missing := [label for name, label in names.items() if not address[name]]:
            raise UserError(self.env._("The address of warehouse %(name)s is not complete: %(missing)s.",
                                       name=self.warehouse_id.name, missing=', '.join(missing)))
        return {name: value or '' for name, value in address.items()}

    def action_send(self):
        """Make the removal order as it was shown; the next run of the job sends it. What changed since is shown first.
        """
        self._check_rights()
        wizard = self.sudo()
        wizard._lock_seller()
        if wizard._make_preview() != self.preview:
            return self.action_preview()
        wizard.is_sent = True
        request = self.env['amazon.removal.request'].sudo().create({
            'name': self.env['ir.sequence'].sudo().next_by_code('amazon.removal.request'),
            'marketplace_id': self.marketplace_id.id, 'kind': self.kind,
            'warehouse_id': self.warehouse_id.id if self.kind == 'return' else False,
            'address': wizard._get_address() or False, 'notes': self.notes,
            'line_ids': [Command.create({'sku': line.sku, 'product_id': line.product_id.id, 'sellable': line.sellable,
                                         'unsellable': line.unsellable}) for line in wizard._get_chosen()]})
        self.seller_id.sudo()._wake('fba_claims')
        return {'type': 'ir.actions.act_window', 'name': request.name, 'res_model': 'amazon.removal.request',
                'res_id': request.id, 'view_mode': 'form'}

    def _lock_seller(self):
        """Let one order of a seller be made after the other: units that two of them take would be sent twice."""
        lock(self.seller_id)
        # A transaction that began before another one ended does not see its order: it is repeated for this.
        self.env.cr.execute(SQL("UPDATE amazon_seller SET sequence = sequence WHERE id = %s", self.seller_id.id))
        if self.is_sent:
            raise UserError(self.env._("This order was made already: see Removal Requests."))

    def _reopen(self):
        return {'type': 'ir.actions.act_window', 'name': self.env._("Order a removal"), 'res_model': self._name,
                'res_id': self.id, 'view_mode': 'form', 'target': 'new'}


class AmazonRemovalCreateLine(models.TransientModel):
    _name = 'amazon.removal.create.line'
    _description = "SKU of a Removal"
    _inherit = ['amazon.access.mixin']

    wizard_id = fields.Many2one('amazon.removal.create', required=True, ondelete='cascade')
    sku = fields.Char("SKU", required=True, readonly=True)
    fnsku = fields.Char("FNSKU", readonly=True)
    product_id = fields.Many2one('product.product', readonly=True)
    pack_quantity = fields.Integer("Pieces per unit", readonly=True, default=1)
    available_sellable = fields.Integer("Sellable at Amazon", readonly=True)
    available_unsellable = fields.Integer("Unsellable at Amazon", readonly=True)
    sellable = fields.Integer("Sellable to remove")
    unsellable = fields.Integer("Unsellable to remove")
