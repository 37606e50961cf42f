"""Run in Odoo's shell: a second company with the German chart of accounts.

Loading a chart may install modules and replace the registry, so whatever follows is done in a shell of its own.
"""

company = env['res.company'].create({'name': "Demo Europe GmbH", 'currency_id': env.ref('base.EUR').id})  # noqa: F821
# Given at creation, the country would make Odoo install more modules.
company.country_id = env.ref('base.de')  # noqa: F821
# The administrator works for both, and begins in Europe.
(env.user | env.ref('base.user_admin')).company_ids |= company  # noqa: F821
env.ref('base.user_admin').company_id = company  # noqa: F821
env['account.chart.template'].try_loading('de_skr03', company=company, install_demo=False)  # noqa: F821
env.cr.commit()  # noqa: F821
