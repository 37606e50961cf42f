"""What happens before the addon is uninstalled: Odoo's own documents stay as they are."""

# Odoo deletes the records of the data files before it drops the tables, whose rows would hold them.
OWN_RESTRICTIONS = r"""
    SELECT conrelid::regclass::text, conname FROM pg_constraint
     WHERE contype = 'f' AND confdeltype = 'r' AND conrelid::regclass::text LIKE 'amazon\_%'"""


def uninstall_hook(env):
    """Leave no tax that changes other sales, keep the products that documents use, and let all else go in any order."""
    env['account.tax']._amazon_archive_twins()
    _keep_used_products(env)
    env.cr.execute(OWN_RESTRICTIONS)
    for table, name in env.cr.fetchall():
        env.cr.execute(f'ALTER TABLE "{table}" DROP CONSTRAINT "{name}"')


def _keep_used_products(env):
    """Make the products of charges that sales orders or documents use the user's own."""
    names = env['ir.model.data'].search([('module', '=', 'amazon_connector'), ('model', '=', 'product.product')])
    products = env['product.product'].with_context(active_test=False).browse(names.mapped('res_id')).exists()
    used = env['sale.order.line'].search([('product_id', 'in', products.ids)]).product_id
    used |= env['account.move.line'].search([('product_id', 'in', products.ids)]).product_id
    templates = env['ir.model.data'].search([('module', '=', 'amazon_connector'), ('model', '=', 'product.template'),
                                             ('res_id', 'in', used.product_tmpl_id.ids)])
    (templates | names.filtered(lambda name: name.res_id in used.ids)).unlink()
