from odoo import fields, models

from ..utils.accrual_books import AccrualBooks
from ..utils.phrases import tell

# The most orders that are named.
SHOWN = 10


class AmazonAccrual(models.Model):
    """Find what was booked into the month after Amazon was asked: the month would have it twice."""

    _inherit = 'amazon.accrual'

    counted = fields.Json(readonly=True, help="Transactions that are in the sums because no document had them: "
                          "Amazon's ids, and whether it is a refund.")

    def _find_change(self):
        """Return in words what was booked into the month since Amazon was asked, or False."""
        self.ensure_one()
        now = self._read_settled_until(self._get_until())
        changed = [int(market) for market, until in now.items() if until != (self.settled_until or {}).get(market)]
        if changed:
            return tell(self.env)._("Settlements of %s came, were booked or cancelled since Amazon was asked, or it "
                                    "is split by month now: ask Amazon again.",
                                    ', '.join(self.env['amazon.seller.marketplace'].browse(changed).mapped('name')))
        return self._find_documented()

    def _find_documented(self):
        """Return in words which orders were invoiced or credited into the month since Amazon was asked, or False."""
        self.ensure_one()
        counted = self.counted or []
        books = AccrualBooks(self, {order_ref for _ref, order_ref, _is_refund in counted}, self._get_until())
        refs = sorted({entry[1] for entry in counted if books.is_booked(*entry)})
        if not refs:
            return False
        names = ', '.join([*refs[:SHOWN], *['…'] * (len(refs) > SHOWN)])
        if self.state == 'posted':
            return tell(self.env)._("The month has these orders twice, because they were invoiced or credited in it "
                                    "after Amazon was asked: %s. Cancel this "
                                    "accrual, and make it anew.", names)
        return tell(self.env)._("These orders were invoiced or credited in the month since Amazon was asked: %s. Ask "
                                "Amazon again.", names)
