class AmazonRetention:

    # In place of 2171b0ac: Odoo 18 leaves the customer's reference in the names of payment term lines.
    def _replace_gift(self, record, field, _order):
        """Replace the text of a line that holds a gift message, or the reference of a customer whose invoice is not
        kept; a hashed entry cannot be changed any more.
        """
        is_entry = record._name == 'account.move.line'
        if is_entry and record.move_id.inalterable_hash:
            return record[field]
        if is_entry and record.display_type == 'payment_term' and not record.move_id.ref:
            name, reference = record[field] or '', record.move_id.payment_reference or ''
            return name[max(name.rfind(reference), 0):]
        sold = record.sale_line_ids if is_entry else record
        is_gift = record.display_type == 'line_note' and 'note' in sold.mapped('amazon_charge')
        return self.env._("Gift message (deleted)") if is_gift else record[field]
