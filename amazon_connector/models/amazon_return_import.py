import collections

from odoo import api, models
from odoo.tools import float_compare

from ..amazon_reports import customer_returns, fba_returns
from ..amazon_reports.customer_returns import read_returns
from ..amazon_reports.fba_returns import read_fba_returns
from ..utils.conditions import find_unknown
from ..utils.phrases import tell
from ..utils.words import say

READERS = {customer_returns.REPORT_TYPE: read_returns, fba_returns.REPORT_TYPE: read_fba_returns}
# Texts that are stored as Amazon writes them.
MERCHANT_TEXTS = ('status', 'merchant_rma_ref', 'label_type', 'label_payer', 'carrier', 'tracking_ref', 'asin', 'title',
                  'in_policy', 'return_type', 'resolution', 'invoice_ref', 'safet_reason', 'safet_ref', 'safet_state')
AMAZON_TEXTS = ('status', 'asin', 'fnsku', 'title', 'center', 'disposition')
# Columns that older files lack: what is known of them stays.
KEPT_IF_EMPTY = ('delivery_date', 'safet_date', 'safet_amount', 'label_cost', 'reported_refund', 'order_quantity',
                 'order_amount')
LONGEST_REF = 200


class AmazonReturn(models.Model):
    """Rows of Amazon's reports of returns: each is one record, updated as the return moves on and never made twice."""

    _inherit = 'amazon.return'

    @api.model
    def _import_report(self, report, sync):
        """Import a report of returns; see `amazon_report.IMPORTERS`."""
        rows = list(READERS[report.report_type](report._get_content(), report.charset or ''))
        good = [row for row in rows if not row.problem and max(map(len, _get_refs(row))) <= LONGEST_REF]
        if not report.position:
            odd = {row.number: tell(self.env)._("A number is too long to be one.") for row in rows if not row.problem}
            report._set_problems({
                **{number: reason for number, reason in odd.items() if number not in {row.number for row in good}},
                **{row.number: say(self.env, row.problem) for row in rows if row.problem}})
            report.row_count = len(good)
        if report.report_type == fba_returns.REPORT_TYPE:
            numbered = _number(good)
            return report._store_in_portions(sync, numbered, lambda portion: self._store_amazon(
                report.seller_id, portion, numbered))
        return report._store_in_portions(sync, good, lambda portion: self._store_merchant(report, portion))

    # === TO THE WAREHOUSE === #

    @api.model
    def _store_merchant(self, report, rows):
        """Store rows of returns to the merchant (`ReturnRow`)."""
        seller = report.seller_id
        known = self._find_merchant(seller, rows)
        reasons = self.env['amazon.return.reason']._find_or_create({row.reason for row in rows})
        links = self._find_links(seller, [(row.order_ref, row.item_ref, row.sku) for row in rows])
        touched = self.browse()
        for row in rows:
            record = self._match_merchant(known, row)
            vals = {**self._prepare_merchant(row, reasons), **self._prepare_link(
                seller, report.marketplace_id, links[row.order_ref, row.item_ref, row.sku], row.currency)}
            if record:
                vals = {name: value for name, value in vals.items() if value or name not in KEPT_IF_EMPTY}
                if record._is_unannounced():
                    # Its refund, which may be older, stays its own.
                    vals['date'] = min(vals['date'], record.date)
                else:
                    vals.pop('date')
                    vals.pop('announced_date')
                if not vals['item_ref']:
                    vals.pop('item_ref')
                if not vals['rma_ref']:
                    vals.pop('rma_ref')
                record._keep_link(vals)
            touched |= self._save(record, {'seller_id': seller.id, 'channel': 'fbm', **vals}, known)
        touched |= touched._share_units()
        touched._compare_again()
        touched._follow_change()

    @api.model
    def _find_merchant(self, seller, rows):
        """Return the known returns that rows may be about, as a list that new ones are added to."""
        return list(self.search([
            ('seller_id', '=', seller.id), ('channel', '=', 'fbm'), '|',
            ('rma_ref', 'in', [row.rma_ref for row in rows if row.rma_ref]),
            ('order_ref', 'in', [row.order_ref for row in rows if row.order_ref])], order='id'))

    @api.model
    def _match_merchant(self, known, row):
        """Return the return that a row is about: by RMA and item, where a row or what is known of before names no item
        by SKU; and without an RMA by order, item and moment of the request. Else it is the one that nobody has
        announced until now.
        """
        unannounced = self.browse()
        for record in known:
            same_item = record.sku == row.sku and (
                not record.item_ref or not row.item_ref or record.item_ref == row.item_ref)
            same_request = record.order_ref == row.order_ref and record.announced_date == row.request_date.date()
            named = bool(record.rma_ref and row.rma_ref)
            if same_item and record._is_unannounced() and record.order_ref == row.order_ref:
                unannounced |= record
            elif same_item and (record.rma_ref == row.rma_ref if named else same_request):
                return record
        return unannounced[:1]

    @api.model
    def _prepare_merchant(self, row, reasons):
        return {
            'order_ref': row.order_ref, 'item_ref': row.item_ref or False, 'rma_ref': row.rma_ref or False,
            'sku': row.sku, 'date': row.request_date.date(), 'announced_date': row.request_date.date(),
            'amazon_quantity': row.quantity, 'reason_id': reasons[row.reason].id if row.reason else False,
            'label_cost': float(row.label_cost or 0), 'reported_refund': float(row.refunded_amount or 0),
            'a_to_z': row.a_to_z == 'Y', 'is_prime': row.prime == 'Y', 'delivery_date': _to_day(row.delivery_date),
            'order_amount': float(row.order_amount or 0), 'order_quantity': row.order_quantity or 0,
            'safet_date': _to_day(row.safet_date), 'safet_amount': float(row.safet_amount or 0),
            'extra': row.extra or False,
            **{name: getattr(row, name) or False for name in MERCHANT_TEXTS}}

    # === TO AMAZON === #

    @api.model
    def _store_amazon(self, seller, numbered, all_numbered):
        """Store rows of returns to Amazon.

        :param list numbered: pairs of `FbaReturnRow` and its number among the rows without a license plate that are of
            the same order, SKU and moment; 0 for those with one
        :param list all_numbered: those of the whole report
        """
        rows = [row for row, _number in numbered]
        self._ask_about_conditions(seller, rows)
        known = list(self.search([
            ('seller_id', '=', seller.id), ('channel', '=', 'fba'), ('sku', 'in', [row.sku for row in rows]), '|',
            ('license_plate', 'in', [row.license_plate for row in rows if row.license_plate]),
            ('received_date', 'in', [row.return_date for row in rows])], order='id'))
        reasons = self.env['amazon.return.reason']._find_or_create({row.reason for row in rows})
        links = self._find_links(seller, [(row.order_ref, '', row.sku) for row in rows])
        counts = collections.Counter(_get_place(row) for row, number in all_numbered if number)
        touched = self.browse()
        for row, number in numbered:
            record = self._match_amazon(known, row, number, counts)
            vals = {**self._prepare_amazon(seller, row, number, reasons), **self._prepare_link(
                seller, self.env['amazon.seller.marketplace'], links[row.order_ref, '', row.sku])}
            if record:
                # A unit that comes again with another date came the first time.
                vals.pop('date')
                if record.license_plate:
                    vals.pop('received_date')
                record._keep_link(vals)
            touched |= self._save(record, {'seller_id': seller.id, 'channel': 'fba', **vals}, known)
        touched |= touched._share_units()
        touched._follow_change()

    @api.model
    def _ask_about_conditions(self, seller, rows):
        """Ask somebody about conditions of returned goods that Odoo does not know and sees for the first time."""
        unknown = find_unknown({row.disposition for row in rows})
        if unknown:
            before = self.search([('seller_id', '=', seller.id), ('disposition', 'in', unknown)])
            seller._ask_about_conditions({*unknown} - {*before.mapped('disposition')})

    @api.model
    def _match_amazon(self, known, row, number, counts):
        """Return the returned unit that a row is about: by license plate, order and SKU, else by its number; a unit
        that had no plate when it was reported first, and is not among those without any more, got one meanwhile.
        """
        for record in known:
            same = (record.order_ref or '', record.sku) == (row.order_ref, row.sku)
            if same and row.license_plate and record.license_plate == row.license_plate:
                return record
            if same and not record.license_plate and record.received_date == row.return_date and (
                    record.number == number if number else record.number > counts[_get_place(row)]):
                return record
        return self.browse()

    @api.model
    def _prepare_amazon(self, seller, row, number, reasons):
        return {
            'order_ref': row.order_ref or False, 'sku': row.sku,
            'date': seller.company_id._amazon_get_day(row.return_date),
            'received_date': row.return_date, 'amazon_quantity': row.quantity,
            'reason_id': reasons[row.reason].id if row.reason else False, 'number': number,
            'license_plate': row.license_plate or False, 'extra': row.extra or False,
            **{name: getattr(row, name) or False for name in AMAZON_TEXTS}}

    # === ORDERS AND PRODUCTS === #

    @api.model
    def _find_links(self, seller, items):
        """Return the order, its line and the product of returned items.

        A return of a replacement comes under the order of the replacement, which may not be in Odoo: then it belongs to
        the order that was replaced.

        :param list items: triples of order id, item id ('' if unknown) and SKU
        :return: triple -> (`sale.order`, `sale.order.line`, `product.product`), each may be empty
        :rtype: dict
        """
        refs = {order_ref for order_ref, _item, _sku in items if order_ref}
        orders = {order.amazon_order_ref: order for order in seller._find_sale_orders(refs)}
        replaced = self.env['amazon.replacement']._find_originals(seller, refs - orders.keys())
        products = self._find_products(seller, {sku for _order, _item, sku in items})
        links = {}
        for order_ref, item_ref, sku in items:
            order = orders.get(order_ref) or replaced.get(order_ref) or self.env['sale.order'].sudo()
            line = self._find_line(order, item_ref, products.get(sku, self.env['product.product']))
            links[order_ref, item_ref, sku] = order, line, line.product_id or self._get_only(products.get(sku))
        return links

    @api.model
    def _find_products(self, seller, skus):
        """Return all products that listings of a seller have for SKUs."""
        products = {}
        for listing in self.env['amazon.listing'].sudo().search([
                ('seller_id', '=', seller.id), ('sku', 'in', list(skus)), ('product_id', '!=', False)]):
            products[listing.sku] = products.get(listing.sku, listing.product_id) | listing.product_id
        return products

    @api.model
    def _get_only(self, products):
        return products if products and len(products) == 1 else self.env['product.product']

    @api.model
    def _find_line(self, order, item_ref, products):
        """Return the line of an order that an item is: by Amazon's item id, else by product, else the only one."""
        goods = order.order_line.filtered(lambda line: line._amazon_is_goods())
        found = goods.filtered(lambda line: item_ref and line.amazon_item_ref == item_ref)
        if not found:
            found = goods.filtered(lambda line: line.product_id in products) or (
                goods if len(goods) == 1 and not products else goods.browse())
        return found if len(found) == 1 else goods.browse()

    @api.model
    def _prepare_link(self, seller, market, link, currency=''):
        order, line, product = link
        market = order.amazon_marketplace_id or market
        money = currency and self.env['res.currency'].with_context(active_test=False).search(
            [('name', '=', currency)], limit=1)
        return {
            'sale_order_id': order.id, 'sale_line_id': line.id, 'product_id': product.id, 'marketplace_id': market.id,
            'company_id': (market.company_id or seller.company_id).id,
            'currency_id': (money or market.currency_id or seller.company_id.currency_id).id}

    def _keep_link(self, vals):
        """Take values out by which a return would lose the order, item or product that it has."""
        for name in ('sale_order_id', 'sale_line_id', 'product_id', 'marketplace_id'):
            if not vals[name] and self[name]:
                vals.pop(name)
        if 'marketplace_id' not in vals:
            vals.pop('company_id')
        if self.transaction_ids:
            vals.pop('currency_id')

    # === SAVING === #

    @api.model
    def _save(self, record, vals, known):
        """Create or update a return; return it where something has changed."""
        if not record:
            record = self.create({**vals, **self._prepare_units(vals),
                                  'picking_obstacle': 'new' if vals['channel'] == 'fbm' else False})
            known.append(record)
            return record
        changed = {name: value for name, value in vals.items() if record._differs(name, value)}
        if not changed:
            return record.browse()
        if 'amazon_quantity' in changed and not (record.sale_line_id or vals.get('sale_line_id')):
            # Else it is shared with the others of its item.
            changed.update(self._prepare_units(vals))
        if record.channel == 'fbm' and changed.keys() & {'announced_date', 'status', 'resolution', 'sale_line_id'}:
            changed['picking_obstacle'] = 'new'
        record.write(changed)
        return record

    @api.model
    def _prepare_units(self, vals):
        """Return the units of a return by Amazon alone: whatever is reported to have come back to Amazon is there."""
        names = ['quantity', *(['received_quantity'] if vals['channel'] == 'fba' else [])]
        return dict.fromkeys(names, vals['amazon_quantity'])

    def _differs(self, name, value):
        field = self._fields[name]
        if field.type in ('float', 'monetary'):
            return bool(float_compare(self[name], value, precision_digits=2))
        return field.convert_to_write(self[name], self) != value

    def _follow_change(self):
        """Update what depends on returns that are new or have changed."""
        self._update_refunds()
        self.sale_order_id._amazon_update_return_labels()
        self.filtered(lambda record: record.channel == 'fba')._count_returned()

    def _count_returned(self):
        """Sum up the cost of what came back to Amazon on the orders of these returns."""
        self.sale_order_id._amazon_update_returned()
        self.filtered(lambda record: record.seller_id.ledger_state == 'on').is_counted = True

    @api.model
    def _find_uncounted(self, seller):
        """Return the ids of returns to Amazon since the first day of a seller's ledger that came before it was open."""
        if seller.ledger_state != 'on':
            return []
        return self.search([
            ('seller_id', '=', seller.id), ('channel', '=', 'fba'), ('is_counted', '=', False),
            ('sale_order_id', '!=', False), ('received_date', '>=', seller._get_first_moment())]).ids

    # === LATER === #

    @api.model
    def _find_unlinked(self, seller):
        """Return the ids of returns of a seller whose orders have come to Odoo since."""
        unlinked = self.search([('seller_id', '=', seller.id), ('sale_order_id', '=', False),
                                ('order_ref', '!=', False)])
        refs = set(unlinked.mapped('order_ref'))
        there = set(seller._find_sale_orders(refs).mapped('amazon_order_ref'))
        there |= self.env['amazon.replacement']._find_originals(seller, refs - there).keys()
        return unlinked.filtered(lambda record: record.order_ref in there).ids

    def _link(self):
        """Tie these returns of one seller to their orders, lines and products."""
        seller = self.seller_id
        links = self._find_links(seller, [(record.order_ref, record.item_ref or '', record.sku) for record in self])
        for record in self:
            vals = self._prepare_link(seller, record.marketplace_id, links[
                record.order_ref, record.item_ref or '', record.sku])
            record._keep_link(vals)
            # The currency is that of the report, or of the refunds.
            vals.pop('currency_id', None)
            record.write(vals)
        touched = self | self._share_units()
        touched._compare_again()
        touched._follow_change()

    @api.model
    def _wake_for(self, orders):
        """Let the returns that came before these orders be tied to them soon."""
        if orders and self.search_count([('order_ref', 'in', orders.mapped('amazon_order_ref')),
                                         ('sale_order_id', '=', False)], limit=1):
            self.env['amazon.sync']._wake_event_flow('returns')


def _get_refs(row):
    """Return the numbers of a row, which indexes hold."""
    return [value for name in ('order_ref', 'rma_ref', 'item_ref', 'sku', 'license_plate', 'tracking_ref', 'reason')
            if (value := getattr(row, name, '')) is not None]


def _to_day(moment):
    """Return the day of a date of the report, which has no time, or False."""
    return moment.date() if moment else False


def _get_place(row):
    return row.order_ref, row.sku, row.return_date


def _number(rows):
    """Return pairs of `FbaReturnRow` and its number among those without a license plate that nothing else
    distinguishes; 0 for those with one.
    """
    counts, numbered = collections.Counter(), []
    for row in rows:
        if not row.license_plate:
            counts[_get_place(row)] += 1
        numbered.append((row, 0 if row.license_plate else counts[_get_place(row)]))
    return numbered
