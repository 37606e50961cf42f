from odoo.exceptions import AccessError
from odoo.fields import Command

USER = 'amazon_connector.group_amazon_user'
ADMIN = 'amazon_connector.group_amazon_admin'
MODULE = 'amazon_connector'
WAREHOUSE = 'stock.group_stock_user'
# Who sees how much of a product was sold and came back, as in Odoo those who sell, and those who take it back.
RETURN_READERS = f'{USER},stock.group_stock_user,sales_team.group_sale_salesman'
# Who sees what it cost, whoever sold it.
MONEY_READERS = 'account.group_account_readonly,account.group_account_invoice'


def check_companies(env, ids):
    """Check that companies are among the user's, superusers excepted.

    This is for `write` and for methods: Odoo runs constraints as superuser.

    :param ids: of `res.company`; those that the user works for may be others than those that he has chosen at the
        moment
    :raises AccessError: a company is not among the user's
    """
    if not env.su and set(ids) - set(env.user.company_ids.ids):
        raise AccessError(env._("This can be given to your own companies only."))


def check_group(env, *groups):
    """Check that the user is in one of these groups, superusers excepted: where the right to write is not enough.

    :param str groups: external ids
    :raises AccessError: the user is in none of them
    """
    if not env.su and not any(env.user.has_group(group) for group in groups):
        raise AccessError(env._("You are not allowed to do this. Ask an administrator for the rights of Amazon."))


def is_bookkeeping(field) -> bool:
    """Return whether a field is one that this addon declares as readonly, so that only its own code writes it."""
    return bool(field.readonly) and field._modules[:1] == (MODULE,)


def with_companies(records):
    """Return records with all companies of their user as allowed ones."""
    return records.with_context(allowed_company_ids=records.env.user.company_ids.ids)


def get_defaults(model) -> dict:
    """Return the default values of new records by field name, from the user's defaults and the context; users can write
    both.
    """
    given = {key.removeprefix('default_'): value for key, value in model.env.context.items()
             if key.startswith('default_')}
    given = {**model.env['ir.default']._get_model_defaults(model._name), **given}
    return {name: value for name, value in given.items() if name in model._fields}


def find_chosen(model, values):
    """Yield the records of this addon that the values of a form hold, those in its lines included.

    :param dict values: as the web client sends them to `onchange`
    """
    is_own = model._name.startswith('amazon.')
    for name, value in {**get_defaults(model), **values}.items():
        field = model._fields.get(name)
        if not value or not field or not field.relational:
            continue
        comodel = model.env[field.comodel_name]
        commands = ([Command.link(value.get('id') if isinstance(value, dict) else value)] if field.type == 'many2one'
                    else value)
        for command, record_id, *rest in (Command.link(command) if isinstance(command, int) else command
                                          for command in commands):
            if is_own and command in (Command.LINK, Command.SET):
                yield comodel.browse(rest[0] if command == Command.SET else record_id)
            if command in (Command.CREATE, Command.UPDATE):
                yield from find_chosen(comodel, rest[0])
