from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    """Bring the rules of this version to companies that settlements are booked in already, and ask about the tax on
    fees; repeatable.
    """
    env = api.Environment(cr, SUPERUSER_ID, {})
    markets = env['amazon.seller.marketplace'].with_context(active_test=False).search([])
    for company in markets.company_id:
        _give_accounts(env, company)
    for seller, claimed in markets.filtered('fee_tax_warning').grouped('seller_id').items():
        _ask_about_fee_taxes(seller._for_person(), claimed)
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


def _ask_about_fee_taxes(seller, markets):
    """Give somebody a task about input tax on fees that are invoiced from abroad: an earlier version gave all
    marketplaces the same tax.

    Only Amazon's invoices say which tax is right, so none is changed here.
    """
    texts = []
    for market in markets:
        proposed = market.with_company(market.company_id)._find_fee_tax()
        texts.append(f"{market.name}: {market.settlement_fee_tax_id.name} > {proposed.name or '0'}")
    seller._alert(seller.env._("Check the tax on Amazon's fees"), seller.env._(
        "The tax on fees of these marketplaces is input tax, though Amazon invoices them from abroad. Compare it with "
        "Amazon's invoices, correct it on the "
        "marketplaces, and ask your accountant about settlements that are booked. Now, and proposed: %s",
        '; '.join(texts)))
