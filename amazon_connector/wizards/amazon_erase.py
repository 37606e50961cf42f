from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

OPEN_STATUSES = ('PENDING', 'PENDING_AVAILABILITY', 'UNSHIPPED', 'PARTIALLY_SHIPPED')


class AmazonErase(models.TransientModel):
    """Erases one buyer who asked for it, or all buyers of a seller whose authorization ends; first it shows what goes
    and what is kept.
    """

    _name = 'amazon.erase'
    _description = "Erase Amazon Buyers' Data"

    partner_id = fields.Many2one('res.partner', "Buyer")
    seller_id = fields.Many2one('amazon.seller')
    order_count = fields.Integer("Orders", compute='_compute_preview')
    open_count = fields.Integer("Not shipped yet", compute='_compute_preview')
    file_count = fields.Integer("Labels and files", compute='_compute_preview')
    contact_count = fields.Integer("Contacts", compute='_compute_preview')
    own_count = fields.Integer("Contacts that stay", compute='_compute_preview',
                               help="They are suppliers, users, employees, or on documents that are not Amazon's.")
    kept_invoices = fields.Char("Invoices that keep the name", compute='_compute_preview')
    reference = fields.Char("Request", help="By which you find the request again, such as a ticket number: no name, no address. It is kept for a year.")
    confirmation = fields.Char("Seller's name", help="Type it, to confirm.")

    @api.depends('partner_id', 'seller_id')
    def _compute_preview(self):
        retention = self.env['amazon.retention'].sudo()
        for wizard in self:
            orders = wizard._find_orders()
            buyers = wizard._find_buyers(orders)
            own = buyers._amazon_find_own()
            kept = self.env['account.move'].sudo().union(*(retention._find_kept_invoices(order) for order in orders))
            wizard.order_count, wizard.contact_count, wizard.own_count = len(orders), len(buyers - own), len(own)
            wizard.open_count = len(orders.filtered(lambda order: order.amazon_status in OPEN_STATUSES))
            wizard.file_count = wizard._count_files(orders)
            wizard.kept_invoices = ', '.join(kept.mapped('name')) or False

    @api.model
    def _count_files(self, orders):
        labels = self.env['amazon.label'].sudo().search([('sale_order_id', 'in', orders.ids)])
        on = Domain.OR(Domain('res_model', '=', records._name) & Domain('res_id', 'in', records.ids)
                       for records in (orders, orders.picking_ids, orders.invoice_ids))
        files = self.env['ir.attachment'].sudo().with_context(skip_res_field_check=True).search(on)
        return len(files | labels.attachment_id)

    def _find_orders(self):
        """Return the orders of the buyer, or of the seller, that name a buyer still; with `sudo`, once it is clear that
        the user may.
        """
        self.ensure_one()
        if self.seller_id:
            self.seller_id.check_access('write')
            domain = self.env['amazon.retention']._get_domain(self.seller_id)
        else:
            self.partner_id.check_access('read')
            domain = Domain('amazon_order_ref', '!=', False) & Domain.OR(
                Domain(field, 'in', self._get_family().ids) for field in ('partner_id', 'partner_invoice_id', 'partner_shipping_id'))
        domain &= Domain('amazon_is_anonymised', '=', False)
        orders = self.env['sale.order'].sudo().search(domain)
        if orders.company_id - self.env.companies:
            raise UserError(self.env._("Orders of other companies are among these: switch to them, too."))
        return orders

    def _get_family(self):
        partner = self.partner_id.sudo().with_context(active_test=False)
        return partner | partner.child_ids | partner.parent_id | partner.parent_id.child_ids

    def _find_buyers(self, orders):
        partners = orders.partner_id | orders.partner_invoice_id | orders.partner_shipping_id
        if self.partner_id:
            partners |= self._get_family()
        return partners.filtered('amazon_is_buyer')

    # === ACTIONS === #

    def action_erase(self):
        """Erase what the preview shows; refused as a whole if a part of it cannot be erased."""
        self.ensure_one()
        self.check_access('write')
        self.seller_id.check_access('write')
        self.partner_id.check_access('read')
        return self._erase_seller() if self.seller_id else self._erase_buyer()

    def _erase_buyer(self):
        partner = self.partner_id
        if not partner.sudo().amazon_is_buyer:
            raise UserError(self.env._("%s was not made from an Amazon order: it is your own contact.", partner.name))
        retention, orders, detail = self.env['amazon.retention'].sudo(), self._find_orders(), self._describe()
        family = self._find_buyers(orders)
        for order in orders:
            retention._erase(order, retention._find_own_partners(order))
        for buyer in family - family._amazon_find_own() - retention._find_needed(family):
            if buyer.amazon_key:
                retention._erase(buyer, self.env['res.partner'])
        self.env['amazon.access.log'].sudo()._log('erase', partner.sudo(), detail)
        return {'type': 'ir.actions.act_window_close'}

    def _erase_seller(self):
        seller = self.seller_id
        if (self.confirmation or '').strip() != seller.name:
            raise UserError(self.env._("Type the name of the seller to confirm: %s", seller.name))
        detail = self._describe()
        # Who is connected would receive orders again. The job erases order by order.
        seller.sudo().write({'state': 'draft', 'refresh_token': False, 'erase_all': True, 'state_message': False})
        sync = seller.sudo().sync_ids.filtered(lambda sync: sync.flow == 'retention')
        sync.next_run = fields.Datetime.now()
        sync._cron()._trigger()
        self.env['amazon.access.log'].sudo()._log('erase', seller.sudo(), detail)
        return {'type': 'ir.actions.act_window_close'}

    def _describe(self):
        """Return what is erased and kept in numbers, for the record that it was done."""
        return self.env._("%(orders)s orders, %(files)s files, %(contacts)s contacts; invoices that keep the name: %(kept)s; request: %(reference)s",
                          orders=self.order_count, files=self.file_count, contacts=self.contact_count, kept=self.kept_invoices or '-',
                          reference=self.reference or '-')
