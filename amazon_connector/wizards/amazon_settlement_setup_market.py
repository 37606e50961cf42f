from odoo import api, fields, models


class AmazonSettlementSetupMarket(models.TransientModel):
    _name = 'amazon.settlement.setup.market'
    _description = "Tax on the Fees of a Marketplace"
    _inherit = ['amazon.access.mixin']
    _check_company_auto = True

    setup_id = fields.Many2one('amazon.settlement.setup', required=True, ondelete='cascade')
    company_id = fields.Many2one(related='setup_id.company_id')
    marketplace_id = fields.Many2one('amazon.seller.marketplace', required=True, ondelete='cascade', check_company=True)
    journal_id = fields.Many2one(related='marketplace_id.settlement_journal_id')
    payout_account_id = fields.Many2one(related='marketplace_id.settlement_payout_account_id')
    carried_account_id = fields.Many2one(related='marketplace_id.settlement_carried_account_id')
    fee_supplier = fields.Char(related='marketplace_id.fee_supplier')
    fee_country_id = fields.Many2one(related='marketplace_id.fee_country_id')
    used_fee_tax_id = fields.Many2one(related='marketplace_id.settlement_fee_tax_id', string="In use")
    fee_tax_id = fields.Many2one('account.tax', "Tax on fees", check_company=True,
                                 domain=[('type_tax_use', '=', 'purchase')],
                                 help="Reverse charge or local, as Amazon's invoices for this marketplace show it; "
                                 "empty for none.")
    ad_supplier = fields.Char(related='marketplace_id.ad_supplier')
    ad_tax_id = fields.Many2one('account.tax', "Tax on advertising", check_company=True,
                                domain=[('type_tax_use', '=', 'purchase')],
                                help="Empty: as the tax on fees, or none where another country's company of Amazon "
                                "invoices advertising.")
    hint = fields.Selection([('claimed', "Nothing to deduct"), ('missing', "Reverse charge, as a rule")], "To check",
                            compute='_compute_hint')

    @api.depends('fee_tax_id', 'marketplace_id')
    def _compute_hint(self):
        for line in self:
            line.hint = bool(line.marketplace_id) and line.marketplace_id._find_fee_tax_doubt(line.fee_tax_id)

    def _is_changed(self):
        """Return whether another tax is set here than before."""
        self.ensure_one()
        return self.fee_tax_id != self.used_fee_tax_id or self.ad_tax_id != self.marketplace_id.settlement_ad_tax_id

    def _describe(self):
        """Return the change of the marketplace in words, or False if its tax stays as it is."""
        self.ensure_one()
        if not self._is_changed():
            return False
        fees = self.env._("tax on fees %s", self.fee_tax_id.name) if self.fee_tax_id else self.env._("no tax on fees")
        ads = self.ad_tax_id and self.env._("tax on advertising %s", self.ad_tax_id.name)
        return f'{fees}, {ads}' if ads else fees
