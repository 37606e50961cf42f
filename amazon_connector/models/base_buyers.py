from odoo import models

# Helpers of Odoo that repeat a contact's address: which fields, and which field names the contact (none: `res_model`
# and `res_id` name a document). Most belong to modules that this addon does not depend on.
REPEATED = {
    'mail.followers': (frozenset({'email'}), 'partner_id'),
    'payment.link.wizard': (frozenset({'partner_email'}), 'partner_id'),
    'portal.wizard.user': (frozenset({'email'}), 'partner_id'),
    'snailmail.letter': (frozenset({'street', 'street2', 'zip', 'city', 'attachment_datas'}), 'partner_id'),
    'sms.composer': (
        frozenset({'recipient_single_number', 'recipient_single_number_itf', 'numbers', 'sanitized_numbers'}), None),
}


class Base(models.AbstractModel):
    """Hide, in helper records that repeat a contact's address, what is hidden in contacts; other models cost one
    dictionary lookup.
    """

    _inherit = 'base'

    def _read_format(self, fnames, load='_classic_read'):
        rows = super()._read_format(fnames, load)
        if self._name not in REPEATED or self.env.su:
            return rows
        fields, link = REPEATED[self._name]
        hidden = fields.intersection(fnames)
        return self._amazon_hide_repeated(rows, hidden, link) if hidden else rows

    def _amazon_hide_repeated(self, rows, hidden, link):
        named = {record._ids[0]: record._amazon_get_named(link) for record in self}
        if self.env['res.partner']._amazon_may_read_buyers():
            self.env['amazon.access.log']._log('open', self.env['res.partner'].union(*named.values()))
            return rows
        return [{**row, **dict.fromkeys(hidden, False)} if named.get(row['id']) else row for row in rows]

    def _amazon_get_named(self, link):
        """Return the buyers whose address this record repeats."""
        record = self.sudo()
        if link:
            return record[link]._amazon_filter_hidden()
        partners = self.env['res.partner'].sudo()
        if not record.res_id or record.res_model not in self.env:
            return partners
        document = self.env[record.res_model].sudo().browse(record.res_id).exists()
        buyers = self.env['amazon.access.log'].sudo()._filter_buyers(document)
        return buyers if buyers._name == 'res.partner' else buyers.partner_id
