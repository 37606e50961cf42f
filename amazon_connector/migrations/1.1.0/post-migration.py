from odoo import SUPERUSER_ID, api
from odoo.fields import Command

from odoo.addons.amazon_connector.models.amazon_mapping_rule import DEFAULT_KINDS
from odoo.addons.amazon_connector.models.amazon_sync import FLOW_MODELS


def migrate(cr, version):
    """Sellers of before get the new flows, their marketplaces the mapping rules."""
    env = api.Environment(cr, SUPERUSER_ID, {'active_test': False})
    for seller in env['amazon.seller'].search([]):
        missing = FLOW_MODELS.keys() - set(seller.sync_ids.mapped('flow'))
        env['amazon.sync'].create([{'seller_id': seller.id, 'flow': flow} for flow in sorted(missing)])
    for marketplace in env['amazon.seller.marketplace'].search([('mapping_rule_ids', '=', False)]):
        marketplace.mapping_rule_ids = [
            Command.create({'kind': kind, 'sequence': 10 * position}) for position, kind in enumerate(DEFAULT_KINDS, 1)]
