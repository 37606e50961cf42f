"""What Amazon owes, in the browser: a loss that is claimed, filed and paid, and a removal whose parcel comes short."""

import re

from playwright.sync_api import expect

from .browser import log_in, make_user, open_action, open_record, picture
from .fba import count, day, happen, start_ledger
from .test_inbound_browser import PILL

SKUS = ('CLAIM-A', 'CLAIM-B')
CENTER = {'center': 'LEJ1'}


def open_ledger(system, first):
    """Start the ledger on a day with 20 units of each SKU at Amazon, which cost 7 each; return the products by SKU."""
    system.begin()
    seller = system.connect()
    market, = system.call('amazon.seller.marketplace', 'search', [('country_id.code', '=', 'DE')])
    products = dict(zip(SKUS, system.call('product.product', 'create', [
        {'name': f"Goods {sku}", 'default_code': sku, 'is_storable': True, 'standard_price': 7} for sku in SKUS]),
        strict=True))
    system.call('amazon.listing', 'create', [
        {'marketplace_id': market, 'sku': sku, 'product_id': product}
        for sku, product in products.items()])
    happen(system, *[{'type': 'receive', 'date': day(first - 9), 'sku': sku, 'quantity': 20, 'reference': f'FBA15{sku}',
                      **CENTER} for sku in SKUS])
    start_ledger(system, seller, first)
    return products


def pass_day(system, ledger=False):
    """Let the next day come, as far as requests are concerned."""
    system.control('fba/rest', {})
    over = [('state', 'in', ('done', 'partial', 'empty', 'error'))]
    system.update('amazon_report', system.call('amazon.report', 'search', over), create_date=f'{day(-2)} 00:00:00')
    if ledger:
        told = system.call('amazon.report', 'search', [*over, ('report_type', 'like', 'LEDGER')])
        system.update('amazon_report', told, end_date=f'{day(-9)} 00:00:00')


def book(system, *domain):
    """Let the ledger be read again, and be booked until there is such a row."""
    pass_day(system, ledger=True)
    system.run('fba_stock', lambda: count(system, 'amazon.ledger.line', *domain, ('day_id.state', '=', 'booked'))
               and not count(system, 'amazon.ledger.day', ('state', '!=', 'booked')))


def claim(system, done):
    """Let days pass for reimbursements and removals, until what is to be done is."""
    def is_done():
        pass_day(system)
        return done()
    system.run('fba_claims', is_done)


def read_claims(system, *fields):
    return {found['sku']: found for found in system.call('amazon.claim', 'search_read', [], ['sku', *fields])}


def test_a_loss_is_claimed_filed_and_paid(system, page):
    open_ledger(system, -38)
    happen(system, *[{'type': 'lose', 'date': day(-35), 'sku': sku, 'quantity': 2, **CENTER} for sku in SKUS])
    book(system, ('event_type', '=', 'Adjustments'))
    claim(system, lambda: count(system, 'amazon.claim') == 2)

    log_in(system, page, make_user(system, 'clerk', 'amazon_connector.group_amazon_user'))
    open_action(system, page, 'amazon_claim_action')
    row = page.locator(".o_data_row:has-text('CLAIM-A')")
    expect(page.locator('.o_data_row')).to_have_count(2)
    expect(row).to_contain_text('Lost at Amazon')
    expect(row.locator('[name=value]')).to_contain_text('14.00')
    picture(page, 'claims')
    row.locator('[name=sku]').click()
    expect(page.locator(PILL)).to_have_text('Found')
    evidence = page.locator('[name=evidence_ids] .o_data_row')
    expect(evidence).to_have_count(1)
    expect(evidence).to_contain_text('LEJ1')
    expect(page.locator('[name=open_units]')).to_have_text('2')
    picture(page, 'claim_found')
    page.fill('[name=case_ref] input', '12345678901')
    page.click('button[name=action_file]')
    expect(page.locator(PILL)).to_have_text('Filed')
    picture(page, 'claim_filed')

    # Amazon names another reason for what it pays on the case; of the other SKU both units turn up.
    happen(system, {'type': 'reimburse', 'date': day(-1), 'sku': 'CLAIM-A', 'cash': 2, 'reason': 'General_Adjustment',
                    'amount': '7.00', 'case_ref': '12345678901'},
           {'type': 'find', 'date': day(-1), 'sku': 'CLAIM-B', 'quantity': 2, **CENTER})
    head, = system.control('settle', {'country': 'DE'})
    assert head['total'] == '14.00'
    system.run('settlements', lambda: count(system, 'amazon.settlement.line'))
    book(system, ('quantity', '=', 2), ('event_type', '=', 'Adjustments'))
    claim(system, lambda: not count(system, 'amazon.claim', ('state', 'in', ('found', 'filed', 'partly'))))
    found = read_claims(system, 'state', 'open_units', 'paid_units', 'found_units')
    assert {sku: (row['state'], row['open_units'], row['paid_units'], row['found_units'])
            for sku, row in found.items()} == {'CLAIM-A': ('paid', 0, 2, 0), 'CLAIM-B': ('cleared', 0, 0, 2)}
    open_record(system, page, 'amazon.claim', found['CLAIM-A']['id'])
    expect(page.locator(PILL)).to_have_text('Paid')
    expect(page.locator('[name=evidence_ids]')).to_contain_text('14.00')
    picture(page, 'claim_paid')
    open_action(system, page, 'amazon_reimbursement_action')
    picture(page, 'reimbursements')
    page.click('.o_data_row [name=sku]')
    expect(page.locator('[name=is_settled] input')).to_be_checked()
    expect(page.locator('[name=settlement_line_ids] .o_data_row')).to_contain_text('14.00')
    picture(page, 'reimbursement')
    open_action(system, page, 'amazon_claim_action')
    expect(page.locator('.o_view_nocontent')).to_be_visible()
    assert not page.problems, page.problems


def test_a_removal_is_ordered_received_and_claimed(system, page):
    products = open_ledger(system, -9)
    happen(system, {'type': 'damage', 'date': day(-6), 'sku': 'CLAIM-A', 'quantity': 3, **CENTER})
    set_address(system)
    book(system, ('event_type', '=', 'Adjustments'))
    system.run('fba_stock', lambda: count(system, 'amazon.ledger.balance', ('date', '=', day(-1))))

    log_in(system, page, make_user(system, 'storekeeper', 'stock.group_stock_manager',
                                   'amazon_connector.group_amazon_user'))
    open_action(system, page, 'amazon_removal_create_action')
    page.click('button[name=action_load]')
    line = page.locator('.modal [name=line_ids] .o_data_row')
    expect(line).to_have_count(1)
    expect(line.locator('[name=unsellable]')).to_have_text('3')
    page.click('.modal button[name=action_preview]')
    expect(page.locator('.modal [name=preview]')).to_contain_text('CLAIM-A')
    picture(page, 'removal_preview')
    page.click('.modal button[name=action_send]')
    page.click('.modal footer .btn-primary >> nth=-1')
    # The job may be quicker than the look.
    expect(page.locator(PILL)).to_have_text(re.compile('To send|Amazon works on it'))
    request, = system.call('amazon.removal.request', 'search_read', [], ['name'])
    claim(system, lambda: count(system, 'amazon.removal.request', ('state', 'in', ('accepted', 'reported'))))
    happen(system, {'type': 'remove', 'date': day(0), 'order_ref': request['name'], 'sku': 'CLAIM-A',
                    'disposition': 'WAREHOUSE_DAMAGED', 'parcels': [
                        {'date': day(-1), 'quantity': 3, 'tracking_ref': '00340434161094000002', **CENTER}]})
    book(system, ('event_type', '=', 'VendorReturns'))
    claim(system, lambda: count(system, 'amazon.removal.parcel', ('picking_ids.state', '=', 'assigned')))
    page.reload()
    expect(page.locator(PILL)).to_have_text('Reported by Amazon')
    picture(page, 'removal_request')

    open_action(system, page, 'amazon_removal_parcel_action')
    expect(page.locator('.o_data_row')).to_contain_text('Under way')
    picture(page, 'parcels')
    receive(system, page, '00340434161094000002')
    claim(system, lambda: count(system, 'amazon.claim', ('kind', '=', 'parcel')))
    found, = system.call('amazon.claim', 'search_read', [('kind', '=', 'parcel')],
                         ['open_units', 'product_id', 'reference'])
    assert (found['open_units'], found['product_id'][0], found['reference']) == (
        1, products['CLAIM-A'], '00340434161094000002')
    for name in ('amazon_removal_parcel_action', 'amazon_removal_action', 'amazon_removal_request_action'):
        open_action(system, page, name)
        expect(page.locator('.o_data_row')).to_have_count(1)
        picture(page, name)
    open_record(system, page, 'amazon.claim', found['id'])
    expect(page.locator('[name=evidence_ids] .o_data_row')).to_have_count(2)
    picture(page, 'claim_parcel')
    assert not page.problems, page.problems


def set_address(system):
    market, = system.call('amazon.seller.marketplace', 'search_read', [('country_id.code', '=', 'DE')],
                          ['warehouse_id'])
    partner = system.call('stock.warehouse', 'read', [market['warehouse_id'][0]], ['partner_id'])[0]['partner_id'][0]
    germany, = system.call('res.country', 'search', [('code', '=', 'DE')])
    system.call('res.partner', 'write', [partner], {
        'street': "Lagerweg 1", 'city': "Berlin", 'zip': '10115', 'country_id': germany})


def receive(system, page, tracking):
    """Find the receipt by the number on the parcel, and take one unit less than it is to have."""
    open_action(system, page, 'action_picking_tree_all', 'stock')
    page.fill('.o_searchview_input', tracking)
    page.keyboard.press('Enter')
    expect(page.locator('.o_data_row')).to_have_count(1)
    picture(page, 'removal_receipts')
    page.click('.o_data_row [name=name]')
    expect(page.locator(PILL)).to_have_text('Ready')
    page.click('.o_form_view .o_data_row [name=quantity]')
    page.fill('.o_selected_row [name=quantity] input', '2')
    picture(page, 'removal_receipt')
    page.click('button[name=button_validate]:visible')
    page.click('.modal button[name=process_cancel_backorder]')
    expect(page.locator(PILL)).to_have_text('Done')
