"""Proofs that a seller's flows work, from what the flows recorded: an order in time, a shipment confirmed, a quantity
shown, a settlement understood.
"""

import datetime
from functools import cached_property

from odoo.tools import SQL, format_datetime

from ..models.amazon_sync import FLOW_INTERVALS
from .setup_outcome import Check

# Amazon shows an order some minutes after it was placed, and the search looks two minutes back.
ORDERS_SLACK = datetime.timedelta(minutes=5)
MAPPED = ('ready', 'draft', 'booking', 'booked')


class SetupProofs:
    """The proofs of sellers; each takes one or two queries for all of them."""

    def __init__(self, sellers):
        self.env = sellers.env
        self.sellers = sellers

    def check(self, kind, seller):
        """Return the outcome (`Check`) of a proof: passed on which record and when, or why not yet."""
        return getattr(self, f'_prove_{kind}')(seller)

    def find_last(self, table, condition, order='write_date DESC'):
        """Return the last record of each seller in a table that meets a condition, by the seller's id."""
        rows = self.env.execute_query(SQL(
            """SELECT seller.id, found.id
                 FROM UNNEST(%s) AS seller (id) CROSS JOIN LATERAL (
                      SELECT id FROM %s WHERE seller_id = seller.id AND (%s) ORDER BY %s, id DESC LIMIT 1) AS found""",
            list(self.sellers.ids), SQL.identifier(table), SQL(condition), SQL(order)))
        records = self.env[table.replace('_', '.')].sudo().browse(record for _seller, record in rows)
        return {seller: record for (seller, _id), record in zip(rows, records, strict=True)}

    def _get_later(self, failed, passed, field):
        """Return the record that failed if it did so after the one that passed: what worked once may be broken."""
        return failed if failed and (not passed or (failed[field] and failed[field] > passed[field])) else None

    def _when(self, moment):
        return format_datetime(self.env, moment, dt_format='short')

    def _pass(self, text, record):
        return Check('done', text, self.env._("Show it"), record)

    def _wait(self, text, record=None, button=None):
        return Check('open', text, button or self.env._("Check now"), record)

    def _fail(self, text, record):
        return Check('todo', text, self.env._("Show it"), record)

    # === ORDERS === #

    @cached_property
    def _orders_in_time(self):
        """The last order of each seller that came in within the interval, with its delay.

        By id, the newest first: of a seller that works this ends at once, however many orders there are.
        """
        orders = self.env['amazon.order'].sudo()
        return {seller: (orders.browse(order), delay) for seller, order, delay in self.env.execute_query(SQL(
            """SELECT seller.id, found.id, found.delay
                 FROM UNNEST(%s) AS seller (id) CROSS JOIN LATERAL (
                      SELECT inbox.id, inbox.create_date - sale.date_order AS delay
                        FROM amazon_order inbox JOIN sale_order sale ON sale.id = inbox.sale_order_id
                       WHERE inbox.seller_id = seller.id AND inbox.create_date - sale.date_order <= %s
                    ORDER BY inbox.id DESC LIMIT 1) AS found""",
            list(self.sellers.ids), FLOW_INTERVALS['orders'] + ORDERS_SLACK))}

    @cached_property
    def _orders(self):
        return self.find_last('amazon_order', "sale_order_id IS NOT NULL", 'id DESC')

    @cached_property
    def _failed_orders(self):
        return self.find_last('amazon_order', "state = 'error'", 'create_date DESC')

    def _prove_order(self, seller):
        order, delay = self._orders_in_time.get(seller.id, (None, None))
        if failed := self._get_later(self._failed_orders.get(seller.id), order, 'create_date'):
            return self._fail(self.env._(
                "Order %s is there, but did not become a sales order.", failed.amazon_order_ref), failed)
        if order:
            return self._pass(self.env._(
                "Order %(order)s came in on %(date)s, %(minutes)s minutes after it was placed.",
                order=order.amazon_order_ref, date=self._when(order.create_date),
                minutes=max(round(delay.total_seconds() / 60), 0)), order)
        if self._orders.get(seller.id):
            return self._wait(self.env._(
                "The orders so far were placed before Odoo looked for them: the next one will show it. An order of "
                "your own is enough."))
        return self._wait(self.env._("No order has come in yet."))

    # === SHIPMENTS === #

    @cached_property
    def _packages(self):
        return {state: self.find_last('amazon_package', condition) for state, condition in (
            ('confirmed', "state = 'confirmed' AND tracking_number IS NOT NULL"),
            ('failed', "state = 'failed'"), ('waiting', "state IN ('to_confirm', 'sent')"))}

    def _prove_tracking(self, seller):
        package = self._packages['confirmed'].get(seller.id)
        if failed := self._get_later(self._packages['failed'].get(seller.id), package, 'write_date'):
            return self._fail(self.env._(
                "The shipment of order %(order)s was not confirmed: %(reason)s",
                order=failed.amazon_order_ref, reason=failed.refusal or failed.error or '-'), failed)
        if package:
            return self._pass(self.env._(
                "Amazon shows tracking number %(number)s of order %(order)s (read back on %(date)s).",
                number=package.tracking_number, order=package.amazon_order_ref,
                date=self._when(package.write_date)), package)
        if package := self._packages['waiting'].get(seller.id):
            return self._wait(self.env._(
                "The shipment of order %s is on its way to Amazon and will be read back.", package.amazon_order_ref))
        return self._wait(self.env._("No delivery with a tracking number has been validated yet."),
                          button=self.env._("To ship"))

    # === QUANTITIES === #

    @cached_property
    def _quantities(self):
        return {state: self.find_last('amazon_listing', condition, 'stock_pushed_date DESC NULLS LAST')
                for state, condition in (
                    ('confirmed', "stock_state = 'confirmed' AND stock_pushed IS NOT NULL"),
                    ('failed', "stock_state IN ('failed', 'blocked', 'mismatch')"),
                    ('waiting', "stock_state IN ('sent', 'accepted')"))}

    def _prove_quantity(self, seller):
        listing = self._quantities['confirmed'].get(seller.id)
        if failed := self._get_later(self._quantities['failed'].get(seller.id), listing, 'stock_pushed_date'):
            return self._fail(self.env._("The quantity of %(sku)s did not arrive: %(reason)s",
                                         sku=failed.sku, reason=failed.stock_error or '-'), failed)
        if listing:
            return self._pass(self.env._(
                "Amazon shows %(quantity)s of %(sku)s on %(marketplace)s, as sent on %(date)s.",
                quantity=listing.amazon_quantity, sku=listing.sku, marketplace=listing.marketplace_id.name,
                date=self._when(listing.stock_pushed_date)), listing)
        if listing := self._quantities['waiting'].get(seller.id):
            return self._wait(self.env._(
                "The quantity of %s was sent, and is read back some minutes later.", listing.sku))
        return self._wait(self.env._("No quantity has been sent yet: do the first stock sync."))

    # === SETTLEMENTS === #

    @cached_property
    def _settlements(self):
        # Amounts of zero rows say nothing.
        return {state: self.find_last('amazon_settlement', f"{condition} AND row_count > 0", 'end_date DESC')
                for state, condition in (('mapped', f"stage IN {MAPPED}"), ('open', "stage IN ('to_map', 'wrong')"))}

    def _prove_settlement(self, seller):
        settlement = self._settlements['mapped'].get(seller.id)
        if waiting := self._get_later(self._settlements['open'].get(seller.id), settlement, 'end_date'):
            return self._fail(self.env._("Settlement %(ref)s waits: %(reason)s", ref=waiting.settlement_ref,
                                         reason=waiting.problem or '-'), waiting)
        if settlement:
            return self._pass(self.env._(
                "All %(count)s rows of settlement %(ref)s (until %(date)s) are mapped.",
                count=settlement.row_count, ref=settlement.settlement_ref,
                date=self._when(settlement.end_date)), settlement)
        return self._wait(self.env._("No settlement has been read yet: Amazon makes one about every two weeks."))
