"""One value to push to Amazon for one record."""

import json
import logging
from typing import Any, NamedTuple

from odoo.exceptions import UserError

from ..amazon_api.feed_messages import MessageProblem
from .phrases import tell
from .quiet import describe, log_failure
from .words import explain

# Errors that a single record of Odoo may raise while its value is computed or its message is made; they stop no other
# record.
OF_THE_RECORD = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, UserError, ValueError)

_logger = logging.getLogger(__name__)

TO_ZERO, DOWN, UP, OTHER = range(4)
# How often a value that Amazon accepted and did not record is pushed before a person gets a task.
MAX_ATTEMPTS = 2


class Change(NamedTuple):
    """`record` is a listing or a package, `value` what is pushed to Amazon for it; the lower the `urgency`, the earlier
    it goes out.
    """

    record: Any
    value: dict
    urgency: int


class Notes(dict):
    """Values that a plan writes on records beside its changes: id of a listing -> values to write.

    A plan takes long and writes nothing itself, so it locks no record that a user or another job needs.
    """

    def add(self, record, **vals) -> None:
        """Keep the values that differ from those of the record."""
        differing = {name: value for name, value in vals.items() if (record[name] or False) != (value or False)}
        if differing:
            self[record.id] = {**self.get(record.id, {}), **differing}


def write_alike(records, vals: dict) -> None:
    """Write values on records, those with the same values together and without tracking.

    :param dict vals: id -> values; records without any stay as they are
    """
    groups = {}
    for record in records.filtered(lambda record: record.id in vals):
        groups.setdefault(json.dumps(vals[record.id], default=str), []).append(record.id)
    for ids in groups.values():
        records.browse(ids).with_context(tracking_disable=True).write(dict(vals[ids[0]]))


def describe_problem(env, error: Exception) -> str:
    """Return in words why a record cannot be sent; unexpected errors are logged, without the values that they quote."""
    if isinstance(error, UserError | MessageProblem):
        return tell(env)._("This cannot be sent: %s", explain(env, error))
    log_failure(_logger, "A value for Amazon cannot be made", error=error, level=logging.WARNING)
    return tell(env)._("This cannot be sent (%s): see the server log.", describe(error))
