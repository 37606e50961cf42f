from odoo import api, fields, models

from .amazon_settlement_rule import PATTERNS

TRANSFER_KINDS = [
    ('owed', "Carried over from the settlement before"), ('charged', "Charged to the seller's card or bank account"),
    ('deposit', "Deposit to the bank beside the payout"), ('failed', "Payout that failed"),
    ('account', "Debt between accounts of the seller"),
]
# What Amazon calls them -> what they settle, the specific ones first; rules of other names are set by a person.
WORDS = [('debt', 'account'), ('unsuccessful', 'failed'), ('fail', 'failed'), ('payable', 'owed'), ('carried', 'owed'),
         ('micro', 'deposit'), ('bank deposit', 'deposit'), ('transfers', 'deposit'), ('charge', 'charged')]


class AmazonSettlementRule(models.Model):
    """What rows of transfers between Amazon, the seller and the bank settle."""

    _inherit = 'amazon.settlement.rule'

    transfer_kind = fields.Selection(
        TRANSFER_KINDS, "Settles", compute='_compute_transfer_kind', store=True, readonly=False,
        help="Of transfers only. Carried over: what an earlier settlement left open. Charged, and deposit: a line of "
        "the bank. "
             "Payout that failed: the payout of an earlier settlement. Debt: the same amount on another marketplace.")

    @api.depends('treatment', *PATTERNS)
    def _compute_transfer_kind(self):
        for rule in self:
            text = ' '.join(rule[name] or '' for name in PATTERNS).lower()
            found = next((kind for word, kind in WORDS if word in text), False)
            rule.transfer_kind = found if rule.treatment == 'transfer' else False
