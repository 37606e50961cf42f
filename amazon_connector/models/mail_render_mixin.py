import html
import re

from odoo import api, models
from odoo.exceptions import AccessError

# What names where a buyer lives or how he is reached; a postcode does so together with its city only.
TELLING = ('street', 'street2', 'email', 'phone', 'mobile', 'vat')


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
        records = self.env[model].sudo().browse(res_id for res_id, text in rendered.items() if text)
        named = records.filtered(lambda record: _names_buyer(record, html.unescape(str(rendered[record.id]))))
        if named and not self.env['res.partner']._amazon_may_read_buyers():
            raise AccessError(self.env._("Mails and messages with addresses of Amazon buyers are written by the group "
                                         "\"Amazon buyer data\" only."))
        self.env['amazon.access.log'].sudo()._log('open', named)
        return rendered


def _names_buyer(record, text):
    """Return whether a text names the address of a buyer whom a record is, or is for."""
    links = [name for name, field in record._fields.items()
             if field.type == 'many2one' and field.comodel_name == 'res.partner']
    partners = record if record._name == 'res.partner' else record.env['res.partner'].union(
        *(record[name] for name in links))
    return any(
        any(_is_in(buyer[name], text) for name in TELLING if name in buyer._fields)
        or _is_in(buyer.zip, text) and _is_in(buyer.city, text) for buyer in partners._amazon_filter_hidden())


def _is_in(value, text):
    """Return whether a value stands in a text as a word; very short ones stand everywhere."""
    return bool(value and len(value) > 3 and re.search(rf'(?<!\w){re.escape(value)}(?!\w)', text))
