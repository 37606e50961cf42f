"""A warehouse ships orders in the browser: with a label bought from Amazon, and by a carrier that Amazon does not know
yet.
"""

from playwright.sync_api import expect

from .browser import open_action, pick, picture, wait_until
from .test_shipments import PAST, begin, make_buy_shipping


def test_ship_an_order_with_a_label_bought_from_amazon(system, page):
    picking = begin(system, 1)[0]
    system.call('stock.picking', 'write', [picking],
                {'carrier_id': make_buy_shipping(system), 'carrier_tracking_ref': False})
    open_action(system, page, 'amazon_to_ship_action')
    page.click('.o_kanban_record')
    page.wait_for_selector('.o_form_view')
    page.click('button[name=action_amazon_buy_label]')
    page.wait_for_selector('.modal .o_data_row')
    expect(page.locator('.modal .o_data_row')).to_have_count(4)
    picture(page, 'label_offers')
    page.click(".modal .o_data_row:has-text('UPS') button[name=action_choose]")
    expect(page.locator(".modal [name=input_ids] .o_data_row")).to_contain_text("What is inside")
    page.click(".modal [name=input_ids] .o_data_row .o_data_cell[name=value]")
    page.select_option('.modal .o_selected_row [name=value] select', 'Gift')
    page.click('.modal footer button[name=action_buy]')
    wait_until(lambda: system.call('amazon.label', 'search_count', [('state', '=', 'bought')]))
    expect(page.locator('button[name=action_amazon_buy_label]')).to_have_count(0)
    if page.locator('button[name=action_amazon_refresh]').count():
        page.click('button[name=action_amazon_refresh]')
    page.click('a[name=amazon]')
    expect(page.locator('[name=amazon_label_ids] .o_data_row')).to_contain_text('Bought')
    picture(page, 'label_bought')
    with page.context.expect_page() as opened, page.context.expect_event(
            'response', lambda reply: '/amazon_connector/labels/' in reply.url) as label:
        page.click('button[name=action_amazon_print_labels]')
    assert label.value.headers['content-type'] == 'application/pdf'
    opened.value.close()

    page.click('button[name=button_validate]')
    expect(page.locator('.o_arrow_button_current')).to_have_text('Done')
    sold = system.control('shipments')
    assert [(one['service'], one['status']) for one in sold] == [('EXPRESS', 'Purchased')]
    system.run('shipments', lambda: confirmed(system))
    page.reload()
    page.click('a[name=amazon]')
    expect(page.locator('[name=amazon_state]').first).to_contain_text('Confirmed')
    expect(page.locator('[name=amazon_package_ids] .o_data_row')).to_contain_text(sold[0]['tracking'])
    picture(page, 'label_confirmed')
    [order] = system.control('orders')
    assert [package['trackingNumber'] for package in order['packages']] == [
        sold[0]['tracking']], "pushed once, by the label"
    assert system.control('calls')['counters'].get('confirmShipment', 0) == 0
    assert not page.problems, page.problems


def confirmed(system):
    waiting = system.call('amazon.package', 'search', [('state', '=', 'sent'), ('next_check', '!=', False)])
    system.update('amazon_package', waiting, next_check=PAST)
    return system.call('amazon.package', 'search_count', [('state', '=', 'confirmed')])


def test_an_unknown_carrier_is_warned_about_mapped_and_confirmed(system, page):
    """A21"""
    picking = begin(system, 1)[0]
    service = system.call('product.product', 'create', [{'name': "Bote", 'type': 'service'}])[0]
    method = system.call('delivery.carrier', 'create',
                         [{'name': "Bote", 'product_id': service, 'delivery_type': 'fixed'}])[0]
    system.call('stock.picking', 'write', [picking], {'carrier_id': method})
    open_action(system, page, 'amazon_to_ship_action')
    page.click('.o_kanban_record')
    page.click('button[name=button_validate]')
    expect(page.locator('.modal .o_data_row')).to_contain_text("has no carrier at Amazon")
    picture(page, 'carrier_warning')
    page.click('.modal button[name=action_validate]')
    expect(page.locator('.o_arrow_button_current')).to_have_text('Done')
    expect(page.locator('.modal')).to_have_count(0)

    open_action(system, page, 'amazon_carrier_mapping_action')
    page.click('.o_list_button_add:visible')
    pick(page, '.o_selected_row [name=delivery_carrier_id]', 'Bote')
    pick(page, '.o_selected_row [name=carrier_id]', 'Other carrier')
    page.fill('.o_selected_row [name=carrier_name] input', 'Bote GmbH')
    page.click('.o_list_button_save:visible')
    system.run('shipments', lambda: confirmed(system))
    [order] = system.control('orders')
    assert [package['carrier'] for package in order['packages']] == ['Bote GmbH']
    assert not page.problems, page.problems
