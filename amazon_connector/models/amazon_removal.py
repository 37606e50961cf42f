import collections

from odoo import api, fields, models

from ..amazon_reports.removal_orders import read_removal_orders
from ..utils.amazon_words import label_field
from ..utils.ledger_plan import SELLABLE

CHUNK = 200
COUNTS = ('requested', 'cancelled', 'disposed', 'shipped', 'in_process')
# Amazon's words for a removal of which nothing more comes; others go on, unknown ones, too.
CLOSED = ('completed', 'cancelled', 'canceled')
RETURN = 'return'


class AmazonRemoval(models.Model):
    """A removal order as Amazon reports it: what is to come back from its fulfillment centers, or to be destroyed.

    Type, status, source and speed are Amazon's words, whatever they are.
    """

    _name = 'amazon.removal'
    _description = "Amazon Removal Order"
    _inherit = ['amazon.access.mixin']
    _rec_name = 'order_ref'
    _order = 'request_date desc, id desc'

    seller_id = fields.Many2one('amazon.seller', required=True, readonly=True, ondelete='cascade')
    company_id = fields.Many2one(related='seller_id.company_id', store=True, index=True)
    order_ref = fields.Char("Removal order", required=True, readonly=True)
    request_date = fields.Datetime("Requested on", readonly=True)
    source = fields.Char("Source code", readonly=True)
    source_label = label_field("Requested by", 'removal_source', 'source')
    order_type = fields.Char("Type code", readonly=True)
    order_type_label = label_field("Type", 'removal_type', 'order_type')
    speed = fields.Char(readonly=True)
    status = fields.Char("Status code", readonly=True)
    status_label = label_field("Status", 'removal_status', 'status')
    updated = fields.Datetime("Changed at Amazon", readonly=True)
    is_open = fields.Boolean("Goes on", readonly=True, index=True, default=True)
    line_ids = fields.One2many('amazon.removal.line', 'removal_id', readonly=True)
    parcel_ids = fields.One2many('amazon.removal.parcel', 'removal_id', readonly=True)
    requested = fields.Integer(compute='_compute_counts', store=True)
    shipped = fields.Integer(compute='_compute_counts', store=True)
    disposed = fields.Integer("Disposed of", compute='_compute_counts', store=True)
    missing = fields.Integer("Never left", compute='_compute_counts', store=True,
                             help="Of an order that is done: neither shipped, disposed of nor cancelled.")
    picking_count = fields.Integer(compute='_compute_picking_count')

    _order_unique = models.Constraint('UNIQUE(seller_id, order_ref)', "A seller has each removal order once.")

    @api.depends('is_open', *(f'line_ids.{name}' for name in COUNTS))
    def _compute_counts(self):
        for removal in self:
            for name in ('requested', 'shipped', 'disposed'):
                removal[name] = sum(removal.line_ids.mapped(name))
            removal.missing = 0 if removal.is_open else sum(line._get_missing() for line in removal.line_ids)

    @api.depends('parcel_ids.picking_ids')
    def _compute_picking_count(self):
        for removal in self:
            removal.picking_count = len(removal.sudo().parcel_ids.picking_ids)

    def _is_return(self):
        """Return whether this order asks for the goods, as far as Amazon's word for it is known."""
        return (self.order_type or '').strip().lower() == RETURN

    # === IMPORT === #

    @api.model
    def _import_report(self, report, sync):
        """Store removal orders, each as a whole in the place of what was known of it; see `amazon_report.IMPORTERS`."""
        rows = list(read_removal_orders(report._get_content(), report.charset or ''))
        report._begin(rows)
        orders = collections.defaultdict(list)
        for row in rows:
            orders[row.order_ref].append(row)
        # Of a row without its order it is not known which one lacks it.
        complete = '' not in orders
        orders.pop('', None)
        refs = list(orders)
        for start in range(report.position, len(refs), CHUNK):
            for ref in refs[start:start + CHUNK]:
                self._store(report.seller_id, ref, orders[ref], complete)
            report.position = start + CHUNK
            if not sync._commit():
                return False
        return True

    @api.model
    def _store(self, seller, order_ref, rows, complete=True):
        """Write an order and its lines.

        :param bool complete: whether lines that are not among the rows are no lines of the order any more
        """
        good = [row for row in rows if not row.problem]
        if not good:
            return self.browse()
        removal = self.search([('seller_id', '=', seller.id), ('order_ref', '=', order_ref)]) or self.create(
            {'seller_id': seller.id, 'order_ref': order_ref})
        latest = max(good, key=lambda row: row.updated or row.request_date)
        if removal.updated and latest.updated and latest.updated < removal.updated:
            # A report that was held up.
            return removal
        removal._write_head(latest, good)
        removal._write_lines(good, complete and len(good) == len(rows))
        removal._match_request()
        return removal

    def _write_head(self, latest, rows):
        vals = {
            'request_date': min(row.request_date for row in rows), 'source': latest.source or self.source,
            'order_type': latest.order_type, 'speed': latest.speed or self.speed, 'status': latest.status,
            'updated': latest.updated or self.updated,
            'is_open': any(row.status.strip().lower() not in CLOSED for row in rows)}
        changed = {name: value for name, value in vals.items() if self[name] != value}
        if changed:
            self.write(changed)

    def _write_lines(self, rows, complete):
        known, found = {line._get_key(): line for line in self.line_ids}, {}
        for row in sorted(rows, key=lambda row: row.updated or row.request_date):
            found[row.sku, row.fnsku, row.disposition] = row
        if complete:
            self.line_ids.filtered(lambda line: line._get_key() not in found).unlink()
        lines = self.env['amazon.removal.line']
        currencies = {currency.name: currency for currency in
                      self.env['res.currency'].with_context(active_test=False).search([])}
        for key, row in found.items():
            vals = {**{name: getattr(row, name) or 0 for name in COUNTS}, 'fee': float(row.fee or 0),
                    'currency_id': currencies[row.currency].id if row.currency in currencies else False,
                    'extra': row.extra or False}
            if key in known:
                known[key].write(vals)
            else:
                lines |= lines.create({'removal_id': self.id, 'sku': row.sku or False, 'fnsku': row.fnsku or False,
                                       'disposition': row.disposition, **vals})
        lines._link_products()

    def _match_request(self):
        """Link the request of Odoo from which this order was made."""
        requests = self.env['amazon.removal.request']
        if not requests.search_count([('removal_id', '=', self.id)], limit=1):
            requests._find_for(self).write({'removal_id': self.id, 'state': 'reported'})

    def _count_units(self):
        """Return the requested units by SKU and whether they are sellable."""
        counts = collections.Counter()
        for line in self.line_ids:
            counts[line.sku, line.disposition == SELLABLE] += line.requested
        return dict(+counts)

    def action_view_pickings(self):
        """Show the receipts of the parcels of these orders."""
        self.check_access('read')
        return {
            'type': 'ir.actions.act_window', 'name': self.env._("Receipts"), 'res_model': 'stock.picking',
            'view_mode': 'list,form', 'domain': [('id', 'in', self.sudo().parcel_ids.picking_ids.ids)]}
