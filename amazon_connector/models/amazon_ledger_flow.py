from odoo import models

from ..amazon_reports import fulfilled_shipments, ledger, ledger_summary
from ..utils.phrases import tell

REPORTS = [ledger.REPORT_TYPE, ledger_summary.REPORT_TYPE, fulfilled_shipments.REPORT_TYPE]


class AmazonLedgerDay(models.Model):
    """The daily flow of FBA stock: fetch the ledger, book its days, prove the balance."""

    _inherit = 'amazon.ledger.day'

    def _sync_fba_stock(self, sync):
        """Fetch what Amazon shipped, and the inventory ledger of a seller that keeps its FBA stock by it, and book
        that; the contract is in `amazon_sync`.
        """
        seller, shipments = sync.seller_id, self.env['amazon.fba.shipment']
        shipments._request_due(seller)
        if seller.ledger_state != 'off':
            seller._request_due_reports()
        sync._commit()
        more = self.env['amazon.report']._advance(sync, seller._get_client(), REPORTS)
        if more is True:
            return more
        with sync._isolate(tell(self.env)._("Countries of departure")):
            if not shipments._sync_departures(sync):
                return True
        if seller.ledger_state == 'opening':
            with sync._isolate(tell(self.env)._("Shipments to Amazon")):
                self.env['amazon.inbound']._sync_opening(sync)
        if seller.ledger_state == 'on':
            if not self._book_due(sync):
                return True
            self._follow_up(sync, seller)
        return more

    def _follow_up(self, sync, seller):
        """Bring up to date what follows from the booked days of a seller; each part may fail alone."""
        with sync._isolate(tell(self.env)._("Shipments without an order")):
            seller._book_unexplained()
            sync._commit()
        with sync._isolate(tell(self.env)._("Shipments to Amazon")):
            self.env['amazon.inbound']._sync_inbound(sync)
        with sync._isolate(tell(self.env)._("Transfers between countries")):
            self.env['amazon.border.transfer']._sync_borders(seller)
            sync._commit()
        with sync._isolate(tell(self.env)._("Proof of the FBA stock")):
            self.env['amazon.ledger.difference']._prove(seller)
            sync._commit()
