"""One run of a flow: the problems that did not stop it."""

from ..amazon_api.errors import Unavailable

# So many problems are shown in full.
MOST_SHOWN = 20


class Run:
    """The problems of a run, in order, each of one subject: a marketplace, a report, a label, an order.

    `account_refused` is whether Amazon refuses the account as a whole: None as long as it was not checked.
    `needs_person` is whether a problem does not heal by itself, so that a person gets a task at once.
    """

    def __init__(self):
        self.problems = {}
        self.account_refused = None
        self.needs_person = False
        self._unavailable = False

    def add(self, subject: str, reason: str) -> None:
        """Add a problem of a subject to those of this run."""
        reasons = [*self.problems.get(subject, '').split('\n'), *reason.split('\n')]
        self.problems[subject] = '\n'.join(list(dict.fromkeys(filter(None, reasons)))[:MOST_SHOWN])

    def succeed(self) -> None:
        """Register that a subject was processed, so Amazon can be reached."""
        self._unavailable = False

    def is_outage(self, error: Exception) -> bool:
        """Return whether Amazon failed for two subjects in a row: then the subjects are not at fault."""
        before, self._unavailable = self._unavailable, isinstance(error, Unavailable)
        return before and self._unavailable

    def text(self) -> str:
        """Return a line for each problem."""
        lines = [f'{subject}: {reason}' for subject, reason in list(self.problems.items())[:MOST_SHOWN]]
        more = len(self.problems) - len(lines)
        return '\n'.join([*lines, *([f'… (+{more})'] if more else [])])
