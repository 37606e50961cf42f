from ..utils.access import MODULE


class Base:

    # Left out aa60b5ec: see `check_field_access_rights`.
    def _check_field_access(self, field, operation):
        pass

    # New: fields are checked by their names, all together.
    @api.model
    def check_field_access_rights(self, operation, field_names):
        """Refuse users to write the fields that this addon declares as readonly: they are its bookkeeping, which only
        its own code writes, as superuser. A readonly field of Odoo is a matter of the view alone.
        """
        result = super().check_field_access_rights(operation, field_names)
        if operation == 'write' and not self.env.su:
            for field in filter(None, map(self._fields.get, field_names or ())):
                if is_bookkeeping(field):
                    raise AccessError(self.env._(
                        "The field \"%(field)s\" (%(model)s) is kept by the Amazon connector and cannot be changed.",
                        field=field.name, model=self._name))
        return result

    # New: Odoo 18 does not ask whether the user may write the fields of new records.
    @api.model
    def _prepare_create_values(self, vals_list):
        """Refuse users to fill fields of this addon in new records that they may not write."""
        if not self.env.su:
            names = {name for vals in vals_list for name in vals}
            names.update(key.removeprefix('default_') for key in self.env.context if key.startswith('default_'))
            self.check_field_access_rights('write', [
                name for name in names if name in self._fields and self._fields[name]._modules[:1] == (MODULE,)])
        return super()._prepare_create_values(vals_list)
