"""Roles of an application at Amazon (Developer Console), by the operations and types that need them.

From Amazon's "Role mappings for SP-API operations" and "… for SP-API types": where several roles do, those that fit
this use.
"""

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
    tracking, listing = env._("Inventory and Order Tracking"), env._("Product Listing")
    fulfillment, finance = env._("Amazon Fulfillment"), env._("Finance and Accounting")
    by_operation = {
        **dict.fromkeys(ORDERS, tracking), **dict.fromkeys(LISTINGS, listing),
        **dict.fromkeys(LABELS, env._("Direct-to-Consumer Delivery (Restricted)")),
        'getInventorySummaries': fulfillment, **dict.fromkeys(MONEY, finance),
        'getMarketplaceParticipations': env._("Selling Partner Insights"),
    }
    by_flow = {
        'listings': listing, 'feeds': listing, 'stock': listing, 'prices': listing, 'content': listing,
        'fba_inventory': fulfillment, 'fba_stock': fulfillment, 'fba_claims': fulfillment,
        'returns': f'{tracking} / {fulfillment}', 'settlements': finance, 'transactions': finance,
    }
    return by_operation.get(operation) or by_flow.get(flow) or tracking
