"""The inventory ledger as Amazon writes it."""

import base64
import datetime

from ..models.amazon_ledger_day import DAY
from .common import AmazonCase

HEADER = ("Date\tFNSKU\tASIN\tMSKU\tTitle\tEvent Type\tReference ID\tQuantity\tFulfillment Center\tDisposition\t"
          "Reason\tCountry\tReconciled Quantity\tUnreconciled Quantity\tDate and Time\tStore")
BALANCES = ("Date\tFNSKU\tASIN\tMSKU\tTitle\tDisposition\tStarting Warehouse Balance\tIn Transit Between Warehouses\t"
            "Receipts\tCustomer Shipments\tCustomer Returns\tVendor Returns\tWarehouse Transfer In/Out\tFound\tLost\t"
            "Damaged\tDisposed\tOther Events\tEnding Warehouse Balance\tUnknown Events\tLocation\tStore")
START = datetime.date(2026, 10, 1)
CENTERS = {'DE': 'LEJ1', 'PL': 'WRO5', 'FR': 'LYS1', 'GB': 'LBA1'}


def row(event, quantity, *, sku='SKU-A', country='DE', disposition='SELLABLE', reason='', reference='', day=1,
        reconciled='', unreconciled=''):
    """Return a row of the detail of a day, counted from October 1st 2026."""
    date = START + (day - 1) * DAY
    return (f"{date:%m/%d/%Y}\tX00{sku}\tB000000001\t{sku}\tTitle of {sku}\t{event}\t{reference}\t{quantity}\t"
            f"{CENTERS.get(country, 'XXX1')}\t{disposition}\t{reason}\t{country}\t{reconciled}\t{unreconciled}\t"
            f"{date}T00:00:00+0100\t")


def balance(ending, *, sku='SKU-A', country='DE', disposition='SELLABLE', day=1, transit=0, unknown=0, month=10):
    """Return a row of the summary, with the columns that the proof reads; days are counted from the first of the month.
    """
    date = datetime.date(2026, month, 1) + (day - 1) * DAY
    return (f"{date:%m/%d/%Y}\tX00{sku}\tB000000001\t{sku}\tTitle of {sku}\t{disposition}\t0\t{transit}\t0\t0"
            f"\t0\t0\t0\t0\t0\t0\t0\t0\t{ending}\t{unknown}\t{country}\t")


def document(header, rows):
    return ('\ufeff' + '\r\n'.join([header, *rows]) + '\r\n').encode()


class LedgerCase(AmazonCase):
    """A seller whose FBA stock is kept by Amazon's ledger since October 1st, with nothing there at first."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for product in (cls.product, cls.other_product):
            cls.env['amazon.listing'].create({
                'marketplace_id': cls.german.id, 'sku': product.default_code, 'product_id': product.id,
                'channel_code': 'AMAZON_EU', 'fnsku': f'X00{product.default_code}'})
        cls.days = cls.env['amazon.ledger.day']
        cls.locations = cls.env['stock.location']
        cls.seller.write({'ledger_state': 'on', 'ledger_start': START})
        cls.sync = cls.seller.sync_ids.filtered(lambda sync: sync.flow == 'fba_stock')
        cls.asked = cls.days._get_end(cls.seller, START + 40 * DAY)

    def import_report(self, model, report_type, content, first, last, asked=None):
        """Import a document as the flow does."""
        seller, days = self.seller, self.days
        report = self.env['amazon.report'].create({
            'marketplace_id': self.german.id, 'report_type': report_type, 'state': 'ready',
            'content': base64.b64encode(content), 'asked_date': asked or self.asked,
            'start_date': days._to_moment(seller, START + (first - 1) * DAY),
            'end_date': days._to_moment(seller, START + last * DAY) - datetime.timedelta(seconds=1)})
        with self.in_job() as env:
            sync = env['amazon.sync'].browse(self.sync.id)
            self.assertTrue(env[model]._import_report(report.with_env(env), sync))
        return report

    def store(self, *rows, first=1, last=1, asked=None):
        """Import the rows of some days of October; return all days that are known."""
        content = document(HEADER, rows)
        self.import_report('amazon.ledger.day', 'GET_LEDGER_DETAIL_VIEW_DATA', content, first, last, asked)
        return self.days.search([('seller_id', '=', self.seller.id)], order='date')

    def book(self, *rows, **options):
        """Import rows and book the days that are to be booked; return all days that are known."""
        days = self.store(*rows, **options)
        days.filtered(lambda day: day.state == 'ready')._book()
        return days

    def prove(self, *rows, day=1):
        """Import the balances of a day and return the open differences."""
        self.import_report('amazon.ledger.balance', 'GET_LEDGER_SUMMARY_VIEW_DATA', document(BALANCES, rows), day, day)
        self.env['amazon.ledger.difference']._prove(self.seller)
        return self.env['amazon.ledger.difference'].search([('seller_id', '=', self.seller.id), ('state', '=', 'open')])

    def place(self, kind, country=None):
        country = self.env.ref(f'base.{ {"GB": "uk"}.get(country, country.lower())}') if country else None
        return self.locations._amazon_get(self.seller, kind, country)

    def quantity(self, kind, country=None, product=None):
        quants = self.env['stock.quant'].search([('location_id', '=', self.place(kind, country).id),
                                                 ('product_id', '=', (product or self.product).id)])
        return sum(quants.mapped('quantity'))
