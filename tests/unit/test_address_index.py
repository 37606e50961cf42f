"""Addresses of buyers are found in texts, however many there are."""

import random
import re

import pytest
from utils import address_index
from utils.address_index import AddressIndex, is_named

ADDRESSES = [('hauptstraße 9',), ('10115', 'berlin'), ('a1@marketplace.amazon.de',), ('+49 30 40123987',),
             ('(030) 555-77',), ('12 main st.',), ('§§§§',)]


@pytest.mark.parametrize(('text', 'expected'), [
    ('to: hauptstraße 9, berlin', True), ('hauptstraße 99', False), ('xhauptstraße 9', False),
    ('hauptstraße  9', False), ('10115 in berlin', True), ('10115 hamburg', False), ('greetings from berlin', False),
    ('<a1@marketplace.amazon.de>', True), ('ba1@marketplace.amazon.de', False), ('a1@marketplace.amazon.de.x', True),
    ('call +49 30 40123987!', True), ('call 49 30 40123987', False), ('x(030) 555-77', False), ('(030) 555-77', True),
    ('12 main st.', True), ('12 main st', False), ('12 main st.x', False), ('a §§§§ b', True), ('', False)])
def test_what_stands_in_a_text(text, expected):
    assert AddressIndex(ADDRESSES).is_named_in(text) is expected
    assert any(is_named(text, address) for address in ADDRESSES) is expected


def test_it_finds_what_a_search_for_each_finds():
    chance = random.Random(1)
    pieces = ['ab', 'ba', '12', '1', ' ', '-', '.', '+', '@', 'ß']

    def make():
        return ''.join(chance.choice(pieces) for _piece in range(chance.randint(1, 5)))

    for _round in range(3000):
        addresses = {tuple(make() for _part in range(chance.randint(1, 2))) for _address in range(4)}
        text = ''.join(make() for _part in range(6))
        assert AddressIndex(addresses).is_named_in(text) == any(is_named(text, found) for found in addresses)


def test_the_work_does_not_grow_with_the_addresses(monkeypatch):
    searched, search = [], re.search
    monkeypatch.setattr(address_index.re, 'search', lambda *arguments: searched.append(1) or search(*arguments))
    index = AddressIndex()
    for number in range(5000):
        index.add([(f'street of roses {number}',), (f'{number:05}', 'berlin'), (f'b{number}@marketplace.amazon.de',),
                   (f'+49 30 {number:07}',)])
    for number in range(0, 5000, 50):
        assert not index.is_named_in(f'dear buyer of street of roses, 49 30, berlin, marketplace.amazon.de, {number}x')
        assert index.is_named_in(f'send it to {number:05} berlin, street of roses {number}')
    assert len(searched) <= 300
