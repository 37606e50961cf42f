"""The mutations of `amazon_connector/tests/mutations.py`, which imports no Odoo, for tests without it."""

import importlib.util
import pathlib

PATH = pathlib.Path(__file__).resolve().parents[2] / 'amazon_connector' / 'tests' / 'mutations.py'
_specification = importlib.util.spec_from_file_location('mutations', PATH)
_module = importlib.util.module_from_spec(_specification)
_specification.loader.exec_module(_module)
mutations = _module.mutations
mutate = _module.mutate
