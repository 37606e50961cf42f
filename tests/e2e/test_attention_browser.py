"""What needs a person, from the bell to the list, and margins of orders that are not settled, in the browser."""

from playwright.sync_api import expect

from .browser import open_action, open_record, picture, wait_until
from .test_settlements_browser import import_rows


def count(system):
    system.call('ir.cron', 'method_direct_trigger', [system._cron('attention')])
    return {record['kind']: record['count'] for record in system.call(
        'amazon.attention', 'search_read', [('count', '>', 0)], ['kind', 'count'])}


def test_a_settlement_to_map_from_the_bell_to_the_list_and_the_margins_of_its_orders(system, page):
    other = 'other-transaction'
    import_rows(system, [[other, other, 'Drone Landing Fee', '-5.00']])
    assert count(system) == {'settlements': 1}

    page.goto(f'{system.odoo_url}/web')
    page.click(".o_menu_systray i[aria-label='Activities']")
    page.click(".o-mail-ActivityGroup:has-text('Amazon: Needs Attention')")
    page.wait_for_selector('.o_kanban_record:has-text("Settlements"), .o_data_row:has-text("Settlements")')
    picture(page, 'attention_bell')
    open_action(system, page, 'amazon_attention_action')
    expect(page.locator('.o_data_row')).to_contain_text('Settlements')
    picture(page, 'attention')
    page.click('.o_data_row [name=kind]')
    expect(page.locator('.o-mail-Activity')).to_contain_text('Settlements that need you: 1')
    picture(page, 'attention_form')
    page.click('button[name=action_open]')
    expect(page.locator('.o_form_view .o_arrow_button_current')).to_have_text('To map')

    rules = system.call('amazon.settlement.rule', 'search', [('state', '=', 'proposed')])
    system.call('amazon.settlement.rule', 'action_confirm', rules)
    assert not count(system)
    open_action(system, page, 'amazon_attention_action')
    expect(page.locator('.o_view_nocontent')).to_contain_text('Nothing needs you')
    picture(page, 'attention_nothing')

    # The orders that are not shipped wait for another settlement.
    wait_until(lambda: not system.call('sale.order', 'search_count', [
        ('amazon_order_ref', '!=', False), ('state', '!=', 'cancel'), ('amazon_margin_state', '=', False)]))
    open_action(system, page, 'amazon_sale_order_action')
    page.click('.o_optional_columns_dropdown button')
    for name in ('amazon_margin', 'amazon_margin_state'):
        page.click(f".o-dropdown--menu input[name={name}]")
    page.keyboard.press('Escape')
    expect(page.locator(".o_data_row:has-text('Settled')").first).to_be_visible()
    picture(page, 'margins')
    page.click('.o_searchview_dropdown_toggler')
    page.click(".o-dropdown--menu :text('settled or estimated')")
    expect(page.locator('.o_group_header').first).to_be_visible()
    picture(page, 'margins_grouped')
    page.keyboard.press('Escape')
    settled = system.call('sale.order', 'search', [('amazon_margin_state', '=', 'settled')], limit=1)[0]
    open_record(system, page, 'sale.order', settled)
    page.click(".o_notebook a:has-text('Other Info')")
    expect(page.locator('[name=amazon_margin_state]')).to_contain_text('Settled')
    picture(page, 'margin_form')

    open_action(system, page, 'digest_amazon_action')
    page.click('button[name=action_subscribe]')
    expect(page.locator('button[name=action_unsubscribe]')).to_be_visible()
    picture(page, 'digest')
    open_action(system, page, 'amazon_seller_action')
    page.click('.o_data_row .o_data_cell >> nth=1')
    expect(page.locator('.o_field_widget[name=accounting_user_id]')).to_be_visible()
    picture(page, 'seller_responsible')
    assert not page.problems, page.problems
