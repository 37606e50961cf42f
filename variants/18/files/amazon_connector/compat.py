"""What newer Odoo brings along, and this one has not."""

import inspect

from odoo.tools import SQL, misc
from odoo.tools.sql import index_exists, make_identifier


def add_index(model, name, definition, unique=False):
    """Make an index of a model's table, or make it anew if its definition has changed."""
    index, comment = make_identifier(f'{model._table}_{name}'), f"{'UNIQUE ' if unique else ''}INDEX {definition}"
    cr = model.env.cr
    if index_exists(cr, index):
        cr.execute("SELECT obj_description(to_regclass(%s))", [index])
        if cr.fetchone()[0] == comment:
            return
        cr.execute(SQL("DROP INDEX %s", SQL.identifier(index)))
    kind = SQL("UNIQUE INDEX") if unique else SQL("INDEX")
    cr.execute(SQL("CREATE %s %s ON %s %s", kind, SQL.identifier(index), SQL.identifier(model._table),
                   SQL(definition.replace('%', '%%'))))
    cr.execute(SQL("COMMENT ON INDEX %s IS %s", SQL.identifier(index), comment))


def check_vat(partners, country, number):
    """Return a VAT number as Odoo writes it, or nothing where it is none of that country or one with its own prefix."""
    number = partners._fix_vat_number(number, country.id)
    return number if partners._run_vat_test(number, country) else False


def limited_field_access_token(record, field_name, scope):
    """Return a token that lets anybody read a field; later versions of Odoo 18 want its scope."""
    make = misc.limited_field_access_token
    return make(record, field_name, **({'scope': scope} if 'scope' in inspect.signature(make).parameters else {}))


def find_matching_position(positions, partner):
    """Return the fiscal position among these that fits a partner best, or none."""
    tests = [test for _name, test in positions._get_fpos_ranking_functions(partner)]
    ranked = [(rank, position) for position in positions if all(rank := tuple(test(position) for test in tests))]
    return max(ranked, key=lambda pair: pair[0])[1] if ranked else positions.browse()


def get_category_account(company, name):
    """Return the account that product categories have by default in a company.

    :param str name: income or expense
    """
    categories = company.env['product.category'].with_company(company)
    return categories._fields[f'property_account_{name}_categ_id'].get_company_dependent_fallback(categories)


def find_procurement_group(order):
    """Return the group by which transfers are those of a sales order; one is made where it has none."""
    if not order.procurement_group_id:
        vals = order.order_line[:1]._prepare_procurement_group_vals()
        order.procurement_group_id = order.env['procurement.group'].create(vals)
    return order.procurement_group_id
