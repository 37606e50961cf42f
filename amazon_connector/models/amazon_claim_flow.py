from odoo import models

from ..amazon_reports import reimbursements, removal_orders, removal_shipments
from ..utils.phrases import tell

REPORTS = [reimbursements.REPORT_TYPE, removal_orders.REPORT_TYPE, removal_shipments.REPORT_TYPE]


class AmazonClaim(models.Model):
    """The daily flow of claims: fetch reimbursements and removals, then hold them against what Amazon owes."""

    _inherit = 'amazon.claim'

    def _sync_fba_claims(self, sync):
        """Send removal orders, fetch reimbursements and removals, and find claims; the contract is in `amazon_sync`."""
        seller = sync.seller_id
        if not seller._has_fba():
            return False
        client = seller._get_client()
        waiting = self.env['amazon.removal.request']._submit(sync, client)
        seller._request_claim_reports()
        sync._commit()
        more = self.env['amazon.report']._advance(sync, client, REPORTS)
        if more is True or waiting is True or not self._follow(sync):
            return True
        return min(filter(None, [more, waiting]), default=False)

    def _follow(self, sync):
        """Bring receipts, reimbursements, claims and the task for deadlines up to date; return whether there was time.
        """
        if not self.env['amazon.removal.parcel']._follow(sync):
            return False
        in_time = True
        with sync._isolate(tell(self.env)._("Reimbursements")):
            self.env['amazon.reimbursement']._tie(sync.seller_id)
            sync._commit()
        if sync.seller_id._knows_enough():
            with sync._isolate(tell(self.env)._("Claims")):
                in_time = self._find_claims(sync, sync.seller_id._knows_returns())
                sync.seller_id._warn_of_deadlines()
                sync._commit()
        return in_time
