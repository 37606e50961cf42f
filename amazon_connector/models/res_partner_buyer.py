from odoo import api, fields, models
from odoo.tools import SQL

# Code that has this object in its context may set the mark; a context that comes over RPC cannot have it.
MARK = object()
MARKED_FIELDS = ('amazon_is_buyer', 'amazon_key', 'amazon_email')
# Tables that name a partner without being a document of their own: correspondence, tags, and those that are judged by
# their child records.
HARMLESS_TABLES = (
    'res_partner', 'res_partner_bank', 'res_partner_res_partner_category_rel', 'mail_followers', 'mail_message',
    'mail_notification', 'mail_message_res_partner_rel',
    'mail_mail', 'mail_mail_res_partner_rel', 'mail_message_res_partner_starred_rel', 'account_payment',
    'account_bank_statement_line',
    'account_move_line', 'sale_order_line', 'payment_transaction', 'payment_token', 'snailmail_letter', 'sms_sms',
    'account_move_send_wizard',
    'mail_scheduled_message_res_partner_rel', 'mail_push_device', 'res_partner_autocomplete_sync', 'res_partner_iap',
)
# Documents that may be an Amazon order's -> the condition for those that are not.
OTHER_DOCUMENTS = {
    'sale_order': SQL("amazon_order_ref IS NULL AND amazon_copy_of_id IS NULL"),
    'stock_picking': SQL(
        """amazon_order_ref IS NULL
           AND NOT EXISTS (SELECT 1 FROM sale_order
                            WHERE sale_order.id = stock_picking.sale_id
                              AND sale_order.amazon_copy_of_id IS NOT NULL)"""),
    'account_analytic_line': SQL("move_line_id IS NULL"),
    'stock_move': SQL("picking_id IS NULL AND sale_line_id IS NULL"),
    'account_move': SQL(
        """amazon_settlement_id IS NULL AND origin_payment_id IS NULL AND statement_line_id IS NULL
           AND NOT EXISTS (SELECT 1 FROM amazon_transaction refund WHERE refund.move_id = account_move.id)
           AND NOT EXISTS (SELECT 1
                             FROM account_move_line item
                             JOIN sale_order_line_invoice_rel link ON link.invoice_line_id = item.id
                             JOIN sale_order_line sold ON sold.id = link.order_line_id
                             JOIN sale_order ON sale_order.id = sold.order_id
                                                 AND (sale_order.amazon_order_ref IS NOT NULL
                                                      OR sale_order.amazon_copy_of_id IS NOT NULL)
                            WHERE item.move_id IN (account_move.id, account_move.reversed_entry_id))"""),
}


class ResPartner(models.Model):
    """Mark the partners that are Amazon's buyers: those that this connector made, and none that a person made or
    linked.
    """

    _inherit = 'res.partner'

    amazon_is_buyer = fields.Boolean("Amazon buyer", readonly=True, copy=False, index='btree_not_null',
                                     help="Made from an Amazon order. Its data is deleted when its time is over.")

    @api.model_create_multi
    def create(self, vals_list):
        """Create partners; only the connector marks them as buyers."""
        if self.env.context.get('amazon_mark') is not MARK:
            defaults = dict.fromkeys(f'default_{field}' for field in MARKED_FIELDS)
            # pylint: disable=context-overridden
            self = self.with_context({key: value for key, value in self.env.context.items() if key not in defaults})
            vals_list = [self._amazon_drop_mark(vals) for vals in vals_list]
        return super().create(vals_list)

    def write(self, vals):
        """Write partners without the mark: merging copies every field to the contact that stays, which may be the
        company's own.
        """
        if self.env.context.get('amazon_mark') is not MARK:
            vals = self._amazon_drop_mark(vals)
        return super().write(vals)

    def copy(self, default=None):
        """Copy partners; a copy of a buyer is marked as a buyer."""
        copies = super().copy(default)
        for partner, copied in zip(self, copies, strict=True):
            if partner.amazon_is_buyer:
                copied._amazon_mark()
        return copies

    @api.model
    def _amazon_drop_mark(self, vals):
        return {field: value for field, value in vals.items() if field not in MARKED_FIELDS}

    def _amazon_mark(self):
        self.sudo().with_context(amazon_mark=MARK).write({'amazon_is_buyer': True})

    def _track_prepare(self, fields_iter):
        """Track no changes of buyers' data in their chatter: an audit trail may forbid to delete them later."""
        return super(ResPartner, self.filtered(lambda partner: not partner.amazon_is_buyer))._track_prepare(fields_iter)

    # === WHOSE THEY ARE === #

    def _amazon_find_own(self):
        """Return those of these partners that are used otherwise, too: a user, a supplier, an employee, or named by
        documents that are not Amazon's.
        """
        own = self.filtered(lambda partner: not partner.amazon_is_buyer)
        return own | (self - own)._amazon_find_used()

    def _amazon_find_used(self):
        """Return those of these partners that are a user, a supplier, an employee, or named by documents that are not
        Amazon's, whether they are marked or not.
        """
        partners = self.with_context(active_test=False)
        own = partners.filtered(lambda partner: partner.user_ids or partner.supplier_rank or partner.employee)
        rest = partners - own
        if rest:
            self.env.flush_all()
            own |= self.browse(list(self._amazon_find_named(rest.ids)))
        return own

    @api.model
    def _amazon_find_named(self, ids):
        """Return the ids among these that a row of any other table names, whichever modules are installed, each with
        the names of these tables.
        """
        named = {}
        for table, column in self._amazon_get_references():
            condition = OTHER_DOCUMENTS.get(table, SQL("TRUE"))
            rows = self.env.execute_query(SQL(
                "SELECT DISTINCT %(column)s FROM %(table)s WHERE %(column)s = ANY(%(ids)s) AND %(condition)s",
                column=SQL.identifier(column), table=SQL.identifier(table), ids=ids, condition=condition))
            for (number,) in rows:
                named.setdefault(number, []).append(table)
        return named

    @api.model
    def _amazon_get_tables(self):
        """Return by table the model whose records, or whose links to other records, it holds."""
        found = {}
        for model in self.env.values():
            found.update((field.relation, model) for field in model._fields.values()
                         if field.type == 'many2many' and field.store and field.relation)
        return {**found, **{model._table: model for model in self.env.values() if not model._abstract}}

    def _amazon_describe_use(self):
        """Return in words how these partners are used otherwise: their roles, and the kinds of documents."""
        roles = [(self.user_ids, self.env._("user")), (self.filtered('supplier_rank'), self.env._("supplier")),
                 (self.filtered('employee'), self.env._("employee"))]
        words, models = [word for holds, word in roles if holds], self._amazon_get_tables()
        tables = {table for names in self._amazon_find_named(self.ids).values() for table in names}
        for table in sorted(tables):
            name = self.env['ir.model']._get(models[table]._name).name if table in models else table
            words += [] if name in words else [name]
        return ', '.join(words)

    @api.model
    def _amazon_get_references(self):
        """Return table and column of each foreign key to partners that stands for a document or a role."""
        transient = {table for table, model in self._amazon_get_tables().items() if model._transient}
        rows = self.env.execute_query(SQL(
            """SELECT source.relname, attribute.attname
                 FROM pg_constraint link
                 JOIN pg_class source ON source.oid = link.conrelid
                 JOIN pg_class target ON target.oid = link.confrelid
                 JOIN pg_attribute attribute ON attribute.attrelid = source.oid AND attribute.attnum = link.conkey[1]
                WHERE link.contype = 'f' AND target.relname = 'res_partner'
                  AND target.relnamespace = current_schema::regnamespace
             ORDER BY 1, 2"""))
        return [(table, column) for table, column in rows
                if table not in HARMLESS_TABLES and table not in transient
                and not column.startswith(('create_uid', 'write_uid'))]
