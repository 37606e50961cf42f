"""Messages of feeds, each made by itself: one that cannot be made fails alone, with a reason in words."""

import json
import re

from .patches import CONTENT_TYPE
from .words import _

FEED_TYPE = 'JSON_LISTINGS_FEED'
# Characters that XML 1.0 does not have: Amazon refuses them in JSON, too.
_FORBIDDEN = re.compile('[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]')
MOST_BYTES = 256 * 1024
# Amazon works best on documents below this size.
MOST_DOCUMENT = 10 * 1024 * 1024

__all__ = ['CONTENT_TYPE', 'FEED_TYPE', 'MOST_DOCUMENT', 'MessageProblem', 'check_text', 'clean_text', 'clean_texts',
           'make_document', 'make_message']


class MessageProblem(ValueError):
    """Raised where a message cannot be made, with the reason in words."""


def clean_text(text: str) -> str:
    """Return a text without characters that Amazon refuses everywhere: control characters as of barcode scanners, and
    lone surrogates.
    """
    return _FORBIDDEN.sub('', text)


def clean_texts(value):
    """Return a value of JSON with all its texts cleaned (see `clean_text`)."""
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, dict):
        return {name: clean_texts(entry) for name, entry in value.items()}
    return [clean_texts(entry) for entry in value] if isinstance(value, list | tuple) else value


def check_text(name: str, text: str) -> str:
    """Return an identifier unchanged.

    :raises MessageProblem: it has a character that Amazon refuses: without that it would be another identifier
    """
    if _FORBIDDEN.search(text) or not text.strip():
        raise MessageProblem(_("%(name)s %(text)s is empty or has a character that Amazon refuses", name=name,
                               text=repr(text[:60])))
    return text


def make_message(message_id: int, sku: str, body: dict) -> bytes:
    """Return a message of a `JSON_LISTINGS_FEED` that patches one listing.

    :param dict body: `productType` and `patches`
    :raises MessageProblem: it cannot be made, or is too large
    """
    message = {'messageId': message_id, 'sku': check_text(_("The SKU"), sku), 'operationType': 'PATCH',
               **clean_texts(body)}
    try:
        content = json.dumps(message, ensure_ascii=False, allow_nan=False, separators=(',', ':')).encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise MessageProblem(_("it has a value that JSON does not know (%(error)s)", error=error)) from None
    return check_size(content)


def check_size(content: bytes) -> bytes:
    """Return a message unchanged.

    :raises MessageProblem: it is larger than Amazon accepts
    """
    if len(content) > MOST_BYTES:
        raise MessageProblem(_("it has %(count)s bytes, more than %(most)s", count=len(content), most=MOST_BYTES))
    return content


def make_document(merchant_token: str, messages: list[bytes]) -> bytes:
    """Return the document of a `JSON_LISTINGS_FEED` with messages of `make_message`."""
    header = json.dumps({'sellerId': merchant_token, 'version': '2.0', 'issueLocale': 'en_US'},
                        separators=(',', ':')).encode()
    return b'{"header":%b,"messages":[%b]}' % (header, b','.join(messages))
