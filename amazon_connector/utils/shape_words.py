"""Texts about values of Amazon that have an unexpected form."""

from ..amazon_api.shapes import AMOUNT, CHOICE, COUNT, CURRENCY, TIME, UNIQUE, AbsentError


def describe_shape(env, error) -> str:
    """Return the text of a `ShapeError` in the language of the environment."""
    values = {'what': _name(env, error.field), 'where': error.path, 'shown': error.shown}
    if isinstance(error, AbsentError):
        return env._("Amazon has not stated %(what)s (%(where)s).", **values)
    if error.kind == AMOUNT:
        return env._("Amazon sent an amount that cannot be right: \"%(shown)s\" (%(where)s).", **values)
    if error.kind == COUNT:
        return env._("Amazon sent a quantity that cannot be right: \"%(shown)s\" (%(where)s).", **values)
    if error.kind == TIME:
        return env._("Amazon sent a date that cannot be right: \"%(shown)s\" (%(where)s).", **values)
    if error.kind == CURRENCY:
        return env._("Amazon sent something else than a currency (%(where)s).", **values)
    if error.kind == CHOICE:
        return env._("Amazon sent \"%(shown)s\" for %(what)s, which this version does not know (%(where)s).", **values)
    if error.kind == UNIQUE:
        return env._("Amazon sent %(what)s twice (%(where)s).", **values)
    return env._("Amazon sent something unreadable for %(what)s (%(where)s).", **values)


def _name(env, field):
    """Return the name of one of Amazon's properties, as it stands in a sentence."""
    return {
        'orderItems': env._("the items"), 'orderItemId': env._("the number of an item"),
        'quantityOrdered': env._("a quantity"), 'quantityFulfilled': env._("how many pieces are shipped"),
        'product': env._("the product"), 'sellerSku': env._("the SKU"),
        'salesChannel': env._("where it was sold"), 'channelName': env._("where it was sold"),
        'fulfillment': env._("how it is fulfilled"), 'fulfillmentStatus': env._("the status"),
        'fulfilledBy': env._("who ships it"), 'countryCode': env._("the country"),
        'createdTime': env._("when it was placed"), 'lastUpdatedTime': env._("when it was changed"),
        'subtotal': env._("an amount"), 'amount': env._("an amount"),
        'currencyCode': env._("the currency of an amount"),
        'type': env._("what an amount is for"), 'entityType': env._("whose tax number it is"),
        'transactionId': env._("the number"), 'transactionType': env._("what it is"),
        'transactionStatus': env._("whether it is deferred"), 'postedDate': env._("the date"),
        'totalAmount': env._("the amount"), 'currencyAmount': env._("an amount"),
    }.get(field, field or env._("the whole"))
