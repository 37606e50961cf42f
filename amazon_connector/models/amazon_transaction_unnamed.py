from odoo import api, fields, models

from ..amazon_api.transactions import RELEASED, RELEASED_LATER, read_transaction
from ..utils.phrases import tell
from .amazon_transaction import DEEP_OVERLAP


class AmazonTransaction(models.Model):
    """Refunds that Amazon deferred and released without naming either by the other: they are matched by their content.
    """

    _inherit = 'amazon.transaction'

    @api.model
    def _find_unnamed(self, seller, transaction, vals, known):
        """Find the other listing of a refund that Amazon deferred and released, where neither names the other.

        :param known: the records that have one of the transaction's ids
        :return: the record that is the same money, and those that may be, where that is not certain
        """
        none = self.browse()
        released = transaction.status == RELEASED and not vals['deferred_ref'] and not known
        # Only when it is released, not each time that it is listed again: a person may have decided meanwhile.
        was_deferred = transaction.status == RELEASED_LATER and not vals['release_ref'] and all(
            record.is_deferred and not record.release_ref for record in known)
        if not transaction.order_ref or 'refund' not in transaction.type.lower() or not (released or was_deferred):
            return none, none
        asked, given, when = (('deferred_ref', 'release_ref', '<=') if released
                              else ('release_ref', 'deferred_ref', '>='))
        alike = (self.search([
            ('seller_id', '=', seller.id), ('order_ref', '=', transaction.order_ref),
            ('transaction_type', '=', transaction.type),
            ('currency_id', '=', vals['currency_id']), (asked, '!=', False), (given, '=', False),
            ('is_deferred', '=', False), ('posted_date', when, transaction.posted)]) - known).filtered(
                lambda record: record._says_the_same(transaction, released))
        certain = len(alike) == 1 and not alike._is_counted_for_long()
        return (alike, none) if certain else (none, alike)

    def _says_the_same(self, transaction, released):
        """Return whether this has the items and amounts of a transaction, and the status of its other listing."""
        own = read_transaction(self.payload, self.seller_id._get_retaining())
        return (own.status == (RELEASED_LATER if released else RELEASED) and own.total == transaction.total
                and sorted(own.items) == sorted(transaction.items))

    def _is_counted_for_long(self):
        """Return whether this has a credit note for longer than Amazon needs to show both listings: an equal one may be
        another refund.
        """
        return bool(self.move_id) and self.move_id.create_date < fields.Datetime.now() - DEEP_OVERLAP

    def _ask_about(self, alike):
        """Let a person decide whether this refund is another one than those with the same content; nothing is credited
        before.
        """
        self.filtered(lambda record: record.state in ('new', 'waiting')).write({'state': 'error',
                                                                                'error': tell(self.env)._(
            "Amazon does not say whether this refund, which was deferred, is the same money as %s. Compare with Seller "
            "Central: "
            "if it is, ignore this; else enter the credit note by hand and ignore this.",
            ', '.join(alike.mapped('transaction_ref')))})
