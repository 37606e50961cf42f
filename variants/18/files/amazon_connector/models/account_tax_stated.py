from odoo import api, models


class AccountTax(models.Model):
    _inherit = 'account.tax'

    @api.model
    def _prepare_base_line_for_taxes_computation(self, record, **kwargs):
        """Take the tax that a line keeps, as long as its price, quantity, discount and taxes are those that it was
        stated for.
        """
        base_line = super()._prepare_base_line_for_taxes_computation(record, **kwargs)
        data = isinstance(record, models.Model) and 'extra_tax_data' in record._fields and record.extra_tax_data
        if data and not base_line.get('manual_tax_amounts') and self._amazon_is_stated_for(base_line, data):
            base_line.update(self._amazon_get_stated(base_line, data))
        return base_line

    @api.model
    def _amazon_is_stated_for(self, base_line, data):
        currency = base_line['currency_id']
        return (
            currency.id == data['currency_id']
            and all(not currency.compare_amounts(base_line[name], data[name]) for name in ('price_unit', 'discount'))
            and not currency.compare_amounts(abs(base_line['quantity']), abs(data['quantity']))
            and all(str(tax.id) in data['manual_tax_amounts']
                    for tax in base_line['tax_ids'].flatten_taxes_hierarchy()))

    @api.model
    def _amazon_get_stated(self, base_line, data):
        """Return what Odoo computes a line by: the amounts that were stated, or their opposite where the line was
        turned round, as in a negative invoice that becomes a credit note.
        """
        sign = 1 if (base_line['quantity'] < 0) == (data['quantity'] < 0) else -1
        stated = {'price_unit': data['price_unit'], 'manual_tax_amounts': {
            tax: {name: sign * amount for name, amount in amounts.items()}
            for tax, amounts in data['manual_tax_amounts'].items()}}
        if 'manual_total_excluded_currency' in base_line:
            # Odoo rounds the net amount by itself since the end of 2025.
            stated['manual_total_excluded_currency'] = sign * data['manual_total_excluded_currency']
        return stated
