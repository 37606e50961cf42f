from odoo import SUPERUSER_ID, api

from odoo.addons.amazon_connector.models.amazon_sync import FLOW_MODELS


def migrate(cr, version):
    """Sellers of before get the new flows."""
    env = api.Environment(cr, SUPERUSER_ID, {'active_test': False})
    for seller in env['amazon.seller'].search([]):
        missing = FLOW_MODELS.keys() - set(seller.sync_ids.mapped('flow'))
        env['amazon.sync'].create([{'seller_id': seller.id, 'flow': flow} for flow in sorted(missing)])
