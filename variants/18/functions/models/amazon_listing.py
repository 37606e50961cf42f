from odoo.tools import float_compare


class AmazonListing:

    # In place of cbb2ee13: units have categories, and a factor to the unit of their category.
    def _get_uom(self):
        """Return the unit of measure that one unit at Amazon is: the product's own, or a pack of it."""
        unit, pack = self.product_id.uom_id, self.pack_quantity
        if pack == 1 or not unit:
            return unit
        uoms = self.env['uom.uom'].sudo()
        factor = unit.factor_inv * pack
        found = uoms.search([('category_id', '=', unit.category_id.id)]).filtered(
            lambda uom: float_compare(uom.factor_inv, factor, precision_digits=6) == 0)[:1]
        return found or uoms.create({
            'name': self.env._("Pack of %s", pack), 'category_id': unit.category_id.id, 'uom_type': 'bigger',
            'factor_inv': factor})
