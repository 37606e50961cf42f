"""Row locks on records that a transaction works on; the second transaction does not wait."""

from odoo.exceptions import UserError
from odoo.tools import SQL

from .phrases import tell


def try_lock(records):
    """Lock records until the end of the transaction and return those that no other transaction holds."""
    if not records.ids:
        return records.browse()
    records.env.cr.execute(SQL(
        "SELECT id FROM %s WHERE id IN %s FOR UPDATE SKIP LOCKED", SQL.identifier(records._table), tuple(records.ids)))
    locked = {record_id for (record_id,) in records.env.cr.fetchall()}
    return records.filtered(lambda record: record.id in locked)


def lock(records):
    """Lock records until the end of the transaction.

    :raises UserError: another transaction holds one of them, or it does not exist any more
    """
    held = records - try_lock(records)
    if held:
        raise UserError(tell(records.env)._(
            "Somebody else works on this at the moment (%s). Try again in a minute.",
            ', '.join(held.sudo().mapped('display_name'))))
