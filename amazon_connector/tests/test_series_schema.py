import pathlib
import re

from odoo.tests import TransactionCase, tagged
from odoo.tools import file_open

KNOWN = 'amazon_connector/tests/series_schema.txt'
# External ids that Odoo makes of models and fields.
MADE = re.compile(r'(model|field|selection|constraint|access|module)_')
# What the groups of a user are listed under: another model since Odoo 19, and so with another id.
HEADINGS = ('res.groups.privilege', 'ir.module.category')


@tagged('post_install', '-at_install')
class TestSchema(TransactionCase):
    """Tables, columns and external ids of this addon: those of every series, so that a database that is upgraded with
    Odoo needs nothing more.
    """

    def columns(self):
        """Yield the columns of this addon's tables, and those that it adds to others, as lines."""
        self.env.cr.execute(
            """SELECT col.table_name, col.column_name, col.udt_name, col.is_nullable = 'NO'
                 FROM information_schema.columns col JOIN information_schema.tables tab USING (table_schema, table_name)
                WHERE col.table_schema = CURRENT_SCHEMA AND tab.table_type = 'BASE TABLE'
                  AND col.column_name NOT IN ('id', 'create_uid', 'create_date', 'write_uid', 'write_date')
                  AND (col.table_name LIKE 'amazon%' OR col.table_name LIKE '%amazon%rel'
                       OR col.column_name LIKE 'amazon%')""")
        by_company = {(model._table, field.name) for model in self.env.registry.values()
                      for field in model._fields.values() if field.company_dependent}
        for table, column, kind, required in self.env.cr.fetchall():
            # Where values by company are kept is Odoo's matter.
            if (table, column) in by_company:
                continue
            yield f"column {table}.{column} {kind}{' required' * required}"

    def external_ids(self):
        """Yield the external ids of this addon's records, as lines."""
        for data in self.env['ir.model.data'].search([('module', '=', 'amazon_connector')]):
            # The lists of carriers and rules are data files, which nothing changes.
            if not MADE.match(data.name) and not data.model.startswith('amazon.') and data.model not in HEADINGS:
                yield f'record {data.name}'

    def test_tables_columns_and_external_ids_are_those_that_are_listed(self):
        """What was added, renamed or removed on purpose is changed in the list, too."""
        with file_open(KNOWN) as file:
            listed = set(file.read().splitlines())
        found = {*self.columns(), *self.external_ids()}
        changes = sorted(f'+{line}' for line in found - listed) + sorted(f'-{line}' for line in listed - found)
        self.assertFalse(changes, '\n'.join([f'{KNOWN}:', *changes]))

    def test_migrations_run_once_and_not_again_when_odoo_is_upgraded(self):
        """Odoo runs a folder that names a series for each database of an older one, though the addon has the same
        version there.
        """
        # A folder that a checkout left without scripts runs nothing.
        folders = {path.parent.name for path in pathlib.Path(__file__).parents[1].glob('migrations/*/*.py')}
        self.assertTrue(folders)
        self.assertFalse([name for name in folders if not re.fullmatch(r'\d+\.\d+\.\d+', name)])
