from odoo import fields, models


class AmazonSeller(models.Model):
    """The operations by which warehouses send goods to Amazon."""

    _inherit = 'amazon.seller'

    inbound_fetched = fields.Datetime("Shipments to Amazon read on", readonly=True, copy=False)

    borders_collected = fields.Datetime("Transfers between countries found on", readonly=True, copy=False)

    def _make_inbound_types(self):
        """Return the types of operation "To Amazon FBA" of the warehouses of this seller's company, made where there is
        none yet; none of a seller whose FBA stock is not kept by the ledger.
        """
        self.ensure_one()
        types = self.env['stock.picking.type'].sudo().with_context(active_test=False)
        if self.ledger_state != 'on':
            return types
        found = types.search([('amazon_seller_id', '=', self.id)])
        warehouses = self.env['stock.warehouse'].sudo().search([('company_id', '=', self.company_id.id)])
        for warehouse in warehouses - found.warehouse_id:
            found |= types.create(self._prepare_inbound_type(warehouse))
        return found.filtered('active').sorted(lambda kind: kind.warehouse_id.sequence)

    def _prepare_inbound_type(self, warehouse):
        others = self.env['stock.picking.type'].sudo().with_context(active_test=False).search_count([
            ('warehouse_id', '=', warehouse.id), ('amazon_seller_id', '!=', False)])
        name = self.env._("To Amazon FBA")
        return {
            'name': f'{name} ({self.name})' if others else name, 'code': 'internal',
            'sequence_code': f'FBA{others + 1}' if others else 'FBA', 'warehouse_id': warehouse.id,
            'company_id': self.company_id.id, 'default_location_src_id': warehouse.lot_stock_id.id,
            'default_location_dest_id': self.env['stock.location']._amazon_get(self, 'inbound').id,
            'amazon_seller_id': self.id}
