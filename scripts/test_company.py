"""Run in Odoo's shell by build: the company that `amazon_connector/tests/common.py` would make for each test class."""

company = env['res.company'].create({'name': "Test GmbH", 'currency_id': env.ref('base.EUR').id})  # noqa: F821
# Given at creation, the country would make Odoo install more modules.
company.country_id = env.ref('base.de')  # noqa: F821
env['account.chart.template'].try_loading('de_skr03', company=company, install_demo=False)  # noqa: F821
env.cr.commit()  # noqa: F821
