from odoo import api, fields, models
from odoo.tools import SQL

from ..utils.phrases import tell
from ..utils.settlement_plan import SettlementPlan
from ..utils.settlement_rows import DECIDED, SettlementRows
from ..utils.words import write_day, write_month

# The most orders that are named.
SHOWN = 10


class AmazonSettlement(models.Model):
    """Information for the person who books a settlement."""

    _inherit = 'amazon.settlement'

    notice = fields.Text("Before it is booked", compute='_compute_notice')
    crosses_month = fields.Boolean(compute='_compute_notice')

    @api.depends('stage', 'split_month', 'book_after_lock')
    def _compute_notice(self):
        for settlement in self:
            settlement.crosses_month, settlement.notice = False, False
            if settlement.stage in ('to_map', 'ready') and settlement.marketplace_id:
                own = settlement.sudo().with_company(settlement.company_id)
                months = own._describe_months()
                settlement.crosses_month = bool(months)
                notices = [months, *own._describe_other_totals(), *own._describe_unknown_taxes(),
                           *own._describe_unknown_costs(), own._describe_fee_tax(),
                           *own._describe_ad_taxes(), own._describe_odd_dates()]
                settlement.notice = '\n'.join(filter(None, notices)) or False

    def _describe_months(self):
        """Return in words how much belongs to another month than the settlement ends in, or None; in the company's time
        zone.
        """
        if self._is_split():
            return None
        zone, day = self.company_id._amazon_get_zone(), self.company_id._amazon_get_day(self.end_date)
        rows = self.env.execute_query(SQL(
            """SELECT SUM(amount), COUNT(DISTINCT order_ref) FROM amazon_settlement_line line
                WHERE settlement_id = %s AND treatment IN ('revenue', 'refund', 'tax', 'fee', 'advertising')
                  AND posted_date AT TIME ZONE 'UTC' AT TIME ZONE %s < %s""", self.id, zone, day.replace(day=1)))
        amount, orders = rows[0]
        return tell(self.env)._(
            "%(amount)s of %(orders)s orders are of another month than %(month)s: split the settlement by month, if "
            "revenue is to be in the month of the sale.",
            amount=tell(self.env).amount(amount, self.currency_id), orders=orders,
            month=write_month(self.env, day)) if amount is not None else None

    def _describe_other_totals(self):
        """Return in words which orders have another total in Odoo than at Amazon, or None."""
        self.env['sale.order'].flush_model(['amount_total', 'amazon_total', 'state'])
        refs = [row[0] for row in self.env.execute_query(SQL(
            """SELECT DISTINCT sale.amazon_order_ref
                 FROM amazon_settlement_line line JOIN sale_order sale ON sale.id = line.sale_order_id
                WHERE line.settlement_id = %s AND sale.state != 'cancel'
                  AND ABS(sale.amount_total - sale.amazon_total) >= 0.001
             ORDER BY 1 LIMIT %s""", self.id, SHOWN + 1))]
        return [tell(self.env)._(
            "The orders %s have another total in Odoo than at Amazon, because their lines or taxes were changed: what "
            "is booked follows their lines.", ', '.join([*refs[:SHOWN], *['…'] * (len(refs) > SHOWN)]))] if refs else []

    def _describe_unknown_taxes(self):
        """Return in words which sales get the tax of the marketplace, because no order in Odoo has theirs."""
        if self.stage in DECIDED:
            return []
        texts = []
        for market_id, reason, refs, amount in SettlementRows(self).read_unknown_taxes():
            market = self.marketplace_id.browse(market_id)
            tax = (market if market.company_id == self.company_id else self.marketplace_id).settlement_sale_tax_id
            texts.append(tell(self.env)._(
                "%(market)s: %(reason)s, %(amount)s together: they are booked with %(tax)s, unless their rule says "
                "otherwise.",
                market=market.name, reason=self._describe_reason(reason, refs),
                amount=tell(self.env).amount(amount, self.currency_id),
                tax=tax.display_name or tell(self.env)._("no tax")))
        return texts

    def _describe_reason(self, reason, refs):
        """Return in words why no order in Odoo has the taxes of sales."""
        shown = ', '.join([*filter(None, refs[:SHOWN]), *['…'] * (len(refs) > SHOWN)])
        if reason == 'item':
            return tell(self.env)._("the orders %s have items of several taxes, and the rows name items that are none "
                                    "of theirs", shown)
        if reason == 'waiting':
            return tell(self.env)._("the quotations of %s wait for an answer", shown)
        return tell(self.env)._("Odoo does not know the orders of %s sales and refunds", len(list(filter(None, refs))))

    def _describe_fee_tax(self):
        """Return in words what is wrong with the tax on the fees of this settlement, or None."""
        market = self.marketplace_id
        has_fees = self.env['amazon.settlement.line'].search_count(
            [('settlement_id', '=', self.id), ('treatment', '=', 'fee')], limit=1)
        return (market._describe_fee_tax(market.settlement_fee_tax_id) if has_fees
                and market.company_id == self.company_id else None)

    def _describe_ad_taxes(self):
        """Return in words for which marketplaces no tax is booked of advertising that is invoiced from abroad."""
        lines = self.env['amazon.settlement.line']._read_group(
            [('settlement_id', '=', self.id), ('treatment', '=', 'advertising')], ['marketplace_id'])
        return [market._describe_ad_tax() for [market] in lines if market.company_id == self.company_id]

    def _describe_odd_dates(self):
        """Return in words which dates of the file cannot be read, and the date that is used instead, or None."""
        odd = self.odd_dates or []
        shown = ', '.join([*(f'{number}: {text[:40]}' for number, _column, text in odd[:SHOWN]),
                           *['…'] * (len(odd) > SHOWN)])
        return odd and tell(self.env)._(
            "Some dates of the file cannot be read (by line: %(dates)s). Rows without another date count on the "
            "day that the settlement ends (%(day)s). "
            "Compare with Seller Central, and inform the maintainer of the connector.", dates=shown,
            day=write_day(self.env, self.company_id._amazon_get_day(self.end_date))) or None

    def _describe_unknown_costs(self):
        """Return in words how many pieces of goods with perpetual valuation have no cost in the books, because their
        orders are not in Odoo.
        """
        pieces = [] if self.stage in DECIDED else SettlementPlan(self).costs.read_unknown()
        return [tell(self.env)._(
            "%(pieces)s pieces of %(product)s were sold by orders that are not in Odoo: no cost of goods is booked "
            "for them.", pieces=quantity,
            product=self.env['product.product'].browse(product).display_name) for product, quantity in pieces]
