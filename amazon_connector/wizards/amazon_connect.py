from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.amazon_seller import SECRET_LIFETIME


class AmazonConnect(models.TransientModel):
    _name = 'amazon.connect'
    _description = "Connect to Amazon"

    seller_id = fields.Many2one('amazon.seller', help="The seller whose credentials are replaced; empty for a new one.")
    company_id = fields.Many2one('res.company', required=True, default=lambda self: self.env.company)
    home_marketplace = fields.Selection(
        lambda self: self.env['amazon.seller']._get_home_marketplaces(), required=True,
        default=lambda self: self.env.company.country_id.code if self.env.company.country_id.code in dict(
            self.env['amazon.seller']._get_home_marketplaces()) else False)
    name = fields.Char(compute='_compute_name', store=True, precompute=True, readonly=False, required=True)
    method = fields.Selection(
        [('consent', "Authorize at Amazon"), ('token', "Refresh token of a private application")], required=True, default='consent')
    environment = fields.Selection(lambda self: self.env['amazon.seller']._fields['environment'].selection, required=True, default='production')
    custom_url = fields.Char("Address", default=lambda self: self.env['ir.config_parameter'].sudo().get_param('amazon_connector.default_url'))
    application_ref = fields.Char("Application ID")
    application_draft = fields.Boolean("Draft application")
    lwa_client_ref = fields.Char("Client ID")
    lwa_client_secret = fields.Char("Client secret")
    refresh_token = fields.Char()
    secret_expiry_date = fields.Date("Client secret expires", default=lambda self: fields.Date.context_today(self) + SECRET_LIFETIME)
    import_from = fields.Datetime("Import orders changed since", required=True, default=lambda self: self.env['amazon.seller']._default_import_from())

    @api.model
    def default_get(self, fields):
        values = super().default_get(fields)
        if self.env['ir.config_parameter'].sudo().get_param('amazon_connector.default_url') and not values.get('seller_id'):
            values['environment'] = 'custom'
        return values

    @api.depends('home_marketplace', 'company_id')
    def _compute_name(self):
        labels = dict(self.env['amazon.seller']._get_home_marketplaces())
        for wizard in self:
            if not wizard.name or wizard.name.startswith(tuple(f'{company} - ' for company in wizard.company_id.mapped('name'))):
                wizard.name = f"{wizard.company_id.name} - {labels.get(wizard.home_marketplace, 'Amazon')}"

    def action_connect(self):
        """Save the seller and go on in the browser: to Amazon's consent page, or to the first call with the refresh token.

        Amazon is not called here, in the transaction that creates the seller.

        :return: an action that opens the next page
        """
        self.ensure_one()
        self._check_credentials()
        seller = self._save_seller()
        # Secrets do not stay in the wizard's own table.
        self.sudo().write({'lwa_client_secret': False, 'refresh_token': False})
        return seller.action_authorize() if self.method == 'consent' else seller.action_connect()

    def _check_credentials(self):
        needed = ['lwa_client_ref', 'lwa_client_secret', 'application_ref' if self.method == 'consent' else 'refresh_token']
        missing = [self._fields[name]._description_string(self.env) for name in needed if not self[name]]
        if missing:
            raise UserError(self.env._("Enter %s: Amazon shows it in the Developer Console of Seller Central.", ', '.join(missing)))

    def _save_seller(self):
        vals = {
            'lwa_client_ref': self.lwa_client_ref.strip(), 'lwa_client_secret': self.lwa_client_secret.strip(),
            'secret_expiry_date': self.secret_expiry_date, 'application_draft': self.application_draft,
            'environment': self.environment, 'custom_url': self.custom_url if self.environment == 'custom' else False,
        }
        if self.method == 'consent':
            vals['application_ref'] = self.application_ref.strip()
        else:
            vals['refresh_token'] = self.refresh_token.strip()
        if self.seller_id:
            self.seller_id.check_access('write')
            self.seller_id.sudo().write(vals)
            return self.seller_id
        self.env['amazon.seller'].check_access('create')
        seller = self.env['amazon.seller'].sudo().create({
            **vals, 'name': self.name, 'company_id': self.company_id.id, 'home_marketplace': self.home_marketplace,
            'import_from': self.import_from,
        })
        return seller.sudo(False)
