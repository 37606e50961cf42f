import datetime

from odoo import api, fields, models
from odoo.fields import Command
from odoo.tools import SQL

from ..amazon_api.shapes import ShapeError
from ..amazon_api.transactions import read_transaction

# What the buyer got back earlier than this before he asked for the return is not for it.
EARLIER = datetime.timedelta(days=2)
# Refunds of older returns are not looked for any more.
LOOK_BACK = datetime.timedelta(days=400)


class AmazonReturn(models.Model):
    """Refunds: the transactions that came for other reasons, with their credit notes, found and tied. None is made."""

    _inherit = 'amazon.return'

    refund_count = fields.Integer("Refunds of the order", readonly=True,
                                  help="So many were there when this was compared last.")

    @api.model
    def _find_to_refund(self, seller):
        """Return the ids of returns of a seller whose orders have got refunds, or lost some, since they were compared.
        """
        self.env.flush_all()
        return [row[0] for row in self.env.execute_query(SQL(
            """SELECT record.id FROM amazon_return record
                WHERE record.seller_id = %s AND record.order_ref IS NOT NULL AND record.date > %s
                  AND COALESCE(record.refund_count, 0) != (
                      SELECT COUNT(*) FROM amazon_transaction money
                       WHERE money.seller_id = record.seller_id AND money.order_ref = record.order_ref
                         AND money.transaction_type ~* 'refund' AND money.is_deferred IS NOT TRUE
                         AND money.buyer_amount < 0)
                ORDER BY record.id""", seller.id, fields.Date.today() - LOOK_BACK))]

    def _update_refunds(self):
        """Tie the refunds of their orders to these returns and all others of the same orders."""
        for (seller, order_ref), _records in self.filtered('order_ref').grouped(
                lambda record: (record.seller_id, record.order_ref)).items():
            known = [('seller_id', '=', seller.id), ('order_ref', '=', order_ref)]
            records = self.search(known, order='date, id')
            money = self.env['amazon.transaction'].search([
                *known, ('transaction_type', 'ilike', 'refund'), ('is_deferred', '=', False),
                ('buyer_amount', '<', 0)], order='posted_date, id')
            records._set_refunds(money)

    def _set_refunds(self, money):
        shares = {record: [] for record in self}
        for _item, records in self.grouped(lambda record: (record.sale_line_id, record.sku)).items():
            records._share_refunds(money, shares)
        for record, parts in shares.items():
            record._write_refunds(parts, len(money))

    def _share_refunds(self, money, shares):
        """Share the refunds of one item among the returns of that item, unit by unit in the order of their dates; what
        is more than was returned goes to the last one.

        :param money: `amazon.transaction` records
        :param dict shares: return -> list of transaction, amount and units, which this adds to
        """
        units_of, left = self.filtered('quantity') or self, {record: record.quantity for record in self}
        for transaction in money:
            records = units_of.filtered(lambda record, transaction=transaction: record.channel == 'fba' or (
                transaction.posted_date and transaction.posted_date.date() >= record.date - EARLIER))
            units, amount = self._find_refunded(transaction)
            if not amount or not records:
                continue
            rest = units
            for record in records:
                taken = rest if record == records[-1] else min(left[record], rest)
                if taken:
                    shares[record].append((transaction, amount * taken / units, taken))
                left[record] -= taken
                rest -= taken

    def _find_refunded(self, transaction):
        """Return of how many units of the item of these returns a transaction is, and how much the buyer got back for
        them.
        """
        try:
            items = read_transaction(transaction.payload, transaction.seller_id._get_retaining()).items
        except ShapeError:
            return 1, 0.0
        refs = {ref for record in self for ref in (record.item_ref, record.sale_line_id.amazon_item_ref) if ref}
        own = [item for item in items if item.item_ref in refs] or [
            item for item in items if item.sku and item.sku == self[0].sku]
        amount = -float(sum(item.goods + item.tax for item in own))
        return max(sum(item.quantity for item in own), 1), amount

    def _write_refunds(self, parts, count):
        """Write what the buyer got back: by transactions, else by Amazon's report, which has no date of it."""
        transactions = self.env['amazon.transaction'].union(*(transaction for transaction, _amount, _units in parts))
        amount = sum(amount for _transaction, amount, _units in parts) or self.reported_refund
        units = self._count_refunded(amount, sum(units for _transaction, _amount, units in parts))
        vals = {
            'refund_count': count, 'refunded_amount': amount, 'refunded_quantity': units,
            'refunded_date': min(transactions.mapped('posted_date')) if transactions else (
                self.refunded_date or fields.Datetime.now()) if self.reported_refund else False}
        currency = transactions.currency_id[:1]
        if currency and currency != self.currency_id:
            # The label's currency is that of the marketplace, as is that of its refunds.
            vals['currency_id'] = currency.id
        if transactions != self.transaction_ids:
            vals['transaction_ids'] = [Command.set(transactions.ids)]
        changed = {name: value for name, value in vals.items()
                   if name in ('transaction_ids', 'currency_id') or self[name] != value}
        if changed:
            self.write(changed)

    def _count_refunded(self, amount, named):
        """Return how many units an amount is a refund of, by their price: Amazon names the units of what is only for
        shipping, too, and its report of returns names none.

        :param int named: units that transactions name, 0 where there are none
        """
        price = self.sudo().sale_line_id._amazon_get_price(1) if self.sale_line_id else 0.0
        if not amount:
            return 0
        units = max(round(amount / price), 1) if price > 0 else named or 1
        return min(units, named or self.quantity, self.quantity)
