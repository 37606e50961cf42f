from odoo import api, models
from odoo.exceptions import ValidationError

from ..utils.access import get_defaults, with_companies
from ..utils.phrases import tell


class AmazonAccessMixin(models.AbstractModel):
    """Check the records that users choose on a record: they must be allowed to read them, and must still be allowed to
    write the record afterwards.

    The domain of a field is checked on writing, not in forms only.

    Odoo checks a record's rules before it is written, not after, and never those of the records that it refers to.
    Forms, which compute fields from any values that they are given, are checked by `onchange` of `base`.
    """

    _name = 'amazon.access.mixin'
    _description = "Amazon Records That Users Point at Others"

    @api.model_create_multi
    def create(self, vals_list):
        """Create records after checking the records that they refer to."""
        records = super().create(vals_list)
        if not self.env.su:
            records._check_chosen(set().union(get_defaults(self), *vals_list))
        return records

    def write(self, vals):
        """Write records, and check the records that they refer to."""
        result = super().write(vals)
        self._check_chosen(vals)
        return result

    def _check_chosen(self, names):
        """Raise an error where users choose records that they may not use, in whichever of their companies they work.

        :param names: of the fields that were given
        :raises AccessError: the user may not write the records any more, or not read what they point at
        :raises ValidationError: a form would not have offered it
        """
        if self.env.su:
            return
        records = with_companies(self)
        records.check_access('write')
        for name in names:
            if self._fields[name].relational:
                records.sudo()[name].sudo(False).check_access('read')
                self._check_domain(self._fields[name])

    def _check_domain(self, field):
        """Raise a `ValidationError` for records outside of a field's domain; a domain that names other fields is
        checked by the form alone.
        """
        if field.type not in ('many2one', 'many2many') or not isinstance(field.domain, list):
            return
        chosen = self.sudo()[field.name]
        for wrong in chosen - chosen.filtered_domain(field.domain):
            raise ValidationError(tell(self.env)._(
                "%(record)s cannot be chosen as \"%(field)s\".", record=wrong.display_name,
                field=field._description_string(self.env)))

