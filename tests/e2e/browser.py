"""What the browser tests share: pictures, and waiting for what happens elsewhere."""

import time

import stack


def picture(page, name):
    page.wait_for_timeout(600)
    page.screenshot(path=stack.RUN / f'{name}.png')


def wait_until(condition, seconds=180):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "nothing happened"
        time.sleep(0.5)
