"""The number of records in one transaction: by the clock as long as no transaction collides, fewer after a collision.
"""

import collections
import random
import time

# Intended length of a transaction in seconds: long ones collide with users, short ones cost more by the record.
AIM = 2.0
FIRST = 8
# How often a record that collides alone is tried, and the longest pause (seconds) before it is.
TRIES, LONGEST_PAUSE = 8, 2.0
# How often a pause between attempts doubles at the most.
DOUBLINGS = 10


def get_pause(first, count: int, most):
    """Return the pause before the next attempt, which doubles with each one.

    :param datetime.timedelta first: the pause before the first repetition
    :param int count: how often it was repeated already
    :param datetime.timedelta most: the longest pause
    """
    return min(first * 2 ** min(count, DOUBLINGS), most)


class Pace:
    """The size of the next portion.

    It doubles until a portion takes about `AIM` seconds or collides; a collision halves it, and from then on it grows
    slowly.
    """

    def __init__(self, most: int, first: int = FIRST):
        self.size = min(first, most)
        self._most = most
        self._careful = False

    def succeed(self, count: int, seconds: float) -> None:
        """Adapt the size after a portion of so many records that took so long."""
        wanted = count * AIM / max(seconds, 0.001)
        growth = max(self.size // 4, 1) if self._careful else self.size
        self.size = int(max(1, min(wanted, self.size + growth, self._most)))

    def collide(self, count: int) -> None:
        """Reduce the size after a portion of so many records that collided with another transaction."""
        self._careful = True
        self.size = max(1, count // 2)


class Queue:
    """Records by id that are processed in portions; portions that collide come again in smaller ones, single records
    after the others.
    """

    def __init__(self, ids, most: int, first: int = FIRST):
        self._waiting = collections.deque(ids)
        self._tries = collections.Counter()
        self._pace = Pace(most, first)

    def __bool__(self):
        return bool(self._waiting)

    def pop(self) -> list[int]:
        """Return the next portion; records that collided alone are portions of their own."""
        if self._tries[self._waiting[0]]:
            return [self._waiting.popleft()]
        portion = []
        while self._waiting and len(portion) < self._pace.size and not self._tries[self._waiting[0]]:
            portion.append(self._waiting.popleft())
        return portion

    def succeed(self, portion: list[int], seconds: float) -> None:
        self._pace.succeed(len(portion), seconds)

    def collide(self, portion: list[int]) -> bool:
        """Put a portion back that collided; return whether it is given up: one record that was tried often enough."""
        self._pace.collide(len(portion))
        if len(portion) > 1:
            self._waiting.extendleft(reversed(portion))
            return False
        self._tries[portion[0]] += 1
        if self._tries[portion[0]] >= TRIES:
            return True
        self._waiting.append(portion[0])
        return False

    def fail(self, portion: list[int]) -> bool:
        """Split a portion that failed into single records; return whether it is given up: it is one record."""
        if len(portion) > 1:
            self._pace.collide(2)
            self._waiting.extendleft(reversed(portion))
            return False
        return True

    def pause(self, portion: list[int]) -> None:
        """Wait a moment of random length after a collision, longer each time that one record collided."""
        tries = self._tries[portion[0]] if len(portion) == 1 else 0
        time.sleep(random.uniform(0, min(0.05 * 2 ** tries, LONGEST_PAUSE)))
