"""Login with Amazon."""

import urllib.parse
import urllib.request

import pytest
from amazon_api.errors import LoginFailed, Unavailable
from amazon_api.lwa import NO_CREDENTIALS, Credentials, LoginWithAmazon, consent_url
from simulator.state import APPLICATION_ID, CLIENT_ID, CLIENT_SECRET, REFRESH_TOKENS


def login(amazon, secret=CLIENT_SECRET, token=''):
    return LoginWithAmazon(Credentials(CLIENT_ID, secret, token), amazon.transport(), amazon.lwa_url)


def consent(amazon, answer):
    """What a browser does on the consent page; return the parameters that Amazon sends back."""
    class NoRedirect(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *_arguments):
            return None
    url = consent_url(f'{amazon.url}/eu', APPLICATION_ID, 'the-state', 'http://localhost/back')
    body = urllib.parse.urlencode({'answer': answer, 'seller': 'A1DEMOSELLEREU'}).encode()
    try:
        urllib.request.build_opener(NoRedirect).open(url, body)
    except urllib.error.HTTPError as redirect:
        return dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(redirect.headers['Location']).query))


@pytest.mark.parametrize('missing', ['client_id', 'client_secret', 'refresh_token'])
def test_without_credentials_nothing_is_asked(amazon, missing):
    credentials = Credentials(CLIENT_ID, CLIENT_SECRET, REFRESH_TOKENS['eu'])._replace(**{missing: ''})
    with pytest.raises(LoginFailed) as refusal:
        amazon.client(credentials=credentials).call('getMarketplaceParticipations')
    assert refusal.value.code == NO_CREDENTIALS
    assert not amazon.counters()


def test_a_consent_becomes_a_refresh_token_that_works(amazon):
    answer = consent(amazon, 'allow')
    assert answer['state'] == 'the-state' and answer['selling_partner_id'] == 'A1DEMOSELLEREU'
    token = login(amazon).exchange(answer['spapi_oauth_code'])
    assert login(amazon, token=token).get_auth().access_token.startswith('Atza|')


def test_a_code_works_once(amazon):
    code = consent(amazon, 'allow')['spapi_oauth_code']
    login(amazon).exchange(code)
    with pytest.raises(LoginFailed) as caught:
        login(amazon).exchange(code)
    assert caught.value.code == 'invalid_grant'


def test_a_refusal_has_no_code(amazon):
    assert 'spapi_oauth_code' not in consent(amazon, 'deny')


def test_a_wrong_secret_is_told_from_a_revoked_token(amazon):
    with pytest.raises(LoginFailed) as caught:
        login(amazon, secret='wrong', token=REFRESH_TOKENS['na']).get_auth()
    assert caught.value.code == 'invalid_client'
    amazon.control('revoke', {'refresh_token': REFRESH_TOKENS['fe']})
    with pytest.raises(LoginFailed) as caught:
        login(amazon, token=REFRESH_TOKENS['fe']).get_auth()
    assert caught.value.code == 'invalid_grant'


def test_an_unreachable_login_is_no_refusal(amazon):
    broken = LoginWithAmazon(Credentials(CLIENT_ID, CLIENT_SECRET, 'x'), amazon.transport(), 'http://127.0.0.1:9/token')
    with pytest.raises(Unavailable):
        broken.get_auth()


def test_a_draft_application_asks_for_the_beta_page():
    assert 'version=beta' in consent_url('https://sellercentral.amazon.de', 'app', 's', 'https://odoo/back', draft=True)
