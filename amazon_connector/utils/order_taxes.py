"""The taxes of the items of an order: the jurisdiction first (`tax_places`), then the product's tax in it, and what
Amazon states as a check.
"""

import re
from decimal import Decimal
from typing import NamedTuple

from odoo.exceptions import UserError

from ..amazon_api.tax_check import find_nearest, fits, fits_with_others, split, sum_up
from .phrases import tell
from .tax_places import AMAZON_COLLECTS, AMAZON_RETAINS

# Canada: the first are the seller's, the provinces' own taxes are those that Amazon remits; English and French.
FEDERAL = re.compile(r'\b(GST|HST|TPS|TVH)\b')
PROVINCIAL = re.compile(r'\b(PST|QST|RST|TVP|TVQ|TVD)\b')
# Countries whose provinces have taxes of their own beside the country's.
DIVIDED = ('CA',)

# Rates of countries are whole or half percents; rates between them come from rounding.
USUAL_RATES = [half / 2 for half in range(61)]


class ChargeTax(NamedTuple):
    """How one charge is taxed: `taxes` (as the accountant knows them) are inside of its gross amount less `apart`.

    `stated` is the tax that Amazon states of it, to the cent, or None where Odoo computes it; `apart` is tax that has a
    line of its own.
    """

    taxes: object
    stated: Decimal | None = None
    apart: Decimal = Decimal(0)


class TaxAsked(Exception):
    """Raised where a person must choose the tax; `question` is described in `tax_questions`."""

    def __init__(self, question: dict):
        super().__init__(question['kind'])
        self.question = question


class ItemTaxes:
    """Decide the taxes of items in a jurisdiction.

    :param places: the `TaxPlaces` of the marketplace
    :param place: the `Place` of the order
    :param list charges: all of the order (`proceeds.Charge`); the tax of its items may be rounded together
    """

    def __init__(self, places, place, charges=()):
        self.env, self.market, self.company, self.home = places.env, places.market, places.company, places.home
        self.place = place
        self.coin = Decimal(str(self.market.currency_id.rounding or 0.01))
        self._pool = None
        items = {}
        for charge in charges:
            items.setdefault(charge.item_ref, []).append(charge)
        self._others = [stated for stated in map(sum_up, items.values()) if stated]

    def decide(self, charges, product) -> dict:
        """Return the `ChargeTax` of each charge of one item.

        :param list charges: those of `proceeds.read_proceeds` that belong to one item
        :param product: what was sold
        :raises UserError: what Amazon states cannot be
        :raises TaxAsked: no tax of the jurisdiction is that which Amazon states, or the jurisdiction is not known
        """
        if self.market._is_tax_apart():
            return self._decide_apart(charges)
        if not any(charge.gross for charge in charges):
            return {charge: ChargeTax(self.map_taxes(product)) for charge in charges}
        if self.place.question:
            raise TaxAsked(self.place.question)
        if any(charge.tax for charge in charges) and (self._is_remitted(charges)
                                                      or self._is_provincial(charges, product)):
            return self._decide_remitted(charges, product)
        stated = sum_up(charges)
        if stated is None or not stated.tax and (stated.rate is None or not self.market.tax_believed):
            taxes = self.map_taxes(product) or self._ask_unless_untaxed(product)
            return {charge: ChargeTax(taxes) for charge in charges}
        if stated.rate is None:
            raise UserError(tell(self.env)._("Amazon charged tax of %s on nothing. Compare the order with Seller "
                                             "Central.",
                                             stated.tax))
        taxes = self._find_fitting(stated, product)
        if taxes is not None:
            return {charge: ChargeTax(taxes, charge.tax) for charge in charges}
        return self._decide_by_kind(charges, stated, product)

    def find_question(self) -> dict | None:
        """Return the question for an item with the company's usual tax of which Amazon states no tax; None where the
        tax is clear.
        """
        if self.market._is_tax_apart() and not self._is_export():
            return None
        try:
            return self.place.question or (self.map_taxes(self.env['product.product'])
                                           or self._ask_unless_untaxed(self.env['product.product'])) and None
        except TaxAsked as asked:
            return asked.question

    def _decide_by_kind(self, charges, stated, product):
        """Return the taxes where shipping or gift wrap have rates of their own; if one of them has none, the question
        is about the whole item.
        """
        kinds = {}
        for charge in charges:
            kinds.setdefault(charge.of, []).append(charge)
        found = {}
        for of_kind in kinds.values():
            taxes = self._find_fitting(sum_up(of_kind), product) if len(kinds) > 1 and sum_up(of_kind) else None
            if taxes is None:
                raise self._ask_rate(stated)
            found.update({charge: ChargeTax(taxes, charge.tax) for charge in of_kind})
        return found

    # === TAX THAT AMAZON REMITS === #

    def _decide_apart(self, charges):
        """Return all stated tax as lines of their own; exports are zero-rated all the same."""
        zero = self.env['account.tax']
        if self._is_export() and any(charge.gross for charge in charges):
            if self.place.question:
                raise TaxAsked(self.place.question)
            zero = self._find_zero()
        return {charge: ChargeTax(zero, apart=charge.tax or Decimal(0)) for charge in charges}

    def _is_export(self):
        taxed_at_home = self.home.code not in AMAZON_COLLECTS
        return taxed_at_home and self.place.source == self.home and not self.place.is_home

    def _is_remitted(self, charges):
        """Return whether Amazon declares the tax; tax withheld by Mexican law is paid on account of the seller, who
        declares all of it.
        """
        retained = self.home.code in AMAZON_RETAINS and self.place.is_home
        return self.place.is_import_scheme or not retained and any(charge.remitted for charge in charges)

    def _decide_remitted(self, charges, product):
        own, rates = self._find_own_part(charges, product)
        zero = own or self._find_zero()
        if not zero and self.company.account_sale_tax_id:
            raise TaxAsked({'kind': 'rate', 'country': self.place.source.id, 'rate': 0.0,
                            'position': self.place.position.id, 'deemed': True})
        result = {}
        for charge in charges:
            stated_own, remitted = (split(charge.tax or Decimal(0), rates, self.coin) if rates
                                    else (None, charge.tax or Decimal(0)))
            result[charge] = ChargeTax(zero, stated_own, remitted)
        return result

    def _find_own_part(self, charges, product):
        """Return the seller's taxes of a sale whose tax Amazon remits, and the rates by which the stated tax is split
        (own, Amazon's).

        In Canada, goods and services tax is the seller's, who is registered for it: a part of what is stated, or inside
        of the price where Amazon states only the province's tax (no rates then). Elsewhere all is Amazon's.
        """
        federal, _provincial = self._part_canadian(product)
        if not federal:
            return federal, None
        stated = sum_up(charges)
        taxes = self._find_fitting(stated, product)
        if taxes is None:
            raise self._ask_rate(stated)
        leaves = taxes.flatten_taxes_hierarchy()
        own = leaves.filtered(self._is_federal)
        return (own, [sum(own.mapped('amount')), sum((leaves - own).mapped('amount'))]) if own else (federal, None)

    def _is_provincial(self, charges, product):
        """Return whether Canada's tax that is stated is the province's alone, which Amazon computes and remits by law.
        """
        federal, provincial = self._part_canadian(product)
        stated, rates = sum_up(charges), [sum(taxes.mapped('amount')) for taxes in (federal, provincial)]
        return bool(federal and provincial) and not any(self._rate_fits(stated, rate, 2)
                                                        for rate in (rates[0], sum(rates))) and self._rate_fits(
                                                            stated, rates[1], len(provincial))

    def _rate_fits(self, stated, rate, count):
        return fits(stated, rate, self.coin, count) or fits_with_others(stated, self._others, rate, self.coin, count)

    def _part_canadian(self, product):
        """Return the product's taxes at home in Canada: those of the federation and those of the province; none where
        the company charges none.
        """
        leaves = self.env['account.tax']
        if self.home.code in DIVIDED and self.place.is_home:
            leaves = self.map_taxes(product).flatten_taxes_hierarchy().filtered('amount')
        federal = leaves.filtered(self._is_federal)
        return federal, leaves - federal

    def _is_federal(self, tax):
        """Return whether a tax of Canada is the seller's, though Amazon remits those of the province.

        :raises UserError: neither its name nor its group says so
        """
        found = is_federal(tax)
        if found is not None:
            return found
        raise UserError(tell(self.env)._(
            "Amazon remits the province's part of the tax: give the tax %s a tax group that says whether it is GST or "
            "HST, or the province's (PST, QST, RST).", tax.name))

    # === TAXES OF THE JURISDICTION === #

    def map_taxes(self, product):
        """Return the product's sales taxes in the jurisdiction, the company's default where it has none; empty where
        none belongs there.
        """
        taxes = self._get_own_taxes(product)
        mapped = self.place.position.map_tax(taxes.with_env(self.env))
        if self._is_of_place(mapped):
            return mapped
        rates = {get_rate(tax) for tax in self.get_pool() if tax.active}
        return (self._find_usual() if len(rates) == 1 or taxes <= self.company.account_sale_tax_id
                else self.env['account.tax'])

    def _get_own_taxes(self, product):
        return product.taxes_id._filter_taxes_by_company(self.company) or self.company.account_sale_tax_id

    def _is_of_place(self, taxes):
        position = self.place.position
        foreign = position.tax_ids and not position.is_domestic
        return not foreign or taxes <= position.with_context(active_test=False).tax_ids

    def _find_usual(self):
        """Return the tax with the highest rate, which is the usual one of a country."""
        return max((tax for tax in self.get_pool() if tax.active), key=get_rate, default=self.env['account.tax'])

    def _find_zero(self):
        """Return the zero-rated tax of the jurisdiction, if it is clear which one."""
        mapped = self.map_taxes(self.env['product.product'])
        if mapped and not get_rate(mapped):
            return mapped
        remembered = self._get_remembered(0.0, deemed=True).filtered(lambda tax: not get_rate(tax))
        zeros = self.get_pool().filtered(lambda tax: tax.active and not get_rate(tax))
        return remembered or (zeros if len(zeros) == 1 else self.env['account.tax'])

    def _find_fitting(self, stated, product):
        """Return the taxes that explain what Amazon states: the product's, else the remembered, else the nearest of the
        jurisdiction; or None.
        """
        mapped = self.map_taxes(product)
        if mapped and get_rate(mapped) is not None and self._rate_fits(stated, get_rate(mapped), count_taxes(mapped)):
            return mapped
        remembered = self._get_remembered(stated.rate)
        if remembered and get_rate(remembered) is not None and self._rate_fits(stated, get_rate(remembered),
                                                                               count_taxes(remembered)):
            return remembered
        pool = [tax for tax in self.get_pool() if tax.active]
        nearest = find_nearest(stated, [(get_rate(tax), count_taxes(tax)) for tax in pool], self.coin, self._others)
        if nearest is None or not stated.tax and len([tax for tax in pool if not get_rate(tax)]) != 1:
            return None
        return pool[nearest]

    def _get_remembered(self, rate, deemed=False):
        if rate is None:
            return self.env['account.tax']
        choices = self.env['amazon.tax.rate'].sudo()._find(
            self.company, self.place, self.place.source if deemed else self._get_country(), deemed)
        return min(choices, key=lambda choice: abs(choice.rate - float(rate)),
                   default=choices).tax_id.with_env(self.env)

    def get_pool(self):
        """Return the sales taxes that the jurisdiction has, archived ones last; none that is withheld, social, or for
        services only.
        """
        if self._pool is None:
            self._pool = find_pool(self.place.position, self.company, self.home if self.place.is_home
                                   or not self.place.position else None)
        return self._pool

    def _ask_unless_untaxed(self, product):
        """Return the tax chosen instead of the product's; none for a company without a default sales tax, else a
        question is raised.
        """
        original = self._get_own_taxes(product)[:1]
        if not self.company.account_sale_tax_id:
            return self.env['account.tax']
        chosen = self.env['amazon.tax.rate'].sudo()._find(self.company, self.place, self._get_country(), False,
                                                          original)[:1].tax_id
        if not chosen:
            raise TaxAsked({'kind': 'rate', 'country': self._get_country().id, 'rate': None,
                            'position': self.place.position.id, 'deemed': False, 'original': original.id})
        return chosen.with_env(self.env)

    def _ask_rate(self, stated):
        rate, exact = self._guess_rate(stated)
        return TaxAsked({
            'kind': 'rate', 'country': self._get_country().id, 'rate': rate, 'exact': exact,
            'position': self.place.position.id, 'deemed': False,
            'stated': [str(stated.gross), str(stated.tax), stated.roundings, str(self.coin)],
        })

    def _guess_rate(self, stated):
        """Return the probable rate, and whether it is certain: small amounts fit several rates."""
        known = [(get_rate(tax), count_taxes(tax)) for tax in self.get_pool()]
        nearest = find_nearest(stated, known, self.coin)
        usual = [rate for rate in USUAL_RATES if fits(stated, rate, self.coin)]
        if nearest is not None:
            return known[nearest][0], True
        return (usual[0], True) if len(usual) == 1 else (round(float(stated.rate), 2), False)

    def _get_country(self):
        return self.place.target if self.place.position and not self.place.is_home else self.home


def is_federal(tax) -> bool | None:
    """Return whether a tax of Canada is the country's or a province's by its name, or else by its group; None where
    neither says so.
    """
    for words in filter(None, (tax.name, tax.tax_group_id.name)):
        if bool(FEDERAL.search(words)) != bool(PROVINCIAL.search(words)):
            return bool(FEDERAL.search(words))
    return None


def find_pool(position, company, home=None):
    """Return the sales taxes of a jurisdiction, active ones first.

    :param position: its fiscal position; empty for the company's own taxes
    :param home: the country of taxes that belong to no position, where the position has none of its own
    """
    taxes = position.with_context(active_test=False).tax_ids
    if not taxes:
        taxes = company.env['account.tax'].with_context(active_test=False).search([
            *company.env['account.tax']._check_company_domain(company),
            ('country_id', '=', (home or company.account_fiscal_country_id).id),
            ('type_tax_use', '=', 'sale'), ('is_domestic', '=', True), ('amazon_original_id', '=', False)])
        tagged = taxes.filtered(lambda tax: tax.repartition_line_ids.tag_ids)
        # Contributions to social security are sales taxes in Odoo, but no box of a tax report is theirs.
        taxes = tagged or taxes
    taxes |= taxes.children_tax_ids
    usable = taxes.filtered(lambda tax: tax.type_tax_use == 'sale' and tax.tax_scope != 'service'
                            and get_rate(tax) is not None)
    return usable.with_context(active_test=True).sorted(lambda tax: (not tax.active, tax.price_include, tax.sequence,
                                                                     tax.id))


def get_rate(taxes) -> float | None:
    """Return the rate in percent that taxes come to together, groups by the sum of their parts; None for what is no tax
    on sales.
    """
    # Odoo leaves out archived parts of groups; those of an archived group count as they will when it is activated.
    leaves = taxes.with_context(active_test=all(taxes.mapped('active'))).flatten_taxes_hierarchy()
    if not leaves or any(tax.amount_type != 'percent' or tax.amount < 0 or tax.has_negative_factor for tax in leaves):
        return None
    # A copied tax may have 10.700000000000001.
    return round(sum(leaves.mapped('amount')), 4)


def count_taxes(taxes) -> int:
    """Return how many taxes these are, groups by their parts."""
    return len(taxes.flatten_taxes_hierarchy())
