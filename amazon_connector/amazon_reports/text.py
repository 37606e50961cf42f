"""Reading of Amazon's flat files: bytes of some character set, tabs, a header, numbers of one local format.

Every bound is here: a document that is damaged or hostile costs neither time nor memory beyond its size, and ends in
`ReportError`.
"""

import codecs
import collections
import io
import re
import unicodedata
from decimal import Decimal
from typing import NamedTuple

from .words import _

MAX_LINE = 1_000_000
MAX_COLUMNS = 500
MAX_NUMBER = 32
# Beyond 15 digits a number is not exact in Odoo; quantities are stored in four bytes.
LIMIT, MAX_QUANTITY = Decimal(10) ** 15, 2 ** 31 - 1
SHOWN = 60
CHUNK = 1024 * 1024

NAMES = {
    'shift_jis': 'cp932', 'windows-31j': 'cp932', 'iso-8859-1': 'cp1252', 'latin-1': 'cp1252', 'us-ascii': 'utf-8',
    'ascii': 'utf-8', 'utf8': 'utf-8',
}
# Python has many codecs that are no character sets; names that Amazon would not use are ignored.
CHARSETS = re.compile(r'utf-8|cp932|cp125\d|windows-125\d|iso-8859-\d+|euc-jp|gb2312|gbk|gb18030|big5')
# Bytes that a character set does not have are read as these (Python's `surrogateescape`).
UNDECODABLE = re.compile('[\udc80-\udcff]')
# As `amazon_api/storable.py` has it for JSON; these two packages do not know each other.
UNSTORABLE = re.compile('[\x00\ud800-\udfff]')

# Characters of numbers beside digits: separators of thousands, and the minus sign.
SEPARATORS = dict.fromkeys(map(ord, " \u00a0\u202f\u2009'’"))
PLAIN = {'.': str.maketrans({',': None, '\u2212': '-', **SEPARATORS}),
         ',': str.maketrans({'.': None, ',': '.', '\u2212': '-', **SEPARATORS})}
# Thousands are three digits, in India the groups before them two.
NUMBER = (r"[-+\u2212]?(?:(?:\d{1,3}(?:[%s \u00a0\u202f\u2009'’]\d{2,3})*[%s \u00a0\u202f\u2009'’]\d{3}|\d+)"
          r"(?:%s\d*)?|%s\d+)")
NUMBERS = {'.': re.compile(NUMBER % (',', ',', r'\.', r'\.')), ',': re.compile(NUMBER % (r'\.', r'\.', ',', ','))}
ANY_NUMBER = re.compile(r"[-+\u2212]?[\d.,\u00a0\u202f\u2009'’ ]+")


# Words in names of columns that are about people: who they are, how they are reached, what they wrote.
PEOPLE = frozenset((
    'buyer', 'purchaser', 'recipient', 'consignee', 'contact', 'person', 'surname', 'email', 'mail', 'phone',
    'telephone', 'mobile', 'fax', 'address', 'street', 'town', 'county', 'postal', 'postcode', 'zip', 'city', 'comment',
    'comments', 'gift', 'signature', 'feedback', 'remark', 'remarks', 'message', 'messages'))
NAMED = frozenset(('customer', 'ship', 'shipping', 'bill', 'billing', 'first', 'last', 'full', 'family'))
WRITTEN = frozenset(('note', 'notes', 'text', 'explanation', 'words'))


class ReportError(Exception):
    """Raised for a document that is not the expected report; the text says what is wrong, and names the line."""


class EmptyReport(ReportError):
    """Raised for a document that has no line at all, not even a header: Amazon has nothing, or nothing yet."""


class TableRow(NamedTuple):
    """One row of a table: `values` by column name; None where `problem` says why they are not known."""

    number: int
    values: dict | None
    problem: str


# === TEXT === #

def find_encoding(content: bytes, charset: str = '', guesses: tuple = ('cp1252',)) -> str:
    """Return the name, for Python, of the character set of a report.

    What can be read as UTF-8 is UTF-8: hardly any other text can. Else it is the character set that was named, else
    (the name is wrong, or there is none) UTF-8 with some damaged bytes if most letters make sense so, else the first of
    `guesses` that fits.

    :param str charset: the name that came with the document, '' for none
    :raises ReportError: it is UTF-16, and damaged
    """
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        if _fits(content, 'utf-16'):
            return 'utf-16'
        raise ReportError(_("The report cannot be read as UTF-16 text: it is damaged or incomplete."))
    utf8 = 'utf-8-sig' if content.startswith(codecs.BOM_UTF8) else 'utf-8'
    if _fits(content, utf8) or utf8 == 'utf-8-sig':
        return utf8
    name = NAMES.get(charset.lower(), charset.lower())
    if CHARSETS.fullmatch(name) and name != 'utf-8':
        guesses = (name,)
    elif _is_rather_utf8(content):
        return utf8
    return next((guess for guess in guesses if _fits(content, guess)), guesses[0])


def _fits(content, name) -> bool:
    """Return whether all bytes are characters of a character set."""
    decoder = codecs.getincrementaldecoder(name)()
    try:
        for start in range(0, len(content), CHUNK):
            decoder.decode(content[start:start + CHUNK])
        decoder.decode(b'', True)
    except (UnicodeDecodeError, LookupError):
        return False
    return True


def _is_rather_utf8(content) -> bool:
    """Return whether more letters make sense as UTF-8 than bytes do not."""
    decoder, damaged, sound = codecs.getincrementaldecoder('utf-8')('surrogateescape'), 0, 0
    for start in range(0, len(content), CHUNK):
        text = decoder.decode(content[start:start + CHUNK])
        bad = len(UNDECODABLE.findall(text))
        damaged, sound = damaged + bad, sound + sum(not letter.isascii() for letter in text) - bad
    return sound > damaged


def decode(content: bytes, charset: str = '') -> str:
    """Return the text of a report, see `find_encoding`; a byte that is not valid in its character set becomes U+FFFD.

    :param str charset: the name that came with the document, '' for none
    :raises ReportError: the text is in no character set that can be read
    """
    return make_storable(content.decode(find_encoding(content, charset), 'surrogateescape'))


def read_lines(content: bytes, encoding: str):
    """Yield number and text of each line that is not blank; the text is None where a line is too long to be one.

    Bytes that are no characters of the encoding are lone surrogates in it. Lines end with any of the usual signs, and
    quotes are letters.
    """
    stream = io.TextIOWrapper(io.BytesIO(content), encoding, errors='surrogateescape')
    number = 0
    while line := stream.readline(MAX_LINE):
        number += 1
        if len(line) == MAX_LINE and not line.endswith('\n'):
            while (rest := stream.readline(MAX_LINE)) and not rest.endswith('\n'):
                pass
            yield number, None
        elif line.strip():
            yield number, line.rstrip('\n')


def read_header(lines, aliases: dict, required: tuple) -> list[str]:
    """Return the column names of a table, whose first line is taken from `lines`.

    :param dict aliases: column name in lower case, as Amazon writes it somewhere -> column name in the result
    :param tuple required: names without which the table is none of its kind
    :raises ReportError: this is no table, or it lacks required columns or has them twice
    """
    number, line = next(lines, (1, ''))
    check_first_line(number, line)
    names = [name.strip().lower() for name in line.split('\t')]
    check_columns(number, names)
    header = [aliases.get(name, name) for name in names]
    missing = [name for name in required if name not in header]
    if missing:
        raise lack_columns(missing, header if line.strip() else [])
    for name in required:
        if header.count(name) > 1:
            raise ReportError(_("Line %(number)s: the column %(name)s is there twice.", number=number, name=name))
    return header


def check_first_line(number: int, line: str | None):
    """Check that a line may be the first of a table.

    :raises ReportError: it is of a document of another kind
    """
    if line is None:
        raise ReportError(_("Line %(number)s: it is longer than %(most)s characters: this is no report.", number=number,
                            most=MAX_LINE))
    if line.lstrip().startswith('<'):
        raise ReportError(_("The document is a web page or XML, not a report: fetch it again."))
    if any(letter != '\t' and unicodedata.category(letter) in ('Cc', 'Cs') for letter in line[:10_000]):
        raise ReportError(_("Line %(number)s: the document is no text.", number=number))


def check_columns(number: int, names: list):
    """Check that a header is not beyond all bounds.

    :raises ReportError: it is
    """
    if len(names) > MAX_COLUMNS:
        raise ReportError(_("Line %(number)s: it has %(count)s columns, more than any report.", number=number,
                            count=len(names)))


def lack_columns(missing, header) -> ReportError:
    """Return the error of a report without some columns.

    :param header: the columns that it has, none if it is empty
    """
    has = _("it has: %(columns)s", columns=', '.join(header)[:500]) if header else _("it is empty")
    error = ReportError if header else EmptyReport
    return error(_("The report lacks the columns %(columns)s; %(has)s", columns=', '.join(missing), has=has))


def read_table(content: bytes, charset: str, aliases: dict, required: tuple):
    """Yield a `TableRow` for each row of a tab-separated table; a row that does not fit its header has a problem.

    Of a column that is there twice the first counts. For the parameters see `find_encoding` and `read_header`.

    :raises ReportError: this is no such table
    """
    lines = read_lines(content, find_encoding(content, charset))
    header = read_header(lines, aliases, required)
    places = {name: position for position, name in reversed(list(enumerate(header)))}
    for number, line in lines:
        values = None if line is None else line.split('\t')
        if values is None:
            yield TableRow(number, None, _("it is longer than %(most)s characters", most=MAX_LINE))
        elif len(values) != len(header):
            yield TableRow(number, None, _(
                "%(count)s values for %(columns)s columns: its values may be shifted", count=len(values),
                columns=len(header)))
        else:
            yield TableRow(number, {name: values[position].strip() for name, position in places.items()}, '')


def names_people(column: str) -> bool:
    """Return whether a column is about people by its name, in whatever spelling: `ship-address-1`, `BuyerName`."""
    words = {word.lower() for word in re.findall(r'[A-Z]?[a-z]+|[A-Z]+(?![a-z])', column)}
    return (not words.isdisjoint(PEOPLE) or 'name' in words and not words.isdisjoint(NAMED)
            or 'customer' in words and not words.isdisjoint(WRITTEN))


def make_storable(text: str) -> str:
    """Return a text in which each character that cannot be stored is U+FFFD."""
    return text if is_plain(text) else UNSTORABLE.sub('\ufffd', text)


def is_plain(text: str) -> bool:
    """Return whether a text is ASCII that can be stored, as most are."""
    return text.isascii() and '\0' not in text


def join_problems(problems: list) -> str:
    """Return problems as one text, '' for none."""
    joined = problems[0] if problems else ''
    for problem in problems[1:]:
        joined = _("%(first)s; %(second)s", first=joined, second=problem)
    return joined


def show(text: str) -> str:
    """Return a text for a message, short and printable."""
    return repr(text if len(text) <= SHOWN else text[:SHOWN] + '…')


# === NUMBERS === #

def decimal_mark(texts) -> str:
    """Return the decimal mark of the numbers of a file: one file has one format. Texts that are no numbers are ignored.

    A few numbers with the other mark among many are single mistakes, which `parse_number` finds.

    :param texts: the numbers, or a dict from each of them to its line, which decides more strictly: there are no
        mistakes with money
    :raises ReportError: some numbers have a decimal point, others a decimal comma
    """
    examples, counts = {}, collections.Counter()
    for text in texts:
        if mark := find_mark(text):
            counts[mark] += 1
            examples.setdefault(mark, text)
    (most, count), *others = counts.most_common() or [('.', 0)]
    if not others or not isinstance(texts, dict) and 2 * others[0][1] <= count:
        return most
    if not isinstance(texts, dict):
        raise ReportError(_("The report mixes decimal points and decimal commas."))
    raise ReportError(_(
        "The report mixes decimal points and decimal commas: line %(first)s has %(point)s, line %(second)s has "
        "%(comma)s.",
        first=texts[examples['.']], point=show(examples['.']), second=texts[examples[',']], comma=show(examples[','])))


def find_mark(text: str) -> str | None:
    """Return the decimal mark that a number has for certain; None if it has none, may have either, or is no number."""
    if len(text) > MAX_NUMBER or not ANY_NUMBER.fullmatch(text):
        return None
    last = max(text.rfind('.'), text.rfind(','))
    if last < 0:
        return None
    mark, other = (text[last], ',.'[',.'.index(text[last]) - 1])
    if text.count(mark) > 1:
        return other
    # Three digits after the only separator are ambiguous: 1,234 may be either.
    ambiguous = other not in text and len(text) - last - 1 == 3 and not text.lstrip('-\u2212').startswith('0')
    return None if ambiguous else mark


def parse_number(text: str, mark: str) -> Decimal | None:
    """Return a number written with this decimal mark, None for an empty text; it has at most 15 digits before the mark.

    :raises ValueError: the text is no number
    """
    if not text:
        return None
    if len(text) <= 15 and text.isascii() and text.isdigit():
        return Decimal(text)
    number = Decimal(text.translate(PLAIN[mark])) if len(text) <= MAX_NUMBER and NUMBERS[mark].fullmatch(text) else None
    if number is None or abs(number) >= LIMIT:
        raise ValueError(_("%(value)s is not a number", value=show(text)))
    return number


def parse_quantity(text: str, mark: str) -> int | None:
    """Return a whole number that a database can store as a quantity, None for an empty text.

    :raises ValueError: it is none
    """
    number = parse_number(text, mark)
    if number is None:
        return None
    if number != number.to_integral_value():
        raise ValueError(_("%(value)s is no whole number", value=text))
    if abs(number) > MAX_QUANTITY:
        raise ValueError(_("%(value)s is too large", value=text))
    return int(number)
