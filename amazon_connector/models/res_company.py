import datetime

import pytz

from odoo import fields, models

from ..utils.phrases import tell
from ..utils.words import write_day

# Time zone of most people in countries whose first zone by name is another.
MAIN_ZONES = {
    'US': 'America/New_York', 'CA': 'America/Toronto', 'BR': 'America/Sao_Paulo', 'AU': 'Australia/Sydney',
    'MX': 'America/Mexico_City',
    'DE': 'Europe/Berlin', 'ES': 'Europe/Madrid', 'PT': 'Europe/Lisbon', 'CN': 'Asia/Shanghai',
    'NZ': 'Pacific/Auckland',
}


class ResCompany(models.Model):
    _inherit = 'res.company'

    amazon_invoice_data = fields.Selection([
        ('none', "Nothing"), ('business', "Invoices to businesses"), ('all', "All posted invoices"),
    ], "Buyers' data kept on invoices", required=True, default='business',
        help="Which posted invoices and credit notes of Amazon orders keep the buyer's name, address, VAT number and "
                                           "printed document when all other data of "
             "the buyer is deleted. What an audit trail or a hash protects stays in any case.")
    amazon_invoice_years = fields.Integer("Kept for (years)", required=True, default=10,
                                          help="After so many years these are deleted, too.")
    amazon_invoice_reason = fields.Text("Why it is kept", default=lambda self: self.env._(
        "Tax law: an invoice to a business names it with its address and VAT number (EU: Directive 2006/112/EC, "
        "article 226) and is kept for years. "
        "Invoices to consumers need no name."))

    _amazon_invoice_years_positive = models.Constraint('CHECK(amazon_invoice_years > 0)',
                                                       "Invoices are kept for at least one year.")
    _amazon_invoice_reason_given = models.Constraint(
        "CHECK(amazon_invoice_data = 'none' OR COALESCE(amazon_invoice_reason, '') != '')",
        "Say why buyers' data is kept on invoices.")

    def _amazon_get_day(self, moment):
        """Return the date of a moment (naive UTC) in the time zone of this company."""
        return moment.replace(tzinfo=pytz.utc).astimezone(pytz.timezone(self._amazon_get_zone())).date()

    def _amazon_get_zone(self):
        """Return the time zone of a company: of its working hours, unless Odoo made these in UTC, else of its address
        or country.
        """
        chosen = [zone for zone in (self.resource_calendar_id.tz, self.partner_id.tz) if zone and zone != 'UTC']
        code = (self.account_fiscal_country_id or self.country_id).code
        return next(iter([*chosen, *filter(None, [MAIN_ZONES.get(code)]), *pytz.country_timezones.get(code or '', [])]),
                    'UTC')

    def _amazon_find_missing_rate(self, currency, date):
        """Return in words which exchange rate this company lacks to book amounts of a currency on a date, or None.

        Odoo uses 1 where there is none at all, and a later one where there is none before: 100.00 pounds would be
        100.00 euros.
        """
        self.ensure_one()
        if not currency._amazon_find_without_rate(self, date):
            return None
        return tell(self.env)._(
            "There is no exchange rate from %(currency)s to %(home)s for %(date)s. Enter it with the currencies in the "
            "settings of Accounting.", currency=currency.name, home=self.currency_id.name,
            date=write_day(self.env, date))

    def _amazon_get_start(self, day):
        """Return the moment (naive UTC) when a day begins in the time zone of this company, see `_amazon_get_day`."""
        zone = pytz.timezone(self._amazon_get_zone())
        return zone.localize(datetime.datetime.combine(day, datetime.time())).astimezone(pytz.utc).replace(tzinfo=None)
