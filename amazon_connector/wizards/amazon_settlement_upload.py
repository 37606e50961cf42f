import base64

from odoo import fields, models
from odoo.exceptions import UserError

from ..amazon_reports.text import ReportError
from ..utils.words import explain


class AmazonSettlementUpload(models.TransientModel):
    _name = 'amazon.settlement.upload'
    _description = "Upload a Settlement"

    seller_id = fields.Many2one('amazon.seller', required=True, default=lambda self: self.env['amazon.seller'].search([], limit=1))
    document = fields.Binary("File", required=True, help="The flat file V2 of a settlement, from Payments > Reports Repository in Seller Central.")
    document_name = fields.Char()

    def action_upload(self):
        """Take the file in like one that Amazon sent, and show the settlement."""
        self.check_access('write')
        self.seller_id.check_access('read')
        self.ensure_one()
        if not self.document:
            raise UserError(self.env._("Choose the file of a settlement first."))
        settlements = self.env['amazon.settlement'].sudo()
        before = settlements.search_count([('seller_id', '=', self.seller_id.id)])
        try:
            settlement = settlements._import_file(self.seller_id, base64.b64decode(self.document))
        except ReportError as error:
            raise UserError(self.env._(
                "%(file)s cannot be read, nothing was stored. %(reason)s", file=self.document_name, reason=explain(self.env, error))) from None
        # The shop that the rows name may be another company's.
        settlement.sudo(False).check_access('read')
        if settlement.stage != 'wrong' and settlements.search_count([('seller_id', '=', self.seller_id.id)]) == before:
            settlement.message_post(body=self.env._("The same settlement was uploaded again; nothing changed."))
        return {'type': 'ir.actions.act_window', 'res_model': 'amazon.settlement', 'view_mode': 'form', 'res_id': settlement.id}
