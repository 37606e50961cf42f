from odoo import SUPERUSER_ID, models

from ..utils.access import MODULE, is_bookkeeping


class IrDefault(models.Model):
    """Users' own defaults never set fields that they may not write: `create` would not check that."""

    _inherit = 'ir.default'

    def _get_model_defaults(self, model_name, condition=False):
        """Return the defaults without those of the connector's own fields and of fields that the user may not write."""
        defaults = super()._get_model_defaults(model_name, condition)
        known = self.env[model_name]._fields if model_name in self.env else {}
        return {name: value for name, value in defaults.items() if name not in known
                or self._amazon_may_default(known[name])}

    def _amazon_may_default(self, field):
        if is_bookkeeping(field):
            return False
        if field._modules[:1] != (MODULE,) or not field.groups or self.env.uid == SUPERUSER_ID:
            return True
        return self.env.user.has_groups(field.groups)
