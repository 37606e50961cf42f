"""What the parts of a made year share: its days, and what Amazon pays for a unit."""

import datetime
from decimal import Decimal

DAYS = 365
# In parts of the cost: mostly just that, at times more or hardly less, and some of it badly.
PAID = ('1', '1', '1', '1', '1.2', '0.97', '0.8', '0.5')
CENT = Decimal('0.01')


def tell_day(first: datetime.date, number: int) -> str:
    return (first + datetime.timedelta(days=number)).isoformat()


def choose_amount(rng, cost: Decimal) -> str:
    """Return what Amazon pays for a unit that costs so much."""
    return str((cost * Decimal(rng.choice(PAID))).quantize(CENT))
