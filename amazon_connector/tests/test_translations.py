import pathlib
import re

import polib

from odoo.tests import TransactionCase, tagged
from odoo.tools.translate import TranslationModuleReader

from ..amazon_api.errors import AmazonError
from ..amazon_api.feed_messages import MessageProblem, check_text
from ..amazon_api.words import Words
from ..amazon_reports.text import ReportError, read_header
from ..utils.change import describe_problem
from ..utils.words import explain

ADDON = pathlib.Path(__file__).resolve().parents[1]
MARKS = re.compile(r'%(?:\(\w+\))?[sd%]|</?\w+')


def find_marks(text):
    """Return the places of values and the tags of a text; unnamed values cannot change places."""
    marks = MARKS.findall(text)
    return sorted(mark for mark in marks if mark != '%s'), marks.count('%s')


@tagged('post_install', '-at_install')
class TestTranslations(TransactionCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.languages = {path.stem: {entry.msgid: entry.msgstr for entry in polib.pofile(str(path))}
                         for path in (ADDON / 'i18n').glob('*.po')}

    def test_every_language_is_complete(self):
        self.assertEqual(sorted(self.languages), ['de', 'es', 'fr', 'it'])
        terms = {row[4] for row in TranslationModuleReader(self.env.cr, modules=['amazon_connector'], lang=None)}
        for language, known in self.languages.items():
            missing = sorted(term for term in terms if not known.get(term))
            self.assertFalse(missing, f"not translated into {language}: {missing}")

    def test_values_and_tags_stay(self):
        for language, known in self.languages.items():
            wrong = {term: text for term, text in known.items() if find_marks(term) != find_marks(text)}
            self.assertFalse(wrong, language)


class TestWords(TransactionCase):
    """What the packages without Odoo say is said in the reader's language."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env['res.lang']._activate_lang('fr_FR')
        cls.french = cls.env(context={'lang': 'fr_FR'})

    def test_a_text_in_a_text(self):
        with self.assertRaises(ReportError) as caught:
            read_header(iter([(1, '')]), {}, ('seller-sku',))
        self.assertEqual(explain(self.french, caught.exception),
                         "Il manque au rapport les colonnes seller-sku ; il est vide")
        self.assertEqual(explain(self.env, caught.exception), "The report lacks the columns seller-sku; it is empty")

    def test_what_amazon_wrote_stays(self):
        self.assertEqual(explain(self.french, AmazonError("Access denied to 100 %s")), "Access denied to 100 %s")

    def test_a_message_that_cannot_be_made(self):
        with self.assertRaises(MessageProblem) as caught:
            check_text(Words("The SKU"), '\0')
        self.assertTrue(describe_problem(self.french, caught.exception).startswith("Impossible à envoyer"),
                        caught.exception)
        self.assertIn("Le SKU", describe_problem(self.french, caught.exception))
