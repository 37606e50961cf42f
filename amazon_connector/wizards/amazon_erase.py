from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..utils.domains import any_of
from ..utils.quiet import quiet_sql

OPEN_STATUSES = ('PENDING', 'PENDING_AVAILABILITY', 'UNSHIPPED', 'PARTIALLY_SHIPPED')


class AmazonErase(models.TransientModel):
    """Erase one buyer who asked for it, or all buyers of a seller whose authorization ends, after a preview."""

    _name = 'amazon.erase'
    _description = "Erase Amazon Buyers' Data"
    _inherit = ['amazon.access.mixin']

    partner_id = fields.Many2one('res.partner', "Buyer")
    seller_id = fields.Many2one('amazon.seller')
    order_count = fields.Integer("Orders", compute='_compute_preview')
    open_count = fields.Integer("Not shipped yet", compute='_compute_preview')
    file_count = fields.Integer("Labels and files", compute='_compute_preview')
    contact_count = fields.Integer("Contacts", compute='_compute_preview')
    own_count = fields.Integer("Contacts that stay", compute='_compute_preview',
                               help="They are suppliers, users, employees, or on documents that are not Amazon's.")
    kept_invoices = fields.Char("Invoices that keep the name", compute='_compute_preview')
    reference = fields.Char("Request", help="By which you find the request again, such as a ticket number: no name, no "
                            "address. It is kept for a year.")
    confirmation = fields.Char("Seller's name", help="Type it, to confirm.")

    @api.depends('partner_id', 'seller_id')
    def _compute_preview(self):
        for wizard in self:
            wizard.update(wizard._count_seller() if wizard.seller_id else wizard._count_buyer())

    def _count_buyer(self):
        """Return the preview of one buyer: orders, and the names of the invoices that are kept."""
        retention, orders = self.env['amazon.retention'].sudo(), self._find_orders()
        buyers = self._find_buyers(orders)
        own = buyers._amazon_find_own()
        kept = self.env['account.move'].sudo().union(*(retention._find_kept_invoices(order) for order in orders))
        return {
            'order_count': len(orders), 'contact_count': len(buyers - own), 'own_count': len(own),
            'open_count': len(orders.filtered(lambda order: order.amazon_status in OPEN_STATUSES)),
            'file_count': self._count_files(orders), 'kept_invoices': ', '.join(kept.mapped('name')) or False}

    def _count_seller(self):
        """Return the preview of a seller, who may have hundreds of thousands of orders: numbers that the database
        counts.
        """
        domain, orders = self._get_orders_domain(), self.env['sale.order'].sudo()
        query = orders._search(domain)
        counts = self.env.execute_query(SQL(
            """WITH erased AS MATERIALIZED %(orders)s,
                    parcel AS (SELECT id FROM stock_picking WHERE sale_id IN (SELECT id FROM erased)),
                    invoice AS (SELECT DISTINCT item.move_id AS id
                                  FROM sale_order_line sold
                                  JOIN sale_order_line_invoice_rel link ON link.order_line_id = sold.id
                                  JOIN account_move_line item ON item.id = link.invoice_line_id
                                 WHERE sold.order_id IN (SELECT id FROM erased)),
                    contact AS (SELECT partner_id AS id FROM sale_order WHERE id IN (SELECT id FROM erased)
                                 UNION
                                SELECT partner_shipping_id FROM sale_order WHERE id IN (SELECT id FROM erased))
               SELECT (SELECT count(*)
                         FROM ir_attachment file
                        WHERE (file.res_model = 'sale.order' AND file.res_id IN (SELECT id FROM erased))
                           OR (file.res_model = 'stock.picking' AND file.res_id IN (SELECT id FROM parcel))
                           OR (file.res_model = 'account.move' AND file.res_id IN (SELECT id FROM invoice))),
                      (SELECT count(*)
                         FROM res_partner
                        WHERE amazon_is_buyer AND id IN (SELECT id FROM contact)),
                      (SELECT count(*)
                         FROM account_move move
                         JOIN res_company company ON company.id = move.company_id
                         JOIN res_partner buyer ON buyer.id = move.commercial_partner_id
                        WHERE move.id IN (SELECT id FROM invoice) AND move.state = 'posted'
                          AND (company.amazon_invoice_data = 'all' OR (company.amazon_invoice_data = 'business'
                                                               AND (buyer.is_company OR buyer.vat IS NOT NULL))))""",
            orders=query.subselect()))
        files, contacts, kept = counts[0]
        return {
            'order_count': orders.search_count(domain), 'contact_count': contacts, 'own_count': 0,
            'open_count': orders.search_count([*domain, ('amazon_status', 'in', OPEN_STATUSES)]),
            'file_count': files, 'kept_invoices': str(kept) if kept else False}

    @api.model
    def _count_files(self, orders):
        labels = self.env['amazon.label'].sudo().search([('sale_order_id', 'in', orders.ids)])
        files = self.env['ir.attachment'].sudo().with_context(skip_res_field_check=True).search(any_of(
            ['&', ('res_model', '=', records._name), ('res_id', 'in', records.ids)]
            for records in (orders, orders.picking_ids, orders.invoice_ids)))
        return len(files | labels.attachment_id)

    def _find_orders(self):
        """Return the orders that still name the buyer; with `sudo`, after the user's rights were checked."""
        return self.env['sale.order'].sudo().search(self._get_orders_domain())

    def _get_orders_domain(self):
        """Return the domain of the orders of the buyer, or of the seller, that still name a buyer.

        :raises AccessError: the user may not read the buyer, or not change the seller
        :raises UserError: some are of companies that the user has not chosen
        """
        self.ensure_one()
        if self.seller_id:
            self.seller_id.check_access('write')
            retention = self.env['amazon.retention']
            domain = ['|', *retention._get_domain(self.seller_id), *retention._get_copy_domain(self.seller_id)]
        else:
            self.partner_id.check_access('read')
            family, roles = self._get_family().ids, ('partner_id', 'partner_invoice_id', 'partner_shipping_id')
            domain = ['|', ('amazon_order_ref', '!=', False), ('amazon_copy_of_id', '!=', False),
                      '|', '|', *((role, 'in', family) for role in roles)]
        domain.append(('amazon_is_anonymised', '=', False))
        if self.env['sale.order'].sudo().search_count([*domain, ('company_id', 'not in', self.env.companies.ids)],
                                                      limit=1):
            raise UserError(self.env._("Orders of other companies are among these: switch to them, too."))
        return domain

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
        """Erase the data that the preview shows; nothing is erased if a part of it cannot be."""
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
        with quiet_sql():
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
        # A connected seller would receive orders again. The job erases order by order.
        seller.sudo().write({'state': 'draft', 'refresh_token': False, 'erase_all': True, 'state_message': False})
        seller.sudo().sync_ids.filtered(lambda sync: sync.flow == 'retention')._wake()
        self.env['amazon.access.log'].sudo()._log('erase', seller.sudo(), detail)
        return {'type': 'ir.actions.act_window_close'}

    def _describe(self):
        """Return the numbers of erased and kept records, for the log."""
        return self.env._("%(orders)s orders, %(files)s files, %(contacts)s contacts; invoices that keep the name: "
                          "%(kept)s; request: %(reference)s",
                          orders=self.order_count, files=self.file_count, contacts=self.contact_count,
                          kept=self.kept_invoices or '-', reference=self.reference or '-')
