"""Documents in Odoo's books that contain transactions of an accrual already."""

import datetime
from collections import Counter
from decimal import Decimal

from odoo.tools import SQL

from ..amazon_api.accruals import judge
from .settlement_rows import BILLED

DAY = datetime.timedelta(days=1)


class AccrualBooks:
    """What Odoo knows of the orders of some transactions: marketplace, share of tax, and whether the books have the
    sale already.

    :param accrual: the `amazon.accrual`
    :param set refs: Amazon's ids of the orders
    :param datetime until: the end of the month, naive in UTC
    """

    def __init__(self, accrual, refs, until):
        self.accrual, self.env, self.until = accrual, accrual.env, until
        self.markets = {market.marketplace_ref: market
                        for market in accrual.seller_id.with_context(active_test=False).marketplace_ids}
        self.orders = {order.amazon_order_ref: order for order in accrual.seller_id._find_sale_orders(refs)}
        self.documents = self._read_documents()
        self.refunds = self._read_refunds()
        self.shares, self.ends = {}, self._read_ends()

    # === WHAT IS SETTLED === #

    def _read_ends(self):
        """Return the moments when the seller's settlements ended, by Amazon's id."""
        return dict(self.env['amazon.settlement']._read_group(
            [('seller_id', '=', self.accrual.seller_id.id), ('stage', '!=', 'wrong')], ['settlement_ref'],
            ['end_date:max']))

    def judge(self, entry, market, settled_until):
        """Return the stage of a transaction at the end of the month, see `judge`; a settlement that has it, by its name
        or its lines, decides.
        """
        stage = judge(entry, self.until, settled_until)
        named = [self.ends[ref] for ref in entry.settlement_refs if ref in self.ends]
        if stage == 'open' and named:
            return None if min(named) <= self.until else 'open'
        return (None if stage == 'open' and market and not entry.settlement_refs
                and self._is_settled(entry, market, settled_until) else stage)

    def _is_settled(self, entry, market, settled_until):
        """Return whether a settlement of another account at the marketplace has the rows of a transaction: those of its
        order or, without one, rows of its day that come to its amount: one, those of a kind (a fee, its discount and
        its tax), or all of a moment.
        """
        if not any(settled_until < end <= self.until for end in self.ends.values()):
            return False
        if entry.order_ref:
            rows = SQL("line.order_ref = %s AND (line.transaction_type ~* 'refund|chargeback') = %s", entry.order_ref,
                       entry.is_refund)
        else:
            rows = SQL("line.order_ref IS NULL AND line.posted_date::date BETWEEN %s AND %s "
                       "GROUP BY GROUPING SETS ((line.id), (line.posted_date, line.amount_type), (line.posted_date)) "
                       "HAVING SUM(line.amount) = %s",
                       entry.posted.date() - DAY, entry.posted.date() + DAY, entry.total)
        return bool(self.env.execute_query(SQL(
            """SELECT 1 FROM amazon_settlement_line line JOIN amazon_settlement settlement
                   ON settlement.id = line.settlement_id
                WHERE settlement.marketplace_id = %s AND settlement.stage != 'wrong' AND settlement.end_date > %s
                  AND settlement.end_date <= %s
                  AND settlement.end_date > %s AND %s LIMIT 1""", market.id, settled_until, self.until, entry.posted,
            rows)))

    # === WHAT IS IN THE BOOKS === #

    def _read_documents(self):
        """Return pairs of sales order (id) and kind of posted document until the end of the month: 'out_invoice' or
        'out_refund'.

        Credit notes of Amazon's refunds are not among them: see `_read_refunds`.
        """
        self.env.flush_all()
        return set(self.env.execute_query(SQL(
            """SELECT sold.order_id, move.move_type
                 FROM %s
                WHERE sold.order_id = ANY(%s) AND move.state = 'posted' AND move.date <= %s
                  AND NOT EXISTS (SELECT 1 FROM amazon_transaction refund WHERE refund.move_id = move.id)""", BILLED,
            [order.id for order in self.orders.values()], self.accrual.date)))

    def _read_refunds(self):
        """Return the ids under which Amazon lists the refunds that have a posted credit note until the end of the
        month.
        """
        rows = self.env.execute_query(SQL(
            """SELECT refund.transaction_ref, refund.deferred_ref, refund.release_ref
                 FROM amazon_transaction refund JOIN account_move move ON move.id = refund.move_id
                WHERE refund.sale_order_id = ANY(%s) AND move.state = 'posted' AND move.date <= %s""",
            [order.id for order in self.orders.values()], self.accrual.date))
        return {ref for row in rows for ref in row if ref}

    def find_market(self, entry):
        """Return the marketplace of a transaction: that of its order, that which it names, or the usual one of its
        currency; None if there is none.
        """
        order = self.orders.get(entry.order_ref)
        market = order.amazon_marketplace_id if order else self.markets.get(entry.marketplace_ref)
        return market or self._find_usual_market(entry.currency)

    def _find_usual_market(self, currency):
        """Return the marketplace that sells in a currency, the seller's home first; None if it could be another
        company's.
        """
        markets = [market for market in self.markets.values() if market.currency_id.name == currency]
        if len({market.company_id for market in markets}) > 1:
            return None
        home = self.accrual.seller_id.home_marketplace
        return min(markets, key=lambda market: market.country_id.code != home, default=None)

    def split(self, entry, market, stage):
        """Yield keys and amounts of the sums of a transaction: `gross`, and `net` by kind of account for amounts that
        are not in the books yet.
        """
        if stage != 'unknown':
            yield f'gross|{market.id}|{entry.currency}', entry.total
        order, is_booked = self.orders.get(entry.order_ref), self.is_booked(entry.ref, entry.order_ref, entry.is_refund)
        for (kind, whose), amount in entry.amounts.items():
            if whose == 'buyer' and is_booked:
                continue
            share, estimated = self.get_share(market, kind, order) if whose not in entry.taxes else (1.0, '')
            if whose == 'amazon':
                estimated = ''
            yield f'net|{market.id}|{entry.currency}|{stage}|{kind}|{estimated}', amount * Decimal(
                str(round(share, 10)))

    def is_booked(self, ref, order_ref, is_refund):
        """Return whether a document has the amount that the buyer paid or got by a transaction (`ref`) of an order."""
        order = self.orders.get(order_ref)
        return ref in self.refunds or bool(order) and (order.id, 'out_refund' if is_refund
                                                       else 'out_invoice') in self.documents

    def read_counted(self, entry):
        """Return the data for `is_booked` of a transaction whose sale or refund is summed up here, because no document
        has it; else None.
        """
        of_buyer = any(whose == 'buyer' for _kind, whose in entry.amounts)
        counted = entry.ref, entry.order_ref, entry.is_refund
        return counted if of_buyer and entry.order_ref and not self.is_booked(*counted) else None

    def get_share(self, market, kind, order):
        """Return the share of an amount that is no tax, and whether it is estimated: a mark, or ''."""
        if kind in ('sales', 'refunds', 'promotions'):
            if order:
                return (order.amount_untaxed / order.amount_total if order.amount_total else 1.0), ''
            tax = self.accrual.company_id.account_sale_tax_id
            return (1 / (1 + tax.amount / 100) if market.price_includes_tax and tax.amount_type == 'percent'
                    else 1.0), 'estimated'
        if (market, kind) not in self.shares:
            rules = self.env['amazon.settlement.rule'].with_company(self.accrual.company_id).search(
                [('account_kind', '=', kind), ('company_id', 'in', (False, self.accrual.company_id.id))])
            # Single rules may have another tax than most rows of their kind.
            shares = Counter(rule._get_net_share(market) for rule in rules)
            self.shares[market, kind] = shares.most_common(1)[0][0] if shares else 1.0
        return self.shares[market, kind], ''
