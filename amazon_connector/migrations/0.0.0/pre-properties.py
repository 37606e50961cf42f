"""What rules of settlements have by company are properties in Odoo 17 and columns since 18.

Odoo's upgrade service moves them, OpenUpgrade only those that a module names. The folder's name lets this run on each
upgrade: a version of the addon that comes from Odoo 17 may be any.
"""

from odoo.tools import SQL
from odoo.tools.sql import column_exists, create_column, table_exists

COLUMNS = ('account_id', 'tax_id', 'partner_id')


def migrate(cr, version):
    """Take the accounts, taxes and partners of rules from properties, before the data of rules is loaded: settlements
    whose rules lack an account wait. What a column has already stays.
    """
    if not (version or '').startswith('17.0.') or not table_exists(cr, 'ir_property'):
        return
    for name in COLUMNS:
        if not column_exists(cr, 'amazon_settlement_rule', name):
            create_column(cr, 'amazon_settlement_rule', name, 'jsonb')
        cr.execute(SQL(
            """UPDATE amazon_settlement_rule rule
                  SET %(column)s = property.vals || COALESCE(rule.%(column)s, '{}')
                 FROM (SELECT SPLIT_PART(res_id, ',', 2)::integer AS rule_id,
                              JSONB_OBJECT_AGG(company_id, SPLIT_PART(value_reference, ',', 2)::integer) AS vals
                         FROM ir_property
                        WHERE name = %(name)s AND res_id LIKE %(rules)s
                          AND company_id IS NOT NULL AND value_reference IS NOT NULL
                     GROUP BY 1) property
                WHERE property.rule_id = rule.id""",
            column=SQL.identifier(name), name=name, rules='amazon.settlement.rule,%'))
