from odoo.exceptions import AccessError
from odoo.fields import Command

USER = 'amazon_connector.group_amazon_user'
ADMIN = 'amazon_connector.group_amazon_admin'
MODULE = 'amazon_connector'


def check_companies(env, ids):
    """Refuse users to work on companies that are not theirs, or to give them something, superusers excepted.

    This is for `write` and for methods: Odoo runs constraints as superuser.

    :param ids: of `res.company`; those that the user works for may be others than those that he has chosen at the moment
    :raises AccessError: a company is not among the user's
    """
    if not env.su and set(ids) - set(env.user.company_ids.ids):
        raise AccessError(env._("This can be given to your own companies only."))


def check_group(env, *groups):
    """Refuse whoever is in none of these groups, superusers excepted; for what a right to write does not decide.

    :param str groups: external ids
    :raises AccessError: the user is in none of them
    """
    if not env.su and not any(env.user.has_group(group) for group in groups):
        raise AccessError(env._("You are not allowed to do this. Ask an administrator for the rights of Amazon."))


def is_bookkeeping(field) -> bool:
    """Whether a field is one that this addon declares as readonly, so that only its own code writes it."""
    return bool(field.readonly) and field._modules[:1] == (MODULE,)


def with_companies(records):
    """Return records as their user sees them when he has chosen all of his companies."""
    return records.with_context(allowed_company_ids=records.env.user.company_ids.ids)


def get_defaults(model) -> dict:
    """Return what the user's defaults and the context give the fields of new records, by name; users write both."""
    given = {key.removeprefix('default_'): value for key, value in model.env.context.items() if key.startswith('default_')}
    given = {**model.env['ir.default']._get_model_defaults(model._name), **given}
    return {name: value for name, value in given.items() if name in model._fields}


def find_chosen(model, values):
    """Yield the records that a form makes records of this addon hold, those in its lines included.

    :param dict values: as the web client sends them to `onchange`
    """
    is_own = model._name.startswith('amazon.')
    for name, value in {**get_defaults(model), **values}.items():
        field = model._fields.get(name)
        if not value or not field or not field.relational:
            continue
        comodel = model.env[field.comodel_name]
        commands = [Command.link(value.get('id') if isinstance(value, dict) else value)] if field.type == 'many2one' else value
        for command, record_id, *rest in (Command.link(command) if isinstance(command, int) else command for command in commands):
            if is_own and command in (Command.LINK, Command.SET):
                yield comodel.browse(rest[0] if command == Command.SET else record_id)
            if command in (Command.CREATE, Command.UPDATE):
                yield from find_chosen(comodel, rest[0])
