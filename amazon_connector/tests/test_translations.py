import pathlib

import polib

from odoo.tests import TransactionCase, tagged
from odoo.tools.translate import TranslationModuleReader

ADDON = pathlib.Path(__file__).resolve().parents[1]


@tagged('post_install', '-at_install')
class TestTranslations(TransactionCase):

    def test_french_is_complete(self):
        french = {entry.msgid: entry.msgstr for entry in polib.pofile(str(ADDON / 'i18n' / 'fr.po'))}
        terms = {row[4] for row in TranslationModuleReader(self.env.cr, modules=['amazon_connector'], lang=None)}
        missing = sorted(term for term in terms if not french.get(term))
        self.assertFalse(missing, f"not translated into French: {missing}")
