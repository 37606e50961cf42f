"""Move what the addon keeps from one database to another, as a dump does: its tables, its columns of Odoo's tables."""

import io

import psycopg2
from psycopg2 import sql
from references import get_keys

# Columns of this addon's tables, and of its own in others. The tax that Amazon stated is a field of Odoo 19's.
COLUMNS = """
    SELECT col.table_name, col.column_name, col.udt_name
      FROM information_schema.columns col JOIN information_schema.tables tab USING (table_schema, table_name)
     WHERE table_schema = CURRENT_SCHEMA AND tab.table_type = 'BASE TABLE'
       AND {} (col.table_name LIKE 'amazon%' OR col.table_name LIKE '%amazon%rel') AND {}
  ORDER BY 1, 2"""
REFERENCES = """
    SELECT con.conname, con.conrelid::regclass::text, att.attname, con.confrelid::regclass::text
      FROM pg_constraint con JOIN pg_attribute att ON att.attrelid = con.conrelid AND att.attnum = con.conkey[1]
     WHERE con.contype = 'f' AND (con.conrelid::regclass::text LIKE '%amazon%' OR att.attname LIKE 'amazon%')"""
# Accounts by company: columns of rules since Odoo 18, properties before.
RULES = 'amazon_settlement_rule'
BY_COMPANY = {'account_id': 'account_account', 'tax_id': 'account_tax', 'partner_id': 'res_partner'}
PROPERTIES = """
    SELECT SPLIT_PART(res_id, ',', 2)::integer, company_id, SPLIT_PART(value_reference, ',', 2)::integer
      FROM ir_property WHERE name = %s AND res_id LIKE 'amazon.settlement.rule,%%' AND value_reference IS NOT NULL"""
MAKE_PROPERTIES = """
    CREATE TABLE IF NOT EXISTS ir_property (
        name varchar, res_id varchar, company_id integer, value_reference varchar)"""
BY_KEY = "SELECT id, entry.key::integer, entry.value::integer FROM {}, jsonb_each_text({}) entry"


class Move:
    """Moves from a database of an older series into one of a newer one; `lost` counts references that lead nowhere."""

    def __init__(self, old, new, series: tuple[int, int]):
        self.old, self.new, self.series = old.cursor(), new.cursor(), series
        self.lost = {}
        self.new.execute(REFERENCES)
        self.references = self.new.fetchall()

    def run(self) -> None:
        own, extra = self._find_columns(self.old), self._find_columns(self.old, own=False)
        self._check_columns(own, self._find_columns(self.new))
        self._check_columns(extra, self._find_columns(self.new, own=False))
        self._drop_constraints()
        for table in sorted({target for *_rest, target in self.references if not target.startswith('amazon')}
                            | extra.keys()):
            self._map(table)
        for table, columns in own.items():
            self._move_table(table, [name for name, _kind in columns if table != RULES or name not in BY_COMPANY])
        for table, columns in extra.items():
            self._move_columns(table, [name for name, _kind in columns])
        for column, target in BY_COMPANY.items():
            self._move_by_company(column, target)
        self._move_external_ids()

    def _find_columns(self, cursor, own=True):
        """Return table -> its columns with their types."""
        cursor.execute(COLUMNS.format('' if own else 'NOT', 'TRUE' if own else (
            "(col.column_name LIKE 'amazon%' OR col.column_name = 'extra_tax_data')")))
        found = {}
        for table, column, kind in cursor.fetchall():
            found.setdefault(table, []).append((column, kind))
        return found

    @staticmethod
    def _check_columns(before, after):
        """End with words where the series have different columns, but for those that Odoo keeps by company."""
        before, after = ({(table, *column) for table, columns in found.items() for column in columns
                          if table != RULES or column[0] not in BY_COMPANY} for found in (before, after))
        if before != after:
            raise SystemExit(f"error: columns differ between the series: {sorted(before ^ after)}")

    def _execute(self, statement, *names, **parts):
        self.new.execute(sql.SQL(statement).format(*map(sql.Identifier, names),
                                                   **{key: sql.Identifier(name) for key, name in parts.items()}))

    def _drop_constraints(self):
        """Updating the addon makes them again, which fails where a record that is referred to is not there."""
        for name, table, _column, _target in self.references:
            self._execute("ALTER TABLE {} DROP CONSTRAINT {}", table, name)

    def _map(self, table):
        """Make a table of the ids of both databases of the same records."""
        numbered = "SELECT id, key, ROW_NUMBER() OVER (PARTITION BY key ORDER BY id) FROM ({}) AS found (id, key)"
        rows = {}
        for cursor, series in zip((self.old, self.new), self.series, strict=True):
            cursor.execute(numbered.format(get_keys(series)[table]))
            rows[cursor] = {(key, number): record for record, key, number in cursor.fetchall()}
        pairs = [(record, rows[self.new].get(key)) for key, record in rows[self.old].items()]
        name = f'map_{table}'
        self._execute("CREATE TEMP TABLE {} (old integer PRIMARY KEY, new integer)", name)
        self.new.executemany(f"INSERT INTO {name} VALUES (%s, %s)", [pair for pair in pairs if pair[1]])

    def _copy(self, table, names, to):
        """Copy columns of a table of the older database into a table of the newer one."""
        columns = sql.SQL(', ').join(map(sql.Identifier, names))
        data = io.BytesIO()
        self.old.copy_expert(sql.SQL("COPY {} ({}) TO STDOUT").format(sql.Identifier(table), columns), data)
        data.seek(0)
        self.new.copy_expert(sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(to), columns), data)

    def _translate(self, table, moved, required=()):
        """Let the references of moved rows lead to the same records of Odoo; those that lead nowhere are left out."""
        for _name, of, column, target in self.references:
            if of != table or target.startswith('amazon'):
                continue
            parts = {'moved': moved, 'column': column, 'map': f'map_{target}'}
            nowhere = "{column} IS NOT NULL AND {column} NOT IN (SELECT old FROM {map})"
            self._execute("DELETE FROM {moved} WHERE " + nowhere if column in required
                          else "UPDATE {moved} SET {column} = NULL WHERE " + nowhere, **parts)
            if self.new.rowcount:
                self.lost[f'{table}.{column}'] = self.new.rowcount
            self._execute("UPDATE {moved} SET {column} = {map}.new FROM {map} WHERE {column} = {map}.old", **parts)

    def _find_required(self, table):
        self.new.execute("SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnotnull AND attnum > 0",
                         [table])
        return {name for name, in self.new.fetchall()}

    def _move_table(self, table, names):
        self._execute("CREATE TEMP TABLE moved (LIKE {})", table)
        self._copy(table, names, 'moved')
        self._translate(table, 'moved', self._find_required(table))
        self._execute("DELETE FROM {}", table)
        columns = sql.SQL(', ').join(map(sql.Identifier, names))
        self.new.execute(sql.SQL("INSERT INTO {} ({columns}) SELECT {columns} FROM moved").format(
            sql.Identifier(table), columns=columns))
        if 'id' in names:
            self.new.execute("SELECT setval(pg_get_serial_sequence(%s, 'id'), MAX(id)) FROM moved", [table])
        self.new.execute("DROP TABLE moved")

    def _move_columns(self, table, names):
        self._execute("CREATE TEMP TABLE moved (LIKE {})", table)
        required = self._find_required(table)
        for name in required:
            self._execute("ALTER TABLE moved ALTER {} DROP NOT NULL", name)
        # What is unique may change places.
        links = {column for _name, of, column, _target in self.references if of == table} & set(names)
        if links:
            self.new.execute(sql.SQL("UPDATE {} SET {}").format(sql.Identifier(table), sql.SQL(', ').join(
                sql.SQL("{} = NULL").format(sql.Identifier(name)) for name in links)))
        self._copy(table, ['id', *names], 'moved')
        self._translate(table, 'moved')
        setting = sql.SQL(', ').join(sql.SQL("{0} = moved.{0}").format(sql.Identifier(name)) for name in names)
        self.new.execute(sql.SQL("UPDATE {table} SET {} FROM moved JOIN {map} ON old = moved.id WHERE {table}.id = new")
                         .format(setting, table=sql.Identifier(table), map=sql.Identifier(f'map_{table}')))
        self.new.execute("DROP TABLE moved")

    def _move_by_company(self, column, target):
        """Move what rules have by company: from Odoo 17 as properties, which the addon itself turns into columns."""
        self.old.execute(*((PROPERTIES, [column]) if self.series[0] < 18 else (BY_KEY.format(RULES, column),)))
        self.new.execute(MAKE_PROPERTIES)
        self.new.execute(f"SELECT old, new FROM map_{target}")
        known = dict(self.new.fetchall())
        for rule, company, record in self.old.fetchall():
            if record not in known:
                self.lost[f'{RULES}.{column}'] = self.lost.get(f'{RULES}.{column}', 0) + 1
            elif self.series[0] < 18:
                self.new.execute("INSERT INTO ir_property (name, res_id, company_id, value_reference) "
                                 "VALUES (%s, %s, %s, %s)",
                                 [column, f'amazon.settlement.rule,{rule}', company, f'any,{known[record]}'])
            else:
                self.new.execute(f"UPDATE {RULES} SET {column} = COALESCE({column}, '{{}}') "
                                 f"|| JSONB_BUILD_OBJECT(%s, %s) WHERE id = %s", [str(company), known[record], rule])

    def _move_external_ids(self):
        """Move the external ids of this addon's records; those of Odoo's must be of the same models."""
        self.old.execute("SELECT name, model FROM ir_model_data WHERE module = 'amazon_connector'")
        models = dict(self.old.fetchall())
        self.new.execute("SELECT name, model FROM ir_model_data WHERE module = 'amazon_connector'")
        others = {name: (models[name], model) for name, model in self.new.fetchall()
                  if models.get(name, model) != model}
        if others:
            raise SystemExit(f"error: external ids that are another model's in the newer series: {others}")
        domain = "module = 'amazon_connector' AND model LIKE 'amazon.%'"
        self.new.execute(f"DELETE FROM ir_model_data WHERE {domain}")
        self.old.execute(f"SELECT module, model, name, res_id, noupdate FROM ir_model_data WHERE {domain}")
        self.new.executemany("INSERT INTO ir_model_data (module, model, name, res_id, noupdate) "
                             "VALUES (%s, %s, %s, %s, %s)", self.old.fetchall())


def count_rows(name: str) -> dict[str, int]:
    """Return how many rows each of this addon's tables has, and what rules have by company."""
    with psycopg2.connect(dbname=name) as connection, connection.cursor() as cursor:
        cursor.execute(COLUMNS.format('', 'TRUE'))
        counts = {}
        for table in sorted({table for table, *_column in cursor.fetchall()}):
            cursor.execute(sql.SQL("SELECT COUNT(*) FROM {}").format(sql.Identifier(table)))
            counts[table] = cursor.fetchone()[0]
        return counts


def count_by_company(name: str, series: int) -> dict[str, int]:
    """Return how many accounts, taxes and partners rules have, of all companies."""
    counts = {}
    with psycopg2.connect(dbname=name) as connection, connection.cursor() as cursor:
        for column in BY_COMPANY:
            cursor.execute(*((PROPERTIES, [column]) if series < 18 else (BY_KEY.format(RULES, column),)))
            counts[column] = len(cursor.fetchall())
    return counts


def move(old: str, new: str, series: tuple[int, int]) -> dict[str, int]:
    """Move everything from one database to another; return how many references of a column were left out.

    :raises SystemExit: tables or columns differ
    """
    with psycopg2.connect(dbname=old) as before, psycopg2.connect(dbname=new) as after:
        moving = Move(before, after, series)
        moving.run()
        return moving.lost
