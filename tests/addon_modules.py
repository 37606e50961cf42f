"""Modules of the addon that import no Odoo, for tests without it: the addon's own package cannot be imported, since it imports Odoo."""

import importlib.util
import pathlib

ADDON = pathlib.Path(__file__).resolve().parents[1] / 'amazon_connector'


def load(name):
    """Return a module by its path in the addon: `load('tests/mutations')`."""
    specification = importlib.util.spec_from_file_location(name.replace('/', '.'), ADDON / f'{name}.py')
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module
