class TestOrderTaxes:

    # Left out ba8814ad: Odoo knows Northern Ireland since version 19.
    def test_a_business_in_northern_ireland(self):
        pass

    # Left out f283ae70: Odoo knows Northern Ireland since version 19.
    def test_great_britain_and_northern_ireland(self):
        pass
