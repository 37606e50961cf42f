"""Run in Odoo's shell after the upgrade: every flow of every seller works, and orders that are new at Amazon arrive."""

import os
from datetime import timedelta

from odoo import fields

env = env  # noqa: F821, PLW0127
url = os.environ['UPGRADE_AMAZON']
sellers = env['amazon.seller'].search([('state', '=', 'connected')])
assert sellers, "no seller is connected any more"
sellers.custom_url = url
env['ir.config_parameter'].set_param('amazon_connector.default_url', url)
flows = dict(env['amazon.sync']._fields['flow']._description_selection(env))
known = {sync.flow for sync in sellers.sync_ids}
assert known == flows.keys(), f"flows without a row: {sorted(flows.keys() - known)}"
count = env['amazon.order'].search_count([])
# The new simulated Amazon numbers its reports anew.
env['amazon.report'].search([]).unlink()
sellers.sync_ids.next_run = fields.Datetime.now() - timedelta(minutes=1)
env.cr.commit()
for flow in flows:
    env.ref(f'amazon_connector.ir_cron_amazon_{flow}').method_direct_trigger()
    env.cr.commit()
env.invalidate_all()
failed = sellers.sync_ids.filtered(lambda sync: sync.error)
assert not failed, [(sync.seller_id.name, sync.flow, sync.error) for sync in failed]
arrived = env['amazon.order'].search([], order='id desc', limit=env['amazon.order'].search_count([]) - count)
assert len(arrived) == int(os.environ['UPGRADE_ORDERS']), f"{len(arrived)} new orders arrived"
assert all(arrived.mapped('sale_order_id')), arrived.mapped('error')
print(f"{len(sellers)} sellers, {len(flows)} flows, {len(arrived)} new orders")
