from ..compat import execute_query


class IrAttachment:

    # In place of e0784a1d: conditions take no SQL.
    @api.model
    def _search(self, domain, *args, **kwargs):
        """Search files, with `skip_res_field_check` those that are fields, too; Odoo asks the document that they hang
        on, and not `check`.
        """
        if self.env.context.get('skip_res_field_check'):
            domain = [('id', '!=', 0), *domain]
        if not self.env.su and not self.env['res.partner']._amazon_may_read_buyers():
            files = execute_query(self.env,
                                  SQL("SELECT file FROM %s AS label (file)", self.env['amazon.label']._get_file_sql()))
            domain = expression.AND([domain, [('id', 'not in', [file for file, in files])]])
        return super()._search(domain, *args, **kwargs)

    # Left out c53035fc: see models/ir_binary.py.
    def _to_http_stream(self):
        pass
