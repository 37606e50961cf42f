from odoo import models

from ..utils.phrases import load
from ..utils.reader_fields import is_for_reader


class AmazonAccessMixin(models.AbstractModel):
    """Show groups of texts that jobs write in the language of the reader; the domain of a group has what is stored."""

    _inherit = 'amazon.access.mixin'

    def _web_read_group_groupby_formatter(self, groupby_spec, values):
        formatter = super()._web_read_group_groupby_formatter(groupby_spec, values)
        if not is_for_reader(self._fields.get(groupby_spec)):
            return formatter

        def format_for_reader(value):
            label, domain = formatter(value)
            return label and str(load(self.env, label)), domain
        return format_for_reader

    def _read_group_format_result(self, rows_dict, lazy_groupby):
        result = super()._read_group_format_result(rows_dict, lazy_groupby)
        for name in filter(lambda name: is_for_reader(self._fields.get(name)), lazy_groupby):
            for row in rows_dict:
                row[name] = row[name] and str(load(self.env, row[name]))
        return result
