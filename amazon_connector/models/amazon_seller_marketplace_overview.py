import collections
import datetime
import json

from odoo import fields, models
from odoo.tools import SQL, format_date, format_datetime

from ..utils.access import MONEY_READERS, USER
from ..utils.domains import any_of
from .amazon_attention import SENT_AND_REFUSED
from .amazon_settlement import STAGES

READERS = f'{USER},{MONEY_READERS}'
# Days of the graph, and how far back orders wait for their settlement.
DAYS_SHOWN, DAYS_UNPAID = 14, 90
AT_RISK = ('overdue', 'today', 'blocked')
SOLD_OUT = [
    ('mapping_state', '=', 'mapped'), ('status', 'in', ('active', 'inactive')), ('stock_paused', '=', False),
    # What was never read is no quantity either.
    '|', '&', ('channel', '=', 'fba'), '|', ('fba_quantity', '=', False), ('fba_quantity', '<=', 0),
    '&', '&', ('channel', '=', 'fbm'), ('amazon_date', '!=', False),
    '|', ('amazon_quantity', '=', False), ('amazon_quantity', '<=', 0),
]
# The listings that somebody is told of, and those that differ at Amazon.
REFUSED = any_of([['&', '&', '&', *SENT_AND_REFUSED], [('out_of_sync', '=', True)]])
# Number on a card -> the action that shows what is counted, and the field of its marketplace.
OPENS = {
    'orders': ('amazon_sale_order_action', 'amazon_marketplace_id', []),
    'to_ship': ('amazon_to_ship_action', 'sale_id.amazon_marketplace_id', [
        ('amazon_order_ref', '!=', False), ('state', 'not in', ('done', 'cancel')),
        ('picking_type_code', '=', 'outgoing')]),
    'exceptions': ('amazon_order_exception_action', 'marketplace_id', [('state', '=', 'error')]),
    'unmapped': ('amazon_listing_action', 'marketplace_id', [('mapping_state', '=', 'unmapped')]),
    'refused': ('amazon_listing_action', 'marketplace_id', REFUSED),
    'sold_out': ('amazon_listing_action', 'marketplace_id', SOLD_OUT),
    'payouts': ('amazon_settlement_action', 'marketplace_id', []),
    'unpaid': ('amazon_analysis_action', 'marketplace_id', [('margin_state', '=', 'estimated')]),
    'analysis': ('amazon_analysis_action', 'marketplace_id', []),
}
OPENS['at_risk'] = (*OPENS['to_ship'][:2], [*OPENS['to_ship'][2], ('amazon_risk', 'in', AT_RISK)])


class AmazonSellerMarketplace(models.Model):
    """The card of a marketplace on the overview: so many queries for all cards as for one."""

    _inherit = 'amazon.seller.marketplace'

    overview_graph = fields.Text("Sales by day", compute='_compute_overview_sales', groups=READERS)
    overview_orders = fields.Integer("Orders", compute='_compute_overview_sales', groups=READERS)
    overview_sales = fields.Monetary("Sales without tax", compute='_compute_overview_sales', groups=READERS)
    overview_to_ship = fields.Integer("To ship", compute='_compute_overview_counts', groups=READERS)
    overview_at_risk = fields.Integer("At risk", compute='_compute_overview_counts', groups=READERS)
    overview_exceptions = fields.Integer("Exceptions", compute='_compute_overview_counts', groups=READERS)
    overview_unmapped = fields.Integer("SKUs without a product", compute='_compute_overview_counts', groups=READERS)
    overview_refused = fields.Integer("Refused, held or differing", compute='_compute_overview_counts', groups=READERS)
    overview_sold_out = fields.Integer("Sold out", compute='_compute_overview_counts', groups=READERS)
    overview_paid = fields.Monetary("Last payout", compute='_compute_overview_money', groups=READERS)
    overview_paid_date = fields.Date("Last payout on", compute='_compute_overview_money', groups=READERS)
    overview_paid_state = fields.Selection([*STAGES, ('reconciled', "Reconciled")], "Last settlement",
                                           compute='_compute_overview_money', groups=READERS)
    overview_difference = fields.Monetary("Difference of the last settlement", compute='_compute_overview_money',
                                          groups=READERS)
    overview_unpaid = fields.Monetary("Not paid out yet (estimate)", compute='_compute_overview_money', groups=READERS)
    overview_unpaid_known = fields.Boolean("What is not paid out is known", compute='_compute_overview_money',
                                           groups=READERS)
    overview_failing = fields.Integer("Synchronizations that fail", compute='_compute_overview_syncs', groups=READERS)
    overview_syncs = fields.Text("Last synchronizations", compute='_compute_overview_syncs', groups=READERS)
    overview_no_rate = fields.Boolean("Its currency has no exchange rate", compute='_compute_overview_no_rate',
                                      groups=READERS)

    def _compute_overview_sales(self):
        zone = self.env.company._amazon_get_zone()
        today = self.env.company._amazon_get_day(fields.Datetime.now())
        days = [today - datetime.timedelta(days=ago) for ago in reversed(range(DAYS_SHOWN))]
        # A text is found once: that may need a query.
        text, names = self.env._("%(day)s: orders: %(count)s"), [format_date(self.env, day) for day in days]
        found = collections.defaultdict(dict)
        for market, moment, count, amount in self.env['sale.order'].sudo().with_context(tz=zone)._read_group(
                [('amazon_marketplace_id', 'in', self.ids), ('amazon_order_ref', '!=', False),
                 ('state', '!=', 'cancel'), ('date_order', '>=', days[0] - datetime.timedelta(days=1))],
                ['amazon_marketplace_id', 'date_order:day'], ['__count', 'amount_untaxed:sum']):
            found[market.id][fields.Date.to_date(moment)] = count, amount
        for market in self:
            values = [found[market.id].get(day, (0, 0.0)) for day in days]
            market.overview_orders, market.overview_sales = sum(count for count, _amount in values), sum(
                amount for _count, amount in values)
            market.overview_graph = json.dumps([{'key': market.currency_id.name, 'values': [
                {'x': text % {'day': name, 'count': count}, 'y': round(amount, 2)}
                for name, (count, amount) in zip(names, values, strict=True)]}])

    def _compute_overview_counts(self):
        shipping = {market: counts for market, *counts in self._read_to_ship()}
        counts = {name: self._count_overview(name) for name in ('exceptions', 'unmapped', 'refused', 'sold_out')}
        for market in self:
            market.overview_to_ship, market.overview_at_risk = shipping.get(market.id, (0, 0))
            for name, numbers in counts.items():
                market[f'overview_{name}'] = numbers.get(market.id, 0)

    def _count_overview(self, name):
        action, field, domain = OPENS[name]
        model = 'amazon.order' if action == 'amazon_order_exception_action' else 'amazon.listing'
        return {market.id: count for market, count in self.env[model].sudo()._read_group(
            [(field, 'in', self.ids), *domain], [field], ['__count'])}

    def _read_to_ship(self):
        """Return the open deliveries of marketplaces, and how many of them are at risk."""
        pickings = self.env['stock.picking'].sudo()
        pickings._amazon_flush_risk()
        self.env['sale.order'].flush_model(['amazon_marketplace_id'])
        return self.env.execute_query(SQL(
            """SELECT sale.amazon_marketplace_id, COUNT(*), COUNT(*) FILTER (WHERE %s IN %s)
                 FROM stock_picking picking
                 JOIN stock_picking_type type ON type.id = picking.picking_type_id AND type.code = 'outgoing'
                 JOIN sale_order sale ON sale.id = picking.sale_id
                WHERE picking.amazon_order_ref IS NOT NULL AND picking.state NOT IN ('done', 'cancel')
                  AND sale.amazon_marketplace_id IN %s
             GROUP BY 1""", pickings._amazon_risk_sql('picking'), AT_RISK, tuple(self.ids) or (0,)))

    def _compute_overview_money(self):
        self.env['amazon.settlement'].flush_model()
        last = {market: values for market, *values in self.env.execute_query(SQL(
            """SELECT DISTINCT ON (marketplace_id) marketplace_id, total, deposit_date, state, difference
                 FROM amazon_settlement WHERE marketplace_id IN %s AND stage NOT IN ('elsewhere', 'ignored')
             ORDER BY marketplace_id, end_date DESC, id DESC""", tuple(self.ids) or (0,)))}
        unpaid = self._read_unpaid()
        for market in self:
            paid, date, state, difference = last.get(market.id, (0.0, False, False, 0.0))
            market.overview_paid, market.overview_paid_date = paid, date
            market.overview_paid_state, market.overview_difference = state, difference
            amounts = unpaid[market.id]
            market.overview_unpaid = amounts.get('estimated') or 0.0
            market.overview_unpaid_known = 'estimated' in amounts or 'unknown' not in amounts

    def _read_unpaid(self):
        """Return what is not settled of each marketplace: the payout, in its currency, of orders whose fees are
        estimated, and nothing of those whose fees are unknown.

        :rtype: dict of id to dict of margin state to amount
        """
        since, unpaid = fields.Datetime.now() - datetime.timedelta(days=DAYS_UNPAID), collections.defaultdict(dict)
        for market, state, amount in self.env['amazon.analysis'].sudo()._read_group(
                [('marketplace_id', 'in', self.ids), ('margin_state', 'in', ('estimated', 'unknown')),
                 ('date', '>=', since)], ['marketplace_id', 'margin_state'], ['own_payout:sum']):
            unpaid[market.id][state] = amount
        return unpaid

    def _compute_overview_syncs(self):
        syncs = self.env['amazon.sync'].sudo().search([('seller_id', 'in', self.seller_id.ids),
                                                       ('last_run', '!=', False)]).grouped('seller_id')
        names = dict(self.env['amazon.sync']._fields['flow']._description_selection(self.env))
        text, never = self.env._("%(flow)s: %(moment)s"), self.env._("never")
        for seller, markets in self.grouped('seller_id').items():
            mine = syncs.get(seller, self.env['amazon.sync'])
            markets.overview_failing = len(mine.filtered(lambda sync: sync.failures or sync.needs_person))
            markets.overview_syncs = '\n'.join(text % {'flow': names[sync.flow], 'moment': (
                format_datetime(self.env, sync.last_success, dt_format='short') if sync.last_success else never)}
                for sync in mine)

    def _compute_overview_no_rate(self):
        missing = self.currency_id._amazon_find_without_rate(self.env.company)
        for market in self:
            market.overview_no_rate = market.currency_id in missing

    def action_open_overview(self):
        """Show what a number on the cards counts, which the context names; else the analysis of these marketplaces."""
        self.check_access('read')
        kind = self.env.context.get('amazon_overview')
        if kind == 'syncs':
            return self._open_overview('amazon_sync_action', [('seller_id', 'in', self.seller_id.ids)])
        action, field, domain = OPENS.get(kind, OPENS['analysis'])
        return self._open_overview(action, [(field, 'in', self.ids), *domain])

    def _open_overview(self, name, domain):
        action = self.env['ir.actions.act_window']._for_xml_id(f'amazon_connector.{name}')
        self.env[action['res_model']].check_access('read')
        return {**action, 'domain': domain, 'context': {'create': False}}
