import contextlib
import datetime
import hashlib
import json

from odoo import fields, models

from ..amazon_api.errors import Forbidden, RateLimited
from ..amazon_api.order_head import read_time
from ..amazon_api.paging import TokenRefused
from ..utils.phrases import tell

OVERLAP = datetime.timedelta(minutes=5)
# After outages Amazon showed orders hours late, with the time at which they really changed: once a day the search goes
# further back.
DEEP_OVERLAP, DEEP_INTERVAL = datetime.timedelta(days=3), datetime.timedelta(days=1)
# Amazon's clock may be behind ours and shows an order up to two minutes late.
CLOCK_MARGIN = datetime.timedelta(minutes=2)
# A marketplace that Amazon refused is asked again after this time; what changed there meanwhile is searched then.
REFUSED_INTERVAL = datetime.timedelta(days=1)
ALL = '*'
# So many pages in a row that a search had before end it, and so many of its latest pages are remembered.
MOST_REPEATED, PAGES_SEEN = 10, 100


class AmazonSync(models.Model):
    """Searches that move a cursor, each as a window.

    A window is `{'kind': 'poll'|'backlog'|'deep', 'field': 'lastUpdated'|'created', 'after': ISO time, 'before': ISO
    time or None, 'token': page token or None, 'until': ISO time until which its end is complete, 'marketplaces': ids,
    where not all, 'seen': fingerprints of its latest pages, 'repeated': how many in a row came before}`.
    """

    _inherit = 'amazon.sync'

    # Pages of the daily search in one run: the quota of 20 calls an hour is there for what is new.
    _DEEP_PAGES = 3

    cursor = fields.Datetime("Complete until", readonly=True,
                             help="Everything that Amazon changed before this moment has been stored.")
    window = fields.Json("Search in progress", readonly=True)
    backlog = fields.Json("Searches asked for", readonly=True)
    deep_date = fields.Datetime("Last search for late orders", readonly=True, default=fields.Datetime.now)
    deep_window = fields.Json("Search for late orders in progress", readonly=True)
    refused = fields.Json("Refused marketplaces", readonly=True,
                          help="Since when Amazon refuses the orders of a marketplace, by its id.")
    refused_date = fields.Datetime("Refused marketplaces asked", readonly=True)

    def _poll_window(self):
        """Return the search for orders changed since the cursor, begun a little earlier."""
        self.ensure_one()
        start = (self.cursor or self.seller_id.import_from) - OVERLAP
        return {'kind': 'poll', 'field': 'lastUpdated', 'after': f'{start.isoformat()}Z', 'before': None, 'token': None}

    def _deep_window(self):
        """Return the daily search for orders that Amazon showed late, begun or to begin, or None when it is not due."""
        self.ensure_one()
        if self.deep_window:
            return self.deep_window
        now = fields.Datetime.now()
        if not self.cursor or (self.deep_date and self.deep_date > now - DEEP_INTERVAL):
            return None
        start = max(self.cursor - DEEP_OVERLAP, self.seller_id.import_from)
        return {'kind': 'deep', 'field': 'lastUpdated', 'after': f'{start.isoformat()}Z', 'before': None, 'token': None}

    def _record_page(self, window, token, orders):
        """Return the window with this page added to its latest pages.

        Amazon may give one page again and again, each time with another token: over several runs that would delay new
        orders.

        :raises TokenRefused: so many pages in a row came before that the search is given up
        """
        seen = window.get('seen') or [] if window['token'] else []
        page = _fingerprint(orders)
        repeated = window.get('repeated', 0) + 1 if page in seen else 0
        if token and repeated >= MOST_REPEATED:
            self._leave_window(window)
            raise TokenRefused(tell(self.env)._(
                "Amazon gives the same page of orders again and again, each time with another page token. The search "
                "begins anew in the next run."),
                operation='searchOrders')
        return {**window, 'seen': [*seen, page][-PAGES_SEEN:], 'repeated': repeated}

    def _move_window(self, window, token, reply, started):
        """Store the position of a search behind a page, or that it reached its end; return the window.

        :param datetime started: when the page was asked for
        """
        until = window.get('until') or reply.payload.get('lastUpdatedBefore')
        if not read_time(until):
            until = f'{(started - CLOCK_MARGIN).isoformat()}Z'
        window = {**window, 'token': token, 'until': until}
        if not token:
            self._close_window(window)
        elif window.get('kind') == 'deep':
            self.deep_window = window
        else:
            self.window = window
        return window

    def _close_window(self, window):
        """Close a search that reached its end; the one for changed orders moves the cursor."""
        kind = window.get('kind') or ('poll' if window['field'] == 'lastUpdated' else 'backlog')
        if kind == 'deep':
            self.write({'deep_window': False, 'deep_date': fields.Datetime.now()})
            return
        self.window = False
        if kind == 'poll':
            until = read_time(window['until'])
            self.cursor = max(self.cursor or until, until)
        else:
            key = window['field'], window['after'], window['before'], window.get('marketplaces')
            self.backlog = [search for search in self.backlog or []
                            if (search['field'], search['after'], search['before'], search.get('marketplaces'))
                            != key] or False

    def _leave_window(self, window):
        """Reset a search of which Amazon refuses the page tokens: it begins again in the next run."""
        self.env.cr.rollback()
        if window.get('kind') == 'deep':
            self.write({'deep_window': False, 'deep_date': fields.Datetime.now()})
        else:
            self.window = False
        self._commit()

    def _ask_for(self, after, before):
        """Queue a search by creation time, naive UTC datetimes, and let the flow run soon."""
        self.ensure_one()
        self._wake({'kind': 'backlog', 'field': 'created', 'after': f'{after.isoformat()}Z',
                    'before': f'{before.isoformat()}Z', 'token': None})

    @contextlib.contextmanager
    def _spare_quota(self):
        """Postpone searches without hurry to the next run when the quota is used up."""
        try:
            yield
        except RateLimited:
            self.env.cr.rollback()

    # === MARKETPLACES THAT AMAZON REFUSES === #

    def _get_searched_marketplaces(self, window):
        """Return the ids of the marketplaces of a search, without those that Amazon refuses."""
        refs = window.get('marketplaces') or self.seller_id.marketplace_ids.mapped('marketplace_ref')
        return [ref for ref in refs if ref not in (self.refused or {})] or refs

    def _check_refused_marketplaces(self, client):
        """Show which marketplaces Amazon refuses, and ask once a day for each whether it still does."""
        refused = self.refused or {}
        if not refused:
            return
        names = {market.marketplace_ref: market.name
                 for market in self.seller_id.with_context(active_test=False).marketplace_ids}
        again = self.refused_date < fields.Datetime.now() - REFUSED_INTERVAL
        for ref in list(refused):
            error = (self._probe(client, ref) if again and ref != ALL
                     else Forbidden("", operation='searchOrders', status=403))
            if ref == ALL:
                refused = {} if again else refused
            elif error:
                self._add_problem(names.get(ref, ref), error)
            else:
                self._include_again(ref, refused.pop(ref))
        if again:
            self.write({'refused': refused or False, 'refused_date': fields.Datetime.now()})
            self._commit()

    def _include_again(self, ref, since):
        """Search the orders that changed on a marketplace since Amazon refused it."""
        self.backlog = (self.backlog or []) + [{
            'kind': 'backlog', 'field': 'lastUpdated', 'after': since, 'before': None, 'token': None,
            'marketplaces': [ref]}]

    def _find_refused(self, client, error):
        """Find the marketplaces that Amazon refuses when it refused a search of several; return whether the others can
        be searched.

        :param Forbidden error: what it answered
        """
        refs = self._get_searched_marketplaces({})
        if len(refs) < 2 or ALL in (self.refused or {}) or self._is_account_refused(error):
            return False
        found = [ref for ref in refs if self._probe(client, ref)]
        since = f'{((self.cursor or self.seller_id.import_from) - OVERLAP).isoformat()}Z'
        some = 0 < len(found) < len(refs)
        if found:
            # Where all are refused a role is missing: there is no use in asking each of them in every run.
            self.write({'refused': {**(self.refused or {}), **dict.fromkeys(found if some else [ALL], since)},
                        'refused_date': fields.Datetime.now(), 'window': False})
            self._commit()
        return some

    def _probe(self, client, ref):
        """Return why Amazon refuses the orders of a marketplace, or None (one call)."""
        after = fields.Datetime.now() - datetime.timedelta(hours=1)
        try:
            client.call('searchOrders', marketplaceIds=[ref], lastUpdatedAfter=f'{after.isoformat()}Z',
                        maxResultsPerPage=1)
        except Forbidden as error:
            return error
        return None


def _fingerprint(orders):
    """Return a digest that identifies a page of orders: which orders it has, and as of when."""
    heads = [[entry.get('orderId'), entry.get('lastUpdatedTime')] if isinstance(entry, dict) else None
             for entry in orders]
    return hashlib.sha256(json.dumps(heads).encode('utf-8', 'surrogatepass')).hexdigest()[:16]
