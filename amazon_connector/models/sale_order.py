from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ..amazon_api.marketplaces import get_order_url
from ..amazon_api.orders import has_street
from ..utils.access import USER, check_group
from ..utils.amazon_words import label_field
from ..utils.kits import find_bills
from ..utils.order_charges import QUOTATION, get_identity
from ..utils.order_plan import OrderPlan, Problem, read_payload
from ..utils.phrases import tell
from ..utils.reader_fields import ReaderText
from ..utils.tax_places import TaxPlaces
from ..utils.tax_questions import TaxQuestion
from .sale_order_departure import TAX_ANEW

# Treatments of settlement lines that are not the price of the goods. Tax that Amazon remits is part of the order's
# total, but is never paid out.
FEE_TREATMENTS = ('fee', 'advertising', 'reimbursement', 'other', 'withheld')


class SaleOrder(models.Model):
    _inherit = 'sale.order'

    amazon_order_ref = fields.Char("Amazon Order", copy=False, readonly=True, index='trigram')
    amazon_channel = fields.Selection(
        [('fbm', "Fulfilled by merchant"), ('fba', "Fulfilled by Amazon")], copy=False, readonly=True)
    amazon_marketplace_id = fields.Many2one('amazon.seller.marketplace', copy=False, readonly=True, ondelete='restrict')
    amazon_status = fields.Char(copy=False, readonly=True)
    amazon_status_label = label_field("Status at Amazon", 'order_status', 'amazon_status')
    amazon_service_level = fields.Char(copy=False, readonly=True)
    amazon_service_level_label = label_field("Service level", 'service_level', 'amazon_service_level')
    amazon_programs = fields.Char("Amazon programs", copy=False, readonly=True)
    amazon_is_ship_plus = fields.Boolean("Ship+", copy=False, readonly=True,
                                         help="Amazon confirms it by the label that is bought from it.")
    amazon_package_ids = fields.One2many('amazon.package', 'sale_order_id', readonly=True,
                                         groups='stock.group_stock_user,amazon_connector.group_amazon_user')
    amazon_ship_by = fields.Datetime("Ship by", copy=False, readonly=True)
    amazon_deliver_by = fields.Datetime("Deliver by", copy=False, readonly=True)
    amazon_inbox_ids = fields.One2many('amazon.order', 'sale_order_id', readonly=True,
                                       groups='amazon_connector.group_amazon_user')
    amazon_problem = fields.Text(compute='_compute_amazon_problem')
    amazon_is_anonymised = fields.Boolean("Buyer's data is deleted", copy=False, readonly=True)
    amazon_erase_version = fields.Integer("Deleted by which version of the list of personal data", copy=False,
                                          readonly=True)
    amazon_erase_error = ReaderText("Why the buyer's data is not deleted", copy=False, readonly=True,
                                     groups='amazon_connector.group_amazon_user')
    amazon_kept_contacts = fields.Text(
        "Contacts that stay", compute='_compute_amazon_kept_contacts', groups='amazon_connector.group_amazon_user',
        help="Contacts of buyers whose data is not deleted, because others need them.")
    amazon_keep_until = fields.Date("Invoice keeps the buyer's name until", copy=False, readonly=True,
                                    index='btree_not_null')
    amazon_settlement_line_ids = fields.One2many(
        'amazon.settlement.line', 'sale_order_id', readonly=True,
        groups='amazon_connector.group_amazon_user,account.group_account_readonly,account.group_account_invoice')
    amazon_transaction_ids = fields.One2many('amazon.transaction', 'sale_order_id', readonly=True)
    amazon_fees = fields.Monetary("Amazon's fees", copy=False, readonly=True, groups='base.group_user',
                                  help="What Amazon charged (negative) and reimbursed for this order by its "
                                  "settlements, without the tax of its invoices, "
                                       "and the tax that it remitted.")

    _amazon_order_unique = models.UniqueIndex(
        "(amazon_marketplace_id, amazon_order_ref) WHERE amazon_marketplace_id IS NOT NULL",
        "This Amazon order has a sales order already.")
    # For the orders whose buyers' data is not erased yet: those of the last weeks.
    _amazon_named = models.Index(
        "(amazon_marketplace_id, amazon_deliver_by) WHERE amazon_order_ref IS NOT NULL AND amazon_is_anonymised IS "
        "NOT TRUE")
    _amazon_erase_failed = models.Index("(amazon_marketplace_id) WHERE amazon_erase_error IS NOT NULL")

    @api.depends('amazon_is_anonymised')
    def _compute_amazon_kept_contacts(self):
        for order in self:
            kept = self.env['amazon.retention'].sudo()._find_kept_partners(
                order.sudo().filtered('amazon_is_anonymised'))
            order.amazon_kept_contacts = '\n'.join(tell(self.env)._(
                "%(contact)s is not deleted, because others need it: %(reasons)s", contact=partner.name,
                reasons=partner._amazon_describe_use()) for partner in kept) or False

    @api.depends_context('lang')
    def _compute_amazon_problem(self):
        problems = self.env['amazon.order'].sudo().search([('sale_order_id', 'in', self.ids), ('state', '=', 'error')])
        for order in self:
            problem = problems.filtered(lambda received, order=order: received.sale_order_id == order)[:1]
            order.amazon_problem = tell(self.env).join([problem.error, problem.next_step]) or False

    # === ACTIONS === #

    def action_amazon_refresh(self):
        """Have the job read these orders from Amazon again."""
        self.check_access('read')
        check_group(self.env, USER)
        self.sudo().amazon_inbox_ids.action_refresh()
        return self.amazon_marketplace_id.seller_id[:1]._notify('info',
                                                                self.env._(
                                                                    "The order is read from Amazon again in a moment."))

    def _prepare_confirmation_values(self):
        """Return the values of a confirmation with the buyer's date, not the present one."""
        values = super()._prepare_confirmation_values()
        others = self.filtered(lambda order: not order.amazon_order_ref)
        if others != self and 'date_order' in values:
            # Odoo dates all orders alike that are confirmed together.
            others.date_order = values.pop('date_order')
        return values

    def _action_confirm(self):
        self._amazon_check_taxes()
        self._amazon_release()
        return super()._action_confirm()

    def _amazon_check_taxes(self):
        """Raise a `UserError` for orders whose tax a person must choose first: they would be sold without any."""
        for received in self.sudo().amazon_inbox_ids.filtered('tax_question'):
            raise UserError(tell(self.env)._("%(order)s cannot be confirmed before its tax is known. %(reason)s",
                                             order=received.amazon_order_ref, reason=received.error))

    def _action_cancel(self):
        self._amazon_release()
        result = super()._action_cancel()
        self._amazon_estimate_fees()
        return result

    def _amazon_get_url(self):
        """Return the address of Seller Central's page of this order, or None."""
        self.ensure_one()
        return get_order_url(self.amazon_marketplace_id.marketplace_ref, self.amazon_order_ref)

    # === FROM AMAZON === #

    @api.model
    def _amazon_create(self, inbox):
        """Create the sales orders of received orders of one company, and confirm, hold, deliver, invoice as their
        marketplaces say.

        :param inbox: `amazon.order` records without sales order
        :return: received order -> None, or reason and what to do
        :rtype: dict
        """
        plans, results = self._amazon_plan(inbox)
        company = inbox.marketplace_id.company_id
        orders = self.with_company(company).create([plan.prepare_order() for plan in plans.values()])
        for (received, plan), order in zip(plans.items(), orders, strict=True):
            received.sale_order_id = order
            results[received] = order._amazon_find_problem(plan)
        stated_taxes = [(plan.marketplace, plan.is_tax_stated()) for plan in plans.values()]
        for market in inbox.marketplace_id:
            stated = [is_stated for marketplace, is_stated in stated_taxes if marketplace == market]
            market._count_stated_taxes(stated.count(True), stated.count(False))
        orders._amazon_link_money()
        self._amazon_advance([(received.sale_order_id, plan) for received, plan in plans.items()
                              if not results[received]])
        orders._amazon_hold_quotations()
        return results

    def _amazon_update(self, received):
        """Update this sales order from Amazon's present data.

        :param received: the order as received (`amazon.order`)
        :return: None, or why a person must decide: a pair of reason and what to do
        """
        self.ensure_one()
        if self.amazon_is_anonymised:
            # The buyer's data is erased and must not come back.
            self.amazon_status = received.amazon_status
            return None
        self = self.with_company(self.company_id)
        if received.amazon_status == 'CANCELLED':
            return self._amazon_cancel()
        plans, results = self._amazon_plan(received)
        if results[received]:
            return results[received]
        plan = plans[received]
        problem = self._amazon_find_conflict(plan)
        if problem:
            return problem
        locked = self.locked
        if locked:
            self.action_unlock()
        self._amazon_write_header(plan)
        anew = self._amazon_is_taxed_anew(plan)
        if not anew or not plan.tax_question:
            self.with_context(**{'amazon_tax_anew': TAX_ANEW} if anew else {})._amazon_write_lines(plan)
        problem = self._amazon_find_problem(plan)
        if anew and not plan.tax_question:
            self.write({**plan.prepare_taxes(), 'amazon_departure_state': 'right'})
        if not problem:
            self._amazon_advance([(self, plan)])
        if locked and not self.locked:
            self.action_lock()
        return problem

    def _amazon_plan(self, inbox):
        """Return the plans of received orders, and for each order None or why it has no plan."""
        plans, results, payloads = {}, dict.fromkeys(inbox), {}
        for received in inbox:
            try:
                payloads[received] = read_payload(received)
            except UserError as error:
                results[received] = received._explain(error)
        for marketplace, of_marketplace in inbox.filtered(payloads.get).grouped('marketplace_id').items():
            of_orders = [payloads[received] for received in of_marketplace]
            listings = self.env['amazon.listing']._resolve(marketplace, of_orders)
            partners = self.env['res.partner']._amazon_find_or_create(marketplace, of_orders)
            places = TaxPlaces(marketplace)
            places.learn_departures(of_marketplace.mapped('amazon_order_ref'))
            for received in of_marketplace:
                try:
                    plans[received] = OrderPlan(received, payloads[received], partners[received.amazon_order_ref],
                                                listings, places)
                except UserError as error:
                    results[received] = received._explain(error)
        return plans, results

    def _amazon_find_problem(self, plan):
        """Return why this order must not be confirmed automatically, as reason and advice, or None."""
        # What is confirmed keeps the pieces that it was sold with.
        unclear = plan.unknown | (plan.asked if self.state in QUOTATION else plan.asked.browse())
        if plan.order.listing_ids != unclear:
            plan.order.listing_ids = unclear
        asked = plan.tax_question if self.state in QUOTATION or self._amazon_is_taxed_anew(plan) else None
        plan.order._set_tax_question(asked)
        if plan.unknown:
            return (tell(self.env)._("No product in Odoo for: %s", ', '.join(plan.unknown.mapped('sku'))),
                    tell(self.env)._(
                        "Choose the product under \"Products and pieces\"; the order is corrected by itself."))
        if unclear:
            return (tell(self.env)._("Pieces of one unit are not confirmed for: %s", ', '.join(unclear.mapped('sku'))),
                    tell(self.env)._("Take the proposal, keep the pieces or enter others under \"Products and "
                                     "pieces\"; the order is corrected by itself."))
        if plan.lacks_address:
            return Problem(tell(self.env)._("Amazon sent no delivery address: the application lacks a role."),
                           tell(self.env)._("Add the role in the Developer Console, authorize again, then retry."),
                           waits=True, at_once=True)
        if asked:
            question = TaxQuestion(self.company_id, asked)
            return question.describe(), question.advise()
        total = float(plan.proceeds.total)
        if self.currency_id.compare_amounts(self.amount_total, total):
            return (tell(self.env)._("The total is %(odoo)s in Odoo and %(amazon)s at Amazon.", odoo=self.amount_total,
                                     amazon=total),
                    tell(self.env)._("Compare the lines with Seller Central, then retry."))
        return None

    def _amazon_find_conflict(self, plan):
        """Return why Amazon's changes cannot be applied to this order any more, as reason and advice, or None."""
        if self.state == 'cancel':
            return (tell(self.env)._("The order is cancelled in Odoo, but not at Amazon."),
                    tell(self.env)._("Cancel it in Seller Central, or set it back to quotation and retry."))
        delivered = self._amazon_delivered_quantities()
        for item in plan.items:
            if delivered.get(item['orderItemId'], 0) > item['quantityOrdered']:
                return (tell(self.env)._("Amazon reduced %(title)s to %(ordered)s, but %(delivered)s are delivered.",
                                         title=item['product'].get('title'),
                                         ordered=item['quantityOrdered'], delivered=delivered[item['orderItemId']]),
                        tell(self.env)._("Create a return for the surplus, or ask the buyer; then mark this as "
                                         "resolved."))
        if any(delivered.values()) and self.amazon_channel == 'fbm' and self._amazon_has_new_address(plan):
            return (tell(self.env)._("Amazon changed the delivery address after goods were shipped."),
                    tell(self.env)._("Reroute the parcel with the carrier if possible; then mark this as resolved."))
        return None

    def _amazon_delivered_quantities(self):
        lines = self.order_line.filtered(lambda line: line._amazon_is_goods())
        return {line.amazon_item_ref: line.qty_delivered for line in lines}

    def _amazon_has_new_address(self, plan):
        """Return whether Amazon names a street to deliver to, and another address than before."""
        return not plan.is_pending and has_street(plan.payload) and plan.delivery != self.partner_shipping_id

    def _amazon_write_header(self, plan):
        vals = plan.prepare_header()
        if self.state in QUOTATION:
            vals.update(plan.prepare_partners() if not plan.is_pending else {})
        elif self._amazon_has_new_address(plan):
            vals['partner_shipping_id'] = plan.delivery.id
            self.message_post(body=self.env._("Amazon changed the delivery address."))
        changed = {field: value for field, value in vals.items()
                   if self._fields[field].convert_to_write(self[field], self) != value}
        if changed:
            self.with_context(update_delivery_shipping_partner=True).write(changed)

    def _amazon_write_lines(self, plan):
        """Update changed lines, add new ones, and remove the others (once confirmed: quantity zero)."""
        existing = {get_identity(line): line for line in self.order_line if line.amazon_charge}
        wanted = {get_identity(vals): vals for vals in plan.lines}
        for identity, vals in wanted.items():
            if identity in existing:
                existing[identity]._amazon_write(vals)
        removed = self.env['sale.order.line'].union(*(line for identity, line in existing.items()
                                                      if identity not in wanted))
        if self.state in QUOTATION:
            removed.unlink()
        else:
            removed.filtered(lambda line: not line.display_type and line.product_uom_qty).product_uom_qty = 0
        self.order_line = [Command.create(vals) for identity, vals in wanted.items() if identity not in existing]

    def _amazon_cancel(self):
        """Cancel this order because Amazon did; goods that were shipped already are not returned by that."""
        if self.state == 'cancel':
            return None
        if any(self.order_line.mapped('qty_delivered')) or self.invoice_ids.filtered(
                lambda invoice: invoice.state == 'posted'):
            return (tell(self.env)._("Amazon cancelled the order, but it is delivered or invoiced."),
                    tell(self.env)._("Create the return and the credit note if the goods come back; then mark this as "
                                     "resolved."))
        if self.locked:
            self.action_unlock()
        self.amazon_status = 'CANCELLED'
        self.message_post(body=self.env._("Amazon cancelled this order."))
        self._action_cancel()
        return None

    # === WHAT FOLLOWS BY ITSELF === #

    def _amazon_advance(self, pairs):
        """Confirm, deliver and invoice as the marketplace says.

        Goods that Amazon reports as shipped when a merchant-fulfilled order is confirmed here were shipped without
        Odoo; later on, the marketplace's setting decides.

        :param list pairs: sales orders with their plans
        """
        ready = [(order, plan) for order, plan in pairs if order._amazon_is_ready(plan)]
        departed = [(order, plan) for order, plan in ready
                    if any(plan.shipped().values()) and order._amazon_follows_shipments(plan)]
        newly_departed = self.browse().union(*(order for order, _plan in departed if order.state in QUOTATION))
        drafts = self.browse().union(*(order for order, _plan in ready if order.state in QUOTATION))
        (drafts - newly_departed).action_confirm()
        newly_departed.with_context(skip_procurement=True).action_confirm()
        self._amazon_deliver([pair for pair in departed if pair[1].channel == 'fbm' or pair[1].marketplace.fba_deliver])
        newly_departed.filtered(lambda order: order.amazon_channel == 'fbm').order_line._action_launch_stock_rule()
        for order, plan in ready:
            order._amazon_invoice(plan)

    def _amazon_is_ready(self, plan):
        """Return whether this order is, or by the marketplace's settings may be, confirmed."""
        if self.state == 'sale':
            return True
        if plan.channel == 'fba':
            return plan.marketplace.fba_confirm and plan.order.amazon_status in ('SHIPPED', 'PARTIALLY_SHIPPED')
        return plan.marketplace.fbm_confirm and plan.order.amazon_status in ('UNSHIPPED', 'PARTIALLY_SHIPPED',
                                                                             'SHIPPED')

    def _amazon_goods(self):
        return self.order_line.filtered(lambda line: line.product_id.type == 'consu' and line._amazon_is_goods())

    def _amazon_hold_quotations(self):
        """Reserve stock for those of these orders that are not confirmed, for all at once."""
        for company, orders in self.filtered(lambda order: order.state in QUOTATION).grouped('company_id').items():
            orders.with_company(company)._amazon_hold()

    def _amazon_hold(self):
        """Reserve stock for orders of one company that are not confirmed yet, by the quantities of their lines."""
        vals_list = []
        hopeless = self.filtered(lambda order: order.amazon_status == 'UNFULFILLABLE')
        hopeless._amazon_release()
        goods = (self - hopeless)._amazon_goods()
        bills = find_bills(goods.product_id, self.company_id)
        for line in goods:
            wanted = line._amazon_prepare_holds(bills)
            if not line._amazon_is_held(wanted):
                line._amazon_release()
                vals_list += wanted
        moves = self.env['stock.move'].create(vals_list)
        moves._action_confirm(merge=False)
        moves._action_assign()

    def _amazon_release(self):
        """Release the stock that was reserved for these orders."""
        self.filtered('amazon_order_ref').order_line._amazon_release()

    # === MONEY === #

    @api.depends('amazon_transaction_ids.move_id')
    def _get_invoiced(self):
        """Find the invoices; credit notes of a part of the price belong to the order, not to one of its lines."""
        result = super()._get_invoiced()
        for order in self:
            notes = order.sudo().amazon_transaction_ids.move_id.sudo(False)
            if notes:
                order.invoice_ids |= notes
                order.invoice_count = len(order.invoice_ids)
        return result

    def _amazon_link_money(self):
        """Link settlement lines and transactions that came before these orders."""
        self.env['amazon.settlement.line'].sudo()._link_orders(self)
        refs, by_ref = self.mapped('amazon_order_ref'), {
            (order.amazon_order_ref, order.amazon_marketplace_id.seller_id): order for order in self}
        for transaction in self.env['amazon.transaction'].sudo().search(
                [('order_ref', 'in', refs), ('sale_order_id', '=', False)]):
            transaction.sale_order_id = by_ref.get((transaction.order_ref, transaction.seller_id))
            transaction.sale_order_id._amazon_update_refunds()
        self.env['account.move.line'].sudo().search(
            [('amazon_order_ref', 'in', refs), ('amazon_order_id', '=', False)])._amazon_find_orders()
        self.env['amazon.return'].sudo()._wake_for(self)

    def _amazon_update_fees(self):
        """Sum up what Amazon charged and paid for these orders beside what the buyer paid, from the rows of their
        settlements, without tax of its invoices.
        """
        if not self:
            return
        rows = self.env['amazon.settlement.line'].sudo()._read_group(
            [('sale_order_id', 'in', self.ids), ('treatment', 'in', FEE_TREATMENTS)],
            ['sale_order_id', 'settlement_id', 'rule_id', 'marketplace_id'], ['amount:sum'])
        fees, shares = dict.fromkeys(self, 0.0), {}
        for order, settlement, rule, market, amount in rows:
            if rule.account_kind == 'withholding':
                # Tax of the seller's own that was paid in advance is no cost.
                continue
            kind = rule, market, settlement.company_id
            if kind not in shares:
                shares[kind] = rule.with_company(settlement.company_id)._get_net_share(market)
            fees[order] += settlement.currency_id._convert(amount * shares[kind], order.currency_id, order.company_id,
                                                           order.date_order, round=False)
        for order, amount in fees.items():
            order.amazon_fees = amount
