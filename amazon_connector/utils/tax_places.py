"""The jurisdiction of an order, found as Odoo finds fiscal positions: by where goods leave from and go to, and by the
buyer.
"""

from typing import NamedTuple

from ..amazon_api.withholding import RETAINING

# Places that are taxed with another country, and the postcodes that make Northern Ireland, which for goods belongs to
# the Union.
TERRITORIES = {'MC': 'FR', 'IM': 'GB', 'XI': 'GB'}
PARTS = ('MC', 'IM')
# Countries whose VAT numbers begin with other letters than the country's code.
UNION_PREFIXES = {'GR': 'EL'}
NORTHERN_IRELAND = 'BT'
# Countries where Amazon collects and remits the tax on sales by law, for all sellers.
AMAZON_COLLECTS = ('US',)
# Countries where Amazon withholds a part of the tax that the seller declares as a whole.
AMAZON_RETAINS = RETAINING
UNION_OSS, IMPORT_OSS = 'UOSS', 'IOSS'


class Place(NamedTuple):
    """A jurisdiction: `position` is the fiscal position that leads to its taxes, empty for the company's own taxes at
    home.

    `source` and `target` are the countries that goods leave from and go to, `business` says that the buyer has a VAT
    number. `question` (see `tax_questions`) must be answered by a person before anything is taxed here, or it is None.
    `is_import_scheme`: Amazon declares the buyer's tax in the Import One Stop Shop.
    """

    position: object
    source: object
    target: object
    business: bool
    is_home: bool
    question: dict | None = None
    is_import_scheme: bool = False


class TaxPlaces:
    """Find the jurisdictions of one marketplace; the object is used for one batch of orders."""

    def __init__(self, marketplace):
        company = marketplace.company_id
        self.market = marketplace
        self.env = marketplace.env(context={**marketplace.env.context, 'allowed_company_ids': company.ids})
        self.company = company.with_env(self.env)
        self.home = company.account_fiscal_country_id or company.country_id
        self.union = self.env.ref('base.europe').country_ids
        self._chosen = None
        self._departures = {}

    def learn_departures(self, refs):
        """Read where the goods of FBA orders left from, as far as Amazon has reported it.

        :param refs: Amazon order ids
        """
        shipments = self.env['amazon.fba.shipment'].sudo()
        self._departures = shipments._find_departures(self.market.seller_id, refs)

    def find_source(self, channel, order_ref=''):
        """Return the country that goods leave from: an order does not state it, so Amazon's report of its shipment
        decides, and before that is there the warehouse or the marketplace.

        :param str channel: `fba` or `fbm`
        :param str order_ref: Amazon order id, of one that `learn_departures` was given
        """
        if channel == 'fba':
            if order_ref in self._departures:
                return self._departures[order_ref]
            return self.market.fba_country_id or self.home
        return self.market.warehouse_id.partner_id.country_id or self.company.country_id or self.home

    def find(self, customer, delivery, source, scheme=None):
        """Return the jurisdiction of a sale.

        :param customer: the buyer, whose VAT number makes a business
        :param delivery: the partner (or what `new` returns) to whose country, state and postcode goods go
        :param source: the country that goods leave from
        :param str scheme: `reportingScheme` of the order's items, if Amazon states one
        """
        target = self.get_tax_country(delivery)
        if not self._is_number_of_buyer(customer, source, target):
            customer, delivery = self._without_number(customer), self._without_number(delivery)
        business = bool(customer.vat and customer._get_vat_required_valid(company=self.company))
        is_home = self.is_same(source, self.home) and self.is_same(target, self.home)
        place = Place(self.env['account.fiscal.position'], source, target, business, is_home,
                      is_import_scheme=scheme == IMPORT_OSS and is_export(source, target, self.union))
        if self.market.fiscal_position_id:
            return place._replace(position=self.market.fiscal_position_id.with_env(self.env))
        position = self._find_position(place, customer, delivery)
        in_shop = scheme == UNION_OSS and not is_home
        if in_shop and not self._is_for_consumers(position, target):
            position = self._find_one_stop_shop(target)
        lacks = self._is_for_abroad(position) if is_home else not position and (in_shop or not self._is_own_tax(place))
        if lacks:
            position = self._get_chosen(place)
        return place._replace(position=position, question=self._ask(place, scheme) if lacks and not position else None)

    def _is_number_of_buyer(self, customer, source, target) -> bool:
        """Return whether a VAT number can make a sale within the Union an intra-Community supply: it is one of another
        member state than the one that goods leave from (directive 2006/112/EC, article 138). Elsewhere numbers are for
        Odoo to judge.
        """
        if not customer.vat or source == target or any(country not in self.union and country.code != 'XI'
                                                       for country in (source, target)):
            return True
        others = {UNION_PREFIXES.get(country.code, country.code) for country in self.union - source} | {'XI'}
        return customer.vat[:2].upper() in others

    @staticmethod
    def _without_number(partner):
        return (partner.new({'country_id': partner.country_id.id, 'state_id': partner.state_id.id, 'zip': partner.zip})
                if partner.vat else partner)

    def get_tax_country(self, partner):
        """Return the country by whose rules a delivery is taxed: Northern Ireland is a country of its own for goods."""
        country = partner.country_id or self.market.country_id
        if country.code == 'GB' and (partner.zip or '').strip().upper().startswith(NORTHERN_IRELAND):
            return self.env.ref('base.xi', raise_if_not_found=False) or country
        if country.code in PARTS and not self.is_same(country, self.home):
            return self.env['res.partner']._amazon_find_country(TERRITORIES[country.code])
        return country

    def is_same(self, country, other) -> bool:
        """Return whether two countries are one for taxes on goods; Northern Ireland is home for British companies only.
        """
        home = TERRITORIES.get(country.code, country.code)
        return country == other or home == other.code or home == TERRITORIES.get(other.code)

    def _find_position(self, place, customer, delivery):
        if self.is_same(place.source, self.home):
            return self._ask_odoo(place, customer, delivery)
        if self.is_same(place.source, place.target):
            registrations = self.env['account.fiscal.position'].search([
                *self.env['account.fiscal.position']._check_company_domain(self.company),
                ('foreign_vat', '!=', False), ('country_id', '=', place.source.id)])
            return registrations._get_first_matching_fpos(delivery)
        if {place.source, place.target} <= set(self.union) and not place.business:
            return self._ask_odoo(place, customer, delivery)
        return self.env['account.fiscal.position']

    def _ask_odoo(self, place, customer, delivery):
        if place.target == delivery.country_id:
            who, where = customer.with_env(self.env), delivery.with_env(self.env)
        else:
            who = where = self.env['res.partner'].new(
                {'country_id': place.target.id, 'zip': delivery.zip, 'vat': customer.vat})
        return self.env['account.fiscal.position']._get_fiscal_position(who, where)

    def _is_own_tax(self, place) -> bool:
        """Return whether the company's own taxes are right where no fiscal position is found, as Odoo uses them.

        So it is at home, for consumers of the Union below the threshold of distance sales, and where sales are not
        taxed by VAT.
        """
        if place.is_home or self.home.code in AMAZON_COLLECTS:
            return True
        if (self.is_same(place.target, self.home) and {place.source, self.home} <= set(self.union)
            and not place.business):
            return True
        return (self.is_same(place.source, self.home) and {place.target, self.home} <= set(self.union)
                and not place.business)

    @staticmethod
    def _is_for_consumers(position, target) -> bool:
        return (bool(position) and position.country_id == target and not position.vat_required
                and not position.foreign_vat)

    @staticmethod
    def _is_for_abroad(position) -> bool:
        """Return whether a position is for all other places: at home it is found where Amazon does not state the
        province.
        """
        return bool(position) and not position.is_domestic and not (position.country_id or position.country_group_id
                                                                    or position.state_ids)

    def _find_one_stop_shop(self, target):
        positions = self.env['account.fiscal.position']
        return positions.search([
            *positions._check_company_domain(self.company), ('country_id', '=', target.id),
            ('vat_required', '=', False), ('foreign_vat', '=', False), ('auto_apply', '=', True)], limit=1)

    def _get_chosen(self, place):
        if self._chosen is None:
            self._chosen = {
                (choice.source_id.id, choice.target_id.id, choice.business): choice.position_id
                for choice in self.env['amazon.tax.place'].sudo().search(
                    [('company_id', '=', self.company.id), ('position_id.active', '=', True)])}
        found = self._chosen.get((place.source.id, place.target.id, place.business))
        if not found and is_export(place.source, place.target, self.union):
            found = self._chosen.get((place.source.id, False, False))
        return (found or self.env['account.fiscal.position']).with_env(self.env)

    @staticmethod
    def _ask(place, scheme):
        return {'kind': 'place', 'source': place.source.id, 'target': place.target.id, 'business': place.business,
                'scheme': scheme if scheme == UNION_OSS else None}


def is_export(source, target, union) -> bool:
    """Return whether goods leave the country, and the Union where they come from there; Northern Ireland belongs to it
    for goods.
    """
    if source not in union:
        return source != target
    return target not in union and target.code not in ('MC', 'XI')
