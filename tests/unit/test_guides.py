"""The guides that the addon brings along are those of doc/, and what links to them finds its place."""

import re

import guides
import pytest

ADDON = guides.ROOT / 'amazon_connector'
PAGES = guides.make_guides()
LINKED = re.compile(r'''/amazon_connector/static/guide/([\w.-]+(?:#[\w-]+)?)''')


def find_links():
    """Return (file, page and anchor) of each link to a guide in the addon."""
    links = [(path.name, link) for folder in ('views', 'wizards') for path in (ADDON / folder).glob('*.xml')
             for link in LINKED.findall(path.read_text())]
    steps = (ADDON / 'models' / 'amazon_setup_step.py').read_text()
    return links + [('amazon_setup_step.py', link) for link in re.findall(r"'([\w-]+\.html(?:#[\w-]+)?)'", steps)]


def exists(link):
    page, _hash, anchor = link.partition('#')
    return page in PAGES and (not anchor or f' id="{anchor}"' in PAGES[page])


@pytest.mark.parametrize('page', PAGES)
def test_pages_are_what_doc_has(page):
    assert (guides.TARGET / page).read_text() == PAGES[page], "run `make guides`"


def test_links_of_screens():
    links = find_links()
    assert len(links) > 50
    assert [(file, link) for file, link in links if not exists(link)] == []


@pytest.mark.parametrize('page', PAGES)
def test_links_and_images_of_pages(page):
    for link in re.findall(r'href="([^"]+)"', PAGES[page]):
        assert '://' in link or link == 'guide.css' or exists(page + link if link.startswith('#') else link), link
    for image in re.findall(r'src="([^"]+)"', PAGES[page]):
        assert (guides.TARGET / image).is_file()


def test_what_is_no_guide_is_named():
    assert guides.make_body("See [the decision](decisions/001-x.md).") == '<p>See the decision.</p>'
    assert guides.make_body("See [claims](fba.md#claims).") == '<p>See <a href="fba.html#claims">claims</a>.</p>'
