import base64
import collections
from decimal import Decimal

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..amazon_reports.settlement import SettlementFile
from ..utils.amounts import to_decimal
from ..utils.phrases import tell
from ..utils.reader_fields import ReaderText

# Differences that are named.
SHOWN = 5
REPLACEABLE = ('wrong', 'to_map', 'ready')


class AmazonSettlement(models.Model):
    """Two documents of one settlement with different content: Amazon's own counts, but booked entries do not change."""

    _inherit = 'amazon.settlement'

    is_uploaded = fields.Boolean("Uploaded", readonly=True, copy=False,
                                 help="Somebody uploaded the document, and Amazon has not sent the same one since.")
    contradiction = ReaderText("Another document says otherwise", readonly=True, copy=False)
    other_document = fields.Binary("The other document", readonly=True, attachment=True, copy=False)
    other_uploaded = fields.Boolean(readonly=True, copy=False)

    # === ACTIONS === #

    def action_use_other_document(self):
        """Replace the rows by those of the other document, as long as nothing is booked.

        :raises UserError: there is none, or the settlement has entries
        """
        self.check_access('write')
        for settlement in self.sudo():
            if not settlement.other_document or settlement.stage not in REPLACEABLE:
                raise UserError(tell(self.env)._("Settlement %s is booked, or has no other document: cancel its "
                                                 "booking first.", settlement.settlement_ref))
            content = base64.b64decode(settlement.with_context(bin_size=False).other_document)
            settlement._replace(SettlementFile(content), content, settlement.other_uploaded)
            settlement._update_fees()
        return True

    # === COMPARING === #

    def _compare_document(self, file, content, uploaded):
        """Compare this settlement with another document of it: Amazon's own replaces an upload, other differences are
        shown.

        :param SettlementFile file: the document
        :param bytes content: the same as it came
        :param bool uploaded: whether a person uploaded it
        """
        self.ensure_one()
        same = base64.b64decode(self.with_context(bin_size=False).document or b'') == content
        differences = None if same else self._find_differences(file)
        if not differences:
            self._confirm(uploaded)
        elif self.is_uploaded and not uploaded and self.stage in REPLACEABLE and _adds_up(file):
            self._replace(file, content, False)
            self.message_post(body=self.env._("Amazon's own document took the place of the one that was uploaded, "
                                              "which said otherwise: %s", differences))
        else:
            self._set_contradiction(differences, content, uploaded)

    def _confirm(self, uploaded):
        """Mark the document as sent by Amazon."""
        if not uploaded and (self.is_uploaded or self.contradiction):
            self.write({'is_uploaded': False, **(self._prepare_agreement() if self.other_uploaded else {})})

    def _prepare_agreement(self):
        return {'contradiction': False, 'other_document': False, 'other_uploaded': False}

    def _set_contradiction(self, differences, content, uploaded):
        """Set the differences of another document on this settlement, once."""
        if uploaded:
            text = tell(self.env)._("A document of this settlement that %(user)s uploaded says otherwise: "
                                    "%(differences)s",
                                    user=self.env.user.name, differences=differences)
        else:
            text = tell(self.env)._("A document of this settlement that came from Amazon says otherwise: %s",
                                    differences)
        if self.contradiction and not self.other_uploaded and uploaded or self.contradiction == text:
            return
        self.write({'contradiction': text, 'other_document': base64.b64encode(content), 'other_uploaded': uploaded})
        self.message_post(body=text)

    def _find_differences(self, file):
        """Return in words how a document differs from this settlement, or None; the order of the rows does not matter.
        """
        texts = []
        if to_decimal(self.total, self.currency_id) != file.total or self.currency_id.name != file.currency:
            texts.append(tell(self.env)._("the payout is %(theirs)s instead of %(ours)s",
                                          theirs=f'{file.total} {file.currency}',
                                          ours=tell(self.env).amount(self.total, self.currency_id)))
        ours, theirs = self._read_sums(), _read_sums(file)
        kinds = list(dict.fromkeys(key[:3] for key in {**ours, **theirs} if ours.get(key) != theirs.get(key)))
        for kind in kinds[:SHOWN]:
            (own_count, own_amount), (count, amount) = (_sum_kind(sums, kind) for sums in (ours, theirs))
            texts.append(tell(self.env)._(
                "%(kind)s: %(theirs)s (rows: %(count)s) instead of %(ours)s (rows: %(own)s)",
                kind=' / '.join(filter(None, kind)), count=count,
                theirs=tell(self.env).amount(float(amount), self.currency_id), own=own_count,
                ours=tell(self.env).amount(float(own_amount), self.currency_id)))
        return tell(self.env).join(texts + ['…'] * (len(kinds) > SHOWN), by='; ') or None

    def _read_sums(self):
        """Return number and sum of the rows of each kind and order."""
        rows = self.env.execute_query(SQL(
            """SELECT COALESCE(transaction_type, ''), COALESCE(amount_type, ''), COALESCE(amount_description, ''),
                   COALESCE(order_ref, ''),
                      COUNT(*), SUM(amount)::text
                 FROM amazon_settlement_line WHERE settlement_id = %s GROUP BY 1, 2, 3, 4""", self.id))
        return {tuple(key): (count, Decimal(amount)) for *key, count, amount in rows}

    # === REPLACING === #

    def _replace(self, file, content, uploaded):
        """Replace the rows of this settlement by those of a document."""
        orders = self.env['amazon.settlement.line']._read_group([('settlement_id', '=', self.id)], [],
                                                                ['sale_order_id:recordset'])[0][0]
        self.env.flush_all()
        self.env.cr.execute(SQL("DELETE FROM amazon_settlement_line WHERE settlement_id = %s", self.id))
        self.env.invalidate_all()
        head = self._prepare_head(self.seller_id, file, content)
        self.write({**head, 'is_uploaded': uploaded, 'stage': 'to_map', **self._prepare_agreement()})
        self._store_rows(file)
        self.odd_dates = file.odd_dates or False
        self._evaluate()
        orders._amazon_update_fees()


def _read_sums(file):
    """Return number and sum of the rows of each kind and order of a document."""
    found = collections.defaultdict(lambda: (0, Decimal(0)))
    for row in file.read_rows():
        key = row.transaction_type or '', row.amount_type or '', row.amount_description or '', row.order_ref or ''
        count, amount = found[key]
        found[key] = count + 1, amount + row.amount
    return dict(found)


def _sum_kind(sums, kind):
    """Return number and sum of the rows of a kind in all orders."""
    found = [value for key, value in sums.items() if key[:3] == kind]
    return sum(count for count, _amount in found), sum((amount for _count, amount in found), Decimal(0))


def _adds_up(file):
    return sum((row.amount for row in file.read_rows()), Decimal(0)) == file.total
