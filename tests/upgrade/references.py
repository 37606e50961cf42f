"""By what records of Odoo are the same in two databases: table -> a query for their ids and names.

Names that several records have are told apart by the order of their ids.
"""

# Odoo 18 keeps the codes of accounts by company (its root), and 19 names packages otherwise.
KEYS = {
    'res_users': "SELECT id, login FROM res_users",
    'res_currency': "SELECT id, name FROM res_currency",
    'res_company': "SELECT id, name FROM res_company",
    'res_country': "SELECT id, code FROM res_country",
    'res_partner': "SELECT id, COALESCE(amazon_key, name) FROM res_partner",
    'product_template': "SELECT id, COALESCE(default_code, name->>'en_US') FROM product_template",
    'product_product': """
        SELECT product.id, COALESCE(product.default_code, template.name->>'en_US')
          FROM product_product product JOIN product_template template ON template.id = product.product_tmpl_id""",
    'product_pricelist': "SELECT id, CONCAT(company_id, name->>'en_US') FROM product_pricelist",
    'crm_team': "SELECT id, CONCAT(company_id, name->>'en_US') FROM crm_team",
    'ir_attachment': "SELECT id, CONCAT(res_model, LENGTH(name)) FROM ir_attachment WHERE res_model = 'stock.picking'",
    'account_account': """
        SELECT account.id, CONCAT(code.key, CASE WHEN name->>'en_US' LIKE 'Amazon: %' THEN name->>'en_US'
                                                 ELSE code.value END)
          FROM account_account account, jsonb_each_text(account.code_store) code""",
    'account_journal': "SELECT id, CONCAT(company_id, code) FROM account_journal",
    'account_tax': """
        SELECT id, CONCAT(company_id, country_id, type_tax_use, ROUND(amount, 2), name->>'en_US') FROM account_tax""",
    'account_fiscal_position': "SELECT id, CONCAT(company_id, country_id, name->>'en_US') FROM account_fiscal_position",
    'account_payment_term': "SELECT id, name->>'en_US' FROM account_payment_term",
    'account_move': "SELECT id, CONCAT(company_id, move_type, ref, invoice_origin) FROM account_move",
    'account_move_line': """
        SELECT item.id, CONCAT(move.company_id, move.move_type, move.ref, move.invoice_origin, item.balance)
          FROM account_move_line item JOIN account_move move ON move.id = item.move_id""",
    'account_bank_statement_line': "SELECT id, payment_ref FROM account_bank_statement_line",
    # Names of those by country are in the words of each Odoo.
    'stock_location': """
        SELECT location.id, CONCAT(company_id, COALESCE(amazon_kind || country.code, location.name), usage)
          FROM stock_location location LEFT JOIN res_country country ON country.id = location.amazon_country_id""",
    'stock_picking_type': "SELECT id, CONCAT(warehouse_id, name->>'en_US') FROM stock_picking_type",
    'stock_lot': "SELECT id, CONCAT(company_id, name) FROM stock_lot",
    'stock_scrap': "SELECT id, CONCAT(company_id, origin) FROM stock_scrap",
    'stock_warehouse': "SELECT id, company_id::text FROM stock_warehouse",
    'stock_picking': "SELECT id, amazon_order_ref FROM stock_picking",
    'stock_package': "SELECT id, name FROM stock_package",
    'stock_package_type': "SELECT id, name FROM stock_package_type",
    'sale_order': "SELECT id, name FROM sale_order",
    'sale_order_line': """
        SELECT line.id, CONCAT(sale.name, line.amazon_item_ref, line.amazon_charge, line.amazon_part)
          FROM sale_order_line line JOIN sale_order sale ON sale.id = line.order_id""",
    'stock_move': """
        SELECT move.id, CONCAT(COALESCE(picking.amazon_order_ref, CONCAT(
                   move.origin, move.amazon_ledger_ref, source.amazon_kind, target.amazon_kind)), product.default_code)
          FROM stock_move move LEFT JOIN stock_picking picking ON picking.id = move.picking_id
          JOIN stock_location source ON source.id = move.location_id
          JOIN stock_location target ON target.id = move.location_dest_id
          JOIN product_product product ON product.id = move.product_id""",
    'delivery_carrier': "SELECT id, name->>'en_US' FROM delivery_carrier",
    'resource_calendar': "SELECT id, name FROM resource_calendar",
}
# How older series keep what has another name, from the series of the key down.
KEYS_BEFORE = {
    18: dict.fromkeys(('stock_package', 'stock_quant_package'), "SELECT id, name FROM stock_quant_package"),
    17: {'account_account': """
        SELECT id, CONCAT(company_id, CASE WHEN name->>'en_US' LIKE 'Amazon: %' THEN name->>'en_US' ELSE code END)
          FROM account_account"""},
}


def get_keys(series: int) -> dict[str, str]:
    """Return the queries of a series."""
    keys = dict(KEYS)
    for before, others in KEYS_BEFORE.items():
        if series <= before:
            keys |= others
    return keys
