from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    """Take tax that was withheld on the seller's account out of the fees of sales orders: it is a claim, no cost;
    repeatable.
    """
    env = api.Environment(cr, SUPERUSER_ID, {})
    lines = env['amazon.settlement.line']
    orders = lines._read_group([('rule_id.account_kind', '=', 'withholding'), ('sale_order_id', '!=', False)], [],
                               ['sale_order_id:recordset'])[0][0]
    orders._amazon_update_fees()
