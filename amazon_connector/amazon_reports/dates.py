"""Dates of reports, in all forms that were found in files of sellers."""

import datetime
import functools
import re

FIRST_YEAR, LAST_YEAR = 1990, 2200
# Hours from UTC. IST is India's, CST that of North America, GST the Gulf's: there Amazon has marketplaces.
ZONES = {
    '': 0, 'UTC': 0, 'GMT': 0, 'Z': 0, 'WET': 0, 'BST': 1, 'WEST': 1, 'CET': 1, 'MEZ': 1, 'CEST': 2, 'MESZ': 2,
    'EET': 2, 'SAST': 2, 'EEST': 3, 'TRT': 3,
    'GST': 4, 'IST': 5.5, 'SGT': 8, 'HKT': 8, 'JST': 9, 'AEST': 10, 'AEDT': 11, 'PST': -8, 'PDT': -7, 'MST': -7,
    'MDT': -6, 'CST': -6, 'CDT': -5, 'EST': -5, 'EDT': -4, 'BRT': -3, 'BRST': -2,
}
MONTHS = ('jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec')
_TIME = r'(?:(?:T|,? )(?P<hour>\d{1,2}):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:\.\d+)?)?(?: ?(?P<half>[AP]M))?)?'
_ZONE = r' ?(?P<zone>[A-Z]*)(?P<offset>[+-]\d{1,2}(?::?\d\d)?)?'
NUMBERS = re.compile(
    rf'(?P<first>\d{{1,4}})(?P<mark>[-./])(?P<middle>\d{{1,2}})(?P=mark)(?P<last>\d{{1,4}}){_TIME}{_ZONE}',
    re.IGNORECASE)
DAY_FIRST = re.compile(rf'(?P<day>\d{{1,2}})[-. ]+(?P<month>[A-Z]{{3,9}})[-., ]+(?P<year>\d{{4}}){_TIME}{_ZONE}',
                       re.IGNORECASE)
MONTH_FIRST = re.compile(rf'(?P<month>[A-Z]{{3,9}})\.? (?P<day>\d{{1,2}}),? (?P<year>\d{{4}}){_TIME}{_ZONE}',
                         re.IGNORECASE)


def find_order(texts, ambiguous: str) -> str:
    """Return the order of day and month in the dates of a file, 'dmy' or 'mdy'; unambiguous where the year comes first.

    :param str ambiguous: the order if no date decides it
    """
    matches = [match for text in texts if (match := NUMBERS.match(text)) and len(match['first']) < 4]
    if any(match['mark'] == '.' or int(match['first']) > 12 for match in matches):
        return 'dmy'
    if any(int(match['middle']) > 12 for match in matches):
        return 'mdy'
    return ambiguous


def find_own_order(text: str) -> str | None:
    """Return the order of day and month that a date has for certain, 'dmy' or 'mdy', None if it may have either.

    Dates whose order does not matter have none: the year comes first, or the month is a word.
    """
    match = NUMBERS.match(text)
    if not match or len(match['first']) == 4:
        return None
    if match['mark'] == '.' or int(match['first']) > 12:
        return 'dmy'
    return 'mdy' if int(match['middle']) > 12 else None


def is_ambiguous(text: str) -> bool:
    """Return whether day and month of a date may be confused."""
    match = NUMBERS.match(text)
    return bool(match and len(match['first']) < 4 and match['first'] != match['middle'] and not find_own_order(text))


# Rows of one order have one moment.
@functools.lru_cache(maxsize=1024)
def parse_date(text: str, order: str) -> datetime.datetime:
    """Return the naive datetime in UTC of a text.

    :param str order: 'dmy' or 'mdy'
    :raises ValueError: there is no such day, time or time zone, or it is none of a settlement
    """
    match = _match(text)
    day = _read_day(match, order)
    return datetime.datetime(day.year, day.month, day.day, _read_hour(match), int(match['minute'] or 0),
                             int(match['second'] or 0)) - _read_offset(match)


@functools.lru_cache(maxsize=1024)
def parse_day(text: str, order: str) -> datetime.date:
    """Return the day that a text names, where it was written: its time and time zone do not count.

    :param str order: 'dmy' or 'mdy'
    :raises ValueError: there is no such day, or it is none of a report
    """
    return _read_day(_match(text), order)


def _match(text):
    match = NUMBERS.fullmatch(text) or DAY_FIRST.fullmatch(text) or MONTH_FIRST.fullmatch(text)
    if not match:
        raise ValueError(text[:40])
    return match


def _read_day(match, order):
    if match.re is NUMBERS:
        first, middle, last = int(match['first']), int(match['middle']), int(match['last'])
        year, month, day = ((first, middle, last) if len(match['first']) == 4 else (last, middle, first)
                            if order == 'dmy' else (last, first, middle))
        year += 2000 if len(match['first']) < 4 and len(match['last']) == 2 else 0
    else:
        if match['month'][:3].lower() not in MONTHS:
            raise ValueError(match['month'])
        year, month, day = int(match['year']), MONTHS.index(match['month'][:3].lower()) + 1, int(match['day'])
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise ValueError(year)
    return datetime.date(year, month, day)


def _read_hour(match):
    hour = int(match['hour'] or 0)
    if not match['half']:
        return hour
    if not 1 <= hour <= 12:
        raise ValueError(hour)
    return hour % 12 + 12 * (match['half'].upper() == 'PM')


def _read_offset(match):
    """Return how much later than UTC a time is: by the name of its zone, or by its distance."""
    zone, offset = match['zone'].upper(), match['offset']
    if zone not in (ZONES if not offset else ('', 'UTC', 'GMT')):
        raise ValueError(zone)
    if not offset:
        return datetime.timedelta(hours=ZONES[zone])
    hours, minutes = (offset[1:].split(':') if ':' in offset else (offset[1:-2], offset[-2:]) if len(offset) > 3
                      else (offset[1:], 0))
    distance = datetime.timedelta(hours=int(hours), minutes=int(minutes))
    return distance if offset[0] == '+' else -distance


__all__ = ['find_order', 'find_own_order', 'is_ambiguous', 'parse_date', 'parse_day']
