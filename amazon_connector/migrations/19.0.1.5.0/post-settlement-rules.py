from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    """Bring the rules and the tax on fees of this version to companies that settlements are booked in already; repeatable."""
    env = api.Environment(cr, SUPERUSER_ID, {})
    markets = env['amazon.seller.marketplace'].with_context(active_test=False).search([])
    for company in markets.company_id:
        _give_accounts(env, company)
    for seller, claimed in markets.filtered('fee_tax_warning').grouped('seller_id').items():
        _correct_fee_taxes(seller, claimed)
    for settlement in env['amazon.settlement'].search([('stage', 'in', ('to_map', 'ready'))]):
        settlement._map()
        settlement._evaluate()
    # Proposals that a rule has taken the place of.
    env['amazon.settlement.rule'].search([('state', '=', 'proposed'), ('line_ids', '=', False)]).unlink()


def _give_accounts(env, company):
    """Give rules that came with this version the accounts that the company has for their kind."""
    used = env['amazon.settlement.setup'].with_company(company)._find_used_accounts(company)
    rules = env['amazon.settlement.rule'].with_company(company).search([
        ('company_id', 'in', (False, company.id)), ('account_id', '=', False), ('state', '=', 'confirmed')])
    for kind, found in rules.grouped('account_kind').items():
        if used.get(kind):
            found.account_id = used[kind]


def _correct_fee_taxes(seller, markets):
    """Take input tax away from marketplaces whose fees are invoiced from abroad, and say so: an earlier version gave all marketplaces the same tax."""
    texts = []
    for market in markets:
        before = market.settlement_fee_tax_id
        market.settlement_fee_tax_id = market.with_company(market.company_id)._find_fee_tax()
        texts.append(f"{market.name}: {before.name} > {market.settlement_fee_tax_id.name or '0'}")
    seller.message_post(body=seller.env._(
        "The tax on fees of these marketplaces was input tax, though Amazon invoices them from abroad. It is corrected for settlements that are booked from "
        "now on; ask your accountant about earlier ones. %s", '; '.join(texts)))
