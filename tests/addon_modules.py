"""Modules of the addon that import no Odoo, for tests without it: the addon's own package cannot be imported, since it
imports Odoo.
"""

import importlib
import importlib.util
import os
import pathlib
import sys
import types

ADDON = pathlib.Path(os.environ.get('AMAZON_TREE') or pathlib.Path(__file__).resolve().parents[1]) / 'amazon_connector'


def load(name):
    """Return a module by its path in the addon: `load('tests/mutations')`."""
    specification = importlib.util.spec_from_file_location(name.replace('/', '.'), ADDON / f'{name}.py')
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def load_tests(name):
    """Return a module of the addon's tests that imports others of them, but no Odoo: `load_tests('random_year')`."""
    if 'addon_tests' not in sys.modules:
        package = sys.modules['addon_tests'] = types.ModuleType('addon_tests')
        package.__path__ = [str(ADDON / 'tests')]
    return importlib.import_module(f'addon_tests.{name}')
