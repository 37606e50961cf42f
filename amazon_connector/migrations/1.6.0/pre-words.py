"""Fields and values have the words of the trade: columns, and whatever users stored that names them, are renamed.

Tables are renamed before the models are loaded, so that Odoo finds the columns and drops none.
"""

from odoo.tools import SQL
from odoo.tools.sql import column_exists, index_exists, make_index_name, rename_column, table_exists

MODELS = {'amazon.told.mixin': 'amazon.push.mixin'}
LISTING = {
    'quantity_sent': 'quantity_pushed',
    'stock_sent': 'stock_pushed',
    'stock_sent_date': 'stock_pushed_date',
    'price_sent': 'price_pushed',
    'price_sent_value': 'price_pushed_value',
    'price_sent_date': 'price_pushed_date',
    'content_sent': 'content_pushed',
    'content_sent_date': 'content_pushed_date',
}
FIELDS = {
    'amazon.push.mixin': LISTING,
    'amazon.listing': {**LISTING, 'wish': 'pending_action', 'wish_error': 'pending_action_error'},
    'amazon.package': {'told': 'detail_pushed'},
    'amazon.seller.marketplace': {'tax_told_count': 'tax_stated_count', 'tax_untold_count': 'tax_unstated_count'},
}
VALUES = {('amazon.listing', 'status'): {'gone': 'removed'}, ('amazon.feed.line', 'state'): {'lost': 'not_recorded'}}
# What users write themselves and Odoo stores as text: table, columns, and which of its rows are of a model.
TEXTS = (
    ('ir_filters', ('domain', 'context', 'sort'), "model_id = %s"),
    ('ir_act_window', ('domain', 'context'), "res_model = %s"),
    ('ir_act_server', ('code',), "model_id = (SELECT id FROM ir_model WHERE model = %s)"),
    ('ir_ui_view', ('arch_db',), "model = %s"),
    ('ir_exports_line', ('name',), "export_id IN (SELECT id FROM ir_exports WHERE resource = %s)"),
)


def migrate(cr, version):
    """Rename models, fields and values of selections. Done again, it finds nothing to rename."""
    for old, new in MODELS.items():
        _rename_model(cr, old, new)
    for model, names in FIELDS.items():
        for old, new in names.items():
            _rename_field(cr, model, old, new)
        _replace_in_texts(cr, model, {rf'\m{old}\M': new for old, new in names.items()})
    for (model, field), values in VALUES.items():
        for old, new in values.items():
            _rename_value(cr, model, field, old, new)
        _replace_in_texts(cr, model, {rf'''(?<=['"]){old}(?=\\?['"])''': new for old, new in values.items()})
    # What Amazon stated of the item is a key of the question that the order waits with; old releases ask nothing.
    if column_exists(cr, 'amazon_order', 'tax_question'):
        cr.execute("""
            UPDATE amazon_order
               SET tax_question = (tax_question - 'told') || JSONB_BUILD_OBJECT('stated', tax_question -> 'told')
             WHERE JSONB_EXISTS(tax_question, 'told')""")


def _rename_model(cr, old, new):
    """Rename an abstract model: it has no table, and no record refers to it."""
    cr.execute("UPDATE ir_model SET model = %s WHERE model = %s", [new, old])
    cr.execute("UPDATE ir_model_fields SET model = %s WHERE model = %s", [new, old])
    for prefix in ('model_{}', 'field_{}__', 'selection__{}__'):
        _rename_ids(cr, *(prefix.format(name.replace('.', '_')) for name in (old, new)), whole=prefix == 'model_{}')


def _rename_field(cr, model, old, new):
    table = model.replace('.', '_')
    if column_exists(cr, table, old) and not column_exists(cr, table, new):
        rename_column(cr, table, old, new)
        index = make_index_name(table, old)
        if index_exists(cr, index):
            cr.execute(SQL("ALTER INDEX %s RENAME TO %s", SQL.identifier(index),
                           SQL.identifier(make_index_name(table, new))))
    cr.execute("UPDATE ir_model_fields SET name = %s WHERE model = %s AND name = %s", [new, model, old])
    _rename_ids(cr, f'field_{table}__{old}', f'field_{table}__{new}')
    _rename_ids(cr, f'selection__{table}__{old}__', f'selection__{table}__{new}__', whole=False)


def _rename_value(cr, model, field, old, new):
    table = model.replace('.', '_')
    if column_exists(cr, table, field):
        cr.execute(SQL("UPDATE %s SET %s = %s WHERE %s = %s", SQL.identifier(table), SQL.identifier(field), new,
                       SQL.identifier(field), old))
    cr.execute(
        """UPDATE ir_model_fields_selection SET value = %s
            WHERE value = %s AND field_id = (SELECT id FROM ir_model_fields WHERE model = %s AND name = %s)""",
        [new, old, model, field])
    _rename_ids(cr, *(f'selection__{table}__{field}__{value}' for value in (old, new)))


def _rename_ids(cr, old, new, whole=True):
    """Rename XML ids, or all that begin with a text."""
    cr.execute(
        """UPDATE ir_model_data SET name = %s || SUBSTR(name, %s)
            WHERE module = 'amazon_connector' AND (name = %s OR NOT %s AND STARTS_WITH(name, %s))""",
        [new, len(old) + 1, old, whole, old])


def _replace_in_texts(cr, model, patterns):
    """Replace names, given as regular expressions, in filters, actions, exports and views of users."""
    for table, columns, of_model in TEXTS:
        for column in columns if table_exists(cr, table) else ():
            for pattern, new in patterns.items():
                _replace(cr, table, column, SQL(of_model, model), pattern, new)


def _replace(cr, table, column, which, pattern, new):
    name, kind = SQL.identifier(column), SQL('jsonb' if column == 'arch_db' else 'text')
    cr.execute(SQL(
        "UPDATE %s SET %s = REGEXP_REPLACE(%s::text, %s, %s, 'g')::%s WHERE %s AND %s::text ~ %s",
        SQL.identifier(table), name, name, pattern, new, kind, which, name, pattern))
