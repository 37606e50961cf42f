"""The company of Amazon that invoices a seller's fees, by marketplace.

Source: Amazon's Business Solutions Agreements and its notices to sellers. Since August 2024 Amazon EU S.à r.l. invoices
sellers from the branch of their own country where it has one, with that country's tax; all others from Luxembourg. Tax
on fees follows the company that invoices, not the marketplace's name. Advertising is another contract: since October
2018 Amazon's company in the marketplace's country invoices it in the five largest countries, whoever advertises.
"""

from typing import NamedTuple


class Supplier(NamedTuple):
    """A company of Amazon; `country` is its seat, `branches` are the other countries that it invoices the sellers of
    from (ISO 3166 codes).
    """

    name: str
    country: str
    branches: frozenset = frozenset()

    def get_country(self, seller_country: str) -> str:
        """Return the country that invoices to a seller come from."""
        return seller_country if seller_country in self.branches else self.country


EUROPE = Supplier("Amazon EU S.à r.l.", 'LU', frozenset({'BE', 'DE', 'ES', 'FR', 'GB', 'IT', 'NL', 'PL', 'SE'}))
SUPPLIERS = {
    **dict.fromkeys(('BE', 'DE', 'ES', 'FR', 'IE', 'IT', 'NL', 'PL', 'SE'), EUROPE),
    'GB': Supplier("Amazon UK Services Ltd.", 'GB'),
    'US': Supplier("Amazon.com Services LLC", 'US'),
    'CA': Supplier("Amazon.com.ca ULC", 'CA'),
    'MX': Supplier("Servicios Comerciales Amazon México, S. de R.L. de C.V.", 'MX'),
    'BR': Supplier("Amazon Serviços de Varejo do Brasil Ltda.", 'BR'),
    'JP': Supplier("Amazon Japan G.K.", 'JP'),
    'AU': Supplier("Amazon Commercial Services Pty Ltd", 'AU'),
    'SG': Supplier("Amazon Asia-Pacific Holdings Private Limited", 'SG'),
    'IN': Supplier("Amazon Seller Services Private Limited", 'IN'),
    'AE': Supplier("Souq.com FZ LLC", 'AE'),
    'SA': Supplier("Afaq Q Tech General Trading", 'SA'),
    'EG': Supplier("Souq.com for E-Commerce LLC", 'EG'),
    'TR': Supplier("Amazon Turkey Perakende Hizmetleri Limited Şirketi", 'TR'),
    'ZA': Supplier("Amazon Commercial Services South Africa (Pty) Ltd", 'ZA'),
}
ADVERTISING = {
    'DE': Supplier("Amazon Online Germany GmbH", 'DE'), 'ES': Supplier("Amazon Online Spain, S.L.U.", 'ES'),
    'FR': Supplier("Amazon Online France SAS", 'FR'), 'GB': Supplier("Amazon Online UK Limited", 'GB'),
    'IT': Supplier("Amazon Online Italy S.r.l.", 'IT'),
    **dict.fromkeys(('BE', 'IE', 'NL', 'PL', 'SE'), Supplier("Amazon Europe Core S.à r.l.", 'LU')),
}
# Where the tax of Amazon's invoices to a seller at home is inside of the amounts of a settlement. Elsewhere it has rows
# of its own, or there is none.
TAX_INSIDE = EUROPE.branches | {'LU', 'CA', 'AE'}


def get_supplier(marketplace_country: str) -> Supplier | None:
    """Return the company that invoices the fees of a marketplace, None for an unknown one."""
    return SUPPLIERS.get(marketplace_country)


def get_ad_supplier(marketplace_country: str) -> Supplier | None:
    """Return the company that invoices advertising on a marketplace, None for an unknown one."""
    return ADVERTISING.get(marketplace_country) or SUPPLIERS.get(marketplace_country)
