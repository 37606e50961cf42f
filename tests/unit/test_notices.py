"""Notices of the web client are made in one place, which keeps the lines of their text."""

import pathlib

ADDON = pathlib.Path(__file__).parents[2] / 'amazon_connector'


def test_notices_are_made_in_one_place():
    found = [str(path.relative_to(ADDON)) for path in sorted(ADDON.rglob('*.py'))
             if 'tests' not in path.parts[:-1] and 'display_notification' in path.read_text(encoding='utf-8')]
    assert found == ['utils/notices.py']


def test_the_style_that_keeps_lines_is_that_of_the_notices():
    name = 'o_amazon_notice'
    assert name in (ADDON / 'utils' / 'notices.py').read_text(encoding='utf-8')
    assert f'.{name} ' in (ADDON / 'static' / 'src' / 'notices.scss').read_text(encoding='utf-8')
