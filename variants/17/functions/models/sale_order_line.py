class SaleOrderLine:

    # Left out 44654495: deliveries of Odoo 17 name the order alone as their source.
    def _create_procurements(self, product_qty, procurement_uom, origin, values):
        pass
