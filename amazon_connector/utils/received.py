"""Goods that came into the places that a marketplace sells from: they explain why more can be sold."""


def read_received(places, listings) -> dict:
    """Return product id -> pairs (date, pieces) of what came in since the listings' last quantities were pushed.

    Counted stock is no receipt: a mistyped count would explain itself.

    :param places: `stock.location` records
    :param listings: `amazon.listing` records, few of them
    """
    pushed = [listing for listing in listings if listing.stock_pushed_date]
    if not pushed:
        return {}
    moves = places.env['stock.move'].sudo().search_fetch([
        ('state', '=', 'done'), ('product_id', 'in', [listing.product_id.id for listing in pushed]),
        ('date', '>', min(listing.stock_pushed_date for listing in pushed)),
        ('location_dest_id', 'child_of', places.ids), '!', ('location_id', 'child_of', places.ids),
        ('location_id.usage', '!=', 'inventory'),
    ], ['product_id', 'date', 'product_qty'])
    received = {}
    for move in moves:
        received.setdefault(move.product_id.id, []).append((move.date, move.product_qty))
    return received
