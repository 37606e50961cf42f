"""What Odoo 18 writes otherwise than Odoo 19."""

from constraint_rules import Constraints
from python_rules import Rename, Rewrite, Text
from xml_rules import Xml

SALE_LINES = 'order_line|sold|charge|goods|sale_line'

RULES = [
    Constraints(),

    # Sales: other names of fields.
    Rename('tax_ids', 'tax_id', files='models/sale_order*.py utils/order_plan.py'),
    Rename('tax_ids', 'tax_id', of=SALE_LINES, files='models/amazon_*.py tests/*.py'),
    Rename('tax_ids', 'tax_id', within='order_line', files='tests/*.py'),
    Rename('product_uom_id', 'product_uom', files='models/sale_order*.py utils/order_plan.py utils/settlement_cost.py'),
    Rename('product_uom_id', 'product_uom', of='sold', files='models/amazon_transaction*.py'),

    # Taxes: fiscal positions have lines, see models/account_tax_mapping.py.
    *(Rename(name, f'amazon_{name}') for name in (
        'fiscal_position_ids', 'original_tax_ids', 'replacing_tax_ids', 'is_domestic', 'domestic_fiscal_position_id')),
    Rename('tax_ids', 'amazon_tax_ids', of='position|abroad'),

    # Stock.
    Rewrite("'stock.package'", "'stock.quant.package'"),

    # Users and groups.
    Rename('group_ids', 'groups_id', files='tests/*.py'),
    Rename('all_user_ids', 'users'),
    Xml('//record[@model="res.groups.privilege"]', attributes={'model': 'ir.module.category'}),
    Xml('//record[@model="ir.module.category"]/field[@name="category_id"]', attributes={'name': 'parent_id'}),
    Xml('//record[@model="res.groups"]/field[@name="privilege_id"]', attributes={'name': 'category_id'}),
    Xml('//record[@model="res.groups"]/field[@name="user_ids"]', attributes={'name': 'users'}),
    Xml('//record/field[@name="group_ids"]', attributes={'name': 'groups_id'}),
]
