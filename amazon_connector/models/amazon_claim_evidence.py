from odoo import fields, models


class AmazonClaimEvidence(models.Model):
    """What proves a claim, or settles it: rows of the ledger, reimbursements, removals, receipts.

    The facts stay although a row that they come from is replaced.
    """

    _name = 'amazon.claim.evidence'
    _description = "Evidence of an Amazon Claim"
    _rec_name = 'reference'
    _order = 'claim_id, date, id'

    claim_id = fields.Many2one('amazon.claim', required=True, readonly=True, ondelete='cascade', index=True)
    company_id = fields.Many2one(related='claim_id.company_id', store=True)
    kind = fields.Selection(
        [('event', "What happened"), ('found', "Turned up"), ('paid', "Paid"), ('given', "Given back"),
         ('reversed', "Taken back"), ('refund', "Refunded"), ('replaced', "Replaced"), ('returned', "Returned"),
         ('shipped', "Shipped to Amazon"), ('received', "Received by Amazon")], required=True, readonly=True)
    date = fields.Date(readonly=True)
    quantity = fields.Integer("Units", readonly=True)
    reference = fields.Char(readonly=True)
    code = fields.Char("Reason code", readonly=True)
    center = fields.Char("Fulfillment center", readonly=True)
    amount = fields.Monetary(readonly=True)
    currency_id = fields.Many2one('res.currency', readonly=True)
    ledger_line_id = fields.Many2one('amazon.ledger.line', "Row of the ledger", readonly=True, index='btree_not_null',
                                     ondelete='set null')
    reimbursement_id = fields.Many2one('amazon.reimbursement', readonly=True, index='btree_not_null',
                                       ondelete='set null')
    removal_line_id = fields.Many2one('amazon.removal.line', "Line of a removal order", readonly=True,
                                      index='btree_not_null', ondelete='set null')
    return_id = fields.Many2one('amazon.return', readonly=True, index='btree_not_null', ondelete='set null')
    parcel_line_id = fields.Many2one('amazon.removal.parcel.line', "Content of a parcel", readonly=True,
                                     index='btree_not_null', ondelete='set null')
