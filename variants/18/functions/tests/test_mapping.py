class TestMapping:

    # In place of e8906fb7: a pack with a barcode is a packaging.
    def test_barcode_of_a_packaging_is_a_pack(self):
        mug = self._make_product('MUG', stock=0)
        self.env['product.packaging'].create({'name': "Six", 'product_id': mug.id, 'qty': 6,
                                              'barcode': '4006381333931'})
        listing = self.mapped('X1', barcode='4006381333931')
        self.assertEqual((listing.product_id, listing.pack_quantity), (mug, 6))
