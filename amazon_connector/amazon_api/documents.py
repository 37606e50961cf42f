"""Report and feed documents: presigned downloads, gunzipped, with a limit on their size."""

import zlib

import requests

from .errors import AmazonError, DocumentTooLarge, Unavailable
from .transport import Transport

MAX_BYTES = 512 * 1024 * 1024
CHUNK = 64 * 1024


def download(transport: Transport, url: str, *, gzipped: bool = False, max_bytes: int = MAX_BYTES) -> bytes:
    """Return the content behind a presigned URL (they work for five minutes) of a `getReportDocument` or feed document.

    :param bool gzipped: whether `compressionAlgorithm` of the document was GZIP
    :param int max_bytes: the most that is read, before and after decompression
    :raises DocumentTooLarge: there is more than `max_bytes`
    :raises AmazonError: the URL is too old, or the content is damaged
    :raises Unavailable: the download broke off
    """
    reply = transport.send('document', 'GET', url, stream=True)
    content = bytearray()
    received = 0
    inflate = zlib.decompressobj(zlib.MAX_WBITS | 16) if gzipped else None
    for chunk in _chunks(reply):
        received += len(chunk)
        content += _inflate(inflate, chunk, max_bytes - len(content)) if inflate else chunk
        if max(received, len(content)) > max_bytes:
            raise DocumentTooLarge(f"The document is larger than {max_bytes} bytes", operation='document')
    if inflate and not inflate.eof:
        raise AmazonError("The compressed document is incomplete: fetch it again", operation='document')
    return bytes(content)


def _chunks(reply):
    try:
        yield from reply.iter_content(CHUNK)
    except requests.RequestException as error:
        raise Unavailable(f"The download broke off ({type(error).__name__})", operation='document') from None


def _inflate(inflate, chunk, room) -> bytes:
    try:
        return inflate.decompress(chunk, room + 1)
    except zlib.error as error:
        raise AmazonError(f"The compressed document is damaged ({error}): fetch it again", operation='document') from None


def charset(content_type: str, default: str = 'utf-8') -> str:
    """Return the character set that a `Content-Type` names, or the default."""
    for parameter in content_type.split(';')[1:]:
        name, _, value = parameter.partition('=')
        if name.strip().lower() == 'charset':
            return value.strip(' "\'').lower()
    return default
