"""Conditions of goods at Amazon that Odoo does not know: such goods are booked as not sellable, and a person is asked.
"""

from odoo import api, fields

# As `amazon_reports.cells.read_disposition` returns them.
KNOWN = ('SELLABLE', 'DEFECTIVE', 'CUSTOMER_DAMAGED', 'CARRIER_DAMAGED', 'DISTRIBUTOR_DAMAGED', 'WAREHOUSE_DAMAGED',
         'DAMAGED', 'EXPIRED', 'UNSELLABLE', 'UNFULFILLABLE')
UNKNOWN = [('disposition', '!=', False), ('disposition', '!=', ''), ('disposition', 'not in', KNOWN)]


def find_unknown(codes) -> list[str]:
    """Return those of some conditions that Odoo does not know."""
    return sorted({code for code in codes if code} - {*KNOWN})


def unknown_field():
    """Return a field that says whether the condition of goods (`disposition`) is one that Odoo does not know."""
    @api.depends('disposition')
    def compute(records):
        found = records.filtered_domain(UNKNOWN)
        for record in records:
            record.is_condition_unknown = record in found

    def search(_records, operator, value):
        wanted = True in value if operator in ('in', 'not in') else bool(value)
        return UNKNOWN if wanted == (operator in ('=', 'in')) else ['!', '&', '&', *UNKNOWN]

    return fields.Boolean("Unknown condition", compute=compute, search=search)
