"""A transfer to Amazon that arrives short, in the browser: sent by its id, received in part, closed, written off."""

from playwright.sync_api import expect

from .browser import open_record, pick, picture
from .fba import SKU, count, day, happen, sell_from_amazon, start_ledger

REF = 'FBA15E2E0001'
PILL = '.o_field_widget[name=state] .o_arrow_button_current'


def open_ledger(system):
    """Start the ledger with what Amazon has; return the product of the SKU."""
    seller, product = sell_from_amazon(system)
    happen(system, {'type': 'receive', 'date': day(-40), 'sku': SKU, 'quantity': 5, 'center': 'LEJ1',
                    'reference': 'FBA15E2E0000'})
    start_ledger(system, seller, -9)
    return product


def make_transfer(system, product, pieces):
    system.run('fba_stock', lambda: count(system, 'stock.picking.type', ('amazon_seller_id', '!=', False)))
    kind, = system.call('stock.picking.type', 'search_read', [('amazon_seller_id', '!=', False)],
                        ['default_location_src_id', 'default_location_dest_id'], limit=1)
    source, target = kind['default_location_src_id'][0], kind['default_location_dest_id'][0]
    system.call('stock.quant', 'create', [{'product_id': product, 'location_id': source,
                                           'inventory_quantity_auto_apply': pieces + 40}],
                context={'inventory_mode': True})
    picking, = system.call('stock.picking', 'create', [{
        'picking_type_id': kind['id'], 'location_id': source, 'location_dest_id': target, 'move_ids': [(0, 0, {
            'product_id': product, 'product_uom_qty': pieces, 'location_id': source, 'location_dest_id': target})]}])
    system.call('stock.picking', 'action_confirm', [picking])
    return picking


def read_ledger_again(system):
    """Let the next day come, as far as requests are concerned."""
    system.update('amazon_report', system.call('amazon.report', 'search', []), create_date=f'{day(-2)} 00:00:00',
                  end_date=f'{day(-9)} 00:00:00')
    system.update('amazon_seller', system.call('amazon.seller', 'search', []), inbound_fetched=None)


def test_a_transfer_to_amazon_arrives_short(system, page):
    product = open_ledger(system)
    happen(system, {'type': 'plan', 'date': day(-8), 'reference': REF, 'name': "Autumn", 'center': 'LEJ1',
                    'items': [{'sku': SKU, 'quantity': 10}], 'status': 'SHIPPED'})
    picking = make_transfer(system, product, 10)
    system.update('amazon_seller', system.call('amazon.seller', 'search', []), inbound_fetched=None)
    system.run('fba_stock', lambda: count(system, 'amazon.inbound', ('shipment_ref', '=', REF)))
    open_record(system, page, 'stock.picking', picking)
    pick(page, '.o_field_widget[name=amazon_inbound_id]', REF)
    picture(page, 'inbound_transfer')
    page.click('button[name=button_validate]')
    expect(page.locator('.o_field_widget[name=state] .o_arrow_button_current')).to_contain_text('Done')

    happen(system, {'type': 'receive', 'date': day(-4), 'sku': SKU, 'quantity': 8, 'center': 'LEJ1', 'reference': REF},
           {'type': 'plan', 'date': day(-3), 'reference': REF, 'status': 'CLOSED'})
    read_ledger_again(system)
    system.run('fba_stock', lambda: count(system, 'amazon.inbound.line', ('inbound_id.shipment_ref', '=', REF),
                                          ('inbound_id.state', '=', 'short'), ('received', '=', 8)))
    inbound, = system.call('amazon.inbound', 'search', [('shipment_ref', '=', REF)])
    open_record(system, page, 'amazon.inbound', inbound)
    expect(page.locator(PILL)).to_contain_text('units missing')
    cells = page.locator('.o_field_widget[name=line_ids] .o_data_row')
    for name, quantity in (('sent', '10.00'), ('received', '8.00'), ('missing', '2.00')):
        expect(cells.locator(f'[name={name}]')).to_have_text(quantity)
    picture(page, 'inbound_short')
    page.fill('.o_field_widget[name=note] input', "Not found by Amazon")
    page.click('button[name=action_write_off]')
    page.click('.modal footer .btn-primary')
    expect(page.locator(PILL)).to_have_text('Done')
    expect(cells.locator('[name=written_off]')).to_have_text('2.00')
    picture(page, 'inbound_written_off')
    assert not page.problems, page.problems
