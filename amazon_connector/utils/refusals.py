"""Access that Amazon refuses (403): to one record, or to an operation as a whole."""

# After so many records in a row it is the operation.
MOST_IN_A_ROW = 3


class Refusals:
    """The records of one operation to which Amazon refused access, until it is known whether it is them or the operation."""

    def __init__(self):
        self._refused = []
        self._answered = False

    def add(self, record, error: Exception) -> None:
        """Remember that access to a record was refused.

        :raises Forbidden: `error`, if so many were refused in a row that it is the operation
        """
        self._refused.append((record, error))
        if len(self._refused) >= MOST_IN_A_ROW:
            raise error

    def answer(self) -> list:
        """Note that Amazon answered for a record; return those refused before, with their errors: it is them."""
        self._answered = True
        refused, self._refused = self._refused, []
        return refused

    def end(self, is_allowed) -> list:
        """Return those refused at last, with their errors, if it is them.

        :param is_allowed: called with a record if Amazon answered for none here: whether it is known to allow the operation
        :raises Forbidden: as far as is known it is the operation
        """
        if self._refused and not self._answered and not is_allowed(self._refused[0][0]):
            raise self._refused[0][1]
        return self.answer()
