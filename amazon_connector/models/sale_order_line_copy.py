from odoo import models


class SaleOrderLine(models.Model):
    _inherit = 'sale.order.line'

    def copy_data(self, default=None):
        """Return the values of copies with the taxes that everybody uses, prices for these taxes, and no gift message.
        """
        vals_list = super().copy_data(default)
        for line, vals in zip(self, vals_list, strict=True):
            if line.amazon_charge:
                vals.update(line._amazon_prepare_copy())
        return vals_list

    def _amazon_prepare_copy(self):
        if self.amazon_charge == 'note':
            return {'name': self.env._("Gift message (not copied)")}
        taxes = self.tax_ids._amazon_get_original()
        return {'extra_tax_data': False, 'tax_ids': [(6, 0, taxes.ids)],
                'price_unit': self.tax_ids._amazon_get_usual_price(self.price_unit)}
