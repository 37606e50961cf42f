from odoo.tests import Form, tagged

from .common import AmazonCase


@tagged('post_install', '-at_install')
class TestStockStart(AmazonCase):
    """The first quantities of several marketplaces in one preview."""

    def test_a_marketplace_that_is_left_out_and_chosen_again(self):
        """Lines that change by the same quantity had no order on Odoo 18 and 17 while the form was edited."""
        self.set_stock(self.product, 7)
        for sku in ('ONE', 'TWO'):
            self.make_listing(sku, self.product, amazon_quantity=5, amazon_date='2026-10-01')
        action = self.seller.action_start_stock()
        start = self.env[action['res_model']].browse(action['res_id'])
        place, form = start.preview_ids.marketplace_id.ids.index(self.german.id), Form(start)
        self.assertEqual(len(form.line_ids), 2)
        for is_chosen, count in ((False, 0), (True, 2)):
            with form.preview_ids.edit(place) as preview:
                preview.is_chosen = is_chosen
            self.assertEqual(len(form.line_ids), count)
