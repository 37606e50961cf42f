from odoo.tests import tagged

from ..models.amazon_currency_sums import MODELS
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

    def test_claims_won(self):
        for name, amount in (('EUR', 20.0), ('GBP', 10.0)):
            claim = self.env['amazon.claim'].create({
                'seller_id': self.seller.id, 'kind': 'lost', 'key': name, 'sku': name, 'units': 1, 'state': 'paid',
                'event_date': '2026-01-01', 'filed_date': '2026-01-02'})
            paid = self.env['amazon.reimbursement'].create({
                'seller_id': self.seller.id, 'reimbursement_ref': name, 'sku': name, 'cash_quantity': 1,
                'reason': 'Lost_Warehouse', 'approval_date': '2026-01-03', 'amount': amount,
                'currency_id': self.env.ref(f'base.{name}').id})
            self.env['amazon.claim.evidence'].create({
                'claim_id': claim.id, 'kind': 'paid', 'quantity': 1, 'date': '2026-01-03', 'amount': amount,
                'currency_id': self.env.ref(f'base.{name}').id, 'reimbursement_id': paid.id})
        self.env.flush_all()
        groups = self.env['amazon.claim.number'].read_group(
            [('seller_id', '=', self.seller.id)], ['won_amount:sum'], [], lazy=False)
        self.assertEqual([group['won_amount'] for group in groups], [40.0])

    def test_no_model_is_forgotten(self):
        """A pivot or graph of amounts whose currency is not that of the company is among `MODELS`."""
        views = self.env['ir.ui.view'].search([('type', 'in', ('pivot', 'graph')), ('model', '=like', 'amazon.%')])
        actions = self.env['ir.actions.act_window'].search([
            ('res_model', '=like', 'amazon.%'), '|', ('view_mode', 'like', 'pivot'), ('view_mode', 'like', 'graph')])
        found = {name for name in views.mapped('model') + actions.mapped('res_model') if self.find_currencies(name)}
        # It never adds up several by itself.
        self.assertEqual(found - {'amazon.analysis'}, set(MODELS))

    def find_currencies(self, name):
        model = self.env[name]
        amounts = [field for field in model._fields.values() if field.type == 'monetary' and field.store]
        currencies = {model._fields[field.get_currency_field(model)] for field in amounts}
        return {field for field in currencies
                if field.name != 'shown_currency_id' and field.related != 'company_id.currency_id'}
