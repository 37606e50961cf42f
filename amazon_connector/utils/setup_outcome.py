"""The outcome of a step of the start page."""

from typing import NamedTuple


class Check(NamedTuple):
    """How far a step is: `done` only for what was looked at and is good, `todo` for what a person is to do, `open` for
    what is not known yet or not needed.

    `record` is what proves it, `button` names what the page offers, and `way` where it leads, if not to the step's own
    page.
    """

    state: str
    detail: str
    button: str = ''
    record: object = None
    way: str = ''
