import datetime
import math

from odoo import api, fields, models

from ..amazon_api.shapes import ShapeError
from ..amazon_api.transactions import read_transaction
from ..amazon_reports.customer_returns import REPORT_TYPE
from .sale_order_line_returns import SHIPPED

UNANNOUNCED = 'unannounced'
# The longest window in which Amazon takes a claim about a return ends so long after the refund.
CLAIMABLE = datetime.timedelta(days=120)
# What rounding of a price may lack of it.
TOLERANCE = 0.02


class AmazonReturn(models.Model):
    """Refunds of orders of the merchant that nobody has announced a return for: they are in no report of returns.

    Such a refund is a return without a date of announcement and without an operation, until Amazon reports the return:
    then it is that one. Amazon does not say whether the buyer keeps the goods by agreement or the parcel got lost; what
    is only a part of the price is no refund of goods.
    """

    _inherit = 'amazon.return'

    def _is_unannounced(self):
        return self.channel == 'fbm' and not self.announced_date

    @api.model
    def _find_uncompared(self, seller):
        """Return the ids of refunds of delivered orders that have not been compared with the returns yet; of orders of
        which a return may have been announced before the reports that were read, nothing is known.
        """
        since = self._find_known_since(seller)
        refunds = self.env['amazon.transaction'].search([
            ('seller_id', '=', seller.id), ('is_compared', '=', False), ('transaction_type', '=ilike', 'refund'),
            ('is_deferred', '=', False), ('buyer_amount', '<', 0),
            ('posted_date', '>', fields.Datetime.now() - CLAIMABLE), ('sale_order_id.amazon_channel', '=', 'fbm'),
            ('sale_order_id.amazon_status', '=', SHIPPED), ('sale_order_id.state', '!=', 'cancel')])
        return refunds.filtered(lambda refund: refund.sale_order_id.date_order >= since.get(
            refund.sale_order_id.amazon_marketplace_id, datetime.datetime.max)).ids

    @api.model
    def _find_known_since(self, seller):
        """Return since when all returns that were announced are known, by marketplace."""
        markets = [('marketplace_id', 'in', seller.marketplace_ids.ids)]
        read = self.env['amazon.report']._read_group([
            *markets, ('report_type', '=', REPORT_TYPE), ('state', 'in', ('done', 'partial', 'empty')),
            ('start_date', '!=', False)], ['marketplace_id'], ['start_date:min'])
        announced = self._read_group([*markets, ('channel', '=', 'fbm'), ('announced_date', '!=', False)],
                                     ['marketplace_id'], ['announced_date:min'])
        since = dict(read)
        for market, day in announced:
            # Reports are not kept for ever.
            since[market] = min(since.get(market, datetime.datetime.max), datetime.datetime.combine(
                day, datetime.time.min))
        return since

    def _compare_again(self):
        """Let the refunds of the orders of these returns be compared with them once more."""
        refs = self.filtered(lambda record: record.channel == 'fbm' and record.order_ref).mapped('order_ref')
        if refs:
            self.env['amazon.transaction'].search([
                ('seller_id', 'in', self.seller_id.ids), ('order_ref', 'in', refs),
                ('is_compared', '=', True)]).is_compared = False

    @api.model
    def _compare_item(self, seller, line, money):
        """Bring the return of an order line that nobody announced to what was refunded beyond all others."""
        others = self.search([
            ('seller_id', '=', seller.id), ('channel', '=', 'fbm'), ('order_ref', '=', line.order_id.amazon_order_ref)])
        record = others.filtered(lambda other: other._is_unannounced() and other.sale_line_id == line)[:1]
        # Of some it is not clear which item they are of.
        announced = others.filtered(lambda other: not other._is_unannounced() and (
            other.sale_line_id == line or not other.sale_line_id and other.sku == (line.amazon_sku or other.sku)))
        back = self._to_units(line.move_ids.filtered(lambda move: move.state == 'done'),
                              line._amazon_get_needs(line.move_ids))
        known = max(sum(announced.mapped('quantity')), back - record.received_quantity)
        units, since = 0, None
        for refund, refunded in self._read_refunded(line, money):
            units = math.ceil(refunded - known)
            since = since or units > 0 and refund.posted_date
        if units > 0 and units != record.quantity:
            self._save_unannounced(seller, line, record, units, since)
        elif units <= 0 and record and record.received_quantity <= 0:
            record.unlink()
            announced._update_refunds()

    @api.model
    def _read_refunded(self, line, money):
        """Yield refunds of an order line with how many whole units of it were refunded by then: by price, at most those
        that Amazon names and those that were ordered.
        """
        price, paid, named = line._amazon_get_price(1), 0.0, 0
        for refund in money if price > 0 else ():
            for item in self._find_items(line, refund):
                paid -= float(item.goods + item.tax - sum(amount for _charge, amount in item.charges))
                named += max(item.quantity, 1)
            yield refund, min(math.floor(paid / price + TOLERANCE), named, int(line.product_uom_qty))

    @api.model
    def _find_items(self, line, refund):
        try:
            items = read_transaction(refund.payload, refund.seller_id._get_retaining()).items
        except ShapeError:
            # Its own record says what is wrong with it.
            return []
        products = self._find_products(refund.seller_id, {item.sku for item in items if item.sku})
        none = self.env['product.product']
        return [item for item in items if item.goods + item.tax < 0 and self._find_line(
            line.order_id, item.item_ref, products.get(item.sku, none)) == line]

    @api.model
    def _save_unannounced(self, seller, line, record, units, since):
        if record:
            record.write({'quantity': units, 'amazon_quantity': units})
        else:
            order = line.order_id
            record = self.create({
                'seller_id': seller.id, 'channel': 'fbm', 'order_ref': order.amazon_order_ref,
                'item_ref': line.amazon_item_ref or False,
                'sku': line.amazon_sku or line.product_id.default_code or '?',
                'title': line.product_id.name, 'quantity': units, 'amazon_quantity': units,
                'date': seller.company_id._amazon_get_day(since), 'picking_obstacle': UNANNOUNCED,
                **self._prepare_link(seller, order.amazon_marketplace_id, (order, line, line.product_id))})
        record._update_refunds()
