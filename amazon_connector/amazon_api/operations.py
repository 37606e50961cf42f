"""The operations in use: where python-amazon-sp-api has them, and Amazon's default rate and burst.

Rates are requests per second for one pair of seller and application, as documented by Amazon; the header
`x-amzn-RateLimit-Limit` of a reply corrects the rate at run time.
"""

from typing import NamedTuple

from sp_api.api import (
    CatalogItemsV20220401,
    FeedsV20210630,
    FinancesV20240619,
    FulfillmentInboundV0,
    FulfillmentInboundV20240320,
    Inventories,
    ListingsItemsV20210801,
    OrdersV0,
    OrdersV20260101,
    ProductTypeDefinitions,
    ReportsV2,
    Sellers,
)

from .endpoints import Balances, Feeds, Listings, MerchantFulfillment, Shipping, Transfers


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
    'confirmShipment': Operation(OrdersV0, 'confirm_shipment', 2, 10),
    'getRates': Operation(Shipping, 'get_rates', 80, 100),
    'getAdditionalInputs': Operation(Shipping, 'get_additional_inputs', 80, 100),
    'purchaseShipment': Operation(Shipping, 'purchase_shipment', 80, 100),
    'getShipmentDocuments': Operation(Shipping, 'get_shipment_documents', 80, 100),
    'cancelShipment': Operation(Shipping, 'cancel_shipment', 80, 100),
    'getTracking': Operation(Shipping, 'get_tracking', 80, 100),
    'getEligibleShipmentServices': Operation(MerchantFulfillment, 'get_eligible_shipment_services', 6, 12),
    'getAdditionalSellerInputs': Operation(MerchantFulfillment, 'get_additional_seller_inputs', 1, 1),
    'createShipment': Operation(MerchantFulfillment, 'create_shipment', 2, 2),
    'getShipment': Operation(MerchantFulfillment, 'get_shipment', 1, 1),
    # Shipping v2 has an operation of this name, too.
    'mfn.cancelShipment': Operation(MerchantFulfillment, 'cancel_shipment', 1, 1),
    'createReport': Operation(ReportsV2, 'create_report', 0.0167, 15),
    'getReports': Operation(ReportsV2, 'get_reports', 0.0222, 10),
    'listTransactions': Operation(FinancesV20240619, 'list_transactions', 0.5, 10),
    'listBalances': Operation(Balances, 'list_balances', 0.5, 10),
    'listPayouts': Operation(Transfers, 'list_payouts', 0.5, 10),
    'getReport': Operation(ReportsV2, 'get_report', 2, 15),
    'getReportDocument': Operation(ReportsV2, 'get_report_document', 0.0167, 15),
    'createFeedDocument': Operation(Feeds, 'create_feed_document', 0.5, 15),
    'createFeed': Operation(Feeds, 'create_feed', 0.0083, 15),
    'getFeed': Operation(FeedsV20210630, 'get_feed', 2, 15),
    'getFeeds': Operation(FeedsV20210630, 'get_feeds', 0.0222, 10),
    'getFeedDocument': Operation(Feeds, 'get_feed_document', 0.0222, 10),
    'getListingsItem': Operation(ListingsItemsV20210801, 'get_listings_item', 5, 10),
    'searchListingsItems': Operation(ListingsItemsV20210801, 'search_listings_items', 5, 5),
    'patchListingsItem': Operation(ListingsItemsV20210801, 'patch_listings_item', 5, 5),
    'putListingsItem': Operation(Listings, 'put_listings_item', 5, 10),
    'deleteListingsItem': Operation(Listings, 'delete_listings_item', 5, 5),
    'searchDefinitionsProductTypes': Operation(ProductTypeDefinitions, 'search_definitions_product_types', 5, 10),
    'getDefinitionsProductType': Operation(ProductTypeDefinitions, 'get_definitions_product_type', 5, 10),
    'searchCatalogItems': Operation(CatalogItemsV20220401, 'search_catalog_items', 2, 2),
    'getCatalogItem': Operation(CatalogItemsV20220401, 'get_catalog_item', 2, 2),
    'getInventorySummaries': Operation(Inventories, 'get_inventory_summary_marketplace', 2, 2),
    'getShipments': Operation(FulfillmentInboundV0, 'get_shipments', 2, 30),
    'getShipmentItemsByShipmentId': Operation(FulfillmentInboundV0, 'shipment_items_by_shipment', 2, 30),
    'listInboundPlans': Operation(FulfillmentInboundV20240320, 'list_inbound_plans', 2, 6),
    'getInboundPlan': Operation(FulfillmentInboundV20240320, 'get_inbound_plan', 2, 6),
    # Merchant Fulfillment has an operation of this name, too.
    'inbound.getShipment': Operation(FulfillmentInboundV20240320, 'get_shipment', 2, 6),
}
