"""The HTTP application: routes, and for every call of Amazon's API the order of access, faults, limits, validation."""

import asyncio
import contextlib
import inspect
import json
import secrets
import time

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from . import (
    amazon_models,
    catalog,
    control,
    definitions,
    documents,
    feeds,
    finances,
    inbound,
    listings,
    lwa,
    mfn,
    orders,
    paging,
    payouts,
    reports,
    sellers,
    settlements,
    shipments,
    shipping,
)
from .state import State


def create_app(**options) -> Starlette:
    """Return the ASGI application; `options` are those of `State`."""
    app = Starlette(routes=[
        Route('/auth/o2/token', lwa.token, methods=['POST']),
        Route('/{region:str}/apps/authorize/consent', lwa.consent, methods=['GET', 'POST']),
        Route('/apps/authorize/consent', lwa.consent, methods=['GET', 'POST']),
        _api('/sellers/v1/marketplaceParticipations', 'getMarketplaceParticipations',
             sellers.get_marketplace_participations),
        _api('/orders/2026-01-01/orders', 'searchOrders', orders.search_orders),
        _api('/orders/2026-01-01/orders/{orderId}', 'getOrder', orders.get_order),
        _api('/orders/v0/orders/{orderId}/shipmentConfirmation', 'confirmShipment', shipments.confirm_shipment, 'POST'),
        _api('/shipping/v2/shipments/rates', 'getRates', shipping.get_rates, 'POST'),
        _api('/shipping/v2/shipments/additionalInputs/schema', 'getAdditionalInputs', shipping.get_additional_inputs),
        _api('/shipping/v2/shipments', 'purchaseShipment', shipping.purchase_shipment, 'POST'),
        _api('/shipping/v2/shipments/{shipmentId}/documents', 'getShipmentDocuments', shipping.get_shipment_documents),
        _api('/shipping/v2/shipments/{shipmentId}/cancel', 'cancelShipment', shipping.cancel_shipment, 'PUT'),
        _api('/shipping/v2/tracking', 'getTracking', shipping.get_tracking),
        _api('/mfn/v0/eligibleShippingServices', 'getEligibleShipmentServices', mfn.get_eligible_shipment_services,
             'POST'),
        _api('/mfn/v0/additionalSellerInputs', 'getAdditionalSellerInputs', mfn.get_additional_seller_inputs, 'POST'),
        _api('/mfn/v0/shipments', 'createShipment', mfn.create_shipment, 'POST'),
        _api('/mfn/v0/shipments/{shipmentId}', 'getShipment', mfn.get_shipment),
        _api('/mfn/v0/shipments/{shipmentId}', 'mfn.cancelShipment', mfn.cancel_shipment, 'DELETE'),
        _api('/reports/2021-06-30/documents/{documentId}', 'getReportDocument', documents.get_report_document),
        _api('/reports/2021-06-30/reports', 'createReport', reports.create_report, 'POST'),
        _api('/reports/2021-06-30/reports', 'getReports', settlements.get_reports),
        _api('/finances/2024-06-19/transactions', 'listTransactions', finances.list_transactions),
        _api('/finances/2024-06-19/balances', 'listBalances', payouts.list_balances),
        _api('/finances/transfers/2024-06-01/payouts', 'listPayouts', payouts.list_payouts),
        _api('/reports/2021-06-30/reports/{reportId}', 'getReport', reports.get_report),
        _api('/feeds/2021-06-30/documents', 'createFeedDocument', feeds.create_feed_document, 'POST'),
        _api('/feeds/2021-06-30/documents/{documentId}', 'getFeedDocument', feeds.get_feed_document),
        _api('/feeds/2021-06-30/feeds', 'createFeed', feeds.create_feed, 'POST'),
        _api('/feeds/2021-06-30/feeds', 'getFeeds', feeds.get_feeds),
        _api('/feeds/2021-06-30/feeds/{feedId}', 'getFeed', feeds.get_feed),
        _api('/listings/2021-08-01/items/{sellerId}', 'searchListingsItems', listings.search_listings_items),
        _api('/listings/2021-08-01/items/{sellerId}/{sku:path}', 'getListingsItem', listings.get_listings_item),
        _api('/listings/2021-08-01/items/{sellerId}/{sku:path}', 'putListingsItem', listings.put_listings_item, 'PUT'),
        _api('/listings/2021-08-01/items/{sellerId}/{sku:path}', 'patchListingsItem', listings.patch_listings_item,
             'PATCH'),
        _api('/listings/2021-08-01/items/{sellerId}/{sku:path}', 'deleteListingsItem', listings.delete_listings_item,
             'DELETE'),
        _api('/definitions/2020-09-01/productTypes', 'searchDefinitionsProductTypes',
             definitions.search_definitions_product_types),
        _api('/definitions/2020-09-01/productTypes/{productType}', 'getDefinitionsProductType',
             definitions.get_definitions_product_type),
        _api('/catalog/2022-04-01/items', 'searchCatalogItems', catalog.search_catalog_items),
        _api('/catalog/2022-04-01/items/{asin}', 'getCatalogItem', catalog.get_catalog_item),
        _api('/fba/inventory/v1/summaries', 'getInventorySummaries', catalog.get_inventory_summaries),
        _api('/fba/inbound/v0/shipments', 'getShipments', inbound.get_shipments),
        _api('/fba/inbound/v0/shipments/{shipmentId}/items', 'getShipmentItemsByShipmentId',
             inbound.get_shipment_items),
        _api('/inbound/fba/2024-03-20/inboundPlans', 'listInboundPlans', inbound.list_inbound_plans),
        _api('/inbound/fba/2024-03-20/inboundPlans/{inboundPlanId}', 'getInboundPlan', inbound.get_inbound_plan),
        _api('/inbound/fba/2024-03-20/inboundPlans/{inboundPlanId}/shipments/{shipmentId}', 'inbound.getShipment',
             inbound.get_shipment),
        _api('/inbound/fba/2024-03-20/inboundPlans/{inboundPlanId}/shipments/{shipmentId}/items',
             'inbound.listShipmentItems', inbound.list_shipment_items),
        Route('/documents/{key}', documents.content, methods=['GET', 'PUT']),
        *control.ROUTES,
    ])
    app.state.amazon = State(**options)
    return app


def _api(path, operation, handler, method='GET'):
    async def endpoint(request: Request):
        state = request.app.state.amazon
        state.documents.base_url = str(request.base_url).rstrip('/')
        feeds.advance(state)
        response, seller = await _answer(state, request, operation, handler)
        response.headers['x-amzn-RequestId'] = secrets.token_hex(16)
        response.headers['x-amzn-RateLimit-Limit'] = f'{state.buckets.rate(operation):g}'
        state.record(operation, response.status_code, seller)
        return response
    return Route(path, endpoint, methods=[method])


async def _answer(state, request, operation, handler):
    seller = _authenticate(state, request)
    if seller is None:
        return _refuse(403, 'Unauthorized', "Access to requested resource is denied. The access token is invalid or "
                       "expired."), ''
    fault = state.faults.strike(operation, 'throttle', 'error_500', 'error_503', 'timeout', 'forbidden', 'html_success',
                                marketplaces=await _marketplaces(request))
    if fault:
        return await _fail(fault), seller.id
    if not state.buckets.take(operation, seller.id):
        return _refuse(429, 'QuotaExceeded', "You exceeded your quota for the requested resource."), seller.id
    slow = state.faults.strike(operation, 'slow')
    if slow:
        await asyncio.sleep(slow.seconds)
    query = dict(request.query_params)
    problems = amazon_models.request_problems(
        operation, {name: request.query_params.getlist(name) for name in query},
        list(map(str, request.path_params.values())), request.headers)
    sent = ()
    if request.method in ('POST', 'PUT', 'PATCH'):
        try:
            sent = (json.loads(await request.body() or '{}'),)
        except ValueError:
            return _refuse(400, 'InvalidInput', "The body is not JSON."), seller.id
        problems += amazon_models.body_problems(operation, sent[0])
    if problems:
        return _refuse(400, 'InvalidInput', '; '.join(problems)), seller.id
    try:
        options = {'headers': request.headers} if 'headers' in inspect.signature(handler).parameters else {}
        query = paging.check_token(state, operation, query)
        status, body = handler(state, seller, query, *sent, *request.path_params.values(), **options)
        body = paging.spoil_token(state, operation, query, body)
    except orders.Refused as refusal:
        return _Json(refusal.body, status_code=refusal.status), seller.id
    if state.faults.strike(operation, 'cut'):
        return _CutResponse(json.dumps(body).encode(), media_type='application/json'), seller.id
    return _Json(body, status_code=status) if status != 204 else Response(status_code=204), seller.id


async def _marketplaces(request) -> set[str]:
    """Return the ids of the marketplaces that a call names, in its query or in its body."""
    named = [value for name in ('marketplaceIds', 'marketplaceId', 'granularityId')
             for value in request.query_params.getlist(name)]
    if request.method in ('POST', 'PUT', 'PATCH'):
        with contextlib.suppress(ValueError, AttributeError):
            named += json.loads(await request.body() or '{}').get('marketplaceIds') or []
    return {part for value in named for part in str(value).split(',')}


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


class _Json(JSONResponse):
    """Everything beyond ASCII is escaped, so text that is no UTF-8 (a surrogate that stands alone) travels, too."""

    def render(self, content):
        return json.dumps(content, separators=(',', ':')).encode()


class _CutResponse(Response):
    """A reply whose connection is cut in the middle of its body."""

    async def __call__(self, scope, receive, send):
        await send({'type': 'http.response.start', 'status': self.status_code, 'headers': self.raw_headers})
        await send({'type': 'http.response.body', 'body': self.body[:len(self.body) // 2], 'more_body': True})
        raise ConnectionAbortedError("cut on demand")
