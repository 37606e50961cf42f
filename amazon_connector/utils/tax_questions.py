"""Questions to a person where the tax of an order is not clear, and the answers that this addon proposes.

A question is a dictionary that the database can hold. `kind` is `place` (no fiscal position leads to the taxes of sales
from `source` to `target`, ids of countries; `business`: to buyers with a VAT number; `scheme`: as Amazon says) or
`rate` (no tax of the fiscal position `position`, an id or False, has `rate`, in percent, None where Amazon states none,
`exact` if amounts were large enough to be sure of it; `country` is the country that taxes; `deemed`: the sale is
zero-rated, because Amazon supplies the buyer; `stated`: what Amazon stated of one item; `original`: the product's tax,
an id, that leads to none, where Amazon states no rate).
"""

from decimal import Decimal

from odoo.exceptions import AccessError
from odoo.tools.misc import formatLang

from ..amazon_api.tax_check import StatedTax, fits
from .order_taxes import count_taxes, find_pool, get_rate
from .phrases import tell
from .tax_places import is_export

ACTIVATE, COPY, USE, MAKE, STOP_SHOP = 'activate', 'copy', 'use', 'make', 'stop_shop'
# Questions that agree in these have one answer: the rate is as exact as the amounts of one order.
OF_ALL_ORDERS = ('kind', 'country', 'position', 'original')
NORTHERN_IRELAND_RATE = 20.0


def is_of_place(tax, position, company) -> bool:
    """Return whether a tax is not that of other fiscal positions only.

    :param position: `account.fiscal.position`; empty for the company's own taxes at home
    """
    positions = tax.fiscal_position_ids
    return not positions or (position or company.domestic_fiscal_position_id) in positions


class TaxQuestion:
    """A question of one company.

    :param company: whose sale it is
    :param dict question: see above
    """

    def __init__(self, company, question):
        self.env = company.env(context={**company.env.context, 'allowed_company_ids': company.ids})
        self.company = company.with_env(self.env)
        self.question = question
        self.kind = question['kind']

    # === WORDS === #

    def describe(self) -> str:
        """Return the reason why an order waits, with its jurisdiction and rate."""
        if self.kind == 'place':
            return self._describe_place()
        country, position = self._country('country').name, self.position.name or tell(self.env)._("no fiscal position")
        rate = self.question['rate']
        if self.question.get('deemed'):
            return tell(self.env)._("Amazon is the supplier of this sale from %(country)s, but no zero-rated tax of "
                                    "it is clear (%(position)s).", country=country, position=position)
        if rate is None:
            return tell(self.env)._("The product's tax leads to no tax of %(country)s (%(position)s).", country=country,
                                    position=position)
        return tell(self.env)._("Amazon charged %(rate)s %% in %(country)s, but no sales tax there has this rate "
                                "(%(position)s).",
                                rate=formatLang(self.env, rate, digits=2), country=country, position=position)

    def _describe_place(self):
        names = {'origin': self._country('source').name, 'target': self._country('target').name}
        if self.question['scheme']:
            return tell(self.env)._("Amazon reports this sale from %(origin)s to %(target)s in the One Stop Shop, but "
                                    "no fiscal position has its taxes.", **names)
        if self.question['business']:
            return tell(self.env)._("No fiscal position is found for sales from %(origin)s to businesses in "
                                    "%(target)s.",
                                    **names)
        return tell(self.env)._("No fiscal position is found for sales from %(origin)s to %(target)s.", **names)

    def advise(self) -> str:
        """Return what to do: accept the proposal, or choose."""
        proposal = self.propose()
        if proposal:
            return tell(self.env)._("Press \"Accept the proposal\": %s. Or choose another tax.",
                                    self.describe_proposal(proposal))
        if self.kind == 'place':
            return tell(self.env)._(
                "Press \"Choose the tax\" and choose the fiscal position. Where your company is registered for VAT in "
                "%s, make one with that number "
                "first (Accounting, Configuration, Fiscal Positions).", self._country('source').name)
        return tell(self.env)._("Press \"Choose the tax\": it is remembered for this country and rate.")

    def describe_proposal(self, proposal) -> str:
        """Return the effect of `answer`, as a part of a sentence.

        :param tuple proposal: what `propose` returns
        """
        what, record = proposal
        if what == ACTIVATE:
            return tell(self.env)._("the archived tax %s is activated", record.name)
        if what == COPY:
            return tell(self.env)._("a tax of %(rate)s %% is made like %(tax)s", rate=self._format_rate(),
                                    tax=record.name)
        if what == USE:
            return tell(self.env)._("Amazon's orders to such countries take the fiscal position %s", record.name)
        if what == STOP_SHOP and record.code == 'XI':
            return tell(self.env)._("a fiscal position of the One Stop Shop is made for %(country)s, with a tax of "
                                    "%(rate)s %%, for Amazon's orders only", country=record.name,
                                    rate=f'{NORTHERN_IRELAND_RATE:g}')
        if what == STOP_SHOP:
            return tell(self.env)._("Odoo's fiscal positions of the One Stop Shop are made, which other sales take, "
                                    "too")
        return tell(self.env)._("a fiscal position and a tax of 0 %% are made for Amazon's exports, after the "
                                "company's usual tax %s", record.name)

    def _format_rate(self):
        return f"{self.question['rate']:.4f}".rstrip('0').rstrip('.')

    # === PROPOSAL === #

    def propose(self):
        """Return the proposed answer, as a pair of an action and the record that it uses, or None."""
        return self._propose_position() if self.kind == 'place' else self._propose_tax()

    def _propose_tax(self):
        rate = self.question['rate']
        if rate is None or self.question.get('deemed'):
            return None
        pool = find_pool(self.position, self.company)
        archived = [tax for tax in pool if not tax.active and self.explains(tax)]
        if archived and rate:
            return ACTIVATE, min(archived, key=lambda tax: abs(get_rate(tax) - rate))
        alike = [tax for tax in pool if tax.active and get_rate(tax) and tax.amount_type == 'percent']
        sure = rate and self.question.get('exact')
        return ((COPY, alike[0]) if alike and sure and self.position.country_id and not self.position.is_domestic
                else None)

    def explains(self, tax) -> bool:
        """Return whether a tax can be the one that Amazon charged; any can where Amazon states none."""
        if not self.question.get('stated'):
            return True
        gross, amount, roundings, coin = self.question['stated']
        return fits(StatedTax(Decimal(gross), Decimal(amount), roundings), get_rate(tax), Decimal(coin),
                    count_taxes(tax))

    def is_same(self, question) -> bool:
        """Return whether this question and another one have the same answer."""
        return self.kind == 'place' == question['kind'] or all(self.question.get(key) == question.get(key)
                                                               for key in OF_ALL_ORDERS)

    def is_of_place(self, tax) -> bool:
        """Return whether a tax is not that of other fiscal positions only: the same rate exists in many countries."""
        return is_of_place(tax, self.position, self.company)

    @staticmethod
    def check_rights(env, proposal):
        """Check that the user may apply a proposal: creating or activating taxes and fiscal positions changes
        Accounting.

        :raises AccessError: the user is no administrator of Accounting
        """
        if proposal[0] != USE and not env.su and not env.user.has_group('account.group_account_manager'):
            raise AccessError(env._("This makes or activates taxes: only administrators of Accounting may do it. Ask "
                                    "one, or choose an existing tax."))

    def _propose_position(self):
        source, target, business = self._country('source'), self._country('target'), self.question['business']
        # Within the country, Amazon named no province that Odoo knows: it cannot be decided here.
        if source != self.company.account_fiscal_country_id or source == target:
            return None
        members = self.env.ref('base.europe').country_ids
        union = self.company.account_fiscal_country_id in members and (target in members or target.code == 'XI')
        if union and not business:
            return ((STOP_SHOP, target) if hasattr(self.company, '_map_eu_taxes') and self.company.account_sale_tax_id
                    else None)
        found = self._find_zero_position(union)
        if found:
            return USE, found
        return (MAKE, self.company.account_sale_tax_id) if self.company.account_sale_tax_id and not union else None

    def _find_zero_position(self, union):
        """Return the chart's own position for such sales: one that makes the usual tax a single one of 0 %."""
        positions = self.env['account.fiscal.position']
        europe = self.env.ref('account.europe_vat', raise_if_not_found=False)
        for position in positions.search([*positions._check_company_domain(self.company), ('foreign_vat', '=', False)]):
            mapped = position.map_tax(self.company.account_sale_tax_id)
            if (position.country_group_id != (europe if union else self.env['res.country.group'])
                or position.vat_required != union):
                continue
            if (len(mapped) == 1 and get_rate(mapped) == 0 and mapped.tax_scope != 'service'
                and not position.is_domestic
                and not position.country_id):
                return position
        return positions

    # === ANSWER === #

    def answer(self, proposal):
        """Apply an answer that `propose` returned, and store it for further orders."""
        what, record = proposal
        if what == ACTIVATE:
            (record | record.with_context(active_test=False).children_tax_ids).active = True
            self.remember(record)
        elif what == COPY:
            self.remember(self._copy_tax(record))
        elif what == USE:
            self.remember(record, everywhere=True)
        elif what == STOP_SHOP:
            self.remember(self._make_stop_shop(record))
        else:
            self.remember(self._make_export(record), everywhere=True)

    def remember(self, record, everywhere=False):
        """Store the tax or the fiscal position that a person chose for the question.

        :param bool everywhere: a fiscal position for exports is that of all other countries, too
        """
        if self.kind == 'place':
            source, target, business = self._country('source'), self._country('target'), self.question['business']
            if everywhere and is_export(source, target, self.env.ref('base.europe').country_ids):
                target, business = target.browse(), False
            self.env['amazon.tax.place']._remember(self.company, source, target, business, record)
        else:
            self.env['amazon.tax.rate']._remember(self.company, self.position, self._country('country'),
                                                  bool(self.question.get('deemed')), record,
                                                  self.question.get('original'))

    def _copy_tax(self, tax):
        """Return a copy of a tax with another rate in the same place, which only Amazon's orders use: it replaces no
        other tax.
        """
        name = f'{self._format_rate()}% {self.position.country_id.code}'
        return tax.copy({'name': self._find_free_name(name), 'amount': self.question['rate'],
                         'description': f'{self._format_rate()}%',
                         'original_tax_ids': [(5,)], 'fiscal_position_ids': [(6, 0, self.position.ids)]})

    def _make_stop_shop(self, country):
        """Create Odoo's fiscal positions of the One Stop Shop, or one of our own for Northern Ireland, which Odoo
        leaves out.
        """
        if country.code == 'XI':
            return self._make_northern_ireland(country)
        self.company._map_eu_taxes()
        positions = self.env['account.fiscal.position']
        return positions.search([
            *positions._check_company_domain(self.company), ('country_id', '=', country.id),
            ('vat_required', '=', False), ('foreign_vat', '=', False)], limit=1)

    def _make_northern_ireland(self, country):
        position = self.env['account.fiscal.position'].create({
            'name': f'OSS B2C {country.name}', 'country_id': country.id, 'company_id': self.company.id,
            'auto_apply': False, 'sequence': 1000})
        invoice, refund = self.company._get_repartition_lines_oss()
        usual = self.company.account_sale_tax_id
        self.env['account.tax'].create({
            'name': self._find_free_name(f'{NORTHERN_IRELAND_RATE:g}% {country.code}'), 'amount': NORTHERN_IRELAND_RATE,
            'type_tax_use': 'sale',
            'company_id': self.company.id, 'country_id': usual.country_id.id, 'tax_group_id': usual.tax_group_id.id,
            'sequence': 1000, 'invoice_repartition_line_ids': invoice, 'refund_repartition_line_ids': refund,
            'original_tax_ids': [(6, 0, usual.ids)], 'fiscal_position_ids': [(6, 0, position.ids)]})
        return position

    def _make_export(self, usual):
        """Return a new fiscal position that only Amazon's orders use, with a tax of 0 % of its own."""
        position = self.env['account.fiscal.position'].create({
            'name': self.env._("Export (Amazon)"), 'company_id': self.company.id, 'auto_apply': False,
            'sequence': 1000})
        self.env['account.tax'].create({
            'name': self._find_free_name(self.env._("0% Export (Amazon)")), 'amount': 0.0, 'type_tax_use': 'sale',
            'company_id': self.company.id, 'country_id': usual.country_id.id, 'tax_group_id': usual.tax_group_id.id,
            'original_tax_ids': [(6, 0, self._find_domestic().ids)], 'fiscal_position_ids': [(6, 0, position.ids)]})
        return position

    def _find_domestic(self):
        taxes = find_pool(self.company.domestic_fiscal_position_id, self.company)
        return (taxes.filtered('active') | self.company.account_sale_tax_id)

    def _find_free_name(self, name):
        taxes = self.env['account.tax'].with_context(active_test=False)
        taken = set(taxes.search([*taxes._check_company_domain(self.company), ('name', '=like', f'{name}%')]).mapped(
            'name'))
        return next(candidate for number in range(len(taken) + 1)
                    if (candidate := f'{name} ({number})' if number else name) not in taken)

    # === RECORDS === #

    @property
    def position(self):
        """Return the fiscal position that the question is about."""
        return self.env['account.fiscal.position'].browse(self.question.get('position') or [])

    def _country(self, key):
        return self.env['res.country'].browse(self.question[key])
