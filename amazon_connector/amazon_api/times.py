"""Times as Amazon writes them."""

import datetime
import re

FRACTION = re.compile(r'\.\d+')


def parse_time(text: str) -> datetime.datetime:
    """Return an ISO 8601 date or time; it is aware where it names a zone.

    :raises ValueError: it is none
    """
    # Python before 3.11 reads fractions of three or six digits only.
    text = FRACTION.sub(lambda fraction: fraction[0][:7].ljust(7, '0'), text.replace('Z', '+00:00'))
    return datetime.datetime.fromisoformat(text)
