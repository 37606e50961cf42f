class TestListingImport:

    # In place of ffe96f31: times of creation have parts of seconds, those of reports have none.
    def test_a_second_report_updates_listings_and_marks_the_removed_ones(self):
        self.import_report(self.amazon(line('SKU-A'), line('SKU-B')))
        self.env['amazon.report'].search([]).unlink()
        self.env.flush_all()
        self.env.cr.execute("UPDATE amazon_listing SET create_date = date_trunc('second', create_date)")
        self.import_report(self.amazon(line('SKU-A', price='21.50', quantity='3')))
        self.assertEqual((self.listing('SKU-A').amazon_price, self.listing('SKU-A').amazon_quantity), (21.5, 3))
        self.assertEqual((self.listing('SKU-B').status, self.listing('SKU-B').product_id),
                         ('removed', self.other_product))
        self.assertEqual(self.env['amazon.listing'].search_count([('marketplace_id', '=', self.german.id)]), 2)
