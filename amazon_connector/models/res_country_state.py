from odoo import api, models


class ResCountryState(models.Model):
    """States are looked up for each address of an order, and kept (`res.partner._amazon_get_states`) until one of them changes."""

    _inherit = 'res.country.state'

    @api.model_create_multi
    def create(self, vals_list):
        """Create states; addresses find them at once."""
        result = super().create(vals_list)
        self.env.registry.clear_cache()
        return result

    def write(self, vals):
        """Write states; addresses find them under their new names."""
        result = super().write(vals)
        self.env.registry.clear_cache()
        return result

    def unlink(self):
        """Delete states; no address gets them any more."""
        result = super().unlink()
        self.env.registry.clear_cache()
        return result
