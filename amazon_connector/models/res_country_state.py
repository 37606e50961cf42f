from odoo import api, models


class ResCountryState(models.Model):
    """States are cached (`res.partner._amazon_get_states`): they are read for each address of an order."""

    _inherit = 'res.country.state'

    @api.model_create_multi
    def create(self, vals_list):
        """Create states and clear the cache of states."""
        result = super().create(vals_list)
        self.env.registry.clear_cache()
        return result

    def write(self, vals):
        """Write states and clear the cache of states."""
        result = super().write(vals)
        self.env.registry.clear_cache()
        return result

    def unlink(self):
        """Delete states and clear the cache of states."""
        result = super().unlink()
        self.env.registry.clear_cache()
        return result
