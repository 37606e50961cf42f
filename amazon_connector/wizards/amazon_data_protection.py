from odoo import Command, api, fields, models
from odoo.exceptions import UserError

from ..models.amazon_seller_secrets import read_keys
from ..utils.access import check_companies, check_group

# Who can read buyers' names and addresses -> why, for `_get_reasons`.
READERS = {
    'amazon_connector.group_amazon_buyer_data': 'buyers', 'stock.group_stock_user': 'deliveries',
    'account.group_account_invoice': 'invoices', 'base.group_system': 'system',
    'mail.group_mail_template_editor': 'templates',
}
# Odoo's setting "Restrict Template Rendering", and the group that internal users have without it.
RESTRICT_TEMPLATES, TEMPLATE_EDITORS = 'mail.restrict.template.rendering', 'mail.group_mail_template_editor'


class AmazonDataProtection(models.TransientModel):
    """Page for administrators: who can read buyers' data, reviews, and emergency actions."""

    _name = 'amazon.data.protection'
    _description = "Data Protection"
    _inherit = ['amazon.access.mixin']

    company_id = fields.Many2one('res.company', required=True, readonly=True, default=lambda self: self.env.company)
    overdue_count = fields.Integer("Overdue personal data", compute='_compute_overdue_count')
    line_ids = fields.One2many('amazon.data.protection.line', 'page_id', readonly=True)
    user_count = fields.Integer("Users who can see buyers", compute='_compute_user_counts')
    weak_count = fields.Integer("Of them without two-factor login", compute='_compute_user_counts')
    has_two_factor = fields.Boolean(compute='_compute_user_counts')
    has_open_templates = fields.Boolean(compute='_compute_has_open_templates')
    seller_ids = fields.Many2many('amazon.seller', compute='_compute_seller_ids')
    plain_count = fields.Integer(compute='_compute_seller_ids')
    review_ids = fields.Many2many('amazon.data.review', compute='_compute_reviews')
    last_review_id = fields.Many2one('amazon.data.review', compute='_compute_reviews')
    last_review_date = fields.Datetime("Last review", related='last_review_id.date')
    last_review_user_id = fields.Many2one(related='last_review_id.user_id')

    def _compute_display_name(self):
        self.display_name = self.env._("Data protection")

    def _compute_overdue_count(self):
        for page in self:
            page.overdue_count = page.env['amazon.retention']._count_overdue(page._find_sellers())

    @api.depends('line_ids')
    def _compute_user_counts(self):
        for page in self:
            page.user_count = len(page.line_ids)
            page.weak_count = len(page.line_ids.filtered(lambda line: not line.two_factor))
            page.has_two_factor = 'totp_enabled' in self.env['res.users']._fields

    @api.depends('line_ids')
    def _compute_has_open_templates(self):
        self.has_open_templates = self.env.ref(TEMPLATE_EDITORS) in self.env.ref('base.group_user').sudo().implied_ids

    @api.depends('company_id')
    def _compute_seller_ids(self):
        for page in self:
            page.seller_ids = page._find_sellers()
            page.plain_count = len(page.seller_ids.filtered(lambda seller: seller.secrets_state == 'plain'))

    @api.depends('company_id')
    def _compute_reviews(self):
        for page in self:
            page.review_ids = self.env['amazon.data.review'].search([('company_id', '=', page.company_id.id)], limit=40)
            page.last_review_id = page.review_ids[:1]

    def _find_sellers(self):
        """Return the sellers of this company, archived ones included: they have data as well."""
        sellers = self.env['amazon.seller'].with_context(active_test=False)
        return sellers.search([('company_id', '=', self.company_id.id)])

    # === ACTIONS === #

    @api.model
    def action_open(self):
        """Return the page with the present users."""
        self.check_access('create')
        page = self.create({})
        page.sudo().line_ids = [Command.create(vals) for vals in page._prepare_lines()]
        return {'type': 'ir.actions.act_window', 'name': self.env._("Data protection"), 'res_model': self._name,
                'res_id': page.id, 'view_mode': 'form', 'target': 'current'}

    def action_mark_reviewed(self):
        """Store a review of today by this user, with the figures of the page.

        :raises AccessError: for users who may not open the page
        """
        self.ensure_one()
        self.check_access('write')
        check_companies(self.env, self.company_id.ids)
        self.env['amazon.data.review'].sudo().create({
            'company_id': self.company_id.id, 'user_id': self.env.uid, 'overdue_count': self.overdue_count,
            'user_count': self.user_count, 'weak_count': self.weak_count})

    def action_encrypt(self):
        """Encrypt the secrets again that are not encrypted with the server's first key; unreadable ones stay as they
        are.
        """
        self.ensure_one()
        check_companies(self.env, self.company_id.ids)
        sellers = self._find_sellers()
        sellers.check_access('write')
        if not read_keys():
            raise UserError(self.env._(
                "Name a key in the server's configuration first: secret_keys in the section [amazon_connector] of "
                "odoo.conf."))
        sellers._encrypt_again()

    def action_restrict_templates(self):
        """Take the right to write mail templates from all internal users who have it by no other group, as Odoo's own
        setting does.

        :raises AccessError: for all but system administrators, whom the right belongs to
        """
        check_group(self.env, 'base.group_system')
        self.env['ir.config_parameter'].set_param(RESTRICT_TEMPLATES, '1')
        return self.action_open()

    # === WHO CAN SEE BUYERS === #

    def _prepare_lines(self):
        """Return values of a line for each user of this company who can read buyers' data, those without two-factor
        login first.
        """
        reasons = self._get_reasons()
        found = {}
        for xml_id, key in READERS.items():
            group = self.env.ref(xml_id, raise_if_not_found=False)
            for user in group.sudo().all_user_ids.filtered(self._works_here) if group else ():
                found.setdefault(user, []).append(reasons[key])
        lines = [{'user_id': user.id, 'reason': ', '.join(why), 'two_factor': self._has_two_factor(user),
                  'login_date': user.login_date} for user, why in found.items()]
        return sorted(lines, key=lambda line: (line['two_factor'], line['user_id']))

    def _works_here(self, user):
        return user.active and not user.share and self.company_id in user.company_ids

    def _has_two_factor(self, user):
        return bool('totp_enabled' in user._fields and user.totp_enabled)

    def _get_reasons(self):
        return {'buyers': self.env._("Amazon buyer data"), 'deliveries': self.env._("Deliveries"),
                'invoices': self.env._("Invoicing"), 'system': self.env._("System administrator"),
                'templates': self.env._("Mail templates")}
