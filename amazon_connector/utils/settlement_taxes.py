"""The taxes of the entries of a settlement, and the items that Odoo computes of them."""

from odoo.exceptions import UserError
from odoo.fields import Command

from .order_taxes import DIVIDED, is_federal
from .phrases import tell
from .settlement_rows import SALES


class SettlementTaxes:
    """Taxes of groups of rows.

    :param plan: the `SettlementPlan`
    """

    def __init__(self, plan):
        self.plan, self.env, self.company, self.currency = plan, plan.env, plan.company, plan.currency

    # === WHICH === #

    def find(self, group, rule, market):
        """Return the taxes of a group of rows, as originals: those of the orders' lines, else of the rule, else of the
        marketplace.

        Tax that Amazon remits is no tax of the seller's; rows that are tax themselves have one only where the seller
        owes it. What was booked stays.
        """
        if group.booked_as:
            return self.env['account.tax'].browse(group.booked_as['taxes']).exists()
        market = market if market.company_id == self.company else self.plan.market
        if rule.treatment == 'fee_tax':
            taxes = rule.tax_id or market.settlement_fee_tax_id
            return taxes if _get_rate(taxes) else taxes.browse()
        if rule.treatment not in SALES:
            return rule._get_purchase_tax(market) or rule.tax_id
        taxes = self.find_known(group)
        if taxes is None:
            taxes = (rule.tax_id or market.settlement_sale_tax_id)._amazon_get_original()
        if rule.treatment == 'tax' and not group.is_due:
            return taxes.browse()
        if group.is_due is False:
            return self._find_own(taxes) if group.is_beside and group.taxes is not None else taxes.filtered(
                lambda tax: not _get_rate(tax))
        return taxes.browse() if rule.treatment == 'tax' and not _get_rate(taxes) else taxes

    def find_foreign_country(self, group):
        """Return the country of the taxes of a group of rows where it is another one than the company's, else none."""
        market = self.plan.market.browse(group.market)
        country = self.find(group, self.env['amazon.settlement.rule'].browse(group.rule), market).country_id
        return (country - self.company.account_fiscal_country_id)[:1]

    def find_registration(self, country):
        """Return the fiscal position of the company's registration for VAT in a country.

        :raises UserError: there is none
        """
        positions = self.env['account.fiscal.position']
        found = positions.search([
            *positions._check_company_domain(self.company), ('foreign_vat', '!=', False),
            ('country_id', '=', country.id)], limit=1)
        if not found:
            raise UserError(tell(self.env)._(
                "This settlement has sales with taxes of %s, but no fiscal position has your tax number there: enter "
                "it as \"Foreign Tax ID\" "
                "(Accounting, Configuration, Fiscal Positions).", country.name))
        return found

    def _find_own(self, taxes):
        """Return those of an order's taxes that are the seller's where Amazon remits another one: the country's, not
        the provinces'.
        """
        is_divided = self.company.account_fiscal_country_id.code in DIVIDED
        return is_divided and taxes.flatten_taxes_hierarchy().filtered(is_federal) or taxes

    def find_account(self, group, rule):
        """Return the account of a group of rows: that which it was booked with, else the rule's, for sales as the
        fiscal position maps it.
        """
        if booked := group.booked_as and self.env['account.account'].browse(group.booked_as['account']).exists():
            return booked
        taxes = (self.find(group, rule, self.plan.market.browse(group.market))
                 if rule.treatment in ('revenue', 'refund')
                 else self.env['account.tax'])
        positions = taxes.fiscal_position_ids
        return positions.map_account(rule.account_id) if len(positions) == 1 else rule.account_id

    def find_known(self, group):
        """Return the taxes of the orders of a group, possibly none, or None where they are unknown."""
        if group.taxes is None:
            return None
        taxes = self.env['account.tax'].browse(group.taxes)._amazon_get_original()
        return taxes if all(tax.company_id in self.company.parent_ids for tax in taxes) else None

    def is_apart(self, group, taxes):
        """Return whether these taxes have rows of their own."""
        return bool(group.is_due and _get_rate(taxes))

    # === ITEMS === #

    def prepare_apart(self, part, group, line):
        """Return the items of rows whose tax has rows of its own or, for these rows, the items of the tax: Amazon's
        amounts stay as they are.

        :param dict line: name, rule, account, taxes, amount and further values
        """
        taxes, rule, values = line['taxes'], line['rule'], line['values']
        if rule.treatment not in ('tax', 'fee_tax'):
            tags = taxes.flatten_taxes_hierarchy().get_tax_tags(group.is_refund, 'base')
            return [self.plan.prepare_line(part, line['name'], line['account'], -line['amount'],
                                           tax_ids=[Command.set(taxes.ids)],
                                           tax_tag_ids=[Command.set(tags.ids)], **values)]
        shares = _get_shares(taxes, 'refund' if group.is_refund else 'invoice')
        owed = self.currency.round(float(line['owed']))
        items = [self.plan.prepare_line(part, line['name'], share.account_id or line['account'], -amount,
                                        tax_repartition_line_id=share.id,
                                        tax_tag_ids=[Command.set(share.tag_ids.ids)], **values)
                 for share, amount in self._divide(owed, shares)]
        remitted = self.currency.round(line['amount'] - owed)
        return items + ([self.plan.prepare_line(part, line['name'], line['account'], -remitted, **values)] if remitted
                        else [])

    def _divide(self, amount, shares):
        """Yield repartition lines with their part of an amount; the last one gets the rounding difference."""
        total, left = sum(shares.values()), amount
        for position, (share, weight) in enumerate(shares.items(), 1):
            mine = left if position == len(shares) else self.currency.round(amount * weight / total)
            left -= mine
            yield share, mine

    def prepare_base_line(self, part, line):
        """Return the base line for Odoo's tax computation: a sale or, for refunds of Amazon's fees, a refund of a
        purchase; Amazon's amounts include the tax.
        """
        taxes, amount, pieces = line['taxes'], line['amount'], 1
        if any(tax.amount_type == 'fixed' for tax in taxes.flatten_taxes_hierarchy()):
            # So much for each piece; rows that name none are not of the price.
            pieces = line['pieces'] or 1
            taxes = taxes if line['pieces'] else taxes.filtered(lambda tax: tax.amount_type != 'fixed')
        is_sale = taxes[:1].type_tax_use == 'sale'
        return taxes._prepare_base_line_for_taxes_computation(
            {}, currency_id=self.currency, tax_ids=taxes, price_unit=abs(amount) / pieces, quantity=pieces, sign=-1
            if amount > 0 else 1, is_refund=(amount < 0) == is_sale, account_id=line['account'],
            partner_id=self.env['res.partner'].browse(line['values']['partner_id']),
            special_mode=taxes._amazon_get_inside_mode(), analytic_distribution=line['values']['analytic_distribution'],
            rate=1 / self.plan.get_rate(part))

    def prepare_inside(self, part, lines):
        """Return the items of rows that have their taxes inside, and those of the taxes.

        Odoo rounds what is worked out together to one total, so each set of taxes is worked out by itself: no coin of
        one becomes another's.
        """
        groups = {}
        for line in lines:
            groups.setdefault(line['taxes'], []).append(line)
        return [item for group in groups.values() for item in self._prepare_inside(part, group)]

    def _prepare_inside(self, part, lines):
        taxes, base_lines = self.env['account.tax'], [self.prepare_base_line(part, line) for line in lines]
        taxes._add_tax_details_in_base_lines(base_lines, self.company)
        taxes._round_base_lines_tax_details(base_lines, self.company)
        # Amazon has paid: taxes that are due on payment are due now.
        taxes._add_accounting_data_in_base_lines_tax_details(base_lines, self.company, include_caba_tags=True)
        result = taxes._prepare_tax_lines(base_lines, self.company)
        bases = [{'name': line['name'], **line['values'], **amounts, 'account_id': base_line['account_id'].id,
                  'currency_id': self.currency.id, 'tax_ids': [Command.set(base_line['tax_ids'].ids)]}
                 for (base_line, amounts), line in zip(result['base_lines_to_update'], lines, strict=True)]
        return bases + result['tax_lines_to_add']


def _get_rate(taxes):
    """Return the sum of the rates of taxes that the seller owes: none of a zero-rated supply."""
    return sum(_get_shares(taxes, 'invoice').values())


def _get_shares(taxes, document):
    """Return the weight of each repartition line of taxes in their sum."""
    return {
        share: tax.amount * share.factor for tax in taxes.flatten_taxes_hierarchy()
        for share in tax.repartition_line_ids.filtered(
            lambda line: (line.document_type, line.repartition_type) == (document, 'tax'))
        if tax.amount * share.factor
    }
