import datetime
import random
from decimal import Decimal

from odoo.tests import tagged

from . import payloads
from .settlement_files import (
    ADVERTISING,
    COMMISSION,
    OWED,
    PRINCIPAL,
    REFUND,
    RELEASED,
    RESERVE,
    SHIPPING,
    STORAGE,
    SUBSCRIPTION,
    document,
    row,
)
from .test_settlements import SettlementCase

KINDS = [(PRINCIPAL, 2000, 9000), (SHIPPING, 100, 700), (COMMISSION, -900, -100), (REFUND, -3000, -500),
         (STORAGE, -1500, -10), (ADVERTISING, -2500, -100), (SUBSCRIPTION, -900, -900)]


@tagged('post_install', '-at_install')
class TestSettlementYear(SettlementCase):
    """A year of 26 settlements on three marketplaces in two currencies, booked by month, some paid and some negative.
    """

    def settle_year(self, code, shop, currency, rng):
        """Twenty-six settlements; return what Amazon still keeps in reserve, and the totals by settlement."""
        start, reserve, owed, totals = datetime.date(2026, 1, 1), Decimal(0), Decimal(0), {}
        for number in range(26):
            end = start + datetime.timedelta(days=14)
            rows = []
            for kind, low, high in KINDS * 3:
                day = start + datetime.timedelta(days=rng.randrange(14))
                order = (f'302-{rng.randrange(10**7):07d}-{rng.randrange(10**7):07d}' if kind[0] in ('Order', 'Refund')
                         else '')
                rows.append(row(kind, Decimal(rng.randint(low, high)) / 100, order, posted=str(day), market=shop))
            kept = Decimal(rng.choice([0, 0, 5000, 12345])) / 100
            extra = {RELEASED: reserve, RESERVE: -kept, OWED: owed, STORAGE: Decimal(-400) if number % 9 == 4
                     else Decimal(0)}
            rows += [row(kind, amount, posted=str(end - datetime.timedelta(days=1)), market=shop)
                     for kind, amount in extra.items() if amount]
            total = sum(entry['amount'] for entry in rows)
            reserve, owed, start = kept, min(total, Decimal(0)), end
            totals[self.env['amazon.settlement']._import_file(self.seller, document(
                rows, ref=f'{code}{number:03d}', start=str(end - datetime.timedelta(days=14)), end=str(end),
                currency=currency))] = total
        return reserve, totals

    def pay(self, totals, until):
        """Let the bank have the payouts that Amazon made up to a day."""
        for settlement, total in totals.items():
            if total > 0 and settlement.deposit_date <= until:
                vals = {'journal_id': self.bank.id, 'date': settlement.deposit_date,
                        'payment_ref': f'AMAZON {settlement.settlement_ref}', 'amount': float(total)}
                if settlement.currency_id != self.company.currency_id:
                    home = settlement.currency_id._convert(float(total), self.company.currency_id, self.company,
                                                           settlement.deposit_date)
                    vals.update(amount=home, foreign_currency_id=settlement.currency_id.id,
                                amount_currency=float(total))
                self.env['account.bank.statement.line'].create(vals)
        for settlement in totals:
            settlement.action_match()

    def test_clearing_and_reserve_end_at_what_amazon_still_holds(self):
        self.bank = self.env['account.journal'].search([('company_id', '=', self.company.id), ('type', '=', 'bank')],
                                                       limit=1)
        british = self.marketplace('GB')
        self.env['res.currency.rate'].create(
            [{'currency_id': british.currency_id.id, 'name': f'2026-{month:02d}-01', 'rate': 0.80 + month / 100,
              'company_id': self.company.id} for month in range(1, 13)])
        self.seller.marketplace_ids.settlement_split = True
        rng, until = random.Random(5), datetime.date(2026, 12, 24)
        year = {code: self.settle_year(code, f'Amazon.{code.lower()}', payloads.MARKETPLACES[code][1], rng)
                for code in ('DE', 'FR', 'GB')}
        for _reserve, totals in year.values():
            settlements = self.env['amazon.settlement'].union(*totals)
            self.assertEqual(set(settlements.mapped('state')), {'ready'})
            settlements.action_book()
            # A database does so by itself between transactions; without it Odoo's own queries go through all
            # reconciliations.
            self.env.cr.execute('ANALYZE account_move, account_move_line, account_partial_reconcile')
            self.pay(totals, until)

        def held(account, code):
            lines = self.env['account.move.line'].search([
                ('account_id', '=', account.id), ('parent_state', '=', 'posted'),
                ('currency_id.name', '=', payloads.MARKETPLACES[code][1])])
            return round(sum(lines.mapped('amount_currency')), 2)

        for codes in (('DE', 'FR'), ('GB',)):
            reserve = sum(year[code][0] for code in codes)
            unpaid = sum(total for code in codes for settlement, total in year[code][1].items() if total > 0
                         and settlement.deposit_date > until)
            owed = sum(min(list(year[code][1].values())[-1], Decimal(0)) for code in codes)
            self.assertEqual(held(self.account('reserve'), codes[0]), float(reserve))
            self.assertEqual(held(self.account('payout'), codes[0]), float(unpaid + owed))
            self.assertEqual(held(self.account('carried'), codes[0]), 0.0)
        moves = self.env['account.move'].search([('amazon_settlement_id', '!=', False)])
        self.assertEqual(round(sum(moves.line_ids.mapped('balance')), 2), 0)
        self.assertEqual({total > 0 for _reserve, totals in year.values() for total in totals.values()}, {True, False},
                         "some were negative")
        months = {move.date.replace(day=1) for move in moves}
        self.assertEqual(len(months), 12, "every month has its revenue")
        paid = self.env['amazon.settlement'].search([('total', '>', 0), ('deposit_date', '<=', until)])
        self.assertEqual(set(paid.mapped('state')), {'reconciled'})
        self.check_proof(year, until)

    def check_proof(self, year, until):
        """Only what Amazon still holds is open, and the proof names it."""
        last = self.env['amazon.settlement'].union(*(list(totals)[-1] for _reserve, totals in year.values()))
        self.env.flush_all()
        proof = self.env['amazon.clearing.proof'].search([('company_id', '=', self.company.id)])
        still_open = proof.filtered('is_open').settlement_id - last
        self.assertFalse(still_open.filtered(lambda settlement: settlement.deposit_date <= until).mapped(
            'settlement_ref'))
        self.assertEqual(len(proof.settlement_id), 78)
        for code, (reserve, totals) in year.items():
            mine = proof.filtered(lambda row, code=code: row.marketplace_id == self.marketplace(code))
            unpaid = sum(total for settlement, total in totals.items() if total > 0
                         and settlement.deposit_date > until) + min(
                             list(totals.values())[-1], Decimal(0))
            self.assertEqual((round(sum(mine.mapped('reserve_open')), 2), round(sum(mine.mapped('payout_open')), 2)),
                             (float(reserve), float(unpaid)))
            self.assertFalse(any(mine.mapped('transfer_open')) or any(mine.mapped('carried_open')))
