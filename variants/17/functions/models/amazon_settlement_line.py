class AmazonSettlementLine:

    # New: Odoo 17 groups by nothing that is related and not stored.
    def _field_to_sql(self, alias, fname, query=None):
        if fname not in ('company_id', 'currency_id'):
            return super()._field_to_sql(alias, fname, query)
        self.env['amazon.settlement'].flush_model([fname])
        table = self.env['amazon.settlement']._table
        joined = query.left_join(alias, 'settlement_id', table, 'id', 'settlement_id')
        return self.env['amazon.settlement']._field_to_sql(joined, fname, query)
