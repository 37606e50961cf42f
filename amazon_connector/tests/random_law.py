"""What the tax law says of a seller's orders on Amazon, as plain facts: neither Odoo nor the addon is behind them.

Rates are those of 2026. Sources: tax offices of the countries (VAT and OSS rates), the CRA (GST and HST by province),
Revenu Québec (QST), British Columbia (PST), HMRC (overseas goods sold by marketplaces), the Council's directive
2017/2455 (deemed suppliers, IOSS).
"""

from decimal import Decimal
from typing import NamedTuple

# `domestic` and `oss` are the seller's to pay; `intra` and `export` are free of tax, with their box in the report.
DOMESTIC, OSS, INTRA, EXPORT = 'domestic', 'oss', 'intra', 'export'
SELLER, AMAZON = 'seller', 'amazon'


class Tax(NamedTuple):
    """One tax of a supply: where it is owed, rate in percent, scheme, and who pays it to the tax office."""

    country: str
    rate: Decimal
    scheme: str
    payer: str = SELLER


class Place(NamedTuple):
    """Where goods go; codes are those of ISO 3166, texts are what a buyer would write."""

    country: str
    state: str = ''
    city: str = 'Town'
    postcode: str = '10115'


class Case(NamedTuple):
    """A kind of order on a marketplace.

    `taxes` are those of goods at the standard rate, `reduced` at the reduced rate; both have the same payers. `vat`
    is the buyer's VAT number, empty for a consumer. `stated`: Amazon computes this tax whatever the seller has chosen.
    `limit` is the highest price that the law has for the case.
    """

    shop: str
    place: Place
    taxes: tuple
    reduced: tuple
    weight: int = 1
    vat: str = ''
    stated: bool = False
    scheme_stated: str = ''
    limit: int = 100_000

    def get_channels(self, home) -> tuple:
        """Return who may send the goods: what Amazon has in the buyer's country would be another case of the law."""
        by_amazon = any(tax.payer == AMAZON for tax in self.taxes)
        return ('MERCHANT',) if by_amazon and self.shop != home else ('MERCHANT', 'AMAZON')


class Company(NamedTuple):
    """A seller: country, Odoo's chart of accounts, currency, time zone, region of the API, marketplaces."""

    country: str
    chart: str
    currency: str
    zone: str
    region: str
    shops: tuple


class Shop(NamedTuple):
    """A marketplace: Amazon's id, its name in settlements, its currency."""

    id: str
    name: str
    currency: str


SHOPS = {
    'DE': Shop('A1PA6795UKMFR9', 'Amazon.de', 'EUR'),
    'FR': Shop('A13V1IB3VIYZZH', 'Amazon.fr', 'EUR'),
    'GB': Shop('A1F83G8C2ARO7P', 'Amazon.co.uk', 'GBP'),
    'US': Shop('ATVPDKIKX0DER', 'Amazon.com', 'USD'),
    'CA': Shop('A2EUQ1WTGCTBG2', 'Amazon.ca', 'CAD'),
    'MX': Shop('A1AM78C64UM0Y8', 'Amazon.com.mx', 'MXN'),
}
COMPANIES = {
    'DE': Company('DE', 'de_skr03', 'EUR', 'Europe/Berlin', 'eu', ('DE', 'FR', 'GB')),
    'US': Company('US', 'us', 'USD', 'America/New_York', 'na', ('US', 'CA', 'MX')),
    'CA': Company('CA', 'ca_2023', 'CAD', 'America/Toronto', 'na', ('CA', 'US', 'MX')),
    'GB': Company('GB', 'uk', 'GBP', 'Europe/London', 'eu', ('GB', 'DE', 'FR')),
}
# Standard and reduced rate of goods; what is reduced in Germany (7 %) is a book, so are the others.
VAT = {
    'DE': ('19', '7'),
    'FR': ('20', '5.5'),
    'AT': ('20', '10'),
    'NL': ('21', '9'),
    'BE': ('21', '6'),
    'GB': ('20', '5'),
}
PLACES = {
    'DE': Place('DE', '', 'Berlin', '10115'),
    'FR': Place('FR', '', 'Lyon', '69001'),
    'AT': Place('AT', '', 'Wien', '1010'),
    'NL': Place('NL', '', 'Utrecht', '3511 AB'),
    'BE': Place('BE', '', 'Gent', '9000'),
    'CH': Place('CH', '', 'Zürich', '8001'),
    'GB': Place('GB', '', 'Leeds', 'LS1 4AP'),
    'MX': Place('MX', 'CMX', 'Ciudad de México', '06000'),
    'NY': Place('US', 'NY', 'New York', '10001'),
    'TX': Place('US', 'TX', 'Austin', '78701'),
    'OR': Place('US', 'OR', 'Portland', '97201'),
    'ON': Place('CA', 'ON', 'Toronto', 'M5V 2T6'),
    'QC': Place('CA', 'QC', 'Montreal', 'H2Y 1C6'),
    'BC': Place('CA', 'BC', 'Vancouver', 'V6B 1A1'),
    'AB': Place('CA', 'AB', 'Calgary', 'T2P 1J9'),
    'NB': Place('CA', 'NB', 'Moncton', 'E1C 1A1'),
}
VAT_NUMBERS = {'DE': 'DE123456788', 'FR': 'FR23334175221', 'AT': 'ATU12345675', 'GB': 'GB123456782'}
# What a Canadian seller, registered in all provinces, owes by the buyer's; Amazon pays British Columbia's PST itself.
PROVINCES = {
    'ON': (('CA', '13'),),
    'QC': (('CA', '5'), ('QC', '9.975')),
    'BC': (('CA', '5'), ('BC', '7')),
    'AB': (('CA', '5'),),
    'NB': (('CA', '15'),),
}


def _vat(country, scheme, payer=SELLER):
    """Return the taxes of goods at the standard and at the reduced rate."""
    return tuple((Tax(country, Decimal(rate), scheme, payer),) for rate in VAT[country])


def _free(country, scheme):
    free = (Tax(country, Decimal(0), scheme),)
    return free, free


def _by_amazon(home, country, *rates):
    """What Amazon owes as the seller by law: the own supply is an export, or of no interest to a tax office."""
    own = () if home == country == 'US' else (Tax(home, Decimal(0), EXPORT),)
    taxes = tuple((*own, Tax(country, Decimal(rate), DOMESTIC, AMAZON)) for rate in rates)
    return (taxes * 2)[:2]


def _province(code):
    taxes = tuple(
        Tax(place, Decimal(rate), DOMESTIC, AMAZON if place == 'BC' else SELLER) for place, rate in PROVINCES[code]
    )
    return taxes, taxes


CASES = {
    'DE': [
        Case('DE', PLACES['DE'], *_vat('DE', DOMESTIC), weight=6),
        Case('DE', PLACES['DE'], *_vat('DE', DOMESTIC), vat=VAT_NUMBERS['DE']),
        Case('DE', PLACES['AT'], *_vat('AT', OSS), weight=2),
        Case('DE', PLACES['NL'], *_vat('NL', OSS)),
        Case('DE', PLACES['AT'], *_free('DE', INTRA), vat=VAT_NUMBERS['AT'], stated=True),
        Case('DE', PLACES['CH'], *_free('DE', EXPORT), stated=True),
        Case('FR', PLACES['FR'], *_vat('FR', OSS), weight=5),
        Case('FR', PLACES['BE'], *_vat('BE', OSS)),
        Case('FR', PLACES['FR'], *_free('DE', INTRA), vat=VAT_NUMBERS['FR'], weight=2, stated=True),
        Case('GB', PLACES['GB'], *_by_amazon('DE', 'GB', *VAT['GB']), stated=True, limit=135),
    ],
    'US': [
        Case('US', PLACES['NY'], *_by_amazon('US', 'US', '8.875'), weight=4, stated=True),
        Case('US', PLACES['TX'], *_by_amazon('US', 'US', '8.25'), stated=True),
        Case('US', PLACES['OR'], (), (), stated=True),
        Case('CA', PLACES['ON'], *_by_amazon('US', 'CA', '13'), stated=True),
        Case('CA', PLACES['AB'], *_by_amazon('US', 'CA', '5'), stated=True),
        Case('MX', PLACES['MX'], *_by_amazon('US', 'MX', '16'), stated=True),
    ],
    'CA': [
        *(Case('CA', PLACES[code], *_province(code), weight=2, stated=True) for code in PROVINCES),
        Case('US', PLACES['NY'], *_by_amazon('CA', 'US', '8.875'), stated=True),
        Case('MX', PLACES['MX'], *_by_amazon('CA', 'MX', '16'), stated=True),
    ],
    'GB': [
        Case('GB', PLACES['GB'], *_vat('GB', DOMESTIC), weight=6),
        Case('GB', PLACES['GB'], *_vat('GB', DOMESTIC), vat=VAT_NUMBERS['GB'], weight=2),
        Case('DE', PLACES['DE'], *_by_amazon('GB', 'DE', *VAT['DE']), stated=True, scheme_stated='IOSS', limit=150),
        Case('FR', PLACES['FR'], *_by_amazon('GB', 'FR', *VAT['FR']), stated=True, scheme_stated='IOSS', limit=150),
    ],
}
# Where the prices that buyers see have no tax.
ON_TOP = {'US', 'CA'}
