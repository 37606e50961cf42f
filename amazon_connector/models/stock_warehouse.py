import datetime

import pytz

from odoo import fields, models

LOOK_BACK = datetime.timedelta(days=14)


class StockWarehouse(models.Model):
    _inherit = 'stock.warehouse'

    amazon_calendar_id = fields.Many2one(
        'resource.calendar', "Shipping calendar", check_company=True,
        help="Days on which parcels leave: what Amazon wants by a day off must leave on the working day before. By "
        "default the company's working hours.")

    amazon_return_location_id = fields.Many2one(
        'stock.location', "Amazon returns arrive at", check_company=True, domain=[('usage', '=', 'internal')],
        help="Where returned goods wait until they are inspected; outside of the warehouse's stock, so that nobody "
        "sells them before. By default where Odoo receives goods.")
    amazon_refurbish_location_id = fields.Many2one(
        'stock.location', "Goods to refurbish", check_company=True, domain=[('usage', '=', 'internal')],
        help="Where returned goods lie that are to be repaired, cleaned or packed anew.")

    def _amazon_get_ship_day(self, ship_by):
        """Return the last working day (a date, in the calendar's time zone) on which goods leave in time for a moment
        (UTC, naive).
        """
        self.ensure_one()
        calendar = self.amazon_calendar_id or self.company_id.resource_calendar_id
        limit = ship_by.replace(tzinfo=pytz.utc).astimezone(pytz.timezone(calendar.tz or 'UTC'))
        intervals = calendar._work_intervals_batch(limit - LOOK_BACK, limit)[False] if calendar else []
        return max((stop.date() for _start, stop, _meta in intervals), default=limit.date())
