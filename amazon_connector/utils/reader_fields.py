"""Fields for texts that jobs write and people read in their own languages."""

from odoo import fields

from .phrases import dump, load


class _ReaderField:
    """A stored text that is said in the language of who reads it.

    What is written is a phrase (`utils/phrases.py`) or, where Amazon's own words are kept, a text. The column holds the
    source of the phrase with its values, so it can be searched for whether there is a text, not for a translation.
    """

    def convert_to_cache(self, value, record, validate=True):
        return super().convert_to_cache(dump(value) if isinstance(value, str) else value, record, validate)

    def convert_to_record(self, value, record):
        text = super().convert_to_record(value, record)
        return load(record.env, text) if text else text

    def convert_to_read(self, value, record, use_display_name=True):
        # XML-RPC knows no other strings.
        return str(value) if value else super().convert_to_read(value, record, use_display_name)

    def get_depends(self, model):
        depends, context = super().get_depends(model)
        return depends, (*context, 'lang') if (self.compute or self.related) and not self.store else context


def is_for_reader(field) -> bool:
    """Return whether a field holds a text in the language of who reads it."""
    return isinstance(field, _ReaderField)


class ReaderText(_ReaderField, fields.Text):
    """A text of several lines in the language of who reads it."""


class ReaderChar(_ReaderField, fields.Char):
    """A line in the language of who reads it."""
