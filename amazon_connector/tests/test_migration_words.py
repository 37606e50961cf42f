from odoo.modules.migration import load_script
from odoo.tools import SQL
from odoo.tools.sql import column_exists, index_exists, make_index_name

from .common import AmazonCase

words = load_script('amazon_connector/migrations/1.6.0/pre-words.py', 'words')
DOMAIN = "[('stock_pushed_date', '>=', '2026-01-01'), ('quantity_pushed', '=', 7), ('status', '=', 'removed')]"
ARCH = '''<form>
    <field name="status"/>
    <field name="price_pushed_value" invisible="status == 'removed'"/>
</form>'''


class TestMigrationWords(AmazonCase):
    """Fields get other names: what earlier versions and users stored under the old ones is found under the new ones."""

    def setUp(self):
        super().setUp()
        self.listing = self.make_listing('SKU-A', self.product, stock_pushed={'quantity': 7}, status='removed')
        self.filter = self.env['ir.filters'].create({
            'name': "Pushed today",
            'model_id': 'amazon.listing',
            'context': "{'group_by': ['stock_pushed_date:day']}",
            'domain': DOMAIN,
        })
        self.view = self.env['ir.ui.view'].create(
            {'name': "of a user", 'model': 'amazon.listing', 'type': 'form', 'arch': ARCH}
        )
        self.env.flush_all()

    def undo(self):
        """Bring the database into the state of the version before."""
        for new, old in ((new, old) for old, new in words.MODELS.items()):
            words._rename_model(self.cr, new, old)
        for model, names in words.FIELDS.items():
            before = {new: old for old, new in names.items()}
            old_model = {new: old for old, new in words.MODELS.items()}.get(model, model)
            for new, old in before.items():
                words._rename_field(self.cr, old_model, new, old)
            words._replace_in_texts(self.cr, old_model, {rf'\m{new}\M': old for new, old in before.items()})
        for (model, field), values in words.VALUES.items():
            for old, new in values.items():
                words._rename_value(self.cr, model, field, new, old)
                words._replace_in_texts(self.cr, model, {f"'{new}'": f"'{old}'"})

    def ids(self):
        self.cr.execute("""
            SELECT data.name, data.res_id
              FROM ir_model_data data
             WHERE data.module = 'amazon_connector'
               AND data.model IN ('ir.model', 'ir.model.fields', 'ir.model.fields.selection')""")
        return set(self.cr.fetchall())

    def test_columns_and_names_follow(self):
        before = self.ids()
        self.undo()
        self.assertFalse(column_exists(self.cr, 'amazon_listing', 'stock_pushed'))
        self.assertNotEqual(self.ids(), before)
        for _time in range(2):
            words.migrate(self.cr, '19.0.1.5.0')
            self.assertEqual(self.ids(), before)
        self.env.invalidate_all()
        self.assertEqual((self.listing.stock_pushed, self.listing.quantity_pushed, self.listing.status),
                         ({'quantity': 7}, 7, 'removed'))
        for model, names in words.FIELDS.items():
            for name in names.values():
                self.assertTrue(self.env['ir.model.fields']._get(model, name), name)

    def test_what_users_stored_follows(self):
        domain, context, arch = self.filter.domain, self.filter.context, self.view.arch_db
        self.undo()
        self.env.invalidate_all()
        self.assertIn("('stock_sent_date', '>=', '2026-01-01'), ('quantity_sent', '=', 7), ('status', '=', 'gone')",
                      self.filter.domain)
        self.assertIn('price_sent_value', self.view.arch_db)
        for _time in range(2):
            words.migrate(self.cr, '19.0.1.5.0')
            self.env.invalidate_all()
            self.assertEqual((self.filter.domain, self.filter.context, self.view.arch_db), (domain, context, arch))

    def test_the_question_for_a_tax_keeps_what_amazon_stated(self):
        order = self.env['amazon.order'].create({
            'seller_id': self.seller.id, 'amazon_order_ref': '1-1-1',
            'tax_question': {'kind': 'rate', 'told': ['1', '1']}})
        order.flush_recordset()
        for _time in range(2):
            words.migrate(self.cr, '19.0.1.5.0')
            order.invalidate_recordset()
            self.assertEqual(order.tax_question, {'kind': 'rate', 'stated': ['1', '1']})

    def test_an_index_keeps_its_field(self):
        self.cr.execute(SQL("CREATE INDEX %s ON amazon_listing (stock_pushed_date)",
                            SQL.identifier(make_index_name('amazon_listing', 'stock_pushed_date'))))
        self.undo()
        words.migrate(self.cr, '19.0.1.5.0')
        self.assertTrue(index_exists(self.cr, make_index_name('amazon_listing', 'stock_pushed_date')))
        self.assertFalse(index_exists(self.cr, make_index_name('amazon_listing', 'stock_sent_date')))
