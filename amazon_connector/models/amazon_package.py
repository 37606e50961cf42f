import datetime

from odoo import api, fields, models

from ..amazon_api.errors import NotFound
from ..amazon_api.feed_messages import clean_text
from ..amazon_api.packages import read_packages
from ..utils.access import USER
from ..utils.change import MAX_ATTEMPTS, OF_THE_RECORD, OTHER, Change, describe_problem
from ..utils.parcel_plan import ParcelPlan
from ..utils.phrases import tell
from ..utils.reader_fields import ReaderText
from .amazon_carrier import OTHER as OTHER_CARRIER

# When the package is read back after Amazon accepted it; what it does not show at the last check is pushed again, once.
CHECKS = (datetime.timedelta(minutes=1), datetime.timedelta(minutes=5), datetime.timedelta(minutes=15))
# Up to so many are read one by one (`getOrder`, burst 30); of more, the search of the orders flow shows most without
# calls of their own.
CHECK_LIMIT = 30
ORDERS_LAG = datetime.timedelta(minutes=6)
# The most packages of one transaction.
PLAN_CHUNK = 250


class AmazonPackage(models.Model):
    """One parcel of a delivery that is confirmed to Amazon. Its id is Amazon's package reference, so a second
    confirmation changes the same package.
    """

    _name = 'amazon.package'
    _description = "Amazon Package"
    _inherit = ['amazon.delivery.mixin', 'amazon.access.mixin']
    _order = 'id desc'

    ship_by = fields.Datetime(related='sale_order_id.amazon_ship_by', store=True)
    content = fields.Char("Contents", compute='_compute_content')
    ship_date = fields.Datetime("Shipped", required=True, readonly=True)
    tracking_number = fields.Char()
    state = fields.Selection(
        [('to_confirm', "To confirm"), ('sent', "Sent"), ('confirmed', "Confirmed"), ('failed', "Failed")],
        required=True, readonly=True, default='to_confirm', index=True)
    detail_pushed = fields.Json("Pushed", readonly=True)
    reference = fields.Char("Amazon's package reference", readonly=True,
                            help="By which Amazon knows the package; a correction names it.")
    attempts = fields.Integer(readonly=True)
    checks = fields.Integer(readonly=True)
    next_check = fields.Datetime("Next check at Amazon", readonly=True)
    refusal = ReaderText("Amazon says", readonly=True)
    error = ReaderText("Reason", readonly=True)
    is_late = fields.Boolean("Late", compute='_compute_is_late', search='_search_is_late')

    _work = models.Index("(seller_id, state, next_check) WHERE state IN ('to_confirm', 'sent')")

    @api.depends('items')
    def _compute_content(self):
        for package in self:
            lines = {line.amazon_item_ref: line for line in package.sale_order_id._amazon_goods()}
            package.content = ', '.join(
                f"{item['quantity']} × {line.product_id.default_code or line.product_id.name}"
                if (line := lines.get(item['orderItemId']))
                else f"{item['quantity']} × {item['orderItemId']}" for item in package.items or [])

    @api.depends('state', 'ship_by')
    def _compute_is_late(self):
        now = fields.Datetime.now()
        for package in self:
            package.is_late = package.state != 'confirmed' and bool(package.ship_by) and package.ship_by < now

    def _search_is_late(self, operator, value):
        late = [('state', '!=', 'confirmed'), ('ship_by', '<', fields.Datetime.now())]
        wanted = True in value if operator in ('in', 'not in') else bool(value)
        return late if wanted == (operator in ('=', 'in')) else ['!', '&', *late]

    # === MARKING === #

    @api.model
    def _create_from_moves(self, moves):
        """Create a package for each parcel of done moves and wake the flow; return the packages."""
        parcels = ParcelPlan(moves.move_line_ids).parcels()
        if not parcels:
            return self.browse()
        packages = self.sudo().create([{
            'picking_id': parcel.picking.id, 'sale_order_id': parcel.order.id, 'stock_package_id': parcel.package.id,
            'items': parcel.items, 'ship_date': max(fields.Datetime.now(), parcel.order.date_order),
        } for parcel in parcels])
        packages._update_tracking()
        packages._mark_labelled()
        self.env['amazon.sync']._wake_event_flow('shipments')
        return packages

    def _get_label(self):
        """Return the label that was bought from Amazon for this parcel, or none."""
        return self.picking_id.sudo().amazon_label_ids.filtered(
            lambda label: label.state in ('bought', 'void') and label.stock_package_id == self.stock_package_id)[:1]

    def _mark_labelled(self):
        """Mark packages with a label bought from Amazon as sent: Amazon confirms their shipment by itself, and they are
        read back like the others.
        """
        labelled = self.filtered(lambda package: package.state == 'to_confirm' and package._get_label())
        if labelled:
            now = fields.Datetime.now()
            labelled.write({'state': 'sent', 'next_check': now + CHECKS[0], 'error': False})
            self.env['amazon.sync']._wake_event_flow('shipments', at=now + CHECKS[0])

    def _update_tracking(self):
        """Set the tracking numbers of the deliveries on their packages: one for all, or one each in the order of the
        packages.
        """
        for picking, packages in self.picking_id.amazon_package_ids.grouped('picking_id').items():
            numbers = picking._amazon_get_tracking_numbers()
            for position, package in enumerate(packages.sorted('id')):
                number = numbers[position] if len(numbers) == len(packages) else next(iter(numbers), False)
                package._set_tracking(package._get_label().tracking_number or number)

    def _set_tracking(self, number):
        if (self.tracking_number or '') != (number or ''):
            self.tracking_number = number

    def write(self, vals):
        """Write packages; a corrected tracking number is pushed again."""
        changed = self.filtered(lambda package: 'tracking_number' in vals
                                and (package.tracking_number or '') != (vals['tracking_number'] or ''))
        result = super().write(vals)
        changed._push_again()
        return result

    def _push_again(self):
        """Mark these packages as to be confirmed again, after a correction or a retry."""
        if self:
            self.sudo().write({
                'state': 'to_confirm', 'detail_pushed': False, 'attempts': 0, 'checks': 0, 'next_check': False,
                'refusal': False, 'error': False})
            self.env['amazon.sync']._wake_event_flow('shipments')

    def action_retry(self):
        """Push these packages again: for the warehouse, and for those who resolve exceptions."""
        self.check_access('read' if self.env.user.has_group(USER) else 'write')
        self.filtered(lambda package: package.state != 'confirmed')._push_again()
        return self.seller_id._notify_started()

    # === CONFIRMATION === #

    @api.model
    def _get_marketplaces(self, seller):
        """Return the marketplaces on which packages are to be confirmed, including those that are not in use any more.
        """
        return self.search([('seller_id', '=', seller.id), ('state', '=', 'to_confirm')]).marketplace_id

    @api.model
    def _plan(self, sync, marketplace):
        """Return the confirmations that are due on a marketplace, and no notes; a package that lacks a value shows
        which.

        Users edit deliveries meanwhile, so this works in portions that give way to them.
        """
        due, changes = self.search([('marketplace_id', '=', marketplace.id), ('state', '=', 'to_confirm')],
                                   order='ship_by, id'), {}

        def check(ids):
            for package in self.browse(ids).exists():
                detail = package._check_detail()
                changes.pop(package.id, None)
                if detail:
                    changes[package.id] = Change(package, detail, OTHER)

        sync._commit()
        sync._in_portions(due.ids, check, PLAN_CHUNK, lambda package_id, error: sync._add_problem(
            self.browse(package_id).display_name, error))
        return [changes[package_id] for package_id in due.ids if package_id in changes], {}

    def _check_detail(self):
        """Return the `PackageDetail` to push for this package, or None; the package then shows why."""
        try:
            obstacle = self._find_obstacle()
            detail = None if obstacle else self._prepare_detail()
        except OF_THE_RECORD as error:
            obstacle, detail = describe_problem(self.env, error), None
        if (self.error or None) != obstacle:
            self.error = obstacle
        return detail

    def _is_due(self, _kind, value):
        """Return whether the planned confirmation is still to be pushed as it is: a corrected tracking number is for
        the next run.
        """
        return self.state == 'to_confirm' and self._prepare_detail() == value

    def _find_obstacle(self):
        """Return why this package cannot be confirmed yet, or None."""
        order = self.sale_order_id
        if order.amazon_status == 'CANCELLED':
            self._fail(tell(self.env)._("Amazon cancelled the order after the goods were shipped. Recall the parcel "
                                        "or wait for the return."))
            return self.error
        if any(len(item['transparencyCodes']) != item['quantity'] for item in self.items
               if 'transparencyCodes' in item):
            return tell(self.env)._("Amazon wants a Transparency code for each unit: they are the serial numbers of "
                                    "the delivery.")
        if self._get_label():
            return None
        return self.picking_id._amazon_find_label_problem() or self.picking_id._amazon_find_carrier_problem(
            order.amazon_marketplace_id, self.tracking_number)

    def _prepare_detail(self):
        """Return the `PackageDetail` of Orders v0 with the present values; without a tracking number where there is
        none.
        """
        self.ensure_one()
        code, name, method = self._get_carrier()
        detail = {
            'packageReferenceId': self.reference or str(self.id), 'carrierCode': code, 'carrierName': name
            if code == OTHER_CARRIER else False, 'shippingMethod': method, 'trackingNumber': self.tracking_number,
            'shipDate': f'{self.ship_date.isoformat()}Z', 'orderItems': self.items,
        }
        return {key: clean_text(value) if isinstance(value, str) else value for key, value in detail.items() if value}

    def _get_carrier(self):
        """Return Amazon's code of the carrier, its name, and the shipping method."""
        mappings, label = self.env['amazon.carrier.mapping'], self._get_label()
        if not label:
            mapping = mappings._find(self.picking_id.carrier_id, self.marketplace_id)
            return mapping.carrier_code, mapping.carrier_name, mapping.service_id.name
        carrier = mappings._suggest(label.carrier_name,
                                    self.env['amazon.carrier'].search([('code', '!=', OTHER_CARRIER)]))
        return carrier.code or OTHER_CARRIER, label.carrier_name, label.service_name

    def _send(self, client, line):
        """Confirm a shipment (`confirmShipment`); Amazon answers nothing.

        :raises AmazonError: Amazon refuses this package
        """
        client.call('confirmShipment', self.amazon_order_ref, packageDetail=line.value,
                    marketplaceId=self.marketplace_id.marketplace_ref)
        return False, False

    # === AMAZON'S ANSWER === #

    def _prepare_message(self, _kind):
        return {'package_id': self.id}

    def _get_pushed(self, _kind):
        return self.detail_pushed

    def _may_push(self, _kind):
        """Return whether this may still be pushed."""
        return self.state == 'sent' and self.sale_order_id.amazon_status != 'CANCELLED'

    def _reset_pushed(self, _kind):
        self.write({'state': 'to_confirm', 'detail_pushed': False})

    @api.model
    def _mark_sent(self, _kind, changes):
        for change in changes:
            change.record.write({'detail_pushed': change.value, 'state': 'sent', 'error': False, 'refusal': False,
                                 'checks': 0, 'next_check': False})

    def _mark_accepted(self, lines):
        """Read these packages back soon: what Amazon accepted is not recorded yet."""
        now = fields.Datetime.now()
        feed = lines.feed_id
        wait = ORDERS_LAG if feed.method == 'feed' and len(feed.line_ids) > CHECK_LIMIT else CHECKS[0]
        self.filtered(lambda package: package.state == 'sent').write({'next_check': now + wait})
        self.env['amazon.sync']._wake_event_flow('shipments', at=now + wait)

    def _mark_refused(self, _kind, message):
        """Keep Amazon's refusal and read the package back: Amazon may refuse because it has recorded it before."""
        self.write({'refusal': message, 'next_check': fields.Datetime.now(), 'checks': len(CHECKS) - 1})
        self.env['amazon.sync']._wake_event_flow('shipments')

    def _mark_not_recorded(self, _kind, message):
        """Push packages again that Amazon did not record, up to `MAX_ATTEMPTS` times."""
        for package in self:
            if package.attempts + 1 < MAX_ATTEMPTS:
                package.write({'state': 'to_confirm', 'detail_pushed': False, 'attempts': package.attempts + 1,
                               'error': message})
            else:
                package._fail(message)
        self.env['amazon.sync']._wake_event_flow('shipments')

    def _fail(self, message):
        """Mark these packages as failed, show why, and give somebody a task."""
        self.write({'state': 'failed', 'error': message, 'next_check': False})
        for picking in self.picking_id:
            told = picking._amazon_for_person()
            told._amazon_alert(told.env._("Amazon has not confirmed this delivery"), message)

    # === READ BACK === #

    @api.model
    def _read_back(self, sync, client):
        """Read back the packages that were sent some time ago; return whether there is time for more."""
        due = self.search([('seller_id', '=', sync.seller_id.id), ('state', '=', 'sent'),
                           ('next_check', '<=', fields.Datetime.now())],
                          order='next_check, id')
        orders = due.sale_order_id[:CHECK_LIMIT]
        for order in orders:
            with sync._isolate(order.amazon_order_ref):
                due.filtered(lambda package, order=order: package.sale_order_id == order)._check(
                    *self._read_packages(client, order))
            if not sync._commit():
                return False
        return True

    @api.model
    def _read_packages(self, client, order):
        """Return the packages that Amazon shows of an order, and those that cannot be read (`getOrder`)."""
        try:
            reply = client.call('getOrder', order.amazon_order_ref, includedData=['PACKAGES', 'FULFILLMENT']).payload
        except NotFound:
            return [], []
        return read_packages(reply.get('order') if isinstance(reply, dict) else None)

    @api.model
    def _get_next_check(self, seller):
        """Return when the next package is to be read back (datetime, UTC), or False."""
        domain = [('seller_id', '=', seller.id), ('state', '=', 'sent'), ('next_check', '!=', False)]
        return self.search(domain, order='next_check', limit=1).next_check

    @api.model
    def _confirm_shown(self, payloads):
        """Confirm the packages that Amazon shows in orders that were read for another reason.

        :param payloads: `Order` objects with `packages`
        """
        shown = {payload.get('orderId'): payload for payload in payloads if isinstance(payload, dict)
                 and payload.get('packages')}
        refs = [ref for ref in shown if isinstance(ref, str)]
        if refs:
            for package in self.search([('amazon_order_ref', 'in', refs), ('state', 'in', ('sent', 'failed'))]):
                package._set_confirmed(package._find_shown(read_packages(shown[package.amazon_order_ref])[0]))

    def _check(self, packages, faults=()):
        """Confirm the packages that Amazon shows; read the others back later, push them again, or let them fail.

        :param list packages: `Package` objects
        :param faults: `Unreadable` errors: what else Amazon shows
        """
        for package in self:
            shown = package._find_shown(packages)
            if shown:
                package._set_confirmed(shown)
            elif package.refusal:
                package._fail(package._describe_refusal(packages))
            elif package.checks + 1 < len(CHECKS):
                package.write({'checks': package.checks + 1, 'next_check': fields.Datetime.now()
                               + CHECKS[package.checks + 1]})
            elif faults:
                # It may be among them, so it is not pushed again.
                package._fail(tell(self.env)._("Amazon shows packages of this order that cannot be read: %s",
                                               self.env['amazon.label']._describe_faults(faults)))
            else:
                package._mark_not_recorded('shipment',
                                           tell(self.env)._("Amazon accepted this and does not show it among the "
                                                            "order's packages."))

    def _find_shown(self, packages):
        """Return the package with these items and this tracking number that Amazon shows (ours, or one that a feed or a
        label made), or None.
        """
        self.ensure_one()
        wanted = {item['orderItemId']: item['quantity'] for item in self.items}
        return next((shown for shown in packages if shown.holds(wanted, clean_text(self.tracking_number or ''))), None)

    def _describe_refusal(self, packages):
        others = [shown.tracking_number or shown.reference for shown in packages]
        if not others:
            return self.refusal
        return tell(self.env)._("%(refusal)s Amazon shows these packages: %(packages)s.", refusal=self.refusal,
                                packages=', '.join(others))

    def _set_confirmed(self, shown):
        """Mark this package as confirmed.

        :param Package shown: the package as Amazon shows it, or None: nothing is changed
        """
        if not shown:
            return
        self.write({'state': 'confirmed', 'error': False, 'refusal': False, 'next_check': False,
                    'reference': shown.reference or self.reference})
        self.picking_id._amazon_close_alerts()
