"""How lines of sales orders name the charges of an Amazon order."""

from ..amazon_api.proceeds import DISCOUNT, GIFT_WRAP, ITEM, SHIPPING, TAX, TIP

GOODS, OTHER = 'item', 'other'
# States of a sales order in which all of its values may still change.
QUOTATION = ('draft', 'sent')
NAMES = {
    ITEM: GOODS,
    SHIPPING: 'shipping',
    GIFT_WRAP: 'gift_wrap',
    DISCOUNT: 'discount',
    TIP: 'tip',
    'COD_FEE': 'cod_fee',
    TAX: 'tax',
}
# What distinguishes one line of an Amazon order from the others of the same order.
IDENTITY = ('amazon_item_ref', 'amazon_charge', 'amazon_charge_of', 'amazon_part')


def name_charge(kind: str) -> str:
    """Return the value of `amazon_charge` for a breakdown type of the Orders API; one that is not known is "other"."""
    return NAMES.get(kind, OTHER)


def number_parts(lines: list[dict]) -> list[dict]:
    """Return values of order lines with `amazon_part`, which numbers lines for the same charge of the same item."""
    seen, numbered = {}, []
    for line in lines:
        charge = tuple(line.get(field) or False for field in IDENTITY[:-1])
        seen[charge] = seen.get(charge, -1) + 1
        numbered.append({**line, 'amazon_part': seen[charge]})
    return numbered


def get_identity(vals) -> tuple:
    """Return what distinguishes a line, given as its values or as a record, from the others of its order."""
    return tuple(vals[field] or False for field in IDENTITY)
