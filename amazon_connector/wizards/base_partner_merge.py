from odoo import models
from odoo.exceptions import AccessError, UserError


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = 'base.partner.merge.automatic.wizard'

    def _merge(self, partner_ids, dst_partner=None, extra_checks=True):
        """Merge contacts; buyers only with buyers: the contact that stays gets the address, but not the mark.

        :raises AccessError: a buyer is among them, and the user may not read its address
        :raises UserError: a buyer and a contact that is none are among them
        """
        partners = self.env['res.partner'].browse(partner_ids).exists() | (dst_partner or self.env['res.partner'])
        if partners._amazon_filter_hidden():
            if not partners._amazon_may_read_buyers():
                raise AccessError(self.env._("Amazon buyers are merged by the group \"Amazon buyer data\" only."))
            if not all(partners.sudo().mapped('amazon_is_buyer')):
                raise UserError(self.env._(
                    "An Amazon buyer cannot be merged with a contact that is none: its address would stay there and "
                    "not be deleted in time."))
        return super()._merge(partner_ids, dst_partner=dst_partner, extra_checks=extra_checks)
