"""A warehouse manager's first hour with listings, clicked through: map, preview, send, sell a new product."""

import re

from playwright.sync_api import expect

from .browser import open_action, open_record, pick, picture, wait_until

DE = 'A1PA6795UKMFR9'


def begin(system):
    system.begin(listings=12, marketplaces=['DE'])
    system.control('listings', [
        {'marketplace': DE, 'sku': 'sku 003 b', 'title': "Another lamp", 'price': 9.5, 'quantity': 4},
        {'marketplace': DE, 'sku': 'SKU_004', 'title': "Written otherwise", 'price': 9.5, 'quantity': 4}])
    system.connect()
    system.import_listings()


def row(page, sku):
    return page.locator('.o_data_row').filter(
        has=page.locator('[name=sku]', has_text=re.compile(f'^{re.escape(sku)}$')))


def test_map_products(system, page):
    begin(system)
    open_action(system, page, 'amazon_listing_sku_action')
    page.wait_for_selector('.o_data_row')
    picture(page, 'mapping')
    expect(row(page, 'SKU_004').locator('[name=suggestion]')).to_have_text(re.compile('alike'))
    row(page, 'SKU_004').locator('button[name=action_accept_suggestion]').click()
    expect(row(page, 'SKU_004')).to_have_count(0)

    choose_product(page, 'sku 003 b', 'SKU-003')
    wait_until(lambda: mapped(system, 'sku 003 b') == 'SKU-003')

    expect(row(page, 'SKU-000-2PK').locator('[name=pack_quantity]')).to_have_text('2')
    row(page, 'SKU-000-2PK').locator('button[name=action_ignore]').click()
    expect(row(page, 'SKU-000-2PK')).to_have_count(0)

    row(page, 'TEE-A-M-RED').locator('button[name=action_create_products]').click()
    wait_until(lambda: mapped(system, 'TEE-A-L-BLUE'))
    templates = system.call('product.template', 'search_read', [('name', '=', "T-shirt A")], ['product_variant_count'])
    assert [template['product_variant_count'] for template in templates] == [
        4], "the children of one parent are variants of one product"
    assert not page.problems, page.problems


def choose_product(page, sku, product):
    row(page, sku).locator('[name=product_id]').click()
    pick(page, '.o_selected_row [name=product_id]', product)
    page.click('.o_list_button_save:visible')


def mapped(system, sku):
    product = system.call('amazon.listing', 'search_read', [('sku', '=', sku)], ['product_id'])[0]['product_id']
    return product and re.match(r'\[(.*?)\]', product[1])[1]


def test_map_in_bulk(system, page):
    begin(system)
    open_action(system, page, 'amazon_listing_sku_action')
    page.wait_for_selector('.o_data_row')
    before = page.locator('.o_data_row').count()
    page.click('thead .o_list_record_selector input')
    page.click("button[name=action_ignore]:has-text('Ignore') >> nth=0")
    expect(page.locator('.o_data_row')).to_have_count(0)
    assert system.call('amazon.listing', 'search_count', [('mapping_state', '=', 'ignored')]) == before


def test_first_stock_sync(system, page):
    begin(system)
    skus = [f'SKU-{number:03d}' for number in range(12)]
    before = system.shown()
    system.set_stock({sku: 20 + position for position, sku in enumerate(skus) if sku != 'SKU-005'})
    open_action(system, page, 'amazon_seller_marketplace_action')
    page.click(".o_data_row:has-text('Amazon.de') .o_data_cell[name=name]")
    page.click("button[name=action_start_stock] >> nth=0")
    page.wait_for_selector('.modal .o_data_row')
    expect(page.locator('.modal .o_data_row').first).to_contain_text("Far above Amazon's")
    expect(page.locator(".modal .o_data_row:has-text('SKU-005')")).to_contain_text('To zero')
    picture(page, 'first_stock_sync')
    assert system.shown() == before, "a preview sends nothing"

    page.check('.modal [name=send_jumps] input')
    page.click('.modal button[name=action_start]')
    page.locator('.modal footer button:visible', has_text=re.compile('^ok$', re.IGNORECASE)).click()
    wait_until(lambda: {sku: system.shown()[sku] for sku in skus} == {
        sku: 0 if sku == 'SKU-005' else 20 + position for position, sku in enumerate(skus)})
    assert system.control('listings')['turned_to_merchant'] == []
    open_action(system, page, 'amazon_feed_action')
    page.wait_for_selector('.o_data_row')
    page.click('.o_data_row .o_data_cell[name=kind] >> nth=0')
    expect(page.locator(".o_field_widget[name=line_ids] .o_data_row:has-text('SKU-005')")).to_contain_text('Accepted')
    picture(page, 'submission')

    # A movement in the warehouse goes out by itself, woken by the movement.
    system.set_stock({'SKU-007': 1})
    wait_until(lambda: system.shown()['SKU-007'] == 1)
    assert not page.problems, page.problems


def test_sell_a_product_on_amazon(system, page):
    begin(system)
    product = system.call('product.product', 'create',
                          [{'name': "Copper kettle", 'default_code': 'COPPER', 'is_storable': True, 'weight': 1.2,
                            'barcode': '4006381333931', 'description_sale': "Boils quickly"}])[0]
    open_record(system, page, 'product.product', product)
    page.click('a[name=amazon]')
    page.click("button:has-text('Sell on Amazon')")
    page.click('.modal [name=marketplace_ids] input')
    page.click(".o-autocomplete--dropdown-item:has-text('Amazon.de')")
    page.click('.modal .o_radio_item:has-text("New product page") input')
    page.fill('.modal [name=product_type] input', 'KITCHEN')
    page.click('.modal button[name=action_next]')
    page.wait_for_selector('.o_form_view .o_field_widget[name=line_ids] .o_data_row')
    page.click('button[name=action_check]')
    expect(attribute(page, 'Brand Name')).not_to_contain_text('Required')
    expect(attribute(page, 'Country of Origin')).to_contain_text('Required')
    picture(page, 'sell_problem')
    fill(page, 'Item Name', "Copper kettle")
    fill(page, 'Product Description', "Boils quickly")
    fill(page, 'Bullet Point', "Boils quickly")
    attribute(page, 'Country of Origin').locator('.o_data_cell[name=value]').click()
    page.select_option('.o_selected_row [name=value] select', 'DE')
    page.click('button[name=action_check]')
    expect(page.locator('.o_arrow_button_current')).to_have_text(re.compile('Checked'))
    picture(page, 'sell_checked')
    assert 'COPPER' not in system.shown(), "a check sends nothing"
    page.click('button[name=action_send]')
    wait_until(lambda: 'COPPER' in system.shown())
    wait_until(lambda: system.call('amazon.listing', 'search_count',
                                   [('sku', '=', 'COPPER'), ('product_id', '=', product)]))
    assert not page.problems, page.problems


def attribute(page, title):
    return page.locator('.o_field_widget[name=line_ids] .o_data_row').filter(
        has=page.locator(f'[name=title]:text-is("{title}")'))


def fill(page, title, value):
    attribute(page, title).locator('.o_data_cell[name=value]').click()
    page.fill('.o_selected_row [name=value] input', value)
