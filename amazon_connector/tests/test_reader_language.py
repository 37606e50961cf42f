import datetime
import re
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import tagged

from ..amazon_api.errors import AmazonError
from ..amazon_api.words import Words
from ..models.amazon_order import AmazonOrder
from ..utils.phrases import Phrase, dump, load, tell
from ..utils.reader_fields import is_for_reader
from .common import AmazonCase
from .payloads import item, order

# Names of fields of which jobs write why, or what is to be done.
REASONS = re.compile(r'error|problem|reason|obstacle|message|refus|suggestion|hint|next_step|advice|contradiction')
# Stored texts of these names that no job writes in words of its own.
OTHERS = {
    'amazon.reimbursement.reason': "a code of Amazon, with a label beside it",
    'amazon.return.safet_reason': "a code of Amazon",
    'amazon.seller.retention_reason': "a person writes it",
    'res.company.amazon_invoice_reason': "a person writes it",
}


def find_groups(model, domain, name):
    """Return pairs of what a list shows of a group, and its records."""
    if hasattr(model, 'formatted_read_group'):
        return [(group[name], model.search([*domain, *group['__extra_domain']]))
                for group in model.formatted_read_group(domain, [name], ['__count'])]
    return [(group[name], model.search(group['__domain'])) for group in model.read_group(domain, [name], [name])]


@tagged('post_install', '-at_install')
class TestReaderLanguage(AmazonCase):
    """What jobs write is read by each user in the own language."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env['res.lang']._activate_lang('fr_FR')
        cls.sync = cls.seller.sync_ids.filtered(lambda sync: sync.flow == 'orders')

    def in_french(self, record):
        return record.with_context(lang='fr_FR')

    def test_an_exception_of_an_order(self):
        self.german.warehouse_id = False
        row = self.receive(order(item()))
        self.assertIn("Choose a warehouse and an FBA location on marketplace Amazon DE", row.error)
        self.assertEqual(row.next_step, "Mend the cause, then retry.")
        self.assertIn("Amazon DE", self.in_french(row).error)
        self.assertNotIn("Choose a warehouse", self.in_french(row).error)
        self.assertEqual(self.in_french(row).next_step, "Corrigez la cause, puis réessayez.")

    def test_what_the_inbox_stores_by_itself(self):
        row = self.receive({**order(item()), 'lastUpdatedTime': ''})
        self.assertIn("the field lastUpdatedTime is missing", row.error)
        self.assertIn("lastUpdatedTime", self.in_french(row).error)
        self.assertNotIn("is missing", self.in_french(row).error)

    def test_a_sales_order_shows_the_exception_to_each_reader(self):
        row = self.receive(order(item('NEW-1')))
        self.assertIn("No product in Odoo for: NEW-1", row.sale_order_id.amazon_problem)
        self.assertNotIn("No product", self.in_french(row.sale_order_id).amazon_problem)
        self.assertIn("No product in Odoo for: NEW-1", row.sale_order_id.amazon_problem)

    def test_problems_of_a_flow_and_what_ended_it(self):
        def flow(_orders, sync):
            with sync._isolate(tell(sync.env)._("Orders asked for")):
                raise UserError(tell(sync.env)._("Mend the cause, then retry."))
            with sync._isolate("France"):
                raise AmazonError("Access denied", operation='searchOrders', request_id='r-1')
            raise UserError(tell(sync.env)._("Amazon refused: %s", "why"))
        self.sync.next_run = False
        with patch.object(AmazonOrder, '_sync_orders', flow):
            self.run_job('orders')
        self.assertEqual(self.sync.error.splitlines(), [
            "Amazon refused: why", "Orders asked for: Mend the cause, then retry.",
            "France: Access denied (Amazon's request id: r-1)"])
        french = self.in_french(self.sync).error.splitlines()
        self.assertTrue(french[1].endswith(": Corrigez la cause, puis réessayez."), french)
        self.assertNotIn("Orders asked for", french[1])
        self.assertTrue(french[2].startswith("France: Access denied ("), french)
        self.assertNotIn("request id", french[2])

    def test_a_job_in_french_is_read_in_english(self):
        self.in_french(self.sync).error = tell(self.in_french(self.sync).env)._("Mend the cause, then retry.")
        self.sync.invalidate_recordset()
        self.assertEqual(self.sync.error, "Mend the cause, then retry.")

    def test_texts_of_older_releases_and_of_amazon_stay(self):
        for text in ("Why 100 %s", "é\nè", '{"errors": [{"code": "x"}]}', '{"source": ', '{"source": 1}',
                     '{"source": "%9999999999s", "values": ["x"]}', '{"choice": "a", "field": "res.users,login"}'):
            self.sync.error = text
            self.sync.invalidate_recordset()
            self.assertEqual(self.in_french(self.sync).error, text)

    def test_it_is_searched_and_read_like_other_texts(self):
        syncs = self.seller.sync_ids
        self.sync.error = tell(self.env)._("Mend the cause, then retry.")
        self.assertEqual(syncs.search([('error', '!=', False), ('id', 'in', syncs.ids)]), self.sync)
        self.assertEqual(syncs.search([('error', 'ilike', "the cause"), ('id', 'in', syncs.ids)]), self.sync)
        self.assertEqual(syncs.filtered_domain([('error', 'ilike', "the cause")]), self.sync)
        value = self.in_french(self.sync).read(['error'])[0]['error']
        self.assertEqual((value, type(value)), ("Corrigez la cause, puis réessayez.", str), "XML-RPC takes no other")
        self.assertEqual(self.in_french(self.sync).export_data(['error'])['datas'], [[value]])
        self.sync.error = False
        self.assertIs(self.sync.error, False)

    def test_orders_are_grouped_by_the_reason(self):
        rows = self.receive(order(item('NEW-1')), order(item('NEW-1')), order(item('NEW-2')))
        french = self.in_french(rows.browse())
        groups = find_groups(french, [('id', 'in', rows.ids)], 'error')
        self.assertEqual(sorted(len(found) for _label, found in groups), [1, 2])
        for label, found in groups:
            self.assertEqual(label, self.in_french(found[0]).error)

    def test_a_text_that_is_taken_from_another_field(self):
        self.sync.error = tell(self.env)._("Mend the cause, then retry.")
        other = self.seller.sync_ids - self.sync
        other[0].error = tell(self.env)._("Amazon refused: %s", self.in_french(self.sync).error)
        other[0].invalidate_recordset()
        self.assertEqual(other[0].error, "Amazon refused: Mend the cause, then retry.")

    def test_texts_of_the_packages_without_odoo(self):
        self.sync.error = Words("%(operation)s: rate limit reached until %(until)s UTC", operation='x', until='y')
        self.sync.invalidate_recordset()
        self.assertEqual(self.sync.error, "x: rate limit reached until y UTC")
        self.assertNotIn("rate limit", self.in_french(self.sync).error)

    def test_values_are_those_of_the_reader(self):
        choice = self.env['ir.model.fields']._get('amazon.sync', 'flow').selection_ids.filtered(
            lambda choice: choice.value == 'orders')
        self.in_french(choice).name = "Commandes"
        english, french = tell(self.env), self.in_french(self.sync).env
        euro, moment = self.env.ref('base.EUR'), datetime.datetime(2026, 2, 1, 10, 30)
        for phrase, there in (
                (english.day(moment.date()), "1 février 2026"), (english.month(moment.date()), "février 2026"),
                (english.amount(1234.5, euro), "1\xa0234,50\xa0€"), (english.choice(self.sync, 'flow'), "Commandes"),
                (english.again(Words("%(name)s is missing", name=Words("The SKU"))), None)):
            said = load(french, dump(english._("Amazon refused: %s", phrase)))
            self.assertNotIn("Amazon refused", said)
            self.assertEqual(said.split(' : ')[-1] if there else '', there or '', (phrase, said))
        self.assertIn("29", english.moment(datetime.datetime(2026, 3, 29, 2, 30)))

    def test_a_value_that_looks_like_a_format_stays(self):
        phrase = tell(self.env)._("Amazon refused: %s", "100 % %(x)s")
        self.assertEqual(load(self.env, dump(phrase)), "Amazon refused: 100 % %(x)s")
        self.assertIsInstance(load(self.env, dump(phrase)), Phrase)

    def test_a_task_is_in_the_language_of_whom_it_is_for(self):
        self.make_responsible()
        self.seller.user_id.lang = 'fr_FR'
        for _time in range(2):
            self.seller._alert(tell(self.env)._("A feed failed"), tell(self.env)._("Mend the cause, then retry."))
        task = self.seller.activity_ids
        self.assertEqual(len(task), 1)
        self.assertNotEqual(task.summary, "A feed failed")
        self.assertIn("Corrigez la cause", task.note)

    def test_every_reason_that_is_stored_is_one_for_its_reader(self):
        strange = []
        for model in self.env.values():
            if model._abstract or model._transient:
                continue
            for field in model._fields.values():
                if (field._modules[:1] == ('amazon_connector',) and field.store and field.type in ('text', 'char')
                        and not field.related and not field.translate and REASONS.search(field.name)
                        and not is_for_reader(field) and str(field) not in OTHERS):
                    strange.append(str(field))
        self.assertFalse(strange, "texts in the language of the job, or a reason in OTHERS")
