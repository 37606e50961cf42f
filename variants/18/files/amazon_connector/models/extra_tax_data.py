from odoo import api, fields, models


class Copied(dict):
    """The tax of a line, for a copy of it or its invoice line: users' own values are no such dictionaries, so that they
    cannot say which tax Amazon stated.
    """


def copy_taxes(vals_list, default):
    """Return the values of copies of lines, which users may create."""
    for vals in vals_list:
        if vals.get('extra_tax_data') and 'extra_tax_data' not in (default or {}):
            vals['extra_tax_data'] = Copied(vals['extra_tax_data'])
    return vals_list


def create_taxes(prepare, vals_list):
    """Prepare the values of new lines by Odoo's method; who may not write the field copies it, or leaves it empty."""
    taxes = [vals.get('extra_tax_data') for vals in vals_list]
    others = [{name: value for name, value in vals.items()
               if name != 'extra_tax_data' or value and not isinstance(value, Copied)} for vals in vals_list]
    return [{**vals, 'extra_tax_data': data} if isinstance(data, Copied) else vals
            for vals, data in zip(prepare(others), taxes, strict=True)]


class SaleOrderLine(models.Model):
    _inherit = 'sale.order.line'

    # Odoo 19 has this field of its own.
    extra_tax_data = fields.Json(readonly=True)

    def copy_data(self, default=None):
        return copy_taxes(super().copy_data(default), default)

    @api.model
    def _prepare_create_values(self, vals_list):
        return create_taxes(super()._prepare_create_values, vals_list)

    def _prepare_invoice_line(self, **optional_values):
        taxes = self.extra_tax_data and Copied(self.extra_tax_data)
        return super()._prepare_invoice_line(**{'extra_tax_data': taxes, **optional_values})


class AccountMoveLine(models.Model):
    _inherit = 'account.move.line'

    extra_tax_data = fields.Json(readonly=True)

    def copy_data(self, default=None):
        return copy_taxes(super().copy_data(default), default)

    @api.model
    def _prepare_create_values(self, vals_list):
        return create_taxes(super()._prepare_create_values, vals_list)
