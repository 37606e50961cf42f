"""What people read of the modules that know no Odoo can be said in another language."""

import ast
import pathlib

import pytest
from amazon_api.words import _
from amazon_reports.text import ReportError, read_header

ADDON = pathlib.Path(__file__).parents[2] / 'amazon_connector'
MODULES = sorted([*ADDON.glob('amazon_api/*.py'), *ADDON.glob('amazon_reports/*.py')])
# Their text is for engineers: they name a path, a kind or a class, and are put in words elsewhere, or never get out of
# their module.
FOR_ENGINEERS = {'ShapeError', 'AbsentError', 'Unreadable', 'ProceedsError', 'AssertionError'}


def untranslatable(source: str, ignored=FOR_ENGINEERS) -> list[str]:
    """Return the places of exceptions whose text was written without `_`."""
    found = []
    for node in ast.walk(ast.parse(source)):
        call = node.exc if isinstance(node, ast.Raise) else None
        if not isinstance(call, ast.Call) or not call.args or getattr(call.func, 'id', '') in ignored:
            continue
        text = call.args[0]
        written = [part.value for part in getattr(text, 'values', [text]) if isinstance(part, ast.Constant)]
        if any(isinstance(part, str) and ' ' in part for part in written):
            found.append(f'{node.lineno}: {ast.unparse(call)[:80]}')
    return found


@pytest.mark.parametrize('path', MODULES, ids=lambda path: path.name)
def test_exceptions_for_people_are_written_with_their_source(path):
    assert not untranslatable(path.read_text(encoding='utf-8'),
                              FOR_ENGINEERS | ({'ValueError'} if path.parent.name == 'amazon_api' else set()))


def test_the_search_sees_literals_and_formatted_texts():
    source = ('raise AmazonError("It is so")\nraise AmazonError(f"It is {so}")\nraise AmazonError(_("It is so"))\n'
              'raise KeyError(name)')
    assert [place[0] for place in untranslatable(source)] == ['1', '2']


def test_words_keep_source_and_values():
    words = _("Line %(number)s: %(reason)s", number=7, reason=_("it is %(what)s", what="odd"))
    assert (words, words.source, words.values['reason'].source) == ("Line 7: it is odd", "Line %(number)s: %(reason)s",
                                                                    "it is %(what)s")


def test_a_per_cent_sign_without_values_stays():
    assert _("100 % of it") == "100 % of it"


def test_errors_are_read_as_before():
    with pytest.raises(ReportError, match="^The report lacks the columns sku; it has: a, b$") as caught:
        read_header(iter([(1, 'a\tb')]), {}, ('sku',))
    assert caught.value.args[0].values['columns'] == 'sku'
