"""Start and stop what the project runs on: databases, the simulator, Odoo. Their process ids are kept for `make stop`.
"""

import contextlib
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

import database

PROJECT = pathlib.Path(os.environ['AMAZON_PROJECT'])
# Where the addon is: of a variant, below build/.
TREE = pathlib.Path(os.environ['AMAZON_TREE'])
RUN = pathlib.Path(os.environ['AMAZON_RUN'])
TEMPLATE = os.environ['AMAZON_TEMPLATE']
PREFIX = os.environ['DATABASE_PREFIX']


def free_port(wanted: int) -> int:
    """Return the wanted port, or the next one that nobody listens on."""
    for port in range(wanted, wanted + 50):
        with socket.socket() as probe:
            if probe.connect_ex(('127.0.0.1', port)):
                return port
    raise SystemExit(f"error: no free port between {wanted} and {wanted + 50}: choose another with PORT=…")


def make_database(name: str, *, modules: str = 'amazon_connector') -> None:
    """Replace a database by a copy of the template with the addon installed."""
    database.copy(TEMPLATE, name)
    odoo('server', '-d', name, '-i', modules, '--stop-after-init', '--no-http', '--log-level=warn')


def odoo(*arguments: str, **options) -> subprocess.CompletedProcess:
    """Run an Odoo command to its end.

    :raises subprocess.CalledProcessError: it failed
    """
    return subprocess.run([PROJECT / 'scripts' / 'odoo', *arguments], check=True, **options)


def shell(name: str, script: str, **environment: str) -> None:
    """Run a Python script in Odoo's shell of a database."""
    with open(script, encoding='utf-8') as source:
        odoo('shell', '-d', name, '--no-http', '--log-level=warn', stdin=source, env={**os.environ, **environment})


def start_simulator(port: int, *, speed: float = 60, orders: int = 0, log=None) -> str:
    """Start the simulator and return its base URL once it answers."""
    command = [sys.executable, '-m', 'simulator', '--port', str(port), '--speed', str(speed), '--orders', str(orders)]
    _start('simulator', command, log)
    url = f'http://127.0.0.1:{port}'
    wait_for(f'{url}/_control/health', 90)
    return url


def start_odoo(name: str, port: int, *options: str, log=None) -> str:
    """Start an Odoo server on a database and return its base URL once it answers."""
    command = [PROJECT / 'scripts' / 'odoo', 'server', '-d', name, f'--http-port={port}', '--http-interface=127.0.0.1',
               *options]
    _start('odoo', command, log)
    url = f'http://127.0.0.1:{port}'
    wait_for(f'{url}/web/health', 180)
    # Manifests are read with the first static file; Python 3.11 fails where two threads do it at once.
    wait_for(f'{url}/web/static/img/favicon.ico', 60)
    return url


def control(url: str, path: str, body=None, method=None):
    """Call the simulator's control API and return its answer."""
    data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
    request = urllib.request.Request(f'{url}/_control/{path}', data, {'Content-Type': 'application/json'},
                                     method=method)
    with urllib.request.urlopen(request, timeout=120) as reply:
        return json.load(reply)


def wait_for(url: str, seconds: float) -> None:
    """Wait until a URL answers.

    :raises SystemExit: it did not in that time
    """
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError, urllib.error.URLError):
            urllib.request.urlopen(url, timeout=5).close()
            return
        time.sleep(0.2)
    raise SystemExit(f"error: {url} did not answer within {seconds:.0f} s: see the logs in {RUN}")


def _start(name, command, log):
    RUN.mkdir(parents=True, exist_ok=True)
    path = RUN / f'{log or name}.log'
    with open(path, 'w', encoding='utf-8') as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, stdin=subprocess.DEVNULL,
                                   start_new_session=True)
    (RUN / f'{process.pid}.pid').write_text(log or name)


def stop(name: str) -> None:
    """End the processes that were started with this name, or that of their log."""
    _stop(path for path in RUN.glob('*.pid') if path.read_text() == name)


def stop_all() -> None:
    """End every process that was started here, also those of a run that was interrupted."""
    _stop(RUN.glob('*.pid'))


def _stop(paths):
    for path in paths:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(int(path.stem), signal.SIGTERM)
        path.unlink(missing_ok=True)
