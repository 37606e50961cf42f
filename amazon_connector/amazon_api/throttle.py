"""Rate limits: the generic cell rate algorithm (GCRA), which is Amazon's token bucket with one number as its state.

The state of a bucket is its theoretical arrival time (TAT): the moment when the bucket is full again. A request moves
it on by `1 / rate` seconds; a request is due as long as the TAT is not more than `burst / rate` seconds ahead of now.
"""

import datetime
import time
from typing import Protocol

from .errors import RateLimited

# Requests that leave here in good order may arrive at Amazon a little closer together. The bucket that is kept here is
# therefore one request smaller than Amazon's (where that has more than one), and a hair slower.
SAFETY_REQUESTS = 1
SAFETY_RATE = 0.99


def bucket(rate: float, burst: int) -> tuple[float, float]:
    """Return the seconds between two requests and the seconds that a full bucket is worth, safety taken off."""
    interval = 1 / (rate * SAFETY_RATE)
    return interval, interval * max(burst - SAFETY_REQUESTS, 1)


def reserve(tat: float, now: float, interval: float, capacity: float, patience: float) -> tuple[float, float]:
    """Take one place in a bucket.

    :return: the new TAT and the seconds to wait before the request may be sent; where that is more than `patience`,
        nothing is taken and the TAT comes back as it was
    """
    due = max(tat, now) + interval
    wait = max(due - now - capacity, 0.0)
    return (tat, wait) if wait > patience else (due, wait)


class Limiter(Protocol):
    """Where the buckets of one seller are kept; rates in requests per second, bursts in requests, waits in seconds."""

    def acquire(self, operation: str, rate: float, burst: int, patience: float) -> float:
        """Take one place and return the seconds to wait before sending.

        :raises RateLimited: when the wait would exceed `patience`; then no place is taken
        """

    def learn(self, operation: str, rate: float, default: float) -> None:
        """Remember the rate that Amazon named in a reply; the places taken so far stay taken, at the new rate."""

    def drain(self, operation: str, rate: float, burst: int) -> None:
        """Take all places: Amazon answered 429, so its bucket is empty whatever ours said."""

    def record(self, operation: str, done: bool) -> None:
        """Remember whether Amazon did what was asked for, or refused it for want of a permission."""


class MemoryLimiter:
    """Buckets of one process, for tools that run alone."""

    def __init__(self, clock=time.time):
        self._clock = clock
        self._tats = {}
        self._rates = {}
        self.answers = {}

    def acquire(self, operation: str, rate: float, burst: int, patience: float) -> float:
        now = self._clock()
        interval, capacity = bucket(self._rates.get(operation, rate), burst)
        self._tats[operation], wait = reserve(self._tats.get(operation, now), now, interval, capacity, patience)
        if wait > patience:
            raise RateLimited(datetime.datetime.fromtimestamp(now + wait, datetime.timezone.utc), operation=operation)
        return wait

    def learn(self, operation: str, rate: float, default: float) -> None:
        now = self._clock()
        ahead = max(self._tats.get(operation, now) - now, 0.0)
        self._tats[operation] = now + ahead * self._rates.get(operation, default) / rate
        self._rates[operation] = rate

    def drain(self, operation: str, rate: float, burst: int) -> None:
        _interval, capacity = bucket(self._rates.get(operation, rate), burst)
        self._tats[operation] = self._clock() + capacity

    def record(self, operation: str, done: bool) -> None:
        self.answers[operation] = done
