"""Credentials that Amazon refuses are replaced from the banner that says so, in a database of one company."""

import re

import pytest
from playwright.sync_api import expect
from simulator.state import APPLICATION_ID, CLIENT_ID, CLIENT_SECRET

from .browser import log_in, make_user, open_record, picture


def break_seller(system):
    """Return a seller whose access Amazon refused."""
    system.begin()
    seller = system.connect()
    system.fault('forbidden', operation='getMarketplaceParticipations')
    system.call('amazon.seller', 'action_test_connection', [seller])
    assert system.call('amazon.seller', 'read', [seller], ['state'])[0]['state'] == 'error'
    system.control('faults', method='DELETE')
    return seller


@pytest.mark.parametrize('place', ['.alert', '.o_form_statusbar'])
def test_refused_credentials_are_replaced(system, page, place):
    """A button once named the company in its context, which a form of a database with one company does not have."""
    seller = break_seller(system)
    assert system.call('res.company', 'search_count', []) == 1
    log_in(system, page, make_user(system, 'connector', 'amazon_connector.group_amazon_admin'))
    open_record(system, page, 'amazon.seller', seller)
    expect(page.locator('.alert:has-text("Not connected")')).to_be_visible()
    picture(page, 'seller_refused')
    page.click(f"{place} button:has-text('Replace credentials'):visible")
    page.wait_for_selector('.modal .o_form_view')
    expect(page.locator('.modal [name=home_marketplace]')).to_have_count(0)
    for field, value in {'application_ref': APPLICATION_ID, 'lwa_client_ref': CLIENT_ID,
                         'lwa_client_secret': CLIENT_SECRET}.items():
        page.fill(f'.modal [name={field}] input', value)
    picture(page, 'replace_credentials')
    page.click('.modal button[name=action_connect]')
    page.wait_for_selector('text=Authorize an application')
    page.click('button[value=allow]')
    expect(page.locator('.o_arrow_button_current')).to_have_text(re.compile('Connected'))
    expect(page.locator('.alert:has-text("Not connected")')).to_have_count(0)
    assert system.call('amazon.seller', 'search_count', []) == 1, "the same seller"
    assert not page.problems, page.problems
