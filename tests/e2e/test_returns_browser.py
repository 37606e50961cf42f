"""A buyer sends goods back, in the browser: from Amazon's announcement to the stock."""

import datetime

from playwright.sync_api import expect

from .browser import open_action, open_record, picture, wait_until
from .test_shipments import begin, validate


def test_a_return_from_the_announcement_to_the_stock(system, page):
    picking = begin(system, 1)[0]
    validate(system, [picking])
    order = system.call('stock.picking', 'read', [picking], ['amazon_order_ref'])[0]['amazon_order_ref']
    today = datetime.datetime.now(datetime.timezone.utc).date().isoformat()
    system.control('fba', {'type': 'return_request', 'date': today, 'order_ref': order, 'rma_ref': 'DE2E0001RRMA',
                           'quantity': 1, 'reason': 'CR-DEFECTIVE', 'label_cost': '4.14', 'label_payer': 'Seller',
                           'carrier': "DHL", 'tracking_ref': '00340434161094000001'})
    system.run('returns', lambda: system.call('amazon.return', 'search_count', [
        ('rma_ref', '=', 'DE2E0001RRMA'), ('picking_obstacle', '=', False)]))

    open_action(system, page, 'amazon_return_action')
    expect(page.locator('.o_data_row')).to_contain_text('Defective')
    picture(page, 'returns')
    page.click(".o_data_row:has-text('DE2E0001RRMA')")
    page.wait_for_selector('.o_form_view')
    expect(page.locator('[name=reason_id]')).to_contain_text("Defective")
    picture(page, 'return_announced')
    page.click('button[name=action_view_pickings]')
    expect(page.locator('.o_form_view [name=note]')).to_have_count(1)
    page.wait_for_selector('button[name=button_validate]')
    page.click('button[name=button_validate]:visible')
    expect(page.locator('.o_arrow_button_current')).to_have_text('Done')

    found = system.call('amazon.return', 'search_read', [('rma_ref', '=', 'DE2E0001RRMA')],
                        ['received_quantity', 'product_id', 'uninspected_quantity'])[0]
    assert (found['received_quantity'], found['uninspected_quantity']) == (1, 1)
    open_record(system, page, 'amazon.return', found['id'])
    page.click('button[name=action_inspect]')
    page.wait_for_selector('.modal [name=outcome]')
    picture(page, 'return_inspect')
    page.click('.modal footer button[name=action_apply]')
    wait_until(lambda: system.call('amazon.return', 'read', [found['id']], ['stocked_quantity'])[0][
        'stocked_quantity'] == 1)
    page.reload()
    expect(page.locator('[name=stocked_quantity]')).to_contain_text('1.00')
    expect(page.locator('button[name=action_inspect]')).to_have_count(0)
    picture(page, 'return_in_stock')
