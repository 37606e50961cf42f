import base64
import collections
import json

from odoo.exceptions import UserError
from odoo.tests import tagged

from ..amazon_api.errors import AmazonError, Forbidden
from ..amazon_api.replies import decode_json
from ..amazon_reports.settlement import REPORT_TYPE
from ..amazon_reports.text import ReportError
from .common import FakeAmazon
from .mutations import mutations
from .settlement_files import COLUMNS, document
from .test_settlements import SALE, SettlementCase

# The reader's own tests have more; these are such as it may let through.
ODD = ('', 'x' * 450, '\ufffd"\\')


def report(number, **values):
    return {'reportId': f'R{number}', 'reportType': REPORT_TYPE, 'marketplaceIds': ['A1PA6795UKMFR9'],
            'createdTime': '2026-10-30T00:00:00Z',
            'processingStatus': 'DONE', 'reportDocumentId': f'D{number}', **values}


@tagged('post_install', '-at_install')
class TestOddSettlements(SettlementCase):
    """Strange lists of reports, strange reports and strange files: each fails by itself, in words."""

    def amazon(self, reports, **answers):
        amazon = FakeAmazon(**{
            'getReports': {'reports': reports}, 'getReport': lambda ref: report(ref[1:]),
            'getReportDocument': lambda ref: {'reportDocumentId': ref, 'url': ref}, **answers})
        amazon.documents = collections.defaultdict(lambda: AmazonError("no such document"))
        amazon.documents.update(D1=document(SALE, ref='111'), D2=document(SALE, ref='222'))
        return amazon

    def sync(self):
        return self.seller.sync_ids.filtered(lambda sync: sync.flow == 'settlements')

    def refs(self):
        return set(self.env['amazon.settlement'].search([]).mapped('settlement_ref'))

    def test_every_mutation_of_a_listed_report(self):
        reports = self.env['amazon.report']
        for name, changed in mutations(report('ODD')):
            changed = decode_json(json.dumps(changed).encode())
            with self.subTest(name):
                problems = reports._store_listed(self.seller, [report(1), changed, report(2)])
                self.env.flush_all()
                found = reports.search([('seller_id', '=', self.seller.id)])
                self.assertLessEqual({'R1', 'R2'}, set(found.mapped('report_ref')))
                for problem in problems:
                    self.assertRegex(problem, r"^Amazon (sent|has not stated)")
                found.unlink()

    def test_every_mutation_of_a_report_and_its_document(self):
        for operation, good in (('getReport', report('1')),
                                ('getReportDocument', {'reportDocumentId': 'D1', 'url': 'D1'})):
            for name, changed in mutations(good, most=6):
                changed = decode_json(json.dumps(changed).encode())
                answers = iter([changed])
                amazon = self.amazon([])
                usual = amazon.answers[operation]
                amazon.answers[operation] = lambda ref, answers=answers, usual=usual: next(answers, None) or usual(ref)
                with self.subTest(f'{operation} {name}'), self.env.cr.savepoint(), amazon.patched():
                    self.env['amazon.report']._store_listed(self.seller, [report(1), report(2)])
                    first, second = self.env['amazon.report'].search([('seller_id', '=', self.seller.id)], order='id')
                    self.patch(type(self.sync()), '_commit', lambda _sync: True)
                    for one in (first, second):
                        try:
                            one._poll(self.seller._get_client())
                        except (AmazonError, ValueError) as error:
                            self.assertNotIn("unhashable", str(error))
                    self.assertEqual(second.state, 'ready')
                    (first | second).unlink()

    def test_a_list_with_a_strange_entry_brings_in_the_others(self):
        for number, entry in enumerate((None, 7, {}, {'reportId': 7}, {'reportId': 'X'})):
            self.run_flow('settlements', self.amazon([report(1), entry, report(2)]))
            self.assertEqual(self.refs(), {'111', '222'})
            self.assertRegex(self.sync().error, "Amazon (sent|has not stated)")
            self.assertEqual(self.sync().failures, number + 1)
        self.run_flow('settlements', self.amazon([report(1)]))
        self.assertFalse(self.sync().error)

    def test_a_refused_list_does_not_keep_what_was_listed_before(self):
        self.env['amazon.report']._store_listed(self.seller, [report(1)])
        for error in (AmazonError("no such thing", status=400), Forbidden("a role is missing", status=403)):
            self.run_flow('settlements', self.amazon([], getReports=lambda error=error, **_query: error))
            self.assertEqual(self.refs(), {'111'})
            self.assertTrue(self.sync().error)
            self.seller.state = 'connected'

    def test_pages_that_never_end(self):
        amazon = self.amazon([])
        amazon.answers['getReports'] = lambda **_query: {'reports': [report(1)], 'nextToken': 'again'}
        self.run_flow('settlements', amazon)
        self.assertEqual(len(amazon.named('getReports')), 2)
        self.assertIn("again and again", self.sync().error)
        self.assertEqual(self.refs(), {'111'})

    def test_an_odd_value_in_any_column(self):
        """The file is taken in, or refused in words with the line; nothing else, and nothing of it remains."""
        lines = document(SALE).decode().split('\n')
        for position, name in enumerate(COLUMNS):
            for odd in ODD:
                number = 1 if name in COLUMNS[1:6] else 2
                values = lines[number].split('\t')
                values[position] = odd
                with self.subTest(column=name, value=odd[:12]):
                    self.import_odd('\n'.join([*lines[:number], '\t'.join(values), *lines[number + 1:]]).encode(),
                                    number + 1)

    def import_odd(self, content, line):
        try:
            settlement = self.env['amazon.settlement']._import_file(self.seller, content)
        except ReportError as error:
            self.assertRegex(str(error), rf"[Ll]ine ({line}|3)")
            self.assertFalse(self.refs())
        else:
            self.env.flush_all()
            settlement.unlink()

    def test_an_upload_says_the_line(self):
        for value, line in (('1e1000000', 3), ('NaN', 3), ('Infinity', 3), ('9' * 5000, 3), ('1_0', 3)):
            content = document(SALE).replace(b'\t119.00\t', f'\t{value}\t'.encode()).replace(
                b'\t119.0\t', f'\t{value}\t'.encode())
            self.assertNotEqual(content, document(SALE))
            with self.assertRaisesRegex(UserError, f"Line {line}"):
                self.upload(content)
        for content, reason in ((b'', "Choose the file"), (b'<html>', "web page"),
                                (b'PK\x03\x04' + bytes(90), "no text"), (b'x' + bytes(5), "no text")):
            with self.assertRaisesRegex(UserError, reason):
                self.upload(content)
        self.assertFalse(self.refs())

    def upload(self, content):
        self.env['amazon.settlement.upload'].create(
            {'seller_id': self.seller.id, 'document': base64.b64encode(content)}).action_upload()
