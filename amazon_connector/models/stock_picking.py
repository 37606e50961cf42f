import datetime

from odoo import api, fields, models
from odoo.tools import SQL

from ..amazon_api.feed_messages import clean_text
from ..utils.amazon_words import label_field
from ..utils.phrases import tell

ALERT_TYPE = 'amazon_connector.mail_activity_type_delivery'
# The state of a delivery is the worst of its packages' states.
STATES = ('failed', 'to_confirm', 'sent', 'confirmed')
# These have no tracking number when a delivery is validated; all others may.
PROVIDERS_WITHOUT_NUMBER = ('fixed', 'base_on_rule')


class StockPicking(models.Model):
    _inherit = 'stock.picking'

    amazon_package_ids = fields.One2many('amazon.package', 'picking_id', groups='stock.group_stock_user')
    amazon_label_ids = fields.One2many('amazon.label', 'picking_id', "Labels", readonly=True,
                                       groups='stock.group_stock_user')
    amazon_parcel_id = fields.Many2one('amazon.removal.parcel', "Parcel from Amazon", readonly=True, copy=False,
                                       index='btree_not_null', ondelete='set null')
    amazon_order_ref = fields.Char(related='sale_id.amazon_order_ref', string="Amazon Order", store=True,
                                   index='btree_not_null')
    amazon_marketplace_id = fields.Many2one(related='sale_id.amazon_marketplace_id', store=True)
    amazon_service_level = fields.Char(related='sale_id.amazon_service_level')
    amazon_service_level_label = label_field("Service level", 'service_level', 'amazon_service_level')
    amazon_programs = fields.Char(related='sale_id.amazon_programs')
    amazon_ship_by = fields.Datetime(related='sale_id.amazon_ship_by', string="Ship by", store=True)
    amazon_deliver_by = fields.Datetime(related='sale_id.amazon_deliver_by', string="Deliver by")
    amazon_ship_day = fields.Date("Leaves by", compute='_compute_amazon_ship_day', store=True,
                                  help="Last working day of the warehouse before \"Ship by\".")
    amazon_state = fields.Selection(
        [('to_confirm', "To confirm"), ('sent', "Sent"), ('confirmed', "Confirmed"), ('failed', "Failed")], "At Amazon",
        compute='_compute_amazon_state', store=True, index='btree_not_null')
    amazon_risk = fields.Selection(
        [('overdue', "Overdue"), ('today', "Today"), ('tomorrow', "Tomorrow"), ('later', "Later"),
         ('blocked', "Blocked")], "Risk",
        compute='_compute_amazon_risk', search='_search_amazon_risk', group_expand=True)
    amazon_obstacle = fields.Text("Why not", compute='_compute_amazon_obstacle')
    amazon_is_buying = fields.Boolean("A label is being bought", compute='_compute_amazon_is_buying')

    @api.depends('amazon_label_ids.state')
    def _compute_amazon_is_buying(self):
        for picking in self:
            states = picking.sudo().amazon_label_ids.mapped('state')
            picking.amazon_is_buying = 'wanted' in states or 'buying' in states

    @api.depends('amazon_package_ids.state')
    def _compute_amazon_state(self):
        for picking in self:
            states = set(picking.sudo().amazon_package_ids.mapped('state'))
            picking.amazon_state = next((state for state in STATES if state in states), False)

    @api.depends('amazon_ship_by', 'picking_type_id.warehouse_id.amazon_calendar_id')
    def _compute_amazon_ship_day(self):
        days = {}
        for picking in self:
            key = picking.picking_type_id.warehouse_id, picking.amazon_ship_by
            if all(key) and key not in days:
                days[key] = key[0].sudo()._amazon_get_ship_day(key[1])
            picking.amazon_ship_day = days.get(key, False)

    # === BOARD === #

    @api.depends('amazon_ship_day', 'state')
    @api.depends_context('tz')
    def _compute_amazon_risk(self):
        today = fields.Date.context_today(self)
        problems = self._amazon_read_problems()
        for picking in self:
            days = (picking.amazon_ship_day - today).days if picking.amazon_ship_day else 2
            if not picking.amazon_order_ref or picking.state in ('done', 'cancel'):
                picking.amazon_risk = False
            elif picking.state != 'assigned' or picking.sale_id in problems:
                picking.amazon_risk = 'blocked'
            else:
                picking.amazon_risk = 'overdue' if days < 0 else {0: 'today', 1: 'tomorrow'}.get(days, 'later')

    def _amazon_risk_sql(self, alias):
        today = fields.Date.context_today(self)
        return SQL(
            """CASE WHEN %(order_ref)s IS NULL OR %(state)s IN ('done', 'cancel') THEN NULL
                    WHEN %(state)s != 'assigned' OR EXISTS (
                         SELECT 1 FROM amazon_order problem WHERE problem.sale_order_id = %(sale)s
                            AND problem.state = 'error') THEN 'blocked'
                    WHEN %(day)s < %(today)s THEN 'overdue' WHEN %(day)s = %(today)s THEN 'today'
                        WHEN %(day)s = %(tomorrow)s THEN 'tomorrow'
                    ELSE 'later' END""",
            order_ref=SQL.identifier(alias, 'amazon_order_ref'), state=SQL.identifier(alias, 'state'),
            sale=SQL.identifier(alias, 'sale_id'),
            day=SQL.identifier(alias, 'amazon_ship_day'), today=today, tomorrow=today + datetime.timedelta(days=1))

    def _search_amazon_risk(self, operator, value):
        wanted = value if operator in ('in', 'not in') else [value]
        self._amazon_flush_risk()
        # Only open deliveries of Amazon orders are at risk.
        query = self.sudo()._search([('amazon_order_ref', '!=', False), ('state', 'not in', ('done', 'cancel'))]
                                    if all(wanted) else [])
        query.add_where(SQL("COALESCE(%s, '') IN %s", self._amazon_risk_sql(self._table),
                            tuple(risk or '' for risk in wanted)))
        return [('id', 'in' if operator in ('=', 'in') else 'not in', query)]

    def _amazon_flush_risk(self):
        self.env['amazon.order'].flush_model(['sale_order_id', 'state'])
        self.flush_model(['amazon_order_ref', 'state', 'sale_id', 'amazon_ship_day'])

    def _read_group_groupby(self, alias, groupby_spec, query):
        if groupby_spec != 'amazon_risk':
            return super()._read_group_groupby(alias, groupby_spec, query)
        self._amazon_flush_risk()
        return self._amazon_risk_sql(alias)

    def _amazon_read_problems(self):
        """Return sales orders of these deliveries whose Amazon order waits for a person, with the reason."""
        received = self.env['amazon.order'].sudo().search([('sale_order_id', 'in', self.sale_id.ids),
                                                           ('state', '=', 'error')])
        return {order.sale_order_id: order.error for order in received}

    @api.depends('state', 'carrier_id', 'move_ids.state', 'carrier_tracking_ref')
    @api.depends_context('lang')
    def _compute_amazon_obstacle(self):
        problems = self._amazon_read_problems()
        for picking in self:
            picking.amazon_obstacle = False
            if picking.amazon_order_ref and picking.state not in ('done', 'cancel'):
                picking.amazon_obstacle = (problems.get(picking.sale_id) or picking._amazon_find_shortage()
                                           or picking._amazon_find_problem())

    def _amazon_find_shortage(self):
        """Return in words why not all goods can be reserved, or None."""
        if self.move_ids.move_orig_ids.filtered(lambda move: move.state not in ('done', 'cancel')):
            return tell(self.env)._("Waits for another operation of the warehouse.")
        missing = self.move_ids.filtered(lambda move: move.state in ('confirmed', 'partially_available')).product_id
        if missing:
            return tell(self.env)._("Not enough stock: %s", ', '.join(missing.mapped('display_name')))
        return None if self.state == 'assigned' else tell(self.env)._("Not ready.")

    # === BEFORE VALIDATION === #

    def _pre_action_done_hook(self):
        if not self.env.context.get('skip_amazon_check'):
            problems = [(picking, problem) for picking in self.filtered('amazon_order_ref')
                        if (problem := picking._amazon_find_problem())]
            if problems:
                return self.env['amazon.ship.warning']._open(self, problems)
        return super()._pre_action_done_hook()

    def _amazon_find_problem(self):
        """Return why Amazon would refuse to confirm this delivery as it is now, or None."""
        self.ensure_one()
        moves = self.move_ids.filtered(lambda move: move.state != 'cancel' and move._amazon_is_shipment())
        if not moves:
            return None
        lacking = moves.filtered(lambda move: move.sale_line_id.amazon_needs_codes and any(
            line.quantity and not (line.lot_id or line.lot_name) for line in move.move_line_ids))
        if lacking:
            return tell(self.env)._("Amazon wants a Transparency code for each unit of %s: scan them as serial "
                                    "numbers.",
                                    ', '.join(lacking.product_id.mapped('display_name')))
        if self.carrier_id.delivery_type == 'amazon':
            return None
        if self.sale_id.amazon_is_ship_plus:
            return self._amazon_find_label_problem()
        comes_later = self.carrier_id.delivery_type not in PROVIDERS_WITHOUT_NUMBER
        for marketplace in moves.sale_line_id.order_id.amazon_marketplace_id:
            problem = self._amazon_find_carrier_problem(marketplace, self.carrier_tracking_ref or comes_later)
            if problem:
                return problem
        orders = moves.sale_line_id.order_id
        return (self._amazon_find_prime_problem(orders)
                or self._amazon_find_strange_number(orders.amazon_marketplace_id[:1]))

    def _amazon_find_strange_number(self, marketplace):
        carrier = self.env['amazon.carrier.mapping'].sudo()._find(self.carrier_id, marketplace).carrier_id
        strange = [number for number in self._amazon_get_tracking_numbers() if not carrier._accepts(number)]
        if strange:
            return tell(self.env)._("%(numbers)s does not look like a tracking number of %(carrier)s.",
                                    numbers=', '.join(strange), carrier=carrier.name)
        return None

    def _amazon_get_tracking_numbers(self):
        # Barcode scanners add control characters, which no carrier's number has.
        return [number.strip() for number in clean_text(self.carrier_tracking_ref or '').split(',') if number.strip()]

    def _amazon_find_label_problem(self):
        """Return that the label is not bought yet where Amazon confirms the shipment by it, or None."""
        if self.carrier_id.delivery_type == 'amazon':
            return tell(self.env)._("The label is not bought yet.")
        if self.sale_id.amazon_is_ship_plus:
            return tell(self.env)._("Amazon confirms Ship+ orders by the label that is bought from it: choose "
                                    "\"Amazon Buy Shipping\".")
        return None

    def _amazon_find_carrier_problem(self, marketplace, tracking_number):
        """Return why Amazon would refuse the carrier or a missing tracking number, or None.

        :param marketplace: `amazon.seller.marketplace` of the order
        """
        self.ensure_one()
        if not self.carrier_id:
            return tell(self.env)._("No delivery method is chosen: Amazon wants to know the carrier.")
        mapping = self.env['amazon.carrier.mapping'].sudo()._find(self.carrier_id, marketplace)
        if not mapping:
            return tell(self.env)._("Delivery method \"%s\" has no carrier at Amazon: an administrator of Inventory "
                                    "or Amazon maps it under Amazon > Configuration > Carriers.", self.carrier_id.name)
        carrier = mapping.carrier_id
        if not carrier._is_known_in(marketplace.country_id):
            return tell(self.env)._("Amazon does not know %(carrier)s on %(marketplace)s: an administrator of "
                                    "Inventory or Amazon maps delivery method \"%(method)s\" to another carrier there.",
                                    carrier=carrier.name, marketplace=marketplace.name, method=self.carrier_id.name)
        if not tracking_number and carrier.is_tracked and marketplace.tracking_required:
            return tell(self.env)._("The tracking number is missing: %s demands it.", marketplace.name)
        return None

    # === RETURNS === #

    def _amazon_get_return_location(self):
        """Return where goods of this delivery wait for an inspection when they come back; empty where Odoo decides."""
        place = self.picking_type_id.warehouse_id.amazon_return_location_id
        return place if self.amazon_order_ref and self.location_dest_id.usage == 'customer' else place.browse()

    # === LABELS === #

    def send_to_shipper(self):
        """Ship deliveries; labels of Amazon are bought by a job: no call to Amazon while a delivery is validated."""
        if self.carrier_id.delivery_type != 'amazon':
            return super().send_to_shipper()
        return self.env['amazon.label']._want(self)

    def action_amazon_buy_label(self):
        """Show what Amazon's carriers offer for this delivery; of many, let their rule choose."""
        self.env['amazon.label']._check_may_buy(self)
        if len(self) == 1:
            return self.env['amazon.label.buy']._open(self)
        batch = self.env['amazon.label.batch']._make(self)
        return {'type': 'ir.actions.act_window', 'res_model': batch._name, 'res_id': batch.id, 'view_mode': 'form'}

    def action_amazon_refresh(self):
        """Show what the job has done with the labels of these deliveries meanwhile."""
        self.env['amazon.label'].check_access('read')
        self.check_access('read')
        return True

    def action_amazon_print_labels(self):
        """Open the labels of these deliveries as one document."""
        return self.amazon_label_ids.action_print()

    # === AFTER VALIDATION === #

    def write(self, vals):
        """Write deliveries; a changed tracking number or carrier is set on their packages and confirmed again."""
        result = super().write(vals)
        if not vals.keys().isdisjoint(('carrier_tracking_ref', 'carrier_id')):
            packages = self.sudo().amazon_package_ids
            packages._update_tracking()
            if 'carrier_id' in vals:
                packages._push_again()
        return result

    def action_amazon_retry(self):
        """Push the shipments again that Amazon did not confirm."""
        self.check_access('read')
        self.env['amazon.package'].search([('picking_id', 'in', self.ids)]).action_retry()

    def _amazon_alert(self, summary, note):
        """Give the responsible person a task in the own language, once as long as it is open."""
        for picking in self.sudo():
            user = picking._amazon_find_person()
            reader = tell(picking.with_context(lang=user.lang or self.env.lang).env)
            if not {summary, reader.again(summary)} & set(picking.activity_ids.mapped('summary')):
                picking.activity_schedule(ALERT_TYPE, user_id=user.id, summary=reader.again(summary),
                                          note=reader.again(note))

    def _amazon_find_person(self):
        """Return whom a task about this delivery is given to."""
        picking = self.sudo()
        seller = picking.sale_id.amazon_marketplace_id.seller_id
        return picking.user_id or picking.sale_id.user_id or (seller and seller._find_person()) or self.env.user

    def _amazon_for_person(self):
        """Return this delivery in the language of whom a task about it is given to, for texts that jobs write."""
        return self.with_context(lang=self._amazon_find_person().lang or self.env.lang)

    def _amazon_close_alerts(self):
        """Delete the tasks of deliveries that Amazon has confirmed since."""
        self.sudo().filtered(lambda picking: picking.amazon_state == 'confirmed').activity_unlink([ALERT_TYPE])
