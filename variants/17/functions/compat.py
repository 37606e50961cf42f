import itertools
import re
import sys

from odoo.exceptions import AccessError
from odoo.tools.translate import code_translations


# New
def translate(env, source, *args, **kwargs):
    """Return a text of the addon in the language of an environment; for functions without a `self` that has one."""
    terms = code_translations.get_python_translations('amazon_connector', env.lang) if env.lang else {}
    text = terms.get(source, source)
    return text % (args or kwargs) if args or kwargs else text


# New
def check_access(records, operation):
    """Raise an `AccessError` unless the user may do this with records."""
    records.check_access_rights(operation)
    records.check_access_rule(operation)


# New
def has_access(records, operation):
    """Return whether the user may do this with records."""
    try:
        check_access(records, operation)
    except AccessError:
        return False
    return True


# New
def execute_query(env, query):
    """Return the rows of a query."""
    env.cr.execute(query)
    return env.cr.fetchall()


# New
def has_negative_factor(tax):
    """Return whether a part of a tax is taken away again, as with a reverse charge."""
    return any(line.factor < 0 for line in tax.invoice_repartition_line_ids if line.repartition_type == 'tax')


# New
def is_audited(company):
    """Return whether a company keeps an audit trail, for which Odoo 17 has a module of its own."""
    return 'check_account_audit_trail' in company._fields and company.check_account_audit_trail


# New
def keeps_documents(move):
    """Return whether an audit trail keeps the documents of an entry: that of its company or, with later versions of
    Odoo 17, Germany's.
    """
    is_german = hasattr(move.env['ir.attachment'], '_except_audit_trail') and move.country_code == 'DE'
    return is_german or is_audited(move.company_id)


# New
def get_bypass_token():
    """Return what lets parts of the audit trail be erased, where its module is of a version that keeps them."""
    # The module is there for some databases only, and must not be loaded for others.
    return getattr(sys.modules.get('odoo.addons.account_audit_trail.models.mail_message'), 'bypass_token', None)


# New
def filter_taxes_by_company(taxes, company):
    """Return the taxes of a company, or of the nearest company above it that has some."""
    found = taxes.browse()
    while company and not found:
        found = taxes.filtered(lambda tax, company=company: tax.company_id == company)
        company = company.sudo().parent_id
    return found


# Left out 2c54fac5: see `get_image_url`.
def limited_field_access_token(record, field_name, scope):
    pass


# In place of 3bce9834: Odoo finds them by its own search.
def find_matching_position(positions, partner):
    """Return the fiscal position among these that fits a partner best, or none."""
    has_number = positions._get_vat_valid(partner, positions.env.company)
    fitting = positions.filtered(lambda position: (
        (not position.vat_required or has_number)
        and (not position.country_id or position.country_id == partner.country_id)
        and (not position.country_group_id or partner.country_id in position.country_group_id.country_ids)
        and (not position.state_ids or partner.state_id in position.state_ids)
        and (not (position.zip_from and position.zip_to)
             or position.zip_from <= (partner.zip or '') <= position.zip_to)))
    return fitting.sorted(lambda position: (
        not position.vat_required, -len(position.company_id.parent_ids), not position.zip_from, not position.state_ids,
        not position.country_id, position.sequence))[:1]


# In place of 3bcdf640: defaults of a company are properties.
def get_category_account(company, name):
    """Return the account that product categories have by default in a company.

    :param str name: income or expense
    """
    found = company.env['ir.property'].with_company(company)._get(f'property_account_{name}_categ_id',
                                                                  'product.category')
    return found or company.env['account.account']


# New
def find_new_account_code(accounts, code, taken):
    """Return the first code from this one on that no account of the current company has, and that is not taken."""
    def is_free(code):
        domain = [('code', '=', code), ('company_id', 'child_of', accounts.env.company.root_id.id)]
        return code not in taken and not accounts.sudo().search_count(domain, limit=1)
    if is_free(code):
        return code
    head, digits, tail = re.fullmatch(r'(.*?)(\d*)(\D*?)', code).groups()
    following = (f'{head}{number:0{len(digits)}}{tail}' for number in range(int(digits or 0) + 1, 10 ** len(digits)))
    copies = (f'{code}.copy{number or ""}' for number in range(99))
    return next(filter(is_free, itertools.chain(following, copies)))
