import base64
import datetime
import json
from decimal import Decimal

import psycopg2

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, formatLang, split_every

from ..amazon_api.errors import AmazonError
from ..amazon_reports.settlement import REPORT_TYPE, SettlementFile
from ..utils.amounts import to_decimal
from ..utils.copy_rows import copy_rows
from ..utils.phrases import tell
from ..utils.quiet import quiet_sql
from ..utils.reader_fields import ReaderText
from ..utils.settlement_plan import SettlementPlan
from ..utils.settlement_rows import DECIDED
from .amazon_sync import FLOW_INTERVALS

CHUNK_ROWS = 5000
DAYS_LISTED = datetime.timedelta(days=90)
# A report may be listed some time after it was made.
OVERLAP = datetime.timedelta(days=2)
LIST_AGAIN = datetime.timedelta(minutes=15)
RECENT = datetime.timedelta(days=1)
CHANNELS = {'AFN': 'fba', 'MFN': 'fbm'}
# The columns of the rows, in the order in which they are copied into the database.
COLUMNS = (
    'settlement_id', 'number', 'transaction_type', 'amount_type', 'amount_description', 'amount', 'posted_date',
    'order_ref', 'merchant_order_ref', 'adjustment_ref', 'shipment_ref', 'item_ref', 'merchant_item_ref',
    'adjustment_item_ref', 'marketplace_name',
    'fulfillment', 'channel', 'sku', 'quantity', 'promotion_ref', 'extra', 'marketplace_id', 'marketplace_inferred',
    'sale_order_id', 'product_id', 'rule_id', 'treatment',
)
STAGES = [
    ('wrong', "Does not add up"), ('to_map', "To map"), ('ready', "Ready"), ('draft', "Draft entries"),
    ('booking', "Being booked"), ('booked', "Booked"), ('elsewhere', "Booked elsewhere"), ('ignored', "Ignored"),
]
# Amount that is shown on a settlement -> the treatments of rows that it sums up.
BREAKDOWN = {
    'amount_sales': ('revenue',), 'amount_tax': ('tax', 'withheld', 'fee_tax'), 'amount_refunds': ('refund',),
    'amount_fees': ('fee',),
    'amount_advertising': ('advertising',), 'amount_other': ('reimbursement', 'other', 'transfer'),
    'amount_reserve': ('reserve',),
}


class AmazonSettlement(models.Model):
    _name = 'amazon.settlement'
    _description = "Amazon Settlement"
    _inherit = ['mail.thread', 'mail.activity.mixin', 'amazon.access.mixin']
    _rec_name = 'settlement_ref'
    _order = 'end_date desc, id desc'

    seller_id = fields.Many2one('amazon.seller', required=True, readonly=True, ondelete='restrict', index=True)
    account_ref = fields.Char(related='seller_id.selling_partner_ref', store=True)
    settlement_ref = fields.Char("Settlement", required=True, readonly=True)
    marketplace_id = fields.Many2one('amazon.seller.marketplace', required=True, readonly=True, ondelete='restrict')
    marketplace_inferred = fields.Boolean("Marketplace inferred", readonly=True,
                                          help="No row names a marketplace that is known: the currency decided.")
    company_id = fields.Many2one('res.company', required=True, readonly=True, index=True)
    currency_id = fields.Many2one('res.currency', required=True, readonly=True)
    start_date = fields.Datetime("From", readonly=True)
    end_date = fields.Datetime("Until", readonly=True)
    deposit_date = fields.Date("Deposit", readonly=True)
    odd_dates = fields.Json("Dates that cannot be read", readonly=True, help="Line, column and text of the file.")
    total = fields.Monetary("Payout", readonly=True)
    row_total = fields.Monetary("Sum of the rows", readonly=True)
    difference = fields.Monetary(readonly=True)
    row_count = fields.Integer("Rows", readonly=True)
    amount_sales = fields.Monetary("Sales", readonly=True)
    amount_tax = fields.Monetary("Tax", readonly=True)
    amount_refunds = fields.Monetary("Refunds", readonly=True)
    amount_fees = fields.Monetary("Fees", readonly=True)
    amount_advertising = fields.Monetary("Advertising", readonly=True)
    amount_other = fields.Monetary("Other", readonly=True)
    amount_reserve = fields.Monetary("Reserve", readonly=True)
    chart = fields.Text(compute='_compute_chart')
    document = fields.Binary(readonly=True, attachment=True)
    document_name = fields.Char(compute='_compute_document_name')
    line_ids = fields.One2many('amazon.settlement.line', 'settlement_id', readonly=True)
    state = fields.Selection(
        [*STAGES, ('reconciled', "Reconciled")],
        compute='_compute_state', store=True, readonly=True, index=True, tracking=True)
    stage = fields.Selection(STAGES, required=True, readonly=True, default='to_map')
    problem = ReaderText("Why it cannot be booked", readonly=True)
    is_locked = fields.Boolean("In a closed period", compute='_compute_is_locked')
    book_after_lock = fields.Boolean("Book on the first open day", readonly=True, tracking=True)
    move_ids = fields.One2many('account.move', 'amazon_settlement_id', string="Journal entries", readonly=True)
    move_count = fields.Integer(compute='_compute_counts')
    order_count = fields.Integer(compute='_compute_counts')
    payout_line_id = fields.Many2one('account.move.line', "Payout item", readonly=True, index='btree_not_null')
    open_line_ids = fields.Many2many('account.move.line', string="Not matched", compute='_compute_open_line_ids')
    rule_ids = fields.Many2many('amazon.settlement.rule', string="Rules to confirm", compute='_compute_rule_ids')

    _settlement_unique = models.Constraint('UNIQUE(seller_id, settlement_ref)', "This settlement is already there.")
    # Two sellers of one account list the same settlements.
    _account_unique = models.UniqueIndex(
        "(COALESCE(account_ref, ''), settlement_ref, currency_id, end_date, total)"
        " WHERE stage NOT IN ('elsewhere', 'ignored')",
        "This settlement is there already, for another seller of the same account.")

    @api.depends('stage', 'payout_line_id.reconciled', 'total')
    def _compute_state(self):
        for settlement in self:
            paid = settlement._is_paid() or settlement.currency_id.is_zero(settlement.total)
            settlement.state = 'reconciled' if settlement.stage == 'booked' and paid else settlement.stage

    @api.depends('settlement_ref')
    def _compute_document_name(self):
        for settlement in self:
            settlement.document_name = f'settlement-{settlement.settlement_ref}.txt'

    @api.depends(*BREAKDOWN, 'total')
    @api.depends_context('lang')
    def _compute_chart(self):
        for settlement in self:
            bars = [(settlement._fields[name]._description_string(self.env), settlement[name])
                    for name in (*BREAKDOWN, 'total')]
            # Each line of a bar's label is a text of its own.
            settlement.chart = json.dumps([{'key': self.env._("Amount"), 'values': [
                {'label': [label, formatLang(self.env, value, currency_obj=settlement.currency_id)], 'value': value,
                 'type': 'past' if value < 0 else 'future'} for label, value in bars]}])

    @api.depends('stage', 'book_after_lock')
    def _compute_is_locked(self):
        for settlement in self:
            settlement.is_locked = settlement.stage == 'ready' and bool(SettlementPlan(settlement).find_locked())

    def _compute_counts(self):
        orders = dict(self.env['amazon.settlement.line']._read_group(
            [('settlement_id', 'in', self.ids)], ['settlement_id'], ['sale_order_id:count_distinct']))
        for settlement in self:
            settlement.move_count, settlement.order_count = len(settlement.move_ids), orders.get(settlement, 0)

    @api.depends('move_ids.line_ids.amazon_issue')
    def _compute_open_line_ids(self):
        lines = self.env['account.move.line'].search(
            [('move_id', 'in', self.move_ids.ids), ('amazon_issue', '!=', False)])
        for settlement in self:
            settlement.open_line_ids = lines.filtered(
                lambda line, settlement=settlement: line.move_id.amazon_settlement_id == settlement)

    @api.depends('stage')
    def _compute_rule_ids(self):
        groups = dict(self.env['amazon.settlement.line']._read_group([('settlement_id', 'in', self.ids)],
                                                                     ['settlement_id'], ['rule_id:recordset']))
        for settlement in self:
            rules = groups.get(settlement, self.env['amazon.settlement.rule']).with_company(settlement.company_id)
            settlement.rule_ids = (rules.filtered(lambda rule: rule._is_missing()) if settlement.state == 'to_map'
                                   else False)

    # === ACTIONS === #

    def action_map_again(self):
        """Find the rules of all rows again, after rules were changed."""
        self.check_access('write')
        for settlement in self.filtered(lambda settlement: settlement.stage in ('to_map', 'ready')).sudo():
            settlement._map()
            settlement._evaluate()
        return True

    def action_view_lines(self):
        """Show the rows of this settlement."""
        return self._action_related('amazon_connector.amazon_settlement_line_action',
                                    [('settlement_id', 'in', self.ids)])

    def action_view_moves(self):
        """Show the items by entry: in Odoo Community, few users can open the items of an entry itself."""
        return self._action_related('account.action_account_moves_all_a',
                                    [('move_id.amazon_settlement_id', 'in', self.ids)],
                                    search_default_group_by_move=1, expand=1)

    def action_view_orders(self):
        """Show the orders of this settlement."""
        return self._action_related('sale.action_orders',
                                    [('amazon_settlement_line_ids.settlement_id', 'in', self.ids)])

    def action_view_invoices(self):
        """Show the invoices that this settlement clears."""
        lines = self.move_ids.line_ids
        matched = lines.matched_debit_ids.debit_move_id | lines.matched_credit_ids.credit_move_id
        return self._action_related('account.action_move_out_invoice_type',
                                    [('id', 'in', matched.move_id.filtered(lambda move: move.is_invoice()).ids)],
                                    # By this, Odoo's list shows the columns of customers' invoices.
                                    default_move_type='out_invoice')

    def _action_related(self, xml_id, domain, **context):
        self.check_access('read')
        return {**self.env['ir.actions.act_window']._for_xml_id(xml_id), 'domain': domain,
                'context': {'create': False, **context}}

    # === FLOW: SETTLEMENTS === #

    def _sync_settlements(self, sync):
        """Fetch new settlement reports, then book and match what can be; the contract is in `amazon_sync`.

        Booking goes on even if Amazon cannot be reached at the moment.
        """
        failure, more = None, False
        try:
            more = self._fetch(sync)
        except AmazonError as error:
            self.env.cr.rollback()
            failure = error
        finished = self._process_due(sync)
        finished = self.env['sale.order']._amazon_estimate_open(sync) and finished
        if failure:
            raise failure
        return more if finished else True

    def _fetch(self, sync):
        """Import the new settlement reports; return as a flow does."""
        client, now = sync.seller_id._get_client(), fields.Datetime.now()
        # Bank lines and rules wake this flow, too, without a reason to ask Amazon.
        if not sync.cursor or not sync.next_run or min(sync.next_run,
                                                       sync.cursor + FLOW_INTERVALS['settlements']) <= now:
            self._link_recent_orders(sync.seller_id)
            with sync._isolate(tell(self.env)._("List of settlement reports")):
                self._list_reports(sync, client, now)
            with sync._isolate(tell(self.env)._("Payouts")):
                self.env['amazon.payout']._fetch(sync, client)
            if not sync._commit():
                return True
        more = self.env['amazon.report']._advance(sync, client, [REPORT_TYPE])
        again = max(sync.cursor + FLOW_INTERVALS['settlements'] if sync.cursor else now, now + LIST_AGAIN)
        return more if more is True else min(more or again, again)

    def _link_recent_orders(self, seller):
        """Link orders and settlements that were imported at the same moment."""
        self.env['sale.order'].sudo().search([
            ('amazon_marketplace_id.seller_id', '=', seller.id),
            ('create_date', '>=', fields.Datetime.now() - RECENT)])._amazon_link_money()

    def _list_reports(self, sync, client, now):
        """Store the settlement reports of the seller (`getReports`) since the last time."""
        since = max(sync.cursor - OVERLAP if sync.cursor else sync.seller_id.import_from, now - DAYS_LISTED)
        self.env['amazon.report']._list(sync, client, reportTypes=[REPORT_TYPE], createdSince=f'{since.isoformat()}Z',
                                        processingStatuses=['DONE'], pageSize=100)
        sync.cursor = now

    # === IMPORT === #

    @api.model
    def _import_report(self, report, sync):
        """Import a settlement report; see `amazon.report`."""
        settlement = self._store_file(report.seller_id, report._get_content(), report.charset or '')
        report.row_count = settlement.row_count
        return settlement._update_fees(sync)

    @api.model
    def _import_file(self, seller, content, charset='', uploaded=False):
        """Store a settlement, see `_store_file`, and update what Amazon charged for its orders."""
        settlement = self._store_file(seller, content, charset, uploaded)
        settlement._update_fees()
        return settlement

    @api.model
    def _store_file(self, seller, content, charset='', uploaded=False):
        """Store a settlement with all its rows, or nothing; one that exists is compared (`_compare_document`), unless
        it did not add up.

        That is one transaction, however long the document: part of a settlement must never be shown or booked, and
        nobody else locks new rows. They hold their orders, products and rules only against deletion.

        :param bytes content: the document, see `SettlementFile`
        :param bool uploaded: whether a person uploaded it
        :return: the settlement
        :raises ReportError: it is damaged, or no settlement
        """
        file = SettlementFile(content, charset)
        known = self._find_known(seller, file)
        if known and known.stage != 'wrong':
            known._mark_double(seller)
            known._compare_document(file, content, uploaded)
            return known
        seller = known.seller_id or seller
        try:
            with quiet_sql(), self.env.cr.savepoint():
                known.unlink()
                settlement = self.create({**self._prepare_head(seller, file, content), 'is_uploaded': uploaded})
                settlement._store_rows(file)
                settlement.odd_dates = file.odd_dates or False
        except psycopg2.errors.UniqueViolation:
            # Another worker stored it at the same moment.
            return self._find_known(seller, file)
        settlement._evaluate()
        return settlement

    def _update_fees(self, sync=None):
        """Update on the sales orders of these settlements what Amazon charged for them.

        :param sync: the `amazon.sync` of a job: users edit and deliver these orders, so it gives way to them
        :return: whether there was time for all
        :rtype: bool
        """
        orders = self.env['amazon.settlement.line']._read_group([('settlement_id', 'in', self.ids)], [],
                                                                ['sale_order_id:recordset'])[0][0]
        if not sync:
            orders._amazon_update_fees()
            return True
        sync._commit()
        return sync._in_portions(
            orders.ids, lambda ids: orders.browse(ids).exists()._amazon_update_fees(),
            give_up=lambda order_id, error: sync._add_problem(orders.browse(order_id).display_name, error))

    def _prepare_head(self, seller, file, content):
        currency = self.env['res.currency'].with_context(active_test=False).search([('name', '=', file.currency)])
        currency._amazon_activate(seller)
        market, inferred = seller._find_settlement_marketplace(file, currency)
        end = file.end or file.start or file.deposit or fields.Datetime.now()
        return {
            'seller_id': seller.id, 'settlement_ref': file.settlement_ref, 'marketplace_id': market.id,
            'marketplace_inferred': inferred,
            'company_id': market.company_id.id, 'currency_id': currency.id, 'start_date': file.start or end,
            'end_date': end, 'deposit_date': (file.deposit or end).date(), 'total': float(file.total),
            'document': base64.b64encode(content),
        }

    def _store_rows(self, file):
        """Copy the rows into the database while they are read, each with its order, product and rule; the ORM would
        take a hundred times as long.
        """
        self.flush_model()
        book = self.env['amazon.settlement.rule']._get_book(self.company_id, limited=True)
        markets = {shop: market.id for shop, market in self.seller_id._get_marketplaces_by_shop().items()}
        count = 0
        for rows in split_every(CHUNK_ROWS, file.read_rows(), list):
            orders, products = self._find_orders(rows), self._find_products(rows)
            copy_rows(self.env.cr, 'amazon_settlement_line', COLUMNS,
                      (self._prepare_row(row, book, markets, orders, products) for row in rows))
            count += len(rows)
        self.row_count = count
        self.env['amazon.settlement.line'].invalidate_model()

    def _prepare_row(self, row, book, markets, orders, products):
        order_id, order_market = orders.get(row.order_ref, (None, None))
        market = markets.get(row.marketplace_name.lower())
        # Rows name no shop, or one where Amazon sold abroad by its own doing.
        inferred, market = market is None, market or order_market or self.marketplace_id.id
        channel = CHANNELS.get(row.fulfillment)
        rule, treatment = book.find((row.transaction_type, row.amount_type, row.amount_description), market, channel)
        return (
            self.id, row.number, row.transaction_type, row.amount_type, row.amount_description, row.amount, row.posted,
            row.order_ref, row.merchant_order_ref,
            row.adjustment_ref, row.shipment_ref, row.item_ref, row.merchant_item_ref, row.adjustment_item_ref,
            row.marketplace_name, row.fulfillment, channel, row.sku, row.quantity, row.promotion_ref,
            json.dumps(row.extra) if row.extra else None, market, inferred, order_id,
            products.get((market, row.sku)) or products.get(row.sku), rule, treatment)

    def _find_orders(self, rows):
        """Return sales order and marketplace (ids) by Amazon's order id; shipment ids in the same column belong to no
        order of the seller.
        """
        found = self.seller_id._find_sale_orders({row.order_ref for row in rows if row.order_ref})
        return {order.amazon_order_ref: (order.id, order.amazon_marketplace_id.id) for order in found}

    def _find_products(self, rows):
        """Return products (id) by marketplace (id) and SKU, and by SKU alone."""
        skus = {row.sku for row in rows if row.sku}
        self.env['amazon.listing'].flush_model()
        found = self.env.execute_query(SQL(
            """SELECT listing.marketplace_id, listing.sku, listing.product_id
                 FROM amazon_listing listing JOIN amazon_seller_marketplace market ON market.id = listing.marketplace_id
                WHERE market.seller_id = %s AND listing.sku = ANY(%s) AND listing.product_id IS NOT NULL""",
            self.seller_id.id, list(skus)))
        return {sku: product for _market, sku, product in found} | {(market, sku): product
                                                                    for market, sku, product in found}

    # === MAPPING === #

    def _map(self):
        """Find the rule of every kind of row again."""
        self.ensure_one()
        book = self.env['amazon.settlement.rule']._get_book(self.company_id)
        kinds = self.env.execute_query(SQL(
            """SELECT DISTINCT transaction_type, amount_type, amount_description, marketplace_id, channel
                 FROM amazon_settlement_line WHERE settlement_id = %s""", self.id))
        values = []
        for transaction_type, amount_type, description, market_id, channel in kinds:
            rule = book.find((transaction_type or '', amount_type or '', description or ''), market_id, channel)
            values.append((transaction_type, amount_type, description, market_id, channel, *rule))
        self.env.cr.execute_values(
            f"""UPDATE amazon_settlement_line line SET rule_id = kind.rule_id::int, treatment = kind.treatment
                  FROM (VALUES %s) AS kind(transaction_type, amount_type, amount_description, marketplace_id, channel,
                                           rule_id, treatment)
                 WHERE line.settlement_id = {int(self.id)} AND line.marketplace_id = kind.marketplace_id::int
                   AND (line.transaction_type, line.amount_type, line.amount_description, line.channel)
                       IS NOT DISTINCT FROM
                       (kind.transaction_type, kind.amount_type, kind.amount_description, kind.channel::varchar)""",
            values)
        self.env['amazon.settlement.line'].invalidate_model()
        self._update_fees()

    def _evaluate(self):
        """Sum up the rows, and set whether they are complete and can be booked."""
        self.env['amazon.settlement.line'].flush_model()
        for settlement in self.filtered(lambda settlement: settlement.stage not in (*DECIDED, 'elsewhere', 'ignored')):
            # Odoo would make floats of the database's exact sums.
            sums = [(treatment, rule, Decimal(amount)) for treatment, rule, amount in self.env.execute_query(SQL(
                "SELECT treatment, rule_id, SUM(amount)::text FROM amazon_settlement_line WHERE settlement_id = %s "
                "GROUP BY 1, 2", settlement.id))]
            rules = self.env['amazon.settlement.rule'].with_company(settlement.company_id).browse(
                rule for _treatment, rule, _amount in sums if rule)
            row_total = sum((amount for _treatment, _rule, amount in sums), Decimal(0))
            difference = to_decimal(settlement.total, settlement.currency_id) - row_total
            missing = any(rule._is_missing() for rule in rules)
            settlement.write({
                'row_total': float(row_total), 'difference': float(difference), 'stage': 'wrong' if difference
                else 'to_map' if missing else 'ready',
                **{field: float(sum(amount for treatment, _rule, amount in sums if treatment in treatments))
                   for field, treatments in BREAKDOWN.items()},
            })
            settlement.problem = settlement._find_problem()

    def _find_problem(self):
        """Return why this settlement cannot be booked, with the way out, or False."""
        self.ensure_one()
        if self.stage == 'wrong':
            return tell(self.env)._("The rows add up to %(rows)s, the payout is %(total)s: the file is damaged or "
                                    "incomplete. Download it again from Seller "
                                    "Central and upload it; it replaces this one.",
                                    rows=tell(self.env).amount(self.row_total, self.currency_id),
                                    total=tell(self.env).amount(self.total, self.currency_id))
        if self.stage == 'to_map':
            return tell(self.env)._("Some rows have no rule, or a rule without an account: see \"Rules to confirm\", "
                                    "or create the accounts.")
        return self._find_doubt() or SettlementPlan.find_problem(self)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_booked(self):
        if self.filtered(lambda settlement: settlement.move_ids):
            raise UserError(tell(self.env)._("A settlement with journal entries cannot be deleted."))
