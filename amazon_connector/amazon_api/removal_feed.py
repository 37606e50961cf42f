"""The feed `POST_FLAT_FILE_FBA_CREATE_REMOVAL`: one removal order, a head of names and values above a table of SKUs."""

from .feed_messages import MessageProblem
from .words import _

FEED_TYPE = 'POST_FLAT_FILE_FBA_CREATE_REMOVAL'
CONTENT_TYPE = 'text/tab-separated-values; charset=UTF-8'
RETURN, DISPOSAL = 'Return', 'Disposal'
ADDRESS = ('AddressName', 'AddressFieldOne', 'AddressFieldTwo', 'AddressFieldThree', 'AddressCity',
           'AddressCountryCode', 'AddressStateOrRegion', 'AddressPostalCode', 'ContactPhoneNumber')
NEEDED = ('AddressName', 'AddressFieldOne', 'AddressCity', 'AddressCountryCode', 'AddressPostalCode')
COLUMNS = ('MerchantSKU', 'SellableQuantity', 'UnsellableQuantity')


def make_document(order_ref: str, disposition: str, address: dict, notes: str, lines: list) -> bytes:
    """Return the document of a removal order.

    :param str order_ref: the seller's own number of it
    :param str disposition: RETURN or DISPOSAL
    :param dict address: values by the names of `ADDRESS`, for a return
    :param list lines: tuples of SKU, sellable and unsellable units
    :raises MessageProblem: it cannot be made: something is missing, or not to be written into a table
    """
    head = [('MerchantRemovalOrderID', order_ref), ('RemovalDisposition', disposition)]
    if disposition == RETURN:
        missing = [name for name in NEEDED if not (address.get(name) or '').strip()]
        if missing:
            raise MessageProblem(_("%(name)s is missing", name=', '.join(missing)))
        head += [(name, address.get(name) or '') for name in ADDRESS]
    if not lines:
        raise MessageProblem(_("%(name)s is missing", name='MerchantSKU'))
    rows = [*head, ('ShippingNotes', notes or ''), (), COLUMNS, *lines]
    return '\n'.join(['\t'.join(map(_check, row)) for row in rows]).encode() + b'\n'


def _check(value):
    text = str(value).strip()
    if any(not character.isprintable() for character in text):
        raise MessageProblem(_("%(text)s cannot be written in a table", text=repr(text[:40])))
    return text
