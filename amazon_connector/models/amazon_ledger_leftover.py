from odoo import api, fields, models
from odoo.tools import SQL

from ..utils.phrases import tell

# Where goods only pass, and the days after which they are to have left: Amazon receives within weeks, what it ships has
# an order or is booked without one after a week, and a change of condition is a pair of rows of the same days.
LIMITS = {'inbound': 45, 'dispatch': 14, 'change': 14, 'removal': 45}
PLACES = [
    ('inbound', "In transit to Amazon"), ('dispatch', "Shipped to customers by Amazon"),
    ('change', "Changing its condition at Amazon"), ('removal', "On its way back from Amazon"),
]


class AmazonLedgerLeftover(models.Model):
    """Goods that are under way to, at or from Amazon: no balance of Amazon's has them, so that only their age tells
    that something is wrong; read from the stock itself.
    """

    _name = 'amazon.ledger.leftover'
    _description = "Goods Under Way at Amazon"
    _auto = False
    _rec_name = 'product_id'
    _order = 'since, id'

    product_id = fields.Many2one('product.product', readonly=True)
    lot_id = fields.Many2one('stock.lot', readonly=True)
    seller_id = fields.Many2one('amazon.seller', readonly=True)
    company_id = fields.Many2one('res.company', readonly=True)
    location_id = fields.Many2one('stock.location', readonly=True)
    place = fields.Selection(PLACES, readonly=True)
    quantity = fields.Float("Pieces", digits=(16, 2), readonly=True, help="Negative: more has left than has come.")
    since = fields.Date(readonly=True, help="Day of the oldest movement that what is left is of.")
    age = fields.Integer("Days", readonly=True)
    is_overdue = fields.Boolean("Beyond its time", readonly=True)
    advice = fields.Text("What to do", compute='_compute_advice')

    @property
    def _table_query(self):
        """Read what lies there now, as exactly as products are counted, and go back from its last movement to the one
        that it begins with, as the first that came has left first: what went through before is not read.
        """
        limits = SQL(', ').join(SQL("(%s, %s)", place, days) for place, days in LIMITS.items())
        digits = self.env['stock.move']._fields['product_uom_qty'].get_digits(self.env)[1]
        # In brackets, which not every Odoo adds.
        return SQL("""(
            SELECT part.*, CURRENT_DATE - part.since AS age, CURRENT_DATE - part.since > part.days AS is_overdue
              FROM (
                SELECT quant.id, quant.product_id, quant.lot_id, location.id AS location_id,
                       quant.quantity::float8 AS quantity, location.company_id, location.amazon_seller_id AS seller_id,
                       location.amazon_kind AS place, passing.days,
                       (CASE WHEN quant.quantity > 0 THEN %(come)s ELSE %(gone)s END)::date AS since
                  FROM stock_location location
                  JOIN (VALUES %(limits)s) passing(place, days) ON passing.place = location.amazon_kind
            CROSS JOIN LATERAL (
                        SELECT MIN(id) AS id, product_id, lot_id,
                               ROUND(SUM(quantity)::numeric, %(digits)s) AS quantity
                          FROM stock_quant WHERE location_id = location.id GROUP BY product_id, lot_id) quant
                 WHERE location.amazon_seller_id IS NOT NULL AND quant.quantity != 0) part)""",
                   limits=limits, digits=digits, come=self._get_since(SQL.identifier('location_dest_id'), digits),
                   gone=self._get_since(SQL.identifier('location_id'), digits))

    @api.model
    def _get_since(self, column, digits):
        """Return the query for the date of the oldest of the last movements that make up a quantity: one after the
        other by an index, see `stock_move_line`.
        """
        line = SQL("""SELECT line.date, line.id, line.quantity_product_uom::numeric AS pieces FROM stock_move_line line
                       WHERE line.state = 'done' AND line.%s = location.id AND line.product_id = quant.product_id
                         AND COALESCE(line.lot_id, 0) = COALESCE(quant.lot_id, 0)
                         AND line.location_id != line.location_dest_id""", column)
        last = SQL("ORDER BY line.date DESC, line.id DESC LIMIT 1")
        return SQL("""(WITH RECURSIVE back AS (
            (%(line)s %(last)s)
            UNION ALL
            SELECT earlier.date, earlier.id, back.pieces + earlier.pieces
              FROM back CROSS JOIN LATERAL (%(line)s AND (line.date, line.id) < (back.date, back.id) %(last)s) earlier
             WHERE ROUND(back.pieces, %(digits)s) < ABS(quant.quantity)) SELECT MIN(date) FROM back)""",
                   line=line, last=last, digits=digits)

    @api.depends('place', 'quantity')
    def _compute_advice(self):
        texts = self._get_advice()
        for leftover in self:
            kind = 'too much' if leftover.quantity > 0 else 'too little'
            leftover.advice = texts.get(f'{leftover.place} {kind}', False)

    @api.model
    def _get_advice(self):
        """Return what to do about goods by their place and whether there are too many, rather than too few, of them."""
        return {
            'inbound too much': tell(self.env)._(
                "Sent, and not received: look at the shipment under Shipments to Amazon. Without one, write Amazon's "
                "shipment on the transfer. What Amazon has closed is claimed, and written off there."),
            'inbound too little': tell(self.env)._(
                "Received, and not sent by a transfer: find the transfer and write Amazon's shipment on it, or make "
                "one of what was sent; what came too much is taken in on the shipment."),
            'dispatch too much': tell(self.env)._(
                "Shipped by Amazon, and taken by no order: what is older than a week is booked as shipped without an "
                "order by the next run. Look whether the run of the FBA stock fails."),
            'dispatch too little': tell(self.env)._(
                "Orders have taken what Amazon's ledger has not shipped: look for days that are not booked, for rows "
                "that are not booked, and for orders that were delivered by hand as well."),
            'change too much': tell(self.env)._(
                "It left its condition and has not come back in another one: look at the rows of its SKU in the "
                "ledger. If Amazon owes it, it becomes a claim; move it to \"Lost and found\" by a transfer."),
            'change too little': tell(self.env)._(
                "It came in another condition and left none: look at the rows of its SKU in the ledger, and for rows "
                "that are not booked. Else move it from \"Lost and found\" by a transfer."),
            'removal too much': tell(self.env)._(
                "It left Amazon and was not received: look at Parcels from Amazon, receive it there, or write off what "
                "is missing. Without a parcel, Amazon has destroyed or sold it: move it to \"Disposed of\"."),
            'removal too little': tell(self.env)._(
                "Received, and not sent by Amazon's ledger: look for days and rows that are not booked, and whether "
                "the parcel was received twice."),
        }
