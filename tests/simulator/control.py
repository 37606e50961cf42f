"""The control API: how tests and the demo set the stage. Its paths and forms are stable.

- `POST /_control/reset` with the options of `State`: a new, empty or generated Amazon.
- `POST /_control/orders`: a list of Orders 2026-01-01 `Order` objects, refused as a whole unless all are valid.
- `GET /_control/orders`: every order as it is, whatever a seller may see of it.
- `POST /_control/orders/{id}/events`: one event or a list, see `events.apply_event`.
- `POST /_control/hidden`: a list of order ids that Amazon does not show until it gets another list.
- `POST /_control/faults`: one fault or a list, see `faults.Fault`; `DELETE` ends them all.
- `POST /_control/listings`: a list of listings in the short form of `listings.make`, each with `seller` (a region);
  refused as a whole unless all are valid. `GET` answers all of them as Amazon shows them, and `turned_to_merchant`: the
  SKUs of Amazon's own fulfilment that a request has turned into merchant-fulfilled ones.
- `POST /_control/listings/behaviour`: `{"refuse": {sku: issue}, "ignore": [sku]}`: refuse every change of these SKUs
  with an issue, accept changes of those without making them. It replaces what was set before.
- `GET /_control/shipments`: every label that was sold: order, service, price, tracking number, format, status. `POST`
  with `{tracking number: status}`: what tracking says of them.
- `POST /_control/documents?gzip=1`: the raw body becomes a report document; answers its id.
- `POST /_control/settlements?seller=eu&charset=utf-8`: the raw body becomes a settlement report as it is; answers its
    report id.
- `POST /_control/money`: one movement or a list, see `money.happen`, each with `seller` (a region): refunds, claims,
  fees. `{"release": id}` (and `released`, a time) releases one that is deferred.
- `POST /_control/payouts/{id}`: the payout of a settlement goes otherwise, see `payouts.change`.
- `POST /_control/settle`: one period or a list, see `settlements.settle`, each with `seller` (a region): all that moved
  becomes a settlement report; answers id and total of each.
- `POST /_control/fba?seller=eu`: one event or a list of what happens to units at Amazon, see `fba_events.EVENTS`, each
  with `type`; refused as a whole unless all can be. `GET` answers units by SKU, country and disposition, and what is
  open (see `fba_truths.tell`), now or at the end of a `date`.
- `POST /_control/fba_year?seller=eu` with the options of `fba_year.make_year`: a year of units at Amazon.
- `POST /_control/fba/rest?seller=eu`: the hours pass in which the same report may not be asked for again.
- `POST /_control/sellers`: `{"region": "eu"}` answers one more refresh token for the seller of that region.
- `POST /_control/revoke`: `{"refresh_token": …}` stops working, and the access tokens of its seller with it.
- `GET /_control/calls`: every call with operation, status, seller and time, and counters.
"""

import datetime
import json

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from . import amazon_models, fba, fba_events, fba_truths, fba_year, feeds, listings, money, payouts, settlements
from .events import apply_event
from .faults import Fault
from .state import SELLERS, State

SHOWN = ('summaries', 'attributes', 'issues', 'offers', 'fulfillmentAvailability')


async def health(_request):
    return PlainTextResponse('ok')


async def reset(request: Request):
    options = await request.json() if await request.body() else {}
    request.app.state.amazon = State(**{'speed': request.app.state.amazon.speed, **options})
    return JSONResponse({'orders': len(request.app.state.amazon.orders)})


async def orders(request: Request):
    state = request.app.state.amazon
    if request.method == 'GET':
        return Response(json.dumps(list(state.orders.values())), media_type='application/json')
    received = await request.json()
    problems = {order.get('orderId', '?'): amazon_models.problems('orders_2026-01-01', 'Order', order)
                for order in received}
    if any(problems.values()):
        return JSONResponse({'problems': {key: found for key, found in problems.items() if found}}, status_code=422)
    for order in received:
        state.orders[order['orderId']] = order
    return JSONResponse({'orders': len(received)})


async def hidden(request: Request):
    state = request.app.state.amazon
    state.hidden = set(await request.json())
    return JSONResponse({'hidden': len(state.hidden)})


async def order_events(request: Request):
    state = request.app.state.amazon
    order = state.orders.get(request.path_params['id'])
    if order is None:
        return JSONResponse({'problems': "no such order"}, status_code=404)
    try:
        for event in _listed(await request.json()):
            apply_event(state, order, event)
    except ValueError as error:
        return JSONResponse({'problems': str(error)}, status_code=422)
    return JSONResponse(order)


async def faults(request: Request):
    active = request.app.state.amazon.faults.active
    if request.method == 'DELETE':
        active.clear()
        return JSONResponse({'faults': 0})
    try:
        active.extend(Fault(**fault) for fault in _listed(await request.json()))
    except (TypeError, ValueError) as error:
        return JSONResponse({'problems': str(error)}, status_code=422)
    return JSONResponse({'faults': len(active)})


async def all_listings(request: Request):
    state = request.app.state.amazon
    if request.method == 'GET':
        feeds.advance(state)
        shown = [{'marketplace': marketplace, **listings.render(state, state.sellers[owner], listing, SHOWN)}
                 for (owner, marketplace, _sku), listing in state.listings.items()]
        return JSONResponse({'listings': shown, 'turned_to_merchant': state.turned_to_merchant})
    try:
        made = [listings.make(state, SELLERS[entry.pop('seller', 'eu')], **entry) for entry in await request.json()]
    except (TypeError, KeyError) as error:
        return JSONResponse({'problems': repr(error)}, status_code=422)
    return JSONResponse({'listings': len(made)})


async def listings_behaviour(request: Request):
    state, wanted = request.app.state.amazon, await request.json()
    state.refused_skus, state.ignored_skus = wanted.get('refuse', {}), set(wanted.get('ignore', []))
    return JSONResponse({'refused': len(state.refused_skus), 'ignored': len(state.ignored_skus)})


async def shipments(request: Request):
    state = request.app.state.amazon
    if request.method == 'POST':
        state.tracking.update(await request.json())
    return JSONResponse([{
        'id': sold['id'], 'order': sold['offer']['order'], 'service': sold['offer']['service'],
        'price': sold['offer']['price'],
        'tracking': sold['tracking'], 'format': sold['format'], 'status': sold['status'],
        'items': sold['offer']['parcel']['items'],
    } for sold in state.shipments.values()])


async def document(request: Request):
    state = request.app.state.amazon
    document_id = state.documents.add(await request.body(), gzipped='gzip' in request.query_params,
                                      content_type=request.headers.get('content-type', 'text/plain'))
    return JSONResponse({'documentId': document_id})


async def raw_settlement(request: Request):
    state, query = request.app.state.amazon, request.query_params
    seller = state.sellers[SELLERS[query.get('seller', 'eu')]]
    return JSONResponse(
        {'reportId': settlements.publish(state, seller, await request.body(), charset=query.get('charset', ''))})


async def settle(request: Request):
    state = request.app.state.amazon
    heads = [settlements.settle(state, state.sellers[SELLERS[period.pop('seller', 'eu')]], **period)
             for period in _listed(await request.json())]
    return JSONResponse([{'ref': head.ref, 'total': str(head.total), 'currency': head.currency} for head in heads])


async def change_payout(request: Request):
    payouts.change(request.app.state.amazon, request.path_params['payout'], **await request.json())
    return JSONResponse({})


async def happen(request: Request):
    state = request.app.state.amazon
    try:
        made = [_happen(state, event) for event in _listed(await request.json())]
    except (KeyError, TypeError, StopIteration) as error:
        return JSONResponse({'problems': repr(error)}, status_code=422)
    return JSONResponse([{'id': event['id'], 'total': str(sum(entry['amount'] for entry in event['rows']))}
                         for event in made])


def _happen(state, event):
    if 'release' in event:
        return money.release(state, event['release'], event.get('released'))
    return money.happen(state, state.sellers[SELLERS[event.pop('seller', 'eu')]], **event)


async def fba_world(request: Request):
    state, query = request.app.state.amazon, request.query_params
    world = fba.world(state, state.sellers[SELLERS[query.get('seller', 'eu')]])
    if request.method == 'GET':
        day = datetime.date.fromisoformat(query['date']) if 'date' in query else None
        return JSONResponse(fba_truths.tell(world, day))
    events = _listed(await request.json())
    try:
        fba_events.apply(world, events)
    except fba.Unfit as problem:
        return JSONResponse({'problems': str(problem)}, status_code=422)
    return JSONResponse({'events': len(events), 'rows': len(world.movements)})


async def make_fba_year(request: Request):
    state = request.app.state.amazon
    seller = state.sellers[SELLERS[request.query_params.get('seller', 'eu')]]
    options = await request.json() if await request.body() else {}
    try:
        return JSONResponse(fba_year.make_year(state, seller, **options))
    except (TypeError, KeyError, ValueError) as problem:
        return JSONResponse({'problems': str(problem) or repr(problem)}, status_code=422)


async def fba_rest(request: Request):
    state = request.app.state.amazon
    seller = SELLERS[request.query_params.get('seller', 'eu')]
    state.asked = {asked: end for asked, end in state.asked.items() if asked[0] != seller}
    state.ledger_requests.pop(seller, None)
    return JSONResponse({})


async def seller_tokens(request: Request):
    state = request.app.state.amazon
    seller = SELLERS[(await request.json())['region']]
    return JSONResponse({'refresh_token': state.new_refresh_token(seller)})


async def revoke(request: Request):
    state = request.app.state.amazon
    seller = state.refresh_tokens.pop((await request.json())['refresh_token'], None)
    state.access_tokens = {token: entry for token, entry in state.access_tokens.items() if entry[0] != seller}
    return JSONResponse({'revoked': bool(seller)})


async def calls(request: Request):
    state = request.app.state.amazon
    return JSONResponse({'calls': state.calls, 'counters': state.counters})


def _listed(body):
    return body if isinstance(body, list) else [body]


ROUTES = [
    Route('/_control/health', health),
    Route('/_control/reset', reset, methods=['POST']),
    Route('/_control/orders', orders, methods=['GET', 'POST']),
    Route('/_control/orders/{id}/events', order_events, methods=['POST']),
    Route('/_control/hidden', hidden, methods=['POST']),
    Route('/_control/faults', faults, methods=['POST', 'DELETE']),
    Route('/_control/listings', all_listings, methods=['GET', 'POST']),
    Route('/_control/listings/behaviour', listings_behaviour, methods=['POST']),
    Route('/_control/shipments', shipments, methods=['GET', 'POST']),
    Route('/_control/documents', document, methods=['POST']),
    Route('/_control/settlements', raw_settlement, methods=['POST']),
    Route('/_control/settle', settle, methods=['POST']),
    Route('/_control/money', happen, methods=['POST']),
    Route('/_control/payouts/{payout}', change_payout, methods=['POST']),
    Route('/_control/fba', fba_world, methods=['GET', 'POST']),
    Route('/_control/fba_year', make_fba_year, methods=['POST']),
    Route('/_control/fba/rest', fba_rest, methods=['POST']),
    Route('/_control/sellers', seller_tokens, methods=['POST']),
    Route('/_control/revoke', revoke, methods=['POST']),
    Route('/_control/calls', calls),
]
