"""Constraints and indexes as Odoo 18 has them: `_sql_constraints`, and `init` for indexes."""

import ast

from python_rules import PythonRule, RuleError, add_imports

KINDS = ('Constraint', 'Index', 'UniqueIndex')


class Constraints(PythonRule):
    """`_x = models.Constraint(…)` becomes a row of `_sql_constraints`; so does a unique index, for its message, beside
    its `init`.
    """

    name = 'models.Constraint'

    def can_match(self, text):
        return any(f'models.{kind}(' in text for kind in KINDS)

    def run(self, path, text):
        text, count = super().run(path, text)
        return (add_imports(path, text, ['compat.add_index']) if 'add_index(' in text else text), count

    def edit(self, module, node):
        found = [part for part in node.body if _get_kind(part)] if isinstance(node, ast.ClassDef) else []
        if not found:
            return []
        self._check(node, found)
        rows = [self._write_row(module, part) for part in found if _get_kind(part) != 'Index']
        indexes = [part for part in found if _get_kind(part) != 'Constraint']
        edits = [(*_get_lines(module, part), '') for part in found[bool(rows):]]
        if rows:
            edits.append((*module.span(found[0]), '_sql_constraints = [\n'
                          + ''.join(f'        {row},\n' for row in rows) + '    ]'))
        if indexes:
            start, end, text = self._write_init(module, node, indexes)
            # At the end of the class it would be within what is taken out there.
            last = next((edit for edit in edits if edit[0] <= start < edit[1]), None)
            edits = [edit for edit in edits if edit != last]
            edits.append((last[0], last[1], '\n' + text.strip('\n') + '\n') if last else (start, end, text))
        return edits

    def _check(self, owner, found):
        """Refuse what would be lost: keywords, and an `init` of the class where one is made for its indexes.

        :raises RuleError: there are such
        """
        if any(part.value.keywords for part in found):
            raise RuleError(f"{owner.name}: constraints and indexes are written without keywords")
        if (any(_get_kind(part) != 'Constraint' for part in found)
                and any(isinstance(part, ast.FunctionDef) and part.name == 'init' for part in owner.body)):
            raise RuleError(f"{owner.name} has an init() of its own, beside the one that makes its indexes")

    def _write_row(self, module, part):
        definition, *message = part.value.args
        sql = '""' if _get_kind(part) == 'UniqueIndex' else module.source(definition)
        text = module.source(message[0]) if message else '""'
        row = f"('{_get_name(part)}', {sql}, {text})"
        return row if len(row) < 112 else f"('{_get_name(part)}', {sql},\n         {text})"

    def _write_init(self, module, owner, indexes):
        calls = []
        for part in indexes:
            source = module.source(part.value.args[0])
            unique = ', unique=True' if _get_kind(part) == 'UniqueIndex' else ''
            name = _get_name(part)
            line = f"        add_index(self, '{name}', {source}{unique})"
            if len(line) > 120 or '\n' in source:
                line = f"        add_index(\n            self, '{name}',\n            {source}{unique})"
            calls.append(line)
        method = '\n'.join(['    def init(self):  # pylint: disable=missing-return', '        super().init()', *calls])
        first = next((part for part in owner.body if isinstance(part, ast.FunctionDef)), None)
        if not first:
            end = module.span(owner)[1]
            return end, end, f'\n\n{method}'
        start = module.offset(min([first.lineno, *(part.lineno for part in first.decorator_list)]), 0)
        return start, start, f'{method}\n\n'


def _get_kind(part):
    value = part.value if isinstance(part, (ast.Assign, ast.AnnAssign)) else None
    named = (isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute)
             and isinstance(value.func.value, ast.Name))
    return value.func.attr if named and value.func.value.id == 'models' and value.func.attr in KINDS else None


def _get_name(part):
    return (part.target if isinstance(part, ast.AnnAssign) else part.targets[0]).id[1:]


def _get_lines(module, part):
    """The whole lines of a statement."""
    end = module.span(part)[1]
    return module.offset(part.lineno, 0), end + 1
