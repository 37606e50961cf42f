from odoo import api, models


class QuantCache(dict):
    """Quants without lots, by product, location, package and owner (ids), an object that only code can put into a
    context.

    Odoo searches for them several times a movement; later versions keep them while movements are done, too.
    """

    def __init__(self, moves):
        """Read the quants that moves may take from or bring to."""
        super().__init__()
        self.products, self.locations = moves.product_id._ids, (moves.location_id | moves.location_dest_id)._ids
        self.add(moves.env['stock.quant'].sudo().search([
            ('product_id', 'in', self.products), ('location_id', 'in', self.locations), ('lot_id', '=', False)],
            order='in_date, id'))

    def add(self, quants):
        for quant in quants.filtered(lambda quant: not quant.lot_id):
            key = quant.product_id.id, quant.location_id.id, quant.package_id.id, quant.owner_id.id
            self.setdefault(key, []).append(quant.id)

    def covers(self, product, location):
        """Return whether all quants of a product at a location are here."""
        return product.id in self.products and location.id in self.locations


class StockQuant(models.Model):
    _inherit = 'stock.quant'

    @api.model_create_multi
    def create(self, vals_list):
        """Create quants, and keep them where quants are kept."""
        quants, cache = super().create(vals_list), self.env.context.get('amazon_quants')
        if isinstance(cache, QuantCache):
            cache.add(quants)
        return quants

    def unlink(self):
        """Delete quants, after which none are kept."""
        cache = self.env.context.get('amazon_quants')
        if isinstance(cache, QuantCache):
            cache.products = ()
        return super().unlink()

    def _gather(self, product_id, location_id, lot_id=None, package_id=None, owner_id=None, strict=False, qty=0):
        """Return quants as Odoo does, without a search where they are kept: of goods without lots, of exactly a
        location.
        """
        cache = self.env.context.get('amazon_quants')
        if (not isinstance(cache, QuantCache) or not strict or lot_id or self.ids
                or not cache.covers(product_id, location_id)):
            return super()._gather(product_id, location_id, lot_id=lot_id, package_id=package_id, owner_id=owner_id,
                                   strict=strict, qty=qty)
        key = (product_id.id, location_id.id, package_id.id if package_id else False,
               owner_id.id if owner_id else False)
        return self.browse(cache.get(key))


class StockMove(models.Model):
    _inherit = 'stock.move'

    def _amazon_keep_quants(self):
        return QuantCache(self)

    def _amazon_complete_in_company(self, serial_numbers, quantities):
        moves = self.with_context(amazon_quants=self._amazon_keep_quants())
        return super(StockMove, moves)._amazon_complete_in_company(serial_numbers, quantities)
