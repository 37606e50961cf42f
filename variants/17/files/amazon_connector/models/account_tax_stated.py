from odoo import api, models

STATED = 'amazon_stated_tax'


def add_stated(base_line, data):
    """Return a base line that is computed by the tax that its line keeps, and by what other modules want of it."""
    return {**base_line, 'extra_context': {**(base_line.get('extra_context') or {}), STATED: data}}


class AccountTax(models.Model):
    _inherit = 'account.tax'

    def compute_all(self, price_unit, currency=None, quantity=1.0, *args, **kwargs):
        """Compute taxes; those that a line keeps count, as long as its price, quantity and taxes are those that they
        were stated for.
        """
        result = super().compute_all(price_unit, currency, quantity, *args, **kwargs)
        data = self.env.context.get(STATED)
        if data and currency and self._amazon_is_stated_for(data, price_unit, currency, quantity):
            self._amazon_set_stated(result, data, -1 if result['total_included'] < 0 else 1, currency)
        return result

    def _amazon_is_stated_for(self, data, price_unit, currency, quantity):
        price = data['price_unit'] * (1 - data['discount'] / 100)
        return (
            currency.id == data['currency_id']
            and not currency.compare_amounts(abs(price_unit), abs(price))
            and not currency.compare_amounts(abs(quantity), abs(data['quantity']))
            and all(str(tax.id) in data['manual_tax_amounts'] for tax in self.flatten_taxes_hierarchy()))

    @api.model
    def _amazon_set_stated(self, result, data, sign, currency):
        amounts, before = data['manual_tax_amounts'], {}
        for part in result['taxes']:
            before[part['id']] = before.get(part['id'], 0.0) + part['amount']
        for part in result['taxes']:
            stated, share = amounts[str(part['id'])], before[part['id']]
            part['base'] = sign * abs(stated['base_amount_currency'])
            if share:
                part['amount'] = currency.round(sign * abs(stated['tax_amount_currency']) * part['amount'] / share)
        net = sign * abs(data['manual_total_excluded_currency'])
        result.update(total_excluded=net, total_included=currency.round(
            net + sum(part['amount'] for part in result['taxes'])))


class SaleOrderLine(models.Model):
    _inherit = 'sale.order.line'

    def _convert_to_tax_base_line_dict(self, **kwargs):
        return add_stated(super()._convert_to_tax_base_line_dict(**kwargs), self.extra_tax_data)


class AccountMoveLine(models.Model):
    _inherit = 'account.move.line'

    def _convert_to_tax_base_line_dict(self, **kwargs):
        return add_stated(super()._convert_to_tax_base_line_dict(**kwargs), self.extra_tax_data)

    def _compute_totals(self):  # pylint: disable=missing-return
        for line in self:
            super(AccountMoveLine, line.with_context(**{STATED: line.extra_tax_data}))._compute_totals()

    def _compute_all_tax(self):  # pylint: disable=missing-return
        for line in self:
            super(AccountMoveLine, line.with_context(**{STATED: line.extra_tax_data}))._compute_all_tax()
