import datetime
import logging

from odoo import api, fields, models
from odoo.exceptions import AccessError, RedirectWarning, UserError
from odoo.fields import Command
from odoo.tools import SQL, split_every

from ..amazon_api.orders import is_foreign
from ..utils.amazon_words import label_field
from ..utils.order_charges import QUOTATION
from ..utils.order_plan import OrderIncomplete, OrderProblem
from ..utils.pace import get_pause
from ..utils.personal_data import scrub
from ..utils.phrases import tell
from ..utils.quiet import concerns_record, describe, is_conflict, log_failure, may_be_conflict, quiet_sql
from ..utils.reader_fields import ReaderText
from ..utils.words import explain

_logger = logging.getLogger(__name__)

BATCH_SIZE = 250
RETRY_FIRST, RETRY_MOST = datetime.timedelta(minutes=15), datetime.timedelta(days=1)
# When an incomplete order is read again, before it becomes an exception.
READ_AGAIN = [datetime.timedelta(minutes=minutes) for minutes in (5, 15, 30, 60, 120, 240)]


class AmazonOrder(models.Model):
    _name = 'amazon.order'
    _description = "Amazon Order"
    _inherit = ['amazon.access.mixin']
    _rec_name = 'amazon_order_ref'
    _order = 'last_update desc, id desc'

    seller_id = fields.Many2one('amazon.seller', required=True, readonly=True, ondelete='cascade', index=True)
    company_id = fields.Many2one(related='seller_id.company_id', store=True, index=True)
    amazon_order_ref = fields.Char("Amazon Order", required=True, readonly=True)
    marketplace_ref = fields.Char("Marketplace ID", readonly=True)
    marketplace_id = fields.Many2one('amazon.seller.marketplace', compute='_compute_marketplace_id', store=True)
    amazon_status = fields.Char(readonly=True)
    amazon_status_label = label_field("Status at Amazon", 'order_status', 'amazon_status')
    fulfilled_by = fields.Selection([('MERCHANT', "Merchant (FBM)"), ('AMAZON', "Amazon (FBA)")], readonly=True)
    last_update = fields.Datetime("Last change at Amazon", readonly=True)
    payload = fields.Json(readonly=True, groups='base.group_system')
    state = fields.Selection(
        [('requested', "To read"), ('new', "To process"), ('done', "Done"), ('ignored', "Ignored"),
         ('error', "Exception")],
        required=True, readonly=True, default='new', index=True)
    sale_order_id = fields.Many2one('sale.order', "Sales Order", readonly=True, index='btree_not_null')
    error = ReaderText("Reason", readonly=True)
    next_step = ReaderText("What to do", readonly=True)
    attempts = fields.Integer(readonly=True)
    next_attempt = fields.Datetime(readonly=True)
    lacks_data = fields.Boolean(
        "Waits for Amazon", readonly=True, help="Amazon has not stated all that the connector needs of this order, so "
        "it is read again.")
    listing_ids = fields.Many2many('amazon.listing', string="Products and pieces")

    _RETRY_FIRST = RETRY_FIRST

    _order_unique = models.Constraint('UNIQUE(seller_id, amazon_order_ref)', "This Amazon order is already there.")
    _work = models.Index("(seller_id, state, next_attempt) WHERE state IN ('requested', 'new', 'error')")

    @api.depends('marketplace_ref', 'seller_id')
    def _compute_marketplace_id(self):
        marketplaces = self.seller_id.with_context(active_test=False).marketplace_ids
        by_key = {(marketplace.seller_id.id, marketplace.marketplace_ref): marketplace for marketplace in marketplaces}
        for order in self:
            order.marketplace_id = by_key.get((order.seller_id.id, order.marketplace_ref))

    def write(self, vals):
        """Write orders; users may choose the products of the listings that an order waits for, but not which listings
        these are.
        """
        if not self.env.su and any(command[0] != Command.UPDATE or command[1] not in self.listing_ids.ids
                                   for command in vals.get('listing_ids') or []):
            raise AccessError(self.env._("The products of these listings can be chosen, and nothing else of the order "
                                         "can be changed."))
        return super().write(vals)

    # === ACTIONS === #

    def action_retry(self):
        """Process these orders again with the stored data; those that lack data are read from Amazon again."""
        self.check_access('write')
        for order in self.sudo():
            complete = (order.payload or {}).get('recipient') or order.fulfilled_by == 'AMAZON'
            order.state = 'new' if complete and not order.lacks_data else 'requested'
            order.next_attempt = False
        return self._wake()

    def action_retry_all(self):
        """Process all exceptions again that this user may see."""
        self.check_access('write')
        return self.search([('state', '=', 'error')]).action_retry()

    def action_refresh(self):
        """Read these orders from Amazon again, whatever their state."""
        self.check_access('write')
        self.sudo().write({'state': 'requested', 'next_attempt': False, 'attempts': 0})
        return self._wake()

    def action_resolve(self):
        """Close exceptions that a person resolved outside of this list."""
        self.check_access('write')
        errors = self.filtered(lambda order: order.state == 'error')
        for order in errors.filtered(lambda order: order.has_tax_question and order.sale_order_id.state in QUOTATION):
            raise UserError(tell(self.env)._(
                "Choose the tax of order %s, or cancel its quotation: it would be sold without tax.",
                order.amazon_order_ref))
        errors._set_done()

    def action_open_sale_order(self):
        self.ensure_one()
        return {
            'type': 'ir.actions.act_window', 'res_model': 'sale.order', 'view_mode': 'form',
            'res_id': self.sale_order_id.id,
        }

    def _wake(self):
        self.seller_id._wake('orders')
        return self.seller_id._notify_started()

    @api.model
    def _request(self, seller, references):
        """Queue orders (Amazon order ids) to be read from Amazon, known or not, and wake the flow.

        :param list references: Amazon order ids
        """
        self.flush_model()
        self.env.cr.execute(SQL(
            """INSERT INTO amazon_order (seller_id, company_id, amazon_order_ref, state, attempts, create_date,
                                         write_date)
                    SELECT %s, %s, reference, 'requested', 0, now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC'
                      FROM unnest(%s) AS reference
               ON CONFLICT (seller_id, amazon_order_ref) DO UPDATE
                  SET state = 'requested', next_attempt = NULL, attempts = 0
                 RETURNING id""",
            seller.id, seller.company_id.id, list(references)))
        orders = self.browse([row[0] for row in self.env.cr.fetchall()])
        orders.invalidate_recordset()
        orders._wake()
        return orders

    # === FLOW: ORDERS === #

    def _sync_orders(self, sync):
        """Fetch changed orders from Amazon and process the inbox; the contract is in `amazon_sync`.

        What is stored is processed even if Amazon cannot be reached at the moment.
        """
        failure, finished = None, False
        try:
            finished = self._fetch(sync)
        except Exception as error:
            self.env.cr.rollback()
            failure = error
        finished = self._process_due(sync) and finished
        finished = self.env['sale.order']._amazon_invoice_waiting(sync) and finished
        if failure:
            raise failure
        return not finished

    # === PROCESSING === #

    def _process_due(self, sync):
        """Process new orders and those to retry, in short transactions; return whether none is left."""
        domain = [
            ('seller_id', '=', sync.seller_id.id), '|', ('state', '=', 'new'),
            '&', '&', ('state', '=', 'error'), ('lacks_data', '=', False),
            ('next_attempt', '<=', fields.Datetime.now()),
        ]
        due = self.search_fetch(domain, ['marketplace_id'], order='last_update, id')
        # Listings, partners and settings are read by marketplace: neighbours of one marketplace share them.
        ids = [order.id for batch in split_every(BATCH_SIZE, due.ids, self.browse)
               for order in batch.sorted(lambda order: order.marketplace_id.id)]
        return sync._in_portions(ids, self._process_ids, BATCH_SIZE, self._set_conflict)

    def _process_ids(self, ids):
        """Process the orders among these that are still due and that no other job works on."""
        self.env.cr.execute(SQL(
            "SELECT id FROM amazon_order WHERE id IN %s AND state IN ('new', 'error') FOR NO KEY UPDATE SKIP LOCKED",
            tuple(ids)))
        free = {row[0] for row in self.env.cr.fetchall()}
        orders = self.browse(order_id for order_id in ids if order_id in free)
        orders.with_context(tracking_disable=True, mail_create_nosubscribe=True)._process()

    def _set_conflict(self, order_id, error):
        """Mark an order that failed outside of its own savepoint, or collided with other transactions again and again.
        """
        order = self.browse(order_id)
        order._set_error(*order._explain(error) if not is_conflict(error) else (
            tell(self.env)._("Other users or jobs change what this order needs all the time (%s).", describe(error)),
            tell(self.env)._("It is tried again automatically. If it stays, check who changes the same stock or "
                             "contact.")))

    def _process(self):
        """Bring the sales orders in line with these received orders.

        Together, for speed; if that fails, in halves, until the one that cannot be processed stands alone with its
        reason.
        """
        if not self:
            return
        try:
            # Odoo logs a statement that the database refuses, and these hold personal data.
            with quiet_sql(), self.env.cr.savepoint():
                self._process_together()
        except Exception as error:
            if not concerns_record(error) or 'amazon_run' in self.env.context and may_be_conflict(error):
                # A conflict with another transaction is no fault of the orders: they are processed again.
                raise
            self.env.invalidate_all()
            if len(self) == 1:
                self._set_error(*self._explain(error))
            else:
                middle = len(self) // 2
                self[:middle]._process()
                self[middle:]._process()

    def _process_together(self):
        """Create, update or cancel the sales orders; orders that cannot be read are marked and left out."""
        unusable = self.filtered(lambda order: order._find_unusable())
        for order in unusable:
            order._set_error(order._find_unusable(), order._advise())
        foreign = (self - unusable).filtered(lambda order: is_foreign(order.payload))
        foreign._set_foreign()
        known = (self - unusable - foreign).filtered('sale_order_id')
        results = (self - unusable - foreign - known).sudo()._create_sale_orders()
        for order in known.sudo():
            results[order] = order.sale_order_id._amazon_update(order)
        known.sudo().sale_order_id._amazon_hold_quotations()
        self.sudo().sale_order_id._amazon_estimate_fees()
        for order, problem in results.items():
            if problem:
                order._set_error(*problem)
            else:
                order._set_done()

    def _create_sale_orders(self):
        """Create the sales orders of new received orders.

        :return: for each order None, or why it needs a person: a pair of reason and what to do
        :rtype: dict
        """
        results, wanted = dict.fromkeys(self), self.browse()
        for order in self:
            if order.amazon_status == 'CANCELLED':
                continue
            try:
                order._check_importable()
                wanted |= order
            except UserError as error:
                results[order] = order._explain(error)
        for orders in wanted.grouped(lambda order: order.marketplace_id.company_id).values():
            results.update(self.env['sale.order']._amazon_create(orders))
        return results

    def _check_importable(self):
        """Raise a `UserError` that says what is missing before this order can become a sales order."""
        self.ensure_one()
        if not self.marketplace_ref:
            raise OrderIncomplete(self.env,
                                  tell(self.env)._("Amazon has not stated on which marketplace the order was placed."))
        if not self.marketplace_id or not self.marketplace_id.active:
            raise UserError(tell(self.env)._(
                "Marketplace %s is not in use for this seller. Activate it on the seller, or refresh the seller's "
                "marketplaces.", self.marketplace_ref or tell(self.env)._("(none)")))
        if not self.marketplace_id.warehouse_id or not self.marketplace_id.fba_location_id:
            raise UserError(tell(self.env)._(
                "Choose a warehouse and an FBA location on marketplace %s; a company without a warehouse needs "
                "one first.", self.marketplace_id.name))

    @api.model
    def _explain(self, error):
        """Return reason and advice for an exception that stopped an order (the arguments of `_set_error`)."""
        if isinstance(error, OrderProblem):
            return error.problem
        if isinstance(error, UserError | RedirectWarning):
            return explain(self.env, error), tell(self.env)._("Mend the cause, then retry.")
        log_failure(_logger, "Amazon orders %s could not be processed", self.ids, error=error, level=logging.WARNING)
        return (tell(self.env)._("Odoo could not process this order (%s).", describe(error)),
                tell(self.env)._("Retry; if it fails again, the server log has the details."))

    def _set_error(self, reason, next_step, waits=False, at_once=False):
        """Mark these orders as exceptions with their reason, or to be read again where Amazon's data is incomplete.

        :param bool waits: Amazon may state later what is missing: the order is read again, and a person is asked after
            some hours only
        :param bool at_once: a person is asked at once, too
        """
        for order in self:
            again = waits and not at_once and order.attempts < len(READ_AGAIN)
            delay = READ_AGAIN[order.attempts] if again else get_pause(RETRY_FIRST, order.attempts, RETRY_MOST)
            order.write({
                'state': 'requested' if again else 'error', 'error': reason, 'next_step': next_step,
                'lacks_data': waits, 'attempts': order.attempts + 1, 'next_attempt': fields.Datetime.now() + delay,
            })

    def _set_foreign(self):
        """Ignore orders that were not placed at Amazon (multi-channel fulfilment); one that became a sale stays linked.
        """
        for order in self.sudo():
            if order.sale_order_id and order.sale_order_id.state != 'cancel':
                order._set_error(
                    tell(self.env)._("This order was not placed at Amazon, but Odoo has a sales order of it."),
                    tell(self.env)._("Cancel the sales order, then retry: the sale belongs to the shop that took the "
                                     "order."))
            else:
                order._set_done()
                reason = tell(self.env)._("Not an order of Amazon: Amazon only ships it for another shop.")
                order.write({'state': 'ignored', 'error': reason})

    def _set_done(self):
        """Mark as processed and delete all personal data that the sales order does not need."""
        self.sudo().write({
            'state': 'done', 'error': False, 'next_step': False, 'next_attempt': False, 'lacks_data': False,
            'listing_ids': False, 'tax_question': False,
        })
        for order in self.sudo():
            order._scrub()

    def _scrub(self):
        self.payload = scrub(self.payload or {}) or False
