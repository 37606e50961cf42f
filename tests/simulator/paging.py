"""Page tokens that go wrong, the same for all operations that have pages."""

from .orders import Refused

PARAMETERS = ('paginationToken', 'nextToken', 'pageToken', 'NextToken')
LOOP = 'the-same-token-again'


def check_token(state, operation: str, query: dict) -> dict:
    """Return the query that is to be answered; refuse its page token where a fault `stale_token` strikes."""
    asked = [name for name in PARAMETERS if name in query]
    if asked and operation != 'searchOrders' and state.faults.strike(operation, 'stale_token'):
        raise Refused(400, 'InvalidInput', "The pagination token is invalid or expired")
    if LOOP in query.values():
        return state.looping[operation]
    return query


def spoil_token(state, operation: str, query: dict, body):
    """Return a reply whose token leads to the same page for ever where a fault `token_loop` strikes."""
    if isinstance(body, dict) and state.faults.strike(operation, 'token_loop'):
        state.looping[operation] = query
        if operation in ('getReports', 'listPayouts', 'listBalances'):
            body['nextToken'] = LOOP
        elif operation == 'getShipments':
            body['payload']['NextToken'] = LOOP
        elif operation == 'listTransactions':
            body['payload']['nextToken'] = LOOP
        else:
            body['pagination'] = {**(body.get('pagination') or {}), 'nextToken': LOOP}
    return body
