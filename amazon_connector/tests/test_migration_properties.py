from odoo.modules.migration import load_script
from odoo.tests import tagged

from .common import AmazonCase

MIGRATION = 'amazon_connector/migrations/0.0.0/pre-properties.py'


@tagged('post_install', '-at_install')
class TestProperties(AmazonCase):
    """Accounts of rules come along from Odoo 17, which keeps them as properties."""

    def keep(self, rule, record, name='account_id'):
        """Write a property as Odoo 17 does, whose table newer ones do not have."""
        self.env.cr.execute("""
            CREATE TABLE IF NOT EXISTS ir_property (id serial, name varchar, type varchar, res_id varchar,
                                                    company_id integer, value_reference varchar, fields_id integer)""")
        field = self.env['ir.model.fields']._get(rule._name, name)
        self.env.cr.execute(
            "INSERT INTO ir_property (name, type, res_id, company_id, value_reference, fields_id) "
            "VALUES (%s, 'many2one', %s, %s, %s, %s)",
            [name, f'{rule._name},{rule.id}', self.company.id, f'{record._name},{record.id}', field.id])

    def test_accounts_of_rules_come_along_and_those_that_are_there_stay(self):
        rules = self.env['amazon.settlement.rule'].with_company(self.company).search([], limit=3)
        old, own = self.env['account.account'].with_company(self.company).search([
            *self.env['account.account']._check_company_domain(self.company),
            ('account_type', '=', 'expense')], limit=2)
        rules.account_id = False
        rules[1].account_id = own
        self.env.flush_all()
        for rule in rules[0], rules[2]:
            self.keep(rule, old)
        for version in ('17.0.1.6.0', '17.0.1.6.0'):
            load_script(MIGRATION, 'properties').migrate(self.env.cr, version)
        self.env.invalidate_all()
        self.assertEqual(rules.mapped(lambda rule: rule.account_id.id), [old.id, own.id, old.id])

    def test_other_versions_have_none(self):
        rule = self.env['amazon.settlement.rule'].with_company(self.company).search([], limit=1)
        rule.account_id = False
        self.env.flush_all()
        load_script(MIGRATION, 'properties').migrate(self.env.cr, '18.0.1.6.0')
        load_script(MIGRATION, 'properties').migrate(self.env.cr, None)
        self.env.invalidate_all()
        self.assertFalse(rule.account_id)
