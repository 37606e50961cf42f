"""Addresses that requests may go to: encrypted ones, and the hosts on which Amazon keeps documents."""

import fnmatch
import ipaddress
from urllib.parse import urlsplit

from .errors import AmazonError
from .words import _

# Hosts of report and feed documents, labels and schemas, as Amazon's API models, its documentation and replies in
# public issues of amzn/selling-partner-api-models show them: tortuga-prod-na.s3-external-1.amazonaws.com,
# tortuga-prod-eu.s3-eu-west-1.amazonaws.com, selling-partner-definitions-prod-dub.s3.eu-west-1.amazonaws.com,
# s3.amazonaws.com, d34o8swod1owfl.cloudfront.net, m.media-amazon.com.
DOCUMENT_HOSTS = (
    's3.amazonaws.com', 's3.*.amazonaws.com', 's3-*.amazonaws.com',
    '*.s3.amazonaws.com', '*.s3.*.amazonaws.com', '*.s3-*.amazonaws.com',
    '*.cloudfront.net', '*.amazon.com', '*.media-amazon.com', '*.ssl-images-amazon.com',
)


def is_loopback(host: str) -> bool:
    """Return whether a host name is that of this machine, without asking a name server."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == 'localhost'


def is_safe_address(url: str) -> bool:
    """Return whether secrets may be sent to an address: `https`, or this machine, and parsed alike by every library."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    plain = url.isascii() and url.isprintable() and not set(url) & set(' \\') and '@' not in parts.netloc and port != 0
    if not plain or not parts.hostname:
        return False
    return parts.scheme == 'https' or (parts.scheme == 'http' and is_loopback(parts.hostname))


def is_base_address(url: str) -> bool:
    """Return whether `url` can be the base of a service: a safe address without query and fragment."""
    return is_safe_address(url) and not set(url) & set('?#')


def check_document_url(url: str, *, loopback: bool = False) -> None:
    """Check that the URL of a document is on a host of Amazon's: a reply must not send us elsewhere.

    :param bool loopback: whether this machine is allowed, too: Amazon is a simulator then
    :raises AmazonError: names the host; the rest of the URL is a secret
    """
    host, port = _read_place(url)
    if loopback and is_loopback(host):
        return
    if port not in (None, 443) or not any(fnmatch.fnmatchcase(host, pattern) for pattern in DOCUMENT_HOSTS):
        raise AmazonError(_("The address of the document is not one of Amazon's (%(host)s): it is not opened",
                            host=host or '?'),
                          operation='document')


def _read_place(url):
    """Return host and port of a safe address, else an empty host."""
    if not isinstance(url, str) or not is_safe_address(url):
        return '', None
    parts = urlsplit(url)
    return parts.hostname, parts.port
