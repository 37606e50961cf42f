"""Login with Amazon and the consent page of Seller Central."""

import html
import secrets
import time
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse

from .state import APPLICATION_ID, CLIENT_ID, CLIENT_SECRET, SELLERS

PAGE = """<!doctype html><meta charset="utf-8"><title>Amazon Seller Central</title>
<style>body{{font:16px sans-serif;max-width:34rem;margin:4rem auto}}button{{font:inherit;padding:.5rem 1rem}}</style>
<h1>Authorize an application</h1>
<p>Odoo asks to access your selling account <b>{seller}</b>: orders, buyers' addresses, tax.</p>
<form method="post"><input type="hidden" name="seller" value="{seller}">
<button name="answer" value="allow">Confirm</button> <button name="answer" value="deny">Cancel</button></form>"""
# Real seconds, whatever the speed: a browser's redirects and Odoo's answer are no faster than that.
CODE_SECONDS = 300


async def consent(request: Request):
    """The page on which a seller authorises an application, and its answer."""
    query = request.query_params
    if query.get('application_id') != APPLICATION_ID:
        return HTMLResponse("<h1>MD1000</h1><p>This application is not registered.</p>", status_code=400)
    if request.method == 'GET':
        return HTMLResponse(PAGE.format(seller=html.escape(_seller_of(request))))
    form = await request.form()
    answer = {'state': query.get('state', '')}
    if form.get('answer') == 'allow':
        state = request.app.state.amazon
        code = secrets.token_urlsafe(16)
        state.codes[code] = (form['seller'], time.monotonic() + CODE_SECONDS)
        answer.update(spapi_oauth_code=code, selling_partner_id=form['seller'])
    else:
        answer.update(error='access_denied', error_description="The seller refused the authorization")
    return RedirectResponse(f"{query['redirect_uri']}?{urlencode(answer)}", status_code=302)


def _seller_of(request) -> str:
    # Who is logged in at Seller Central is not part of the URL; the path prefix of the region names the simulator.
    return SELLERS[request.path_params.get('region', 'eu')]


async def token(request: Request):
    """`POST /auth/o2/token` with one of three grants, answered as Login with Amazon does."""
    state = request.app.state.amazon
    form = await request.form()
    status, body = _grant(state, form)
    state.record('LoginWithAmazon', status)
    return JSONResponse(body, status_code=status)


def _grant(state, form):
    if (form.get('client_id'), form.get('client_secret')) != (CLIENT_ID, CLIENT_SECRET):
        return 401, _error('invalid_client', "Client authentication failed")
    if form.get('grant_type') == 'refresh_token':
        seller = state.refresh_tokens.get(form.get('refresh_token'))
        return (200, _tokens(state, seller, form['refresh_token'])) if seller else (
            400, _error('invalid_grant', "The request has an invalid grant parameter : refresh_token"))
    if form.get('grant_type') == 'authorization_code':
        seller, expiry = state.codes.pop(form.get('code'), (None, 0))
        if not seller or time.monotonic() > expiry:
            return 400, _error('invalid_grant', "The authorization code is invalid or expired")
        return 200, _tokens(state, seller, state.new_refresh_token(seller))
    if form.get('grant_type') == 'client_credentials':
        return 200, {**_tokens(state, '', None), 'scope': form.get('scope')}
    return 400, _error('unsupported_grant_type', "The authorization grant type is not supported")


def _tokens(state, seller, refresh_token):
    access = f'Atza|{secrets.token_urlsafe(24)}'
    state.access_tokens[access] = (seller, time.monotonic() + state.token_seconds)
    reply = {'access_token': access, 'token_type': 'bearer', 'expires_in': max(int(state.token_seconds), 1)}
    return {**reply, 'refresh_token': refresh_token} if refresh_token else reply


def _error(code, text):
    return {'error': code, 'error_description': text}


