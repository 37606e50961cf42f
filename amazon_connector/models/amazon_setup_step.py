from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL

from ..utils.access import ADMIN
from ..utils.setup_checks import SetupChecks
from ..utils.setup_outcome import Check

CONTROLLER = 'account.group_account_manager'
SETUP = [
    ('connection', "Connected"), ('roles', "Roles of the application"), ('marketplaces', "Marketplaces"),
    ('warehouse', "Warehouse"), ('taxes', "Taxes"), ('products', "Products"), ('stock', "Quantities"),
    ('carriers', "Carriers"), ('fba', "Stock at Amazon (FBA)"), ('accounts', "Accounts"), ('bank', "Bank"),
    ('notifications', "Notifications"), ('protection', "Data protection"),
]
PROOFS = [
    ('proof_order', "An order comes in by itself"), ('proof_tracking', "A tracking number reaches Amazon"),
    ('proof_quantity', "A changed quantity reaches Amazon"), ('proof_settlement', "A settlement is understood"),
]
KINDS = [('connect', "Connect your Amazon account"), *SETUP, *PROOFS]
STATES = [('open', "Not known yet"), ('todo', "To do"), ('done', "Good")]
# Steps for those who keep the accounts; the others are for administrators of Amazon.
OF_ACCOUNTING = ('accounts', 'bank')
# Proof -> the flow that brings it.
FLOWS = {'proof_order': 'orders', 'proof_tracking': 'shipments', 'proof_quantity': 'stock',
         'proof_settlement': 'settlements'}
# Page of the guide that tells of a step.
GUIDES = {
    'marketplaces': 'setup.html#decide-for-each-marketplace', 'warehouse': 'setup.html#decide-for-each-marketplace',
    'taxes': 'taxes.html', 'products': 'listings.html#which-product-is-it',
    'stock': 'stock-and-prices.html#start-the-first-stock-sync',
    'carriers': 'deliveries.html#before-the-first-parcel-carriers', 'fba': 'fba.html',
    'accounts': 'settlements.html#begin-the-accounts', 'bank': 'settlements.html#the-bank',
    'protection': 'security-and-personal-data.html#the-page-data-protection',
    'proof_order': 'orders.html#what-becomes-of-an-order', 'proof_tracking': 'deliveries.html#confirmation',
    'proof_quantity': 'stock-and-prices.html#when-and-how',
    'proof_settlement': 'settlements.html#rules-from-rows-to-accounts',
}
# More steps than there are of one seller, for ids of their own.
SPACE = 64


class AmazonSetupStep(models.Model):
    """One step of the set-up of a seller on the start page, with its state at this moment; or, without a seller, the
    invitation to connect one.
    """

    _name = 'amazon.setup.step'
    _description = "Step of the Set-up"
    _auto = False
    _order = 'seller_id, sequence'
    _rec_name = 'kind'

    seller_id = fields.Many2one('amazon.seller', readonly=True)
    company_id = fields.Many2one('res.company', readonly=True)
    kind = fields.Selection(KINDS, "Step", readonly=True)
    section = fields.Selection([('1_setup', "Set-up"), ('2_proof', "Does it work?")], readonly=True)
    sequence = fields.Integer(readonly=True)
    state = fields.Selection(STATES, compute='_compute_state')
    detail = fields.Text("What is there", compute='_compute_state')
    button = fields.Char(compute='_compute_state', help="What the button of the step does.")
    guide = fields.Char(compute='_compute_guide', help="Address of the guide that tells of the step.")

    @property
    def _table_query(self):
        kinds = SQL(', ').join(SQL("(%s, %s, %s)", kind, number, '2_proof' if kind in FLOWS else '1_setup')
                               for number, (kind, _label) in enumerate(KINDS) if number)
        return SQL("""(
            SELECT seller.id * %(space)s + step.number AS id, seller.id AS seller_id, seller.company_id, step.kind,
                   step.section, step.number AS sequence
              FROM amazon_seller seller CROSS JOIN (VALUES %(kinds)s) AS step (kind, number, section)
             WHERE seller.active AND (seller.state != 'draft' OR step.kind = 'connection')
         UNION ALL
            SELECT company.id * %(space)s, NULL, company.id, 'connect', '1_setup', 0
              FROM res_company company
             WHERE company.active AND NOT EXISTS (
                   SELECT FROM amazon_seller seller WHERE seller.company_id = company.id AND seller.active))""",
                   space=SPACE, kinds=kinds)

    @api.depends('seller_id')
    @api.depends_context('lang', 'uid')
    def _compute_state(self):
        checks = SetupChecks(self.seller_id)
        for step in self:
            check = checks.check(step.kind, step.seller_id) if step.seller_id else self._invite()
            step.state, step.detail = check.state, check.detail
            step.button = check.button if step._may_act() else False

    @api.depends('kind')
    def _compute_guide(self):
        for step in self:
            step.guide = f'/amazon_connector/static/guide/{GUIDES.get(step.kind, "setup.html")}'

    @api.model
    def _invite(self):
        return Check('open', self.env._(
            "Orders, stock, shipments and settlements of your Amazon account come to Odoo and back. You need three "
            "values of your application in Seller Central; a guide leads you there."), self.env._("Connect"))

    def _may_act(self):
        group = CONTROLLER if self.kind in OF_ACCOUNTING else ADMIN
        return self.env.su or self.env.user.has_group(group)

    # === ACTIONS === #

    @api.model
    def action_open(self):
        """Return the start page: the steps of all sellers, or the invitation to connect the first one."""
        self.check_access('read')
        action = self.env['ir.actions.act_window']._for_xml_id('amazon_connector.amazon_setup_step_action')
        # The web client finds the app's menu, and the page again, by the action of the menu item.
        action['id'] = self.env.ref('amazon_connector.amazon_start_action').id
        sellers = self.env['amazon.seller'].search([('active', '=', True)])
        if sellers:
            action['domain'] = [('seller_id', 'in', sellers.ids)]
        if len(sellers) > 1:
            action['context'] = {'group_by': ['seller_id']}
        return action

    def action_next(self):
        """Open what the step's button names, or do it.

        :raises AccessError: for users who cannot do this step
        """
        self.ensure_one()
        self.check_access('read')
        if not self._may_act():
            raise AccessError(self.env._("You are not allowed to do this. Ask an administrator for the rights of "
                                         "Amazon."))
        check = SetupChecks(self.seller_id).check(self.kind, self.seller_id) if self.seller_id else self._invite()
        if check.record:
            return self._show(check.record)
        if self.kind in FLOWS:
            return self._check_now(self.kind)
        return getattr(self, f'_open_{check.way or self.kind}')(check)

    def _show(self, record):
        record.sudo(False).check_access('read')
        return {'type': 'ir.actions.act_window', 'res_model': record._name, 'res_id': record.id, 'view_mode': 'form',
                'views': [(False, 'form')], 'target': 'current'}

    def _open_action(self, name, domain=None, **context):
        action = self.env['ir.actions.actions']._for_xml_id(f'amazon_connector.{name}')
        if domain is not None:
            action['domain'] = domain
        # Filters of the action itself would hide what the step is about.
        return {**action, 'context': context} if context or domain is not None else action

    def _check_now(self, kind):
        """Wake the flow that a proof comes from."""
        packages = self.env['amazon.package'].sudo()
        if kind == 'proof_tracking' and not packages.search_count([('seller_id', '=', self.seller_id.id)], limit=1):
            return self._open_action('amazon_to_ship_action')
        self.seller_id._wake(FLOWS[kind])
        return self.seller_id._notify_started()

    def _open_connect(self, _check):
        return self._open_action('amazon_connect_action', default_company_id=self.company_id.id)

    def _open_connection(self, _check):
        seller = self.seller_id
        if seller.state == 'draft':
            return seller.action_authorize()
        if seller.state == 'error' or not seller.selling_partner_ref:
            return self._show(seller)
        return seller.action_test_connection()

    def _open_roles(self, check):
        return self.seller_id.action_authorize() if check.state == 'todo' else self.seller_id.action_test_connection()

    def _open_marketplaces(self, _check):
        if self.seller_id.marketplace_choice == 'chosen' and any(self.seller_id.marketplace_ids.mapped('is_suspended')):
            return self._open_warehouse(None)
        return self.seller_id.action_choose_marketplaces()

    def _open_warehouse(self, _check):
        return self._open_action('amazon_seller_marketplace_action', [('seller_id', '=', self.seller_id.id)])

    def _open_taxes(self, _check):
        return self.seller_id.action_set_up_taxes()

    def _open_products(self, check):
        seller, listings = self.seller_id, self.env['amazon.listing']
        if not listings.search_count([('seller_id', '=', seller.id)], limit=1):
            return seller.marketplace_ids.action_import_listings()
        if check.state == 'done':
            return self._open_action('amazon_listing_action', [('seller_id', '=', seller.id)])
        return seller.action_view_unmapped()

    def _open_stock(self, _check):
        return self._open_warehouse(None)

    def _open_first_stock(self, _check):
        return self.seller_id.action_start_stock()

    def _open_held(self, _check):
        return self._open_action('amazon_listing_action_held', [
            ('seller_id', '=', self.seller_id.id), ('status', '!=', 'removed'), ('stock_state', '=', 'held')])

    def _open_carriers(self, _check):
        return self._open_action('amazon_carrier_mapping_action')

    def _open_fba(self, check):
        return self._open_action('amazon_fba_stock_action' if check.state == 'done' else 'amazon_ledger_open_action')

    def _open_accounts(self, _check):
        return self._open_action('amazon_settlement_setup_action')

    def _open_bank(self, _check):
        action = self.env['ir.actions.act_window']._for_xml_id('account.action_account_journal_form')
        return {**action, 'domain': [('type', '=', 'bank'), ('company_id', '=', self.company_id.id)], 'context': {}}

    def _open_notifications(self, _check):
        return self._show(self.seller_id)

    def _open_protection(self, _check):
        return self.env['amazon.data.protection'].action_open()
