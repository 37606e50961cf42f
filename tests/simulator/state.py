"""Everything that the simulator knows; `reset` makes a new one."""

import collections
import dataclasses
import datetime
import secrets
import time

from amazon_api.marketplaces import MARKETPLACES

from .clock import UTC, format_time
from .documents import Documents
from .faults import Faults
from .generator import generate_listings, generate_orders
from .ratelimits import Buckets

ALL_ROLES = frozenset({'buyer', 'recipient', 'tax'})
CLIENT_ID = 'amzn1.application-oa2-client.demo'
CLIENT_SECRET = 'amzn1.oa2-cs.v1.demo'
APPLICATION_ID = 'amzn1.sp.solution.demo'
REFRESH_TOKENS = {'na': 'Atzr|demo-na', 'eu': 'Atzr|demo-eu', 'fe': 'Atzr|demo-fe'}
SELLERS = {'na': 'A1DEMOSELLERNA', 'eu': 'A1DEMOSELLEREU', 'fe': 'A1DEMOSELLERFE'}
HOMES = {'na': 'US', 'eu': 'DE', 'fe': 'JP'}
LANGUAGES = {
    'DE': 'de_DE', 'FR': 'fr_FR', 'IT': 'it_IT', 'ES': 'es_ES', 'NL': 'nl_NL', 'BE': 'fr_BE', 'SE': 'sv_SE',
    'PL': 'pl_PL', 'TR': 'tr_TR', 'EG': 'ar_AE',
    'SA': 'ar_AE', 'JP': 'ja_JP', 'MX': 'es_MX', 'BR': 'pt_BR', 'ZA': 'en_GB', 'IE': 'en_GB',
}


@dataclasses.dataclass
class Seller:
    id: str
    region: str
    marketplaces: list[dict]

    @property
    def marketplace_ids(self) -> set[str]:
        return {entry['marketplace']['id'] for entry in self.marketplaces}


class State:
    """One Amazon: applications, sellers, orders, tokens, faults, calls.

    :param float speed: how much faster than real time rate limits, delays and token lifetimes run
    :param int orders: size of the generated store
    :param int listings: SKUs that each marketplace of the generated store lists
    :param float token_seconds: lifetime of access tokens, in real seconds: a client's pauses are real, too
    :param list roles: data roles that the application has, of `buyer`, `recipient`, `tax`
    :param list marketplaces: country codes of the generated store, all 23 by default
    :param str region_only: a region (`na`, `eu`, `fe`) whose marketplaces alone the generated store sells on
    :param dict homes: country code of the home marketplace of each region's seller, in whose way and zone it gets the
        reports of FBA
    :param bool older_reports: reports of FBA and returns lack the columns that came last
    :param list extra_marketplaces: marketplaces beyond the 23 known ones, as `Marketplace` objects of the Sellers API
    """

    def __init__(self, *, speed=1.0, orders=0, listings=0, seed=1, roles=ALL_ROLES, marketplaces=None, region_only=None,
                 extra_marketplaces=(), token_seconds=3600, homes=None, older_reports=False, **options):
        self.speed = speed
        self.token_seconds = token_seconds
        self.roles = set(roles)
        self.buckets = Buckets(speed)
        self.faults = Faults(seed)
        self.sellers = {SELLERS[region]: Seller(SELLERS[region], region, _participations(region)) for region in SELLERS}
        for marketplace in extra_marketplaces:
            self.sellers[SELLERS['eu']].marketplaces.append(_participation(marketplace))
        self.refresh_tokens = {token: SELLERS[region] for region, token in REFRESH_TOKENS.items()}
        self.codes = {}
        self.access_tokens = {}
        self.documents = Documents(speed)
        self.calls = []
        self.counters = collections.Counter()
        self.orders = {}
        self.hidden = set()
        self.looping = {}
        self.page_tokens = {}
        self.listings = {}
        self.feeds = {}
        self.offers = {}
        self.shipments = {}
        self.idempotency = {}
        self.tracking = {}
        self.reports = {}
        self.homes = {**HOMES, **(homes or {})}
        self.older_reports = older_reports
        self.fba = {}
        self.asked = {}
        self.ledger_requests = {}
        self.report_tokens = {}
        self.money = []
        self.accounts = {}
        self.payouts = []
        self.refused_skus = {}
        self.ignored_skus = set()
        self.turned_to_merchant = []
        self.unstated = {}
        if region_only:
            marketplaces = [market.country for market in MARKETPLACES if market.region == region_only]
        for order in generate_orders(orders, seed=seed, now=self.now(), countries=marketplaces, **options):
            self.orders[order['orderId']] = order
        if listings:
            generate_listings(self, listings, countries=marketplaces)

    def now(self) -> datetime.datetime:
        return datetime.datetime.now(UTC) + datetime.timedelta(seconds=self.faults.clock_shift())

    def lifetime(self, seconds: float) -> float:
        """Return the moment (this process's clock) when something that lives so long at Amazon ends here."""
        return time.monotonic() + seconds / self.speed

    def is_hidden(self, order_id: str) -> bool:
        """Whether an order is not shown yet although it changed: in outages that has taken hours."""
        return order_id in self.hidden

    def new_refresh_token(self, seller_id: str) -> str:
        token = f'Atzr|{secrets.token_urlsafe(24)}'
        self.refresh_tokens[token] = seller_id
        return token

    def record(self, operation: str, status: int, seller: str = '') -> None:
        self.calls.append({'operation': operation, 'status': status, 'seller': seller, 'time': format_time(self.now())})
        self.counters[operation] += 1
        self.counters[f'{operation} {status}'] += 1


def _participations(region: str) -> list[dict]:
    return [_participation({
        'id': marketplace.id, 'name': f'Amazon.{marketplace.shop.partition(".")[2]}',
        'countryCode': 'UK' if marketplace.country == 'GB' else marketplace.country,
        'defaultCurrencyCode': marketplace.currency, 'domainName': f'www.{marketplace.shop}',
        'defaultLanguageCode': LANGUAGES.get(marketplace.country, f'en_{marketplace.country}'),
    }) for marketplace in MARKETPLACES if marketplace.region == region]


def _participation(marketplace: dict) -> dict:
    return {
        'marketplace': marketplace, 'storeName': 'Demo Store',
        'participation': {'isParticipating': True, 'hasSuspendedListings': False},
    }
