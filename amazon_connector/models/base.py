from odoo import api, models

MODULE = 'amazon_connector'


class Base(models.AbstractModel):
    _inherit = 'base'

    @api.model
    def _has_field_access(self, field, operation):
        """Refuse users the fields that this addon declares as readonly: they are its bookkeeping, which only its own code writes, as superuser.

        A readonly field of Odoo is a matter of the view alone, so anybody who may write a record may write all of it over RPC.
        """
        if operation == 'write' and field.readonly and field._modules[:1] == (MODULE,) and not self.env.su:
            return False
        return super()._has_field_access(field, operation)
