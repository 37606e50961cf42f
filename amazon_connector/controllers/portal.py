from odoo.exceptions import AccessError
from odoo.http import request

from odoo.addons.portal.controllers.portal import CustomerPortal

SHOWN = ('sale.order', 'stock.picking', 'account.move')


class BuyerPortal(CustomerPortal):
    """Portal pages of documents: they show the address to anybody who opens them by a token."""

    def _document_check_access(self, model_name, document_id, access_token=None):
        """Return a document to show; those of Amazon's buyers only for users who may read addresses and for the buyer.

        Amazon's buyers get no links from Odoo, so a key (`access_token`), which every salesman can read, opens nothing.

        :raises AccessError: the user is neither
        """
        document = super()._document_check_access(model_name, document_id, access_token=access_token)
        if model_name not in SHOWN:
            return document
        log = request.env['amazon.access.log'].sudo()
        buyers = log._filter_buyers(document)
        if buyers and document.partner_id.commercial_partner_id != request.env.user.partner_id.commercial_partner_id:
            if not request.env['res.partner']._amazon_may_read_buyers():
                raise AccessError(request.env._("Documents with addresses of Amazon buyers are opened by the group "
                                                "\"Amazon buyer data\" only."))
            log._log('open', buyers)
        return document
