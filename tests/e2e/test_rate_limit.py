"""Eight processes on one bucket: the server never answers 429, and hardly any of the permitted rate is lost."""

import time

from .conftest import start_worker

PROCESSES, SECONDS, SPEED = 8, 20, 20
WORKER = """
import pathlib, time
from odoo.addons.amazon_connector.amazon_api.errors import NotFound
folder = pathlib.Path({folder!r})
client = env['amazon.seller'].search([], limit=1)._get_client()
client._login.get_auth()
(folder / 'ready-{number}').touch()
while not (folder / 'end').exists():
    time.sleep(0.05)
end = float((folder / 'end').read_text())
while time.time() < end:
    try:
        client.call('getOrder', '000-0000000-0000000')
    except NotFound:
        pass
"""


def test_eight_processes_share_one_bucket(system, tmp_path):
    system.begin(speed=SPEED)
    system.connect()
    workers = [start_worker(WORKER.format(folder=str(tmp_path), number=number)) for number in range(PROCESSES)]
    while len(list(tmp_path.glob('ready-*'))) < PROCESSES:
        time.sleep(0.1)
    start = time.time()
    (tmp_path / 'end.part').write_text(str(start + SECONDS))
    (tmp_path / 'end.part').rename(tmp_path / 'end')
    for worker in workers:
        worker.wait()
    elapsed = time.time() - start
    counters = system.control('calls')['counters']
    assert 'getOrder 429' not in counters
    assert 0.95 * (0.5 * SPEED * SECONDS) <= counters['getOrder'] <= 30 + 0.5 * SPEED * elapsed
