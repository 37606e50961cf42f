from odoo import models

from ..amazon_reports import ledger, ledger_summary

REPORTS = [ledger.REPORT_TYPE, ledger_summary.REPORT_TYPE]


class AmazonLedgerDay(models.Model):
    """The daily flow of FBA stock: fetch the ledger, book its days, prove the balance."""

    _inherit = 'amazon.ledger.day'

    def _sync_fba_stock(self, sync):
        """Fetch and book the inventory ledger of a seller that keeps its FBA stock by it; the contract is in
        `amazon_sync`.
        """
        seller = sync.seller_id
        if seller.ledger_state == 'off':
            return False
        seller._request_due_reports()
        sync._commit()
        more = self.env['amazon.report']._advance(sync, seller._get_client(), REPORTS)
        if more is True or seller.ledger_state != 'on':
            return more
        if not self._book_due(sync):
            return True
        with sync._isolate(self.env._("Shipments without an order")):
            seller._book_unexplained()
            sync._commit()
        with sync._isolate(self.env._("Proof of the FBA stock")):
            self.env['amazon.ledger.difference']._prove(seller)
            sync._commit()
        return more
