"""The house: Amazon's side knows nothing of Odoo."""

import ast
import pathlib

ADDON = pathlib.Path(__file__).resolve().parents[2] / 'amazon_connector'


def test_no_odoo_import_in_the_client_and_report_layers():
    for path in [*(ADDON / 'amazon_api').rglob('*.py'), *(ADDON / 'amazon_reports').rglob('*.py')]:
        for node in ast.walk(ast.parse(path.read_text())):
            names = ([alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or '']
                     if isinstance(node, ast.ImportFrom) else [])
            assert not any(name.split('.')[0] == 'odoo' for name in names), f'{path.name} imports Odoo'


def test_no_text_of_users_is_inside_another_text():
    """Babel finds no `_("…")` within an f-string: nobody could translate it."""
    for path in ADDON.rglob('*.py'):
        for text in ast.walk(ast.parse(path.read_text())):
            calls = [node for node in ast.walk(text) if isinstance(node, ast.Call)] if isinstance(
                text, ast.JoinedStr) else []
            hidden = [call.lineno for call in calls if getattr(call.func, 'attr', getattr(call.func, 'id', '')) == '_']
            assert not hidden, f'{path.name}:{hidden}'
