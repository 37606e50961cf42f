"""A pytest plugin that notes for each line of the measured code the tests that run it, and how long each test takes."""

import json
import os
import time

import coverage
import pytest

_seconds = {}


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item):
    started = time.monotonic()
    coverage.Coverage.current().switch_context(item.nodeid)
    try:
        return (yield)
    finally:
        _seconds[item.nodeid] = time.monotonic() - started


def pytest_sessionfinish():
    with open(os.environ['MUTANTS_SECONDS'], 'w') as file:
        json.dump(_seconds, file)
