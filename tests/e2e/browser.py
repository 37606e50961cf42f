"""What the browser tests share: pictures, and waiting for what happens elsewhere."""

import time

import stack
from playwright.sync_api import expect


def open_action(system, page, name):
    """Open an action of the addon by its external id."""
    open_anew(page, f'{system.odoo_url}/odoo/action-amazon_connector.{name}')


def open_record(system, page, model, record):
    open_anew(page, f'{system.odoo_url}/odoo/{model}/{record}')


def open_anew(page, address):
    """Load a page also where it is there already: a browser does not where only what is behind the # is another."""
    page.goto('about:blank')
    page.goto(address)


def picture(page, name):
    page.wait_for_timeout(600)
    page.screenshot(path=stack.RUN / f'{name}.png')


def wait_until(condition, seconds=180):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "nothing happened"
        time.sleep(0.5)


def pick(page, field, text):
    """Choose a record by its name, as a person does who waits for the menu.

    Odoo searches a moment after the typing, and forgets what was chosen before that.
    """
    with page.expect_response(lambda reply: 'name_search' in reply.url
                              and f'"{text}"' in (reply.request.post_data or '')):
        page.fill(f'{field} input', text)
    page.click(f'.o-autocomplete--dropdown-item:has-text("{text}") >> nth=0')
    expect(page.locator('.o-autocomplete--dropdown-menu')).to_have_count(0)
