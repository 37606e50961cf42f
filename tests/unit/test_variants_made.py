"""A change of main that a variant's rules or functions do not fit is seen here, also where there is no older Odoo."""

import importlib
import pathlib
import sys

VARIANTS = pathlib.Path(__file__).resolve().parents[2] / 'variants'
sys.path.insert(0, str(VARIANTS))
variant = importlib.import_module('variant')


def test_the_variants_can_be_made():
    """The lowest is made through all others; each file of it is Python that can be read."""
    lowest = min(int(layer.name) for layer in VARIANTS.iterdir() if layer.name.isdigit())
    files = variant.make(lowest)
    manifest = files['amazon_connector/__manifest__.py'].decode()
    assert f"'version': '{lowest}.0." in manifest
    assert 'amazon_connector/compat.py' in files
