"""Cost of goods for the sales that a settlement sums up, with perpetual valuation: as Odoo's invoice would book it.

Odoo 19 books it when an invoice is posted (`stock_account`, `_stock_account_prepare_realtime_out_lines_vals`): the
value of the moves of the order's line by FIFO, the product's cost else; goods that come back take it out again.
"""

import dataclasses
import datetime
import json

from odoo.tools import SQL

from .return_reasons import IN_STOCK

# Movements are of the day on which somebody made them; people correct the days of some months.
CORRECTED = datetime.timedelta(days=180)


@dataclasses.dataclass
class Cost:
    """Cost of an item of an order: `quantity` in the product's unit, `amount` in the company's currency, negative for
    what came back.
    """

    month: datetime.date
    line: object
    kind: str
    quantity: float
    amount: float


class SettlementCosts:
    """Costs of the rows of a settlement that clear no invoices.

    :param plan: the `SettlementPlan`
    """

    def __init__(self, plan):
        self.plan, self.env, self.company, self.rows = plan, plan.env, plan.company, plan.rows
        self._accounts = {}

    def read_costs(self):
        """Return the `Cost`s: those that were stored when booking began, else what they would be now."""
        if self.rows.is_decided:
            return [Cost(cost.month, cost.sale_line_id, cost.kind, cost.quantity, cost.amount)
                    for cost in self._search([('settlement_id', '=', self.plan.settlement.id),
                                              ('kind', '!=', 'offset')])]
        if not self._is_perpetual():
            return []
        sold, refunded = self._read_items('revenue'), self._read_items('refund')
        late = self._find_returned_late()
        lines = self.env['sale.order.line'].browse({line for _month, line, _quantity in [*sold, *refunded]} | late)
        goods = lines.filtered(lambda line: line.product_id.is_storable and line.product_id.valuation == 'real_time')
        known = self._read_known(goods)
        costs = [self._make_sale(month, goods.browse(line), quantity, known) for month, line, quantity in sold
                 if line in goods._ids]
        months = {line: month for month, line, _quantity in refunded}
        last = self.rows.get_last_month()
        costs += [self._make_return(months.get(line.id, last), line, known) for line in goods if line.id in months
                  or line.id in late]
        return [cost for cost in costs if cost and not self.company.currency_id.is_zero(cost.amount)]

    def store(self, costs):
        """Store the booked costs, for later returns and invoices."""
        return self.env['amazon.settlement.cost'].create([{
            'settlement_id': self.plan.settlement.id, 'company_id': self.company.id,
            'currency_id': self.company.currency_id.id,
            'sale_line_id': cost.line.id, 'product_id': cost.line.product_id.id, 'kind': cost.kind, 'month': cost.month,
            'quantity': cost.quantity, 'amount': cost.amount} for cost in costs])

    def read_offsets(self, orders):
        """Return the `Cost`s that reverse the costs that this settlement booked for sales orders."""
        totals = {}
        for cost in self._search([('settlement_id', '=', self.plan.settlement.id),
                                  ('sale_line_id.order_id', 'in', orders.ids)]):
            total = totals.setdefault((cost.month, cost.sale_line_id), [0.0, 0.0])
            total[0] -= cost.quantity
            total[1] -= cost.amount
        return [Cost(month, line, 'offset', quantity, amount) for (month, line), (quantity, amount) in totals.items()
                if not self.company.currency_id.is_zero(amount)]

    def _search(self, domain):
        return self.env['amazon.settlement.cost'].search(domain)

    # === WHAT WAS SOLD AND CAME BACK === #

    def _is_perpetual(self):
        """Return whether any product is valued perpetually, in this company."""
        return self.company.inventory_valuation == 'real_time' or bool(
            self.env['product.category'].search_count([('property_valuation', '=', 'real_time')], limit=1))

    def _read_items(self, treatment):
        """Return (month, order line (id), quantity at Amazon) of the prices of goods that are summed up."""
        return self.env.execute_query(SQL(
            """WITH item AS (
                   SELECT %s AS month, line.sale_order_id, line.item_ref, line.product_id,
                       SUM(line.quantity) AS quantity
                     FROM amazon_settlement_line line JOIN amazon_settlement_rule rule ON rule.id = line.rule_id
                      AND rule.is_buyer
                    WHERE %s AND NOT (%s) AND line.treatment = %s AND line.amount_description ~* '^principal$'
                      AND line.sale_order_id IS NOT NULL
                      AND line.amount_type ~* '^itemprice$'
                 GROUP BY 1, 2, 3, 4)
               SELECT item.month, goods.id, SUM(item.quantity)
                 FROM item
                 JOIN LATERAL (
                      SELECT sold.id FROM sale_order_line sold
                       WHERE sold.order_id = item.sale_order_id AND sold.amazon_charge = 'item' AND sold.company_id = %s
                         AND (sold.amazon_item_ref = item.item_ref OR sold.product_id = item.product_id)
                    ORDER BY (sold.amazon_item_ref IS NOT DISTINCT FROM item.item_ref) DESC, sold.id LIMIT 1) goods
                        ON TRUE
                WHERE NOT EXISTS (SELECT 1 FROM stock_move move WHERE move.sale_line_id = goods.id AND move.is_dropship)
             GROUP BY 1, 2 ORDER BY 1, 2""", self.rows.get_month(), self.rows.get_scope(), self.rows.get_cleared(),
            treatment, self.company.id))

    def read_unknown(self):
        """Return product (id) and pieces of sales with perpetual valuation whose orders are not in Odoo."""
        if not self._is_perpetual():
            return []
        rows = self.env.execute_query(SQL(
            """SELECT line.product_id, SUM(line.quantity)
                 FROM amazon_settlement_line line JOIN amazon_settlement_rule rule ON rule.id = line.rule_id
                  AND rule.is_buyer
                WHERE %s AND line.treatment = 'revenue' AND line.amount_description ~* '^principal$'
                  AND line.amount_type ~* '^itemprice$'
                  AND line.sale_order_id IS NULL AND line.product_id IS NOT NULL
             GROUP BY 1 HAVING SUM(line.quantity) > 0 ORDER BY 1""", self.rows.get_scope()))
        products = self.env['product.product'].browse(row[0] for row in rows).filtered(
            lambda product: product.is_storable and product.valuation == 'real_time')
        return [(product, quantity) for product, quantity in rows if product in products._ids]

    def _find_returned_late(self):
        """Return the order lines (ids) whose cost was booked by a settlement of this marketplace and is not all taken
        back, that were refunded, and whose goods came back, or became known, so lately that the settlement before may
        not have known it, however long ago they came.
        """
        before = self._find_before()
        if not before:
            return set()
        since = self._get_since(before)
        self.env.flush_all()
        return {row[0] for row in self.env.execute_query(SQL(
            """SELECT back.line_id
                 FROM (%s UNION %s UNION %s) back
                 JOIN sale_order_line sold ON sold.id = back.line_id
                WHERE (SELECT SUM(cost.quantity) FROM amazon_settlement_cost cost
                         JOIN amazon_settlement settlement ON settlement.id = cost.settlement_id
                          AND settlement.marketplace_id = %s
                        WHERE cost.sale_line_id = sold.id) > 0
                  AND EXISTS (SELECT 1 FROM amazon_settlement_line line
                                JOIN amazon_settlement booked ON booked.id = line.settlement_id
                                    AND booked.stage = 'booked'
                               WHERE line.sale_order_id = sold.order_id AND line.treatment = 'refund'
                                 AND line.is_cleared IS NOT TRUE
                                 AND (line.item_ref IS NULL OR line.item_ref = sold.amazon_item_ref
                                      OR line.product_id = sold.product_id))""",
            self._select_reported(SQL("record.date >= %s", since.date())),
            self._select_reported(SQL("record.write_date >= %s", before.end_date)), self._select_moved(since),
            self.plan.market.id))}

    def _find_before(self):
        """Return the settlement of this marketplace that was booked before, empty if there is none."""
        settlement = self.plan.settlement
        return self.env['amazon.settlement'].search([
            ('marketplace_id', '=', self.plan.market.id), ('stage', 'in', ('booking', 'draft', 'booked')),
            ('id', '!=', settlement.id), ('end_date', '<=', settlement.end_date or datetime.datetime.now())],
            order='end_date desc', limit=1)

    def _get_since(self, before):
        """Return from when on goods that came back may not be known to the settlement before (naive UTC), whatever was
        written since; a ledger that was opened since tells of all from its first day on.
        """
        seller, since = self.plan.market.seller_id, before.end_date - CORRECTED
        if seller.ledger_state == 'on':
            first = self.env['amazon.ledger.day'].search([('seller_id', '=', seller.id)], order='date', limit=1)
            if not first or first.create_date > before.end_date:
                since = min(since, seller._get_first_moment())
        return since

    @staticmethod
    def _select_reported(condition):
        """Return the select of the order lines of goods that are in Amazon's stock again by its report, where the stock
        follows the ledger; the day of its beginning is looked at closely later.

        :param SQL condition: on the `record` of a return
        """
        return SQL(
            """SELECT record.sale_line_id AS line_id FROM amazon_return record
                 JOIN amazon_seller seller ON seller.id = record.seller_id AND seller.ledger_state = 'on'
                WHERE record.channel = 'fba' AND record.sale_line_id IS NOT NULL
                  AND %s AND record.date >= seller.ledger_start - 1
                  AND LOWER(TRIM(COALESCE(record.status, %s))) IN %s""", condition, IN_STOCK[0], IN_STOCK)

    def _select_moved(self, since):
        """Return the select of the order lines of goods that movements brought back."""
        return SQL(
            """SELECT move.sale_line_id FROM stock_move move
                 JOIN stock_location origin ON origin.id = move.location_id AND origin.usage = 'customer'
                WHERE move.company_id = %s AND move.state = 'done' AND move.sale_line_id IS NOT NULL
                  AND move.date >= %s""", self.company.id, since)

    def _read_known(self, lines):
        """Return by order line (id) what settlements booked for it: quantity and amount of sales, quantity that came
        back, amount of all.
        """
        known = {line: [0.0, 0.0, 0.0, 0.0] for line in lines.ids}
        for line, kind, quantity, amount in self.env['amazon.settlement.cost']._read_group(
                [('sale_line_id', 'in', lines.ids)], ['sale_line_id', 'kind'], ['quantity:sum', 'amount:sum']):
            entry = known[line.id]
            entry[3] += amount
            if kind == 'sale':
                entry[0] += quantity
                entry[1] += amount
            elif kind == 'return':
                entry[2] -= quantity
        return known

    def _make_sale(self, month, line, quantity, known):
        """Return the cost of a sale, and the correction of costs booked for the line before, as Odoo does on a second
        invoice.
        """
        entry, product = known[line.id], line.product_id
        pieces = line.product_uom_id._compute_quantity(quantity, product.uom_id) if quantity else (
            line.product_uom_id._compute_quantity(line.product_uom_qty, product.uom_id) - entry[0])
        total = entry[0] + pieces
        amount = self.company.currency_id.round(self._get_unit_cost(line, total) * total - entry[1])
        entry[0], entry[1], entry[3] = total, entry[1] + amount, entry[3] + amount
        return Cost(month, line, 'sale', pieces, amount)

    def _make_return(self, month, line, known):
        """Return the cost of the returned part of a refunded item, or None: as much as Odoo has back in stock."""
        sold, amount, back, left = known[line.id]
        pieces = min(self._get_returned(line), sold) - back
        if pieces <= 0 or left <= 0 or not sold:
            return None
        return Cost(month, line, 'return', -pieces, -min(self.company.currency_id.round(amount / sold * pieces), left))

    def _get_returned(self, line):
        """Return the quantity of an order's line that the customer returned, in the product's unit."""
        return line.product_uom_id._compute_quantity(line._amazon_count_back(), line.product_id.uom_id)

    # === WHAT IT COSTS === #

    def _get_unit_cost(self, line, quantity):
        """Return the cost of one unit of the product of an order's line."""
        product, moves = line.product_id, line.move_ids.filtered(lambda move: move.state == 'done')
        if product.cost_method != 'fifo' and not moves.product_id - product:
            return product.standard_price
        if moves.product_id - product:
            unit = line.product_uom_id._compute_quantity(1, product.uom_id, round=False)
            return sum(need * self._get_value(moves.filtered(lambda move, part=part: move.product_id == part))
                       for part, need in line._amazon_get_needs(moves).items() if part.is_storable) / unit
        if moves:
            return moves._get_cogs_price_unit(quantity)
        return product._run_fifo(quantity) / quantity if quantity else 0.0

    @staticmethod
    def _get_value(moves):
        """Return what one unit of the only product of moves was worth; Odoo's own method counts the parts of a kit
        twice.
        """
        quantity = sum(move._get_valued_qty() for move in moves)
        return sum(moves.mapped('value')) / quantity if quantity else 0.0

    # === ITEMS === #

    def prepare(self, costs):
        """Return the items of costs: one pair for each product category, its accounts and analytic distribution."""
        totals = {}
        for cost in costs:
            stock, expense = self._get_accounts(cost.line)
            if stock and expense:
                key = cost.line.product_id.categ_id, stock, expense, json.dumps(cost.line.analytic_distribution or None,
                                                                                sort_keys=True)
                totals[key] = totals.get(key, 0.0) + cost.amount
        items = []
        for (category, stock, expense, distribution), amount in totals.items():
            name = self.env._("Cost of goods: %s", category.display_name or self.env._("without a category"))
            items += [self._prepare_item(name, expense, amount, analytic_distribution=json.loads(distribution)),
                      self._prepare_item(name, stock, -amount)]
        return [item for item in items if item['balance']]

    def _prepare_item(self, name, account, amount, **values):
        currency = self.company.currency_id
        amount = currency.round(amount)
        return {'name': name, 'account_id': account.id, 'currency_id': currency.id, 'amount_currency': amount,
                'balance': amount, **values}

    def _get_accounts(self, line):
        """Return the accounts of stock and of cost that an invoice of an order's line would use."""
        template, position = line.product_id.product_tmpl_id, line.order_id.fiscal_position_id
        if (template, position) not in self._accounts:
            accounts = template.get_product_accounts(fiscal_pos=position)
            journal = self.plan.market.journal_id or self.env['account.journal'].search(
                [('company_id', '=', self.company.id), ('type', '=', 'sale')], limit=1)
            self._accounts[template, position] = (accounts['stock_valuation'], accounts['expense']
                                                  or journal.default_account_id)
        return self._accounts[template, position]
