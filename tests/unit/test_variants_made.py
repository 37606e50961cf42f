"""A change of main that a variant's rules or functions do not fit is seen here, also where there is no older Odoo."""

import importlib
import pathlib
import sys

import pytest
from lxml import etree

VARIANTS = pathlib.Path(__file__).resolve().parents[2] / 'variants'
sys.path.insert(0, str(VARIANTS))
variant = importlib.import_module('variant')


LOWEST = min(int(layer.name) for layer in VARIANTS.iterdir() if layer.name.isdigit())


@pytest.fixture(scope='module')
def files():
    """The files of the lowest series, which is made through all others; each one of Python can be read."""
    return variant.make(LOWEST)


def test_the_variants_can_be_made(files):
    manifest = files['amazon_connector/__manifest__.py'].decode()
    assert f"'version': '{LOWEST}.0." in manifest
    assert 'amazon_connector/compat.py' in files


def read_records(files):
    """Return external id -> model of all records in XML."""
    return {record.get('id'): record.get('model') for path, content in files.items() if path.endswith('.xml')
            for record in etree.fromstring(content).iter('record')}


def test_an_external_id_is_a_record_of_the_same_model_in_each_series(files):
    """Odoo cannot make a record of a newer series where the older one left its id to another model."""
    older, newer = read_records(files), read_records(variant.read_main())
    assert not {name: (model, newer[name]) for name, model in older.items() if newer.get(name, model) != model}
    assert len(older.keys() & newer.keys()) > 200
