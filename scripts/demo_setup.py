"""Run in Odoo's shell: a German and an American company, products, stock, three sellers, and the first import."""

import json
import os
import time

url = os.environ['DEMO_AMAZON']
env['ir.config_parameter'].set_param('amazon_connector.default_url', url)  # noqa: F821
env['ir.config_parameter'].set_param('web.base.url', os.environ['DEMO_ODOO'])  # noqa: F821


def make_products(companies):
    """The catalogue of the simulated stores, with stock in every warehouse and one lot-tracked product."""
    products = env['product.product'].create([{  # noqa: F821
        'name': good['title'], 'default_code': good['sku'], 'amazon_asin': good['asin'], 'list_price': good['price'],
        'is_storable': True, 'taxes_id': False, 'tracking': 'lot' if good['sku'] == 'SKU-007' else 'none',
    } for good in json.loads(os.environ['DEMO_CATALOGUE'])])
    for warehouse in env['stock.warehouse'].search([('company_id', 'in', companies.ids)]):  # noqa: F821
        env['stock.quant'].with_company(warehouse.company_id).create([{  # noqa: F821
            'product_id': product.id, 'location_id': warehouse.lot_stock_id.id, 'quantity': 200,
        } for product in products if product.tracking == 'none'])


def make_german_company():
    """A second company with the German chart of accounts and taxes for sales to other EU countries (OSS)."""
    company = env['res.company'].create({  # noqa: F821
        'name': "Demo Europe GmbH", 'currency_id': env.ref('base.EUR').id,  # noqa: F821
    })
    # Given at creation, the country would make Odoo install more modules.
    company.country_id = env.ref('base.de')  # noqa: F821
    # The administrator works for both, and begins in Europe.
    (env.user | env.ref('base.user_admin')).company_ids |= company  # noqa: F821
    env.ref('base.user_admin').company_id = company  # noqa: F821
    env['account.chart.template'].try_loading('de_skr03', company=company, install_demo=False)  # noqa: F821
    company._map_eu_taxes()
    env['stock.warehouse'].create({'name': "Berlin", 'code': 'BER', 'company_id': company.id})  # noqa: F821
    return company


def connect(company, country, region, name):
    """What a user does in the wizard with the refresh token of a private application."""
    env['amazon.connect'].with_company(company).create({  # noqa: F821
        'company_id': company.id, 'home_marketplace': country, 'name': name, 'method': 'token', 'environment': 'custom', 'custom_url': url,
        'lwa_client_ref': 'amzn1.application-oa2-client.demo', 'lwa_client_secret': 'amzn1.oa2-cs.v1.demo',
        'refresh_token': f'Atzr|demo-{region}', 'import_from': '2020-01-01',
    }).action_connect()
    env.cr.commit()  # noqa: F821
    seller = env['amazon.seller'].search([('name', '=', name)])  # noqa: F821
    # Seller Central shows it; Amazon tells it only with a consent.
    seller.selling_partner_ref = f'A1DEMOSELLER{region.upper()}'
    seller._connect()


def run(flow):
    """What the scheduler does."""
    env.ref(f'amazon_connector.ir_cron_amazon_{flow}').method_direct_trigger()  # noqa: F821
    env.cr.commit()  # noqa: F821


def import_listings():
    """The reports of all marketplaces; the simulated Amazon makes them in a second, so they are not waited for."""
    run('listings')
    time.sleep(1)
    env['amazon.report'].search([]).next_poll = '2020-01-01'  # noqa: F821
    env.cr.commit()  # noqa: F821
    run('listings')
    run('fba_inventory')


def start_quantities(marketplace):
    """What a user does in the wizard \"First stock sync\"."""
    env['amazon.stock.preview'].with_context(default_marketplace_id=marketplace.id).create({}).action_start()  # noqa: F821
    env.cr.commit()  # noqa: F821
    run('stock')


def start_prices(marketplace):
    """Sales prices in dollars, sold in euros: a rule of the pricelist converts them, because somebody chose so."""
    env['product.pricelist.item'].create({  # noqa: F821
        'pricelist_id': marketplace.pricelist_id.id, 'applied_on': '3_global', 'compute_price': 'formula', 'base': 'list_price', 'price_discount': 10})
    marketplace.price_sync = True
    env.cr.commit()  # noqa: F821
    run('prices')


main_company = env.company  # noqa: F821
main_company.name = "Demo America Inc."
europe = make_german_company()
make_products(main_company | europe)
connect(europe, 'DE', 'eu', "Demo Store Europe")
connect(main_company, 'US', 'na', "Demo Store America")
connect(main_company, 'JP', 'fe', "Demo Store Far East")
env.cr.commit()  # noqa: F821
run('orders')
import_listings()
start_quantities(env['amazon.seller.marketplace'].search([('country_id.code', '=', 'DE')]))  # noqa: F821
start_prices(env['amazon.seller.marketplace'].search([('country_id.code', '=', 'DE')]))  # noqa: F821
