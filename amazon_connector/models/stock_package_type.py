from odoo import fields, models
from odoo.exceptions import UserError

from ..utils.phrases import tell


class StockPackageType(models.Model):
    _inherit = 'stock.package.type'

    package_carrier_type = fields.Selection(selection_add=[('amazon', "Amazon Buy Shipping")])

    def _amazon_get_sides(self):
        """Return length, width and height in centimetres.

        :raises UserError: one is missing
        """
        self.ensure_one()
        unit = self.env['product.template']._get_length_uom_id_from_ir_config_parameter()
        sides = tuple(round(unit._compute_quantity(side, self.env.ref('uom.product_uom_cm'), round=False), 1)
                      for side in (self.packaging_length, self.width, self.height))
        if not all(sides):
            raise UserError(tell(self.env)._("Enter length, width and height of package type %s: Amazon wants to know "
                                             "the size of the parcel.", self.name))
        return sides
