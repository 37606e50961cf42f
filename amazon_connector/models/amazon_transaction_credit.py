import datetime
from decimal import Decimal

from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Command

from ..amazon_api.transactions import read_transaction
from ..utils.phrases import tell
from ..utils.piece_price import divide
from .amazon_transaction import REFS


class AmazonTransaction(models.Model):
    """Credit notes of the refunds of invoiced orders."""

    _inherit = 'amazon.transaction'

    # === CREDIT NOTES === #

    def _process_one(self):
        """Make the credit note of a refund.

        :raises UserError: it cannot be made, for a reason that a person can mend
        :raises ShapeError: the transaction cannot be read
        """
        market, transaction = self.marketplace_id, read_transaction(self.payload, self.seller_id._get_retaining())
        if not self.posted_date:
            # It could not be read before.
            vals = self._prepare_vals(self.seller_id, transaction, self.payload)
            self.write({name: value for name, value in vals.items() if name not in ('transaction_ref', *REFS)})
            market = self.marketplace_id
        wanted = market.refund_policy != 'no'
        if self.move_id or not wanted or 'refund' not in transaction.type.lower():
            self.write({'state': 'done', 'error': False})
            return
        summed = not self._has_invoice() and self._find_summed_up()
        if summed:
            self.write({'state': 'done', 'error': False, 'settlement_id': summed.id})
            return
        self._check_refund(transaction)
        reason = self._find_obstacle()
        if reason:
            self.write({'state': 'waiting', 'error': reason})
            return
        note = self._create_credit_note() if transaction.buyer_total else self.env['account.move']
        self.write({'state': 'done', 'error': False, 'move_id': note.id})
        if note and market.refund_policy == 'posted':
            note.action_post()

    def _check_refund(self, transaction):
        """Raise a `UserError` where it is uncertain what the buyer got back."""
        if not transaction.is_explained:
            raise UserError(tell(self.env)._(
                "Amazon did not say for what all of this refund is: the items have %(items)s, the total is %(total)s. "
                "Enter the "
                "credit note by hand and ignore this.", items=self._format(transaction.buyer_total),
                total=self._format(transaction.total)))
        if transaction.buyer_total > 0:
            raise UserError(tell(self.env)._(
                "This refund takes %s from the buyer instead of giving it back. Compare with Seller Central, then "
                "ignore this.", self._format(transaction.buyer_total)))

    def _format(self, amount):
        return tell(self.env).amount(float(amount), self.currency_id or self.company_id.currency_id)

    def _find_obstacle(self):
        """Return what a credit note waits for, or None."""
        if not self.sale_order_id:
            self.sale_order_id = self.seller_id._find_sale_orders([self.order_ref])
        if not self.sale_order_id:
            return tell(self.env)._("The order is not in Odoo.")
        unknown = self.is_deferred and read_transaction(self.payload, self.seller_id._get_retaining()).status_unknown
        if unknown:
            return tell(self.env)._("Amazon gives this refund the status \"%s\", which Odoo does not know: it waits "
                                    "until Amazon releases it. If the buyer has "
                                    "the money, enter the credit note by hand and ignore this.", unknown)
        if self.is_deferred:
            return tell(self.env)._("Amazon has deferred this refund.")
        if not self._get_invoices():
            return tell(self.env)._("The order has no posted invoice.")
        return self.company_id._amazon_find_missing_rate(self.currency_id,
                                                         self.company_id._amazon_get_day(self.posted_date))

    def _has_invoice(self):
        return bool(self.sale_order_id and self._get_invoices())

    def _get_invoices(self):
        return self.sale_order_id.invoice_ids.filtered(lambda move: move.move_type == 'out_invoice'
                                                       and move.state == 'posted')

    def _create_credit_note(self):
        """Create the draft of this refund's credit note.

        :raises UserError: it would not have the amount that Amazon refunded, or somebody has made it
        """
        self._check_made_by_hand()
        invoice, order = self._find_invoice(), self.sale_order_id
        # A refund may be older than the invoice, which came late: it changes no month before that.
        date = max(self.company_id._amazon_get_day(self.posted_date), invoice.invoice_date)
        locks = invoice._get_violated_lock_dates(date, True)
        note = self.env['account.move'].with_company(self.company_id).with_context(tracking_disable=True).create({
            'move_type': 'out_refund', 'partner_id': invoice.partner_id.id,
            'partner_shipping_id': invoice.partner_shipping_id.id,
            'journal_id': invoice.journal_id.id, 'currency_id': self.currency_id.id,
            'fiscal_position_id': invoice.fiscal_position_id.id,
            'invoice_date': locks[-1][0] + datetime.timedelta(days=1) if locks else date, 'invoice_origin': order.name,
            'team_id': order.team_id.id,
            'ref': self.env._("Amazon refund of %(order)s: %(reason)s", order=self.order_ref, reason=self.description
                              or self.transaction_type),
            'invoice_line_ids': [Command.create(vals) for vals in self._prepare_lines(invoice)],
        })
        if self.currency_id.compare_amounts(note.amount_total, self._get_billed_amount()):
            raise UserError(tell(self.env)._(
                "The credit note would be %(note)s, Amazon refunded %(amazon)s. Check the taxes of the marketplace, or "
                "enter the credit note by hand and "
                "ignore this.", note=tell(self.env).amount(note.amount_total, self.currency_id),
                amazon=tell(self.env).amount(self._get_billed_amount(), self.currency_id)))
        return note

    def _find_invoice(self):
        """Return the posted invoice of the refunded items: the last one of several."""
        invoices = self._get_invoices()
        lines = self.env['sale.order.line'].union(
            *(self._find_sold(item) for item in read_transaction(self.payload, self.seller_id._get_retaining()).items))
        billing = invoices.filtered(lambda move: move.invoice_line_ids.sale_line_ids & lines)
        return (billing or invoices)[-1:]

    def _prepare_lines(self, invoice):
        """Return the values of the credit note's lines: one for each refunded item, and one for tax with a line of its
        own.
        """
        lines, apart, tax_line = [], Decimal(0), self._find_tax_line()
        for item in read_transaction(self.payload, self.seller_id._get_retaining()).items:
            inside, beside = self._divide_tax(item)
            amount = inside - item.goods
            apart += beside
            for charge, part in self._find_other_taxes(item) if amount else ():
                amount -= part
                lines.append(self._prepare_charge_line(charge, part, invoice))
            if amount:
                lines += self._prepare_item_lines(item, self._find_sold(item), amount, invoice)
        if apart:
            lines.append({'product_id': tax_line.product_id.id, 'name': tax_line.name, 'quantity': 1,
                          'price_unit': float(apart), 'tax_ids': [Command.clear()]})
        return lines

    def _find_other_taxes(self, item):
        """Yield the order's lines of shipping and gift wrap with other taxes than their item, with their part of the
        refund.
        """
        if self._find_tax_line() or item.withheld or not item.charges:
            return
        sold = self._find_sold(item)
        for kind, amount in item.charges:
            charge = self.sale_order_id.order_line.filtered(
                lambda line, kind=kind: line.amazon_item_ref == sold.amazon_item_ref and line.amazon_charge == kind)[:1]
            if charge and charge.tax_ids != sold.tax_ids and amount:
                yield charge, -amount

    def _prepare_charge_line(self, charge, amount, invoice):
        billed = charge.invoice_lines.filtered(lambda line: line.move_id == invoice)[:1]
        return {
            'product_id': charge.product_id.id, 'name': charge.name, 'quantity': 1, 'price_unit': float(amount),
            'discount': 0.0, 'tax_ids': [Command.set((billed.tax_ids or charge.tax_ids).ids)],
            **({'account_id': billed.account_id.id} if billed else {})}

    def _find_tax_line(self):
        return self.sale_order_id.order_line.filtered(lambda line: line.amazon_charge == 'tax')[:1]

    def _divide_tax(self, item):
        """Return the refunded tax of an item: the part inside its price on the invoice, and the part with a line of its
        own.

        What Amazon withholds is that line, where the order has one; else Amazon never stated it, and it is on no
        invoice.
        """
        if not self._find_tax_line():
            return -item.tax - item.withheld, Decimal(0)
        return (-item.tax - item.withheld, item.withheld) if item.withheld else (Decimal(0), -item.tax)

    def _get_billed_amount(self):
        """Return the part of this refund that is on the invoices of its order, in its currency."""
        unstated = 0 if self._find_tax_line() else sum(item.withheld
                                                       for item in read_transaction(
                                                           self.payload, self.seller_id._get_retaining()).items)
        return -self.buyer_amount - float(unstated)

    def _find_sold(self, item):
        """Return the order's line of an item: by Amazon's item id, else by SKU, else the only one.

        :raises UserError: it may be several
        """
        goods = self.sale_order_id.order_line.filtered(lambda line: line._amazon_is_goods())
        found = goods.filtered(lambda line: item.item_ref and line.amazon_item_ref == item.item_ref)
        if not found:
            listing = self.env['amazon.listing'].search(
                [('marketplace_id', '=', self.marketplace_id.id), ('sku', '=', item.sku)], limit=1)
            found = goods.filtered(lambda line: listing.product_id and line.product_id == listing.product_id) or goods
        if len(found) > 1:
            raise UserError(tell(self.env)._(
                "Amazon did not say which of several items it refunded (%s). Enter the credit note by hand and "
                "ignore this.", ', '.join(found.mapped('name'))))
        return found

    def _prepare_item_lines(self, item, sold, amount, invoice):
        """Return the values of an item's lines: by quantity where it was refunded as a whole, else by amount.

        A difference from rounding the price of one piece has a line of its own.
        """
        billed = sold.invoice_lines.filtered(lambda line: line.move_id == invoice)[:1]
        full = 0 < item.quantity <= sold.product_uom_qty and float(amount) >= sold._amazon_get_price(
            item.quantity) - 0.01
        quantity = item.quantity if full else 1
        # A part of the price of goods with perpetual valuation would take the cost of a whole piece out of the books.
        product = sold.product_id if full else self.marketplace_id.discount_product_id
        price, left = divide(billed, amount, quantity, self.currency_id)
        common = {'discount': 0.0, 'tax_ids': [Command.set((billed.tax_ids or sold.tax_ids).ids)],
                  **({'account_id': billed.account_id.id} if billed else {})}
        lines = [{
            'product_id': product.id, 'name': sold.name if full else self.env._("Part of the price: %s", sold.name),
            'quantity': quantity,
            'product_uom_id': (sold.product_uom_id if full else product.uom_id).id, 'price_unit': price,
            'sale_line_ids': [Command.set(sold.ids if full else [])], **common}]
        if left:
            lines.append({'product_id': self.marketplace_id.fee_product_id.id,
                          'name': self.env._("Rounding: %s", sold.name), 'quantity': 1,
                          'price_unit': float(left), **common})
        return lines
