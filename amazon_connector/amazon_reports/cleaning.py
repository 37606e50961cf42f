"""What is kept of Amazon's documents: nothing that names or describes people, and no document of another kind.

Amazon has delivered the addresses of buyers under the id of a report of returns. So each document is looked at before
it is stored. Of what Amazon shipped to buyers, the columns that are read are kept; of the rest all but columns whose
name says that they are about people, and what buyers write.
"""

from . import (
    customer_returns,
    fba_returns,
    fulfilled_shipments,
    ledger,
    ledger_summary,
    listings,
    reimbursements,
    removal_orders,
    removal_shipments,
    replacements,
    settlement,
)
from .flat_file import FlatFile
from .text import find_encoding, make_storable, names_people, read_header, read_lines

# Type of report -> its layout, fields that are left out although they are known, and whether columns are kept that are
# not known.
REDUCED = {
    fulfilled_shipments.REPORT_TYPE: (fulfilled_shipments.LAYOUT, (), False),
    fba_returns.REPORT_TYPE: (fba_returns.LAYOUT, ('comments',), True),
    customer_returns.REPORT_TYPE: (customer_returns.LAYOUT, (), True),
    replacements.REPORT_TYPE: (replacements.LAYOUT, (), True),
}
LAYOUTS = {module.REPORT_TYPE: module.LAYOUT for module in (
    ledger, ledger_summary, reimbursements, removal_orders, removal_shipments)}
# Type of report -> other names of its columns, the columns that it must have, and how its text is encoded.
TABLES = {
    listings.REPORT_TYPE: (listings.ALIASES, listings.REQUIRED, find_encoding),
    settlement.REPORT_TYPE: ({}, settlement.REQUIRED, settlement.find_encoding_of),
}
TYPES = frozenset((*REDUCED, *LAYOUTS, *TABLES))
# A row whose values may be shifted: a problem for its reader.
SHIFTED = '?'


def clean(report_type: str, content: bytes, charset: str = '') -> tuple[bytes, str]:
    """Return what may be stored of a document, and the name of its character set.

    :param str report_type: one of `TYPES`
    :param str charset: the name that came with the document, '' for none
    :raises EmptyReport: there is not even a header
    :raises ReportError: this is no such report
    """
    if report_type in REDUCED:
        layout, left_out, with_unknown = REDUCED[report_type]
        fields = [field for field in layout.columns if field not in left_out]
        return _encode(FlatFile(content, charset, layout).reduce(fields, with_unknown)), 'utf-8'
    if report_type in LAYOUTS:
        lines = FlatFile(content, charset, LAYOUTS[report_type]).drop_people()
    else:
        lines = _drop_people(content, charset, *TABLES[report_type])
    return (_encode(lines), 'utf-8') if lines else (content, charset)


def _drop_people(content, charset, aliases, required, find):
    """Return the lines of a table without columns about people as lists of texts, None where it has no such column."""
    encoding = find(content, charset)
    read_header(read_lines(content, encoding), aliases, required)
    lines = read_lines(content, encoding)
    names = [name.strip() for name in next(lines)[1].split('\t')]
    kept = [place for place, name in enumerate(names) if not names_people(name)]
    if len(kept) == len(names):
        return None
    return [[names[place] for place in kept], *(
        [cells[place] for place in kept] if len(cells) == len(names) else [SHIFTED]
        for cells in ((line or '').split('\t') for _number, line in lines))]


def _encode(lines):
    """Return lines as a table with tabs in UTF-8."""
    return ''.join('\t'.join(make_storable(' '.join(text.split())) for text in line or [SHIFTED]) + '\n'
                   for line in lines).encode()


__all__ = ['TYPES', 'clean']
