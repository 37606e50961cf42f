"""Reading of Amazon's tables of returns and of FBA: tabs or quoted commas, columns that vary by region and year.

Columns are known by the letters and digits of their names. A row that cannot be read has a problem and harms no other.
For encodings and bounds see `text.py`, for the meaning of cells `cells.py`.
"""

import collections
import csv
import itertools
from collections.abc import Callable
from typing import NamedTuple

from .cells import DATES, MAX_TEXT, NUMBERS, find_format, read_code
from .text import (
    MAX_LINE,
    MAX_NUMBER,
    ReportError,
    check_columns,
    check_first_line,
    find_encoding,
    join_problems,
    lack_columns,
    make_storable,
    names_people,
    read_lines,
)
from .words import _

SEPARATORS = ('\t', ',', ';')
# How many lines may stand above the header, and how many more than one a row with quoted cells may have.
MOST_NOTES, MOST_FURTHER_LINES = 10, 20
# After so many lines whose quotes do not match the further ones are not sought any more: that takes time.
MOST_FAILURES = 200
MAX_NAME = 100


class Column(NamedTuple):
    """A column of a report by its name, in any spelling.

    `read` is its kind (`cells.py`), `must` is 'file' for a column without which the document is no such report, and
    'row' if no row can be without a value, either; `aliases` are other names.
    """

    name: str
    read: Callable = read_code
    must: str = ''
    aliases: tuple = ()


class Layout(NamedTuple):
    """A kind of report.

    `row_class` is a NamedTuple with `number`, the fields of `columns` (a dict field -> Column) in their order, perhaps
    `extra`, and `problem`; `either` are two fields of which each row has one at least; `ignored` are names of columns
    that nobody needs. Of a `private` report no message shows a value, and a row with a problem has no values.
    """

    row_class: type
    columns: dict
    either: tuple = ()
    ignored: tuple = ()
    private: bool = False


def read_flat_file(content: bytes, charset: str, layout: Layout):
    """Return an iterator of the rows of a table, each a `layout.row_class`.

    :param str charset: the name that came with the document, '' for none
    :raises EmptyReport: there is not even a header
    :raises ReportError: this is no such report
    """
    return FlatFile(content, charset, layout).read_rows()


def fold(name: str) -> str:
    """Return the letters and digits of a column's name, which are the same in all its spellings."""
    return ''.join(filter(str.isalnum, name)).lower()


# === ROWS === #

class RowMaker:
    """Makes rows of a layout from the texts of its columns, in their order.

    :param Layout layout: the kind of report
    :param Format format_: how most numbers and dates of the document are written
    """

    def __init__(self, layout, format_):
        self._layout, self._format = layout, format_
        columns = list(layout.columns.values())
        self._names = [column.name for column in columns]
        self._reads = [column.read for column in columns]
        self._needed = [place for place, column in enumerate(columns) if column.must == 'row']
        self._either = [list(layout.columns).index(field) for field in layout.either]
        self._empty = [None if column.read in NUMBERS | DATES else '' for column in columns]
        self._has_extra = 'extra' in layout.row_class._fields
        self._spare = {place for place, column in enumerate(columns) if column.read in DATES and not column.must
                       and self._has_extra}

    def make(self, number: int, texts: list, extra: dict):
        """Return a row; a value that cannot be read is empty, and the row's problem says why.

        A date that it can be without is no problem: its text is kept in `extra`.
        """
        values, problems = [], []
        for read, text in zip(self._reads, texts, strict=True):
            try:
                values.append(read(text, self._format))
            except ValueError as error:
                place = len(values)
                values.append(self._empty[place])
                if place in self._spare:
                    extra = {**extra, self._names[place]: make_storable(text)[:MAX_TEXT]}
                else:
                    problems.append(self._describe(self._names[place], error.args[0]))
        problems += self._find_absent(texts)
        if problems and self._layout.private:
            return self.refuse(number, join_problems(problems))
        return self._build(number, values, extra, join_problems(problems))

    def refuse(self, number: int, problem: str):
        """Return a row of which nothing is known but its problem."""
        return self._build(number, self._empty, {}, problem)

    def _build(self, number, values, extra, problem):
        end = (extra, problem) if self._has_extra else (problem,)
        return self._layout.row_class._make((number, *values, *end))

    def _describe(self, name, error):
        if self._layout.private:
            return _("%(name)s: it cannot be read", name=name)
        return _("%(name)s: %(error)s", name=name, error=error)

    def _find_absent(self, texts):
        """Return the problems of values that no row can be without."""
        absent = [_("it has no %(name)s", name=self._names[place]) for place in self._needed if not texts[place]]
        if self._either and not any(texts[place] for place in self._either):
            first, second = (self._names[place] for place in self._either)
            absent.append(_("it has neither %(first)s nor %(second)s", first=first, second=second))
        return absent


# === FILES === #

class FlatFile:
    """A table: its header and format at once, its rows one after the other however many there are.

    For the parameters and errors see `read_flat_file`.
    """

    def __init__(self, content, charset, layout):
        self._content, self._layout = content, layout
        self._columns = list(layout.columns.values())
        self._encoding = find_encoding(content, charset)
        self._find_header()

    def read_rows(self):
        """Yield all rows that are not blank."""
        self._survey()
        maker = RowMaker(self._layout, self._format)
        for number, cells in self._read_cells():
            if problem := self._find_problem(number, cells):
                yield maker.refuse(number, problem)
                continue
            cells = cells[:self._width]
            cells += [''] * (self._width + 1 - len(cells))
            extra = {name: make_storable(cells[place].strip())[:MAX_TEXT] for place, name in self._unknown
                     if cells[place].strip()}
            yield maker.make(number, [cells[place].strip() for place in self._places], extra)

    def reduce(self, fields: list, with_unknown=False):
        """Yield the lines of the file with nothing but some of its columns, the header first, as lists of texts; that
        of a row whose values may be shifted is empty.

        :param bool with_unknown: whether columns are among them that nobody knows and that are about no people
        """
        names, unknown = list(self._layout.columns), self._unknown if with_unknown else []
        places = [names.index(field) for field in fields]
        yield [*(self._columns[place].name for place in places), *(name for _place, name in unknown)]
        yield from self._read_places([*(self._places[place] for place in places), *(place for place, _name in unknown)])

    def drop_people(self):
        """Return the lines of the file without columns that are about people, as `reduce` does; None where it has no
        such column.
        """
        places = [place for place, name in enumerate(self._names) if place in self._places or not names_people(name)]
        if len(places) == self._width:
            return None
        return itertools.chain([[self._names[place] for place in places]], self._read_places(places))

    def _read_places(self, places):
        self._survey()
        for number, cells in self._read_cells():
            if self._find_problem(number, cells):
                yield []
                continue
            cells = cells[:self._width] + [''] * (self._width + 1 - len(cells))
            yield [cells[place].strip() for place in places]

    def _find_problem(self, number, cells):
        """Return why the cells of a line are those of no row."""
        if not cells:
            return _("it is longer than %(most)s characters", most=MAX_LINE) if cells is None else _(
                "its quotes do not match")
        if len(cells) > self._most or any(cell.strip() for cell in cells[self._width:]):
            return _("%(count)s values for %(columns)s columns: its values may be shifted", count=len(cells),
                     columns=self._width)
        return _("the document is cut off within it") if number == self._cut else ''

    # === HEADER === #

    def _find_header(self):
        """Find the header: the first line that has all columns which the report must have."""
        found = None
        for number, line in itertools.islice(read_lines(self._content, self._encoding), MOST_NOTES + 1):
            if not found:
                check_first_line(number, line)
            for separator in SEPARATORS:
                names = _split_header(line or '', separator)
                missing = self._find_missing(names)
                if not found or len(missing) < len(found[0]):
                    found = missing, number, names, separator, (line or '').lstrip()[:1] == '"'
            if not found[0]:
                break
        missing, self._start, names, self._separator, quoted = found or (self._find_missing([]), 0, [], '', False)
        if missing:
            raise self._refuse_header(missing, names)
        self._quoted = quoted or self._separator != '\t'
        self._use_header(names)

    def _find_missing(self, names):
        """Return the columns that the report must have and a header lacks."""
        has = set(map(fold, names))
        return [column.name for column in self._columns
                if column.must and has.isdisjoint(map(fold, (column.name, *column.aliases)))]

    def _refuse_header(self, missing, names):
        """Return the error of a document that has no header of this report."""
        if self._layout.private and names:
            # It may be a row.
            names = [_("%(count)s others", count=len(names))]
        return lack_columns(missing, list(map(make_storable, names)))

    def _use_header(self, names):
        check_columns(self._start, names)
        self._names, self._width, folded = names, len(names), [fold(name) for name in names]
        for column in self._columns:
            if column.must and folded.count(fold(column.name)) > 1:
                raise ReportError(_("Line %(number)s: the column %(name)s is there twice.", number=self._start,
                                    name=column.name))
        # A column that the file lacks has the place behind the last one, which is always empty.
        places = {name: place for place, name in reversed(list(enumerate(folded)))}
        self._places = [next((places[name] for name in map(fold, (column.name, *column.aliases)) if name in places),
                             self._width) for column in self._columns]
        ignored = set(map(fold, self._layout.ignored))
        self._unknown = [] if self._layout.private else _name_places(
            [(place, name) for place, name in enumerate(names)
             if place not in self._places and folded[place] not in ignored and not names_people(name)])

    def _survey(self):
        """Read the file once: how its numbers and dates are written, and whether its last line is cut off."""
        numbers, dates, widths = set(), set(), collections.Counter()
        last = before = width = self._width
        kinds = [(place, numbers if column.read in NUMBERS else dates)
                 for place, column in zip(self._places, self._columns, strict=True)
                 if column.read in NUMBERS | DATES and place < self._width]
        for number, cells in self._read_cells():
            last, before, width = number, min(width, self._width), len(cells or ())
            widths[width] += 1
            for place, texts in kinds if cells else ():
                text = cells[place] if place < width else ''
                if text and not text.isdigit():
                    texts.add(text.strip()[:MAX_NUMBER + 1])
        self._format = find_format(numbers, dates)
        # The last of several cells may have lost a part of its text, and say another number.
        complete = self._content[-64:].rstrip(b' \t\0').endswith((b'\n', b'\r'))
        self._cut = None if complete or width >= before else last
        # Some files have empty cells at the end of each line; in one line they are a sign of values that are shifted.
        self._most = max([self._width, *(width for width, _count in widths.most_common(1))])

    # === LINES === #

    def _read_cells(self):
        """Yield number and cells of each line below the header: None for one that is too long, an empty list for one
        whose quotes do not match.
        """
        lines = itertools.dropwhile(lambda line: line[0] <= self._start, read_lines(self._content, self._encoding))
        if self._quoted:
            yield from self._read_quoted(lines)
            return
        for number, line in lines:
            yield number, line and line.split('\t')

    def _read_quoted(self, lines):
        """Yield the same of lines with quoted cells, which may hold ends of lines."""
        waiting, failures = collections.deque(), 0
        while waiting or (following := next(lines, None)):
            number, line = waiting.popleft() if waiting else following
            cells = line and _split(line, self._separator)
            if cells == [] and line.count('"') % 2 and failures < MOST_FAILURES:
                cells = self._join(line, lines, waiting)
                failures += not cells
            yield number, self._split_roughly(line) if cells == [] else cells

    def _join(self, line, lines, waiting):
        """Return the cells of a row with ends of lines in its cells, an empty list if that is not what it is.

        :param waiting: the lines that were read and not yet used
        """
        parts, size, is_open = [line], len(line), True
        for count in range(MOST_FURTHER_LINES):
            if count == len(waiting):
                waiting.extend(itertools.islice(lines, 1))
            if count == len(waiting) or not waiting[count][1] or size > MAX_LINE:
                break
            parts.append(waiting[count][1])
            size += len(parts[-1])
            is_open ^= parts[-1].count('"') % 2 == 1
            cells = [] if is_open else _split('\n'.join(parts), self._separator)
            if len(cells) == self._width:
                for _number in range(count + 1):
                    waiting.popleft()
                return cells
        return []

    def _split_roughly(self, line):
        """Return the cells of a row with quotes in its quoted cells that are not doubled."""
        line = line.strip()
        cells = line[1:-1].split(f'"{self._separator}"') if line[:1] == line[-1:] == '"' else []
        return cells if len(cells) == self._width else []


def _split(line, separator):
    """Return the cells of a line with quoted cells, an empty list if its quotes do not match."""
    try:
        return next(csv.reader([line], delimiter=separator, strict=True), [])
    except csv.Error:
        return []


def _split_header(line, separator):
    cells = (line.split(separator) if separator == '\t' and line.lstrip()[:1] != '"'
             else _split(line.lstrip(), separator))
    return [name.strip() for name in cells]


def _name_places(places):
    """Return places and names of unknown columns; all have a name that no other has."""
    named = {}
    for place, name in places:
        name = make_storable(name)[:MAX_NAME] or f'#{place + 1}'
        named[f'{name} (#{place + 1})' if name in named else name] = place
    return [(place, name) for name, place in named.items()]


__all__ = ['Column', 'FlatFile', 'Layout', 'RowMaker', 'read_flat_file']
