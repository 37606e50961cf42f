"""The HTTP application: routes, and for every call of Amazon's API the order of access, faults, limits, validation."""

import asyncio
import json
import secrets
import time

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from . import amazon_models, control, documents, lwa, orders, sellers
from .state import State


def create_app(**options) -> Starlette:
    """Return the ASGI application; `options` are those of `State`."""
    app = Starlette(routes=[
        Route('/auth/o2/token', lwa.token, methods=['POST']),
        Route('/{region:str}/apps/authorize/consent', lwa.consent, methods=['GET', 'POST']),
        Route('/apps/authorize/consent', lwa.consent, methods=['GET', 'POST']),
        _api('/sellers/v1/marketplaceParticipations', 'getMarketplaceParticipations', sellers.get_marketplace_participations),
        _api('/orders/2026-01-01/orders', 'searchOrders', orders.search_orders),
        _api('/orders/2026-01-01/orders/{orderId}', 'getOrder', orders.get_order),
        _api('/reports/2021-06-30/documents/{documentId}', 'getReportDocument', documents.get_report_document),
        Route('/documents/{key}', documents.content),
        *control.ROUTES,
    ])
    app.state.amazon = State(**options)
    return app


def _api(path, operation, handler):
    async def endpoint(request: Request):
        state = request.app.state.amazon
        response, seller = await _answer(state, request, operation, handler)
        response.headers['x-amzn-RequestId'] = secrets.token_hex(16)
        response.headers['x-amzn-RateLimit-Limit'] = f'{state.buckets.rate(operation):g}'
        state.record(operation, response.status_code, seller)
        return response
    return Route(path, endpoint, methods=['GET'])


async def _answer(state, request, operation, handler):
    seller = _authenticate(state, request)
    if seller is None:
        return _refuse(403, 'Unauthorized', "Access to requested resource is denied. The access token is invalid or expired."), ''
    fault = state.faults.strike(operation, 'throttle', 'error_500', 'error_503', 'timeout', 'forbidden', 'html_success')
    if fault:
        return await _fail(fault), seller.id
    if not state.buckets.take(operation, seller.id):
        return _refuse(429, 'QuotaExceeded', "You exceeded your quota for the requested resource."), seller.id
    slow = state.faults.strike(operation, 'slow')
    if slow:
        await asyncio.sleep(slow.seconds)
    query = dict(request.query_params)
    problems = amazon_models.request_problems(operation, {name: request.query_params.getlist(name) for name in query})
    if problems:
        return _refuse(400, 'InvalidInput', '; '.join(problems)), seller.id
    try:
        status, body = handler(state, seller, query, *request.path_params.values())
    except orders.Refused as refusal:
        return JSONResponse(refusal.body, status_code=refusal.status), seller.id
    if state.faults.strike(operation, 'cut'):
        return _CutResponse(json.dumps(body).encode(), media_type='application/json'), seller.id
    return JSONResponse(body, status_code=status), seller.id


def _authenticate(state, request):
    seller_id, expiry = state.access_tokens.get(request.headers.get('x-amz-access-token'), (None, 0))
    return state.sellers.get(seller_id) if time.monotonic() < expiry else None


async def _fail(fault) -> Response:
    if fault.kind == 'throttle':
        return _refuse(429, 'QuotaExceeded', "You exceeded your quota for the requested resource.")
    if fault.kind == 'forbidden':
        return _refuse(403, 'Unauthorized', "Access to requested resource is denied.")
    if fault.kind == 'timeout':
        await asyncio.sleep(fault.seconds or 90)
    if fault.kind == 'html_success':
        return HTMLResponse("<html><body>Please log in to the network</body></html>")
    if fault.kind == 'error_503':
        return HTMLResponse("<html><body><h1>503 Service Unavailable</h1></body></html>", status_code=503)
    return _refuse(500, 'InternalFailure', "We encountered an internal error. Please try again.")


def _refuse(status, code, message) -> JSONResponse:
    return JSONResponse({'errors': [{'code': code, 'message': message, 'details': ''}]}, status_code=status)


class _CutResponse(Response):
    """A reply whose connection is cut in the middle of its body."""

    async def __call__(self, scope, receive, send):
        await send({'type': 'http.response.start', 'status': self.status_code, 'headers': self.raw_headers})
        await send({'type': 'http.response.body', 'body': self.body[:len(self.body) // 2], 'more_body': True})
        raise ConnectionAbortedError("cut on demand")
