"""Rules that change Python by its meaning: they find nodes of the syntax tree and edit their text, so that layout and
comments stay.

In patterns and templates, names of one capital letter stand for any expression, and `*R` for all further arguments.
"""

import ast
import fnmatch
import functools
import hashlib
import re

PATH_METHODS = ('filtered', 'mapped', 'sorted')
HOLE = re.compile(r'[A-Z]$')
SCOPES = (ast.FunctionDef, ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
# What needs parentheses where more than a name is expected.
LOOSE = (ast.BinOp, ast.BoolOp, ast.Compare, ast.IfExp, ast.Lambda, ast.UnaryOp, ast.NamedExpr, ast.Await)


class RuleError(Exception):
    """A place that a rule is for, and that it cannot write otherwise: what is to be changed, in words."""


class Module:
    """A Python file: its syntax tree, with parents and scopes, and where nodes are in its text."""

    def __init__(self, text: str):
        self.text = text
        self.tree = ast.parse(text)
        self.parents = {child: node for node in ast.walk(self.tree) for child in ast.iter_child_nodes(node)}
        self.nodes = list(ast.walk(self.tree))
        self._lines = [line.encode() for line in text.splitlines(keepends=True)]
        self._starts = [0]
        for line in self._lines:
            self._starts.append(self._starts[-1] + len(line.decode()))

    def offset(self, line: int, column: int) -> int:
        """Return the place in the text of a line (from 1) and a column in bytes, as `ast` has them."""
        return self._starts[line - 1] + len(self._lines[line - 1][:column].decode())

    def span(self, node) -> tuple[int, int]:
        return self.offset(node.lineno, node.col_offset), self.offset(node.end_lineno, node.end_col_offset)

    def source(self, node) -> str:
        start, end = self.span(node)
        return self.text[start:end]

    def ancestors(self, node):
        while node := self.parents.get(node):
            yield node

    def is_in_method(self, node) -> bool:
        """Return whether a node stands in a method itself, and in no lambda or comprehension of it."""
        scope = next((parent for parent in self.ancestors(node) if isinstance(parent, SCOPES)), None)
        return isinstance(scope, ast.FunctionDef) and 'self' in [part.arg for part in scope.args.args]

    def function(self, node) -> str:
        """Return the name of the outermost function around a node, or nothing."""
        names = [parent.name for parent in self.ancestors(node) if isinstance(parent, ast.FunctionDef)]
        return names[-1] if names else ''


@functools.lru_cache(4096)
def parse(text: str) -> Module:
    return Module(text)


def apply(text: str, edits: list[tuple[int, int, str]]) -> str:
    """Return a text with parts of it replaced; of edits within each other the outer ones count, and the inner ones come
    with the next call.
    """
    parts, done = [], 0
    for start, end, new in sorted(set(edits), key=lambda edit: (edit[0], -edit[1])):
        if start >= done:
            parts += [text[done:start], new]
            done = end
    return ''.join(parts) + text[done:]


def fingerprint(node) -> str:
    """Return a hash of what a function or assignment does: its name, layout, comments and docstring do not count."""
    def words(value):
        if isinstance(value, ast.AST):
            body = list(ast.iter_fields(value))
            if isinstance(value, ast.FunctionDef) and ast.get_docstring(value) is not None:
                body = [(name, part[1:] if name == 'body' else part) for name, part in body]
            if isinstance(value, ast.FunctionDef):
                body = [(name, part) for name, part in body if name != 'name']
            parts = [f'{name}={words(part)}' for name, part in body if part not in (None, [])
                     and name not in ('ctx', 'kind', 'type_comment')]
            return f"{type(value).__name__}({','.join(parts)})"
        return f"[{','.join(map(words, value))}]" if isinstance(value, list) else repr(value)
    return hashlib.sha256(words(node).encode()).hexdigest()[:8]


def is_named(path: str, globs: list[str]) -> bool:
    """Return whether a file of the addon, or with `/` at the beginning one of the repository, is named by a pattern."""
    return any(fnmatch.fnmatch(f'/{path}', glob if glob.startswith('/') else f'/amazon_connector/{glob}')
               for glob in globs)


class PythonRule:
    """A rule for Python files of the addon; in some functions only if these are named, or in methods directly
    (`direct`).
    """

    suffix = '.py'

    def __init__(self, *, files='*', without='', functions=(), imports=(), direct=False):
        self.files = files.split()
        self.without = without.split()
        self.functions = functions.split() if isinstance(functions, str) else functions
        self.direct = direct
        self.imports = [imports] if isinstance(imports, str) else list(imports)

    def covers(self, path: str) -> bool:
        return path.endswith(self.suffix) and is_named(path, self.files) and not is_named(path, self.without)

    def run(self, path: str, text: str) -> tuple[str, int]:
        """Return a file's text after the rule, and in how many places it was changed."""
        if not self.covers(path) or not self.can_match(text):
            return text, 0
        count = 0
        for _depth in range(9):
            module = parse(text)
            edits = [edit for node in module.nodes if self._is_within(module, node) for edit in self.edit(module, node)]
            if not edits:
                break
            count += len(edits)
            text = apply(text, edits)
            if not self.repeats:
                break
        return (add_imports(path, text, self.imports) if count else text), count

    # Whether what a rule writes may hold what it looks for, in a deeper place.
    repeats = False

    def can_match(self, text: str) -> bool:
        """Return whether the rule could match: a look at the text that saves reading it."""
        return True

    def _is_within(self, module, node):
        if self.functions and module.function(node) not in self.functions:
            return False
        return not self.direct or module.is_in_method(node)

    def edit(self, module: Module, node) -> list[tuple[int, int, str]]:
        """Return the changes that a node needs: where they start and end, and the new text."""
        raise NotImplementedError


class Rewrite(PythonRule):
    """Expressions that match a pattern are written as a template says: `Rewrite("X.compare(A, B)", "compare(X, A,
    B)")`.
    """

    def __init__(self, pattern: str, template: str, **options):
        super().__init__(**options)
        self.name = pattern
        self.pattern = ast.parse(pattern, mode='eval').body
        # A template that holds what it replaces would be filled in for ever.
        written = ast.parse(template.replace('*', ''), mode='eval')
        self.repeats = not any(match(self.pattern, node, {}) for node in ast.walk(written))
        self.template = template
        self.words = re.findall(r'\w{2,}', pattern)

    def can_match(self, text):
        return all(word in text for word in self.words)

    def edit(self, module, node):
        found = {}
        if not match(self.pattern, node, found):
            return []
        return [(*module.span(node), _align(module, node, self._fill(module, found)))]

    def _fill(self, module, found):
        def put(hit):
            star, name = hit.groups()
            if name not in found:
                return hit[0]
            if star:
                return _join(module, found[name][1])
            text = module.source(found[name])
            before, after = self.template[:hit.start()], self.template[hit.end():]
            bare = before.endswith(('(', ', ', '= ')) and after[:1] in (',', ')', '')
            line = _find_break(module, found[name]) if before.endswith(('(', ', ')) else ''
            return f'{line}({text})' if isinstance(found[name], LOOSE) and not bare else line + text
        text = re.sub(r'(\*?)\b([A-Z])\b', put, self.template)
        return text.replace(', )', ')').replace(', \n', ',\n')


def _find_break(module, node):
    """Return the white space before an argument that begins a line, so that what is written is wrapped as it was."""
    call = module.parents[node]
    if not isinstance(call, ast.Call) or node not in [*call.args, *call.keywords]:
        return ''
    return re.search(r'(?:\n *)?$', module.text[:module.span(node)[0]])[0]


def _join(module, parts):
    return ', '.join(_find_break(module, part) + module.source(part) for part in parts).replace(', \n', ',\n')


def _align(module, node, text):
    """Move lines with the first argument that they stand below."""
    first = node.args[0] if isinstance(node, ast.Call) and node.args else node
    if first.lineno != node.lineno or '"""' in text or module.source(first) not in text:
        return text
    shift = text.index(module.source(first)) - (module.span(first)[0] - module.span(node)[0])
    column = module.span(first)[0] - module.offset(first.lineno, 0)
    return re.sub(rf'(?<=\n) {{{column}}}(?! )', lambda hit: ' ' * (column + shift), text)


def match(pattern, node, found: dict) -> bool:
    """Return whether a node is as the pattern says, and note what its holes are."""
    if isinstance(pattern, ast.Name) and HOLE.match(pattern.id):
        if not isinstance(node, ast.expr):
            return False
        if pattern.id in found:
            return fingerprint(found[pattern.id]) == fingerprint(node)
        found[pattern.id] = node
        return True
    if type(pattern) is not type(node):
        return False
    if isinstance(pattern, ast.Call):
        return match(pattern.func, node.func, found) and _match_arguments(pattern, node, found)
    return all(_match_values(value, getattr(node, name, None), found) for name, value in ast.iter_fields(pattern)
               if name not in ('ctx', 'kind'))


def _match_values(pattern, value, found):
    if isinstance(pattern, list):
        return isinstance(value, list) and len(pattern) == len(value) and all(_match_values(*pair, found)
                                                                              for pair in zip(
                                                                                  pattern, value, strict=True))
    return match(pattern, value, found) if isinstance(pattern, ast.AST) else pattern == value


def _match_arguments(pattern, node, found):
    wanted = [part for part in pattern.args if not isinstance(part, ast.Starred)]
    rest = next((part.value.id for part in pattern.args if isinstance(part, ast.Starred)), None)
    named = {part.arg: part.value for part in pattern.keywords}
    given = {part.arg: part for part in node.keywords}
    if len(node.args) < len(wanted) or any(name not in given for name in named):
        return False
    if not all(match(*pair, found) for pair in zip(wanted, node.args, strict=False)):
        return False
    if not all(match(value, given[name].value, found) for name, value in named.items()):
        return False
    further = node.args[len(wanted):] + [part for name, part in given.items() if name not in named]
    if rest:
        found[rest] = (True, further)
    return bool(rest) or not further


class Rename(PythonRule):
    """A field, method or key has another name: as an attribute, a key, an argument's name, or part of a path of fields.

    `of`: a pattern that the record's expression must end with (`order_line|sold`); `within`: the key, argument or field
    in whose value it stands, or the model in whose call.
    """

    def __init__(self, old: str, new: str, *, of='', within='', **options):
        super().__init__(**options)
        self.old, self.new = old, new
        self.name = f'{old} -> {new}'
        self.of = (of
                   and re.compile(
                       rf'(?:^|.*\b)(?:{of})(?:\[[^]]*\]|(?:\.(?:filtered|copy|sorted|sudo|with_\w+))?\(.*\))*\)*$',
                       re.DOTALL))
        self.within = within.split('|') if within else ()

    def can_match(self, text):
        return self.old in text

    def edit(self, module, node):
        place = self._find(module, node)
        return [place] if place else []

    def _find(self, module, node):
        if isinstance(node, ast.Attribute) and node.attr == self.old and self._is_record(module, node.value):
            end = module.span(node)[1]
            return end - len(self.old), end, self.new
        if isinstance(node, ast.keyword) and node.arg == self.old and self._is_key(module, node):
            start = module.offset(node.lineno, node.col_offset)
            return start, start + len(self.old), self.new
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and self.old in node.value:
            return self._find_in_string(module, node)
        return None

    def _find_in_string(self, module, node):
        path = re.fullmatch(rf'((?:.*\.)?){self.old}((?:\..*)?)', node.value)
        if not path or not (self._is_key(module, node) or self._is_argument(module, node)
                            or (self.of and self.of.match(path[1].rstrip('.')))):
            return None
        start, end = module.span(node)
        return start, end, module.text[start:end].replace(self.old, self.new)

    def _is_record(self, module, node):
        """Whether an expression is of the records that are meant, also as what loops and lambdas go over."""
        if not self.of:
            return not self.within
        while isinstance(node, ast.Name) and not self.of.match(node.id):
            outer = next(filter(None, (find_source(parent, node.id) for parent in module.ancestors(node))), None)
            if outer is None or outer is node:
                return False
            node = outer
        return bool(self.of.match(module.source(node)))

    def _is_argument(self, module, node):
        """Whether a string is the field that records are filtered by: `lines.filtered('tax_ids')`."""
        call = module.parents.get(node)
        method = isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr in PATH_METHODS
        return bool(self.of and method and self._is_record(module, call.func.value))

    def _is_key(self, module, node):
        if not self.within:
            return not self.of
        for child, parent in zip((node, *module.ancestors(node)), module.ancestors(node), strict=False):
            if isinstance(parent, ast.keyword) and parent.arg in self.within:
                return True
            if isinstance(parent, ast.Dict) and child in parent.values:
                key = parent.keys[parent.values.index(child)]
                if isinstance(key, ast.Constant) and key.value in self.within:
                    return True
            if (isinstance(parent, ast.Call) and isinstance(parent.func, ast.Attribute)
                and self._is_named(module, parent.func.value)):
                return True
            if isinstance(parent, ast.Assign) and self._is_named(module, parent.targets[0]):
                return True
        return False


    def _is_named(self, module, node):
        """Whether records are a field that is meant, or of the model: `sale.order_line`, `self.env['sale.order.line']`.
        """
        text = module.source(node)
        return any(text.endswith((f'.{name}', f"['{name}']")) for name in self.within)


def find_source(node, name: str):
    """Return the expression that a loop or the lambda of a `filtered` gives a name its values from, if this node does.
    """
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in PATH_METHODS:
        named = any(isinstance(part, ast.Lambda) and name in [entry.arg for entry in part.args.args]
                    for part in node.args)
        return node.func.value if named else None
    loops = node.generators if hasattr(node, 'generators') else [node] if isinstance(node, ast.For) else []
    return next(filter(None, (_find_loop_source(loop.target, loop.iter, name) for loop in loops)), None)


def _find_loop_source(target, source, name):
    if isinstance(target, ast.Name):
        return source if target.id == name else None
    zipped = isinstance(source, ast.Call) and isinstance(source.func, ast.Name) and source.func.id == 'zip'
    if not (zipped and isinstance(target, ast.Tuple)):
        return None
    pairs = zip(target.elts, source.args, strict=False)
    return next((part for own, part in pairs if isinstance(own, ast.Name) and own.id == name), None)


class Text(PythonRule):
    """The last resort: a regular expression."""

    def __init__(self, pattern: str, new: str, *, suffix='.py', **options):
        super().__init__(**options)
        self.suffix = suffix
        self.name = pattern
        self.pattern = re.compile(pattern, re.MULTILINE)
        self.new = new

    def run(self, path, text):
        if not self.covers(path):
            return text, 0
        text, count = self.pattern.subn(self.new, text)
        return (add_imports(path, text, self.imports) if count and self.suffix == '.py' else text), count


def add_imports(path: str, text: str, imports: list[str]) -> str:
    """Return a module that imports names: `odoo.tools.float_compare`, or `compat.SQL` of the addon; the order is ruff's
    to make.
    """
    for name in imports:
        source, name = name.split('|') if '|' in name else name.rsplit('.', 1)
        if source == 'compat':
            # Migrations are run as files, outside of the package.
            source = 'odoo.addons.amazon_connector.compat' if '/migrations/' in path else '.' * path.count('/') + source
        line = f'from {source} import {name}' if source else f'import {name}'
        known = rf'^from {re.escape(source)} import .*\b{name}\b' if source else rf'^{line}$'
        if not re.search(known, text, re.MULTILINE):
            start = _find_import_place(text)
            text = f'{text[:start]}{line}\n{text[start:]}'
    return text


def _find_import_place(text):
    module = parse(text)
    body = module.tree.body
    first = next((node for node in body if isinstance(node, (ast.Import, ast.ImportFrom))), None)
    if first is None:
        first = (body[1] if len(body) > 1 and isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant)
                 else body[0])
    return module.offset(min([first.lineno, *(part.lineno for part in getattr(first, 'decorator_list', ()))]), 0)
