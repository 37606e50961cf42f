"""Report documents: bounded, gunzipped, and clear when something is wrong."""

import gzip
import json
import urllib.request

import pytest
from amazon_api import documents
from amazon_api.documents import charset, download
from amazon_api.errors import NOT_OF_THE_RECORD, AmazonError, DocumentTooLarge


def publish(amazon, content, compress=False):
    """Put a document into the simulator and return the reply of getReportDocument."""
    request = urllib.request.Request(f"{amazon.url}/_control/documents{'?gzip=1' if compress else ''}", content,
                                     {'Content-Type': 'text/plain'})
    with urllib.request.urlopen(request) as reply:
        document = json.load(reply)['documentId']
    return amazon.client().call('getReportDocument', document).payload


@pytest.mark.parametrize('compress', [False, True])
def test_a_document_comes_back_as_it_was(amazon, compress):
    document = publish(amazon, 'sku\tprix\nÀ-1\t1,50\n'.encode('cp1252') * 5000, compress)
    assert (document.get('compressionAlgorithm') == 'GZIP') is compress
    content, charset_name = download(amazon.transport(), document['url'], gzipped=compress)
    assert charset_name in ('', 'utf-8')
    assert content == 'sku\tprix\nÀ-1\t1,50\n'.encode('cp1252') * 5000


def test_a_small_file_that_unpacks_to_a_huge_one_is_refused(amazon):
    document = publish(amazon, b'\0' * 5_000_000, compress=True)
    with pytest.raises(DocumentTooLarge):
        download(amazon.transport(), document['url'], gzipped=True, max_bytes=1_000_000)


def test_a_document_of_several_streams_is_read_to_its_end(amazon):
    parts = [b'sku\tprice\n', b'A\t1\n' * 50_000, b'B\t2\n']
    for content in (b''.join(map(gzip.compress, parts)), b''.join(gzip.compress(part) + bytes(20) for part in parts)):
        document = publish(amazon, content)
        assert download(amazon.transport(), document['url'], gzipped=True).content == b''.join(parts)
        with pytest.raises(DocumentTooLarge):
            download(amazon.transport(), document['url'], gzipped=True, max_bytes=100_000)


def test_a_damaged_and_an_incomplete_document_are_refused(amazon):
    for content in (b'\x1f\x8bno gzip at all', b'\x1f', gzip.compress(b'x' * 100_000)[:-20],
                    gzip.compress(b'x') + gzip.compress(b'y' * 100)[:-4], gzip.compress(b'x') + b'y', b''):
        document = publish(amazon, content)
        with pytest.raises(AmazonError, match="fetch it again"):
            download(amazon.transport(), document['url'], gzipped=True)


class Served:
    """A transport of one reply, in chunks as they come."""

    loopback = True

    def __init__(self, *chunks):
        self.chunks = chunks
        self.headers = {}

    def send(self, *_args, **_options):
        return self

    def iter_content(self, _size):
        return iter(self.chunks)


@pytest.mark.parametrize('chunks', [[b'sku\tprice\n'], [b's', b'ku\tprice\n'], [b'\x1f', b'sku'], [b'{}'],
                                    [b'P', b'K\x03\x04']])
def test_content_that_is_plain_already_is_read_as_it_is(chunks):
    """With `Content-Encoding: gzip` beside `compressionAlgorithm`, the compression is undone before anybody sees the
    content.
    """
    assert download(Served(*chunks), 'http://localhost/x', gzipped=True).content == b''.join(chunks)
    with pytest.raises(DocumentTooLarge):
        download(Served(*chunks), 'http://localhost/x', gzipped=True, max_bytes=1)


def test_gzip_that_comes_byte_by_byte_is_unpacked():
    content = gzip.compress(b'sku\tprice\n')
    assert download(Served(*(bytes([byte]) for byte in content)), 'http://localhost/x',
                    gzipped=True).content == b'sku\tprice\n'


def test_a_url_that_is_too_old_says_nothing_of_the_authorization(amazon):
    """A refusal of access to Amazon stops the seller until somebody mends it; this one is mended by the next URL."""
    url = publish(amazon, b'x')['url'] + 'gone'
    with pytest.raises(AmazonError) as refusal:
        download(amazon.transport(), url)
    assert refusal.value.status == 403
    assert not isinstance(refusal.value, NOT_OF_THE_RECORD)


def test_a_document_has_as_many_bytes_as_are_allowed(amazon):
    content = bytes(range(256)) * 1000
    for document, gzipped in ((publish(amazon, content), False), (publish(amazon, content, compress=True), True)):
        assert download(amazon.transport(), document['url'], gzipped=gzipped, max_bytes=256_000).content == content
        with pytest.raises(DocumentTooLarge, match="larger than 255999 bytes"):
            download(amazon.transport(), document['url'], gzipped=gzipped, max_bytes=255_999)
    assert documents.MAX_BYTES == 536_870_912, "half a gigabyte by default"


def test_a_compressed_document_is_as_large_as_what_came(amazon):
    """What unpacks to little may be much itself."""
    document = publish(amazon, b''.join(gzip.compress(b'') for _number in range(1000)))
    with pytest.raises(DocumentTooLarge):
        download(amazon.transport(), document['url'], gzipped=True, max_bytes=10_000)
    assert download(amazon.transport(), document['url'], gzipped=True, max_bytes=30_000).content == b''


@pytest.mark.parametrize(('content_type', 'name'), [
    ('text/plain; format=flowed; charset=UTF-8', 'utf-8'), ("text/plain;Charset='Cp1252'", 'cp1252'),
    ('charset=utf-8', ''), ('text/plain; charset', ''), ('text/plain; charset=', ''), ('', '')])
def test_the_character_set_is_found_among_other_parameters(content_type, name):
    assert charset(content_type) == name


def test_charset_of_a_content_type():
    assert charset('text/plain; charset="Shift_JIS"') == 'shift_jis'
    assert charset('text/plain') == ''
