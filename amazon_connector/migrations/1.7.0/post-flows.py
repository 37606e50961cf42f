from odoo import SUPERUSER_ID, api

from odoo.addons.amazon_connector.models.amazon_sync import FLOW_MODELS


def migrate(cr, version):
    """Give sellers of before the flows that are new."""
    env = api.Environment(cr, SUPERUSER_ID, {})
    for seller in env['amazon.seller'].with_context(active_test=False).search([]):
        known = set(seller.sync_ids.mapped('flow'))
        env['amazon.sync'].create([{'seller_id': seller.id, 'flow': flow} for flow in FLOW_MODELS if flow not in known])
