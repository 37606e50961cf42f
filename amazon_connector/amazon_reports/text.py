"""What all of Amazon's flat files have in common: bytes of some character set, tabs, a header, numbers of one local format."""

import csv
import io
from decimal import Decimal, InvalidOperation

NAMES = {'shift_jis': 'cp932', 'windows-31j': 'cp932', 'cp1252': 'cp1252', 'iso-8859-1': 'cp1252'}

# What numbers of the world have in them beside digits: separators of thousands, and a minus that is a letter of its own.
SEPARATORS = dict.fromkeys(map(ord, " \u00a0\u202f\u2009'’"))
PLAIN = {'.': str.maketrans({',': None, '\u2212': '-', **SEPARATORS}), ',': str.maketrans({'.': None, ',': '.', '\u2212': '-', **SEPARATORS})}


class ReportError(Exception):
    """A document that is not the report it should be; the text says what is wrong with it."""


def find_encoding(content: bytes, charset: str = '', guesses: tuple = ('utf-8', 'cp1252')) -> str:
    """Return the name, for Python, of the character set of a report.

    :param str charset: the name that came with the document, '' for none: then it is the first of `guesses` that fits
    :raises ReportError: the text is in no character set that Amazon uses
    """
    guesses = [charset] if charset else guesses
    if content.startswith(b'\xef\xbb\xbf'):
        guesses = ['utf-8-sig']
    for guess in guesses:
        name = NAMES.get(guess.lower(), guess)
        try:
            content.decode(name)
        except (UnicodeDecodeError, LookupError):
            continue
        return name
    raise ReportError(f"The report cannot be read as {' or '.join(guesses)} text.")


def decode(content: bytes, charset: str = '') -> str:
    """Return the text of a report.

    :param str charset: the name that came with the document, '' for none: then it is UTF-8 if it can be, else CP1252
    :raises ReportError: the text is in no character set that Amazon uses
    """
    return content.decode(find_encoding(content, charset))


def read_table(text: str, aliases: dict, required: tuple):
    """Yield a dict for each row of a tab-separated table, by column name.

    :param dict aliases: column name in lower case, as Amazon writes it somewhere -> column name in the result
    :param tuple required: names without which the table is none of its kind
    :raises ReportError: a required column is missing
    """
    rows = csv.reader(io.StringIO(text, newline=''), delimiter='\t', quoting=csv.QUOTE_NONE)
    header = [aliases.get(name.strip().lower(), name.strip().lower()) for name in next(rows, [])]
    missing = [name for name in required if name not in header]
    if missing:
        raise ReportError(f"The report lacks the columns {', '.join(missing)}; it has: {', '.join(header)[:500]}")
    for row in rows:
        if any(row):
            yield {name: value.strip() for name, value in zip(header, row, strict=False)}


def decimal_mark(texts) -> str:
    """Return the decimal mark of the numbers of a file: one file has one format.

    :raises ReportError: some numbers have a decimal point, others a decimal comma
    """
    marks = {mark for text in texts if (mark := _mark(text))}
    if len(marks) > 1:
        raise ReportError("The report mixes decimal points and decimal commas.")
    return marks.pop() if marks else '.'


def _mark(text):
    last = max(text.rfind('.'), text.rfind(','))
    if last < 0:
        return None
    mark, other = (text[last], ',.'[',.'.index(text[last]) - 1])
    if text.count(mark) > 1:
        return other
    # Three digits after the only separator say nothing: 1,234 may be either.
    ambiguous = other not in text and len(text) - last - 1 == 3 and not text.lstrip('-\u2212').startswith('0')
    return None if ambiguous else mark


def parse_number(text: str, mark: str) -> Decimal | None:
    """Return a number written with this decimal mark, None for an empty text.

    :raises ValueError: the text is no number
    """
    if not text:
        return None
    try:
        return Decimal(text.translate(PLAIN[mark]))
    except InvalidOperation:
        raise ValueError(f"{text!r} is not a number") from None
