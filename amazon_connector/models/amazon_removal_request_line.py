from odoo import fields, models

from ..utils.reader_fields import ReaderText


class AmazonRemovalRequestLine(models.Model):
    """One SKU of a removal order made in Odoo, a message of its feed."""

    _name = 'amazon.removal.request.line'
    _description = "Amazon Removal Request Line"
    _rec_name = 'sku'
    _order = 'request_id desc, id'

    request_id = fields.Many2one('amazon.removal.request', required=True, readonly=True, ondelete='cascade', index=True)
    company_id = fields.Many2one(related='request_id.company_id', store=True)
    sku = fields.Char("SKU", required=True, readonly=True)
    product_id = fields.Many2one('product.product', readonly=True, ondelete='set null')
    sellable = fields.Integer(readonly=True)
    unsellable = fields.Integer(readonly=True)
    state = fields.Selection(
        [('waiting', "To send"), ('accepted', "Accepted"), ('refused', "Refused"), ('unclear', "Not clear")],
        required=True, readonly=True, default='waiting')
    message = ReaderText("Amazon says", readonly=True)

    def _get_value(self):
        return {'sellable': self.sellable, 'unsellable': self.unsellable}

    # === AS A MESSAGE OF A FEED === #

    def _get_pushed(self, _kind):
        return self._get_value()

    def _may_push(self, _kind):
        return self.request_id.state in ('waiting', 'sent')

    def _reset_pushed(self, _kind):
        """A removal order is not sent again by itself."""

    def _mark_accepted(self, lines):
        lines.removal_line_id.write({'state': 'accepted'})

    def _mark_refused(self, _kind, message):
        self.write({'state': 'refused', 'message': message})

    def _mark_not_recorded(self, _kind, message):
        self.write({'state': 'unclear', 'message': message})
