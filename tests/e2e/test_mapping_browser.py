"""An Amazon administrator maps products: one SKU on sixteen marketplaces at once, packs with their pieces."""

from playwright.sync_api import expect

from .browser import log_in, make_user, open_action, pick, picture, wait_until

PICTURE = 'https://m.media-amazon.com/images/I/kettle.jpg'
# In place of a photograph: nothing is fetched from elsewhere.
DRAWING = ('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 48 48"><path d="M14 12h20l4 28H10z" fill="#69b"/>'
           '<path d="M34 16c8 0 8 14 2 16" fill="none" stroke="#357" stroke-width="3"/></svg>')
TITLES = {'A1PA6795UKMFR9': "Wasserkocher 2er-Pack", 'A13V1IB3VIYZZH': "Bouilloire, lot de 2"}


class Counter:
    """Counts the clicks and the typed fields of a job."""

    def __init__(self, page):
        self.page, self.clicks, self.typed = page, 0, 0

    def click(self, selector):
        self.clicks += 1
        self.page.click(selector)

    def choose(self, field, text):
        """Type into a field and click what it offers."""
        self.clicks, self.typed = self.clicks + 1, self.typed + 1
        pick(self.page, field, text)


def begin(system, page):
    system.begin(listings=5, marketplaces=['DE'])
    seller = system.connect()
    markets = system.call('amazon.seller.marketplace', 'search_read', [('seller_id', '=', seller)], ['marketplace_ref'])
    assert len(markets) == 16
    ids = system.call('amazon.listing', 'create', [{
        'marketplace_id': market['id'], 'sku': 'WK-77/B', 'asin': 'B0KETTLE77',
        'title': TITLES.get(market['marketplace_ref'], "Electric kettle (Pack of 2)")} for market in markets])
    system.update('amazon_listing', ids, image_url=PICTURE, channel='fbm', channel_code='DEFAULT', status='active',
                  amazon_quantity=40)
    page.route('https://m.media-amazon.com/**', lambda route: route.fulfill(body=DRAWING, content_type='image/svg+xml'))
    return markets


def listings(system):
    return system.call('amazon.listing', 'search_read', [('sku', '=', 'WK-77/B')],
                       ['product_id', 'pack_quantity', 'pack_check'])


def test_one_sku_on_sixteen_marketplaces(system, page):
    """8 clicks before, in a list with a row for each marketplace."""
    begin(system, page)
    log_in(system, page, make_user(system, 'mapper', 'amazon_connector.group_amazon_admin'))
    job = Counter(page)
    job.click('.o_navbar_apps_menu button')
    job.click('.o-dropdown--menu .o_app:has-text("Amazon")')
    job.click('.o_menu_sections button:has-text("Listings")')
    job.click('.o-dropdown--menu .dropdown-item:has-text("Map Products")')
    page.wait_for_selector('.o_data_row')
    row = page.locator('.o_data_row', has_text='WK-77/B')
    expect(row).to_have_count(1)
    expect(row.locator('[name=mapped_text]')).to_have_text('0 of 16')
    expect(row.locator('[name=pack_quantity]')).to_have_text('2')
    expect(row.locator('[name=picture] img')).to_have_attribute('src', PICTURE)
    picture(page, 'mapping_skus')
    job.click('.o_data_row:has-text("WK-77/B") [name=product_id]')
    job.choose('.o_selected_row [name=product_id]', 'SKU-003')
    page.keyboard.press('Enter')
    wait_until(lambda: all(listing['product_id'] for listing in listings(system)))
    assert {(listing['product_id'][1][:9], listing['pack_quantity'], listing['pack_check'])
            for listing in listings(system)} == {('[SKU-003]', 2, 'ask')}
    picture(page, 'mapping_confirm')
    job.click('.o_data_row:has-text("WK-77/B") button[name=action_confirm_pieces]')
    wait_until(lambda: not any(listing['pack_check'] for listing in listings(system)))
    assert {listing['pack_quantity'] for listing in listings(system)} == {2}
    print(f'one SKU on 16 marketplaces: {job.clicks} clicks, {job.typed} typed')
    assert job.clicks <= 8 and job.typed <= 1
    assert not page.problems, page.problems


def test_a_marketplace_with_its_own_choice_is_shown(system, page):
    markets = begin(system, page)
    first = listings(system)[0]['id']
    product = system.call('product.product', 'search', [('default_code', '=', 'SKU-002')])[0]
    system.call('amazon.listing', 'write', [first], {'product_id': product, 'pack_quantity': 5})
    open_action(system, page, 'amazon_listing_sku_action')
    page.click('.o_data_row:has-text("WK-77/B") [name=product_id]')
    pick(page, '.o_selected_row [name=product_id]', 'SKU-003')
    page.click('.o_list_button_save:visible')
    wait_until(lambda: sum(bool(listing['product_id']) for listing in listings(system)) == 16)
    page.click('.o_searchview_facet .o_facet_remove')
    row = page.locator('.o_data_row', has_text='WK-77/B')
    expect(row.locator('[name=mapped_text]')).to_contain_text('16 of 16, otherwise: Amazon.')
    picture(page, 'mapping_own_choice')
    row.locator('button[name=action_view_listings]').click()
    expect(page.locator('.o_data_row')).to_have_count(16)
    picture(page, 'mapping_marketplaces')
    assert len(markets) == 16 and not page.problems, page.problems


def test_pieces_are_confirmed_before_stock_goes_out(system, page):
    begin(system, page)
    product = system.call('product.product', 'search', [('default_code', '=', 'SKU-003')])[0]
    germany = system.call('amazon.seller.marketplace', 'search', [('country_id.code', '=', 'DE')])
    ids = [listing['id'] for listing in listings(system)]
    system.call('amazon.listing', 'write', ids, {'product_id': product, 'pack_quantity': 1})
    system.update('amazon_listing', ids, pack_answered=0, pack_check='ask')
    system.set_stock({'SKU-003': 300})
    open_action(system, page, 'amazon_listing_action_held')
    expect(page.locator('.o_data_row')).to_have_count(16)
    picture(page, 'held_pieces')
    page.click('.o_data_row .o_data_cell[name=sku] >> nth=0')
    expect(page.locator('.o_form_view .alert', has_text='Pieces per unit')).to_be_visible()
    picture(page, 'listing_pieces')

    open_action(system, page, 'amazon_seller_marketplace_action')
    page.click(".o_data_row:has-text('Amazon.de') .o_data_cell[name=name]")
    page.click('button[name=action_start_stock] >> nth=0')
    line = page.locator('.modal .o_data_row', has_text='WK-77/B')
    expect(line).to_contain_text('Confirm the pieces')
    picture(page, 'preview_pieces')
    line.locator('button[name=action_use_proposed_pieces]').click()
    expect(page.locator('.modal .o_data_row', has_text='WK-77/B')).not_to_contain_text('Confirm the pieces')
    expect(page.locator('.modal .o_data_row', has_text='WK-77/B').locator('[name=pack_quantity]')).to_have_text('2')
    picture(page, 'preview_confirmed')
    assert {listing['pack_quantity'] for listing in listings(system)} == {2}, "answered once for all marketplaces"
    assert germany and not page.problems, page.problems


def test_a_quantity_far_above_amazons_waits_in_a_list(system, page):
    begin(system, page)
    [product] = system.call('product.product', 'search', [('default_code', '=', 'SKU-003')])
    ids = [listing['id'] for listing in listings(system)]
    system.call('amazon.listing', 'write', ids, {'product_id': product, 'pack_quantity': 2})
    system.update('amazon_listing', ids, stock_state='held', quantity_target=900)
    open_action(system, page, 'amazon_listing_action_held')
    expect(page.locator('.o_data_row')).to_have_count(16)
    expect(page.locator('.o_data_row [name=held_reason] >> nth=0')).to_contain_text('900, far above the 40')
    picture(page, 'held_jumps')
    page.click('thead .o_list_record_selector input')
    page.click("button[name=action_approve_stock]:has-text('Send these quantities')")
    wait_until(lambda: system.call('amazon.listing', 'search_count', [('stock_approved', '=', 900)]) == 16)
    expect(page.locator('.o_data_row')).to_have_count(0)
    assert not page.problems, page.problems
