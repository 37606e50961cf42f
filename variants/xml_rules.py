"""Rules that change XML: elements are found by XPath, and their text is edited in place, so that the layout of views
stays.
"""

import re
from xml.parsers import expat

from lxml import etree
from python_rules import apply, is_named

TAG = re.compile(r'''<(?P<name>[^\s/>]+)(?P<attributes>(?:\s+[^\s=>]+\s*=\s*(?:"[^"]*"|'[^']*'))*)\s*(?P<empty>/?)>''')


class Document:
    """An XML file: its elements, and where each is in the text."""

    def __init__(self, text: str):
        self.text = text
        self.root = etree.fromstring(text.encode())
        self._spans = dict(zip(self.root.iter(etree.Element), self._find_spans(), strict=True))

    def _find_spans(self):
        content = self.text.encode()
        spans, open_ones = [], []
        parser = expat.ParserCreate()

        def start(_name, _attributes):
            open_ones.append(len(spans))
            spans.append([len(content[:parser.CurrentByteIndex].decode()), None])

        def end(_name):
            # Of an empty element, this is where it begins.
            spans[open_ones.pop()][1] = len(content[:parser.CurrentByteIndex].decode())

        parser.StartElementHandler, parser.EndElementHandler = start, end
        parser.Parse(content, True)
        return [self._close(begin, last) for begin, last in spans]

    def _close(self, begin, last):
        head = TAG.match(self.text, begin)
        if head['empty']:
            return begin, head.end(), head.end(), head.end()
        return begin, head.end(), last, self.text.index('>', last) + 1

    def span(self, element) -> tuple[int, int, int, int]:
        """Return where an element begins, its content begins, its content ends, and it ends."""
        return self._spans[element]


class Xml:
    """Elements that an XPath finds are changed.

    :param str tag: the new name
    :param dict attributes: new values by name; None takes an attribute away; a function gets the old value
    :param bool remove: take the element away, and the line if it had one of its own
    :param str replace: what stands in its place; `{body}` is its content, `{name}` the value of the attribute `name`
    :param text: a function that gets the text in an element without further elements, and returns another
    :param str first, last, after: what is put in as its first or last child, or behind it
    """

    def __init__(self, xpath: str, *, tag=None, attributes=None, remove=False, replace=None, text=None, first=None,
                 last=None, after=None, files='*'):
        self.name = xpath
        self.xpath = etree.XPath(xpath)
        self.tag, self.attributes, self.remove, self.replace = tag, attributes or {}, remove, replace
        self.text = text
        self.first, self.last, self.after = first, last, after
        self.files = files.split()

    def run(self, path: str, text: str) -> tuple[str, int]:
        """Return a file's text after the rule, and how many elements it changed."""
        if not path.endswith('.xml') or not is_named(path, self.files):
            return text, 0
        document = Document(text)
        found = [element for element in self.xpath(document.root) if isinstance(element, etree._Element)]
        edits = [edit for element in found for edit in self._edit(document, element)]
        return apply(text, edits), len(found)

    def _edit(self, document, element):
        begin, inside, inner_end, end = document.span(element)
        text = document.text
        if self.remove:
            return [_widen(text, begin, end)]
        if self.text:
            return [(inside, inner_end, self.text(text[inside:inner_end]))]
        if self.replace is not None:
            values = {**element.attrib, 'body': text[inside:inner_end]}
            return [(begin, end, re.sub(r'\{([\w-]+)\}', lambda hit: values.get(hit[1], ''), self.replace))]
        head = TAG.match(text, begin)
        edits = [(begin, head.end(), self._write_head(head))]
        if inner_end != end and self.tag:
            edits.append((inner_end, end, f'</{self.tag}>'))
        indent = re.search(r'[ \t]*\Z', text[:begin])[0]
        for place, new, deeper in ((inside, self.first, 4), (len(text[:inner_end].rstrip()), self.last, 4),
                                   (end, self.after, 0)):
            if new:
                edits.append((place, place, '\n' + indent + ' ' * deeper + new))
        return [edit for edit in edits if text[edit[0]:edit[1]] != edit[2]]

    def _write_head(self, head):
        attributes = head['attributes']
        for name, value in self.attributes.items():
            old = re.search(rf'''(\s+){re.escape(name)}\s*=\s*(?:"([^"]*)"|'([^']*)')''', attributes)
            new = value(old[2] or old[3] or '') if callable(value) and old else value
            if old:
                attributes = attributes[:old.start()] + (f'{old[1]}{name}="{new}"' if new is not None
                                                         else '') + attributes[old.end():]
            elif new is not None and not callable(new):
                attributes += f' {name}="{new}"'
        return f"<{self.tag or head['name']}{attributes}{head['empty']}>"


def _widen(text, begin, end):
    """Take a line that has nothing else away as a whole."""
    line = re.search(r'\n[ \t]*\Z', text[:begin])
    if line and re.match(r'[ \t]*(\n|\Z)', text[end:]):
        begin = line.start()
    return begin, end, ''
