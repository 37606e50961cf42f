"""What Amazon charged for a SKU lately, read from settlements, and what it will charge for orders like it."""

from typing import NamedTuple

from odoo.tools import SQL

# Older fees say little about those of today.
FACT_DAYS = 180
# How many of the latest sales of a SKU count.
MOST_SALES = 30
# What is taken as a share of the price; everything else is an amount for each unit.
_IS_SHARE = SQL("line.amount_description ~* 'commission'")
_IS_PRICE = SQL("line.treatment = 'revenue' AND line.amount_type = 'ItemPrice' AND line.amount_description = "
                "'Principal' AND line.quantity > 0")
# Rows of sales: what follows from claims, refunds and returns (their labels, too) says nothing of orders without any.
IS_OF_SALE = SQL(
    "line.transaction_type !~* 'refund|chargeback|a-to-z' AND CONCAT_WS(' ', line.transaction_type, line.amount_type, "
    "line.amount_description) !~* 'returnpostage|label.*return'")
# Rows that are about an order as a whole, like labels.
_IS_WHOLE = SQL("line.item_ref IS NULL AND line.sku IS NULL")


class Fees(NamedTuple):
    """Fees of a SKU (negative), in the currency of its marketplace: part of the price, for each unit, and its part of
    what is charged for orders as a whole, for each unit, too.
    """

    share: float
    piece: float
    whole: float
    currency_id: int

    def estimate(self, units, price):
        """Return the fees of some units that are sold for a price, with tax, without those of orders as a whole."""
        return units * self.piece + price * self.share


def read_fees(env, keys, since) -> dict:
    """Return the `Fees` of SKUs by the settlements of the last months; SKUs that were not sold since are left out.

    :param keys: tuples of marketplace (id), SKU and channel (`fba` or `fbm`)
    :param datetime since: in UTC
    """
    env['amazon.settlement.line'].flush_model()
    sums = {}
    for market_id, sku, channel, currency_id, company_id, rule_id, kind, units, price, fees in env.execute_query(
            _select(keys, since)):
        entry = sums.setdefault((market_id, sku, channel), _Sums(currency_id))
        entry.units += units or 0
        entry.price += float(price or 0)
        if fees:
            entry.fees[kind] += float(fees) * get_cost_share(env, rule_id, market_id, company_id)
    return {key: entry.get_fees() for key, entry in sums.items() if entry.units}


class _Sums:
    """Sums of the latest sales of a SKU."""

    def __init__(self, currency_id):
        self.currency_id, self.units, self.price = currency_id, 0, 0.0
        self.fees = dict.fromkeys(('share', 'piece', 'whole'), 0.0)

    def get_fees(self):
        share = self.fees['share'] / self.price if self.price > 0 else 0.0
        return Fees(share, self.fees['piece'] / self.units, self.fees['whole'] / self.units, self.currency_id)


def get_cost_share(env, rule_id, market_id, company_id):
    """Return which part of the amounts of a rule is a cost: not the tax of Amazon's invoices, nor tax paid in advance.
    """
    rule = env['amazon.settlement.rule'].sudo().with_company(company_id).browse(rule_id)
    if rule.account_kind == 'withholding':
        return 0.0
    return rule._get_net_share(env['amazon.seller.marketplace'].sudo().browse(market_id))


def _select(keys, since):
    """Return a query of the latest sales of each SKU, with the rows of their items, and their part of rows that are
    about the order as a whole, like labels.

    The tax that Amazon remits is in no line of an item, neither here nor there.
    """
    return SQL(
        """%(sold)s
           SELECT sold.market_id, sold.sku, sold.channel, settlement.currency_id, settlement.company_id,
                  CASE WHEN line.treatment IN ('fee', 'other') THEN line.rule_id END,
                  CASE WHEN %(is_share)s THEN 'share' WHEN %(is_whole)s THEN 'whole' ELSE 'piece' END,
                  SUM(line.quantity) FILTER (WHERE %(is_price)s),
                  SUM(line.amount) FILTER (WHERE line.treatment IN ('revenue', 'tax', 'withheld')),
                  SUM(line.amount / CASE WHEN %(is_whole)s THEN GREATEST(shared.items, 1) ELSE 1 END)
                      FILTER (WHERE line.treatment IN ('fee', 'other'))
             FROM sold
             JOIN shared ON shared.order_ref = sold.order_ref
             JOIN amazon_settlement_line line ON line.order_ref = sold.order_ref
              AND line.marketplace_id = sold.market_id AND %(is_of_sale)s
              AND (line.item_ref = sold.item_ref
                   OR line.item_ref IS NULL AND COALESCE(line.sku, sold.sku) = sold.sku)
             JOIN amazon_settlement settlement ON settlement.id = line.settlement_id
         GROUP BY 1, 2, 3, 4, 5, 6, 7""",
        sold=_select_sold(keys, since), is_price=_IS_PRICE, is_share=_IS_SHARE, is_whole=_IS_WHOLE,
        is_of_sale=IS_OF_SALE)


def _select_sold(keys, since):
    """Return the start of that query: `sold`, the latest sales of each SKU, and `shared`, the items of their orders."""
    markets, skus, channels = (list(values) for values in zip(*keys, strict=True))
    return SQL(
        """WITH asked AS (
               SELECT * FROM unnest(%(markets)s::int[], %(skus)s::text[], %(channels)s::text[])
                   AS asked (market_id, sku, channel)),
           sold AS (
               SELECT DISTINCT asked.market_id, asked.sku, asked.channel, latest.order_ref, latest.item_ref
                 FROM asked CROSS JOIN LATERAL (
                      SELECT line.order_ref, line.item_ref FROM amazon_settlement_line line
                       WHERE line.marketplace_id = asked.market_id AND line.sku = asked.sku
                         AND line.posted_date >= %(since)s AND line.channel = asked.channel AND %(is_price)s
                    ORDER BY line.posted_date DESC LIMIT %(most)s) latest),
           shared AS (
               SELECT sold.order_ref, COUNT(DISTINCT line.item_ref) AS items
                 FROM (SELECT DISTINCT order_ref FROM sold) sold
                 JOIN amazon_settlement_line line ON line.order_ref = sold.order_ref AND %(is_price)s GROUP BY 1)""",
        markets=markets, skus=skus, channels=channels, since=since, most=MOST_SALES, is_price=_IS_PRICE)
