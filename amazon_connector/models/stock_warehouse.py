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

    def _amazon_get_ship_day(self, ship_by):
        """Return the last working day (a date, in the calendar's time zone) on which goods leave in time for a moment
        (UTC, naive).
        """
        self.ensure_one()
        calendar = self.amazon_calendar_id or self.company_id.resource_calendar_id
        limit = ship_by.replace(tzinfo=pytz.utc).astimezone(pytz.timezone(calendar.tz or 'UTC'))
        intervals = calendar._work_intervals_batch(limit - LOOK_BACK, limit)[False] if calendar else []
        return max((stop.date() for _start, stop, _meta in intervals), default=limit.date())
