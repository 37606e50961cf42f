from odoo import fields, models

from ..utils.phrases import tell
from .amazon_return_picking import EXPECTED, PASSING
from .amazon_seller_returns import REPORTS


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
        steps = (
            (self, lambda: self._find_unlinked(seller), '_link'),
            (self, lambda: self.search(waiting, order='date, id').ids, '_announce'),
            (self, lambda: self._find_expired(seller), '_expire'),
            (self, lambda: self._find_to_refund(seller), '_update_refunds'),
            (self.env['amazon.transaction'], lambda: self._find_uncompared(seller), '_compare_with_returns'),
            (self, lambda: self._find_uncounted(seller), '_count_returned'))
        return all(sync._in_portions(
            find(), lambda ids, model=model, step=step: getattr(model.browse(ids).exists(), step)(),
            give_up=lambda record_id, error, model=model: sync._add_problem(
                self._name_for_problem(model.browse(record_id).exists(), record_id), error))
            for model, find, step in steps)

    def _name_for_problem(self, record, record_id):
        name = record.display_name or record_id
        if record._name == self._name:
            return tell(self.env)._("Return %s", name)
        return tell(self.env)._("Refund %s", name)
