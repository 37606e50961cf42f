import pytest
from simulator import amazon_models

from . import samples

MISSING = (f"contract tests need Amazon's API models in {amazon_models.DIRECTORY} (or $SPAPI_MODELS); they are not "
           "part of this repository")


def pytest_collection_modifyitems(items):
    if not amazon_models.available():
        for item in items:
            if 'contract' in str(item.path):
                item.add_marker(pytest.mark.skip(reason=MISSING))


def pytest_terminal_summary(terminalreporter):
    if terminalreporter.stats.get('skipped') and not amazon_models.available():
        terminalreporter.write_line(f"skipped: {MISSING}")
    if terminalreporter.stats.get('skipped') and not samples.available():
        terminalreporter.write_line(f"skipped: {samples.MISSING}")
