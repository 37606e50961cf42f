"""Patches of Amazon's listings (JSON Patch as the Listings Items API knows it) for values of the plans, and Amazon's
answer to them.
"""

import datetime
from typing import NamedTuple

from .errors import Unclear
from .words import _

CONTENT_TYPE = 'application/json; charset=UTF-8'
MERCHANT = 'DEFAULT'
HARMLESS = ('WARNING', 'INFO')
MOST_TEXT = 2000


class Submission(NamedTuple):
    """Amazon's answer to a change of one listing; `errors` and `notes` are False or one text."""

    accepted: bool
    errors: str | bool
    notes: str | bool



def stock_patches(value: dict, marketplace: str, currency: str, before: dict | None = None) -> list[dict]:
    """Return the patches for a quantity of the merchant's own: `value` is an instance of `fulfillment_availability`.

    Merged, so that a handling time and a restock date that Odoo does not manage stay as they are at Amazon ("Merge a
    listing"). A restock date that was pushed `before` and is removed now becomes today.
    """
    instance, today = {'fulfillment_channel_code': MERCHANT, **value}, datetime.datetime.now(
        datetime.timezone.utc).date().isoformat()
    if (before or {}).get('restock_date', '') > today and 'restock_date' not in value:
        instance['restock_date'] = today
    return [{'op': 'merge', 'path': '/attributes/fulfillment_availability', 'value': [instance]}]


def content_patches(value: dict, marketplace: str, currency: str, before: dict | None = None) -> list[dict]:
    """Return the patches for attributes by name."""
    return [{'op': 'replace', 'path': f'/attributes/{name}', 'value': instances} for name, instances in value.items()]


def read_issues(issues):
    """Return the texts of errors and of other issues that Amazon has with a change, each False or one string.

    An issue that is not plainly a warning or a remark is an error, as one with an unknown severity or another shape.
    """
    errors = [_describe(issue) for issue in issues if _is_error(issue)]
    notes = [_describe(issue) for issue in issues if not _is_error(issue)]
    return '\n'.join(errors)[:MOST_TEXT] or False, '\n'.join(notes)[:MOST_TEXT] or False


def _is_error(issue):
    return not isinstance(issue, dict) or issue.get('severity') not in HARMLESS


def _describe(issue):
    if not isinstance(issue, dict):
        return f"an issue that is not understood: {str(issue)[:100]}"
    names = (issue.get('attributeNames') if isinstance(issue.get('attributeNames'), list)
             else [issue.get('attributeName')])
    text = str(issue.get('message') or issue.get('code') or "an issue without a message")
    if issue.get('severity') not in (*HARMLESS, 'ERROR'):
        text = f"{text} (severity {str(issue.get('severity'))[:40]})"
    return ': '.join(filter(None, [', '.join(str(name) for name in names if name), text]))


def read_submission(answer, wanted='ACCEPTED') -> Submission:
    """Return Amazon's answer to a change (`ListingsItemSubmissionResponse`); accepted only if Amazon says so, without
    an error.

    :param str wanted: the status that means yes, `VALID` for a preview
    :raises Unclear: the answer says neither that it is accepted nor that it is not
    """
    if not isinstance(answer, dict):
        raise Unclear(_("Amazon's answer is not understood: %(answer)s", answer=str(answer)[:100]))
    issues, status = answer.get('issues'), answer.get('status')
    errors, notes = read_issues(issues if isinstance(issues, list) else [] if issues is None else [issues])
    if status not in (wanted, 'INVALID'):
        shown = repr(str(status)[:40])
        raise Unclear(_("Amazon's answer has the status %(status)s. %(errors)s", status=shown, errors=errors)
                      if errors else
                      _("Amazon's answer has the status %(status)s.", status=shown))
    return Submission(status == wanted and not errors, errors, notes)
