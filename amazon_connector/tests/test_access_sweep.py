import itertools
import re

from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger
from odoo.tools.safe_eval import safe_eval

from .access_common import QUIET, AccessCase, Undone
from .access_table import (
    ARGUMENTS,
    ENDS,
    METHODS,
    OF_NO_RECORD,
    ROLES,
    SHARED,
    WRITABLE,
    WRITABLE_IN_ACCOUNTING,
    WRITABLE_IN_STOCK,
)

TABLES = (WRITABLE, WRITABLE_IN_ACCOUNTING, WRITABLE_IN_STOCK)


@tagged('post_install', '-at_install')
class TestAccessSweep(AccessCase):
    """Every public method called as every kind of user: whoever may not, is refused, and nothing has happened at
    Amazon.
    """

    def test_table_is_complete(self):
        found = {name: set(methods) for name, model in self.addon_models().items()
                 if (methods := self.public_methods(model))}
        known = {name: set(methods) for name, methods in METHODS.items()}
        missing = {f'{name}.{method}' for name, methods in found.items() for method in methods - known.get(name, set())}
        self.assertFalse(missing, "Add these methods to METHODS in tests/access_table.py with the roles that may call "
                         "them, check that access in their "
                                  "first line, or give them an underscore if they are nobody's to call.")
        self.assertFalse({f'{name}.{method}' for name, methods in known.items() for method in methods
                          - found.get(name, set())}, "These are removed.")

    def test_computed_texts_are_texts(self):
        """`record and text` is the empty record where there is none, and Odoo writes its name into the field."""
        names = [f'{field} is {value}' for seed in self.seeds['own'].values() for field in self.own_fields(seed)
                 if field.compute and field.type in ('char', 'text')
                 and re.fullmatch(r'[a-z_.]+\([\d, ]*\)', value := seed[field.name] or '')]
        self.assertFalse(names)

    def test_methods(self):
        before, problems = self.fingerprint(), []
        with mute_logger(*QUIET):
            for model, methods in METHODS.items():
                for method, allowed in methods.items():
                    for role in ROLES:
                        for whose in ('own',) if (model, method) in OF_NO_RECORD else ('own', 'other'):
                            problem = self._try(model, method, role, whose, role in allowed and whose == 'own')
                            if problem:
                                problems.append(f'{role} calls {model}.{method} ({whose}): {problem}')
        self.assertFalse(problems, '\n' + '\n'.join(problems))
        self.assertEqual(self.fingerprint(), before)

    def test_fields(self):
        """Whatever the addon adds is written by each kind of user, on records of the own and the other company."""
        found = {}
        with mute_logger(*QUIET):
            for name, model in self.addon_models().items():
                for role, whose in itertools.product(ROLES, ('own',) if model._transient else ('own', 'other')):
                    if self.own_fields(model):
                        found.setdefault((name, whose), set()).update((field, role)
                                                                      for field in self._find_writable(
                                                                          name, role, whose))
        expected = {}
        for name, (roles, fields) in itertools.chain.from_iterable(map(dict.items, TABLES)):
            expected.setdefault((name, 'own'), set()).update(itertools.product(fields.split(), roles))
        for name in SHARED:
            expected[name, 'other'] = expected[name, 'own']
        wrong = {key: (sorted(found.get(key, set()) - expected.get(key, set())),
                       sorted(expected.get(key, set()) - found.get(key, set())))
                 for key in found.keys() | expected.keys() if found.get(key, set()) != expected.get(key, set())}
        self.assertFalse(wrong, "Could be written and could not be, other than WRITABLE in tests/access_table.py says: "
                         "declare bookkeeping as readonly=True, "
                                "and add to the table what users may write.")

    def _find_writable(self, model, role, whose):
        """Return the names of the fields of a record that a user can write; where the record is closed to him, one
        field stands for all.
        """
        found = set()
        try:
            with self.env.cr.savepoint():
                records = self.get_records(model, role, whose)[:1]
                self.assertTrue(records.id, f"{model} has no record: add one to AccessCase")
                fields = self.own_fields(records)
                for field in fields if records.has_access('write') else fields[:1]:
                    if self._write(records, field):
                        found.add(field.name)
                raise Undone
        except (Undone, AccessError):
            return found
        finally:
            self.env.invalidate_all(flush=False)

    def _write(self, records, field):
        """Write another value to a field and undo it; return whether that was possible."""
        before = records.sudo()[field.name]
        values = {field.name: self._get_value(field, records.sudo())}
        try:
            with self.env.cr.savepoint() as savepoint:
                records.write(values)
                # What is dropped without a word is not written either.
                written = bool(field.relational or field.inverse) or records.sudo()[field.name] != before
                savepoint.rollback()
                return written
        except AccessError:
            return False
        except Exception:
            return True
        finally:
            self.env.cr.precommit.clear()

    def _get_value(self, field, record):
        """Return another value than a record has, one that its user may see."""
        value = record[field.name]
        if field.type in ('many2many', 'one2many'):
            return []
        if field.type == 'many2one':
            others = self.env[field.comodel_name].search([('id', '!=', value.id)],
                                                         limit=100).with_env(record.sudo(False).env)
            return next((other.id for other in others if other.has_access('read')), value.id)
        if field.type == 'selection':
            return next((key for key in field.get_values(self.env) if key != value), value)
        return {'boolean': not value, 'integer': 7, 'float': 7.0, 'monetary': 7.0, 'json': {'changed': True},
                'binary': b'eA==', 'date': '2026-01-02',
                'datetime': '2026-01-02 03:04:05', 'html': "Changed"}.get(field.type, "Changed")

    def _try(self, model, method, role, whose, allowed):
        """Call a method and undo it; return what was not as the table says, or None."""
        self.calls.clear()
        outcome = self._call(model, method, role, whose)
        if allowed:
            return self._judge_allowed(model, method, outcome)
        if self.calls:
            return f'Amazon was called: {self.calls}'
        return None if isinstance(outcome, AccessError) else f'not refused but {outcome!r}'

    def _judge_allowed(self, model, method, outcome):
        """Return what is wrong with the end of a call by whoever may call: it works, or it ends as `ENDS` says that it
        does on the records of this test.
        """
        name = type(outcome).__name__ if isinstance(outcome, Exception) else None
        expected = ENDS.get((model, method))
        return None if name == expected else f'ends with {name} ({outcome}) and not with {expected}'

    def _call(self, model, method, role, whose):
        """Return what a method raised or returned."""
        try:
            with self.env.cr.savepoint():
                records = self.get_records(model, role, whose)
                argument = ARGUMENTS.get((model, method))
                result = getattr(records,
                                 method)(*([self.as_user(self.seeds[whose][argument], role)] if argument else []))
                self.env.flush_all()
                self._open(result, role)
                raise Undone(str(result))
        except Undone as done:
            return str(done)
        except Exception as error:
            return error
        finally:
            self.env.invalidate_all(flush=False)
            self.env.cr.precommit.clear()

    def _open(self, action, role):
        """Search what a window shows, as the web client does after a button was pressed."""
        if isinstance(action, dict) and action.get('type') == 'ir.actions.act_window' and action.get('domain'):
            domain = action['domain']
            if isinstance(domain, str):
                domain = safe_eval(domain, {'uid': self.users[role].id})
            self.as_user(self.env[action['res_model']], role).search(domain, limit=1)
