from odoo import fields, models
from odoo.exceptions import UserError


class AmazonSettlementDecision(models.TransientModel):
    """Asks why settlements are not to be booked here, or which marketplace one is of."""

    _name = 'amazon.settlement.decision'
    _description = "What Becomes of a Settlement"
    _inherit = ['amazon.access.mixin']

    settlement_ids = fields.Many2many('amazon.settlement', required=True)
    decision = fields.Selection(
        [('elsewhere', "It is booked elsewhere"), ('ignored', "It is not to be booked"),
         ('marketplace', "It is of another marketplace")],
        required=True, default='elsewhere')
    reason = fields.Char(help="For later reference: the entry or the program that books it, or why it does "
                         "not count.")
    marketplace_id = fields.Many2one('amazon.seller.marketplace', help="Of a settlement whose file names none.")

    def action_decide(self):
        """Apply the decision and write it into the chatter of the settlements."""
        self.check_access('write')
        self.ensure_one()
        self.settlement_ids.check_access('write')
        if self.decision == 'marketplace':
            self.marketplace_id.check_access('read')
            if not self.marketplace_id or self.marketplace_id.seller_id != self.settlement_ids.seller_id:
                raise UserError(self.env._("Choose a marketplace of the seller of this settlement."))
            for settlement in self.settlement_ids:
                settlement._set_marketplace(self.marketplace_id)
        elif not self.reason:
            raise UserError(self.env._("Enter the reason, for later reference."))
        else:
            self.settlement_ids._set_aside(self.decision, self.reason)
        return {'type': 'ir.actions.act_window_close'}
