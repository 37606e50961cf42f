"""One run of a flow: the problems that did not stop it."""

from ..amazon_api.errors import Unavailable
from .phrases import dump, dump_lines, load, tell

# So many problems are shown in full.
MOST_SHOWN = 20


class Run:
    """The problems of a run, in order, each of one subject: a marketplace, a report, a label, an order.

    Subjects and reasons are kept as they are stored, without a language.

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
        key = dump(subject)
        reasons = dict.fromkeys([*self.problems.get(key, ()), *dump_lines(reason)])
        self.problems[key] = list(reasons)[:MOST_SHOWN]

    def describe(self, env, subject: str) -> str | None:
        """Return the problems of a subject, or None."""
        return tell(env).join(load(env, reason) for reason in self.problems.get(dump(subject), ())) or None

    def succeed(self) -> None:
        """Register that a subject was processed, so Amazon can be reached."""
        self._unavailable = False

    def is_outage(self, error: Exception) -> bool:
        """Return whether Amazon failed for two subjects in a row: then the subjects are not at fault."""
        before, self._unavailable = self._unavailable, isinstance(error, Unavailable)
        return before and self._unavailable

    def text(self, env) -> str:
        """Return a line for each problem."""
        shown = [load(env, subject) for subject in list(self.problems)[:MOST_SHOWN]]
        lines = [tell(env).join([subject, self.describe(env, subject)], by=': ') for subject in shown]
        more = len(self.problems) - len(lines)
        return tell(env).join([*lines, *([f'… (+{more})'] if more else [])])
