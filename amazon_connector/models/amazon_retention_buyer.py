from odoo import api, models
from odoo.tools import email_normalize, email_normalize_all

from ..utils.domains import any_of
from ..utils.personal_data import is_emptied

ROLES = ('partner_id', 'partner_invoice_id', 'partner_shipping_id')


class AmazonRetention(models.AbstractModel):
    """Records of a buyer that belong to no document of an order: contacts below it, bank accounts, letters; and buyers
    that are kept because others need them.
    """

    _inherit = 'amazon.retention'

    # === BELOW A BUYER === #

    @api.model
    def _add_below(self, documents, order):
        """Return documents together with the contacts below their buyers, and the bank accounts of all of these."""
        partners = documents.get('res.partner')
        if not partners:
            return documents
        partners |= self._find_children(partners, order)
        return {**documents, 'res.partner': partners,
                'res.partner.bank': self.env['res.partner.bank'].search([('partner_id', 'in', partners.ids)])}

    @api.model
    def _find_children(self, buyers, order):
        """Return contacts that a person made below buyers, without those that were there before or that others need."""
        below = self.env['res.partner'].search([
            ('id', 'child_of', buyers.ids), ('id', 'not in', buyers.ids), ('amazon_is_buyer', '=', False)])
        below = below.filtered(lambda child: child.parent_id.create_date <= child.create_date)
        needed = self._find_needed(below, order.ids if order._name == 'sale.order' else ())
        return below - needed - below._amazon_find_used()

    @api.model
    def _delete_bank(self, bank):
        """Delete a bank account, past Odoo, which archives it and writes its number into a chatter; where bookkeeping
        names it, its number and holder go.
        """
        on_bank = [('partner_bank_id', '=', bank.id)]
        if not any(self.env[model].search_count(on_bank, limit=1) for model in ('account.move', 'account.payment')):
            models.BaseModel.unlink(bank)
            return
        empty = {name: False for name, field in bank._fields.items() if is_emptied(field) and not field.required}
        models.BaseModel.write(bank, {**empty, 'acc_number': self.env._("Amazon buyer %s", bank.id), 'active': False})

    # === LETTERS === #

    @api.model
    def _find_letters(self, buyers):
        """Return messages on whatever record that buyers wrote or that are addressed to them."""
        return self.env['mail.message'].search(
            ['|', ('author_id', 'in', buyers.ids), ('partner_ids', 'in', buyers.ids)])

    @api.model
    def _find_mails(self, buyers):
        """Return mails to buyers, whether they name the contact or just the address."""
        mails = self.env['mail.mail'].search([('recipient_ids', 'in', buyers.ids)])
        marked = buyers.filtered('amazon_is_buyer')
        addresses = {email_normalize(text) for text in (*marked.mapped('email'), *marked.mapped('amazon_email'))}
        for address in sorted(addresses - {False}):
            to = self.env['mail.mail'].search(['|', ('email_to', 'ilike', address), ('email_cc', 'ilike', address)])
            mails |= to.filtered(lambda mail, address=address: address in email_normalize_all(
                f"{mail.email_to or ''},{mail.email_cc or ''}"))
        return mails

    @api.model
    def _find_composers(self, documents):
        """Return open dialogs in which somebody writes to buyers or on their documents."""
        ids = documents.get('res.partner', self.env['res.partner']).ids
        on = (['&', ('model', '=', name), ('res_ids', 'in', [str([number]) for number in records.ids])]
              for name, records in documents.items())
        return self.env['mail.compose.message'].search(
            any_of([[('partner_ids', 'in', ids)], [('author_id', 'in', ids)], *on]))

    @api.model
    def _is_sent_by_buyer(self, attachment, messages):
        """Return whether a buyer sent this file along with a message on the record where it hangs."""
        place = attachment.res_model, attachment.res_id
        sent = messages.filtered(lambda message: attachment in message.attachment_ids)
        return any(message.author_id.amazon_is_buyer and (message.model, message.res_id) == place for message in sent)

    # === WHO STAYS === #

    @api.model
    def _find_kept_partners(self, orders):
        """Return the buyers of erased orders, and the contacts below these, that keep their data because others need
        them.
        """
        partners = orders.partner_id | orders.partner_invoice_id | orders.partner_shipping_id
        partners = partners.with_context(active_test=False)
        buyers = (partners | partners.parent_id).filtered('amazon_is_buyer')
        named = buyers.filtered('amazon_key') | buyers.child_ids.filtered(lambda child: not child.amazon_is_buyer)
        return (named - self._find_needed(named))._amazon_find_used()

    @api.model
    def _find_naming_orders(self, seller):
        """Return the orders of a seller that are erased and name a buyer that is not, or with other contacts below it.
        """
        named = [('amazon_is_buyer', '=', True), '|', ('amazon_key', '!=', False),
                 ('child_ids.amazon_is_buyer', '=', False)]
        return self.env['sale.order'].sudo().search([
            *self._get_domain(seller), ('amazon_is_anonymised', '=', True), '|', '|',
            *((role, 'any', named) for role in ROLES)])
