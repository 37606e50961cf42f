from odoo import api, models
from odoo.fields import Command


class AmazonAccessMixin(models.AbstractModel):
    """Records on which users choose other records: only those that they may read, and never so that the record itself
    goes to where they may not be.

    Odoo looks at a record's rules before it is written, not after, and never at what it is pointed at; a form shows
    what is computed of whatever it is told to hold.
    """

    _name = 'amazon.access.mixin'
    _description = "Amazon Records That Users Point at Others"

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        records._check_chosen(set().union(_get_defaults(self), *vals_list))
        return records

    def write(self, vals):
        result = super().write(vals)
        self._check_chosen(vals)
        return result

    def onchange(self, values, field_names, fields_spec):
        if not self.env.su:
            for chosen in _get_chosen(self._with_companies(), values):
                chosen.check_access('read')
        return super().onchange(values, field_names, fields_spec)

    def _with_companies(self):
        """Return the records as seen by somebody who has chosen all of his companies."""
        return self.with_context(allowed_company_ids=self.env.user.company_ids.ids)

    def _check_chosen(self, names):
        """Refuse users what is out of their reach, in whichever of their companies they work at the moment.

        :param names: of the fields that were given
        :raises AccessError: the user may not write the records any more, or not read what they point at
        """
        if self.env.su:
            return
        records = self._with_companies()
        records.check_access('write')
        for name in names:
            if self._fields[name].relational:
                records.sudo()[name].sudo(False).check_access('read')


def _get_defaults(model):
    """Return what the context gives the fields of new records; whoever calls writes the context, too."""
    names = (name for name in model._fields if f'default_{name}' in model.env.context)
    return {name: model.env.context[f'default_{name}'] for name in names}


def _get_chosen(model, values):
    """Yield the records that a form holds, those of its lines included; `values` as the web client sends them."""
    for name, value in {**_get_defaults(model), **values}.items():
        field = model._fields.get(name)
        if not value or not field or not field.relational:
            continue
        comodel = model.env[field.comodel_name]
        if field.type == 'many2one':
            yield comodel.browse(value.get('id') if isinstance(value, dict) else value)
            continue
        for command, record_id, *rest in (Command.link(line) if isinstance(line, int) else line for line in value):
            yield comodel.browse(rest[0] if command == Command.SET else record_id if command == Command.LINK else ())
            if command in (Command.CREATE, Command.UPDATE):
                yield from _get_chosen(comodel, rest[0])
