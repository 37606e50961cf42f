"""The marketplaces of Amazon: identifiers, regions, currencies and addresses.

Source: Amazon's documentation, "Marketplace IDs" and "SP-API endpoints". A marketplace that Amazon adds later and that
is missing here still works: what is needed then comes from `getMarketplaceParticipations`.
"""

from typing import NamedTuple


class Marketplace(NamedTuple):
    """One marketplace; `country` is the ISO 3166 code (Amazon itself says UK for GB), `currency` the ISO 4217 code."""

    country: str
    id: str
    region: str
    currency: str
    shop: str
    seller_central: str

    @property
    def seller_central_url(self) -> str:
        """Return the base address of the marketplace's Seller Central."""
        return f'https://{self.seller_central}'


MARKETPLACES = (
    Marketplace('CA', 'A2EUQ1WTGCTBG2', 'na', 'CAD', 'amazon.ca', 'sellercentral.amazon.ca'),
    Marketplace('US', 'ATVPDKIKX0DER', 'na', 'USD', 'amazon.com', 'sellercentral.amazon.com'),
    Marketplace('MX', 'A1AM78C64UM0Y8', 'na', 'MXN', 'amazon.com.mx', 'sellercentral.amazon.com.mx'),
    Marketplace('BR', 'A2Q3Y263D00KWC', 'na', 'BRL', 'amazon.com.br', 'sellercentral.amazon.com.br'),
    Marketplace('IE', 'A28R8C7NBKEWEA', 'eu', 'EUR', 'amazon.ie', 'sellercentral.amazon.ie'),
    Marketplace('ES', 'A1RKKUPIHCS9HS', 'eu', 'EUR', 'amazon.es', 'sellercentral-europe.amazon.com'),
    Marketplace('GB', 'A1F83G8C2ARO7P', 'eu', 'GBP', 'amazon.co.uk', 'sellercentral-europe.amazon.com'),
    Marketplace('FR', 'A13V1IB3VIYZZH', 'eu', 'EUR', 'amazon.fr', 'sellercentral-europe.amazon.com'),
    Marketplace('BE', 'AMEN7PMS3EDWL', 'eu', 'EUR', 'amazon.com.be', 'sellercentral.amazon.com.be'),
    Marketplace('NL', 'A1805IZSGTT6HS', 'eu', 'EUR', 'amazon.nl', 'sellercentral.amazon.nl'),
    Marketplace('DE', 'A1PA6795UKMFR9', 'eu', 'EUR', 'amazon.de', 'sellercentral-europe.amazon.com'),
    Marketplace('IT', 'APJ6JRA9NG5V4', 'eu', 'EUR', 'amazon.it', 'sellercentral-europe.amazon.com'),
    Marketplace('SE', 'A2NODRKZP88ZB9', 'eu', 'SEK', 'amazon.se', 'sellercentral.amazon.se'),
    Marketplace('ZA', 'AE08WJ6YKNBMC', 'eu', 'ZAR', 'amazon.co.za', 'sellercentral.amazon.co.za'),
    Marketplace('PL', 'A1C3SOZRARQ6R3', 'eu', 'PLN', 'amazon.pl', 'sellercentral.amazon.pl'),
    Marketplace('EG', 'ARBP9OOSHTCHU', 'eu', 'EGP', 'amazon.eg', 'sellercentral.amazon.eg'),
    Marketplace('TR', 'A33AVAJ2PDY3EV', 'eu', 'TRY', 'amazon.com.tr', 'sellercentral.amazon.com.tr'),
    Marketplace('SA', 'A17E79C6D8DWNP', 'eu', 'SAR', 'amazon.sa', 'sellercentral.amazon.sa'),
    Marketplace('AE', 'A2VIGQ35RCS4UG', 'eu', 'AED', 'amazon.ae', 'sellercentral.amazon.ae'),
    Marketplace('IN', 'A21TJRUUN4KGV', 'eu', 'INR', 'amazon.in', 'sellercentral.amazon.in'),
    Marketplace('SG', 'A19VAU5U5O7RUS', 'fe', 'SGD', 'amazon.sg', 'sellercentral.amazon.sg'),
    Marketplace('AU', 'A39IBJ37TRP1C6', 'fe', 'AUD', 'amazon.com.au', 'sellercentral.amazon.com.au'),
    Marketplace('JP', 'A1VC38T7YXB528', 'fe', 'JPY', 'amazon.co.jp', 'sellercentral.amazon.co.jp'),
)

BY_ID = {marketplace.id: marketplace for marketplace in MARKETPLACES}
BY_COUNTRY = {marketplace.country: marketplace for marketplace in MARKETPLACES}

REGIONS = {'na': "North America", 'eu': "Europe, Middle East, Africa and India", 'fe': "Far East"}


def get_order_url(marketplace_ref: str, order_ref: str) -> str | None:
    """Return the address of an order in the Seller Central of its marketplace, None for an unknown one."""
    market = BY_ID.get(marketplace_ref)
    return f'{market.seller_central_url}/orders-v3/order/{order_ref}' if market else None


def endpoint(region: str, *, sandbox: bool = False) -> str:
    """Return the base URL of the Selling Partner API for `na`, `eu` or `fe`."""
    return f"https://{'sandbox.' if sandbox else ''}sellingpartnerapi-{region}.amazon.com"
