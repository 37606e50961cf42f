from odoo import api, fields, models

from ..utils.return_reasons import GROUPS, UNDELIVERABLE, find_base, guess_group, to_words


class AmazonReturnReason(models.Model):
    """Why goods come back, by Amazon's code; a code that is new is added by itself."""

    _name = 'amazon.return.reason'
    _description = "Amazon Return Reason"
    _inherit = ['amazon.access.mixin']
    _order = 'reason_group, name, id'

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True, readonly=True, help="As Amazon writes it.")
    reason_group = fields.Selection(GROUPS, "Group", required=True, default='other',
                                    help="What analyses are grouped by.")
    is_of_buyer = fields.Boolean("Return of a buyer", compute='_compute_is_of_buyer', store=True,
                                 help="Parcels that never reached the buyer are left out of rates.")

    _code_unique = models.Constraint('UNIQUE(code)', "This code is already there.")

    @api.depends('reason_group')
    def _compute_is_of_buyer(self):
        for reason in self:
            reason.is_of_buyer = reason.reason_group != UNDELIVERABLE

    @api.model
    def _find_or_create(self, codes):
        """Return the reasons of codes, made where they are new.

        :param codes: as Amazon writes them; empty ones are ignored
        :return: code -> reason
        :rtype: dict
        """
        codes = {code for code in codes if code}
        reasons = {reason.code: reason for reason in self.search([('code', 'in', list(codes))])}
        missing = sorted(codes - reasons.keys())
        if missing:
            listed = {reason.code: reason for reason in self.search([])}
            reasons.update((code, self._create_for(code, listed)) for code in missing)
        return reasons

    @api.model
    def _create_for(self, code, listed):
        """Create the reason of a new code; one with a prefix is named and grouped as the code without it."""
        base = find_base(code, listed)
        if base:
            # A copy has the name in all languages.
            return listed[base].copy({'code': code})
        return self.create({'code': code, 'name': to_words(code) or code, 'reason_group': guess_group(code)})
