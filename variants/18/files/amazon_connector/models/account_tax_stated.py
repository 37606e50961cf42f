from odoo import api, fields, models


class AccountTax(models.Model):
    _inherit = 'account.tax'

    @api.model
    def _prepare_base_line_for_taxes_computation(self, record, **kwargs):
        """Take the tax that a line keeps, as long as its price, quantity, discount and taxes are those that it was
        stated for.
        """
        base_line = super()._prepare_base_line_for_taxes_computation(record, **kwargs)
        data = isinstance(record, models.Model) and 'extra_tax_data' in record._fields and record.extra_tax_data
        if data and not base_line['manual_tax_amounts'] and self._amazon_is_stated_for(base_line, data):
            base_line.update(manual_tax_amounts=data['manual_tax_amounts'], price_unit=data['price_unit'])
        return base_line

    @api.model
    def _amazon_is_stated_for(self, base_line, data):
        currency, taxes = base_line['currency_id'], base_line['tax_ids']._flatten_taxes_and_sort_them()[0]
        return (
            currency.id == data['currency_id']
            and all(not currency.compare_amounts(base_line[name], data[name])
                    for name in ('price_unit', 'discount', 'quantity'))
            and all(str(tax.id) in data['manual_tax_amounts'] for tax in taxes))


class SaleOrderLine(models.Model):
    _inherit = 'sale.order.line'

    # Odoo 19 has this field of its own.
    extra_tax_data = fields.Json()

    def _prepare_invoice_line(self, **optional_values):
        return super()._prepare_invoice_line(**{'extra_tax_data': self.extra_tax_data, **optional_values})


class AccountMoveLine(models.Model):
    _inherit = 'account.move.line'

    extra_tax_data = fields.Json()
