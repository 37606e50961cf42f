"""The start of the ledger in the browser: what was on its way is Amazon's word, or a person's choice."""

from playwright.sync_api import expect

from .browser import open_action, pick, picture
from .fba import SKU, count, day, happen, request_ledger, sell_from_amazon

CLOSED, WAY, NAMELESS, UNKNOWN = 'FBA15E2E0010', 'FBA15E2E0011', 'FBA15E2E0012', 'FBA15E2E0013'


def make_shipments(system):
    """Let a shipment be received long ago, one in part before the first day and in part since, and one be under way."""
    happen(
        system,
        {'type': 'plan', 'date': day(-60), 'reference': CLOSED, 'name': "Closed", 'center': 'LEJ1',
         'items': [{'sku': SKU, 'quantity': 20}], 'status': 'SHIPPED'},
        {'type': 'receive', 'date': day(-50), 'sku': SKU, 'quantity': 20, 'center': 'LEJ1', 'reference': CLOSED},
        {'type': 'plan', 'date': day(-45), 'reference': CLOSED, 'status': 'CLOSED'},
        {'type': 'plan', 'date': day(-20), 'reference': WAY, 'name': "Way", 'center': 'LEJ1',
         'items': [{'sku': SKU, 'quantity': 10}], 'status': 'SHIPPED'},
        {'type': 'receive', 'date': day(-5), 'sku': SKU, 'quantity': 4, 'center': 'LEJ1', 'reference': WAY},
        {'type': 'plan', 'date': day(-4), 'reference': NAMELESS, 'name': "No name", 'center': 'LEJ1',
         'items': [{'sku': SKU, 'quantity': 3}], 'status': 'SHIPPED'})


def send(system, product, pieces, origin):
    """Return the name of a transfer to the simple FBA location, done a month ago."""
    market, = system.call('amazon.seller.marketplace', 'search_read', [('country_id.code', '=', 'DE')],
                          ['fba_location_id', 'warehouse_id'])
    kind, = system.call('stock.picking.type', 'search_read', [
        ('code', '=', 'internal'), ('warehouse_id', '=', market['warehouse_id'][0])], ['default_location_src_id'],
        limit=1, context={'active_test': False})
    ends = {'location_id': kind['default_location_src_id'][0], 'location_dest_id': market['fba_location_id'][0]}
    picking, = system.call('stock.picking', 'create', [{
        'picking_type_id': kind['id'], **ends, 'origin': origin,
        'move_ids': [(0, 0, {'product_id': product, 'product_uom_qty': pieces, **ends})]}])
    system.call('stock.picking', 'action_confirm', [picking])
    moves = system.call('stock.move', 'search', [('picking_id', '=', picking)])
    system.call('stock.move', 'write', moves, {'quantity': pieces, 'picked': True})
    system.press('stock.picking', 'button_validate', picking)
    for table in ('stock_move', 'stock_move_line'):
        system.update(table, system.call(table.replace('_', '.'), 'search', [('picking_id', '=', picking)]),
                      date=f'{day(-30)} 12:00:00')
    return system.call('stock.picking', 'read', [picking], ['name'])[0]['name']


def prepare(system):
    """Let the ledger wait for its start, with transfers of some shipments; return the product and the name of
    a transfer that names none."""
    seller, product = sell_from_amazon(system)
    make_shipments(system)
    for pieces, origin in ((20, CLOSED), (10, f"Amazon {WAY}"), (5, UNKNOWN)):
        send(system, product, pieces, origin)
    transfer = send(system, product, 3, '')
    request_ledger(system, seller, -9, lambda: count(system, 'amazon.ledger.day'),
                   lambda: count(system, 'amazon.inbound', ('shipment_ref', '=', NAMELESS)))
    return product, transfer


def choose(page, line, label):
    """Choose in the line of a list, by the menu of this Odoo or by the browser's."""
    line.locator('td[name=choice]').click()
    field = page.locator('.o_selected_row [name=choice]').last
    if field.locator('select').count():
        field.locator('select').select_option(label=label)
    else:
        field.locator('input').click()
        page.click(f'.o_select_menu_item:has-text("{label}")')
        expect(field.locator('input')).to_have_value(label)


def test_a_person_decides_what_amazon_does_not_say(system, page):
    product, transfer = prepare(system)
    open_action(system, page, 'amazon_ledger_open_action')
    rows = page.locator('.o_field_widget[name=shipment_ids] .o_data_row')
    expect(rows).to_have_count(4)
    for ref, on_way in ((CLOSED, '0.00'), (WAY, '10.00'), (UNKNOWN, '5.00')):
        expect(rows.filter(has_text=ref).locator('[name=on_way]')).to_have_text(on_way)
    expect(rows.filter(has_text=UNKNOWN)).to_contain_text('Amazon has said nothing of it')
    expect(page.locator('.alert-warning').filter(has_text="Ask Amazon again")).to_be_visible()
    picture(page, 'opening_shipments')

    nameless = rows.filter(has_text=NAMELESS)
    nameless.locator('[name=picking_id]').click()
    pick(page, '.o_selected_row .o_field_widget[name=picking_id]', transfer)
    nameless.locator('button[name=action_name_transfer]').click()
    expect(rows.filter(has_text=NAMELESS).locator('[name=on_way]')).to_have_text('3.00')
    choose(page, rows.filter(has_text=UNKNOWN), "Nothing but what was received since")
    page.click('button[name=action_show]')
    # While a line is being edited, its fields have the same names as its cells.
    expect(rows.filter(has_text=UNKNOWN).locator('td[name=on_way]')).to_have_text('0.00')
    expect(page.locator('.o_selected_row')).to_have_count(0)
    picture(page, 'opening_decided')
    page.click('button[name=action_start]')
    page.click('.modal:has-text("follows the ledger from then on") footer .btn-primary')
    expect(page.locator('.modal')).to_have_count(0)
    stock = system.call('amazon.fba.stock', 'search_read', [('product_id', '=', product)], ['place', 'quantity'])
    assert sum(row['quantity'] for row in stock if row['place'] == 'inbound') in (9, 13), stock
    assert not page.problems, page.problems
