from odoo import api, models

from ..utils.access import get_defaults, with_companies


class AmazonAccessMixin(models.AbstractModel):
    """Records on which users choose other records: only those that they may read, and never so that the record itself
    goes to where they may not be.

    Odoo looks at a record's rules before it is written, not after, and never at what it is pointed at. Forms, which
    show what is computed of whatever they are told to hold, are looked at by `onchange` of `base`.
    """

    _name = 'amazon.access.mixin'
    _description = "Amazon Records That Users Point at Others"

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        records._check_chosen(set().union(get_defaults(self), *vals_list))
        return records

    def write(self, vals):
        result = super().write(vals)
        self._check_chosen(vals)
        return result

    def _check_chosen(self, names):
        """Refuse users what is out of their reach, in whichever of their companies they work at the moment.

        :param names: of the fields that were given
        :raises AccessError: the user may not write the records any more, or not read what they point at
        """
        if self.env.su:
            return
        records = with_companies(self)
        records.check_access('write')
        for name in names:
            if self._fields[name].relational:
                records.sudo()[name].sudo(False).check_access('read')

