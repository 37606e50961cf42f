"""Pricelists, teams and journals that earlier versions made could become the default of others."""

from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    """Mark the pricelists that only marketplaces use, and put teams and journals behind all others; it may run again.
    """
    env = api.Environment(cr, SUPERUSER_ID, {'active_test': False, 'tracking_disable': True})
    markets = env['amazon.seller.marketplace'].search([])
    for pricelist in markets.pricelist_id:
        if pricelist.name == f'Amazon {pricelist.currency_id.name}' and not _is_used_elsewhere(env, pricelist):
            pricelist.amazon_only = True
    for team in markets.team_id:
        if (team.name, team.sequence) == ('Amazon', 10) and not (team.user_id | team.member_ids):
            team.sequence = 1000
    markets.settlement_journal_id.filtered(
        lambda journal: (journal.code, journal.sequence) == ('AMZ', 10)).sequence = 1000


def _is_used_elsewhere(env, pricelist):
    return env['sale.order'].search_count(
        [('pricelist_id', '=', pricelist.id), ('amazon_order_ref', '=', False)], limit=1
    ) or any(
        env['res.partner']
        .with_company(company)
        .search_count([('specific_property_product_pricelist', '=', pricelist.id)], limit=1)
        for company in env['res.company'].search([])
    )
