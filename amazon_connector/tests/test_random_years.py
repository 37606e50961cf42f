"""Random years: what Amazon states goes through import, invoices, booking and bank, and meets an independent ledger.

`SEED` (a number) and `YEARS` (how many) in the environment draw other years; a failure names the seed.
"""

import collections
import datetime
import os
from decimal import Decimal

from freezegun import freeze_time

from odoo.fields import Command
from odoo.tests import tagged

from .common import AmazonCase, FakeAmazon
from .random_law import COMPANIES, DOMESTIC, EXPORT, INTRA, OSS, SHOPS
from .random_ledger import Ledger
from .random_year import SKUS, Year

SEED, YEARS = int(os.environ.get('SEED', 1)), int(os.environ.get('YEARS', 1))
ROUNDS, ORDERS = int(os.environ.get('ROUNDS', 4)), int(os.environ.get('ORDERS', 2))
FEES = ('fee', 'advertising', 'reimbursement', 'other')
# The boxes of the countries' tax reports, by the names of their tags, and what belongs into them.
BOXES = {
    'DE': {
        '81_BASE': DOMESTIC,
        '81_TAX': DOMESTIC,
        '86_BASE': DOMESTIC,
        '86_TAX': DOMESTIC,
        '41': INTRA,
        '43': EXPORT,
        'OSS': OSS,
    },
    'GB': {'6': DOMESTIC, '1': DOMESTIC},
    'CA': {
        'Ca90': DOMESTIC,
        'Ca103': DOMESTIC,
        'CaQc203': DOMESTIC,
        'CaBcB': DOMESTIC,
        'CaBcI': DOMESTIC,
        'Ca91': EXPORT,
    },
}
REDUCED = {'DE': 7, 'GB': 5}
# Where the companies are, if that decides about the taxes of their chart.
STATES = {'US': 'NY', 'CA': 'ON'}


class RandomYears(AmazonCase):
    """A company of one country that sells on three marketplaces."""

    country = None

    @classmethod
    def setUpClass(cls):
        super(AmazonCase, cls).setUpClass()
        cls.facts = COMPANIES[cls.country]
        cls.company = cls._find_or_make_company()
        cls.env.user.write({'company_ids': [Command.link(cls.company.id)], 'company_id': cls.company.id})
        cls.env = cls.env(context={**cls.env.context, 'allowed_company_ids': cls.company.ids, 'tracking_disable': True})
        cls.company = cls.company.with_env(cls.env)
        cls._set_up_taxes()
        warehouses = cls.env['stock.warehouse']
        cls.warehouse = warehouses.search([('company_id', '=', cls.company.id)], limit=1) or warehouses.create(
            {'name': "Warehouse", 'code': 'RND', 'company_id': cls.company.id}
        )
        cls.seller = cls.env['amazon.seller'].create(
            {
                'name': "Random seller",
                'company_id': cls.company.id,
                'home_marketplace': cls.country,
                'state': 'connected',
                'environment': 'custom',
                'custom_url': 'http://127.0.0.1:9',
                'lwa_client_ref': 'client',
                'lwa_client_secret': 'secret',
                'refresh_token': 'token',
                'selling_partner_ref': 'A1RANDOM',
                'import_from': '2026-01-01',
            }
        )
        cls.env['amazon.seller.marketplace']._update_from_amazon(
            cls.seller, [cls._participate(code) for code in cls.facts.shops]
        )
        cls.markets = {
            code: cls.seller.marketplace_ids.filtered(
                lambda market, shop=SHOPS[code]: market.marketplace_ref == shop.id
            )
            for code in cls.facts.shops
        }
        cls.german = cls.markets[cls.facts.shops[0]]
        cls._make_products()
        cls.bank = cls.env['account.journal'].search(
            [('company_id', '=', cls.company.id), ('type', '=', 'bank')], limit=1
        )

    @classmethod
    def _find_or_make_company(cls):
        if cls.country == 'DE':
            return super()._find_or_make_company()
        currency = cls.env.ref(f'base.{cls.facts.currency}')
        company = cls.env['res.company'].create(
            {
                'name': f"Random {cls.country}",
                'currency_id': currency.id,
                'country_id': cls.env['res.country'].search([('code', '=', cls.country)]).id,
                'state_id': cls.env['res.country.state']
                .search([('country_id.code', '=', cls.country), ('code', '=', STATES.get(cls.country))])
                .id,
            }
        )
        # Canada has its chart only where `l10n_ca` is installed.
        is_there = cls.country != 'CA' or cls.env['ir.module.module']._get('l10n_ca').state == 'installed'
        chart = cls.facts.chart if is_there else 'generic_coa'
        cls.env['account.chart.template'].try_loading(chart, company=company, install_demo=False)
        # The generic chart is American.
        company.write({'currency_id': currency.id, 'account_fiscal_country_id': company.country_id.id})
        return company

    @classmethod
    def _set_up_taxes(cls):
        """What an accountant of this company has chosen in Odoo before."""
        cls.company.resource_calendar_id.tz = cls.facts.zone
        if cls.country == 'DE':
            cls.company._map_eu_taxes()
            cls.env['account.chart.template'].with_company(cls.company).ref(
                'fiscal_position_non_eu_partner_skr03'
            ).write({'auto_apply': True})
            # Which all buyers at home would have else.
            cls.company.domestic_fiscal_position_id.vat_required = False
        if cls.company.chart_template == 'generic_coa':
            cls._make_canadian_taxes()

    @classmethod
    def _make_canadian_taxes(cls):
        """The taxes and fiscal positions of `l10n_ca`, without its boxes."""
        company, country = cls.company, cls.env.ref('base.ca')
        cls.env['account.tax'].search([('company_id', '=', company.id)]).active = False
        group = cls.env['account.tax.group'].create(
            {'name': "Canada", 'company_id': company.id, 'country_id': country.id}
        )
        common = {'company_id': company.id, 'country_id': country.id, 'type_tax_use': 'sale', 'tax_group_id': group.id}
        taxes = {
            code: cls.env['account.tax'].create({**common, 'name': name, 'amount': amount})
            for code, name, amount in (
                ('AB', "5% GST", 5),
                ('PST', "7% PST BC", 7),
                ('QST', "9.975% QST", 9.975),
                ('ON', "13% HST", 13),
                ('NB', "15% HST", 15),
                ('', "0% Int", 0),
            )
        }
        account = cls.env['account.account'].create(
            {
                'code': '251999',
                'name': "Taxes",
                'account_type': 'liability_current',
                'company_ids': [Command.set(company.ids)],
            }
        )
        for tax in taxes.values():
            lines = tax.invoice_repartition_line_ids | tax.refund_repartition_line_ids
            lines.filtered(lambda line: line.repartition_type == 'tax').account_id = account
        for code, name, children in (('BC', "12% GST+PST BC", ('AB', 'PST')), ('QC', "14.975% GST+QST", ('AB', 'QST'))):
            taxes[code] = cls.env['account.tax'].create(
                {
                    **common,
                    'name': name,
                    'amount': 100,
                    'amount_type': 'group',
                    'children_tax_ids': [Command.set([taxes[child].id for child in children])],
                }
            )
        usual = [taxes[code] for code in ('AB', 'ON', 'NB', 'BC', 'QC')]
        for number, code in enumerate(('AB', 'ON', 'NB', 'BC', 'QC', '')):
            position = cls.env['account.fiscal.position'].create(
                {
                    'name': code or "International",
                    'company_id': company.id,
                    'auto_apply': True,
                    'sequence': number,
                    **(
                        {
                            'country_id': country.id,
                            'state_ids': [Command.set(cls.env.ref(f'base.state_ca_{code.lower()}').ids)],
                        }
                        if code
                        else {}
                    ),
                }
            )
            taxes[code].write(
                {
                    'fiscal_position_ids': [Command.link(position.id)],
                    'original_tax_ids': [Command.set([tax.id for tax in usual if tax != taxes[code]])],
                }
            )
        company.write({'account_sale_tax_id': taxes['ON'].id, 'account_purchase_tax_id': False})

    @classmethod
    def _participate(cls, code):
        shop = SHOPS[code]
        return {
            'marketplace': {
                'id': shop.id,
                'name': shop.name,
                'countryCode': code,
                'defaultCurrencyCode': shop.currency,
                'defaultLanguageCode': 'en_US',
                'domainName': f'www.{shop.name.lower()}',
            },
            'participation': {'isParticipating': True, 'hasSuspendedListings': False},
            'storeName': 'Random',
        }

    @classmethod
    def _make_products(cls):
        usual = cls.company.account_sale_tax_id
        reduced = (
            cls.env['account.tax'].search(
                [
                    ('company_id', '=', cls.company.id),
                    ('type_tax_use', '=', 'sale'),
                    ('amount', '=', REDUCED.get(cls.country, -1)),
                    ('original_tax_ids', '=', False),
                ],
                limit=1,
            )
            or usual
        )
        for sku in SKUS:
            cls._make_product(
                sku,
                stock=10000,
                taxes_id=[Command.set((reduced if sku == 'SKU-REDUCED' else usual).ids)],
                invoice_policy='order' if sku == 'SKU-A' else 'delivery',
            )

    # === PLAYING === #

    def play_years(self):
        """Play as many years as were asked for, each as if the others had not been."""
        for seed in range(SEED, SEED + YEARS):
            savepoint = self.env.cr.savepoint()
            try:
                with self.subTest(seed=seed):
                    self._play(Year(seed, self.country, ROUNDS, ORDERS))
            finally:
                savepoint.rollback()
                self.env.invalidate_all()

    def _play(self, year):
        self.year, self.ledger, self.where = year, Ledger(year), f"SEED={year.seed}"
        self.orders, self.paid, self.decoys = {}, [], self.env['account.bank.statement.line']
        self._set_up_year()
        for number, part in enumerate(year.play()):
            self.where = f"SEED={year.seed} {self.country} round {number}"
            with freeze_time(part.end.replace(tzinfo=None) + datetime.timedelta(days=3)):
                self._play_round(part)

    def _play_round(self, part):
        # Nothing counts the rows of a transaction that is not committed, and Odoo's searches for payments are slow
        # without.
        self.env.cr.execute('ANALYZE account_move, account_move_line, account_partial_reconcile')
        self._import_orders(part.orders)
        self._import_refunds(part.refunds)
        for settlement in part.settlements:
            self._book(settlement)
        self._check("booking")
        for line in part.bank:
            self._pay(line)
        self.run_flow('settlements', getReports={'reports': []})
        self._check("payouts")

    def _set_up_year(self):
        year = self.year
        self.env['res.currency.rate'].search([('company_id', '=', self.company.id)]).unlink()
        for currency, rates in year.rates.items():
            record = self.env['res.currency'].with_context(active_test=False).search([('name', '=', currency)])
            self.env['res.currency.rate'].create(
                [
                    {
                        'currency_id': record.id,
                        'name': f'2026-{month:02d}-01',
                        'rate': rate,
                        'company_id': self.company.id,
                    }
                    for month, rate in enumerate(rates, 1)
                ]
            )
        self.env['amazon.settlement.setup'].create({}).action_apply()
        for code, market in self.markets.items():
            market.write(
                {
                    'fbm_invoice': 'posted' if year.invoices[code, 'MERCHANT'] else 'no',
                    'refund_policy': 'posted',
                    'tax_believed': year.calculates[code],
                    'fba_invoice': 'posted' if year.invoices[code, 'AMAZON'] else 'no',
                    'settlement_split': year.splits[code],
                    'invoice_date': 'order',
                }
            )

    def _import_orders(self, orders):
        self.orders.update((order.ref, order) for order in orders)
        for changed in (0, 5):
            inbox = self.env['amazon.order'].sudo()
            inbox._store(self.seller, [order.get_payload(changed) for order in orders])
            inbox.search([('seller_id', '=', self.seller.id), ('state', '=', 'new')])._process()
        rows = inbox.search([('amazon_order_ref', 'in', [order.ref for order in orders])])
        self.assertEqual(len(rows), len(orders))
        wrong = [f"{self.orders[row.amazon_order_ref]}: {row.error}" for row in rows if row.state != 'done']
        self._fail_if(wrong, "import of orders")
        for order in orders:
            if order.invoiced:
                self.ledger.invoice(order)

    def _import_refunds(self, refunds):
        by_hand = [refund for refund in refunds if refund.by_hand and refund.order.invoiced]
        for refund in by_hand:
            self._credit_by_hand(refund)
        transactions = [transaction for refund in refunds for transaction in refund.get_transactions()]
        for _twice in range(2):
            self.run_flow('transactions', FakeAmazon(listTransactions={'transactions': transactions}))
        found = self.env['amazon.transaction'].search([('seller_id', '=', self.seller.id), ('state', '=', 'error')])
        # Where somebody was quicker, a person may be asked; there is no second credit note.
        twice = found.filtered(lambda one: one.order_ref in [refund.order.ref for refund in by_hand])
        twice.action_ignore()
        found -= twice
        self._fail_if([f"{self.orders.get(one.order_ref)}: {one.error}" for one in found], "import of refunds")
        for refund in refunds:
            if refund.order.invoiced:
                self.ledger.credit(refund)

    def _credit_by_hand(self, refund):
        sale = self.env['sale.order'].search(
            [('amazon_order_ref', '=', refund.order.ref), ('company_id', '=', self.company.id)]
        )
        invoice = sale.invoice_ids
        self.env['account.move.reversal'].with_context(active_model='account.move', active_ids=invoice.ids).create(
            {'journal_id': invoice.journal_id.id, 'date': refund.posted.astimezone(self.year.zone).date()}
        ).refund_moves()
        (sale.invoice_ids - invoice).action_post()

    def _book(self, settlement):
        record = self.env['amazon.settlement']._import_file(self.seller, settlement.get_file())
        self.assertEqual(record.state, 'ready', f"{self.where}: {record.problem} {record.rule_ids.mapped('name')}")
        record.action_book()
        self.assertEqual(self.env['amazon.settlement']._import_file(self.seller, settlement.get_file()), record)
        self.ledger.settle(settlement)

    def _pay(self, line):
        home = self.company.currency_id
        vals = {'journal_id': self.bank.id, 'date': line.date, 'payment_ref': line.text, 'amount': float(line.amount)}
        if line.currency != home.name:
            currency = self.env['res.currency'].search([('name', '=', line.currency)])
            vals.update(
                amount=currency._convert(float(line.amount), home, self.company, line.date),
                foreign_currency_id=currency.id,
                amount_currency=float(line.amount),
            )
        record = self.env['account.bank.statement.line'].create(vals)
        if line.settlement:
            self.paid.append(record)
        else:
            self.decoys |= record
        self.ledger.pay(line)

    # === CHECKING === #

    def _check(self, after):
        wrong = [
            *self._check_open(),
            *self._check_accounts(),
            *self._check_fees(),
            *self._check_revenue(),
            *self._check_boxes(),
            *self._check_bank(after),
        ]
        self._fail_if(wrong, after)

    def _fail_if(self, wrong, after):
        if wrong:
            self.fail(f"\n{self.where} after {after}:\n" + '\n'.join(wrong))

    def _lines(self, *domain):
        return self.env['account.move.line'].search(
            [('company_id', '=', self.company.id), ('parent_state', '=', 'posted'), *domain]
        )

    def _check_open(self):
        found = collections.defaultdict(float)
        for line in self._lines(('account_type', '=', 'asset_receivable')):
            found[line.amazon_order_ref or line.move_id.invoice_origin or line.move_id.display_name] += (
                line.amount_currency
            )
        for ref in sorted({*found, *self.ledger.open}):
            if abs(found[ref] - float(self.ledger.open[ref])) > 0.001 and not ref.startswith('EXCH'):
                should = self.ledger.open[ref]
                yield f"receivable of {ref}: {found[ref]:.2f}, should be {should} ({self.orders.get(ref)})"

    def _check_accounts(self):
        rules = self.env['amazon.settlement.rule'].search([])
        accounts = {
            'clearing': self.german.settlement_payout_account_id,
            'reserve': rules.filtered(lambda rule: rule.account_kind == 'reserve').account_id,
            'remitted': rules.filtered(lambda rule: rule.account_kind == 'tax').account_id,
            'carried': self.german.settlement_carried_account_id,
        }
        for name, account in accounts.items():
            found = collections.defaultdict(float)
            for line in self._lines(('account_id', 'in', account.ids)):
                found[line.currency_id.name] += line.amount_currency
            yield from self._compare(name, found, getattr(self.ledger, name, {}))

    def _compare(self, name, found, wanted):
        for currency in sorted({*found, *wanted}):
            if abs(found.get(currency, 0) - float(wanted.get(currency, 0))) > 0.001:
                yield f"{name} in {currency}: {found.get(currency, 0):.2f}, should be {wanted.get(currency, 0)}"

    def _check_items(self):
        """Each payout, debt and charge of the card is open by itself until it is settled."""
        found = collections.defaultdict(float)
        for line in self._lines(('account_id', '=', self.german.settlement_payout_account_id.id)):
            found[line.currency_id.name] += abs(line.amount_residual_currency)
        yield from self._compare("open items of clearing", found, self.ledger.get_held())

    def _check_fees(self):
        found = collections.defaultdict(float)
        for line in self._lines(('move_id.amazon_settlement_id', '!=', False)):
            if line.amazon_rule_id.treatment in FEES or line.tax_line_id.type_tax_use == 'purchase':
                found[line.move_id.amazon_settlement_id.settlement_ref] -= line.amount_currency
        yield from self._compare("fees", found, self.ledger.fees)

    def _check_revenue(self):
        found, wanted = collections.defaultdict(float), self.ledger.get_revenue()
        exchange = self.company.income_currency_exchange_account_id | self.company.expense_currency_exchange_account_id
        other = self.env['amazon.settlement.rule'].search([('account_kind', '=', 'reimbursement')]).account_id
        for line in self._lines(
            ('account_id.account_type', '=', 'income'), ('account_id', 'not in', (exchange | other).ids)
        ):
            found[f'{line.date:%Y-%m}'] -= line.balance
        slack = collections.defaultdict(lambda: Decimal('0.02'))
        for (month, *_key), box in self.ledger.get_boxes().items():
            slack[month] += box.slack
        for month in sorted({*found, *wanted}):
            if abs(found[month] - float(wanted.get(month, 0))) > slack[month]:
                yield f"revenue of {month}: {found[month]:.2f}, should be {wanted.get(month)} +- {slack[month]}"

    def _check_boxes(self):
        if self.country not in BOXES:
            return
        found = collections.defaultdict(lambda: [0.0, 0.0])
        for line in self._lines('|', ('tax_ids', '!=', False), ('tax_line_id', '!=', False)):
            for tax in filter(self._is_on_sales, line.tax_ids.flatten_taxes_hierarchy()):
                found[self._get_key(line, tax)][0] -= line.balance
            if self._is_on_sales(line.tax_line_id):
                found[self._get_key(line, line.tax_line_id)][1] -= line.balance
        wanted = self.ledger.get_boxes()
        for key in sorted({*found, *wanted}, key=str):
            base, tax = found[key]
            box = wanted.get(key) or type(next(iter(wanted.values())))()
            if abs(base - float(box.base)) > box.slack + Decimal('0.01') or abs(
                tax - float(box.tax)
            ) > box.slack + Decimal('0.01'):
                yield f"{key}: base {base:.2f}, tax {tax:.2f}, should be {box.base}, {box.tax} +- {box.slack}"

    def _is_on_sales(self, tax):
        return tax._amazon_get_original().type_tax_use == 'sale'

    def _get_key(self, line, tax):
        """Return (month, country, rate, scheme) of a line of the books by the boxes that it is in."""
        rate, tags = Decimal(str(tax.amount)).normalize(), line.tax_tag_ids.mapped('name')
        schemes = {BOXES[self.country].get(tag) for tag in tags} - {None}
        scheme = schemes.pop() if len(schemes) == 1 else f'boxes {tags}'
        if self.country == 'GB' and not rate:
            scheme = EXPORT
        original = tax._amazon_get_original()
        country = original.fiscal_position_ids.country_id[:1].code if scheme == OSS else self.country
        if self.country == 'CA' and not tags:
            scheme = DOMESTIC if rate else EXPORT
        if self.country == 'CA' and 'QST' in tax.name:
            country, scheme = 'QC', DOMESTIC
        return f'{line.date:%Y-%m}', country, rate, scheme

    def _check_bank(self, after):
        if after == "payouts":
            yield from self._check_items()
            for line in self.paid:
                if not line.is_reconciled:
                    yield f"bank: {line.payment_ref} {line.amount} {line.date} is not matched"
        for line in self.decoys.filtered('is_reconciled'):
            yield f"bank: {line.payment_ref} {line.amount} was taken for a payout"


@tagged('post_install', '-at_install')
class TestRandomGermanYears(RandomYears):
    """A German seller: at home, in the Union by OSS, to businesses there, to Switzerland, and to the United Kingdom."""

    country = 'DE'

    def test_years(self):
        self.play_years()


@tagged('post_install', '-at_install')
class TestRandomAmericanYears(RandomYears):
    """A seller of the United States: Amazon owes the tax everywhere."""

    country = 'US'

    def test_years(self):
        self.play_years()


@tagged('post_install', '-at_install')
class TestRandomCanadianYears(RandomYears):
    """A Canadian seller: the taxes of the provinces, one of them remitted by Amazon."""

    country = 'CA'

    def test_years(self):
        self.play_years()


@tagged('post_install', '-at_install')
class TestRandomBritishYears(RandomYears):
    """A British seller: at home, and in the Union by IOSS."""

    country = 'GB'

    def test_years(self):
        self.play_years()
