"""Goods that came into the places that a marketplace sells from: they explain why more can be sold."""

from .kits import find_parts


def get_counted_date(listing):
    """Return when the stock was counted that a listing's last quantity was made of, or False."""
    return listing.stock_counted_date or listing.stock_pushed_date


def read_received(places, listings, company) -> dict:
    """Return product -> pairs (date, pieces) of what came in since the listings' last quantities were counted.

    Counted stock is no receipt: a mistyped count would explain itself. A kit comes in as its components: each receipt
    of one explains as many kits as it is enough for.

    :param places: `stock.location` records
    :param listings: `amazon.listing` records, few of them
    :param company: the company whose bills of materials count
    """
    counted = [listing for listing in listings if get_counted_date(listing)]
    if not counted:
        return {}
    products = counted[0].product_id.union(*(listing.product_id for listing in counted))
    kits = find_parts(products, company)
    parts = products.union(*(part for of_kit in kits.values() for part in of_kit))
    moves = _read_moves(places, parts, min(get_counted_date(listing) for listing in counted))
    received = {product: moves.get(product.id, []) for product in products if product not in kits}
    received.update({kit: _to_kits(of_kit, moves) for kit, of_kit in kits.items()})
    return received


def _read_moves(places, products, since):
    """Return product id -> pairs (date, pieces) of what came in."""
    moves = places.env['stock.move'].sudo().search_fetch([
        ('state', '=', 'done'), ('product_id', 'in', products.ids), ('date', '>=', since),
        ('location_dest_id', 'child_of', places.ids), '!', ('location_id', 'child_of', places.ids),
        ('location_id.usage', '!=', 'inventory'),
    ], ['product_id', 'date', 'product_qty'])
    received = {}
    for move in moves:
        received.setdefault(move.product_id.id, []).append((move.date, move.product_qty))
    return received


def _to_kits(parts, moves):
    """Return the pairs of the component of which most came in, in kits: no more than these can be new."""
    by_part = [[(date, pieces / need) for date, pieces in moves.get(part.id, [])]
               for part, need in parts.items() if need]
    return max(by_part, key=lambda pairs: sum(kits for _date, kits in pairs), default=[])
