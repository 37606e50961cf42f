import datetime

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL

KEPT_FOR = datetime.timedelta(days=365)
# A web client reads a form several times while it opens it.
ONCE_IN = datetime.timedelta(minutes=1)


class AmazonAccessLog(models.Model):
    """Who opened, exported, printed or erased buyers' data, and when: no content. Lines are only ever added, and
    deleted after a year.
    """

    _name = 'amazon.access.log'
    _description = "Amazon Access Log"
    _order = 'date desc, id desc'
    _rec_name = 'model'
    _log_access = False

    date = fields.Datetime(required=True, readonly=True)
    user_id = fields.Many2one('res.users', readonly=True, ondelete='set null')
    login = fields.Char(readonly=True, help="As it was then.")
    company_id = fields.Many2one('res.company', readonly=True, ondelete='set null', index=True)
    action = fields.Selection([
        ('open', "Opened"), ('export', "Exported"), ('print', "Printed"), ('label', "Labels"),
        ('download', "Downloaded"), ('erase', "Erased"),
    ], required=True, readonly=True)
    model = fields.Char(required=True, readonly=True)
    res_id = fields.Many2oneReference("Record", model_field='model', readonly=True)
    detail = fields.Char(readonly=True)

    _record = models.Index("(model, res_id, user_id, date)")

    @api.model_create_multi
    def create(self, vals_list):  # pylint: disable=method-required-super
        """Refuse to create lines: only `_log` does."""
        raise AccessError(self.env._("The access log is written by the connector alone."))

    def write(self, vals):  # pylint: disable=method-required-super
        """Refuse to change lines, also for administrators."""
        raise AccessError(self.env._("The access log cannot be changed."))

    def unlink(self):  # pylint: disable=method-required-super
        # Also for administrators: only `_gc_old` deletes lines, after a year.
        raise AccessError(  # pylint: disable=no-raise-unlink
            self.env._("The access log cannot be changed. Its lines are deleted after a year."))

    @api.model
    def _log(self, action, records, detail=None):
        """Add a line for each record, unless the same user did the same with it a moment ago.

        :param str action: a key of the field `action`
        """
        if not records or self.env.uid == SUPERUSER_ID:
            return
        if self.env.cr.readonly:
            with self.env.registry.cursor() as cursor:
                self._insert(cursor, action, records, detail)
        else:
            self._insert(self.env.cr, action, records, detail)
            self.invalidate_model()

    @api.model
    def _insert(self, cursor, action, records, detail):
        now, user = fields.Datetime.now(), self.env.user
        cursor.execute(SQL(
            """INSERT INTO amazon_access_log (date, user_id, login, company_id, action, model, res_id, detail)
                    SELECT %(now)s, %(user)s, %(login)s, %(company)s, %(action)s, %(model)s, record, %(detail)s
                      FROM unnest(%(ids)s) AS record
                     WHERE NOT EXISTS (SELECT 1
                                         FROM amazon_access_log known
                                        WHERE known.model = %(model)s AND known.res_id = record
                                          AND known.user_id = %(user)s
                                          AND known.action = %(action)s AND known.date > %(since)s)""",
            now=now, user=user.id, login=user.login, company=self.env.company.id, action=action, model=records._name,
            ids=records.ids, detail=detail, since=now - ONCE_IN))

    @api.model
    def _log_documents(self, action, records):
        """Add a line for each of these documents that names a buyer (orders, deliveries, invoices, partners)."""
        self._log(action, self._filter_buyers(records))

    @api.model
    def _filter_buyers(self, records):
        """Return those of these records that are, or are for, an Amazon buyer."""
        if records._name == 'res.partner':
            return records._amazon_filter_hidden()
        if 'partner_id' not in records._fields or records._fields['partner_id'].comodel_name != 'res.partner':
            return records.browse()
        return records.filtered(lambda record: record.sudo().partner_id._amazon_filter_hidden())

    @api.autovacuum
    def _gc_old(self):
        self.env.cr.execute("DELETE FROM amazon_access_log WHERE date < %s", [fields.Datetime.now() - KEPT_FOR])
