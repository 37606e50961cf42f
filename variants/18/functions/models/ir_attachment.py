from odoo.osv import expression


class IrAttachment:

    # Left out 44459624: see `check`.
    def _has_field_access(self, field, operation):
        pass

    # Left out 773f59f6: see `check`.
    def _check_access(self, operation):
        pass

    # In place of aaeb9c4d: all fields are checked by name, and `res_model` is any condition's.
    def _amazon_check_place(self):
        """Raise an `AccessError` if these files are the content of fields that this addon keeps: Odoo looks at the
        place of a file before it is written, and users who administrate Odoo are asked nothing.
        """
        for file in self.sudo().filtered(lambda file: file.res_field and file.res_model in self.env):
            field = self.env[file.res_model]._fields.get(file.res_field)
            if field and is_bookkeeping(field):
                self.env[file.res_model].sudo(False).check_field_access_rights('write', [field.name])

    # New: what `_check_access` and `_has_field_access` are for Odoo 19.
    def check(self, mode, values=None):
        """Refuse files of labels to users who may not read buyers' addresses, whatever their rights to the delivery,
        and changes of files that are the content of fields that this addon keeps.
        """
        result = super().check(mode, values)
        if self._amazon_filter_refused():
            raise AccessError(self.env._(
                "Labels name Amazon buyers. They are read by those who send parcels and by the group \"Amazon "
                "buyer data\"."))
        if mode != 'read' and not self.env.su:
            self._amazon_check_place()
        return result

    # In place of 41575a42: Odoo asks the document alone.
    @api.model
    def _search(self, domain, *args, **kwargs):
        """Search files; Odoo asks the document that they hang on, and not `check`."""
        if not self.env.su and not self.env['res.partner']._amazon_may_read_buyers():
            domain = expression.AND([self._amazon_leave_fields_out(domain), [
                ('id', 'not in', self.env['amazon.label']._get_file_sql())]])
        return super()._search(domain, *args, **kwargs)

    # In place of ab528434: domains are lists.
    @api.model
    def _amazon_leave_fields_out(self, domain):
        """Return a domain without files that are the content of fields: Odoo leaves them out by itself only of domains
        that name neither `id` nor `res_field`.
        """
        named = {condition[0] for condition in domain}
        if self.env.context.get('skip_res_field_check') or not named.isdisjoint(('id', 'res_field')):
            return domain
        return [('res_field', '=', False), *domain]

    # New: Odoo 18 asks the document, and not the field.
    @api.model_create_multi
    def create(self, vals_list):
        """Create files; none becomes the content of a field that this addon keeps."""
        files = super().create(vals_list)
        if not self.env.su:
            files._amazon_check_place()
        return files

    # Left out c21b2fc5: the chatter shows files without such keys.
    def _get_raw_access_token(self):
        pass

    # Left out 5098083f: the chatter shows files without such keys.
    def _get_thumbnail_token(self):
        pass

    # New: Odoo 18 lets files be found without asking, and asks when they are read.
    def validate_access(self, access_token):
        """Return a file that a key or its user's rights open; labels to those who may read them."""
        file = super().validate_access(access_token)
        if file._amazon_filter_refused():
            file.check('read')
        return file
