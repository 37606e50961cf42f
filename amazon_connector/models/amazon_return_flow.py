import datetime

from odoo import fields, models

from ..utils.phrases import tell
from .amazon_return_picking import PASSING
from .amazon_seller_returns import REPORTS

# Nothing is expected of older requests: the longest window in which Amazon takes a claim about a return ends 120 days
# after the refund. Whatever comes later is received by a return that somebody makes on the delivery, and counts.
EXPECTED = datetime.timedelta(days=180)


class AmazonReturn(models.Model):
    """The flow of returns: fetch the reports, then what follows in Odoo."""

    _inherit = 'amazon.return'

    def _sync_returns(self, sync):
        """Fetch the reports of returns, and tie them to orders, the warehouse and refunds; the contract is in
        `amazon_sync`.
        """
        seller = sync.seller_id
        seller._request_returns()
        sync._commit()
        more = self.env['amazon.report']._advance(sync, seller._get_client(), REPORTS)
        if more is True or not self._follow_up(sync):
            return True
        return more

    def _follow_up(self, sync):
        """Process what waits in Odoo, in short transactions; return whether there was time for all."""
        seller = sync.seller_id
        self.env['amazon.replacement']._link_orders(seller)
        sync._commit()
        waiting = [
            ('seller_id', '=', seller.id), ('channel', '=', 'fbm'), ('picking_obstacle', 'in', PASSING),
            ('date', '>', fields.Date.today() - EXPECTED)]
        return all(sync._in_portions(find(), handle, give_up=lambda record_id, error: sync._add_problem(
            self._name_for_problem(record_id), error)) for find, handle in (
                (lambda: self._find_unlinked(seller), lambda ids: self.browse(ids).exists()._link()),
                (lambda: self.search(waiting, order='date, id').ids, lambda ids: self.browse(ids).exists()._announce()),
                (lambda: self._find_to_refund(seller), lambda ids: self.browse(ids).exists()._update_refunds()),
                (lambda: self._find_uncounted(seller), lambda ids: self.browse(ids).exists()._count_returned())))

    def _name_for_problem(self, record_id):
        return tell(self.env)._("Return %s", self.browse(record_id).exists().display_name or record_id)
