"""Report and feed documents: presigned uploads and downloads, gunzipped, with a limit on their size."""

import zlib
from typing import NamedTuple

import requests

from .addresses import check_document_url
from .errors import AmazonError, DocumentTooLarge, Unavailable
from .transport import Transport
from .words import _

MAX_BYTES = 512 * 1024 * 1024
CHUNK = 64 * 1024
# The first bytes of GZIP.
MAGIC = b'\x1f\x8b'


class Document(NamedTuple):
    """The bytes of a document, and the character set that Amazon named for them, '' where it named none."""

    content: bytes
    charset: str


def upload(transport: Transport, url: str, content: bytes, content_type: str) -> None:
    """Upload content to a presigned URL of `createFeedDocument`.

    :param str content_type: the one that the document was created with
    :raises AmazonError: the URL is too old, was signed for another content type, or is not on a host of Amazon's
    :raises Unavailable: the upload broke off
    """
    check_document_url(url, loopback=transport.loopback)
    transport.send('document', 'PUT', url, data=content, headers={'Content-Type': content_type})


def download(transport: Transport, url: str, *, gzipped: bool = False, max_bytes: int = MAX_BYTES) -> Document:
    """Return the document behind a presigned URL (they work for five minutes) of a `getReportDocument` or feed
    document.

    :param bool gzipped: whether `compressionAlgorithm` of the document was GZIP; what is plain although it says so is
        read as it is, because Amazon may send `Content-Encoding: gzip`, too, which is undone on the way
    :param int max_bytes: the most that is read, before and after decompression
    :raises DocumentTooLarge: there is more than `max_bytes`
    :raises AmazonError: the URL is too old or not on a host of Amazon's, or the content is damaged
    :raises Unavailable: the download broke off
    """
    check_document_url(url, loopback=transport.loopback)
    reply = transport.send('document', 'GET', url, stream=True)
    content = bytearray()
    received = 0
    inflate = _Inflater() if gzipped else None
    for chunk in _chunks(reply):
        received += len(chunk)
        content += inflate.feed(chunk, max_bytes - len(content)) if inflate else chunk
        if max(received, len(content)) > max_bytes:
            raise DocumentTooLarge(_("The document is larger than %(most)s bytes", most=max_bytes),
                                   operation='document')
    if inflate and not inflate.is_complete:
        raise AmazonError(_("The compressed document is incomplete: fetch it again"), operation='document')
    return Document(bytes(content), charset(reply.headers.get('Content-Type', '')))


def _chunks(reply):
    try:
        yield from reply.iter_content(CHUNK)
    except requests.RequestException as error:
        raise Unavailable(_("The download broke off (%(error)s)", error=type(error).__name__),
                          operation='document') from None


class _Inflater:
    """Decompress a GZIP document part by part; a concatenated one has several streams, one behind the other."""

    def __init__(self):
        self._stream = self._make_stream()
        self._begin = b''
        self._is_plain = None

    @staticmethod
    def _make_stream():
        return zlib.decompressobj(zlib.MAX_WBITS | 16)

    @property
    def is_complete(self) -> bool:
        """Return whether all streams of the document ended."""
        return self._is_plain or self._stream.eof

    def feed(self, chunk: bytes, room: int) -> bytes:
        """Return the decompressed bytes of the next part, at most one byte more than there is room for; plain parts
        unchanged.

        :raises AmazonError: it is damaged
        """
        if self._is_plain is None:
            chunk = self._begin + chunk
            if len(chunk) < len(MAGIC) and MAGIC.startswith(chunk):
                self._begin = chunk
                return b''
            self._is_plain = not chunk.startswith(MAGIC)
        return chunk if self._is_plain else self._inflate(chunk, room)

    def _inflate(self, chunk, room):
        content = bytearray()
        try:
            while len(content) <= room:
                if self._stream.eof:
                    # Streams may be padded with zeros.
                    chunk = chunk.lstrip(b'\0')
                    if not chunk:
                        break
                    self._stream = self._make_stream()
                content += self._stream.decompress(chunk, room + 1 - len(content))
                if not self._stream.eof:
                    break
                chunk = self._stream.unused_data
        except zlib.error as error:
            raise AmazonError(_("The compressed document is damaged (%(error)s): fetch it again", error=error),
                              operation='document') from None
        return bytes(content)


def charset(content_type: str) -> str:
    """Return the character set that a `Content-Type` names, or ''."""
    for parameter in content_type.split(';')[1:]:
        name, _, value = parameter.partition('=')
        if name.strip().lower() == 'charset':
            return value.strip(' "\'').lower()
    return ''
