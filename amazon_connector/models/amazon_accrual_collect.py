import datetime
from decimal import Decimal

from odoo import api, fields, models

from ..amazon_api.accruals import DEFERRED, RELEASED_LATER, read_entry
from ..amazon_api.errors import AmazonError, LoginFailed, RateLimited
from ..amazon_api.payouts import read_balances
from ..amazon_api.shapes import ShapeError
from ..amazon_api.transactions import read_page
from ..utils.accrual_books import AccrualBooks
from ..utils.phrases import dump, load, tell
from .amazon_accrual import SOON

# Days that are read between two commits, and how long Amazon may defer a payment.
WINDOW, LONGEST_DEFERRAL = datetime.timedelta(days=3), datetime.timedelta(days=60)
# Days before the month that are read where no settlement says when the open one began.
LONGEST_PERIOD = datetime.timedelta(days=31)


class AmazonAccrual(models.Model):
    """Collect the amounts of an accrual from Amazon in a job, a few days at a time, each committed."""

    _inherit = 'amazon.accrual'

    @api.model
    def _collect_due(self, sync):
        """Collect the accruals that wait for Amazon's data; return whether there was time for all."""
        finished = True
        for accrual in self.search([('seller_id', '=', sync.seller_id.id), ('state', '=', 'collecting')], order='id'):
            with sync._isolate(accrual.display_name):
                finished = accrual._collect_or_explain(sync) and finished
        return finished

    def _collect_or_explain(self, sync):
        try:
            return self._collect(sync, sync.seller_id._get_client())
        except (RateLimited, LoginFailed):
            raise
        except (AmazonError, ShapeError) as error:
            self.env.cr.rollback()
            self.error = sync._describe(error)
            sync._commit()
            raise

    def _collect(self, sync, client):
        """Sum up the open amounts (`listTransactions`, `listBalances`); return whether all were read."""
        until = self._get_until()
        if not self.cursor:
            self._begin(until)
        begin = min(map(fields.Datetime.to_datetime, self.settled_until.values()), default=until)
        while self.cursor < until:
            end = min(self.cursor + WINDOW, until if self.cursor >= begin else begin)
            statuses = (None,) if self.cursor >= begin else (DEFERRED, RELEASED_LATER)
            self._add([payload for status in statuses
                       for payload in self._read_window(client, self.cursor, end, status)], until)
            self.cursor = end
            if not sync._commit():
                return False
        self._read_balances(sync, client)
        self._finish_collecting()
        sync._commit()
        return True

    def _begin(self, until):
        """Set until when each marketplace is settled, and where to begin."""
        self.settled_until = self._read_settled_until(until)
        self.write({'cursor': until - LONGEST_DEFERRAL, 'sums': {}, 'counted': False, 'error': False})

    def _read_settled_until(self, until):
        """Return by marketplace (id, as a string) until when it is settled."""
        markets = self.seller_id.with_context(active_test=False).marketplace_ids.filtered(
            lambda market: market.company_id == self.company_id)
        return {str(market.id): fields.Datetime.to_string(self._find_settled_until(market, until))
                for market in markets}

    def _find_settled_until(self, market, until):
        """Return the end of the last settlement before the end of the month; of several accounts at one marketplace,
        the end that comes first.

        A marketplace whose settlements are split by month books what is open into its month by itself. What another
        account of the marketplace has settled later is found by its rows (`AccrualBooks`).
        """
        if market.settlement_split or self._is_in_books(market, until):
            return until
        settlements = self.env['amazon.settlement'].search(
            [('marketplace_id', '=', market.id), ('stage', '!=', 'wrong'), ('start_date', '<=', until)],
            order='end_date desc')
        before = settlements.filtered(lambda settlement: settlement.end_date <= until)
        if before:
            return min(series[-1].end_date for series in before._divide_in_series()
                       if series[-1] == before[0] or series[-1].end_date >= until - LONGEST_PERIOD)
        if settlements:
            return min(settlements.mapped('start_date'))
        return max(until - LONGEST_PERIOD, min(fields.Datetime.to_datetime(self.seller_id.import_from or until), until))

    def _is_in_books(self, market, until):
        """Return whether a settlement that ended later has booked its part of the month into the month."""
        return bool(self.env['account.move'].search_count([
            ('amazon_settlement_id.marketplace_id', '=', market.id), ('amazon_settlement_id.end_date', '>', until),
            ('amazon_part', '!=', False), ('date', '<=', self.date)], limit=1))

    @api.model
    def _read_window(self, client, since, until, status):
        query = {'postedAfter': f'{since.isoformat()}Z', 'postedBefore': f'{until.isoformat()}Z',
                 **({'transactionStatus': status} if status else {})}
        return [payload for reply in client.pages('listTransactions', **query) for payload in read_page(reply.payload)]

    # === SUMS === #

    def _add(self, payloads, until):
        """Add transactions to the sums, each once; what cannot be read is counted."""
        sums, entries = {key: Decimal(value) for key, value in (self.sums or {}).items()}, {}
        for payload in payloads:
            try:
                entry = read_entry(payload)
                entries[entry.ref] = entry
            except ShapeError:
                sums['unread'] = sums.get('unread', Decimal(0)) + 1
        counted = list(self.counted or [])
        books = AccrualBooks(self, {entry.order_ref for entry in entries.values() if entry.order_ref}, until)
        for entry in entries.values():
            market = books.find_market(entry)
            # Marketplaces of other companies are left out.
            settled = self.settled_until.get(str(market.id)) if market else min(self.settled_until.values(),
                                                                                default=None)
            stage = settled and books.judge(entry, market, fields.Datetime.to_datetime(settled))
            if stage and not market:
                sums['nobody'] = sums.get('nobody', Decimal(0)) + bool(entry.amounts)
            for key, amount in books.split(entry, market, stage) if stage and market else ():
                sums[key] = sums.get(key, Decimal(0)) + amount
            if stage and market and stage != 'unknown':
                counted.append(books.read_counted(entry))
        self.write({'sums': {key: str(value) for key, value in sums.items()}, 'counted': list(filter(None, counted))})

    def _finish_collecting(self):
        """Create the lines of the accrual from the sums."""
        values = []
        for key, amount in (self.sums or {}).items():
            what, *rest = key.split('|')
            if what != 'net':
                continue
            market_id, currency, stage, kind, estimated = rest
            currency = self.env['res.currency'].with_context(active_test=False).search(
                [('name', '=', currency)], limit=1)
            amount = currency.round(float(amount))
            if amount:
                values.append({'accrual_id': self.id, 'marketplace_id': int(market_id), 'currency_id': currency.id,
                               'stage': stage, 'kind': kind, 'is_estimated': bool(estimated), 'amount': amount})
        self.env['amazon.accrual.line'].create(values)
        self.write({'state': 'ready', 'collected_date': fields.Datetime.now(), 'error': False})

    # === AMAZON'S BALANCE === #

    def _read_balances(self, sync, client):
        """Read Amazon's balances at the end of the month; without an answer the accrual goes on."""
        found = {}
        try:
            for reply in client.pages('listBalances', asOfDate=str(self.date)):
                found.update(read_balances(reply.payload))
        except (RateLimited, LoginFailed):
            raise
        except (AmazonError, ShapeError) as error:
            self.write({'balances': {'error': dump(sync._describe(error))}})
            return
        totals = {}
        for (market, _account, kind, currency), amount in found.items():
            if kind == 'TOTAL':
                key = f'{market}|{currency}'
                totals[key] = str(Decimal(totals.get(key, 0)) + amount)
        self.balances = totals

    @api.depends('balances', 'sums', 'settled_until', 'state')
    @api.depends_context('lang')
    def _compute_balance_note(self):
        for accrual in self:
            accrual.balance_note = tell(self.env).join(accrual.sudo()._describe_balances()) if accrual.state in (
                'ready', 'posted') else False

    def _describe_balances(self):
        """Yield texts about how complete the sums are: Amazon's balances beside them, and amounts that were left out.
        """
        if self.collected_date and self.collected_date < self._get_until() + SOON:
            yield tell(self.env)._("Amazon shows some transactions two days late: ask again after that, if it matters.")
        sums, balances = self.sums or {}, self.balances or {}
        if 'unread' in sums:
            yield tell(self.env)._("%s transactions could not be read and are not in it.", sums['unread'])
        if float(sums.get('nobody', 0)):
            yield tell(self.env)._("%s transactions name no marketplace and may be another company's: they are not in "
                                   "it.",
                                   sums['nobody'])
        if 'error' in balances:
            yield tell(self.env)._("Amazon did not state its balance: %s",
                                   load(self.env, balances['error']))
        for market in self.env['amazon.seller.marketplace'].with_context(active_test=False).browse(
                map(int, self.settled_until or {})):
            if fields.Datetime.to_datetime(self.settled_until[str(market.id)]) == self._get_until():
                yield tell(self.env)._("%s: the open settlement books its part of this month by itself; only deferred "
                                       "orders are in this accrual.", market.name)
                continue
            for key, total in balances.items():
                ref, _bar, currency = key.partition('|')
                if ref == market.marketplace_ref and (note := self._describe_balance(market, currency, total)):
                    yield note

    def _describe_balance(self, market, code, total):
        """Return in words what Amazon held of a marketplace beside the sums of this accrual and its settlements; None
        where all are zero.
        """
        currency = self.env['res.currency'].with_context(active_test=False).search([('name', '=', code)])
        gross = sum(float(value) for key, value in (self.sums or {}).items()
                    if key.split('|')[:3] == ['gross', str(market.id), code])
        held, total = self._get_held(market, currency), float(total)
        if not any((total, gross, held)):
            return None
        return tell(self.env)._(
            "%(market)s: Amazon held %(total)s. Open and deferred with tax: %(gross)s; reserves and debts of "
            "settlements: %(held)s; difference: %(rest)s.",
            market=market.name, total=currency.format(total), gross=currency.format(gross), held=currency.format(held),
            rest=currency.format(total - gross - held))

    def _get_held(self, market, currency):
        """Return the amounts that Amazon kept in reserve by the settlements until the end of the month, less the debt
        of the last one.
        """
        settlements = self.env['amazon.settlement'].search([
            ('marketplace_id', '=', market.id), ('currency_id', '=', currency.id),
            ('end_date', '<=', self._get_until())], order='end_date desc')
        return -sum(settlements.mapped('amount_reserve')) + min(settlements[:1].total, 0.0)
