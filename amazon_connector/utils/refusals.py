"""Access that Amazon refuses (403): to single records, or to an operation."""

import contextlib

from ..amazon_api.errors import Forbidden

# After so many refused records in a row the operation is refused.
MOST_IN_A_ROW = 3


class Refusals:
    """Records to which Amazon refused access, until it is known whether it refuses the records or the operation."""

    def __init__(self):
        self._refused, self._waiting = [], []
        self._answered = False

    @contextlib.contextmanager
    def attempt(self, record):
        """Keep a refusal of the record that the block asks Amazon for; any answer shows that the operation is allowed.

        :raises Forbidden: so many were refused in a row that it is the operation
        """
        try:
            yield
        except Forbidden as error:
            self._waiting.append((record, error))
            if len(self._waiting) >= MOST_IN_A_ROW:
                raise
        else:
            self._answered = True
            self._refused += self._waiting
            self._waiting = []

    def drain(self) -> list:
        """Return the records that are known to be refused by themselves, each once, with their errors."""
        refused, self._refused = self._refused, []
        return refused

    def end(self, is_allowed) -> list:
        """Return the other refused records with their errors, if the operation is allowed.

        :param is_allowed: called with a record if Amazon answered for none here: whether it is known to allow the
            operation
        :raises Forbidden: as far as is known it is the operation
        """
        if self._waiting and not self._answered and not is_allowed(self._waiting[0][0]):
            raise self._waiting[0][1]
        self._refused += self._waiting
        self._waiting = []
        return self.drain()
