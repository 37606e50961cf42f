from odoo.modules.migration import load_script
from odoo.tests import new_test_user, tagged

from .test_stock_push import StockCase

FOLDER = 'amazon_connector/migrations/1.7.0/'


@tagged('post_install', '-at_install')
class TestMigrationPieces(StockCase):
    """An older database goes on selling what it sold, and nobody is asked for each of its packs."""

    def migrate(self):
        """Run both scripts as on a database that had no such columns, as Odoo fills them in between."""
        self.env.flush_all()
        self.env.cr.execute("ALTER TABLE amazon_listing RENAME COLUMN pack_answered TO kept")
        load_script(f'{FOLDER}pre-pieces.py', 'pre_pieces').migrate(self.env.cr, '19.0.1.6.0')
        self.env.cr.execute("ALTER TABLE amazon_listing DROP COLUMN kept")
        self.finish()

    def finish(self):
        self.env.invalidate_all()
        load_script(f'{FOLDER}post-pieces.py', 'post_pieces').migrate(self.env.cr, '19.0.1.6.0')
        self.env.invalidate_all()

    def test_what_was_mapped_is_answered_once(self):
        suspicious = self.make_listing('X-2PK', self.product)
        right = self.make_listing('X-3PK', self.product, pack_quantity=3)
        unmapped = self.make_listing('Y-4PK')
        self.env.flush_all()
        self.env.cr.execute("UPDATE amazon_listing SET pack_quantity = 1 WHERE id = %s", [unmapped.id])
        self.assertEqual(suspicious.pack_check, 'ask')
        self.migrate()
        self.assertEqual((suspicious.pack_check, suspicious.pack_quantity, right.pack_check, unmapped.pack_quantity),
                         ('differs', 1, False, 4))
        self.assertEqual(self.pushed(self.send()), {'X-2PK': 100, 'X-3PK': 33})
        self.assertEqual(self.seller.activity_ids.mapped('summary'), ["Check the pieces of packs"])
        self.assertIn('1', self.seller.activity_ids.note)

    def test_the_task_is_in_the_language_of_its_person(self):
        self.env['res.lang']._activate_lang('fr_FR')
        self.seller.user_id = new_test_user(self.env, login='pieces_french', lang='fr_FR',
                                            groups='amazon_connector.group_amazon_user', company_id=self.company.id,
                                            company_ids=[(6, 0, self.company.ids)])
        self.make_listing('X-2PK', self.product)
        self.migrate()
        self.assertEqual(self.seller.activity_ids.summary, "Vérifiez les pièces des lots")

    def test_what_is_asked_afterwards_stays_a_question(self):
        """Odoo runs the scripts again when a database moves to its next series."""
        self.make_listing('X-3PK', self.product, pack_quantity=3)
        self.migrate()
        asked = self.make_listing('Z-2PK', self.product)
        self.env.flush_all()
        load_script(f'{FOLDER}pre-pieces.py', 'pre_pieces').migrate(self.env.cr, '18.0.1.7.0')
        self.finish()
        self.assertEqual((asked.pack_check, self.seller.activity_ids.ids), ('ask', []))
