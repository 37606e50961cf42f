from odoo import api, fields, models

TRANSFER_KINDS = [
    ('owed', "Carried over from the settlement before"), ('charged', "Charged to the seller's card or bank account"),
    ('test', "Test deposit"), ('failed', "Payout that failed"),
]
# What Amazon calls them -> what they settle; rules of other names are set by a person.
WORDS = [('payable', 'owed'), ('owed', 'owed'), ('carried', 'owed'), ('previous balance', 'owed'), ('micro', 'test'),
         ('fail', 'failed'), ('charge', 'charged')]


class AmazonSettlementRule(models.Model):
    """What rows of money that moves between Amazon, the seller and the bank settle."""

    _inherit = 'amazon.settlement.rule'

    transfer_kind = fields.Selection(
        TRANSFER_KINDS, "Settles", compute='_compute_transfer_kind', store=True, readonly=False,
        help="Of transfers only. Carried over: what an earlier settlement left open. Charged, and test deposit: a line of the bank. "
             "Payout that failed: the payout of an earlier settlement.")

    @api.depends('treatment', 'amount_description')
    def _compute_transfer_kind(self):
        for rule in self:
            text = (rule.amount_description or '').lower()
            found = next((kind for word, kind in WORDS if word in text), False)
            rule.transfer_kind = found if rule.treatment == 'transfer' else False
