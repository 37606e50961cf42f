"""An accountant in the browser: a settlement comes in, one row has no rule, it is mapped and booked, and the invoice is
paid.
"""

import base64
import pathlib

from playwright.sync_api import expect

from .browser import open_action, picture, wait_until

PILL = '.o_field_widget[name=state] .o_arrow_button_current'


def import_rows(system, extra):
    head = system.sell_and_settle(orders=40, extra=extra)
    system.run('settlements', lambda: system.settlements('state'))
    return head


def make_file(ref, kind):
    """Return a settlement of one row."""
    columns = ['settlement-id', 'settlement-start-date', 'settlement-end-date', 'deposit-date', 'total-amount',
               'currency', 'transaction-type', 'amount-type', 'amount-description', 'amount', 'posted-date']
    lines = [columns, [ref, '2026-10-01', '2026-10-14', '2026-10-16', '-39,00', 'EUR', '', '', '', '', ''],
             [ref, '', '', '', '', '', 'other-transaction', 'other-transaction', kind, '-39,00', '2026-10-05']]
    return '\n'.join('\t'.join(line) for line in lines)


def test_map_one_unknown_row_book_and_see_the_invoice_paid(system, page):
    """A6, A7"""
    other = 'other-transaction'
    import_rows(system, [[other, other, 'Drone Landing Fee', '-5.00'], [other, other, 'Subscription Fee', '-39.00']])
    open_action(system, page, 'amazon_settlement_action')
    expect(page.locator('.o_data_row')).to_contain_text('To map')
    page.click('.o_data_row .o_data_cell >> nth=1')
    expect(page.locator(PILL)).to_have_text('To map')
    expect(page.locator('[name=rule_ids] .o_data_row')).to_contain_text('Drone Landing Fee')
    picture(page, 'settlement_to_map')
    page.click('[name=rule_ids] button[name=action_confirm]')
    expect(page.locator(PILL)).to_have_text('Ready')
    expect(page.locator('.o_dashboard_graph canvas')).to_be_visible()
    picture(page, 'settlement_ready')
    page.click('button[name=action_book]')
    expect(page.locator(PILL)).to_have_text('Booked')
    picture(page, 'settlement_booked')

    page.click('button[name=action_view_invoices]')
    expect(page.locator('.o_data_row').first).to_contain_text('Paid')
    assert not page.locator(".o_data_row:has-text('Not Paid')").count()
    picture(page, 'settlement_invoices')
    page.go_back()
    page.click('button[name=action_view_moves]')
    expect(page.locator('.o_list_view')).to_contain_text('Drone Landing Fee')
    picture(page, 'settlement_entry')

    open_action(system, page, 'amazon_settlement_fee_action')
    expect(page.locator('.o_pivot table')).to_contain_text('Commission')
    picture(page, 'settlement_fees')
    assert not page.problems, page.problems


def test_accounts_are_proposed_changed_and_created(system, page):
    system.begin(orders=10, marketplaces=['DE'])
    system.connect()
    open_action(system, page, 'amazon_settlement_action')
    page.click("button:has-text('Accounting')")
    page.click(".o-dropdown--menu :text-is('Create Accounts')")
    expect(page.locator('.modal [name=line_ids] .o_data_row')).to_have_count(18)
    picture(page, 'settlement_accounts')
    page.click('.modal footer button[name=action_apply]')
    expect(page.locator('.modal')).to_have_count(0)
    assert not system.call('amazon.settlement.rule', 'search_count', [('account_id', '=', False)])
    assert not page.problems, page.problems


def test_a_file_is_uploaded_and_a_damaged_one_says_its_line(system, page, tmp_path):
    system.begin()
    system.connect()
    good, damaged = pathlib.Path(tmp_path, 'good.txt'), pathlib.Path(tmp_path, 'damaged.txt')
    good.write_text(make_file('99', 'Subscription Fee'))
    damaged.write_text(good.read_text().replace('Fee\t-39,00', 'Fee\t-39,0x'))
    for path in (damaged, good):
        open_action(system, page, 'amazon_settlement_action')
        page.click("button:has-text('Accounting')")
        page.click(".o-dropdown--menu :text-is('Upload a Settlement')")
        page.wait_for_selector('.modal .o_field_binary')
        page.set_input_files('.modal input[type=file]', path)
        page.click('.modal footer button[name=action_upload]')
        if path == damaged:
            expect(page.locator('.o_error_dialog, .modal-body').last).to_contain_text('Line 3')
            picture(page, 'settlement_damaged')
    wait_until(lambda: [row['settlement_ref'] for row in system.settlements('settlement_ref')] == ['99'])


def test_the_lines_of_a_notice_are_lines_on_the_screen(system, page):
    """The web client ran together which settlements were not booked, and why."""
    system.begin()
    system.connect()
    system.set_up_accounts()
    for ref, kind in (('98', 'Drone Landing Fee'), ('99', 'Subscription Fee')):
        upload = system.call('amazon.settlement.upload', 'create', [{
            'document': base64.b64encode(make_file(ref, kind).encode()).decode(), 'document_name': f'{ref}.txt'}])
        system.call('amazon.settlement.upload', 'action_upload', upload)
    assert sorted(row['state'] for row in system.settlements('state')) == ['ready', 'to_map']
    open_action(system, page, 'amazon_settlement_action')
    page.click('thead .o_list_record_selector input')
    page.click('.o_control_panel button[name=action_book]')
    notice = page.locator('.o_notification_content')
    expect(notice).to_contain_text('Not booked')
    picture(page, 'settlement_notice')
    lines = notice.inner_text().split('\n')
    assert lines[:2] == ['Booked: 1 of 2.', 'Not booked:'] and lines[2].startswith('98: '), lines
    assert not page.problems, page.problems
