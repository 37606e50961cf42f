from odoo.tests import tagged

from .settlement_files import PRINCIPAL, row
from .test_settlements import SettlementCase


@tagged('post_install', '-at_install')
class TestCurrencySums(SettlementCase):
    """Pivots and graphs add no pounds to euros."""

    def setUp(self):
        super().setUp()
        self.env['res.currency.rate'].create({'currency_id': self.env.ref('base.GBP').id, 'name': '2020-01-01',
                                              'rate': 0.5, 'company_id': self.company.id})
        for ref, currency in (('111', 'EUR'), ('222', 'GBP')):
            self.book([row(PRINCIPAL, '10.00')], ref=ref, currency=currency)
        self.env.flush_all()

    def read_sums(self, model, measure, groupby=()):
        groups = self.env[model].read_group([('settlement_id.settlement_ref', 'in', ('111', '222'))],
                                            [f'{measure}:sum'], [*groupby], lazy=False)
        return [group[measure] for group in groups]

    def test_fees(self):
        self.assertEqual(self.read_sums('amazon.settlement.line', 'amount'), [30.0])
        self.assertEqual(self.read_sums('amazon.settlement.line', 'amount', ['settlement_id']), [20.0, 10.0])

    def test_clearing_proof(self):
        self.assertEqual(self.read_sums('amazon.clearing.proof', 'total_open'), [30.0])
