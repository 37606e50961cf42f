from odoo import fields, models


class AccountMove(models.Model):
    _inherit = 'account.move'

    amazon_settlement_id = fields.Many2one('amazon.settlement', readonly=True, copy=False, index='btree_not_null', ondelete='restrict')
    amazon_part = fields.Char(readonly=True, copy=False, help="Which part of the settlement this entry books; none once it was reversed.")

    _amazon_part_unique = models.UniqueIndex(
        "(amazon_settlement_id, amazon_part) WHERE amazon_part IS NOT NULL", "This part of the settlement is booked already.")

    # Whether a buyer is named by documents that are not Amazon's is asked before its data is deleted, and by the database
    # when a partner is deleted; Odoo has no index for it.
    _amazon_shipping = models.Index("(partner_shipping_id) WHERE partner_shipping_id IS NOT NULL")
    _amazon_commercial = models.Index("(commercial_partner_id) WHERE commercial_partner_id IS NOT NULL")

    def action_amazon_settlement(self):
        """Show the settlement that this entry books."""
        self.check_access('read')
        self.env['amazon.settlement'].check_access('read')
        self.ensure_one()
        return {'type': 'ir.actions.act_window', 'res_model': 'amazon.settlement', 'view_mode': 'form', 'res_id': self.amazon_settlement_id.id}
