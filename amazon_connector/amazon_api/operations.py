"""The operations in use: where python-amazon-sp-api has them, and Amazon's default rate and burst.

Rates are requests per second for one pair of seller and application, as documented by Amazon; the header
`x-amzn-RateLimit-Limit` of a reply corrects the rate at run time.
"""

from typing import NamedTuple

from sp_api.api import OrdersV20260101, ReportsV2, Sellers


class Operation(NamedTuple):
    """One SP-API operation: the class and method of the library, `rate` in requests per second, `burst` in requests."""

    api: type
    method: str
    rate: float
    burst: int


OPERATIONS = {
    'getMarketplaceParticipations': Operation(Sellers, 'get_marketplace_participation', 0.016, 15),
    'searchOrders': Operation(OrdersV20260101, 'search_orders', 0.0056, 20),
    'getOrder': Operation(OrdersV20260101, 'get_order', 0.5, 30),
    'getReportDocument': Operation(ReportsV2, 'get_report_document', 0.0167, 15),
}
