"""Taxes by rate of marketplaces become taxes by country and rate, where somebody chose a tax that no fiscal position
leads to.
"""

import logging

from odoo import SUPERUSER_ID, api
from odoo.tools.sql import table_exists

_logger = logging.getLogger(__name__)


def migrate(cr, version):
    """Keep the choices of persons; what Odoo finds by itself is not kept. Done again, it finds what it did."""
    env = api.Environment(cr, SUPERUSER_ID, {'active_test': False})
    env['amazon.seller.marketplace'].search(
        [('country_id.code', '=', 'US'), ('tax_policy', '!=', 'line')]).tax_policy = 'line'
    if not table_exists(cr, 'amazon_marketplace_tax'):
        return
    cr.execute("SELECT marketplace_id, rate, tax_id FROM amazon_marketplace_tax WHERE rate > 0")
    chosen = {}
    for marketplace_id, rate, tax_id in cr.fetchall():
        company = env['amazon.seller.marketplace'].browse(marketplace_id).company_id
        tax = env['account.tax'].browse(tax_id)._amazon_get_original()
        home = company.account_fiscal_country_id
        # Twins that earlier versions made say in their name whose they are.
        if tax.fiscal_position_ids or tax.country_id != home or '(Amazon' in tax.name:
            continue
        chosen.setdefault((company, rate), tax.browse())
        chosen[company, rate] |= tax
    for (company, rate), taxes in chosen.items():
        if len(taxes) == 1:
            env['amazon.tax.rate']._remember(company, company.domestic_fiscal_position_id,
                                             company.account_fiscal_country_id, False, taxes)
        else:
            _logger.warning("Amazon: company %s had several taxes of %s %%: the orders ask which one it is", company.id,
                            rate)
    # Otherwise it would hold copies of taxes that nothing else needs.
    cr.execute("DELETE FROM amazon_marketplace_tax")
