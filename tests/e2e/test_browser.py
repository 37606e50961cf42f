"""A newcomer's first quarter of an hour, clicked through in a real browser: connect, consent, synchronize, an
exception.
"""

import re

from playwright.sync_api import expect
from simulator.state import APPLICATION_ID, CLIENT_ID, CLIENT_SECRET

from .browser import open_action, open_record, pick, picture, wait_until


def open_wizard(system, page):
    """From Settings > Sales > Connectors."""
    page.goto(f'{system.odoo_url}/odoo/settings#sale_management')
    page.click('.settings_tab .tab[data-key=sale_management]')
    picture(page, 'settings')
    page.click("button:has-text('Connect to Amazon')")
    page.wait_for_selector('.modal .o_form_view')


def fill_wizard(page, **values):
    page.select_option('.modal [name=home_marketplace] select', label='Germany (amazon.de)') if page.locator(
        '.modal [name=home_marketplace] select').count() else choose(page, 'home_marketplace', "Germany (amazon.de)")
    for field, value in values.items():
        page.fill(f'.modal [name={field}] input', value)


def choose(page, field, label):
    page.click(f'.modal [name={field}] input')
    page.fill(f'.modal [name={field}] input', label[:7])
    # The menu looks for the text a moment after it was typed, and would open again if something was chosen before that.
    expect(page.locator('.o_select_menu_item')).to_have_count(1)
    page.click(f".o_select_menu_item:has-text('{label}')")


def test_connect_consent_sync_an_order_and_an_exception(system, page):
    """The button of the wizard once did nothing but refuse: the wizard noted its seller in a readonly field, which only
    superusers write.
    """
    system.begin(orders=46, region_only='eu', unknown_share=0.1, seed=3)
    open_wizard(system, page)
    picture(page, 'wizard')
    fill_wizard(page, application_ref=APPLICATION_ID, lwa_client_ref=CLIENT_ID, lwa_client_secret=CLIENT_SECRET)
    day = page.locator('.modal .o_field_widget[name=import_from]')
    if day.locator('button').count():
        day.locator('button').click()
    day.locator('input').fill('01/01/2020 00:00:00')
    page.keyboard.press('Tab')
    page.click('.modal button[name=action_connect]')

    page.wait_for_selector('text=Authorize an application')
    picture(page, 'consent')
    page.click('button[value=allow]')
    use_all_marketplaces(page)
    open_record(system, page, 'amazon.seller', system.call('amazon.seller', 'search', [])[0])
    page.wait_for_selector('.o_form_view .o_statusbar_status')
    expect(page.locator('.o_arrow_button_current')).to_have_text(re.compile('Connected'))
    expect(page.locator('.o_field_widget[name=marketplace_ids] .o_data_row')).to_have_count(16)
    picture(page, 'seller')
    page.click('button[name=action_sync_now] >> nth=0')
    page.wait_for_selector('.o_notification')

    wait_until(lambda: system.call('amazon.order', 'search_count', [('state', 'in', ('done', 'error'))]) == 46)
    open_action(system, page, 'amazon_sale_order_action')
    page.wait_for_selector('.o_data_row')
    picture(page, 'sales')
    reference = page.locator('.o_data_row .o_data_cell[name=name]').first.inner_text()
    page.click('.o_data_row .o_data_cell[name=name] >> nth=0')
    page.wait_for_selector('.o_form_view')
    page.click('a[name=other_information]')
    expect(page.locator('.o_field_widget[name=amazon_order_ref]')).to_have_text(reference)
    picture(page, 'sales_order')

    resolve_an_exception(system, page)
    assert not page.problems, page.problems


def use_all_marketplaces(page):
    """Choose those, too, that sold nothing lately."""
    page.click('.o_amazon_step[data-step=marketplaces] button')
    page.wait_for_selector('.modal .o_data_row')
    unused = page.locator('.modal .o_data_row:not(:has([name=is_chosen] input:checked)) [name=is_chosen] .o-checkbox')
    while unused.count():
        before = unused.count()
        unused.first.click()
        expect(unused).to_have_count(before - 1)
    page.click('.modal button[name=action_choose]')
    expect(page.locator('.modal')).to_have_count(0)


def resolve_an_exception(system, page):
    """Choose the product of an unknown SKU: the order is corrected by itself."""
    open_action(system, page, 'amazon_order_exception_action')
    page.wait_for_selector('.o_data_row')
    picture(page, 'exceptions')
    before = system.call('amazon.order', 'search_count', [('state', '=', 'error')])
    page.click('.o_data_row .o_data_cell[name=amazon_order_ref] >> nth=0')
    page.wait_for_selector('.o_form_view .alert')
    reference = page.locator('.o_field_widget[name=amazon_order_ref]').first.inner_text()
    picture(page, 'exception')
    page.click('.o_field_widget[name=listing_ids] .o_data_row .o_data_cell[name=product_id]')
    pick(page, '.o_field_widget[name=listing_ids] [name=product_id]', 'SKU-001')
    page.click('.o_form_button_save')
    wait_until(lambda: system.call('amazon.order', 'search_count',
                                   [('amazon_order_ref', '=', reference), ('state', '=', 'done')]))
    assert system.call('amazon.order', 'search_count', [('state', '=', 'error')]) < before


def test_a_refused_consent_is_explained(system, page):
    system.begin()
    open_wizard(system, page)
    fill_wizard(page, application_ref=APPLICATION_ID, lwa_client_ref=CLIENT_ID, lwa_client_secret=CLIENT_SECRET)
    page.click('.modal button[name=action_connect]')
    page.click('button[value=deny]')
    expect(page.locator('.alert-danger').first).to_contain_text("refused")
    picture(page, 'refused')


def test_an_answer_that_this_session_did_not_ask_for_is_refused(system, page):
    system.begin()
    reply = page.goto(
        f'{system.odoo_url}/amazon_connector/return?state=forged&spapi_oauth_code=x&selling_partner_id=A1')
    assert reply.status == 400
    seller = system.connect()
    with page.expect_request(re.compile('consent')) as request:
        page.goto(f'{system.odoo_url}/amazon_connector/authorize/{seller}', wait_until='commit')
    state = re.search(r'state=([^&]+)', request.value.url).group(1) if request.value else ''
    answer = f'{system.odoo_url}/amazon_connector/return?state={state}&error=access_denied'
    assert page.goto(answer).status == 200
    assert page.goto(answer).status == 400, "a state must work once"
