import datetime
import logging

import psycopg2

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import mute_logger, split_every

from ..utils.personal_data import is_personal

_logger = logging.getLogger(__name__)

# Whose partners are asked for in one go; each order is then erased and committed by itself.
CHUNK = 50
CONFLICT_PAUSE = datetime.timedelta(minutes=10)
# What comes due between two runs of the daily job is not late.
GRACE = datetime.timedelta(days=1)
# Where all is to go, orders of the future, too.
EVERYTHING = datetime.timedelta(days=36500)


class AmazonRetention(models.AbstractModel):
    """Erases what names or describes buyers when its time is over: one order after the other, each by itself."""

    _name = 'amazon.retention'
    _description = "Amazon Personal Data"

    # === FLOW: RETENTION OF PERSONAL DATA === #

    @api.model
    def _sync_retention(self, sync):
        """Erase the orders of a seller that are over for longer than it allows; the contract is in `amazon_sync`."""
        seller, conflicts = sync.seller_id, 0
        limit = self._get_limit(seller)
        for ids in split_every(CHUNK, self._find_over(seller, limit).ids):
            orders = self.env['sale.order'].sudo().browse(ids)
            own = self._find_own_partners(orders)
            for order in orders:
                conflicts += not self._try_to_erase(order, own)
                if not sync._commit():
                    return True
        for record in [*self._find_rows(seller, limit), *self._find_lone_partners(seller, limit)]:
            conflicts += not self._try_to_erase(record, self.env['res.partner'])
            if not sync._commit():
                return True
        self._alert_overdue(seller)
        self._note_all_erased(seller)
        return fields.Datetime.now() + CONFLICT_PAUSE if conflicts else False

    @api.model
    def _try_to_erase(self, record, own):
        """Erase one order, inbox row or partner; what forbids it is recorded and holds nothing else.

        :param own: partners that are somebody else's, too, and are left alone
        :return: False where somebody else works on it at this moment
        :rtype: bool
        """
        try:
            # Odoo logs a statement that the database refuses, and these hold personal data.
            with mute_logger('odoo.sql_db'), self.env.cr.savepoint():
                self._erase(record, own)
        except psycopg2.OperationalError:
            self.env.cr.rollback()
            return False
        except Exception as error:
            self.env.invalidate_all()
            self._note_failure(record, error)
        return True

    @api.model
    def _note_failure(self, record, error):
        """Record why something could not be erased; the log gets no text, which may name the buyer."""
        _logger.warning("Amazon: personal data of %s could not be erased (%s)", record, type(error).__name__)
        if record._name == 'sale.order':
            record.with_context(tracking_disable=True).amazon_erase_error = str(error) if isinstance(error, UserError) else self.env._(
                "Odoo could not delete the buyer's data (%s).", type(error).__name__)

    @api.model
    def _note_all_erased(self, seller):
        """Record once that all data of a seller's buyers is gone."""
        note = self.env._("All data of this seller's buyers is erased, but for invoices that the law demands.")
        if seller.erase_all and not any(self._find_overdue(seller)) and note not in str(seller.message_ids[:1].body):
            seller.message_post(body=note)

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
        ended = Domain('amazon_deliver_by', '<', limit) | (Domain('amazon_deliver_by', '=', False) & Domain('date_order', '<', limit))
        late = Domain('picking_ids', 'any', [('date_done', '>=', limit), ('picking_type_code', '=', 'outgoing')])
        over = Domain('amazon_is_anonymised', '=', False) & ended & ~late
        kept = Domain('amazon_keep_until', '<', fields.Date.context_today(self))
        return self.env['sale.order'].sudo().search(self._get_domain(seller) & (over | kept), order='date_order, id')

    @api.model
    def _get_domain(self, seller):
        markets = seller.sudo().with_context(active_test=False).marketplace_ids
        return Domain('amazon_marketplace_id', 'in', markets.ids) & Domain('amazon_order_ref', '!=', False)

    @api.model
    def _find_rows(self, seller, limit):
        """Return inbox rows that never became an order, or wait for a person, and are over."""
        old = Domain('last_update', '<', limit) | (Domain('last_update', '=', False) & Domain('create_date', '<', limit))
        rows = self.env['amazon.order'].sudo().search(Domain('seller_id', '=', seller.id) & Domain('state', '!=', 'done') & old)
        return rows.filtered(lambda row: is_personal(row.payload))

    @api.model
    def _find_lone_partners(self, seller, limit):
        """Return buyers of the seller's companies that no order names any more and that are nobody else's."""
        companies = seller.company_id | seller.sudo().with_context(active_test=False).marketplace_ids.company_id
        partners = self.env['res.partner'].sudo().with_context(active_test=False).search([
            ('amazon_is_buyer', '=', True), ('amazon_key', '!=', False), ('create_date', '<', limit), ('company_id', 'in', [False, *companies.ids])])
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
        roles = Domain.OR(Domain(field, 'in', partners.ids) for field in ('partner_id', 'partner_invoice_id', 'partner_shipping_id'))
        return self.env['sale.order'].sudo().search(
            roles & Domain('id', 'not in', list(without)) & Domain('amazon_order_ref', '!=', False) & Domain('amazon_is_anonymised', '=', False),
            order='date_order, id')

    @api.model
    def _find_own_partners(self, orders):
        """Return partners of these orders that are somebody else's, too."""
        partners = orders.partner_id | orders.partner_invoice_id | orders.partner_shipping_id | orders.picking_ids.partner_id
        partners |= orders.invoice_ids.partner_id | orders.invoice_ids.partner_shipping_id
        partners |= partners.parent_id
        return (partners | partners.with_context(active_test=False).child_ids)._amazon_find_own()

    # === OVERDUE === #

    @api.model
    def _count_overdue(self, sellers):
        """Return how many orders, inbox rows and partners of these sellers hold buyers' data for longer than allowed,
        and the day between two runs.
        """
        return sum(len(records) for seller in sellers for records in self._find_overdue(seller))

    @api.model
    def _find_overdue(self, seller):
        """Return the overdue orders, inbox rows and partners of a seller."""
        limit = self._get_limit(seller) - GRACE
        return self._find_over(seller, limit), self._find_rows(seller, limit), self._find_lone_partners(seller, limit)

    @api.model
    def _alert_overdue(self, seller):
        """Give somebody a task where the job could not erase what is overdue."""
        orders, rows, partners = self._find_overdue(seller)
        if orders or rows or partners:
            seller._alert(self.env._("Buyers' data is kept for too long"), self.env._(
                "The data of %(count)s Amazon orders could not be deleted. Each order shows why: %(orders)s", count=len(orders) + len(rows) + len(partners),
                orders=', '.join(orders[:20].mapped('name'))))
