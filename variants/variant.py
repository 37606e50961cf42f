"""Write the addon for an older Odoo: `variant.py 18 build/18.0`.

Each series has a folder, a layer on top of those of the series between it and main's:

    rules.py       RULES: what is written otherwise (see python_rules.py and xml_rules.py) functions/     functions,
    classes and constants with another body, in files named as in the addon files/         files that the variant has
    and main has not environment.txt, settings.sh, requirements.txt   its Python packages, its template database, what
    the addon asks of a user's Python

A rule that matches nothing, and a function whose body in main is another than the one that its replacement was written
for, end the build. `variant.py 18 --accept` writes the hashes of what is there now, for somebody who has read what
changed.
"""

import ast
import fnmatch
import importlib.util
import json
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / 'variants'))

from python_rules import RuleError, add_imports, apply, fingerprint, parse  # noqa: E402

ADDON = 'amazon_connector'
# Addons of their own that build on it.
OTHERS = ('amazon_connector_dashboard',)
# Run by `make demo`, `test` and `bench`; no part of what is published.
RUN = ('scripts/demo_setup.py', 'tests/bench', 'tests/e2e')
# What a person who installs the addon needs of this repository.
KEPT = (ADDON, *OTHERS, 'LICENSE', 'README.md', 'SECURITY.md', 'requirements.txt', 'doc', *RUN)
# Where files name their own series.
NAMED = {
    f'{ADDON}*/__manifest__.py': "'version': '{}.0.",
    f'{ADDON}/amazon_api/transport.py': "amazon_connector/{}.0 (",
    f'{ADDON}*/i18n/*.po*': "Odoo Server {}.0",
    'README.md': "# Amazon connector for Odoo {}\n",
    'SECURITY.md': "| {}.0.",
}
# What the README of a branch says first.
BRANCH = "\n> Made from the branch `main`, which has the sources, the tests, and the `make` commands named here.\n"
WIDTH = 120
MARK = re.compile(r'^ *# (?:In place of (?P<hash>[0-9a-f]{8})|(?P<out>Left out '
                  r'(?P<old>[0-9a-f]{8}))|(?P<new>New))\b.*$', re.MULTILINE)


class VariantError(Exception):
    """The variant cannot be made: what does not fit, for the person who changed main or the rules."""


def find_main_series() -> int:
    """Return the series that main is written for, by its manifest."""
    return int(re.search(r"'version': '(\d+)\.", (ROOT / ADDON / '__manifest__.py').read_text())[1])


def find_layers(series: int, main: int) -> list[pathlib.Path]:
    """Return the folders of the layers from main's series down to another, in the order of their use."""
    layers = [ROOT / 'variants' / str(number) for number in range(main - 1, series - 1, -1)]
    missing = [layer.name for layer in layers if not layer.is_dir()]
    if missing or not layers:
        raise VariantError(f"there is no variant for Odoo {series}"
                           + (f": no folder variants/{missing[0]}" if missing else ''))
    return layers


def read_main(root: pathlib.Path = ROOT) -> dict[str, bytes]:
    """Return main's files that are part of a variant, by path."""
    paths = [path for name in KEPT
             for path in ([root / name] if (root / name).is_file() else sorted((root / name).rglob('*')))]
    return {str(path.relative_to(root)): path.read_bytes() for path in paths if path.is_file()
            and '__pycache__' not in path.parts}


def apply_layer(files: dict[str, bytes], layer: pathlib.Path) -> dict[str, bytes]:
    """Return the files of the series next to those given: rules first, then functions, then its own files.

    :raises VariantError: something does not fit
    """
    before = files
    files = apply_rules(files, load_rules(layer))
    for path, source in find_functions(layer):
        if path not in before:
            raise VariantError(f"{layer.name}: {path} is not there any more: what has become of it?")
        text = replace_functions(path, before[path].decode(), files[path].decode(), source)
        files[path] = text.encode()
    for path in sorted((layer / 'files').rglob('*')):
        if path.is_file() and '__pycache__' not in path.parts:
            files[str(path.relative_to(layer / 'files'))] = path.read_bytes()
            add_to_package(files, path.relative_to(layer / 'files'))
    for path in sorted((layer / 'i18n').glob('*.po')):
        # Texts of its own files, behind those of main.
        files[f'{ADDON}/i18n/{path.name}'] += b'\n' + path.read_bytes()
    requirements = layer / 'requirements.txt'
    return {**files, 'requirements.txt': requirements.read_bytes()} if requirements.exists() else files


def add_to_package(files: dict[str, bytes], path: pathlib.PurePath) -> None:
    """Import a new module in its package, if that is one whose modules are imported there: `models` and `wizards` are.
    """
    package = str(path.parent / '__init__.py')
    line = f'from . import {path.stem}\n'
    if path.suffix == '.py' and b'from . import' in files.get(package, b'') and path.parent.name != ADDON:
        text = files[package].decode()
        files[package] = (text if line in text else text + line).encode()


def load_rules(layer: pathlib.Path) -> list:
    """Return the rules of a layer."""
    specification = importlib.util.spec_from_file_location(f'rules_{layer.name}', layer / 'rules.py')
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module.RULES


def apply_rules(files: dict[str, bytes], rules: list) -> dict[str, bytes]:
    """Return files after rules, each of which must have changed something.

    :raises VariantError: one did not
    """
    files = dict(files)
    texts = {path: content.decode() for path, content in files.items()
             if path.endswith(('.py', '.xml', '.js', '.csv', '.md'))}
    for rule in rules:
        total = 0
        for path, text in texts.items():
            try:
                texts[path], count = rule.run(path, text)
            except SyntaxError as error:
                raise VariantError(f"{path} is no Python any more, at the rule {rule.name!r}: {error}") from error
            except RuleError as error:
                raise VariantError(f"{path}: {error}") from error
            total += count
        if not total:
            raise VariantError(f"the rule {rule.name!r} matches nothing: is it still needed?")
    return {**files, **{path: text.encode() for path, text in texts.items()}}


def find_functions(layer: pathlib.Path) -> list[tuple[str, str]]:
    """Return the files of a layer's replaced functions: their path in the tree, and their text."""
    folder = layer / 'functions'
    return [(f'{ADDON}/{path.relative_to(folder)}', path.read_text()) for path in sorted(folder.rglob('*.py'))]


def replace_functions(path: str, original: str, text: str, source: str) -> str:
    """Return a module with the functions of `source` in place of its own.

    :param str original: the module before this layer's rules: its functions are what hashes are of
    :raises VariantError: one is not there, is there although it is new, or has another body than its replacement was
        written for
    """
    for name, mark, content in find_marked(source):
        found = find_element(parse(original), name)
        if mark['new']:
            if found is not None:
                raise VariantError(f"{path}: {name} is there, so it is not new")
            text = _add(text, name, content)
            continue
        if found is None:
            name, content = find_renamed(parse(original), name, mark, content)
            found = find_element(parse(original), name)
        if found is None:
            raise VariantError(f"{path}: there is no {name} to be replaced")
        if fingerprint(found) != (mark['hash'] or mark['old']):
            raise VariantError(f"{path}: {name} is not what its replacement was written for ({fingerprint(found)} is "
                               f"its hash): "
                               "read what changed, mend the replacement, then accept it with --accept")
        module = parse(text)
        start, end = _span(module, find_element(module, name))
        text = (apply(text, [(start, end, content)]) if mark['hash']
                else f'{text[:start].rstrip()}\n\n{text[end:].lstrip(chr(10))}')
    for node in parse(source).tree.body:
        if isinstance(node, ast.ImportFrom):
            imported = '.' * node.level + (node.module or '')
            text = add_imports(path, text, [f'{imported}|{name.name}' for name in node.names])
        if isinstance(node, ast.Import):
            text = add_imports(path, text, [f'|{name.name}' for name in node.names])
    return text


def find_marked(source: str) -> list[tuple[str, re.Match, str]]:
    """Return the elements of a file of functions: name (`Class.method`), mark, and text.

    :raises VariantError: one has no mark above it
    """
    module, found = parse(source), []
    for node in sorted((node for node in module.nodes if hasattr(node, 'lineno')), key=lambda node: node.lineno):
        name = _get_name(module, node)
        if not name or (isinstance(node, ast.ClassDef) and not _find_mark(module, node)):
            continue
        if any(isinstance(parent, ast.ClassDef) and _find_mark(module, parent) for parent in module.ancestors(node)):
            continue
        mark = _find_mark(module, node)
        if not mark:
            raise VariantError(f"{name} has no mark above it: \"# In place of <hash>: why\", \"# Left out <hash>\" or "
                               f"\"# New\"")
        start, end = _span(module, node)
        found.append((name, mark, source[start:end]))
    return found


def find_element(module, name: str):
    """Return the function, class or assignment of a name (`Class.method`) in a module."""
    return next((node for node in module.nodes if _get_name(module, node) == name), None)


def find_renamed(module, name: str, mark: re.Match, content: str) -> tuple[str, str]:
    """Return the present name of a method that has another name now and is the same else, and its replacement with that
    name.
    """
    outer, _dot, own = name.rpartition('.')
    same = [found for node in module.nodes if isinstance(node, ast.FunctionDef) and (found := _get_name(module, node))
            and found.rpartition('.')[0] == outer and fingerprint(node) == (mark['hash'] or mark['old'])]
    if len(same) != 1:
        return name, content
    present = same[0].rpartition('.')[2]
    return same[0], re.sub(rf'\b{own}\b', present, content)


def _get_name(module, node):
    """The name of a function, class or constant that is not within a function."""
    outer = list(module.ancestors(node))
    if any(isinstance(parent, (ast.FunctionDef, ast.Lambda)) for parent in outer):
        return None
    if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
        own = node.targets[0].id
    elif isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        own = node.name
    else:
        return None
    return '.'.join([*(parent.name for parent in reversed(outer) if isinstance(parent, ast.ClassDef)), own])


def _span(module, node):
    first = min([node.lineno, *(part.lineno for part in getattr(node, 'decorator_list', ()))])
    return module.offset(first, 0), module.span(node)[1]


def _find_mark(module, node):
    """The mark in the comment right above an element."""
    above = module.text[:_span(module, node)[0]].rstrip('\n').splitlines()
    while above and above[-1].lstrip().startswith('#'):
        if mark := MARK.match(above.pop()):
            return mark
    return None


def _add(text, name, content):
    """Put a new element at the end of its class, or of the module."""
    module = parse(text)
    outer, _dot, _own = name.rpartition('.')
    if not outer:
        return f'{text.rstrip()}\n\n\n{content}\n'
    owner = find_element(module, outer)
    if owner is None:
        raise VariantError(f"there is no class {outer} for {name}")
    end = module.span(owner)[1]
    return f'{text[:end]}\n\n{content}{text[end:]}'


def name_series(files: dict[str, bytes], old: int, new: int) -> dict[str, bytes]:
    """Return files that name another series where they name their own; what is said of Odoo stays as it is.

    :raises VariantError: a file names it no longer where it did
    """
    result = dict(files)
    for path, words in NAMED.items():
        for name in fnmatch.filter(files, path):
            text = files[name].decode()
            if words.format(old) not in text:
                raise VariantError(f"{name} does not say {words.format(old)!r} any more")
            result[name] = text.replace(words.format(old), words.format(new)).encode()
    return result


def write(files: dict[str, bytes], target: pathlib.Path) -> None:
    """Write a tree: what is as it was is not touched, and what is no part of it any more is deleted."""
    for path, content in files.items():
        file = target / path
        if not file.is_file() or file.read_bytes() != content:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
    for file in target.rglob('*') if target.is_dir() else ():
        if file.is_file() and '__pycache__' not in file.parts and str(file.relative_to(target)) not in files:
            file.unlink()


def tidy(files: dict[str, bytes], target: pathlib.Path) -> dict[str, bytes]:
    """Return files with their imports in order, without those that nothing needs any more, and with what has become too
    long wrapped, as ruff does it in a folder.
    """
    write(files, target)
    _run_ruff('check', '--quiet', '--select', 'I,F401', '--fix-only', target)
    long = json.loads(_run_ruff('check', '--select', 'E501', '--line-length', str(WIDTH), '--exit-zero',
                                '--output-format', 'json', target))
    places = {(line['filename'], line['location']['row']) for line in long if f'/{ADDON}' in line['filename']}
    # From the end of each file, so that the places before it stay what they are.
    for path, row in sorted(places, reverse=True):
        _run_ruff('format', '--quiet', '--line-length', str(WIDTH), '--config', 'format.quote-style="preserve"',
                  f'--range={row}-{row + 1}', path)
    unknown = _run_ruff('check', '--quiet', '--select', 'F821', '--exit-zero', '--output-format', 'concise',
                        *(target / addon for addon in (ADDON, *OTHERS)))
    if unknown.strip():
        raise VariantError(f"names that are nothing:\n{unknown}")
    return {path: (target / path).read_bytes() for path in files}


def _run_ruff(command, *arguments):
    ruff = pathlib.Path(sys.executable).with_name('ruff')
    config = ('--no-cache', '--config', str(ROOT / 'scripts' / 'ruff.toml'))
    return subprocess.run([ruff, command, *config, *arguments], check=True, capture_output=True, text=True).stdout


def make(series: int) -> dict[str, bytes]:
    """Return the files of a series' variant; of main's own series, main's.

    :raises VariantError: something does not fit
    """
    main = find_main_series()
    files = read_main()
    for layer in find_layers(series, main) if series != main else ():
        files = apply_layer(files, layer)
    for path, content in files.items():
        if path.endswith('.py'):
            _check(path, content)
    files = name_series(files, main, series)
    heading, text = files['README.md'].decode().split('\n', 1)
    return {**files, 'README.md': f'{heading}\n{BRANCH}{text}'.encode()}


def _check(path, content):
    try:
        ast.parse(content)
    except SyntaxError as error:
        raise VariantError(f"{path} is no Python any more: {error}") from error


def accept(series: int) -> None:
    """Write the hashes of the functions as they are now into the files of their replacements, of one layer."""
    main = find_main_series()
    files = read_main()
    layers = find_layers(series, main)
    for layer in layers[:-1]:
        files = apply_layer(files, layer)
    folder = layers[-1] / 'functions'
    for path, source in find_functions(layers[-1]):
        module = parse(files[path].decode()) if path in files else None
        found = {name: module and find_element(module, name) for name, _mark, _content in find_marked(source)}
        hashes = iter([element and fingerprint(element) for element in found.values()])
        source = MARK.sub(lambda mark, hashes=hashes: _write_hash(mark, next(hashes)), source)
        (folder / pathlib.Path(path).relative_to(ADDON)).write_text(source)


def _write_hash(mark, found):
    old = mark['hash'] or mark['old']
    return mark[0].replace(old, found, 1) if old and found else mark[0]


def main(arguments: list[str]) -> int:
    series, target = arguments
    try:
        if target == '--accept':
            accept(int(series))
        else:
            # Ruff's copy stands beside the tree, so that a server that runs on the tree sees each file change once.
            folder = pathlib.Path(target)
            write(tidy(make(int(series)), folder.with_name(f'{folder.name}.new')), folder)
    except VariantError as error:
        print(f"error: variant for Odoo {series}: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
