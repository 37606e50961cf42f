"""Access that Amazon refuses (403): to single records, or to an operation."""

# After so many refused records in a row the operation is refused.
MOST_IN_A_ROW = 3


class Refusals:
    """Records to which Amazon refused access, until it is known whether it refuses the records or the operation."""

    def __init__(self):
        self._refused = []
        self._answered = False

    def add(self, record, error: Exception) -> None:
        """Add a record to which access was refused.

        :raises Forbidden: `error`, if so many were refused in a row that it is the operation
        """
        self._refused.append((record, error))
        if len(self._refused) >= MOST_IN_A_ROW:
            raise error

    def answer(self) -> list:
        """Register that Amazon answered for a record, so the operation is allowed; return the records refused before,
        with their errors.
        """
        self._answered = True
        refused, self._refused = self._refused, []
        return refused

    def end(self, is_allowed) -> list:
        """Return the records refused at last, with their errors, if the operation is allowed.

        :param is_allowed: called with a record if Amazon answered for none here: whether it is known to allow the operation
        :raises Forbidden: as far as is known it is the operation
        """
        if self._refused and not self._answered and not is_allowed(self._refused[0][0]):
            raise self._refused[0][1]
        return self.answer()
