from odoo.tests import tagged

from .common import AmazonCase
from .payloads import item, order


@tagged('post_install', '-at_install')
class TestPerformance(AmazonCase):

    def count_queries(self, number):
        """Queries to import so many new orders of as many new buyers, half of them FBA."""
        orders = [order(item(), email=f'{number}-{position}@x',
                        **({} if position % 2 else {'channel': 'AMAZON', 'status': 'SHIPPED'}))
                  for position in range(number)]
        for payload in orders[::2]:
            payload['orderItems'][0]['fulfillment'] = {'quantityFulfilled': 1, 'quantityUnfulfilled': 0}
        inbox = self.env['amazon.order'].sudo()
        inbox._store(self.seller, orders)
        rows = inbox.search([('seller_id', '=', self.seller.id), ('state', '=', 'new')])
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.cr.sql_log_count
        for start in range(0, len(rows), 100):
            rows[start:start + 100].with_context(tracking_disable=True)._process()
        self.env.flush_all()
        self.assertEqual(set(rows.mapped('state')), {'done'})
        return self.cr.sql_log_count - before

    def test_queries_do_not_grow_faster_than_orders(self):
        self.count_queries(5)
        fifty = self.count_queries(50)
        # What other tests rolled back has left PostgreSQL with wrong statistics: its plans would take minutes.
        self.env.cr.execute('ANALYZE')
        five_hundred = self.count_queries(500)
        self.assertLessEqual(five_hundred, 10 * fifty)
