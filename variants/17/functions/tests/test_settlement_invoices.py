class TestSettlementInvoices:

    # Left out 2ce98c0a: an account belongs to one company before Odoo 18.
    def test_invoices_of_another_company_stay_as_they_are(self):
        pass
