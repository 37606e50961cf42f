import datetime

from odoo import fields, models
from odoo.tools import SQL

from ..amazon_api import throttle
from ..amazon_api.errors import RateLimited, Stopped

UTC = datetime.timezone.utc
# So long a call waits for another process that holds the seller's row.
LOCK_TIMEOUT = '10s'


class AmazonRateBucket(models.Model):
    _name = 'amazon.rate.bucket'
    _description = "Amazon Rate Limit"
    _rec_name = 'operation'
    _order = 'seller_id, operation'

    seller_id = fields.Many2one('amazon.seller', required=True, ondelete='cascade')
    operation = fields.Char(required=True)
    learned_rate = fields.Float("Rate named by Amazon", digits=(16, 6), help="Requests per second")
    tat = fields.Float("Full again at", digits=(20, 6), help="Seconds since 1970 by the database's clock")
    wait = fields.Float("Last wait", digits=(16, 3), help="Seconds that the last request had to wait, or would "
                        "have had to")
    answer = fields.Selection([('done', "Done"), ('refused', "Refused")], "Last answer", readonly=True,
                              help="Whether the application may do this, by Amazon's last answer.")
    answer_date = fields.Datetime("Answered on", readonly=True, help="When the answer became this one.")

    _operation_unique = models.Constraint('UNIQUE(seller_id, operation)', "A seller has one bucket per operation.")


class DatabaseLimiter:
    """Buckets of one seller in the database, shared by all workers and hosts; an `amazon_api.throttle.Limiter`.

    Each call is one statement on a short cursor of its own, so no lock outlives it, and the database's clock is the
    only one that counts. Where another process holds the seller's row, it raises a conflict after a while: that process
    may wait for the job that calls, which PostgreSQL cannot see.
    """

    def __init__(self, registry, seller_id: int):
        self._registry = registry
        self._seller_id = seller_id
        self._rates = {}
        self._answers = {}

    def acquire(self, operation: str, rate: float, burst: int, patience: float) -> float:
        """Take one place in the bucket of an operation and return the seconds to wait (`throttle.reserve` in SQL: `due`
        is the new TAT).

        The old TAT stays where the wait is too long. A bucket that Amazon named another rate for than `rate` uses that
        one. After an emergency stop there are no places, not even for jobs that began before it.
        """
        interval, capacity = (SQL("%s / COALESCE(NULLIF(bucket.learned_rate, 0), %s)", seconds * rate, rate)
                              for seconds in throttle.bucket(rate, burst))
        now = SQL("EXTRACT(EPOCH FROM clock_timestamp())::float8")
        due = SQL("(GREATEST(bucket.tat::float8, %s) + %s)", now, interval)
        wait = SQL("GREATEST(%s - %s - %s, 0)", due, now, capacity)
        first = throttle.bucket(rate, burst)[0]
        row = self._execute(SQL(
            """INSERT INTO amazon_rate_bucket AS bucket (seller_id, operation, tat, wait)
                    SELECT id, %(operation)s, %(now)s + %(first)s, 0 FROM amazon_seller
                     WHERE id = %(seller)s AND stop_date IS NULL
               ON CONFLICT (seller_id, operation) DO UPDATE
                       SET wait = %(wait)s,
                           tat = CASE WHEN %(wait)s <= %(patience)s THEN %(due)s ELSE bucket.tat END
                 RETURNING wait, clock_timestamp() AT TIME ZONE 'UTC'""",
            seller=self._seller_id, operation=operation, now=now, first=first, wait=wait, due=due, patience=patience,
        ))
        if not row:
            raise Stopped(operation=operation)
        seconds, clock = float(row[0]), row[1].replace(tzinfo=UTC)
        if seconds > patience:
            raise RateLimited(clock + datetime.timedelta(seconds=seconds), operation=operation)
        return seconds

    def learn(self, operation: str, rate: float, default: float) -> None:
        """Store the rate that Amazon named for an operation."""
        if self._rates.get(operation) == rate:
            return
        self._rates[operation] = rate
        now = SQL("EXTRACT(EPOCH FROM clock_timestamp())::float8")
        self._execute(SQL(
            """UPDATE amazon_rate_bucket
                  SET tat = %(now)s + GREATEST(tat::float8 - %(now)s, 0)
                          * COALESCE(NULLIF(learned_rate, 0), %(default)s) / %(rate)s,
                      learned_rate = %(rate)s
                WHERE seller_id = %(seller)s AND operation = %(operation)s AND learned_rate IS DISTINCT FROM %(rate)s
            RETURNING id""",
            now=now, default=default, rate=rate, seller=self._seller_id, operation=operation))

    def drain(self, operation: str, rate: float, burst: int) -> None:
        """Empty the bucket of an operation after Amazon answered 429."""
        _interval, capacity = throttle.bucket(self._rates.get(operation, rate), burst)
        self._execute(SQL(
            """UPDATE amazon_rate_bucket SET tat = EXTRACT(EPOCH FROM clock_timestamp())::float8 + %s
                WHERE seller_id = %s AND operation = %s RETURNING id""",
            capacity, self._seller_id, operation))

    def record(self, operation: str, done: bool) -> None:
        """Store whether Amazon did what was asked for or refused it for want of a permission."""
        if self._answers.get(operation) == done:
            return
        self._answers[operation] = done
        self._execute(SQL(
            """UPDATE amazon_rate_bucket SET answer = %(answer)s, answer_date = clock_timestamp() AT TIME ZONE 'UTC'
                WHERE seller_id = %(seller)s AND operation = %(operation)s AND answer IS DISTINCT FROM %(answer)s
            RETURNING id""", answer='done' if done else 'refused', seller=self._seller_id, operation=operation))

    def _execute(self, query):
        with self._registry.cursor() as cr:
            cr.execute(SQL("SET LOCAL lock_timeout = %s; %s", LOCK_TIMEOUT, query))
            return cr.fetchone()
