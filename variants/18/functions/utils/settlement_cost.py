class SettlementCosts:

    # In place of 67e16c78: cost is booked with invoices of companies with Anglo-Saxon accounting.
    def _is_perpetual(self):
        """Whether any product is valued perpetually, in this company."""
        return self.company.anglo_saxon_accounting and bool(
            self.env['product.category'].search_count([('property_valuation', '=', 'real_time')], limit=1))

    # In place of 8d9ff03f: moves have valuation layers.
    def _get_unit_cost(self, line, quantity):
        """Return what one unit of the product of an order's line costs."""
        product, moves = line.product_id, line.move_ids.filtered(lambda move: move.state == 'done')
        if not moves.product_id - product:
            return product._compute_average_price(0, quantity, moves) if moves else product.standard_price
        unit = line.product_uom._compute_quantity(1, product.uom_id, round=False)
        return sum(need * part._compute_average_price(
            0, need * quantity, moves.filtered(lambda move, part=part: move.product_id == part))
            for part, need in line._amazon_get_needs(moves).items() if part.is_storable) / unit

    # Left out 3a69671e: layers know it.
    @staticmethod
    def _get_value(moves):
        pass

    # In place of cfe20f57: deliveries book into the account of goods that left, and invoices take them out of it.
    def _get_accounts(self, line):
        """Return the accounts of stock and of cost that an invoice of an order's line would use."""
        template, position = line.product_id.product_tmpl_id, line.order_id.fiscal_position_id
        if (template, position) not in self._accounts:
            accounts = template.get_product_accounts(fiscal_pos=position)
            journal = self.plan.market.journal_id or self.env['account.journal'].search(
                [('company_id', '=', self.company.id), ('type', '=', 'sale')], limit=1)
            self._accounts[template, position] = (accounts['stock_output'], accounts['expense']
                                                  or journal.default_account_id)
        return self._accounts[template, position]
