import base64
import csv
import re

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ..amazon_api.feed_messages import clean_text
from ..utils.notices import make_notice

COLUMNS = ('reference', 'tracking_number', 'carrier_name')


class AmazonTrackingImport(models.TransientModel):
    """Read a carrier's file of tracking numbers: order or delivery, number and, if it has one, delivery method."""

    _name = 'amazon.tracking.import'
    _description = "Import of Tracking Numbers"
    _inherit = ['amazon.access.mixin']

    document = fields.Binary("File", help="CSV or Excel: Amazon order or delivery, tracking number and, if you like, "
                             "delivery method in its first three columns.")
    document_name = fields.Char()
    line_ids = fields.One2many('amazon.tracking.import.line', 'wizard_id')

    def action_read(self):
        """Show what the file would change; a line that cannot be used says why."""
        self.ensure_one()
        self.check_access('write')
        if not self.document:
            raise UserError(self.env._("Choose the carrier's file first."))
        rows = self._read_rows()
        if not rows:
            raise UserError(self.env._("The file has no line with an order and a tracking number in its first two "
                                       "columns."))
        self.line_ids = [Command.clear(), *(Command.create(row) for row in rows)]
        self.line_ids._find_deliveries()
        return self._show()

    def action_apply(self):
        """Set the numbers of the lines that can be used on their deliveries; the other lines stay to be mended."""
        self.ensure_one()
        self.check_access('write')
        self.line_ids._find_deliveries()
        good = self.line_ids.filtered(lambda line: line.picking_id and not line.problem)
        if not good:
            raise UserError(self.env._("None of these lines can be used: mend them, or the file."))
        good._apply()
        count = len(good)
        good.unlink()
        if self.line_ids:
            return self._show()
        return make_notice('success', self.env._("Tracking numbers set: %s", count),
                           {'type': 'ir.actions.act_window_close'})

    def _show(self):
        return {'type': 'ir.actions.act_window', 'name': self.env._("Tracking Numbers"), 'res_model': self._name,
                'view_mode': 'form', 'res_id': self.id, 'target': 'new'}

    def _read_rows(self):
        """Return the values of the lines of the file.

        :raises UserError: it is no table
        """
        reader = self.env['base_import.import'].create({
            'res_model': 'stock.picking', 'file': base64.b64decode(self.document), 'file_name': self.document_name,
            'file_type': 'text/csv'})
        try:
            _count, table = reader._read_file({'quoting': '"', 'separator': '', 'encoding': ''})
        except (UserError, ValueError, csv.Error, ImportError, AttributeError, LookupError) as error:
            raise UserError(self.env._("%(file)s cannot be read: save it as CSV or Excel (xlsx). %(reason)s",
                                       file=self.document_name or '', reason=error)) from None
        rows = [dict(zip(COLUMNS, [clean_text(str(cell or '')).strip() for cell in row], strict=False))
                for row in table if len(row) > 1]
        # A number has digits, the name of a column has none.
        if rows and not re.search(r'\d', rows[0]['tracking_number']):
            rows = rows[1:]
        return [row for row in rows if row['reference'] or row['tracking_number']]
