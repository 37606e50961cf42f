"""What the browser tests share: pictures, and waiting for what happens elsewhere."""

import time

import stack
from playwright.sync_api import expect


def open_action(system, page, name, module='amazon_connector'):
    """Open an action by its external id."""
    open_anew(page, f'{system.odoo_url}/odoo/action-{module}.{name}')


def open_record(system, page, model, record):
    open_anew(page, f'{system.odoo_url}/odoo/{model}/{record}')


def open_anew(page, address):
    """Load a page also where it is there already: a browser does not where only what is behind the # is another."""
    page.goto('about:blank')
    page.goto(address)


def make_user(system, login, *groups):
    """Return the login of a user of some groups (external ids) and of no others; the password is the same."""
    if not system.call('res.users', 'search_count', [('login', '=', login)]):
        names = [group.partition('.')[::2] for group in ('base.group_user', *groups)]
        found = [system.call('ir.model.data', 'search_read', [('module', '=', module), ('name', '=', name)],
                             ['res_id'])[0]['res_id'] for module, name in names]
        system.call('res.users', 'create', [{'name': login, 'login': login, 'password': login,
                                             'group_ids': [(6, 0, found)]}])
    return login


def log_in(system, page, login):
    """Log in as somebody else than before."""
    page.context.clear_cookies()
    page.goto(f'{system.odoo_url}/web/login')
    page.fill('input[name=login]', login)
    page.fill('input[name=password]', login)
    page.click('button[type=submit]')
    page.wait_for_selector('.o_main_navbar')


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
