"""The values of an order for the columns of the inbox, whatever form the order has."""

import datetime

from .times import parse_time

MOST_ID = 200
YEARS = range(1990, 2200)


def read_time(value) -> datetime.datetime | None:
    """Return an ISO 8601 time as a naive datetime in UTC, without fractions of a second, or None where it is none."""
    if not isinstance(value, str) or len(value) > 40:
        return None
    try:
        moment = parse_time(value)
        if moment.tzinfo:
            moment = moment.astimezone(datetime.timezone.utc).replace(tzinfo=None)
    except (ValueError, OverflowError):
        return None
    return moment.replace(microsecond=0) if moment.year in YEARS else None


def read_id(value) -> str | None:
    """Return an id, or None where the value is none."""
    return value if isinstance(value, str) and 0 < len(value) <= MOST_ID else None


def read_marketplace(order: dict) -> str | None:
    """Return Amazon's id of the marketplace of an order, or None where it names none."""
    channel = order.get('salesChannel')
    return read_id(channel.get('marketplaceId')) if isinstance(channel, dict) else None
