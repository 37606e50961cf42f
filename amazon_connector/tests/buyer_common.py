"""An order with its buyer, and users of several groups, for the tests of who reads buyers' data."""

from odoo.fields import Command
from odoo.tests import new_test_user

from .common import AmazonCase
from .payloads import item, order


class BuyerCase(AmazonCase):
    """A sale of Amazon's and its buyer; `users` by a name of each group."""

    GROUPS: dict = {}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        rows = cls.env['amazon.order'].sudo()
        rows._store(cls.seller, [order(item())])
        row = rows.search([('seller_id', '=', cls.seller.id)])
        row.with_context(tracking_disable=True)._process()
        cls.sale = row.sale_order_id
        cls.buyer = cls.sale.partner_id
        cls.users = {
            name: new_test_user(cls.env, f'buyer_{name}', groups=groups, company_id=cls.company.id,
                                company_ids=[Command.set(cls.company.ids)])
            for name, groups in cls.GROUPS.items()}

    def as_user(self, name, records):
        self.env.flush_all()
        self.env.invalidate_all()
        return records.with_user(self.users[name]).with_context(allowed_company_ids=self.company.ids)
