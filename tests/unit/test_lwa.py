"""Login with Amazon."""

import urllib.parse
import urllib.request

import pytest
from amazon_api import lwa
from amazon_api.errors import LoginFailed, Unavailable
from amazon_api.lwa import NO_CREDENTIALS, Credentials, LoginWithAmazon, consent_url
from amazon_api.transport import Transport
from simulator.state import APPLICATION_ID, CLIENT_ID, CLIENT_SECRET, REFRESH_TOKENS
from test_replies import Limiter, Server


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


def test_an_application_is_checked_without_a_seller(amazon):
    login(amazon).check_application()
    with pytest.raises(LoginFailed) as caught:
        login(amazon, secret='wrong').check_application()
    assert caught.value.code == 'invalid_client'


def test_a_code_works_once(amazon):
    code = consent(amazon, 'allow')['spapi_oauth_code']
    login(amazon).exchange(code)
    with pytest.raises(LoginFailed) as caught:
        login(amazon).exchange(code)
    assert caught.value.code == 'invalid_grant'


def test_a_refusal_has_no_code(amazon):
    assert 'spapi_oauth_code' not in consent(amazon, 'deny')


def test_a_wrong_secret_is_distinguished_from_a_revoked_token(amazon):
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


@pytest.mark.parametrize(('lives', 'used'), [(3600, 3540), (121, 61), (120, 60), (119, 59.5), (2, 1)])
def test_a_token_is_renewed_a_minute_before_its_end_or_at_half_of_a_short_life(lives, used):
    assert lwa._tokens.ttu('key', {'expires_in': lives}, 1000) == 1000 + used


@pytest.mark.parametrize(('stated', 'life'), [
    (86_400, 86_400), (86_401, 3600), (1, 1), (0.5, 0.5), (0, 3600), (-5, 3600), (True, 3600), ('60', 3600),
    (None, 3600)])
def test_a_life_of_at_most_a_day_is_believed(stated, life):
    class Stated:
        def send(self, *_args, **_options):
            return type('Reply', (), {'json': lambda _self: {'access_token': 'Atza|x', 'expires_in': stated}})()
    assert LoginWithAmazon(Credentials('client', 'secret', f'life {stated!r}'), Stated(),
                           'https://login').get_auth().expires_in == life


def test_a_login_is_tried_again_and_the_exchange_of_a_code_is_not():
    """A code works once, so what became of it is not known when no answer came."""
    def away_once():
        session = Server((500, b''), (200, {'access_token': 'Atza|x', 'refresh_token': 'Atzr|x'}))
        return session, LoginWithAmazon(Credentials('client', 'secret', 'again'),
                                        Transport(Limiter(), session=session, sleep=lambda _seconds: None),
                                        'https://login')
    session, again = away_once()
    assert again.get_auth().access_token == 'Atza|x' and session.replies == []
    session, once = away_once()
    with pytest.raises(Unavailable):
        once.exchange('code')
    assert len(session.replies) == 1


def test_tokens_are_forgotten_one_by_one_or_all(amazon):
    first, second = (login(amazon, token=REFRESH_TOKENS[region]) for region in ('eu', 'na'))

    def renewed(*logins):
        before = amazon.counters().get('LoginWithAmazon', 0)
        for one in logins:
            one.get_auth()
        return amazon.counters()['LoginWithAmazon'] - before
    assert renewed(first, second, first, second) == 2
    first.forget()
    assert renewed(first, second) == 1
    lwa.forget_tokens()
    first.forget()
    assert renewed(first, second) == 2


def test_a_published_application_asks_for_its_own_page():
    url = consent_url('https://sellercentral.amazon.de', 'app', 'a b', 'https://odoo/back')
    assert url == 'https://sellercentral.amazon.de/apps/authorize/consent?application_id=app&state=a+b&redirect_uri=https%3A%2F%2Fodoo%2Fback'
