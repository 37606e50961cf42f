"""Texts about values of Amazon that have an unexpected form."""

from ..amazon_api.shapes import AMOUNT, CHOICE, COUNT, CURRENCY, TIME, UNIQUE, AbsentError
from .phrases import tell


def describe_shape(env, error) -> str:
    """Return the text of a `ShapeError` in the language of the environment."""
    values = {'what': _name(env, error.field), 'where': error.path, 'shown': error.shown}
    if isinstance(error, AbsentError):
        return tell(env)._("Amazon has not stated %(what)s (%(where)s).", **values)
    if error.kind == AMOUNT:
        return tell(env)._("Amazon sent an amount that cannot be right: \"%(shown)s\" (%(where)s).", **values)
    if error.kind == COUNT:
        return tell(env)._("Amazon sent a quantity that cannot be right: \"%(shown)s\" (%(where)s).", **values)
    if error.kind == TIME:
        return tell(env)._("Amazon sent a date that cannot be right: \"%(shown)s\" (%(where)s).", **values)
    if error.kind == CURRENCY:
        return tell(env)._("Amazon sent something else than a currency (%(where)s).", **values)
    if error.kind == CHOICE:
        return tell(env)._("Amazon sent \"%(shown)s\" for %(what)s, which this version does not know (%(where)s).",
                           **values)
    if error.kind == UNIQUE:
        return tell(env)._("Amazon sent %(what)s twice (%(where)s).", **values)
    return tell(env)._("Amazon sent something unreadable for %(what)s (%(where)s).", **values)


def _name(env, field):
    """Return the name of one of Amazon's properties, as it stands in a sentence."""
    return {
        'orderItems': tell(env)._("the items"), 'orderItemId': tell(env)._("the number of an item"),
        'quantityOrdered': tell(env)._("a quantity"), 'quantityFulfilled': tell(env)._("how many pieces are shipped"),
        'product': tell(env)._("the product"), 'sellerSku': tell(env)._("the SKU"),
        'salesChannel': tell(env)._("where it was sold"), 'channelName': tell(env)._("where it was sold"),
        'fulfillment': tell(env)._("how it is fulfilled"), 'fulfillmentStatus': tell(env)._("the status"),
        'fulfilledBy': tell(env)._("who ships it"), 'countryCode': tell(env)._("the country"),
        'createdTime': tell(env)._("when it was placed"), 'lastUpdatedTime': tell(env)._("when it was changed"),
        'subtotal': tell(env)._("an amount"), 'amount': tell(env)._("an amount"),
        'currencyCode': tell(env)._("the currency of an amount"),
        'type': tell(env)._("what an amount is for"), 'entityType': tell(env)._("whose tax number it is"),
        'transactionId': tell(env)._("the number"), 'transactionType': tell(env)._("what it is"),
        'transactionStatus': tell(env)._("whether it is deferred"), 'postedDate': tell(env)._("the date"),
        'totalAmount': tell(env)._("the amount"), 'currencyAmount': tell(env)._("an amount"),
    }.get(field, field or tell(env)._("the whole"))
