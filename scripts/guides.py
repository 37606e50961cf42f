"""Write the guides of doc/ as pages that the addon brings along: links of its screens open them.

`guides.py` writes them; the unit tests say when they are not what doc/ has now.
"""

import pathlib
import re

import markdown

ROOT = pathlib.Path(__file__).resolve().parents[1]
TARGET = ROOT / 'amazon_connector' / 'static' / 'guide'
# In the order of the list; the others are for those who read the code.
GUIDES = ('setup', 'orders', 'taxes', 'deliveries', 'returns', 'listings', 'stock-and-prices', 'fba', 'settlements',
          'overview', 'security-and-personal-data')
IMAGES = '../amazon_connector/static/guide/images/'
LINK = re.compile(r'(?<!!)\[(?P<text>[^]]+)\]\((?P<page>[^)#:]*)(?P<anchor>#[^)]*)?\)')
PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="stylesheet" href="guide.css">
</head>
<body>
{head}
{body}
</body>
</html>
"""


def make_guides() -> dict[str, str]:
    """Return the pages by their names below `static/guide`, with a list of all of them as `index.html`."""
    sources = {name: (ROOT / 'doc' / f'{name}.md').read_text() for name in GUIDES}
    titles = {name: source.split('\n', 1)[0].lstrip('# ') for name, source in sources.items()}
    back = '<nav><a href="index.html">All guides</a></nav>'
    pages = {f'{name}.html': PAGE.format(title=titles[name], head=back, body=make_body(source))
             for name, source in sources.items()}
    rows = '\n'.join(f'<li><a href="{name}.html">{title}</a></li>' for name, title in titles.items())
    return {**pages, 'index.html': PAGE.format(title="Guides", head='<h1>Guides</h1>', body=f'<ul>\n{rows}\n</ul>')}


def make_body(source: str) -> str:
    """Return a guide as HTML; what it refers to beyond the guides is named and not linked."""
    source = LINK.sub(_make_link, source.replace(IMAGES, 'images/'))
    return markdown.markdown(source, extensions=['tables', 'toc', 'sane_lists', 'fenced_code'], output_format='html')


def _make_link(link):
    name = link['page'].removesuffix('.md')
    if link['page'] and name not in GUIDES:
        return link['text']
    return f'[{link["text"]}]({name}.html{link["anchor"] or ""})' if name else link[0]


if __name__ == '__main__':
    for page, content in make_guides().items():
        (TARGET / page).write_text(content)
