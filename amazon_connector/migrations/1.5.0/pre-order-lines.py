"""What a line of an Amazon order is stood in a key of text ("12345/DISCOUNT/ITEM"); it becomes fields.

Odoo drops the column of the key with its field.
"""

import json

from odoo.tools.sql import column_exists, create_column

COLUMNS = {'amazon_charge': 'varchar', 'amazon_charge_of': 'varchar', 'amazon_part': 'int4'}
# Fixed here, as they were when the keys were written.
NAMES = {
    'ITEM': 'item',
    'SHIPPING': 'shipping',
    'GIFT_WRAP': 'gift_wrap',
    'DISCOUNT': 'discount',
    'DELIVERY_TIP': 'tip',
    'COD_FEE': 'cod_fee',
    'TAX': 'tax',
    'NOTE': 'note',
}


def migrate(cr, version):
    """Fill the fields that replace `amazon_line_key` and the list of programs, before anything reads them; done again,
    it changes nothing more.
    """
    if not column_exists(cr, 'sale_order', 'amazon_is_ship_plus'):
        create_column(cr, 'sale_order', 'amazon_is_ship_plus', 'bool')
        cr.execute("""
            UPDATE sale_order
               SET amazon_is_ship_plus = TRUE
             WHERE 'FBM_SHIP_PLUS' = ANY (string_to_array(amazon_programs, ', '))""")
    if not column_exists(cr, 'sale_order_line', 'amazon_line_key'):
        return
    for name, kind in COLUMNS.items():
        if not column_exists(cr, 'sale_order_line', name):
            create_column(cr, 'sale_order_line', name, kind)
    cr.execute(
        """
        WITH parsed AS (
            SELECT id, order_id, split_part(amazon_line_key, '/', 1) AS item,
                   split_part(amazon_line_key, '/', 2) AS kind, split_part(amazon_line_key, '/', 3) AS reduced
              FROM sale_order_line
             WHERE amazon_line_key IS NOT NULL AND amazon_charge IS NULL
        ), named AS (
            SELECT id, order_id, item,
                   CASE WHEN kind = 'ITEM' AND reduced = 'ITEM' THEN 'other'
                        ELSE COALESCE(%(names)s::jsonb ->> kind, 'other') END AS charge,
                   CASE WHEN kind = 'NOTE' THEN 'item'
                        ELSE COALESCE(%(names)s::jsonb ->> COALESCE(NULLIF(reduced, ''), kind), 'other')
                   END AS charge_of
              FROM parsed
        ), numbered AS (
            SELECT *, ROW_NUMBER() OVER (PARTITION BY order_id, item, charge, charge_of ORDER BY id) - 1 AS part
              FROM named
        )
        UPDATE sale_order_line line
           SET amazon_item_ref = COALESCE(line.amazon_item_ref, NULLIF(numbered.item, '')),
               amazon_charge = numbered.charge, amazon_charge_of = numbered.charge_of, amazon_part = numbered.part
          FROM numbered
         WHERE line.id = numbered.id""",
        {'names': json.dumps(NAMES)},
    )
