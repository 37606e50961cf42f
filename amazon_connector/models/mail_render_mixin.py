import html

from odoo import SUPERUSER_ID, api, models
from odoo.exceptions import AccessError

from ..utils.address_index import AddressIndex

# Where a transaction keeps the addresses that were read in it: Odoo empties that when it ends.
READ = 'amazon_connector.addresses'


class MailRenderMixin(models.AbstractModel):
    """Templates read whatever is in them, whoever uses them: a mail or message that names a buyer's address is for
    users who may read it.
    """

    _inherit = 'mail.render.mixin'

    @api.model
    def _render_template_qweb(self, template_src, model, res_ids, *args, **kwargs):
        rendered = super()._render_template_qweb(template_src, model, res_ids, *args, **kwargs)
        return self._amazon_check_rendered(model, rendered)

    @api.model
    def _render_template_qweb_view(self, view_ref, model, res_ids, *args, **kwargs):
        rendered = super()._render_template_qweb_view(view_ref, model, res_ids, *args, **kwargs)
        return self._amazon_check_rendered(model, rendered)

    @api.model
    def _render_template_inline_template(self, template_txt, model, res_ids, *args, **kwargs):
        rendered = super()._render_template_inline_template(template_txt, model, res_ids, *args, **kwargs)
        return self._amazon_check_rendered(model, rendered)

    @api.model
    def _amazon_check_rendered(self, model, rendered):
        """Return rendered texts by record; those that name a buyer's address leave a line in the access log.

        :raises AccessError: the user may not read it, whatever `sudo` says
        """
        if self.env.uid == SUPERUSER_ID:
            return rendered
        texts = {res_id: html.unescape(str(text)).casefold() for res_id, text in rendered.items() if text}
        index = self._amazon_find_read()
        named = self.env[model].sudo().browse(texts).filtered(
            lambda record: index.is_named_in(texts[record.id]) or AddressIndex(
                _get_partners(record)._amazon_find_addresses()).is_named_in(texts[record.id]))
        if named and not self.env['res.partner']._amazon_may_read_buyers():
            raise AccessError(self.env._("Mails and messages with addresses of Amazon buyers are written by the group "
                                         "\"Amazon buyer data\" only."))
        self.env['amazon.access.log'].sudo()._log('open', named)
        return rendered

    @api.model
    def _amazon_find_read(self):
        """Return the addresses of buyers that were read in this transaction (`AddressIndex`): a template goes any way
        to them, and what it has read is in Odoo's cache when the text is made.
        """
        index, known = self.env.cr.precommit.data.setdefault(READ, (AddressIndex(), {}))
        ways = {name: self.env[name]._amazon_get_hidden() for name in self.env['res.partner']._amazon_get_repeating()}
        for name, fields in {**ways, 'amazon.order': ['payload']}.items():
            seen = known.setdefault(name, set())
            for record in self.env[name].sudo().browse(self._amazon_get_cached(self.env[name], fields) - seen):
                index.add(record._amazon_find_addresses())
                seen.add(record.id)
        return index

    @api.model
    def _amazon_forget_read(self):
        """Find the addresses again that were read in this transaction: some have changed."""
        self.env.cr.precommit.data.pop(READ, None)

    @api.model
    def _amazon_get_cached(self, model, names):
        """Return the ids of the stored records of which some of these fields are in Odoo's cache (a set)."""
        fields = [model._fields[name] for name in names if name in model._fields]
        ids = set().union(*(self.env.cache.get_records(model, field, all_contexts=True)._ids for field in fields))
        return {record_id for record_id in ids if isinstance(record_id, int)}


def _get_partners(record):
    """Return the partners whom a record is, or is for."""
    if record._name == 'res.partner':
        return record
    return record.env['res.partner'].union(*(
        record[name] for name, field in record._fields.items()
        if field.type == 'many2one' and field.comodel_name == 'res.partner'))
