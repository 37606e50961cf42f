from odoo import api, models
from odoo.exceptions import AccessError

from ..utils.access import is_bookkeeping


class Base(models.AbstractModel):
    _inherit = 'base'

    @api.model
    def _check_field_access(self, field, operation):  # pylint: disable=missing-return
        """Refuse users to write the fields that this addon declares as readonly: they are its bookkeeping, which only
        its own code writes, as superuser.

        A readonly field of Odoo is a matter of the view alone, so anybody who may write a record may write all of it
        over RPC. Odoo asks `_has_field_access` for every field of every record that is read, of whatever model, and
        this method only where fields are written: so this is the place.
        """
        super()._check_field_access(field, operation)
        if operation == 'write' and is_bookkeeping(field) and not self.env.su:
            raise AccessError(self.env._(
                "The field \"%(field)s\" (%(model)s) is kept by the Amazon connector and cannot be changed.",
                field=field.name, model=self._name))
