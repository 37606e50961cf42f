class SaleOrderLine:

    # New: Odoo 18 adds the customer's reference to the source of deliveries, where nothing would erase it.
    def _create_procurements(self, product_qty, procurement_uom, origin, values):
        """Name the order alone as the source of deliveries to Amazon's buyers, without a buyer's reference."""
        if self.order_id.amazon_order_ref or self.order_id.amazon_copy_of_id:
            origin = self.order_id.name
        return super()._create_procurements(product_qty, procurement_uom, origin, values)
