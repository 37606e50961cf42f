"""Report documents: metadata by the Reports API, content behind a presigned URL that lives five minutes."""

import gzip
import secrets
import time

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from .orders import Refused

URL_SECONDS = 300


def add_document(state, content: bytes, *, gzipped: bool, content_type: str) -> str:
    """Store a document and return its id."""
    document_id = f'amzn1.spdoc.1.4.{secrets.token_hex(8)}'
    state.documents[document_id] = (gzip.compress(content) if gzipped else content, gzipped, content_type)
    return document_id


def get_report_document(state, seller, query, document_id) -> tuple[int, dict]:
    if document_id not in state.documents:
        raise Refused(404, 'NotFound', f"Document {document_id} was not found")
    key = secrets.token_urlsafe(16)
    state.documents[key] = (document_id, state.lifetime(URL_SECONDS))
    body = {'reportDocumentId': document_id, 'url': f'{state.base_url}/documents/{key}'}
    return 200, {**body, 'compressionAlgorithm': 'GZIP'} if state.documents[document_id][1] else body


async def content(request: Request) -> Response:
    state = request.app.state.amazon
    document_id, expiry = state.documents.get(request.path_params['key'], (None, 0))[:2]
    if document_id is None or time.monotonic() > expiry:
        return PlainTextResponse("<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>", 403)
    body, _gzipped, content_type = state.documents[document_id]
    return Response(body, media_type=content_type)
