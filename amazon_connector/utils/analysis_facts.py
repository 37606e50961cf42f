"""What is known of sales on Amazon and of the money about them, as a query of facts: lines of sales orders, rows of
settlements, and refunds that no settlement has yet, each once.

The moment of a fact is the order's for what it sells, costs and is charged for, and Amazon's posting for refunds and
for what is of no order. Filters on it reach the tables below.
"""

from odoo import fields
from odoo.tools import SQL

# Amounts of a fact in its currency; costs are negative.
AMOUNTS = (
    'goods', 'charges', 'discounts', 'refunds', 'refunds_estimate', 'fee_commission', 'fee_fba', 'fee_storage',
    'fee_other', 'fees_estimate', 'advertising', 'shipping', 'other', 'cost',
)
# Kind of account of rows that are fees -> their amount; all else is another fee.
FEES = {'commission': 'fee_commission', 'fba': 'fee_fba', 'storage': 'fee_storage', 'shipping': 'shipping'}
COLUMNS = (
    'id', 'date', 'sale_order_id', 'settlement_id', 'seller_id', 'marketplace_id', 'company_id', 'product_id', 'sku',
    'channel', 'country_id', 'margin_state', 'currency_id', 'factor', 'units', 'no_cost',
)
_IS_REFUND = SQL("(line.treatment = 'refund' OR line.treatment = 'tax' AND line.transaction_type ~* 'refund')")
_IS_MONEY = SQL("(line.treatment IN ('fee', 'advertising', 'reimbursement', 'other')"
                " AND COALESCE(rule.account_kind, '') != 'withholding')")
# What Amazon charges and gives back with a refund is of its day.
_IS_AFTER = SQL("COALESCE(line.transaction_type, '') ~* 'refund|chargeback|a-to-z'")
_IS_PRICE = SQL("(line.amount_type = 'ItemPrice' AND line.amount_description = 'Principal')")
_STATE = SQL("CASE WHEN sale.id IS NULL THEN 'settled' ELSE COALESCE(sale.amazon_margin_state, 'unknown') END")
# The part of an order's total that is no tax; 1 where that is not known.
_NET = SQL("""COALESCE((sale.amount_untaxed - COALESCE((
    SELECT SUM(taxed.price_subtotal) FROM sale_order_line taxed
     WHERE taxed.order_id = sale.id AND taxed.amazon_charge = 'tax'), 0)) / NULLIF(sale.amount_total, 0), 1)""")


class AnalysisFacts:
    """Write the query of facts.

    :param env: its company says in which currency they are summed up
    """

    def __init__(self, env):
        self.env, self._shares = env, {}
        self._companies, self._markets, self._rules = self._list_companies(), self._list_markets(), self._list_rules()

    def select(self):
        """Return SQL of the facts of all companies: `COLUMNS`, then `AMOUNTS`; `factor` brings amounts into the
        currency of the current company, and is NULL where there is no rate.
        """
        return SQL(" UNION ALL ").join([
            self._select_sold(), self._select_charged(), self._select_posted(), self._select_undated(),
            self._select_open_refunds()])

    # === PARTS === #

    def _select_sold(self):
        """Return what orders sell: the estimate of their fees and the cost of returned goods, which are of the whole
        order, are divided among its items.
        """
        by_price = _divide('price_subtotal', 'goods')
        return self._write(
            source=SQL(
                """FROM sale_order sale
                   JOIN sale_order_line line ON line.order_id = sale.id
                   JOIN amazon_seller_marketplace market ON market.id = sale.amazon_marketplace_id
                   JOIN %s ON company.id = sale.company_id
              LEFT JOIN res_partner buyer ON buyer.id = sale.partner_shipping_id
              LEFT JOIN LATERAL (%s) whole ON line.amazon_charge = 'item'
                  WHERE sale.amazon_order_ref IS NOT NULL AND sale.state != 'cancel' AND line.display_type IS NULL
                    AND line.amazon_charge IS DISTINCT FROM 'tax'""", self._companies, _WHOLE),
            id=SQL("line.id * 8::bigint"), date=SQL("sale.date_order"), sale_order_id=SQL("sale.id"),
            seller_id=SQL("market.seller_id"), marketplace_id=SQL("market.id"), company_id=SQL("sale.company_id"),
            product_id=SQL("CASE WHEN line.amazon_charge = 'item' THEN line.product_id ELSE COALESCE(%s, "
                           "line.product_id) END", _find_item('product_id', 'amazon_item_ref')),
            sku=SQL("COALESCE(line.amazon_sku, %s)", _find_item('amazon_sku', 'amazon_item_ref')),
            channel=SQL("sale.amazon_channel"), country_id=SQL("buyer.country_id"), margin_state=_STATE,
            currency_id=SQL("sale.currency_id"), factor=_convert(SQL("sale.currency_id"), SQL("sale.date_order")),
            units=SQL("CASE WHEN line.amazon_charge = 'item' THEN line.product_uom_qty ELSE 0 END"),
            no_cost=SQL("line.amazon_charge = 'item' AND line.product_uom_qty > 0 "
                        "AND COALESCE(line.purchase_price, 0) = 0"),
            goods=_when(SQL("line.amazon_charge = 'item'"), SQL("line.price_subtotal")),
            discounts=_when(SQL("line.amazon_charge = 'discount'"), SQL("line.price_subtotal")),
            charges=_when(SQL("COALESCE(line.amazon_charge, '') NOT IN ('item', 'discount')"),
                          SQL("line.price_subtotal")),
            fees_estimate=SQL("COALESCE(whole.fees_estimate, 0) * %s", by_price),
            shipping=SQL("COALESCE(sale.amazon_return_labels, 0) * %s", by_price),
            cost=SQL("COALESCE(sale.amazon_returned_cost, 0) * %s - COALESCE(line.price_subtotal - line.margin, 0)",
                     _divide('price_subtotal - part.margin', 'cost')))

    def _select_charged(self):
        """Return what settlements charged for orders when they were sold."""
        return self._write_rows(
            step=1, order=SQL("JOIN"), date=SQL("sale.date_order"),
            condition=SQL("%s AND NOT %s", _IS_MONEY, _IS_AFTER))

    def _select_posted(self):
        return self._write_rows(step=2, order=SQL("LEFT JOIN"), date=SQL("line.posted_date"), condition=_APART)

    def _select_undated(self):
        """Return the rows whose day Amazon did not write in a form that can be read: of the settlement's end."""
        return self._write_rows(step=3, order=SQL("LEFT JOIN"), date=SQL("settlement.end_date"), condition=SQL(
            "line.posted_date IS NULL AND %s", _APART))

    def _select_open_refunds(self):
        """Return refunds that no settlement has yet: what transactions know beyond what settlements know."""
        return self._write(
            source=SQL(
                """FROM amazon_transaction line
                   JOIN sale_order sale ON sale.id = line.sale_order_id AND sale.state != 'cancel'
                   JOIN amazon_seller_marketplace market ON market.id = sale.amazon_marketplace_id
                   JOIN %s ON company.id = sale.company_id
              LEFT JOIN res_partner buyer ON buyer.id = sale.partner_shipping_id
                   JOIN LATERAL (%s) refund ON refund.missing < -0.02
                  WHERE line.transaction_type ~* 'refund' AND line.currency_id IS NOT NULL
                    AND line.buyer_amount != 0 AND sale.amazon_refunds < 0""", self._companies, _MISSING),
            id=SQL("line.id * 8::bigint + 4"), date=SQL("line.posted_date"), sale_order_id=SQL("sale.id"),
            seller_id=SQL("market.seller_id"), marketplace_id=SQL("market.id"), company_id=SQL("sale.company_id"),
            product_id=_find_item('product_id'), sku=_find_item('amazon_sku'),
            channel=SQL("sale.amazon_channel"), country_id=SQL("buyer.country_id"), margin_state=_STATE,
            currency_id=SQL("sale.currency_id"), factor=_convert(SQL("sale.currency_id"), SQL("sale.date_order")),
            refunds_estimate=SQL("refund.missing * %s * line.buyer_amount / NULLIF(refund.moved, 0)", _NET))

    def _write_rows(self, step, order, date, condition):
        """Return rows of settlements.

        :param SQL order: how they are joined with their orders
        :param SQL date: their moment
        :param SQL condition: which of them
        """
        net = SQL("line.amount * CASE line.treatment WHEN 'fee' THEN COALESCE(own.share, shop.fees, 1) "
                  "WHEN 'advertising' THEN COALESCE(own.share, shop.advertising, 1) ELSE 1 END")
        sold = SQL("sale.id IS NULL AND line.treatment = 'revenue'")
        price = SQL("line.amount * %s", _PRICE_SHARE)
        is_fee = SQL("line.treatment = 'fee' AND COALESCE(rule.account_kind, '')")
        fees = {name: _when(SQL("%s = %s", is_fee, kind), net) for kind, name in FEES.items()}
        return self._write(
            source=SQL(
                """FROM amazon_settlement_line line
                   JOIN amazon_settlement settlement ON settlement.id = line.settlement_id
                   %(order)s sale_order sale ON sale.id = line.sale_order_id AND sale.state != 'cancel'
                   JOIN %(companies)s ON company.id = COALESCE(sale.company_id, settlement.company_id)
              LEFT JOIN amazon_settlement_rule rule ON rule.id = line.rule_id
              LEFT JOIN %(markets)s ON shop.id = COALESCE(line.marketplace_id, settlement.marketplace_id)
              LEFT JOIN %(rules)s ON own.rule_id = line.rule_id AND own.company_id = settlement.company_id
              LEFT JOIN res_partner buyer ON buyer.id = sale.partner_shipping_id
                  WHERE %(condition)s""", order=order, companies=self._companies, markets=self._markets,
                rules=self._rules, condition=condition),
            id=SQL("line.id * 8::bigint + %s", step), date=date, sale_order_id=SQL("sale.id"),
            settlement_id=SQL("settlement.id"), seller_id=SQL("settlement.seller_id"),
            marketplace_id=SQL("COALESCE(sale.amazon_marketplace_id, line.marketplace_id, settlement.marketplace_id)"),
            company_id=SQL("company.id"),
            product_id=SQL("COALESCE(%s, line.product_id)", _find_item('product_id', 'item_ref')),
            sku=SQL("COALESCE(line.sku, %s)", _find_item('amazon_sku', 'item_ref')),
            channel=SQL("COALESCE(sale.amazon_channel, line.channel)"), country_id=SQL("buyer.country_id"),
            margin_state=_STATE, currency_id=SQL("settlement.currency_id"),
            factor=_convert(SQL("settlement.currency_id"), SQL("COALESCE(sale.date_order, line.posted_date, "
                                                               "settlement.end_date)")),
            units=_when(SQL("%s AND %s", sold, _IS_PRICE), SQL("line.quantity")),
            goods=_when(SQL("%s AND %s", sold, _IS_PRICE), price),
            discounts=_when(SQL("%s AND rule.account_kind = 'promotions'", sold), price),
            charges=_when(SQL("%s AND NOT %s AND rule.account_kind IS DISTINCT FROM 'promotions'", sold, _IS_PRICE),
                          price),
            refunds=SQL("CASE WHEN NOT %s THEN 0 WHEN sale.id IS NOT NULL THEN line.amount * %s "
                        "WHEN line.treatment = 'refund' THEN %s ELSE 0 END", _IS_REFUND, _NET, price),
            **fees, fee_other=_when(SQL("%s NOT IN %s", is_fee, tuple(FEES)), net),
            advertising=_when(SQL("line.treatment = 'advertising'"), net),
            other=_when(SQL("line.treatment IN ('reimbursement', 'other')"), net))

    def _write(self, source, **columns):
        """Return SQL of a part; columns that are not given are empty, and amounts zero."""
        empty = {**dict.fromkeys(COLUMNS, SQL("NULL")), 'settlement_id': SQL("NULL::int"), 'units': SQL("0"),
                 'no_cost': SQL("FALSE"), **dict.fromkeys(AMOUNTS, SQL("0"))}
        numbers = ('factor', 'units', *AMOUNTS)
        return SQL("(SELECT %s %s)", SQL(", ").join(
            SQL("(%s)::numeric AS %s" if name in numbers else "%s AS %s", columns.get(name, empty[name]),
                SQL.identifier(name)) for name in (*COLUMNS, *AMOUNTS)), source)

    # === WHAT ODOO KNOWS AND THE DATABASE DOES NOT === #

    def _list_companies(self):
        """Return SQL of the companies: their currency, and its rate of today in that of the current company."""
        current, rows, today = self.env.company, [], fields.Date.context_today(self.env.company)
        companies = self.env['res.company'].sudo().search([('active', 'in', (True, False))])
        missing = companies.currency_id._amazon_find_without_rate(current, today)
        for company in companies:
            factor = None if company.currency_id in missing else company.currency_id._get_conversion_rate(
                company.currency_id, current.currency_id, current, today)
            rows.append((company.id, company.root_id.id, company.currency_id.id, factor))
        return _list(rows, 'company', {'id': 'int', 'root_id': 'int', 'currency_id': 'int', 'factor': 'numeric'})

    def _list_markets(self):
        """Return SQL of the parts of amounts that are no tax, by marketplace."""
        rows = [(market.id, self._share(market.settlement_fee_tax_id), self._share(market._get_ad_tax()),
                 self._share(market.settlement_sale_tax_id)) for market in self._find_markets()]
        return _list(rows, 'shop', {'id': 'int', 'fees': 'numeric', 'advertising': 'numeric', 'sales': 'numeric'})

    def _list_rules(self):
        """Return SQL of the same by rule and company, of rules with a tax of their own."""
        rows = []
        rules, markets = self.env['amazon.settlement.rule'].sudo().with_context(active_test=False), self._find_markets()
        for company in markets.company_id | markets.seller_id.company_id:
            rows += [(rule.id, company.id, self._share(rule.tax_id))
                     for rule in rules.with_company(company).search([('tax_id', '!=', False)])]
        return _list(rows, 'own', {'rule_id': 'int', 'company_id': 'int', 'share': 'numeric'})

    def _find_markets(self):
        return self.env['amazon.seller.marketplace'].sudo().search([('active', 'in', (True, False))])

    def _share(self, tax):
        if tax not in self._shares:
            self._shares[tax] = self.env['amazon.settlement.rule']._get_share_without(tax)
        return self._shares[tax]


# Rows that are of no order, and those of refunds.
_APART = SQL(
    """(%s OR %s AND (sale.id IS NULL OR %s) OR sale.id IS NULL AND line.treatment = 'revenue')
       AND (sale.id IS NOT NULL OR settlement.stage != 'elsewhere')""", _IS_REFUND, _IS_MONEY, _IS_AFTER)
# Tax on sales is within amounts, unless it has rows of its own.
_PRICE_SHARE = SQL(
    """CASE WHEN COALESCE(own.share, shop.sales, 1) = 1 OR EXISTS (
        SELECT 1 FROM amazon_settlement_line taxed
         WHERE taxed.order_ref = line.order_ref AND taxed.settlement_id = line.settlement_id
           AND taxed.treatment = 'tax' AND taxed.amount != 0) THEN 1 ELSE COALESCE(own.share, shop.sales, 1) END""")
# Of orders with amounts that are of all their items. Tax that is nobody's gain is within their estimate.
_WHOLE = SQL(
    """SELECT COUNT(*) AS items, SUM(part.price_subtotal) AS goods,
              SUM(part.price_subtotal - part.margin) AS cost,
              sale.amazon_fees_estimate + CASE WHEN EXISTS (
                  SELECT 1 FROM amazon_settlement_line charged
                   WHERE charged.sale_order_id = sale.id AND charged.treatment = 'revenue') THEN 0
              ELSE COALESCE((SELECT SUM(taxed.price_total) FROM sale_order_line taxed
                   WHERE taxed.order_id = sale.id AND taxed.amazon_charge = 'tax'), 0) END AS fees_estimate
         FROM sale_order_line part
        WHERE part.order_id = sale.id AND part.amazon_charge = 'item' AND part.display_type IS NULL
          AND (sale.amazon_fees_estimate != 0 OR sale.amazon_returned_cost != 0 OR sale.amazon_return_labels != 0)""")
# Of the refunds of an order, with tax and in its currency: what transactions have, and what settlements lack of them.
_MISSING = SQL(
    """SELECT SUM(other.buyer_amount) AS moved,
              sale.amazon_refunds * COALESCE(sale.amount_total / NULLIF(sale.amount_untaxed, 0), 1) - COALESCE((
                  SELECT SUM(known.amount) FROM amazon_settlement_line known
                   WHERE known.sale_order_id = sale.id AND (known.treatment = 'refund'
                         OR known.treatment = 'tax' AND known.transaction_type ~* 'refund')), 0) AS missing
         FROM amazon_transaction other
        WHERE other.sale_order_id = sale.id AND other.transaction_type ~* 'refund'
          AND other.currency_id IS NOT NULL""")


def _when(condition, amount):
    return SQL("CASE WHEN %s THEN COALESCE(%s, 0) ELSE 0 END", condition, amount)


def _divide(column, total):
    """Return SQL of the part that an item has of its whole order: equal ones where the total is zero."""
    return SQL("COALESCE(CASE WHEN whole.%(total)s != 0 THEN (%(amount)s) / whole.%(total)s "
               "ELSE 1.0 / NULLIF(whole.items, 0) END, 0)", total=SQL.identifier(total),
               amount=SQL("line." + column.replace('part.', 'line.')))


def _find_item(column, ref=None):
    """Return SQL of a column of the item that `line` is about: the one that it names, or the only one of the order."""
    name = SQL.identifier(column)
    named = SQL("MAX(item.%s) FILTER (WHERE item.amazon_item_ref = line.%s)", name, SQL.identifier(ref)) if ref else (
        SQL("NULL"))
    return SQL(
        """(SELECT COALESCE(%(named)s, CASE WHEN MIN(item.%(name)s) = MAX(item.%(name)s) THEN MIN(item.%(name)s) END)
              FROM sale_order_line item WHERE item.order_id = sale.id AND item.amazon_charge = 'item')""",
        named=named, name=name)


def _convert(currency, moment):
    """Return SQL of the factor that brings a currency into that of the current company: at the order's rate where Odoo
    knew one, else at that of its day.
    """
    def find(of):
        return SQL(
            """(SELECT rate.rate FROM res_currency_rate rate
                 WHERE rate.currency_id = %s AND rate.name <= (%s)::date
                   AND (rate.company_id IS NULL OR rate.company_id = company.root_id)
              ORDER BY rate.company_id, rate.name DESC LIMIT 1)""", of, moment)
    # Odoo takes 1 where it knows no rate.
    return SQL(
        """CASE WHEN %(currency)s = company.currency_id THEN company.factor
                WHEN %(currency)s = sale.currency_id AND sale.currency_rate NOT IN (0, 1)
                THEN company.factor / sale.currency_rate::numeric
                ELSE company.factor * COALESCE(%(home)s, 1)::numeric / %(foreign)s::numeric END""",
        currency=currency, home=find(SQL("company.currency_id")), foreign=find(currency))


def _list(rows, name, types):
    """Return SQL of rows as a table with a name."""
    columns = SQL(", ").join(SQL.identifier(column) for column in types)
    values = [SQL("(%s)", SQL(", ").join(SQL("%s::" + kind, value) for value, kind in zip(row, types.values(),
                                                                                         strict=True)))
              for row in rows or [(None,) * len(types)]]
    return SQL("(VALUES %s) AS %s (%s)", SQL(", ").join(values), SQL.identifier(name), columns)
