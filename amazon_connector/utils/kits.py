"""Kits: products whose stock is that of their components, by a bill of materials of that type ("phantom").

Manufacturing, which has the bills, need not be installed: then no product is a kit.
"""

from odoo.tools import float_is_zero

# Odoo rounds up what a bill needs: of so many units nothing is left of that.
MANY = 1_000_000


def find_bills(products, company) -> dict:
    """Return the bills (`mrp.bom`) of those products that are kits for a company, by product."""
    env = products.env
    if 'mrp.bom' not in env or not products:
        return {}
    found = env['mrp.bom'].sudo()._bom_find(products, company_id=company.id, bom_type='phantom')
    return {product: found[product] for product in products if found[product]}


def explode(product, quantity, bill) -> list:
    """Return what some of a kit is made of, as Odoo's deliveries have it: pairs of line of the bill and quantity in the
    line's unit; no services, which nobody ships.

    :param quantity: in the unit of the kit
    """
    if not bill.product_qty:
        return []
    times = product.uom_id._compute_quantity(quantity, bill.product_uom_id, round=False) / bill.product_qty
    _bills, lines = bill.explode(product, times)
    return [(line, data['qty']) for line, data in lines if line.product_id.type != 'service'
            and not float_is_zero(data['qty'], precision_rounding=line.product_uom_id.rounding)]


def prepare_parts(product, quantity, bill) -> list:
    """Return the values of the stock moves of what some of a kit is made of: product, quantity and line of the bill.

    :param quantity: in the unit of the kit
    """
    return [{'product_id': line.product_id.id, 'product_uom_qty': needed, 'product_uom': line.product_uom_id.id,
             'bom_line_id': line.id} for line, needed in explode(product, quantity, bill)]


def find_parts(products, company) -> dict:
    """Return the components of one unit of each product that is a kit for a company: product -> component -> quantity,
    both in their own units; a kit without components has none.
    """
    found = {}
    for product, bill in find_bills(products, company).items():
        parts = found[product] = {}
        for line, quantity in explode(product, MANY, bill):
            component = line.product_id.sudo(False)
            parts[component] = parts.get(component, 0.0) + line.product_uom_id._compute_quantity(
                quantity, component.uom_id, round=False) / MANY
    return found


def read_sent_parts(inbound) -> dict:
    """Return what units of a shipment to Amazon (`amazon.inbound`) were made of when they were sent: product (id) ->
    component (id) -> pieces. What no kit was then is made of itself; what nobody has sent is not there.
    """
    moves = inbound.picking_ids.move_ids if 'mrp.bom' in inbound.env else inbound.env['stock.move']
    alone = moves.filtered(lambda move: move.state == 'done' and not move.bom_line_id).product_id
    kits = {int(kit): {int(part): need for part, need in parts.items()}
            for kit, parts in (inbound.kit_parts or {}).items()}
    return {**{product.id: {product.id: 1} for product in alone}, **kits}


def count_units(parts, pieces, default=0.0) -> float:
    """Return how many units pieces of components make, as a fraction: the least that any of them is enough for.

    :param dict parts: component -> quantity in one unit
    :param pieces: component -> quantity that there is
    """
    return min((pieces[component] / need for component, need in parts.items() if need), default=default)


def get_cost(product, company) -> float:
    """Return what one unit of a product costs a company, in its currency; of a kit, what its components cost."""
    parts = find_parts(product, company).get(product, {product: 1.0})
    return sum(part.with_company(company).standard_price * need for part, need in parts.items())
