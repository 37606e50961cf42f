"""Sums of the rows of a settlement, grouped by the database: a settlement may have some hundred thousand of them."""

import contextlib
import datetime
import functools
from decimal import Decimal
from typing import NamedTuple

from psycopg2.extras import Json

from odoo.tools import SQL

from .order_taxes import DIVIDED

# Rows whose order-id is one: three, seven and seven characters. Shipment ids in the same column are not.
ORDER_PATTERN = '^[A-Z0-9]{3}-[0-9]{7}-[0-9]{7}$'
SALES = ('revenue', 'refund', 'tax')
# What Amazon invoices, and the rows of its tax.
FEES = ('fee', 'advertising', 'fee_tax')
# Their rows that clear invoices are marked: what was decided once stays, whatever becomes of the invoices meanwhile.
DECIDED = ('draft', 'booking', 'booked')
# What sales orders are billed with: `move` of `sold`, by `item`.
BILLED = SQL(
    """sale_order_line sold
       JOIN sale_order_line_invoice_rel link ON link.order_line_id = sold.id
       JOIN account_move_line item ON item.id = link.invoice_line_id
       JOIN account_move move ON move.id = item.move_id""")

# Tax that Amazon remits and did not state with the order is on no invoice: it is charged and paid within the
# settlement.
_IS_UNSTATED = SQL(
    """(line.treatment = 'tax' AND EXISTS (
        SELECT 1 FROM amazon_settlement_line kept
         WHERE kept.settlement_id = line.settlement_id AND kept.order_ref = line.order_ref
           AND kept.item_ref IS NOT DISTINCT FROM line.item_ref
           AND kept.treatment = 'withheld' AND kept.amount != 0
    ) AND NOT EXISTS (
        SELECT 1 FROM sale_order_line sold
         WHERE sold.order_id = line.sale_order_id AND sold.amazon_charge = 'tax' AND sold.price_subtotal != 0))""")
# Rows of `line` and its `rule` that an invoice of their order would count a second time.
SUMMED_UP = SQL("rule.is_buyer AND line.is_cleared IS NOT TRUE AND NOT %s", _IS_UNSTATED)


class Group(NamedTuple):
    """Rows that are summed up together.

    `taxes` are the ids of the taxes of the lines of their sales orders, None where that is not known. `is_due` says
    whether tax has rows of its own beside these: True, and the seller owes it; False, and Amazon remits it; None: there
    are no such rows with an amount. `owed` is what the seller owes of the amount of rows of tax: Amazon may remit the
    tax of a province, and the seller that of the country; where `is_beside` says so, the latter is inside of the price.
    `row` is the id of a row that is an item by itself: a transfer that meets a line of the bank or another settlement
    of its own. `booked_as` has account and taxes (ids) that rows of buyers were booked with. `pieces` are those that
    the rows name: rows of the price do. `rows` are the ids of all of them.
    """

    month: datetime.date
    rule: int
    market: int
    is_due: bool | None
    is_refund: bool
    taxes: tuple | None
    amount: Decimal
    owed: Decimal
    is_beside: bool = False
    row: int | None = None
    booked_as: dict | None = None
    pieces: int = 0
    rows: tuple = ()


class Buyer(NamedTuple):
    """Amounts of a settlement for an order whose invoices it clears, sales and refunds apart."""

    month: datetime.date
    order_ref: str
    order: int
    amount: Decimal


class SettlementRows:
    """Read the rows of a settlement.

    :param settlement: the `amazon.settlement`
    :param orders: the sales orders whose rows count, None for all rows
    """

    def __init__(self, settlement, orders=None):
        self.settlement, self.env = settlement, settlement.env
        self.env['amazon.settlement.line'].flush_model()
        self.company, self._orders = settlement.company_id, orders
        self.is_decided = settlement.stage in DECIDED
        self.is_divided = self.company.account_fiscal_country_id.code in DIVIDED

    @functools.cached_property
    def invoiced(self):
        """Return the ids of the sales orders of this settlement with a posted invoice, or whose rows cleared one
        before.
        """
        self.env.flush_all()
        return [row[0] for row in self.env.execute_query(SQL(
            """WITH mine AS (SELECT DISTINCT sale_order_id AS id FROM amazon_settlement_line WHERE settlement_id = %s
                             AND sale_order_id IS NOT NULL)
               SELECT mine.id FROM mine
                WHERE EXISTS (SELECT 1 FROM %s
                               WHERE sold.order_id = mine.id AND move.state = 'posted'
                                 AND move.move_type = 'out_invoice')
                   OR EXISTS (SELECT 1 FROM amazon_settlement_line line
                               WHERE line.sale_order_id = mine.id AND line.is_cleared AND line.settlement_id != %s)""",
            self.settlement.id, BILLED, self.settlement.id))]

    # === PARTS OF A QUERY === #

    def get_month(self):
        """Return SQL of the month that a row is booked in: its own if settlements are split by month, but none after
        the settlement's end; in the company's time zone.
        """
        end = SQL("%s::timestamp", self.settlement.end_date)
        moment = SQL("LEAST(COALESCE(line.posted_date, %s), %s)", end, end) if self.settlement._is_split() else end
        return SQL("date_trunc('month', %s AT TIME ZONE 'UTC' AT TIME ZONE %s)::date", moment,
                   self.company._amazon_get_zone())

    def get_cleared(self):
        """Return SQL of whether a row clears an invoice, of `line` and its `rule`."""
        if self.is_decided:
            return SQL("line.is_cleared IS TRUE")
        return SQL("rule.is_buyer AND COALESCE(line.order_ref, '') ~ %s AND COALESCE(line.sale_order_id = ANY(%s), "
                   "FALSE) AND NOT %s", ORDER_PATTERN, self.invoiced, _IS_UNSTATED)

    def get_scope(self):
        """Return SQL of the rows that count, of `line`."""
        scope = SQL("line.settlement_id = %s", self.settlement.id)
        return scope if self._orders is None else SQL("%s AND line.sale_order_id = ANY(%s)", scope, self._orders.ids)

    def mark(self, which=None):
        """Set which rows clear invoices.

        :param SQL which: of `line` and its `rule`, None: those whose orders have invoices
        """
        self.env.cr.execute(SQL(
            "UPDATE amazon_settlement_line line SET is_cleared = TRUE FROM amazon_settlement_rule rule WHERE rule.id = "
            "line.rule_id AND %s AND %s", self.get_scope(), which or self.get_cleared()))
        self.env['amazon.settlement.line'].invalidate_model(['is_cleared'])

    def get_last_month(self):
        """Return the first day of the month that the settlement ends in."""
        return self.company._amazon_get_day(self.settlement.end_date).replace(day=1)

    def read_months(self):
        """Return the first days of the months that have an entry."""
        if not self.settlement._is_split():
            return {self.get_last_month()}
        rows = self.env.execute_query(SQL("SELECT DISTINCT %s FROM amazon_settlement_line line WHERE %s",
                                          self.get_month(), self.get_scope()))
        return {row[0] for row in rows} | {self.get_last_month()}

    # === GROUPS === #

    def read_groups(self, of_buyers=False):
        """Return the `Group`s of all rows that clear no invoices.

        :param bool of_buyers: return those only that an invoice would count a second time
        """
        which = SUMMED_UP if of_buyers else SQL("NOT (%s)", self.get_cleared())
        with self._without_loops():
            rows = self.env.execute_query(self._select(
                SQL("%s, %s, CASE WHEN line.treatment = 'transfer' AND rule.transfer_kind IS NOT NULL THEN line.id "
                    "END, line.booked_as, "
                    "SUM(line.amount)::text, SUM(line.amount * CASE WHEN line.treatment = 'tax' THEN "
                    "COALESCE(due.share, 1) ELSE 1 END)::text, "
                    "COALESCE(SUM(line.quantity), 0), array_agg(line.id)",
                    self.get_month(), self._get_key()),
                SQL("%s GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, rule.sequence ORDER BY 1, rule.sequence, 2, 3, 6, 7, 8, 9",
                    which)))
        return [Group(*row[:5], None if row[5] is None else tuple(row[5]), Decimal(row[9]), Decimal(row[10]),
                      *row[6:9], *row[11:])
                for row in rows]

    @contextlib.contextmanager
    def _without_loops(self):
        """Keep PostgreSQL from going through all rows for each row: of rows that came just now it knows too little to
        see that there are many.
        """
        self.env.cr.execute("SET LOCAL enable_nestloop = off")
        yield
        self.env.cr.execute("SET LOCAL enable_nestloop = on")

    def _get_key(self):
        """Return SQL of the values that account and taxes of a row depend on."""
        return SQL("rule.id, line.marketplace_id, COALESCE(due.is_due, fees.is_due), line.transaction_type ~* 'refund' "
                   "AND line.treatment = ANY(%s), "
                   "%s, %s", list(SALES), _TAXES, self._get_beside())

    def _get_beside(self):
        """Return whether the tax that Amazon remits is another one than the order's: the order has it on a line of its
        own or, where a country has taxes of its own beside those of its provinces, it is no tax of that rate.
        """
        other = (SQL("ABS(due.remitted - due.base * (%s) / 100) > 0.02 + ABS(due.base) / 200", _RATE) if self.is_divided
                 else SQL("FALSE"))
        return SQL("COALESCE(CASE WHEN due.is_due IS FALSE THEN stated.order_id IS NOT NULL OR %s END, FALSE)", other)

    def keep(self, found):
        """Write on rows what they are booked with.

        :param list found: pairs of the ids of rows and their `booked_as`
        """
        # PostgreSQL reads an array as one constant much faster than as so many expressions.
        self.env.cr.execute_values(
            """UPDATE amazon_settlement_line line SET booked_as = chosen.booked_as::jsonb
                 FROM (SELECT unnest(ids::int[]) AS id, booked_as FROM (VALUES %s) AS chosen (ids, booked_as)) AS chosen
                WHERE line.id = chosen.id""",
            [(f"{{{','.join(map(str, rows))}}}", Json(booked_as)) for rows, booked_as in found])
        self.env['amazon.settlement.line'].invalidate_model(['booked_as'])

    def read_unknown_taxes(self):
        """Return sales and refunds whose taxes are in no sales order, and that are not Amazon's tax.

        :return: marketplace (id), reason, ids of orders at Amazon and amount; the reason is `order` (not in Odoo),
            `waiting` (a quotation that waits for an answer) or `item` (the order has items of several rates, and these
            rows name another one)
        """
        with self._without_loops():
            return self.env.execute_query(self._select(
                SQL("line.marketplace_id, CASE WHEN line.sale_order_id IS NULL THEN 'order' WHEN mine.id IS NULL THEN "
                    "'waiting' ELSE 'item' END, "
                    "array_agg(DISTINCT line.order_ref), SUM(line.amount)"),
                SQL("NOT (%s) AND line.treatment IN ('revenue', 'refund') AND due.is_due IS NOT FALSE AND %s IS NULL "
                    "GROUP BY 1, 2 ORDER BY 1, 2", self.get_cleared(), _TAXES)))

    def _select(self, columns, where):
        """Return a query over `line`, its `rule`, whether its tax is `due`, and the taxes of its sales order."""
        return SQL(
            """WITH due AS (
                   SELECT order_ref, item_ref, is_refund, base, remitted, owed != 0 AS is_due,
                          owed / NULLIF(tax, 0) AS share
                     FROM (SELECT line.order_ref, line.item_ref, line.transaction_type ~* 'refund' AS is_refund,
                                  SUM(line.amount) FILTER (WHERE line.treatment IN ('revenue', 'refund')) AS base,
                                  -SUM(line.amount) FILTER (WHERE line.treatment = 'withheld') AS remitted,
                                  SUM(line.amount) FILTER (WHERE line.treatment = 'tax') AS tax,
                                  SUM(line.amount) FILTER (WHERE line.treatment IN ('tax', 'withheld')) AS owed
                             FROM amazon_settlement_line line
                            WHERE %(scope)s AND line.treatment IN ('revenue', 'refund', 'tax', 'withheld')
                              AND line.order_ref IS NOT NULL
                         GROUP BY 1, 2, 3
                           HAVING BOOL_OR(line.treatment IN ('tax', 'withheld') AND line.amount != 0)) summed),
               fees AS (
                   SELECT DISTINCT line.transaction_type, line.amount_type, TRUE AS is_due
                     FROM amazon_settlement_line line WHERE %(scope)s AND line.treatment = 'fee_tax'),
               %(taxed)s
               SELECT %(columns)s
                 FROM amazon_settlement_line line
                 JOIN amazon_settlement_rule rule ON rule.id = line.rule_id
            LEFT JOIN due ON line.treatment = ANY(%(sales)s) AND due.order_ref = line.order_ref
                         AND due.item_ref IS NOT DISTINCT FROM line.item_ref
                         AND due.is_refund = (line.transaction_type ~* 'refund')
            LEFT JOIN fees ON line.treatment = ANY(%(fees)s) AND fees.transaction_type IS NOT DISTINCT
                FROM line.transaction_type
                          AND fees.amount_type IS NOT DISTINCT FROM line.amount_type
            LEFT JOIN taxed of_charge ON line.treatment = ANY(%(sales)s) AND of_charge.order_id = %(order)s
                         AND of_charge.item_ref = line.item_ref AND of_charge.charge = %(charge)s
            LEFT JOIN taxed of_item ON line.treatment = ANY(%(sales)s) AND of_item.order_id = %(order)s
                         AND of_item.item_ref = line.item_ref AND of_item.charge = 'item'
            LEFT JOIN alike of_product ON line.treatment = ANY(%(sales)s) AND of_product.order_id = %(order)s
                         AND of_product.product_id = line.product_id
            LEFT JOIN uniform of_order ON line.treatment = ANY(%(sales)s) AND of_order.order_id = %(order)s
            LEFT JOIN stated ON line.treatment = ANY(%(sales)s) AND stated.order_id = %(order)s
            LEFT JOIN mine ON line.treatment = ANY(%(sales)s) AND mine.id = %(order)s
                WHERE %(scope)s AND %(where)s""",
            scope=self.get_scope(), taxed=self._get_taxed(), columns=columns, sales=list(SALES), fees=list(FEES),
            charge=_CHARGE, order=_ORDER, where=where)

    def _get_taxed(self):
        """Return SQL of the taxes of each charge of each item of the sales orders, and of the orders whose items have
        all the same.

        What is to be asked of a quotation may be its taxes: they are not known.
        """
        return SQL(
            """mine AS (
                   SELECT DISTINCT line.sale_order_id AS id
                     FROM amazon_settlement_line line JOIN sale_order sale ON sale.id = line.sale_order_id
                    WHERE %s AND NOT (sale.state IN ('draft', 'sent') AND EXISTS (
                          SELECT 1 FROM amazon_order received WHERE received.sale_order_id = sale.id
                             AND received.state = 'error'))),
               taxed AS (
                   SELECT sold.order_id, sold.amazon_item_ref AS item_ref, sold.amazon_charge AS charge,
                       MIN(sold.product_id) AS product_id,
                          array_remove(array_agg(DISTINCT link.account_tax_id ORDER BY link.account_tax_id),
                                       NULL) AS taxes
                     FROM mine JOIN sale_order_line sold ON sold.order_id = mine.id
                LEFT JOIN account_tax_sale_order_line_rel link ON link.sale_order_line_id = sold.id
                    WHERE sold.amazon_charge IN ('item', 'shipping', 'gift_wrap')
                 GROUP BY 1, 2, 3),
               alike AS (
                   SELECT order_id, product_id, MIN(taxes) AS taxes FROM taxed WHERE charge = 'item' GROUP BY 1,
                          2 HAVING COUNT(DISTINCT taxes) = 1),
               uniform AS (SELECT order_id, MIN(taxes) AS taxes FROM taxed WHERE charge = 'item'
                           GROUP BY 1 HAVING COUNT(DISTINCT taxes) = 1),
               stated AS (
                   SELECT DISTINCT sold.order_id FROM mine JOIN sale_order_line sold ON sold.order_id = mine.id
                    WHERE sold.amazon_charge = 'tax' AND sold.price_subtotal != 0)""",
            self.get_scope())

    def read_buyers(self, summed_up=False):
        """Return the `Buyer`s whose invoices rows clear.

        :param bool summed_up: return those that clear none instead
        """
        which = SQL("NOT (%s) AND rule.is_buyer AND line.sale_order_id IS NOT NULL AND NOT %s", self.get_cleared(),
                    _IS_UNSTATED) if summed_up else (
                        self.get_cleared())
        rows = self.env.execute_query(SQL(
            """SELECT %s, line.order_ref, MAX(line.sale_order_id), SUM(line.amount)::text
                 FROM amazon_settlement_line line JOIN amazon_settlement_rule rule ON rule.id = line.rule_id
                WHERE %s AND %s
             GROUP BY 1, 2, line.transaction_type ~* 'refund' HAVING SUM(line.amount) != 0
             ORDER BY 1, 2, SUM(line.amount)""",
            self.get_month(), self.get_scope(), which))
        return [Buyer(month, ref, order, Decimal(amount)) for month, ref, order, amount in rows]


# The charge of an order that a row is about: promotions and refunds name it, too.
_CHARGE = SQL(
    """CASE WHEN line.amount_description ~* '^shipping' THEN 'shipping'
           WHEN line.amount_description ~* '^gift ?wrap' THEN 'gift_wrap'
                      ELSE 'item' END""")
# A value that was unknown when a row was booked stays unknown later.
_ORDER = SQL("CASE WHEN line.is_late IS NOT TRUE AND rule.is_buyer THEN line.sale_order_id END")
# Amazon's two numbers of an item may differ: then it is known by its product.
_TAXES = SQL("COALESCE(of_charge.taxes, of_item.taxes, of_product.taxes, of_order.taxes)")
_RATE = SQL("""SELECT SUM(COALESCE(child.amount, tax.amount))
                  FROM account_tax tax
             LEFT JOIN account_tax_filiation_rel part ON part.parent_tax = tax.id
             LEFT JOIN account_tax child ON child.id = part.child_tax
                 WHERE tax.id = ANY(%s)""", _TAXES)
