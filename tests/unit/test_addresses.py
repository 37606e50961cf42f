"""Requests go where Amazon is, encrypted, and nowhere that a reply or a schema names."""

import http.server
import threading

import pytest
from amazon_api.addresses import check_document_url, is_base_address, is_safe_address
from amazon_api.documents import download, upload
from amazon_api.errors import AmazonError
from amazon_api.product_types import find_problems
from amazon_api.throttle import MemoryLimiter
from amazon_api.transport import Transport

AMAZON = [
    'https://tortuga-prod-na.s3-external-1.amazonaws.com/%2FNinetyDays/amzn1.tortuga?X-Amz-Expires=300',
    'https://tortuga-prod-eu.s3-eu-west-1.amazonaws.com/123456', 'https://tortuga-prod-na.s3.amazonaws.com/x',
    'https://selling-partner-definitions-prod-dub.s3.eu-west-1.amazonaws.com/schema/PRODUCT.json',
    'https://d34o8swod1owfl.cloudfront.net/Report_47700__GET_MERCHANT_LISTINGS_ALL_DATA_.txt',
    'https://s3.amazonaws.com/bucket/x', 'https://x.s3.amazonaws.com:443/x',
]
ELSEWHERE = [
    'https://evil.example.com/x', 'http://tortuga-prod-na.s3.amazonaws.com/x', 'https://s3.amazonaws.com.evil.com/x',
    'https://evils3.amazonaws.com/x', 'https://amazonaws.com/x', 'https://ec2-1-2-3-4.compute-1.amazonaws.com/x',
    'https://tortuga.s3.amazonaws.com@evil.com/x',
    'https://evil.com\\@tortuga.s3.amazonaws.com/x', 'https://tortuga.s3.amazonaws.com:8443/x',
    'https://169.254.169.254/latest/meta-data',
    'http://localhost:8069/', 'https://[::1]/x', 'file:///etc/passwd', 'ftp://x.s3.amazonaws.com/',
    '//x.s3.amazonaws.com/', '', None, 'https://[/x',
]


@pytest.fixture
def elsewhere():
    """A server of somebody else; it notes every request."""
    requests = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            requests.append(self.path)
            self.send_response(302 if self.path == '/redirect' else 200)
            self.send_header('Location', '/stolen')
            self.send_header('Content-Length', '2')
            self.end_headers()
            self.wfile.write(b'{}')

        do_PUT = do_POST = do_GET  # noqa: N815

        def log_message(self, *_arguments):
            pass

    server = http.server.HTTPServer(('127.0.0.1', 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f'http://127.0.0.1:{server.server_port}', requests
    server.shutdown()


def transport(**options):
    return Transport(MemoryLimiter(), sleep=lambda _seconds: None, **options)


@pytest.mark.parametrize('url', AMAZON)
def test_documents_of_amazon_are_opened(url):
    check_document_url(url)


@pytest.mark.parametrize('url', ELSEWHERE)
def test_documents_elsewhere_are_not(url):
    with pytest.raises(AmazonError, match="not opened"):
        check_document_url(url)


def test_this_machine_holds_documents_only_in_the_custom_environment(elsewhere):
    address, requests = elsewhere
    for action in (lambda: download(transport(), address), lambda: upload(transport(), address, b'x', 'text/plain')):
        with pytest.raises(AmazonError, match="not opened"):
            action()
    assert not requests
    assert download(transport(loopback=True), address).content == b'{}'
    with pytest.raises(AmazonError, match="evil.example.com"):
        download(transport(loopback=True), 'https://evil.example.com/secret')


def test_the_message_holds_nothing_of_the_url_but_its_host():
    with pytest.raises(AmazonError) as refusal:
        check_document_url('https://evil.example.com/path?X-Amz-Signature=secret')
    assert 'secret' not in refusal.value.message and 'path' not in refusal.value.message


def test_redirects_are_not_followed(elsewhere):
    address, requests = elsewhere
    for method in ('GET', 'POST', 'PUT'):
        with pytest.raises(AmazonError):
            transport().send('op', method, f'{address}/redirect', idempotent=False)
    assert set(requests) == {'/redirect'}


def test_nothing_is_sent_unencrypted_over_the_network():
    with pytest.raises(AmazonError, match="https"):
        transport().send('LoginWithAmazon', 'POST', 'http://192.0.2.1/auth/o2/token', data={'client_secret': 'x'})


@pytest.mark.parametrize('url, good', [
    ('https://api.example.com', True), ('https://api.example.com:8443/base', True), ('http://127.0.0.1:8169', True),
    ('http://localhost', True),
    ('http://[::1]:80', True), ('http://api.example.com', False), ('http://127.0.0.1.evil.com', False),
    ('http://127.0.0.1@evil.com', False),
    ('https://user:word@api.example.com', False), ('https://api.example.com\n', False), ('https://', False),
    ('javascript:alert(1)', False), ('https://api.example.com:99999', False), ('', False),
    ('https://api.example.com:0', False), ('https://api.example.com:1', True), ('https://api.example.com/ü', False),
    ('https://api.example.com/a b', False),
    ('http://127.0.0.2', True), ('http://localhost.evil.com', False), ('http://[::2]', False),
    ('HTTPS://api.example.com', True)])
def test_addresses_that_secrets_may_be_sent_to(url, good):
    assert is_safe_address(url) is good


@pytest.mark.parametrize('url', ['https://evil.com/?x=', 'https://evil.com/#', 'http://evil.com'])
def test_a_base_address_has_no_query(url):
    assert not is_base_address(url)
    assert is_base_address('https://api.example.com/base')


def test_a_schema_that_refers_elsewhere_fetches_nothing(elsewhere):
    address, requests = elsewhere
    schema = {'type': 'object', 'properties': {'brand': {'$ref': f'{address}/schema'}, 'size': {'type': 'array'}}}
    problems = find_problems(schema, {'brand': 'x', 'size': 'y'})
    assert not requests
    assert any('schema' in problem.message for problem in problems)


def test_a_schema_that_refers_to_itself_works():
    schema = {'$id': 'https://schemas.amazon.com/x', '$defs': {'text': {'type': 'array'}},
              'properties': {'brand': {'$ref': '#/$defs/text'}}}
    assert [problem.path for problem in find_problems(schema, {'brand': 1})] == ['brand']
    assert find_problems(schema, {'brand': []}) == []
