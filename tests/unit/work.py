"""How much work code does: the same number on every machine, however busy it is."""

import contextlib
import sys


class Work:
    """`calls` are those of functions, of Python's own as well."""

    def __init__(self):
        self.calls = 0

    def note(self, _frame, event, _argument):
        self.calls += event in ('call', 'c_call')


@contextlib.contextmanager
def count_work(most=None):
    """Count the calls that code makes, and fail where they are more than so many."""
    work, before = Work(), sys.getprofile()
    sys.setprofile(work.note)
    try:
        yield work
    finally:
        sys.setprofile(before)
        assert most is None or work.calls <= most, f"{work.calls} calls"
