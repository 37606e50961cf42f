# In place of 164bfcb4: taxes of orders and of invoices have fields of other names.
def _mend_drafts(env, copies):
    """Take the copies off quotations and draft invoices that have another tax, too."""
    quotations = env['sale.order.line'].search([('tax_id', 'in', copies.ids), ('state', 'in', ('draft', 'sent'))])
    drafts = env['account.move.line'].search([
        ('tax_ids', 'in', copies.ids), ('parent_state', '=', 'draft'),
        ('move_id.move_type', 'in', ('out_invoice', 'out_refund'))])
    quotations = quotations.filtered(lambda line: line.tax_id - copies)
    drafts = drafts.filtered(lambda line: line.tax_ids - copies)
    for line in quotations:
        line.tax_id -= copies
    for line in drafts:
        line.tax_ids -= copies
    for document in [*quotations.order_id, *drafts.move_id]:
        document.message_post(body=env._(
            "Lines had the same tax twice: once as it is, and once as an earlier version of Amazon Connector had "
            "copied it. The copy was taken off, and the total changed."))
