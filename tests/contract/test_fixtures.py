"""Every shape of order in the addon's own tests is one that Amazon's models allow (A30)."""

import importlib.util
import pathlib

from simulator import amazon_models

PATH = pathlib.Path(__file__).resolve().parents[2] / 'amazon_connector' / 'tests' / 'payloads.py'


def test_the_addons_payloads_are_valid():
    specification = importlib.util.spec_from_file_location('payloads', PATH)
    payloads = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(payloads)
    for example in payloads.examples():
        assert amazon_models.problems('orders_2026-01-01', 'Order', example) == []
