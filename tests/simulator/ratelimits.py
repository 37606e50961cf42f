"""Amazon's token buckets: one per operation and seller, enforced."""

import time

# Requests per second and bucket size, as Amazon documents them.
LIMITS = {
    'getMarketplaceParticipations': (0.016, 15),
    'searchOrders': (0.0056, 20),
    'getOrder': (0.5, 30),
    'confirmShipment': (2, 10),
    'getRates': (80, 100),
    'getAdditionalInputs': (80, 100),
    'purchaseShipment': (80, 100),
    'getShipmentDocuments': (80, 100),
    'cancelShipment': (80, 100),
    'getTracking': (80, 100),
    'getEligibleShipmentServices': (6, 12),
    'getAdditionalSellerInputs': (1, 1),
    'createShipment': (2, 2),
    'getShipment': (1, 1),
    'mfn.cancelShipment': (1, 1),
    'createReport': (0.0167, 15),
    'getReport': (2, 15),
    'getReports': (0.0222, 10),
    'listTransactions': (0.5, 10),
    'listBalances': (0.5, 10),
    'listPayouts': (0.5, 10),
    'getReportDocument': (0.0167, 15),
    'createFeedDocument': (0.5, 15),
    'createFeed': (0.0083, 15),
    'getFeed': (2, 15),
    'getFeeds': (0.0222, 10),
    'getFeedDocument': (0.0222, 10),
    'getListingsItem': (5, 10),
    'searchListingsItems': (5, 5),
    'putListingsItem': (5, 10),
    'patchListingsItem': (5, 5),
    'deleteListingsItem': (5, 5),
    'searchDefinitionsProductTypes': (5, 10),
    'getDefinitionsProductType': (5, 10),
    'searchCatalogItems': (2, 2),
    'getCatalogItem': (2, 2),
    'getInventorySummaries': (2, 2),
    'getShipments': (2, 30),
    'getShipmentItemsByShipmentId': (2, 30),
    'listInboundPlans': (2, 6),
    'getInboundPlan': (2, 6),
    'inbound.getShipment': (2, 6),
    'inbound.listShipmentItems': (2, 30),
}


class Buckets:
    """`speed` makes Amazon's time run faster: rates are multiplied by it, bursts are not."""

    def __init__(self, speed: float = 1.0, clock=time.monotonic):
        self._speed = speed
        self._clock = clock
        self._state = {}

    def rate(self, operation: str) -> float:
        return LIMITS[operation][0] * self._speed

    def take(self, operation: str, seller: str) -> bool:
        """Whether a request is within the limits; a refused request takes nothing."""
        burst, now = LIMITS[operation][1], self._clock()
        tokens, then = self._state.get((operation, seller), (burst, now))
        tokens = min(burst, tokens + (now - then) * self.rate(operation))
        allowed = tokens >= 1
        self._state[operation, seller] = (tokens - allowed, now)
        return allowed
