from odoo import fields, models
from odoo.exceptions import AccessError

from ..utils.access import USER
from .amazon_claim import OPEN

DIGEST = 'amazon_connector.digest_amazon'
# Amazon's statuses of orders that are still to be shipped.
UNSHIPPED = ('UNSHIPPED', 'PARTIALLY_SHIPPED')


class DigestDigest(models.Model):
    """Figures of Amazon for Odoo's digest mails, of the company of the digest and as far as its reader may see them."""

    _inherit = 'digest.digest'

    kpi_amazon_orders = fields.Boolean("Amazon Orders")
    kpi_amazon_orders_value = fields.Integer(compute='_compute_kpi_amazon_orders_value')
    kpi_amazon_revenue = fields.Boolean("Amazon Revenue without Tax")
    kpi_amazon_revenue_value = fields.Monetary(compute='_compute_kpi_amazon_revenue_value')
    kpi_amazon_late = fields.Boolean("Amazon Orders Late")
    kpi_amazon_late_value = fields.Integer(compute='_compute_kpi_amazon_late_value')
    kpi_amazon_exceptions = fields.Boolean("Amazon Order Exceptions")
    kpi_amazon_exceptions_value = fields.Integer(compute='_compute_kpi_amazon_exceptions_value')
    kpi_amazon_claims = fields.Boolean("Open Amazon Claims")
    kpi_amazon_claims_value = fields.Integer(compute='_compute_kpi_amazon_claims_value')

    def _compute_kpi_amazon_orders_value(self):
        self._amazon_check_reader()
        self._calculate_company_based_kpi('sale.order', 'kpi_amazon_orders_value', date_field='date_order',
                                          additional_domain=self._amazon_get_sold())

    def _compute_kpi_amazon_revenue_value(self):
        self._amazon_check_reader()
        start, end, companies = self._get_kpi_compute_parameters()
        sums = dict.fromkeys(companies, 0.0)
        for company, currency, amount in self.env['sale.order']._read_group(
                [('company_id', 'in', companies.ids), ('date_order', '>=', start), ('date_order', '<', end),
                 *self._amazon_get_sold()], ['company_id', 'currency_id'], ['amount_untaxed:sum']):
            # Odoo counts a currency without a rate as if it were the company's: it is left out.
            if not currency._amazon_find_without_rate(company):
                sums[company] += currency._convert(amount, company.currency_id, company, fields.Date.to_date(end))
        for digest in self:
            digest.kpi_amazon_revenue_value = sums.get(digest.company_id or self.env.company, 0.0)

    def _compute_kpi_amazon_late_value(self):
        self._amazon_count_now('kpi_amazon_late_value', 'sale.order', [
            *self._amazon_get_sold(), ('amazon_channel', '=', 'fbm'), ('amazon_status', 'in', UNSHIPPED),
            ('amazon_ship_by', '<', fields.Datetime.now())])

    def _compute_kpi_amazon_exceptions_value(self):
        self._amazon_count_now('kpi_amazon_exceptions_value', 'amazon.order', [('state', '=', 'error')])

    def _compute_kpi_amazon_claims_value(self):
        self._amazon_count_now('kpi_amazon_claims_value', 'amazon.claim', [('state', 'in', OPEN)])

    def _amazon_get_sold(self):
        return [('amazon_order_ref', '!=', False), ('state', '!=', 'cancel')]

    def _amazon_count_now(self, field, model, domain):
        """Count what waits now, however old it is: a day, a week and a month have the same figure."""
        self._amazon_check_reader()
        companies = self._get_kpi_compute_parameters()[-1]
        counts = dict(self.env[model]._read_group([('company_id', 'in', companies.ids), *domain], ['company_id'],
                                                  ['__count']))
        for digest in self:
            digest[field] = counts.get(digest.company_id or self.env.company, 0)

    def _amazon_check_reader(self):
        """Raise an `AccessError`, by which Odoo leaves a figure out of the mail, for those who see no Amazon orders."""
        if not self.env.user.has_group(USER):
            raise AccessError(self.env._("This figure is for users of Amazon."))

    def _compute_kpis_actions(self, company, user):
        actions = super()._compute_kpis_actions(company, user)
        actions.update({
            'kpi_amazon_orders': 'amazon_connector.amazon_sale_order_action',
            'kpi_amazon_revenue': 'amazon_connector.amazon_sale_order_action',
            'kpi_amazon_late': 'amazon_connector.amazon_sale_order_action',
            'kpi_amazon_exceptions': 'amazon_connector.amazon_order_exception_action',
            'kpi_amazon_claims': 'amazon_connector.amazon_claim_action',
        })
        return actions

    def _check_daily_logs(self):
        """Return the digests to be sent less often: not the one of this addon as long as nobody gets it."""
        unread = self.env.ref(DIGEST, raise_if_not_found=False)
        found = super()._check_daily_logs()
        return found - unread if unread and not unread.user_ids else found
