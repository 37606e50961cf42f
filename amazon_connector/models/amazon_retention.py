import datetime
import logging

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import split_every

from ..utils.personal_data import INVENTORY_VERSION, is_personal
from ..utils.phrases import tell
from ..utils.quiet import concerns_record, describe, is_conflict, quiet_sql
from ..utils.words import explain

_logger = logging.getLogger(__name__)

# Orders whose partners are searched in one go; each order is then erased and committed by itself.
CHUNK = 200
# The most orders of one run that an older version erased and that are erased again, after those that are due.
OUTDATED_A_RUN = 1000
# Pause before a run goes on: for orders that somebody else works on, and more that an older version erased.
PAUSE = datetime.timedelta(minutes=10)
# Orders that come due between two runs of the daily job are not late.
GRACE = datetime.timedelta(days=1)
# For a seller whose buyers are all erased, orders of the future, too.
EVERYTHING = datetime.timedelta(days=36500)


class AmazonRetention(models.AbstractModel):
    """Erase buyers' personal data when its retention time is over: order by order, each in a transaction of its own."""

    _name = 'amazon.retention'
    _description = "Amazon Personal Data"

    # === FLOW: RETENTION OF PERSONAL DATA === #

    @api.model
    def _sync_retention(self, sync):
        """Erase the orders of a seller whose retention time is over; the contract is in `amazon_sync`."""
        seller = sync.seller_id
        limit = self._get_limit(seller)
        orders = self._find_over(seller, limit)
        conflicts = self._erase_orders(sync, orders)
        if conflicts is None:
            return True
        for record in [*self._find_rows(seller, limit), *self._find_lone_partners(seller, limit)]:
            conflicts += not self._try_to_erase(record, self.env['res.partner'])
            if not sync._commit():
                return True
        self._record_overdue(seller)
        outdated = self._find_outdated(seller) - orders
        again = self._erase_orders(sync, outdated)
        if again is None:
            return True
        return fields.Datetime.now() + PAUSE if conflicts or again or outdated else False

    @api.model
    def _erase_orders(self, sync, orders):
        """Erase orders one by one, each in a transaction of its own.

        :return: how many of them somebody else works on, or None where time is over
        """
        conflicts = 0
        for ids in split_every(CHUNK, orders.ids):
            portion = orders.browse(ids)
            own = self._find_own_partners(portion)
            for order in portion:
                conflicts += not self._try_to_erase(order, own)
                if not sync._commit():
                    return None
        return conflicts

    @api.model
    def _try_to_erase(self, record, own):
        """Erase one order, received order or partner; what forbids it is recorded and stops no other.

        :param own: partners that are somebody else's, too, and are left alone
        :return: False where somebody else works on it at this moment
        :rtype: bool
        """
        try:
            # Odoo logs a statement that the database refuses, and these hold personal data.
            with quiet_sql(), self.env.cr.savepoint():
                self._erase(record, own)
        except Exception as error:
            if is_conflict(error):
                self.env.cr.rollback()
                return False
            if not concerns_record(error):
                raise
            self.env.invalidate_all()
            self._mark_failed(record, error)
        return True

    @api.model
    def _mark_failed(self, record, error):
        """Record why a record could not be erased; the log gets no text, which may name the buyer."""
        _logger.warning("Amazon: personal data of %s could not be erased (%s)", record, describe(error))
        if record._name == 'sale.order':
            record.with_context(tracking_disable=True).amazon_erase_error = (
                explain(self.env, error) if isinstance(error, UserError)
                else tell(self.env)._("Odoo could not delete the buyer's data (%s).", describe(error)))

    @api.model
    def _mark_all_erased(self, seller):
        """Record once that all data of a seller's buyers is erased."""
        if seller.erase_all and not seller.erased_date:
            seller.erased_date = fields.Datetime.now()
            stay = len(self._find_kept_partners(self._find_naming_orders(seller)))
            seller.message_post(body=self.env._(
                "The data of this seller's buyers is erased, but for invoices that the law demands. Contacts that "
                "stay, because "
                "others need them: %s. Their orders show which and why.", stay) if stay else self.env._(
                "All data of this seller's buyers is erased, but for invoices that the law demands."))

    # === WHAT IS OVER === #

    @api.model
    def _get_limit(self, seller):
        """Return the moment (naive UTC) before which an order must have ended for its buyer's data to be erased."""
        now = fields.Datetime.now()
        return now + EVERYTHING if seller.erase_all else now - seller._get_retention()

    @api.model
    def _find_over(self, seller, limit):
        """Return the orders of a seller, oldest first, that ended before a moment (naive UTC), and those whose kept
        invoices are old enough.

        An order ends with Amazon's delivery date, or with its last delivery where that was later, whatever its status
        says.
        """
        ended = ['|', ('amazon_deliver_by', '<', limit), '&', ('amazon_deliver_by', '=', False),
                 ('date_order', '<', limit)]
        late = [('date_done', '>=', limit), ('picking_type_code', '=', 'outgoing')]
        over = [('amazon_is_anonymised', '=', False), *ended, ('picking_ids', 'not any', late)]
        kept = [('amazon_keep_until', '<', seller.company_id._amazon_get_day(fields.Datetime.now()))]
        failed = [('amazon_is_anonymised', '=', True), ('amazon_erase_error', '!=', False)]
        # One search for each, because each has an index of its own.
        orders = self.env['sale.order'].sudo()
        whose = self._get_domain(seller), self._get_copy_domain(seller)
        found = orders.union(*(orders.search([*own, *domain]) for own in whose for domain in (over, kept, failed)))
        return found.sorted(lambda order: (order.date_order, order.id))

    @api.model
    def _find_outdated(self, seller):
        """Return the newest orders of a seller that an older version erased by a shorter list, some at a time: they are
        not overdue, but what has come to the list since then is in them still.
        """
        return self.env['sale.order'].sudo().search([
            *self._get_domain(seller), ('amazon_is_anonymised', '=', True), ('amazon_erase_error', '=', False),
            ('amazon_keep_until', '=', False),
            '|', ('amazon_erase_version', '=', False), ('amazon_erase_version', '<', INVENTORY_VERSION),
        ], order='date_order desc, id desc', limit=OUTDATED_A_RUN)

    @api.model
    def _get_domain(self, seller):
        """Return the domain of a seller's orders, as one term."""
        markets = seller.sudo().with_context(active_test=False).marketplace_ids
        return ['&', ('amazon_marketplace_id', 'in', markets.ids), ('amazon_order_ref', '!=', False)]

    @api.model
    def _get_copy_domain(self, seller):
        """Return the domain of duplicates of a seller's orders that are for Amazon's buyers, as one term."""
        markets = seller.sudo().with_context(active_test=False).marketplace_ids
        return ['&', ('amazon_copy_of_id.amazon_marketplace_id', 'in', markets.ids),
                *self.env['sale.order']._amazon_get_copy_domain()]

    @api.model
    def _find_rows(self, seller, limit):
        """Return received orders that never became a sales order, or wait for a person, and whose time is over."""
        received = self.env['amazon.order'].sudo().search([
            ('seller_id', '=', seller.id), ('state', '!=', 'done'), '|', ('last_update', '<', limit),
            '&', ('last_update', '=', False), ('create_date', '<', limit)])
        return received.filtered(lambda order: is_personal(order.payload))

    @api.model
    def _find_lone_partners(self, seller, limit):
        """Return buyers of the seller's companies that no order names any more and that are not used otherwise."""
        companies = seller.company_id | seller.sudo().with_context(active_test=False).marketplace_ids.company_id
        partners = self.env['res.partner'].sudo().with_context(active_test=False).search([
            ('amazon_is_buyer', '=', True), ('amazon_key', '!=', False), ('create_date', '<', limit),
            ('company_id', 'in', [False, *companies.ids])])
        lone = partners - self._find_needed(partners)
        return lone - lone._amazon_find_own()

    @api.model
    def _find_needed(self, partners, without=()):
        """Return those of these partners that an order needs whose time is not over, save the orders `without` (ids).
        """
        if not partners:
            return partners
        orders = self._find_orders_of(partners, without)
        return partners & (orders.partner_id | orders.partner_invoice_id | orders.partner_shipping_id)

    @api.model
    def _find_orders_of(self, partners, without):
        roles = ('partner_id', 'partner_invoice_id', 'partner_shipping_id')
        return self.env['sale.order'].sudo().search([
            '|', '|', *((role, 'in', partners.ids) for role in roles), ('id', 'not in', list(without)),
            ('amazon_is_anonymised', '=', False),
            '|', ('amazon_order_ref', '!=', False), ('amazon_copy_of_id', '!=', False),
        ], order='date_order, id')

    @api.model
    def _find_own_partners(self, orders):
        """Return partners of these orders that are used otherwise, too."""
        partners = orders.partner_id | orders.partner_invoice_id | orders.partner_shipping_id
        partners |= orders.invoice_ids.partner_id | orders.invoice_ids.partner_shipping_id
        partners |= orders.picking_ids.partner_id
        partners |= partners.parent_id
        return (partners | partners.with_context(active_test=False).child_ids)._amazon_find_own()

    # === OVERDUE === #

    @api.model
    def _count_overdue(self, sellers):
        """Return how many orders, received orders and partners of these sellers hold buyers' data for longer than
        allowed, and the day between two runs.
        """
        return sum(len(records) for seller in sellers for records in self._find_overdue(seller))

    @api.model
    def _find_overdue(self, seller):
        """Return the overdue orders, received orders and partners of a seller."""
        limit = self._get_limit(seller) - GRACE
        return self._find_over(seller, limit), self._find_rows(seller, limit), self._find_lone_partners(seller, limit)

    @api.model
    def _record_overdue(self, seller):
        """Show on a seller how many records could not be erased, and give somebody a task."""
        orders, received, partners = self._find_overdue(seller)
        count = len(orders) + len(received) + len(partners)
        if seller.overdue_count != count:
            seller.overdue_count = count
        if count:
            told = seller._for_person()
            told._alert(told.env._("Buyers' data is kept for too long"), told.env._(
                "The data of %(count)s Amazon orders could not be deleted. Each order shows why: %(orders)s",
                count=count, orders=', '.join(orders[:20].mapped('name'))))
        else:
            self._mark_all_erased(seller)
