from odoo import api, models
from odoo.exceptions import AccessError

from ..utils.access import find_chosen, is_bookkeeping, with_companies


class Base(models.AbstractModel):
    _inherit = 'base'

    @api.model
    def _check_field_access(self, field, operation):  # pylint: disable=missing-return
        """Refuse users to write the fields that this addon declares as readonly: only its own code writes them, as
        superuser.

        Odoo checks `readonly` in views only, so anybody who may write a record may write all of it
        over RPC. Odoo asks `_has_field_access` for every field of every record that is read, of whatever model, and
        this method only where fields are written: so this is the place.
        """
        super()._check_field_access(field, operation)
        if operation == 'write' and is_bookkeeping(field) and not self.env.su:
            raise AccessError(self.env._(
                "The field \"%(field)s\" (%(model)s) is kept by the Amazon connector and cannot be changed.",
                field=field.name, model=self._name))

    def onchange(self, values, field_names, fields_spec):
        """Refuse to compute a form in which a record of this addon holds what its user may not read: related and
        computed fields would show it to him. Lines of Odoo's own forms hold records of this addon, too.
        """
        if not self.env.su:
            for chosen in find_chosen(with_companies(self), values):
                chosen.check_access('read')
        return super().onchange(values, field_names, fields_spec)
