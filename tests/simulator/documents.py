"""Report and feed documents behind presigned URLs that live five minutes."""

import gzip
import secrets
import time

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from .orders import Refused

URL_SECONDS = 300


class Documents:
    """What is stored by document id, and which URL leads to which document for how long.

    :param float speed: how much faster than real time URLs expire
    """

    def __init__(self, speed: float):
        self._speed = speed
        self._stored = {}
        self._urls = {}
        self.base_url = ''

    def add(self, content: bytes | None, *, gzipped: bool = False, content_type: str = 'text/plain') -> str:
        """Store a document and return its id; content None is yet to be uploaded."""
        document_id = f'amzn1.spdoc.1.4.{secrets.token_hex(8)}'
        self._stored[document_id] = {'content': gzip.compress(content) if gzipped else content, 'gzipped': gzipped,
                                     'type': content_type}
        return document_id

    def get(self, document_id: str) -> dict | None:
        return self._stored.get(document_id)

    def publish(self, document_id: str) -> str:
        """Return a key that leads to a document for five minutes of Amazon's time, at least five seconds of a client's.
        """
        key = secrets.token_urlsafe(16)
        self._urls[key] = document_id, time.monotonic() + max(URL_SECONDS / self._speed, 5 if self._speed > 1 else 0)
        return key

    def behind(self, key: str) -> dict | None:
        document_id, expiry = self._urls.get(key, (None, 0))
        return self._stored.get(document_id) if time.monotonic() <= expiry else None

    def url(self, key: str) -> str:
        return f'{self.base_url}/documents/{key}'


def get_document(state, document_id, name) -> tuple[int, dict]:
    """Answer `getReportDocument` and `getFeedDocument`, which differ in the `name` of the id."""
    stored = state.documents.get(document_id)
    if stored is None:
        raise Refused(404, 'NotFound', f"Document {document_id} was not found")
    body = {name: document_id, 'url': state.documents.url(state.documents.publish(document_id))}
    return 200, {**body, 'compressionAlgorithm': 'GZIP'} if stored['gzipped'] else body


def get_report_document(state, seller, query, document_id) -> tuple[int, dict]:
    return get_document(state, document_id, 'reportDocumentId')


async def content(request: Request) -> Response:
    """Download, or upload with the content type that was announced."""
    state = request.app.state.amazon
    stored = state.documents.behind(request.path_params['key'])
    if stored is None:
        return _denied("AccessDenied", "Request has expired")
    if request.method == 'GET':
        content = stored['content']
        if stored['gzipped'] and state.faults.strike('document', 'document_cut'):
            content = content[:len(content) // 2]
        return Response(content, media_type=stored['type'])
    if request.headers.get('content-type') != stored['type']:
        return _denied("SignatureDoesNotMatch", "The content type is not the one that the URL was signed for")
    stored['content'] = await request.body()
    return Response()


def _denied(code, message):
    return PlainTextResponse(f"<Error><Code>{code}</Code><Message>{message}</Message></Error>", 403)
