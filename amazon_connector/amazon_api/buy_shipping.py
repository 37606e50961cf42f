"""Buying labels for Amazon's orders: Shipping v2 where Amazon offers it, else Merchant Fulfillment v0, behind one
interface.
"""

from .client import Client
from .merchant_fulfillment import MerchantFulfillmentShop
from .shipping import ShippingShop

# Countries that Shipping v2 serves, and Amazon's name for its business there.
BUSINESSES = {
    'US': 'AmazonShipping_US',
    'IN': 'AmazonShipping_IN',
    'GB': 'AmazonShipping_UK',
    'AE': 'AmazonShipping_UAE',
    'SA': 'AmazonShipping_SA',
    'EG': 'AmazonShipping_EG',
    'IT': 'AmazonShipping_IT',
    'ES': 'AmazonShipping_ES',
    'FR': 'AmazonShipping_FR',
    'JP': 'AmazonShipping_JP',
}


def make_shop(client: Client, country: str) -> ShippingShop | MerchantFulfillmentShop:
    """Return the object that buys labels for orders of a marketplace, by its ISO 3166 country."""
    business = BUSINESSES.get(country)
    return ShippingShop(client, business) if business else MerchantFulfillmentShop(client)
