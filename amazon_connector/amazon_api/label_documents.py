"""Documents of labels: the best one of those offered for a printer, and the content of the one that came."""

import base64
import binascii
import re
import zlib
from typing import NamedTuple

from .errors import Unreadable

MAX_BYTES = 32 * 1024 * 1024
MILLIMETRES = {'INCH': 25.4, 'CENTIMETER': 10.0}
UNITS = {'INCH': 'in', 'CENTIMETER': 'cm'}
# Sizes of printers' labels, in millimetres, the better first: rolls of labels (4 x 6 in, A6), sheets (A4, Letter).
SIZES = {'label': ((101.6, 152.4), (105.0, 148.0)), 'sheet': ((210.0, 297.0), (215.9, 279.4))}
_TOLERANCE = 2.5
# The first bytes of documents, by kind.
FORMS = {
    'PDF': re.compile(rb'%PDF-'),
    'PNG': re.compile(rb'\A\x89PNG\r\n\x1a\n'),
    'ZPL': re.compile(rb'\^XA', re.IGNORECASE),
}


class Printer(NamedTuple):
    """The labels of a printer: `form` is PDF, PNG or ZPL, `size` a key of `SIZES`, `dpi` its resolution, `wanted` the
    title of the size that a person chose.
    """

    form: str
    size: str = 'label'
    dpi: int = 203
    wanted: str = ''


class DocumentOption(NamedTuple):
    """One way in which a carrier makes the label: `own` is what Amazon wants to be sent for it, `width` and `length`
    are in `unit` (0: unknown).
    """

    form: str
    width: float
    length: float
    unit: str
    dpis: tuple
    layouts: tuple
    joinings: tuple
    own: dict

    @property
    def title(self) -> str:
        """Return the size as a text for a person, '' where it is unknown."""
        return f'{self.width:g} × {self.length:g} {UNITS[self.unit]}' if self.width else ''


class LabelDocument(NamedTuple):
    """One document that came with a label; `kind` is Amazon's name of what it is (`LABEL`, `CUSTOM_FORM`, …), `form`
    what its bytes are.
    """

    kind: str
    form: str
    content: bytes


def find_options(options, printer: Printer) -> list[DocumentOption]:
    """Return the options that a printer can print: a label in ZPL is drawn for one resolution, the others can be
    scaled.
    """
    return [
        option
        for option in options
        if option.form == printer.form and (printer.form != 'ZPL' or not option.dpis or printer.dpi in option.dpis)
    ]


def choose_option(options, printer: Printer) -> DocumentOption | None:
    """Return the option that suits the printer best, in whatever order Amazon lists them; None where none does."""
    found = find_options(options, printer)
    found = [option for option in found if option.title == printer.wanted] or found
    return min(
        found,
        key=lambda option: (
            _distance(option, printer),
            printer.dpi not in option.dpis,
            'DEFAULT' not in option.layouts,
            False not in option.joinings,
            repr(option),
        ),
        default=None,
    )


def find_sizes(options, printer: Printer) -> list[str]:
    """Return the sizes that a person should choose from: none where the printer's own is offered, or only one is."""
    found = find_options(options, printer)
    sizes = sorted(
        {option.title for option in found if option.title},
        key=lambda title: min(_distance(option, printer) for option in found if option.title == title),
    )
    return (
        []
        if any(_distance(option, printer) < len(SIZES[printer.size]) for option in found) or len(sizes) < 2
        else sizes
    )


def choose_dpi(option: DocumentOption, printer: Printer) -> int | None:
    """Return the printer's resolution if it is offered, else the finest that is; None where none is named."""
    return printer.dpi if printer.dpi in option.dpis else max(option.dpis, default=None)


def choose_layout(option: DocumentOption) -> str | None:
    """Return the position of the label on its page: the default, else the first by name."""
    return 'DEFAULT' if 'DEFAULT' in option.layouts else min(option.layouts, default=None)


def _distance(option, printer):
    """Return how far a size is from the printer's: its place among the sizes of that kind, else beyond them by the
    difference.
    """
    scale = MILLIMETRES[option.unit]
    sides = option.width * scale, option.length * scale
    for place, wanted in enumerate(SIZES[printer.size]):
        if all(abs(side - other) <= _TOLERANCE for side, other in zip(sides, wanted, strict=True)):
            return place
        if all(abs(side - other) <= _TOLERANCE for side, other in zip(reversed(sides), wanted, strict=True)):
            return place + 0.5
    best = SIZES[printer.size][0]
    return len(SIZES[printer.size]) + abs(sides[0] * sides[1] - best[0] * best[1])


def decode(contents: str, field: str, *, gzipped: bool = False) -> tuple[str, bytes]:
    """Return the kind (PDF, PNG, ZPL) and the bytes of a document; the kind is found in the bytes, not in the name that
    came with them.

    :param str field: where the contents are in the reply
    :raises Unreadable: they are damaged, too large, or of no kind for printers
    """
    try:
        content = base64.b64decode(''.join(contents.split()), validate=True)
        if gzipped:
            inflate = zlib.decompressobj(zlib.MAX_WBITS | 16)
            content = inflate.decompress(content, MAX_BYTES)
            if not inflate.eof:
                raise Unreadable(field, f'{len(content)} bytes of more')
    except (binascii.Error, ValueError, zlib.error) as error:
        raise Unreadable(field, type(error).__name__) from None
    form = next((form for form, begin in FORMS.items() if begin.search(content[:1024])), None)
    if not form:
        raise Unreadable(field, f'{len(content)} bytes')
    return form, content
