from odoo import api, models


class AccountTaxRepartitionLine(models.Model):
    """The distribution of a tax: when it is changed by itself, the twins of the tax follow."""

    _inherit = 'account.tax.repartition.line'

    @api.model_create_multi
    def create(self, vals_list):
        """Create distribution lines; the twins of their taxes follow."""
        lines = super().create(vals_list)
        lines.tax_id._amazon_update_twins()
        return lines

    def write(self, vals):
        """Write distribution lines; the twins of their taxes follow."""
        result = super().write(vals)
        self.tax_id._amazon_update_twins()
        return result

    def unlink(self):
        """Delete distribution lines; the twins of their taxes follow."""
        taxes = self.tax_id
        result = super().unlink()
        taxes._amazon_update_twins()
        return result
