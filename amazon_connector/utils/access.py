from odoo.exceptions import AccessError

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
    """Refuse whoever is in none of these groups, superusers excepted; for what a right to write does not tell.

    :param str groups: external ids
    :raises AccessError: the user is in none of them
    """
    if not env.su and not any(env.user.has_group(group) for group in groups):
        raise AccessError(env._("You are not allowed to do this. Ask an administrator for the rights of Amazon."))


def is_bookkeeping(field) -> bool:
    """Whether a field is one that this addon declares as readonly, so that only its own code writes it."""
    return bool(field.readonly) and field._modules[:1] == (MODULE,)
