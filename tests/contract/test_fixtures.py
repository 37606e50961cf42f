"""Every shape of order in the addon's own tests is one that Amazon's models allow (A30)."""

from addon_modules import load
from simulator import amazon_models


def test_the_addons_payloads_are_valid():
    for example in load('tests/payloads').examples():
        assert amazon_models.problems('orders_2026-01-01', 'Order', example) == []
