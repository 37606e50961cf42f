"""Bodies of replies: decoded once, in a form that all readers and the database accept."""

import json
import math

from .storable import make_storable

# A number with more digits than this is implausible; Python and PostgreSQL refuse it at different lengths.
MOST_DIGITS = 30
MOST_MESSAGE = 2000


def decode_json(content: bytes):
    """Return the value of a JSON body, made storable.

    A number that JSON does not know (NaN, Infinity) or that is absurdly large becomes its text: readers that want a
    number refuse it in words, and it is still there to see.

    :raises ValueError: the body is no JSON
    """
    try:
        text = content.decode(json.detect_encoding(content), 'surrogatepass')
    except UnicodeDecodeError:
        text = content.decode('utf-8', 'replace')
    try:
        return make_storable(json.loads(text, parse_constant=str, parse_float=_read_float, parse_int=_read_int,
                                        strict=False))
    except RecursionError:
        raise ValueError("The reply is nested too deeply") from None


def _read_float(text):
    number = float(text)
    return number if math.isfinite(number) else text[:MOST_DIGITS]


def _read_int(text):
    return int(text) if len(text) <= MOST_DIGITS else text[:MOST_DIGITS]


def is_reply(body) -> bool:
    """Return whether a decoded body has the form of the SP-API's and Login with Amazon's: an object, or a list of
    objects.
    """
    return isinstance(body, dict) or (isinstance(body, list) and bool(body)
                                      and all(isinstance(entry, dict) for entry in body))


def read_error(body) -> tuple[str, str]:
    """Return code and message of a body of the SP-API (a list of errors) or of Login with Amazon (one error), '' for
    missing ones.
    """
    if not isinstance(body, dict):
        return '', ''
    if isinstance(body.get('error'), str):
        return body['error'], _read_message(body.get('error_description'))
    errors = body.get('errors')
    first = errors[0] if isinstance(errors, list) and errors and isinstance(errors[0], dict) else {}
    return _read_message(first.get('code')), ' '.join(
        filter(None, (_read_message(first.get('message')), _read_message(first.get('details')))))


def _read_message(value) -> str:
    return value[:MOST_MESSAGE] if isinstance(value, str) else ''
