"""Move what the addon keeps from one database to another, as a dump does: its tables, its columns of Odoo's tables."""

import io

import psycopg2
from psycopg2 import sql
from references import get_keys

# Columns of this addon's tables, and of its own in others.
COLUMNS = """
    SELECT col.table_name, col.column_name
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
    SELECT split_part(res_id, ',', 2)::integer, company_id, split_part(value_reference, ',', 2)::integer
      FROM ir_property WHERE name = %s AND res_id LIKE 'amazon.settlement.rule,%%' AND value_reference IS NOT NULL"""
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
        for columns, kind in ((own, True), (extra, False)):
            others = self._find_columns(self.new, own=kind)
            by_company = {(RULES, name) for name in BY_COMPANY}
            found = {(table, name) for table, names in columns.items() for name in names} - by_company
            there = {(table, name) for table, names in others.items() for name in names} - by_company
            if found != there:
                raise SystemExit(f"error: columns differ between the series: {sorted(found ^ there)}")
        self._drop_constraints()
        for table in sorted({target for *_rest, target in self.references if not target.startswith('amazon')}
                            | extra.keys()):
            self._map(table)
        for table, names in own.items():
            self._move_table(table, [name for name in names if (table, name) not in by_company])
        for table, names in extra.items():
            self._move_columns(table, names)
        for column, target in BY_COMPANY.items():
            self._move_by_company(column, target)
        self._move_external_ids()

    def _find_columns(self, cursor, own=True):
        cursor.execute(COLUMNS.format('' if own else 'NOT', 'TRUE' if own else "col.column_name LIKE 'amazon%'"))
        found = {}
        for table, column in cursor.fetchall():
            found.setdefault(table, []).append(column)
        return found

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

    def _move_table(self, table, names):
        self._execute("CREATE TEMP TABLE moved (LIKE {})", table)
        self.new.execute("SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnotnull AND attnum > 0",
                         [table])
        required = {name for name, in self.new.fetchall()}
        self._copy(table, names, 'moved')
        self._translate(table, 'moved', required)
        self._execute("DELETE FROM {}", table)
        columns = sql.SQL(', ').join(map(sql.Identifier, names))
        self.new.execute(sql.SQL("INSERT INTO {} ({columns}) SELECT {columns} FROM moved").format(
            sql.Identifier(table), columns=columns))
        if 'id' in names:
            self.new.execute("SELECT setval(pg_get_serial_sequence(%s, 'id'), MAX(id)) FROM moved", [table])
        self.new.execute("DROP TABLE moved")

    def _move_columns(self, table, names):
        self._execute("CREATE TEMP TABLE moved (LIKE {})", table)
        self.new.execute("SELECT attname FROM pg_attribute WHERE attrelid = 'moved'::regclass AND attnotnull "
                         "AND attnum > 0")
        for name, in self.new.fetchall():
            self._execute("ALTER TABLE moved ALTER {} DROP NOT NULL", name)
        self._copy(table, ['id', *names], 'moved')
        self._translate(table, 'moved')
        setting = sql.SQL(', ').join(sql.SQL("{0} = moved.{0}").format(sql.Identifier(name)) for name in names)
        self.new.execute(sql.SQL("UPDATE {table} SET {} FROM moved JOIN {map} ON old = moved.id WHERE {table}.id = new")
                         .format(setting, table=sql.Identifier(table), map=sql.Identifier(f'map_{table}')))
        self.new.execute("DROP TABLE moved")

    def _move_by_company(self, column, target):
        if self.series[0] < 18:
            self.old.execute(PROPERTIES, [column])
        else:
            self.old.execute(BY_KEY.format(RULES, column))
        self.new.execute(f"SELECT old, new FROM map_{target}")
        known = dict(self.new.fetchall())
        for rule, company, record in self.old.fetchall():
            if record not in known:
                self.lost[f'{RULES}.{column}'] = self.lost.get(f'{RULES}.{column}', 0) + 1
                continue
            self.new.execute(f"UPDATE {RULES} SET {column} = COALESCE({column}, '{{}}') || jsonb_build_object(%s, %s) "
                             f"WHERE id = %s", [str(company), known[record], rule])

    def _move_external_ids(self):
        domain = "module = 'amazon_connector' AND model LIKE 'amazon.%'"
        self.new.execute(f"DELETE FROM ir_model_data WHERE {domain}")
        self.old.execute(f"SELECT module, model, name, res_id, noupdate FROM ir_model_data WHERE {domain}")
        self.new.executemany("INSERT INTO ir_model_data (module, model, name, res_id, noupdate) "
                             "VALUES (%s, %s, %s, %s, %s)", self.old.fetchall())


def move(old: str, new: str, series: tuple[int, int]) -> dict[str, int]:
    """Move everything from one database to another; return how many references of a column were left out.

    :raises SystemExit: tables or columns differ
    """
    with psycopg2.connect(dbname=old) as before, psycopg2.connect(dbname=new) as after:
        moving = Move(before, after, series)
        moving.run()
        return moving.lost
