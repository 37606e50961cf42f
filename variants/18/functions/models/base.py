class Base:

    # Left out 96e287de: see `check_field_access_rights`.
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
