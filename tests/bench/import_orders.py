"""Run in Odoo's shell by bench.py: one import, then the floor with plain Odoo, in the same process on the same data."""

import json
import os
import time

from odoo.fields import Command

seller = env['amazon.seller'].browse(int(os.environ['BENCH_SELLER']))  # noqa: F821
sync = seller.sync_ids.filtered(lambda sync: sync.flow == 'orders')
ADDRESS = ['name', 'street', 'street2', 'city', 'zip', 'phone', 'email', 'is_company', 'vat', 'type', 'customer_rank']


def measure(action):
    env.invalidate_all()  # noqa: F821
    queries, start = env.cr.sql_log_count, time.perf_counter()  # noqa: F821
    result = action()
    env.flush_all()  # noqa: F821
    env.cr.commit()  # noqa: F821
    return result, time.perf_counter() - start, env.cr.sql_log_count - queries  # noqa: F821


def plain(context):
    """The same partners and orders, created and confirmed in one batch."""
    orders = env['sale.order'].with_context(**context).create([{**vals, 'partner_id': partner} for vals, partner in zip(  # noqa: F821
        order_vals, [partner.id for partner in make_partners(context)], strict=True)])
    orders.filtered(lambda order: order.client_order_ref == 'confirm').action_confirm()
    return orders


def make_partners(context):
    """Customers, then the delivery addresses that belong to them."""
    created = {}
    for keys in (sorted(partner_vals.keys() - parents.keys()), sorted(parents)):
        partners = env['res.partner'].with_context(**context).create([  # noqa: F821
            {**partner_vals[key], 'parent_id': key in parents and created[parents[key]].id} for key in keys])
        created.update(zip(keys, partners, strict=True))
    return [created[key] for key in order_partners]


_none, import_seconds, import_queries = measure(lambda: sync._run())
sales = env['sale.order'].search([('amazon_marketplace_id.seller_id', '=', seller.id)])  # noqa: F821
partner_vals = {partner.id: {**{field: partner[field] for field in ADDRESS}, 'country_id': partner.country_id.id,
                             'company_id': partner.company_id.id}
                for partner in sales.partner_id | sales.partner_shipping_id}
parents = {partner.id: partner.parent_id.id for partner in sales.partner_shipping_id if partner.parent_id}
order_partners = [sale.partner_shipping_id.id for sale in sales]
order_vals = [{
    'company_id': sale.company_id.id, 'pricelist_id': sale.pricelist_id.id, 'warehouse_id': sale.warehouse_id.id,
    'team_id': sale.team_id.id,
    'date_order': sale.date_order, 'client_order_ref': 'confirm' if sale.state == 'sale' else 'quotation',
    'order_line': [Command.create({
        'product_id': sold.product_id.id, 'name': sold.name, 'product_uom_qty': sold.product_uom_qty,
        'price_unit': sold.price_unit, 'tax_ids': [Command.set(sold.tax_ids.ids)]} if not sold.display_type
        else {'display_type': sold.display_type, 'name': sold.name})
        for sold in sale.order_line],
} for sale in sales]
result = {'orders': len(sales), 'import_s': import_seconds, 'import_queries': import_queries}
for name, context in (('plain', {}), ('plain_untracked', {'tracking_disable': True})):
    _orders, result[f'{name}_s'], result[f'{name}_queries'] = measure(lambda context=context: plain(context))
with open(os.environ['BENCH_RESULT'], 'w') as output:
    json.dump(result, output)
