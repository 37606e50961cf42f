from odoo.tools import SQL
from odoo.tools.sql import column_exists

COLUMNS = {'lwa_client_secret': 'client_secret_stored', 'refresh_token': 'refresh_token_stored'}


def migrate(cr, version):
    """Keep secrets where no field reads them back, and remove those that the wizard left behind."""
    for old, new in COLUMNS.items():
        if column_exists(cr, 'amazon_seller', old) and not column_exists(cr, 'amazon_seller', new):
            names = SQL.identifier(old), SQL.identifier(new)
            cr.execute(SQL("ALTER TABLE amazon_seller RENAME COLUMN %s TO %s", *names))
        cr.execute(SQL("ALTER TABLE IF EXISTS amazon_connect DROP COLUMN IF EXISTS %s", SQL.identifier(old)))
