import collections
import datetime

from odoo import api, fields, models

from ..amazon_reports.replacements import read_replacements

# The ledger has a shipment on its day in the region of the seller, or on the next one.
AROUND = datetime.timedelta(days=1)


class AmazonReplacement(models.Model):
    """Goods that Amazon has sent to a buyer once more, without being paid: a row of its report of replacements.

    It moves no stock: the ledger ships the goods, and they are the order of the replacement where that is in Odoo, else
    booked as "shipped without an order".
    """

    _name = 'amazon.replacement'
    _description = "Amazon Replacement"
    _inherit = ['amazon.access.mixin']
    _rec_name = 'order_ref'
    _order = 'shipment_date desc, id desc'

    seller_id = fields.Many2one('amazon.seller', required=True, readonly=True, ondelete='cascade', index=True)
    company_id = fields.Many2one(related='seller_id.company_id', store=True, index=True)
    shipment_date = fields.Date("Shipped", required=True, readonly=True)
    order_ref = fields.Char("Order of the replacement", required=True, readonly=True, index=True)
    original_order_ref = fields.Char("Replaced order", readonly=True, index='btree_not_null')
    sale_order_id = fields.Many2one('sale.order', "Sales order of the replacement", readonly=True,
                                    index='btree_not_null', ondelete='set null')
    original_order_id = fields.Many2one('sale.order', "Replaced sales order", readonly=True, index='btree_not_null',
                                        ondelete='set null')
    product_id = fields.Many2one('product.product', readonly=True, index='btree_not_null', ondelete='set null')
    sku = fields.Char("SKU", required=True, readonly=True)
    asin = fields.Char("ASIN", readonly=True)
    quantity = fields.Integer("Units", readonly=True)
    reason_id = fields.Many2one('amazon.return.reason', readonly=True, index='btree_not_null', ondelete='restrict')
    center = fields.Char("Fulfillment center", readonly=True)
    original_center = fields.Char("Fulfillment center of the replaced goods", readonly=True)
    number = fields.Integer("Number among equal rows", readonly=True)
    extra = fields.Json("Other columns", readonly=True)
    ledger_line_ids = fields.Many2many('amazon.ledger.line', string="Shipments in the ledger",
                                       compute='_compute_ledger_line_ids',
                                       help="Rows of the inventory ledger of this SKU, center and day.")

    _row_unique = models.Constraint('UNIQUE(seller_id, order_ref, sku, shipment_date, number)',
                                    "This replacement is already there.")

    @api.depends('seller_id', 'sku', 'center', 'shipment_date')
    def _compute_ledger_line_ids(self):
        for replacement in self:
            day = replacement.shipment_date
            replacement.ledger_line_ids = day and self.env['amazon.ledger.line'].search([
                ('seller_id', 'in', replacement.seller_id.ids), ('sku', '=', replacement.sku),
                ('event_type', '=ilike', 'Shipments'), ('date', '>=', day - AROUND), ('date', '<=', day + AROUND),
                *([('center', '=', replacement.center)] if replacement.center else [])])

    # === IMPORT === #

    @api.model
    def _import_report(self, report, sync):
        """Import a report of replacements; see `amazon_report.IMPORTERS`."""
        rows = list(read_replacements(report._get_content(), report.charset or ''))
        good = [row for row in rows if not row.problem]
        report._begin(rows, len(good))
        counts, numbered = collections.Counter(), []
        for row in good:
            place = row.order_ref, row.sku, row.shipment_date.date()
            counts[place] += 1
            numbered.append((row, counts[place]))
        return report._store_in_portions(sync, numbered, lambda portion: self._store(report.seller_id, portion))

    @api.model
    def _store(self, seller, numbered):
        """Store rows, each once.

        :param list numbered: pairs of `ReplacementRow` and its number among those of the same order, SKU and day
        """
        refs = {ref for row, _number in numbered for ref in (row.order_ref, row.original_order_ref) if ref}
        orders = {order.amazon_order_ref: order for order in seller._find_sale_orders(refs)}
        returns = self.env['amazon.return']
        products = returns._find_products(seller, {row.sku for row, _number in numbered})
        reasons = self.env['amazon.return.reason']._find_or_create({row.reason for row, _number in numbered})
        known = {(record.order_ref, record.sku, record.shipment_date, record.number): record for record in self.search([
            ('seller_id', '=', seller.id), ('order_ref', 'in', [row.order_ref for row, _number in numbered])])}
        for row, number in numbered:
            vals = {
                'seller_id': seller.id, 'shipment_date': row.shipment_date.date(), 'order_ref': row.order_ref,
                'original_order_ref': row.original_order_ref or False, 'sku': row.sku, 'asin': row.asin or False,
                'quantity': row.quantity, 'center': row.center or False, 'number': number,
                'original_center': row.original_center or False, 'extra': row.extra or False,
                'reason_id': reasons[row.reason].id if row.reason else False,
                'product_id': returns._get_only(products.get(row.sku)).id,
                'sale_order_id': orders[row.order_ref].id if row.order_ref in orders else False,
                'original_order_id': orders[row.original_order_ref].id if row.original_order_ref in orders else False}
            record = known.get((row.order_ref, row.sku, row.shipment_date.date(), number))
            if not record:
                self.create(vals)
                continue
            changed = {name: value for name, value in vals.items() if value and self._fields[name].convert_to_write(
                record[name], record) != value}
            if changed:
                record.write(changed)
        self.env['sale.order'].union(*orders.values())._amazon_share_returns()

    # === ORDERS === #

    @api.model
    def _find_originals(self, seller, refs):
        """Return the sales orders that were replaced by orders that are not in Odoo.

        :param refs: Amazon's ids of orders of replacements
        :return: id -> `sale.order`
        :rtype: dict
        """
        return {record.order_ref: record.original_order_id for record in self.search([
            ('seller_id', '=', seller.id), ('order_ref', 'in', list(refs)), ('original_order_id', '!=', False)])}

    @api.model
    def _link_orders(self, seller):
        """Tie replacements of a seller to those of their two orders that have come to Odoo since."""
        for ref, field in (('order_ref', 'sale_order_id'), ('original_order_ref', 'original_order_id')):
            open_ones = self.search([('seller_id', '=', seller.id), (ref, '!=', False), (field, '=', False)])
            orders = {order.amazon_order_ref: order for order in seller._find_sale_orders(open_ones.mapped(ref))}
            found = open_ones.filtered(lambda record, ref=ref, orders=orders: record[ref] in orders)
            for record in found:
                record[field] = orders[record[ref]]
            found[field]._amazon_share_returns()
