class TestSettlementCost:

    # In place of 90b37411: invoices take goods that were delivered out of an account of their own.
    def make_product(self, method, sku, price=30.0):
        self.company.anglo_saxon_accounting = True
        category = self.env['product.category'].create({
            'name': method, 'property_valuation': 'real_time', 'property_cost_method': method,
            'property_stock_account_output_categ_id': self.stock.id, 'property_account_expense_categ_id': self.cost.id})
        product = self._make_product(sku, stock=0, categ_id=category.id, standard_price=price)
        self.make_listing(sku, product)
        if method == 'fifo':
            for quantity, unit in ((1, 10.0), (100, 20.0)):
                self.receive_stock(product, quantity, unit)
        else:
            self.env['stock.quant']._update_available_quantity(product, self.location, 100)
        return product
