"""Fields of replies: what is there is read as its type, what is missing or null is the default, and nothing else
passes.
"""

import datetime
from decimal import Decimal

import pytest
from amazon_api.errors import Unreadable
from amazon_api.reading import Part, name_of, read_each

UTC = datetime.timezone.utc
GOOD = [
    ('text', 'a', 'a'),
    ('text', ' a ', 'a'),
    ('text', 7, '7'),
    ('text', 0, '0'),
    ('number', 5, Decimal(5)),
    ('number', -0.1, Decimal('-0.1')),
    ('number', 10**12 - 1, Decimal(10**12 - 1)),
    ('number', 1 - 10**12, Decimal(1 - 10**12)),
    ('flag', True, True),
    ('flag', False, False),
    ('time', '2026-10-01T12:00:00Z', datetime.datetime(2026, 10, 1, 12, tzinfo=UTC)),
    ('time', '2026-10-01T12:00:00+02:00', datetime.datetime(2026, 10, 1, 10, tzinfo=UTC)),
    ('time', '2026-10-01T12:00:00', datetime.datetime(2026, 10, 1, 12, tzinfo=UTC)),
]
BAD = [
    *(('text', value) for value in (True, False, 1.5, [], ['a'], {})),
    *(
        ('number', value)
        for value in (True, False, '5', [], {}, 10**12, -(10**12), 10**400, float('nan'), float('inf'), -float('inf'))
    ),
    *(('flag', value) for value in (0, 1, 'true', [], {})),
    *(('time', value) for value in ('yesterday', '2026-13-01T00:00:00Z', 5.5, True)),
    *(('part', value) for value in ('a', 5, True, [], [{}])),
    *(('entries', value) for value in ('a', 5, True, {})),
    *(('parts', value) for value in ([1], [None], 'a')),
]


@pytest.mark.parametrize(('kind', 'value', 'read'), GOOD)
def test_good(kind, value, read):
    assert getattr(Part({'x': value}), kind)('x') == read
    assert getattr(Part({'x': value}), kind)('x', None) == read


@pytest.mark.parametrize(('kind', 'value'), BAD)
def test_bad(kind, value):
    for default in ((), (None,)):
        with pytest.raises(Unreadable) as refused:
            getattr(Part({'x': value}, 'reply'), kind)('x', *default)
        assert refused.value.field.startswith('reply/x')
        assert refused.value.found


@pytest.mark.parametrize('kind', ['text', 'number', 'flag', 'time', 'part', 'entries', 'parts'])
def test_missing(kind):
    for value in ({}, {'x': None}):
        with pytest.raises(Unreadable, match='^x is missing$'):
            getattr(Part(value), kind)('x')
    assert getattr(Part({}), kind)('x', None) == ([] if kind in ('entries', 'parts') else None) or kind == 'part'
    assert Part({}).part('x', None).value == {}
    assert (Part({'x': ''}).text('x', 'default'), Part({'x': '  '}).text('x', 'default')) == ('default', 'default')
    assert Part({'x': False}).flag('x', True) is False
    assert Part({'x': 0}).number('x', 5) == 0
    with pytest.raises(Unreadable, match='missing'):
        Part({'x': ' '}).text('x')


def test_lists():
    part = Part({'x': [{'a': 1}, {'a': 2}], 'y': ['b', 'c'], 'z': [1, True]}, 'reply')
    assert part.entries('x') == [({'a': 1}, 'reply/x/0'), ({'a': 2}, 'reply/x/1')]
    assert [entry.number('a') for entry in part.parts('x')] == [1, 2]
    assert part.values('y', str) == ('b', 'c')
    assert Part({'x': [True, False]}).values('x', bool) == (True, False)
    for name, kind in (('y', int), ('z', int), ('z', bool), ('x', str)):
        with pytest.raises(Unreadable, match=f'reply/{name}/'):
            part.values(name, kind)
    good, [(value, fault)] = read_each(
        [({'a': 1}, '0'), ({'a': 'x'}, '1'), ({'a': 3}, '2')], lambda entry: entry.number('a')
    )
    assert (good, value, fault.field) == ([1, 3], {'a': 'x'}, '1/a')
    assert part.names() == ['x', 'y', 'z']


def test_what_is_shown_of_it():
    """A person sees what was wrong, and nothing long or nested."""
    for value, shown in (
        ({'a': 1}, '{…}'),
        ([1], '[…]'),
        ('x' * 28, repr('x' * 28)),
        ('x' * 29, "'" + 'x' * 28 + '…'),
        (True, 'True'),
    ):
        with pytest.raises(Unreadable) as refused:
            Part({'x': value}).number('x')
        assert refused.value.found == shown
    with pytest.raises(Unreadable, match='^answer'):
        Part([])
    assert name_of({'a': 'UPS', 'b': 5, 'c': 'Ground', 'd': ''}, 'a', 'b', 'c', 'd', 'e') == 'UPS Ground'
    assert name_of(None, 'a') == ''
