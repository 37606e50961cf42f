from dateutil.relativedelta import relativedelta

from odoo import api, fields, models

from odoo.addons.account.models.mail_message import bypass_token

from ..utils.domains import any_of
from ..utils.personal_data import DELETE, EMPTY, INVENTORY, INVENTORY_VERSION, Entry, is_emptied, scrub
from .res_partner_buyer import MARK

# Models whose records hang on a document by the name of its model and its id, and the field that names the model.
CORRESPONDENCE = {'mail.message': 'model', 'mail.scheduled.message': 'model', 'mail.activity': 'res_model',
                  'ir.attachment': 'res_model'}
BY_MESSAGE = ('mail.mail', 'mail.notification', 'mail.tracking.value')
BY_PARTNER = ('snailmail.letter', 'sms.sms')
ADDRESS = ('street', 'street2', 'zip', 'city', 'state_id', 'country_id', 'phone')


class AmazonRetention(models.AbstractModel):
    """Erase the data of one order, one received order or one partner by the inventory in `utils/personal_data.py`."""

    _inherit = 'amazon.retention'

    @api.model
    def _erase(self, record, own):
        """Erase what names or describes a buyer.

        :param record: a sales order, a received order (`amazon.order`) or a partner
        :param own: partners that are somebody else's, too, and are left alone
        """
        self = self.sudo().with_context(
            tracking_disable=True, mail_notrack=True, bypass_audit=bypass_token, no_vat_validation=True,
            amazon_mark=MARK, active_test=False, skip_res_field_check=True)
        record = record.with_env(self.env)
        if record._name == 'sale.order':
            self._erase_order(record, own)
        else:
            self._apply_all({record._name: record}, record)

    @api.model
    def _erase_order(self, order, own):
        kept = self._find_kept_invoices(order)
        locked = order.locked
        if locked:
            order.locked = False
        self._apply_all(self._find_documents(order, own), order, kept)
        order.write({
            'locked': locked, 'amazon_is_anonymised': True, 'amazon_erase_error': False,
            'amazon_erase_version': INVENTORY_VERSION,
            'amazon_keep_until': self._get_kept_until(order, kept)})

    @api.model
    def _get_kept_until(self, order, kept):
        """Return until when invoices of an order name the buyer, or False; a date in the past stays as it is."""
        audited = self._get_invoices(order).filtered(lambda move: move.posted_before
                                                     and move.company_id.restrictive_audit_trail)
        if not kept and (not audited or order.amazon_keep_until):
            return False
        return order.company_id._amazon_get_day(order.date_order) + relativedelta(
            years=order.company_id.amazon_invoice_years)

    # === WHAT BELONGS TO AN ORDER === #

    @api.model
    def _find_kept_invoices(self, order):
        """Return the posted invoices and credit notes of an order that its company keeps with the buyer's name."""
        company, until = order.company_id, order.amazon_keep_until
        posted = self._get_invoices(order).filtered(lambda move: move.state == 'posted')
        if company.amazon_invoice_data == 'none' or (until and until < company._amazon_get_day(fields.Datetime.now())):
            return posted.browse()
        if company.amazon_invoice_data == 'all':
            return posted
        return posted.filtered(lambda move: move.commercial_partner_id.vat or move.commercial_partner_id.is_company)

    @api.model
    def _get_invoices(self, order):
        """Return the invoices and credit notes of an order; those of several orders only when the last of these is
        erased.
        """
        moves = order.invoice_ids | order.amazon_transaction_ids.move_id
        moves = moves.filtered(lambda move: self._is_last(order, move.line_ids.sale_line_ids.order_id))
        return moves | moves.reversal_move_ids

    @api.model
    def _is_last(self, order, orders):
        return all((orders - order).mapped('amazon_is_anonymised'))

    @api.model
    def _find_documents(self, order, own):
        """Return the records of an order that may hold its buyer's data, by model."""
        invoices, moves = self._get_invoices(order), order.order_line.move_ids
        pickings = (order.picking_ids | moves.picking_id).filtered(
            lambda picking: self._is_last(order, picking.move_ids.sale_line_id.order_id))
        return {
            'res.partner': self._find_partners(order, invoices, pickings) - own,
            'amazon.order': self.env['amazon.order'].search([
                ('seller_id', '=', order.amazon_marketplace_id.seller_id.id),
                ('amazon_order_ref', '=', order.amazon_order_ref)]),
            'sale.order': order, 'sale.order.line': order.order_line, 'stock.picking': pickings, 'stock.move': moves,
            'account.move': invoices, 'account.move.line': invoices.line_ids,
            'amazon.label': self.env['amazon.label'].search([('sale_order_id', '=', order.id)]),
            'payment.transaction': order.transaction_ids,
        }

    @api.model
    def _find_partners(self, order, invoices, pickings):
        """Return the partners that the connector made for this order and that no other order needs any more."""
        named = order.partner_id | order.partner_invoice_id | order.partner_shipping_id | pickings.partner_id
        named |= invoices.partner_id | invoices.partner_shipping_id
        named |= named.parent_id
        buyers = (named | named.child_ids).filtered('amazon_is_buyer')
        newer = self._find_orders_of(buyers, order.ids)
        for buyer in newer.partner_id & buyers:
            self._move_on(buyer, newer.filtered(lambda other, buyer=buyer: other.partner_id == buyer))
        return buyers - self._find_needed(buyers, order.ids)

    @api.model
    def _move_on(self, buyer, orders):
        """Give a buyer the address of the newest order, where the present one is that of erased orders."""
        address = orders[-1:].partner_shipping_id
        if not buyer.vat and buyer not in orders.partner_shipping_id and address.amazon_is_buyer:
            buyer.write({field: address[field].id if address._fields[field].relational else address[field]
                         for field in ADDRESS})

    @api.model
    def _find_correspondence(self, documents):
        """Return messages, mails, tracked values, tasks and files on documents, or from and to their buyers, by model.
        """
        found, partners = {}, documents.get('res.partner', self.env['res.partner'])
        for model, field in CORRESPONDENCE.items():
            found[model] = self.env[model].search(any_of(
                ['&', (field, '=', name), ('res_id', 'in', records.ids)] for name, records in documents.items()))
        composers, mails, letters = self._find_composers(documents), self._find_mails(partners), self._find_letters(
            partners)
        messages = found['mail.message'] | letters | mails.mail_message_id.filtered(lambda message: not message.model)
        found.update({'mail.message': messages, 'mail.compose.message': composers})
        found['ir.attachment'] |= composers.attachment_ids.filtered(lambda file: self._is_of_messages(file, messages))
        found['ir.attachment'] |= messages.attachment_ids.filtered(lambda file: self._is_of_messages(file, messages))
        if 'amazon.label' in documents:
            found['ir.attachment'] |= documents['amazon.label'].attachment_id
        for model in BY_MESSAGE:
            found[model] = self.env[model].search([('mail_message_id', 'in', messages.ids)])
        found['mail.mail'] |= mails
        found['mail.notification'] |= self.env['mail.notification'].search([('res_partner_id', 'in', partners.ids)])
        for model in BY_PARTNER:
            if model in self.env:
                found[model] = self.env[model].search([('partner_id', 'in', partners.ids)])
        return found

    @api.model
    def _is_of_messages(self, attachment, messages):
        """Return whether a file was made for these messages: what is attached to a template or a product is sent again
        to others.
        """
        others = self.env['mail.message'].search_count([('attachment_ids', 'in', attachment.ids),
                                                        ('id', 'not in', messages.ids)], limit=1)
        loose = attachment.res_model in (False, 'mail.message', 'mail.compose.message', 'mail.scheduled.message')
        return not others and (loose or self._is_sent_by_buyer(attachment, messages))

    # === AS THE INVENTORY SAYS === #

    @api.model
    def _apply_all(self, documents, order, kept=None):
        """Apply the inventory to documents and their related records; deletions cascade, so they come last."""
        kept = self.env['account.move'] if kept is None else kept
        documents = self._add_below(documents, order)
        scope = {**documents, **self._find_correspondence(documents)}
        deleted = {entry.model for entry in INVENTORY if entry.how == DELETE}
        for model in sorted(scope, key=lambda model: model in deleted):
            for record in scope[model].exists():
                if model in deleted:
                    self._delete(record, kept)
                else:
                    self._replace_fields(record, order, kept)

    @api.model
    def _delete(self, record, kept):
        """Delete a record, unless it is a document of an invoice that is kept, or that the audit trail of its company
        protects.
        """
        if record._name == 'ir.attachment' and record.res_model == 'account.move':
            move = self.env['account.move'].browse(record.res_id).exists()
            if move in kept or (move.posted_before and move.company_id.restrictive_audit_trail):
                return
        if record._name == 'res.partner.bank':
            self._delete_bank(record)
        else:
            record.unlink()

    @api.model
    def _replace_fields(self, record, order, kept):
        on_invoice, vals = self._is_on_invoice(record, kept), {}
        for entry in self._get_entries(record):
            if entry.field in record._fields and not (entry.on_invoice and on_invoice):
                value = self._replace(entry, record, order)
                if (record[entry.field] or False) != (value or False):
                    vals[entry.field] = value
        if vals:
            record.write(vals)

    @api.model
    def _get_entries(self, record):
        """Return how each field of a record is erased; of partners, all texts and files that are not listed as kept:
        any module may add a tax number or an address.
        """
        entries = [entry for entry in INVENTORY if entry.model == record._name]
        if record._name == 'res.partner':
            listed = {entry.field for entry in entries}
            entries += [Entry(record._name, name, EMPTY) for name, field in record._fields.items()
                        if name not in listed and is_emptied(field)]
        return entries

    @api.model
    def _is_on_invoice(self, record, kept):
        """Return whether a kept invoice shows this record."""
        if record._name == 'account.move':
            return record in kept
        return (record._name == 'res.partner'
                and record in kept.partner_id | kept.commercial_partner_id | kept.partner_shipping_id)

    @api.model
    def _replace(self, entry, record, order):
        """Return the new value of a field."""
        return getattr(self, f'_replace_{entry.how}')(record, entry.field, order)

    def _replace_empty(self, record, field, _order):
        if (field == 'vat' and record.parent_id) or (record._name.startswith('mail.')
                                                     and self._is_audited(record, field)):
            # Odoo writes a VAT number through to the partner above, which may be the company's own.
            return record[field]
        return False

    def _replace_number(self, record, _field, _order):
        return self.env._("Amazon buyer %s", record.id)

    def _replace_order(self, _record, _field, order):
        return order.amazon_order_ref

    def _replace_known(self, record, field, _order):
        return scrub(record[field] or {}) or False

    def _replace_gift(self, record, field, _order):
        """Replace the text of a line that holds a gift message; a hashed entry cannot be changed any more."""
        sold = record if record._name == 'sale.order.line' else record.sale_line_ids
        is_gift = record.display_type == 'line_note' and 'note' in sold.mapped('amazon_charge')
        if not is_gift or (record._name == 'account.move.line' and record.move_id.inalterable_hash):
            return record[field]
        return self.env._("Gift message (deleted)")

    def _replace_written(self, record, field, _order):
        """Replace texts in a chatter, whether a person wrote them or Odoo, which names buyers, too."""
        if not record[field] or self._is_audited(record, field):
            return record[field]
        return self.env._("Deleted with the buyer's data.")

    @api.model
    def _is_audited(self, record, field):
        """Return whether the audit trail of a company protects a message: those on its journal entries, not those on
        buyers.
        """
        message = (record if record._name == 'mail.message' else record.mail_message_id
                   if 'mail_message_id' in record._fields else None)
        if not message or not record[field] or message.model != 'account.move':
            return False
        return (message.account_audit_log_restricted
                and bool(self.env['account.move'].browse(message.res_id).posted_before))
