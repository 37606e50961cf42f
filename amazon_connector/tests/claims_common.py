"""Reimbursements and removals as Amazon writes them."""

import base64
import datetime

from freezegun import freeze_time

from .ledger_common import LedgerCase, document

REIMBURSEMENTS = ("approval-date\treimbursement-id\tcase-id\tamazon-order-id\treason\tsku\tfnsku\tasin\tproduct-name\t"
                  "condition\tcurrency-unit\tamount-per-unit\tamount-total\tquantity-reimbursed-cash\t"
                  "quantity-reimbursed-inventory\tquantity-reimbursed-total\toriginal-reimbursement-id\t"
                  "original-reimbursement-type")
ORDERS = ("request-date\torder-id\torder-source\torder-type\tservice-speed\torder-status\tlast-updated-date\tsku\t"
          "fnsku\tdisposition\trequested-quantity\tcancelled-quantity\tdisposed-quantity\tshipped-quantity\t"
          "in-process-quantity\tremoval-fee\tcurrency")
PARCELS = ("request-date\torder-id\tshipment-date\tsku\tfnsku\tdisposition\tshipped-quantity\tcarrier\t"
           "tracking-number\tremoval-order-type")


def moment(day, month=10):
    return f'2026-{month:02}-{day:02}T09:00:00+00:00'


def reimbursed(reason, cash=1, amount='10.00', *, day=20, month=10, ref='R1', case='', order='', sku='SKU-A',
               inventory=0, currency='EUR', original='', original_type=''):
    """Return a row of the reimbursements; `amount` is that of one unit."""
    total = f'{float(amount.replace(",", ".")) * cash:.2f}'
    return (f'{moment(day, month)}\t{ref}\t{case}\t{order}\t{reason}\t{sku}\tX00{sku}\tB000000001\tTitle\tNewItem\t'
            f'{currency}\t{amount}\t{total}\t{cash}\t{inventory}\t{cash + inventory}\t{original}\t{original_type}')


def removal(requested, *, shipped=0, disposed=0, cancelled=0, in_process=0, ref='REM1', sku='SKU-A', kind='Return',
            status='Completed', disposition='Sellable', day=1, updated=3, fee='', month=10):
    """Return a row of the removal orders."""
    return (f'{moment(day, month)}\t{ref}\tSeller-initiated Manual Removal\t{kind}\tStandard\t{status}\t'
            f'{moment(updated, month)}\t{sku}\tX00{sku}\t{disposition}\t{requested}\t{cancelled}\t{disposed}\t{shipped}'
            f'\t{in_process}\t{fee}\tEUR')


def parcel(quantity, *, tracking='T1', ref='REM1', sku='SKU-A', disposition='Sellable', kind='Return', day=3, month=10):
    """Return a row of the parcels of removal orders."""
    return (f'{moment(1, month)}\t{ref}\t{moment(day, month)}\t{sku}\tX00{sku}\t{disposition}\t{quantity}\tDHL\t'
            f'{tracking}\t{kind}')


class ClaimsCase(LedgerCase):
    """A seller with the ledger, whose products cost 10 a piece."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.product.standard_price = cls.other_product.standard_price = 10.0
        cls.claims = cls.env['amazon.claim']
        cls.sync = cls.seller.sync_ids.filtered(lambda sync: sync.flow == 'fba_claims')

    def import_claims(self, model, report_type, header, rows, start='2026-10-01'):
        """Import a document as the flow does; return the report."""
        report = self.env['amazon.report'].create({
            'marketplace_id': self.german.id, 'report_type': report_type, 'state': 'ready',
            'content': base64.b64encode(document(header, rows)), 'asked_date': self.asked,
            'start_date': datetime.datetime.fromisoformat(start), 'end_date': self.asked})
        with self.in_job() as env:
            self.assertTrue(env[model]._import_report(report.with_env(env), env['amazon.sync'].browse(self.sync.id)))
        return report

    def reimburse(self, *rows):
        """Import reimbursements; return those that are known."""
        self.import_claims('amazon.reimbursement', 'GET_FBA_REIMBURSEMENTS_DATA', REIMBURSEMENTS, rows)
        return self.env['amazon.reimbursement'].search([('seller_id', '=', self.seller.id)], order='id')

    def remove(self, *rows):
        """Import removal orders; return those that are known."""
        self.import_claims('amazon.removal', 'GET_FBA_FULFILLMENT_REMOVAL_ORDER_DETAIL_DATA', ORDERS, rows)
        return self.env['amazon.removal'].search([('seller_id', '=', self.seller.id)], order='id')

    def send_back(self, *rows, **options):
        """Import parcels; return those that are known."""
        self.import_claims('amazon.removal.parcel', 'GET_FBA_FULFILLMENT_REMOVAL_SHIPMENT_DETAIL_DATA', PARCELS, rows,
                           **options)
        return self.env['amazon.removal.parcel'].search([('seller_id', '=', self.seller.id)], order='id')

    def find(self, day=15, month=11):
        """Run the finder on a day of 2026; return all claims."""
        with freeze_time(f'2026-{month:02}-{day:02} 12:00:00'), self.in_job() as env:
            env['amazon.claim']._find_claims(env['amazon.sync'].browse(self.sync.id))
            env['amazon.seller'].browse(self.seller.id)._warn_of_deadlines()
        return self.claims.search([('seller_id', '=', self.seller.id)], order='event_date, id')
