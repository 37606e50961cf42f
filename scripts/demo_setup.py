"""Run in Odoo's shell: a German and an American company, products, stock, three sellers, and the first import."""

import datetime
import json
import os
import time
import urllib.request

from odoo import fields

RUNS = 50
# Of the sales price.
COST_SHARE = 0.4

url = os.environ['DEMO_AMAZON']
env['ir.config_parameter'].set_param('amazon_connector.default_url', url)  # noqa: F821
env['ir.config_parameter'].set_param('web.base.url', os.environ['DEMO_ODOO'])  # noqa: F821


def make_products(companies):
    """The catalogue of the simulated stores, with stock in every warehouse and one lot-tracked product."""
    products = env['product.product'].create([{  # noqa: F821
        'name': good['title'], 'default_code': good['sku'], 'amazon_asin': good['asin'], 'list_price': good['price'],
        'is_storable': True, 'taxes_id': False, 'weight': 0.4, 'tracking': 'lot' if good['sku'] == 'SKU-007'
        else 'none',
    } for good in json.loads(os.environ['DEMO_CATALOGUE'])])
    for company in companies:
        for product in products.with_company(company):
            product.standard_price = round(product.list_price * COST_SHARE, 2)
    for warehouse in env['stock.warehouse'].search([('company_id', 'in', companies.ids)]):  # noqa: F821
        env['stock.quant'].with_company(warehouse.company_id).create([{  # noqa: F821
            'product_id': product.id, 'location_id': warehouse.lot_stock_id.id, 'quantity': 200,
        } for product in products if product.tracking == 'none'])


def set_up_german_company():
    """Taxes for sales to other EU countries (OSS) and a warehouse for the company of demo_company.py."""
    company = env['res.company'].search([('name', '=', "Demo Europe GmbH")])  # noqa: F821
    company._map_eu_taxes()
    env['stock.warehouse'].create({'name': "Berlin", 'code': 'BER', 'company_id': company.id})  # noqa: F821
    return company


def make_delivery_methods(company, marketplaces):
    """A carrier of the seller's own, Amazon Buy Shipping for express orders, and which service level takes which."""
    company.partner_id.write({'street': "Lagerweg 1", 'city': "Berlin", 'zip': '10115', 'email': 'lager@example.com',
                              'phone': '+49 30 5550100'})
    marketplaces.warehouse_id.partner_id = company.partner_id
    box = env['stock.package.type'].create({  # noqa: F821
        'name': "Box S", 'packaging_length': 300, 'width': 200, 'height': 120, 'base_weight': 0.15})
    products = env['product.product'].create([  # noqa: F821
        {'name': name, 'type': 'service', 'list_price': 0} for name in ("DHL Paket", "Amazon Buy Shipping")])
    own, bought = env['delivery.carrier'].create([  # noqa: F821
        {'name': "DHL Paket", 'product_id': products[0].id, 'delivery_type': 'fixed'},
        {'name': "Amazon Buy Shipping", 'product_id': products[1].id, 'delivery_type': 'amazon',
         'amazon_package_type_id': box.id}])
    env['amazon.carrier.mapping'].create({  # noqa: F821
        'delivery_carrier_id': own.id, 'carrier_id': env.ref('amazon_connector.carrier_dhl').id,  # noqa: F821
        'is_for_prime': True})
    for marketplace in marketplaces:
        marketplace.service_level_ids = [(0, 0, {'level': level, 'delivery_carrier_id': method.id})
                                         for level, method in (
                                             ('STANDARD', own), ('FREE_ECONOMY', own), ('EXPEDITED', bought),
                                             ('NEXT_DAY', bought), ('SAME_DAY', bought))]
    env.cr.commit()  # noqa: F821


def ship(marketplaces):
    """What a warehouse does in a morning: buy labels, ship some orders with them and some by its own carrier, and leave
    others.
    """
    pickings = env['stock.picking'].search([  # noqa: F821
        ('amazon_order_ref', '!=', False), ('state', '=', 'assigned'),
        ('sale_id.amazon_marketplace_id', 'in', marketplaces.ids)], order='id')
    bought = pickings.filtered(lambda picking: picking.carrier_id.delivery_type == 'amazon')[:4]
    bought.carrier_id.amazon_rule = 'fastest'
    env['amazon.label']._want(bought)  # noqa: F821
    env.cr.commit()  # noqa: F821
    run('labels')
    own = pickings.filtered(lambda picking: picking.carrier_id.delivery_type == 'fixed')[:5]
    for position, picking in enumerate(own):
        picking.carrier_tracking_ref = f'00340434161094{position:06d}'
    (bought[:2] | own).with_context(skip_backorder=True, skip_sms=True).button_validate()
    env.cr.commit()  # noqa: F821
    run('shipments')
    env['amazon.package'].search([]).next_check = '2020-01-01'  # noqa: F821
    env.cr.commit()  # noqa: F821
    run('shipments')


def control(path, body):
    """Let something happen at the simulated Amazon."""
    request = urllib.request.Request(f'{url}/_control/{path}', json.dumps(body).encode(),
                                     {'Content-Type': 'application/json'})
    with urllib.request.urlopen(request, timeout=60) as reply:
        return json.load(reply)


def set_up_accounts(company):
    """What an accountant does in the wizard \"Create accounts\"."""
    env['amazon.settlement.setup'].with_company(company).create({}).action_apply()  # noqa: F821
    env.cr.commit()  # noqa: F821


def set_up_taxes(seller):
    """What an accountant does under \"Taxes\" of the seller: a registration in Great Britain, and Odoo's own fiscal
    position for exports.
    """
    company = seller.company_id
    britain = env['account.fiscal.position'].with_company(company).create({  # noqa: F821
        'name': "United Kingdom", 'company_id': company.id, 'country_id': env.ref('base.uk').id,  # noqa: F821
        'foreign_vat': 'GB980780684', 'auto_apply': True, 'sequence': 1})
    britain.action_create_foreign_taxes()
    setup = env['amazon.tax.setup'].browse(seller.action_set_up_taxes()['res_id'])  # noqa: F821
    for line in setup.line_ids.filtered('proposal'):
        line.action_accept()
    env.cr.commit()  # noqa: F821


def settle(germany):
    """Amazon refunds an order and closes a period on four marketplaces; Germany is booked and paid, one row of France
    needs a rule.
    """
    other = 'other-transaction'
    fees = [['ServiceFee', 'Cost of Advertising', 'TransactionTotalAmount', '-48.20'],
            [other, other, 'Subscription Fee', '-39.00'],
            [other, other, 'Storage Fee', '-12.75'], [other, 'FBA Inventory Reimbursement', 'WAREHOUSE_LOST', '21.90']]
    sold = env['sale.order'].search([  # noqa: F821
        ('amazon_marketplace_id', '=', germany.id), ('amazon_status', '=', 'SHIPPED'),
        ('invoice_ids.state', '=', 'posted')], limit=1, order='id')
    item = sold.order_line.filtered(lambda line: line.amazon_charge == 'item')[:1]
    control('money', {'type': 'Refund', 'order': sold.amazon_order_ref, 'items': {item.amazon_item_ref: 1},
                      'posted': time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime(time.time() - 7200))})
    heads = control('settle', [
        {'country': 'DE', 'reserve': '150', 'extra': fees},
        {'country': 'FR', 'extra': [*fees, [other, other, 'Drone Landing Fee', '-5.00']]},
        {'country': 'IT', 'extra': fees}, {'country': 'GB', 'extra': fees},
        {'country': 'US', 'seller': 'na', 'extra': fees}])
    env.cr.commit()  # noqa: F821
    run('transactions')
    run('settlements')
    refs = [head['ref'] for head in heads]
    settlements = env['amazon.settlement'].search([('settlement_ref', 'in', refs)])  # noqa: F821
    ready = settlements.filtered(lambda settlement: settlement.state == 'ready'
                                 and settlement.marketplace_id.country_id.code in ('DE', 'US'))
    ready.action_book()
    paid = ready.filtered(lambda settlement: settlement.marketplace_id == germany)
    bank = env['account.journal'].search([  # noqa: F821
        ('company_id', '=', paid.company_id.id), ('type', '=', 'bank')], limit=1)
    env['account.bank.statement.line'].with_company(paid.company_id).create({  # noqa: F821
        'journal_id': bank.id, 'date': paid.deposit_date,
        'payment_ref': f'AMAZON PAYMENTS EUROPE {paid.settlement_ref}', 'amount': paid.total})
    env.cr.commit()  # noqa: F821
    run('settlements')


def connect(company, country, region, name):
    """What a user does in the wizard with the refresh token of a private application."""
    env['amazon.connect'].with_company(company).create({  # noqa: F821
        'company_id': company.id, 'home_marketplace': country, 'name': name, 'method': 'token', 'environment': 'custom',
        'custom_url': url,
        'lwa_client_ref': 'amzn1.application-oa2-client.demo', 'lwa_client_secret': 'amzn1.oa2-cs.v1.demo',
        'refresh_token': f'Atzr|demo-{region}', 'import_from': '2020-01-01',
    }).action_connect()
    env.cr.commit()  # noqa: F821
    seller = env['amazon.seller'].search([('name', '=', name)])  # noqa: F821
    # Seller Central shows it; Amazon states it only with a consent.
    seller.selling_partner_ref = f'A1DEMOSELLER{region.upper()}'
    seller._connect()
    choose = env['amazon.marketplace.choose'].browse(seller.action_choose_marketplaces()['res_id'])  # noqa: F821
    choose.line_ids.is_chosen = True
    choose.action_choose()
    env.cr.commit()  # noqa: F821


def run(flow):
    """What the scheduler does: a run that stops for want of time goes on in the next one."""
    for _run in range(RUNS):
        env.ref(f'amazon_connector.ir_cron_amazon_{flow}').method_direct_trigger()  # noqa: F821
        env.cr.commit()  # noqa: F821
        due = [('flow', '=', flow), ('seller_id.state', '=', 'connected'), ('next_run', '<=', fields.Datetime.now())]
        if not env['amazon.sync'].search_count(due):  # noqa: F821
            return
    raise SystemExit(f"error: the flow {flow} did not come to its end in {RUNS} runs")


def import_listings():
    """The reports of all marketplaces; the simulated Amazon makes them in a second, so they are not waited for."""
    run('listings')
    time.sleep(1)
    env['amazon.report'].search([]).next_poll = '2020-01-01'  # noqa: F821
    env.cr.commit()  # noqa: F821
    run('listings')
    run('fba_inventory')


def fetch(flow, rounds=5):
    """Let a flow request its reports and import them, as days pass by."""
    for _round in range(rounds):
        control('fba/rest?seller=eu', {})
        env.cr.execute("UPDATE amazon_report SET create_date = create_date - interval '1 day'")  # noqa: F821
        env.cr.commit()  # noqa: F821
        run(flow)
        time.sleep(0.5)
        env['amazon.report'].search([('state', 'in', ('wanted', 'asked'))]).next_poll = '2020-01-01'  # noqa: F821
        env['amazon.sync'].search([('flow', '=', flow)]).next_run = '2020-01-01'  # noqa: F821
        env.cr.commit()  # noqa: F821
        run(flow)


def keep_fba_stock(marketplace):
    """What an inventory manager does in the wizard \"Start the Ledger\": for three months now the stock at Amazon
    follows its ledger.
    """
    seller = marketplace.seller_id
    mapped = env['amazon.listing'].search([  # noqa: F821
        ('marketplace_id', '=', marketplace.id), ('channel', '=', 'fba'), ('product_id', '!=', False)])
    skus = mapped.filtered(lambda listing: listing.sku == listing.product_id.default_code)[:8]
    skus.product_id.with_company(seller.company_id).standard_price = 6
    control('fba_year?seller=eu', {'skus': skus.mapped('sku'), 'events': 60, 'sold': True})
    wizard = env['amazon.ledger.open'].with_company(seller.company_id).create({  # noqa: F821
        'seller_id': seller.id, 'date': fields.Date.today() - datetime.timedelta(days=100)})
    wizard.action_request()
    env.cr.commit()  # noqa: F821
    fetch('fba_stock')
    env['amazon.ledger.open'].browse(wizard.action_open()['res_id']).action_start()  # noqa: F821
    env.cr.commit()  # noqa: F821
    fetch('fba_stock')
    send_to_amazon(seller)
    # What crossed borders is looked for once a day: the next day, when all months are there.
    seller.borders_collected = False
    fetch('fba_stock', rounds=1)
    fetch('returns', rounds=2)
    fetch('fba_claims', rounds=8)


def send_to_amazon(seller):
    """What a warehouse does: a transfer with Amazon's number of the shipment, of which two pieces have not arrived."""
    shipment = env['amazon.inbound'].search([  # noqa: F821
        ('seller_id', '=', seller.id), ('line_ids', '!=', False)], limit=1)
    kind = env['stock.picking.type'].search([('amazon_seller_id', '=', seller.id)], limit=1)  # noqa: F821
    places = {'location_id': kind.default_location_src_id.id, 'location_dest_id': kind.default_location_dest_id.id}
    picking = env['stock.picking'].with_company(seller.company_id).create({  # noqa: F821
        'picking_type_id': kind.id, 'amazon_inbound_id': shipment.id, **places, 'move_ids': [
            (0, 0, {'product_id': line.product_id.id, 'product_uom_qty': line.received + 2 * (not number), **places})
            for number, line in enumerate(shipment.line_ids)]})
    picking.action_confirm()
    picking.with_context(skip_backorder=True, skip_sms=True).button_validate()
    env.cr.commit()  # noqa: F821


def start_quantities(marketplace):
    """What a user does in the wizard \"First stock sync\"."""
    preview = env['amazon.stock.preview']._open(marketplace)  # noqa: F821
    wizard = env['amazon.stock.preview'].browse(preview['res_id'])  # noqa: F821
    wizard.send_jumps = True
    wizard.action_start()
    env.cr.commit()  # noqa: F821
    run('stock')


def start_prices(marketplace):
    """Sales prices in dollars, sold in euros: a rule of the pricelist converts them, because somebody chose so."""
    env['product.pricelist.item'].create({  # noqa: F821
        'pricelist_id': marketplace.pricelist_id.id, 'applied_on': '3_global', 'compute_price': 'formula',
        'base': 'list_price', 'price_discount': 10})
    marketplace.price_sync = True
    env.cr.commit()  # noqa: F821
    run('prices')


def sell_now():
    """An order of this moment, which comes in by itself, and a quarter of an hour since quantities were sent."""
    now = time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime(time.time() - 180))
    control('orders', [{**order, 'createdTime': now, 'lastUpdatedTime': now}
                       for order in json.loads(os.environ['DEMO_ORDERS'])])
    env['amazon.sync'].search([('flow', 'in', ('orders', 'feeds'))]).next_run = '2020-01-01'  # noqa: F821
    env['amazon.listing'].search([('stock_state', '=', 'accepted')]).write({  # noqa: F821
        'stock_pushed_date': fields.Datetime.now() - datetime.timedelta(minutes=15)})
    env.cr.commit()  # noqa: F821
    run('orders')
    run('feeds')


def prove(seller):
    """Print whether the start page says of each flow that it works."""
    env.invalidate_all()  # noqa: F821
    proofs = env['amazon.setup.step'].search([  # noqa: F821
        ('seller_id', '=', seller.id), ('section', '=', '2_proof')])
    for proof in proofs:
        print(f"{dict(proof._fields['kind'].selection)[proof.kind]}: {proof.state} ({proof.detail})")
    if set(proofs.mapped('state')) != {'done'}:
        raise SystemExit("error: a proof on the start page has not passed")


main_company = env.company  # noqa: F821
main_company.name = "Demo America Inc."
europe = set_up_german_company()
make_products(main_company | europe)
connect(europe, 'DE', 'eu', "Demo Store Europe")
connect(main_company, 'US', 'na', "Demo Store America")
connect(main_company, 'JP', 'fe', "Demo Store Far East")
germany = env['amazon.seller.marketplace'].search([('country_id.code', '=', 'DE')])  # noqa: F821
make_delivery_methods(europe, germany.seller_id.marketplace_ids)
germany.write({'fba_invoice': 'posted', 'fbm_invoice': 'posted', 'refund_policy': 'posted'})
env.cr.commit()  # noqa: F821
set_up_taxes(germany.seller_id)
run('orders')
import_listings()
start_quantities(germany)
start_prices(germany)
ship(germany.seller_id.marketplace_ids)
set_up_accounts(europe)
set_up_accounts(main_company)
settle(germany)
keep_fba_stock(germany)
sell_now()
prove(germany.seller_id)
