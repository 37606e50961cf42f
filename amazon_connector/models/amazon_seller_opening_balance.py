import datetime

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools.misc import formatLang

from ..amazon_reports import ledger
from ..amazon_reports.ledger_summary import REPORT_TYPE
from ..utils.phrases import tell
from ..utils.words import write_day
from .amazon_ledger_day import DAY
from .amazon_seller_ledger import DAILY

# Balances of days within these are not there at once; before, Amazon gives an empty report.
SETTLED = 3
# Amazon cancels what is requested again within this time, whatever there is.
REST = datetime.timedelta(minutes=30)
# How often Amazon must have nothing to report before a person may say that there was nothing.
ENOUGH = 2


class AmazonSeller(models.Model):
    """Amazon's balance of the evening before the first day of the ledger: requested, there, or never to come."""

    _inherit = 'amazon.seller'

    ledger_nothing = fields.Date(
        "Nothing at Amazon on", readonly=True, copy=False,
        help="An inventory manager has said that there was no stock at Amazon on the evening of this day.")

    def _request_opening(self, date):
        """Request Amazon's balances before the first day of the ledger."""
        self.ensure_one()
        if self.ledger_state == 'on':
            raise UserError(tell(self.env)._("The FBA stock of %s is kept by Amazon's ledger already.", self.name))
        if date > self.env['amazon.ledger.day']._get_last_date(self):
            raise UserError(tell(self.env)._("Amazon's ledger of that day is not complete yet: choose an earlier day."))
        if others := self.marketplace_ids.filtered(lambda market: market.company_id != self.company_id):
            raise UserError(tell(self.env)._(
                "Amazon's ledger does not say whose goods it moves: it can be kept for sellers whose marketplaces all "
                "belong to %(company)s. These do not: %(markets)s.", company=self.company_id.name,
                markets=', '.join(others.mapped('name'))))
        self._reset_opening()
        self.write({'ledger_state': 'opening', 'ledger_start': date})
        self._request_due_reports(by_hand=True)
        self._wake('fba_stock')

    def _reset_opening(self):
        """Forget what belongs to an opening that was not started: its days would be those of another first day."""
        self.write({'ledger_state': 'off', 'ledger_start': False, 'ledger_nothing': False, 'inbound_fetched': False})
        self.env['amazon.ledger.day'].search([
            ('seller_id', '=', self.id), ('move_ids', '=', False), ('state', '!=', 'booked')]).unlink()

    def _get_opening_date(self):
        """Return the day whose evening's balance opens the ledger."""
        return self.ledger_start - DAY

    def _request_opening_reports(self, by_hand):
        """Request Amazon's balance while it is not there, and what it has received since the first day where transfers
        name shipments that may have been on their way.
        """
        date, last = self._get_opening_date(), self.env['amazon.ledger.day']._get_last_date(self)
        if not self._has_opening() and (by_hand or self._may_request(REPORT_TYPE)):
            self._want_ledger(REPORT_TYPE, date, date, DAILY, by_hand=by_hand)
        missing = self._find_missing_day(last)
        if missing <= last and self._may_request(ledger.REPORT_TYPE) and self._find_named(self._get_inside()):
            self._request_ledger(missing, last)

    def _has_opening(self):
        """Return whether Amazon's balances before the first day are there, or a person said that there was nothing. An
        empty report of a day that is not too recent says so where Odoo has nothing there, either; one that Amazon
        cancelled says nothing.
        """
        if self.ledger_nothing == self._get_opening_date() or self._has_balances():
            return True
        return self._is_settled() and not self._count_held()[1] and any(
            report.state == 'done' for report in self._find_opening_reports())

    def _has_balances(self):
        return bool(self.env['amazon.ledger.balance'].search_count([
            ('seller_id', '=', self.id), ('date', '=', self._get_opening_date())], limit=1))

    def _is_settled(self):
        """Return whether Amazon has the balance of that day, if it ever has one."""
        return self._get_opening_date() + DAY * SETTLED < self.env['amazon.ledger.day']._get_last_date(self)

    def _find_opening_reports(self):
        """Return the reports of that day's balance, the last one first."""
        moment = self.env['amazon.ledger.day']._to_moment(self, self._get_opening_date())
        return self.env['amazon.report'].search([
            ('seller_id', '=', self.id), ('report_type', '=', REPORT_TYPE), ('start_date', '=', moment)],
            order='id desc')

    def _count_held(self):
        """Return how many pieces, and of how many products, Odoo has in the FBA locations of this seller: where others
        have their goods, too, nobody knows whose they are.
        """
        own = self._get_inside() - self._get_shared()
        groups = self.env['stock.quant']._read_group(
            [('location_id', 'in', own.ids)], ['product_id'], ['quantity:sum'])
        held = [quantity for _product, quantity in groups if quantity]
        return sum(held), len(held)

    def _is_balance_missing(self):
        """Return whether the last report of that day's balance ended, and gave none."""
        return self._find_opening_reports()[:1].state in ('empty', 'done', 'partial', 'error')

    # === NOTHING THERE === #

    def _may_confirm_nothing(self):
        """Return whether a person may say that there was nothing at Amazon: it had nothing to report when it was asked,
        and when it was asked again later.
        """
        if self.ledger_state != 'opening' or self._has_balances() or not self._is_settled():
            return False
        asked = self._find_opening_reports().filtered(
            lambda report: report.state == 'empty' or report.state == 'done' and not report.row_count).mapped(
            lambda report: report.asked_date or report.create_date)
        return len(asked) >= ENOUGH and max(asked) - min(asked) >= REST

    def _confirm_nothing(self):
        """Take it that there was nothing at Amazon on the evening before the first day; the chatter names the user."""
        if not self._may_confirm_nothing():
            raise UserError(tell(self.env)._("Amazon must have had nothing to report twice, half an hour apart, and "
                                             "the day must be some days ago."))
        self.ledger_nothing = self._get_opening_date()
        self.message_post(body=self.env._(
            "%(user)s says that there was nothing at Amazon on the evening of %(date)s, of which Amazon gave no "
            "balance. %(loss)s", user=self.env.user.name, date=write_day(self.env, self.ledger_nothing),
            loss=self._describe_loss()))

    def _request_opening_again(self):
        """Request Amazon's balance once more, not before Amazon makes the same report again."""
        date, last = self._get_opening_date(), self._find_opening_reports()[:1]
        self._want_ledger(REPORT_TYPE, date, date, DAILY, by_hand=True)
        wanted = self._find_opening_reports().filtered(lambda report: report.state == 'wanted')
        if last.asked_date and last not in wanted:
            wanted.next_poll = last.asked_date + REST
        self._wake('fba_stock')

    # === WHAT PEOPLE SEE === #

    def _describe_opening(self):
        """Return in words how far Amazon is with the balance, and what is odd about it; '' for nothing."""
        report = self._find_opening_reports()[:1]
        if self.ledger_nothing == self._get_opening_date():
            return tell(self.env)._("It was said that there was nothing at Amazon on the evening before the first "
                                    "day. %s", self._describe_loss())
        if self._has_opening():
            odd = sum(self._find_opening_reports().filtered('row_count')[:1].mapped('problem_count'))
            return odd and tell(self.env)._(
                "%s lines of Amazon's balance cannot be read: what they tell counts as nothing. See the report.",
                odd) or ''
        if report.state == 'error':
            return tell(self.env)._("Amazon has not given the balance: %s It is requested again by itself.",
                                    report.error or '')
        if report.state in ('empty', 'done', 'partial'):
            return self._describe_missing()
        return report.error or tell(self.env)._("Amazon makes the balance. Open this again in some minutes.")

    def _describe_missing(self):
        if not self._is_settled():
            return tell(self.env)._("Amazon has no balance of that day yet. It is requested again by itself.")
        missing = tell(self.env)._(
            "Amazon had no balance of that day when it was asked last. It is requested again by itself.")
        if not self._may_confirm_nothing():
            return missing
        return f'{missing} ' + tell(self.env)._(
            "If there was nothing at Amazon, an inventory manager may say so. %s", self._describe_loss())

    def _describe_loss(self):
        pieces, products = self._count_held()
        return tell(self.env)._(
            "The ledger then starts with no stock: of the %(pieces)s pieces of %(products)s products that the FBA "
            "locations hold in Odoo, what is not under way is booked as lost.",
            pieces=formatLang(self.env, pieces, digits=0), products=products)
