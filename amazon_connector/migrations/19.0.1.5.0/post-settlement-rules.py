from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    """Give rules that came with this version the accounts of their kind, and let the settlements that wait find them."""
    env = api.Environment(cr, SUPERUSER_ID, {})
    rules, setup = env['amazon.settlement.rule'], env['amazon.settlement.setup']
    for company in env['amazon.seller.marketplace'].with_context(active_test=False).search([]).company_id:
        used = setup.with_company(company)._find_used_accounts(company)
        of_company = rules.with_company(company).search([('company_id', 'in', (False, company.id)), ('account_id', '=', False), ('state', '=', 'confirmed')])
        for kind, found in of_company.grouped('account_kind').items():
            if used.get(kind):
                found.account_id = used[kind]
    for settlement in env['amazon.settlement'].search([('stage', 'in', ('to_map', 'ready'))]):
        settlement._map()
        settlement._evaluate()
    # Proposals that a rule has taken the place of.
    rules.search([('state', '=', 'proposed'), ('line_ids', '=', False)]).unlink()
