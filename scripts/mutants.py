"""Change the pure packages in one place at a time and see whether a test notices; print what none notices.

A random sample of mutants (`SAMPLE`, drawn with `SEED`) is tried on copies of the checkout, each with the tests that
run the changed line. Sampled are places, then what is done to them: a comparison that can become six others counts
once. Left out is what changes no behaviour: annotations of types, and `==` that becomes `is`.
"""

import ast
import concurrent.futures
import difflib
import json
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
from typing import NamedTuple

from cosmic_ray.commands.init import init
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator
from cosmic_ray.work_db import WorkDB, use_db
from coverage import CoverageData

PACKAGES = ('amazon_api', 'amazon_reports')
LEFT_OUT = ('build', '.git', '__pycache__', 'i18n', 'static', 'views', 'node_modules', 'images', 'e2e', 'bench')
# A mutant that takes so much longer than its tests did has made something endless, and a test would notice.
PATIENCE, LEAST_SECONDS = 5, 30


class Mutant(NamedTuple):
    """One change: `module` is its file below `amazon_connector`, `lines` where it is (first and last)."""

    module: str
    operator: str
    occurrence: int
    lines: tuple


def main(project: pathlib.Path):
    """Try a sample of mutants; print each survivor as a difference, then the share that was killed."""
    size, seed, jobs = (int(os.environ.get(name, default))
                        for name, default in (('SAMPLE', 80), ('SEED', 1), ('JOBS', os.cpu_count())))
    with tempfile.TemporaryDirectory(prefix='mutants-') as directory:
        copies = [_copy(project, pathlib.Path(directory) / str(number)) for number in range(jobs)]
        found = sorted(_find(copies[0], os.environ.get('ONLY', '')))
        sample = _draw(found, size, random.Random(seed))
        print(f"{len(found)} places can change, {len(sample)} are tried (SEED={seed}); first all tests run once",
              flush=True)
        tests = Tests(copies[0])
        killed, survived = _try_all(sample, tests, copies)
    for mutant, difference in survived:
        print(f"\n--- survived: {mutant.operator} in {mutant.module}:{mutant.lines[0]}\n{difference}")
    print(f"\nkilled {killed} of {len(sample)} mutants ({100 * killed / max(len(sample), 1):.0f} %), {len(survived)} "
          f"survived (SAMPLE={size} SEED={seed})")


def _copy(project, target):
    shutil.copytree(project, target, ignore=shutil.ignore_patterns(*LEFT_OUT))
    return target


def _find(root, only):
    """Yield every mutant that changes behaviour, as pairs of a place (module, position, kind of change) and the mutant.
    """
    paths = [path for package in PACKAGES for path in sorted((root / 'amazon_connector' / package).glob('*.py'))
             if only in path.name]
    with use_db(str(root / 'mutants.sqlite'), mode=WorkDB.Mode.create) as database:
        init(paths, database, {})
        for item in database.work_items:
            [mutation] = item.mutations
            path = pathlib.Path(mutation.module_path)
            if mutation.operator_name.endswith(('_Is', '_IsNot')) or _is_annotation(path, mutation.start_pos):
                continue
            module = str(path.relative_to(root / 'amazon_connector'))
            kind = mutation.operator_name.rsplit('_', 2)[0]
            yield (module, *mutation.start_pos, kind), Mutant(module, mutation.operator_name, mutation.occurrence,
                                                              (mutation.start_pos[0], mutation.end_pos[0]))


_annotations = {}


def _is_annotation(path, position):
    """Whether a position is in an annotation of a type or a default of a named tuple's field without behaviour."""
    if path not in _annotations:
        nodes = [annotation for node in ast.walk(ast.parse(path.read_text())) for annotation in (
            getattr(node, 'annotation', None), getattr(node, 'returns', None)) if annotation is not None]
        _annotations[path] = [((node.lineno, node.col_offset), (node.end_lineno, node.end_col_offset))
                              for node in nodes]
    return any(begin <= tuple(position) <= end for begin, end in _annotations[path])


def _draw(found, size, chance):
    """Return a sample of mutants, no two of one place."""
    places = {}
    for place, mutant in found:
        places.setdefault(place, []).append(mutant)
    chosen = chance.sample(sorted(places), min(size, len(places)))
    return [chance.choice(places[place]) for place in chosen]


class Tests:
    """Which tests run which line of the unchanged code, and how long they take."""

    def __init__(self, root):
        data, seconds = root / 'contexts.sqlite', root / 'seconds.json'
        environment = _environment(root) | {'MUTANTS_SECONDS': str(seconds), 'COVERAGE_FILE': str(data)}
        sources = ','.join(str(root / 'amazon_connector' / package) for package in PACKAGES)
        run = subprocess.run([sys.executable, '-m', 'coverage', 'run', f'--source={sources}', '-m', 'pytest', '-p',
                              'mutants_contexts', 'unit', 'contract'],
                             cwd=root / 'tests', env=environment, capture_output=True, text=True)
        if run.returncode:
            sys.exit(f"The tests fail without any change:\n{run.stdout[-3000:]}{run.stderr[-2000:]}")
        print(run.stdout.strip().splitlines()[-1], flush=True)
        self._seconds = json.loads(seconds.read_text())
        self._data = CoverageData(str(data))
        self._data.read()
        self._root = root

    def find(self, mutant: Mutant) -> list[str]:
        """Return the tests that run a mutant's line, the quick ones first; of a line that runs at import, those that
        use or name the module.
        """
        lines = self._data.contexts_by_lineno(str(self._root / 'amazon_connector' / mutant.module))
        used = {context for contexts in lines.values() for context in contexts if context}
        around = _statement(self._root / 'amazon_connector' / mutant.module, mutant.lines)
        tests = {context for line in around for context in lines.get(line, ()) if context}
        if any('' in lines.get(line, ()) for line in around) or not any(line in lines for line in around):
            tests |= used | self._find_naming(pathlib.Path(mutant.module).stem)
        return sorted(tests, key=lambda test: self._seconds.get(test, 0))

    def _find_naming(self, module):
        """Return the tests in files that name a module: a table of it may be read without running a line."""
        return {test for test in self._seconds if module in (self._root / 'tests' / test.split('::')[0]).read_text()}

    def seconds(self, tests: list[str]) -> float:
        """Return how long to wait for tests of a mutant."""
        return LEAST_SECONDS + PATIENCE * sum(self._seconds.get(test, 0) for test in tests)


def _statement(path, lines):
    """Return the lines of the smallest statement around a change: coverage counts a statement by its first line."""
    holders = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.stmt)
               and node.lineno <= lines[0] and lines[1] <= node.end_lineno]
    smallest = min(holders, key=lambda node: node.end_lineno - node.lineno, default=None)
    begin, end = (smallest.lineno, smallest.end_lineno) if smallest else lines
    # Of a definition or a loop only its head, not all that is below it.
    return range(begin,
                 (min(end, lines[1]) if isinstance(smallest, ast.FunctionDef | ast.ClassDef | ast.For | ast.If
                                                   | ast.With | ast.Try) else end) + 1)


def _try_all(sample, tests, copies):
    """Return how many mutants were killed, and the survivors with their differences."""
    survived, free = [], list(copies)

    def attempt(mutant):
        root = free.pop()
        try:
            return mutant, _try(mutant, tests, root)
        finally:
            free.append(root)
    with concurrent.futures.ThreadPoolExecutor(len(copies)) as pool:
        for number, (mutant, difference) in enumerate(pool.map(attempt, sample), 1):
            print(f"{number}/{len(sample)} {'survived' if difference else 'killed'} {mutant.module}:{mutant.lines[0]} "
                  f"{mutant.operator}", flush=True)
            if difference:
                survived.append((mutant, difference))
    return len(sample) - len(survived), survived


def _try(mutant, tests, root):
    """Return the difference that a mutant makes if no test notices it, else None."""
    path = root / 'amazon_connector' / mutant.module
    before = path.read_text()
    after = mutate_code(before, get_operator(mutant.operator)(), mutant.occurrence)
    found = tests.find(mutant)
    path.write_text(after)
    try:
        if found:
            subprocess.run([sys.executable, '-m', 'pytest', '-x', '--hypothesis-seed=0', *found], cwd=root / 'tests',
                           env=_environment(root), check=True, capture_output=True, timeout=tests.seconds(found))
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
        return None
    finally:
        path.write_text(before)
    return ''.join(difflib.unified_diff(before.splitlines(keepends=True), after.splitlines(keepends=True),
                                        mutant.module, mutant.module, n=1))


def _environment(root):
    return {**os.environ,
            'PYTHONPATH': os.pathsep.join(str(root / part) for part in ('scripts', 'tests', 'amazon_connector')),
            'AMAZON_PROJECT': str(root), 'AMAZON_TREE': str(root),
            'SPAPI_MODELS': os.environ.get('SPAPI_MODELS')
            or str(pathlib.Path(sys.argv[1]).resolve().parent / 'shared' / 'spapi' / 'models'),
            'PYTHONDONTWRITEBYTECODE': '1'}


if __name__ == '__main__':
    main(pathlib.Path(sys.argv[1]))
