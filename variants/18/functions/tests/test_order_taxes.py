class TestOrderTaxes:

    # Left out 30b60aa7: Odoo knows Northern Ireland since version 19.
    def test_a_business_in_northern_ireland(self):
        pass

    # Left out a33bb280: Odoo knows Northern Ireland since version 19.
    def test_great_britain_and_northern_ireland(self):
        pass
