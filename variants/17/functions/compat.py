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
