"""Pivots and graphs sum up in the company's currency, as those of Odoo 19 do: others would add pounds to euros."""

import json

from odoo import api, fields, models
from odoo.tools import SQL

# Models with a pivot or a graph whose amounts are in several currencies.
MODELS = (
    'amazon.settlement.line', 'amazon.clearing.proof', 'amazon.claim.number', 'amazon.return', 'amazon.transaction',
)


class Base(models.AbstractModel):
    _inherit = 'base'

    @api.model
    def read_group(self, domain, fields, groupby, offset=0, limit=None, orderby=False, lazy=True):
        """Return groups with their sums; of pivots and graphs, which are those that are not lazy, in one currency."""
        records = self._amazon_with_rates() if self._name in MODELS and not lazy else self
        return super(Base, records).read_group(domain, fields, groupby, offset, limit, orderby, lazy)

    def _read_group_select(self, aggregate_spec, query):
        name, _colon, function = aggregate_spec.partition(':')
        if function != 'sum' or 'amazon_rates' not in self.env.context or self._fields[name].type != 'monetary':
            return super()._read_group_select(aggregate_spec, query)
        owner = self._table
        if not self._fields['currency_id'].store:
            owner = query.left_join(owner, 'settlement_id', 'amazon_settlement', 'id', 'settlement_id')
        return SQL("SUM(%s / (%s::jsonb ->> %s::text)::float)", SQL.identifier(self._table, name),
                   self.env.context['amazon_rates'], SQL.identifier(owner, 'currency_id'))

    def _amazon_with_rates(self):
        """Return these records with today's rates of currencies in the context: so many are one unit of the company's.
        """
        currencies, company = self.env['res.currency'].search([('active', 'in', (True, False))]), self.env.company
        rates = currencies._get_rates(company, fields.Date.context_today(self))
        return self.with_context(amazon_rates=json.dumps(
            {currency: rate / rates[company.currency_id.id] for currency, rate in rates.items()}))
