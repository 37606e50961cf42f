"""Roles of an application at Amazon (Developer Console), by the operations and types that need them.

From Amazon's "Role mappings for SP-API operations" and "… for SP-API types": where several roles do, those that fit
this use.
"""

from .phrases import tell

ORDERS = ('searchOrders', 'getOrder', 'confirmShipment')
LABELS = ('getRates', 'getAdditionalInputs', 'purchaseShipment', 'cancelShipment', 'getTracking',
          'getEligibleShipmentServices', 'getAdditionalSellerInputs', 'createShipment', 'mfn.cancelShipment')
LISTINGS = ('getListingsItem', 'searchListingsItems', 'patchListingsItem', 'putListingsItem', 'deleteListingsItem',
            'searchDefinitionsProductTypes', 'getDefinitionsProductType', 'searchCatalogItems', 'getCatalogItem')
MONEY = ('listTransactions', 'listBalances', 'listPayouts')


def find_role(env, operation: str, flow: str) -> str:
    """Return the name of the role that an operation needs, in the language of `env`.

    Reports and feeds need the role of their type, which the flow knows.
    """
    tracking, listing = tell(env)._("Inventory and Order Tracking"), tell(env)._("Product Listing")
    fulfillment, finance = tell(env)._("Amazon Fulfillment"), tell(env)._("Finance and Accounting")
    by_operation = {
        **dict.fromkeys(ORDERS, tracking), **dict.fromkeys(LISTINGS, listing),
        **dict.fromkeys(LABELS, tell(env)._("Direct-to-Consumer Delivery (Restricted)")),
        'getInventorySummaries': fulfillment, **dict.fromkeys(MONEY, finance),
        'getMarketplaceParticipations': tell(env)._("Selling Partner Insights"),
    }
    by_flow = {
        'listings': listing, 'feeds': listing, 'stock': listing, 'prices': listing, 'content': listing,
        'fba_inventory': fulfillment, 'fba_stock': fulfillment, 'fba_claims': fulfillment,
        'returns': tell(env).join([tracking, fulfillment], by=' / '), 'settlements': finance, 'transactions': finance,
    }
    return by_operation.get(operation) or by_flow.get(flow) or tracking


# Role -> the operations and reports that show by Amazon's answer whether the application has it.
EVIDENCE = {
    'insights': ('getMarketplaceParticipations',),
    'tracking': ORDERS,
    'listing': (*LISTINGS, 'GET_MERCHANT_LISTINGS_ALL_DATA'),
    'finance': (*MONEY, 'GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2'),
    'fulfillment': ('getInventorySummaries', 'GET_LEDGER_DETAIL_VIEW_DATA', 'GET_LEDGER_SUMMARY_VIEW_DATA'),
    'recipient': LABELS,
    'buyer': (),
    'tax': (),
}
# Without these nothing works as it should; the others depend on how and where a seller sells.
NEEDED = ('insights', 'tracking', 'listing', 'finance')


def describe_roles(env) -> dict:
    """Return the roles that this addon uses as their names at Amazon and what each is for, in the language of `env`."""
    return {
        'insights': (env._("Selling Partner Insights"), env._("your marketplaces")),
        'tracking': (env._("Inventory and Order Tracking"), env._("orders and their confirmation")),
        'listing': (env._("Product Listing"), env._("listings, quantities and prices")),
        'finance': (env._("Finance and Accounting"), env._("settlements, refunds and payouts")),
        'fulfillment': (env._("Amazon Fulfillment"), env._("stock at Amazon (FBA)")),
        'recipient': (env._("Direct-to-Consumer Delivery (Restricted)"), env._("addresses, and labels from Amazon")),
        'buyer': (env._("Buyer Communication"), env._("names and e-mail addresses of buyers")),
        'tax': (env._("Tax Invoicing (Restricted)"), env._("taxes that Amazon collects")),
    }
