"""Rows that were summed up before know what they were booked with: the tax of their marketplace, which is taken out if
their order is invoiced. Repeatable.
"""

from odoo import SUPERUSER_ID, api

from odoo.addons.amazon_connector.utils.settlement_plan import SettlementPlan
from odoo.addons.amazon_connector.utils.settlement_rows import DECIDED


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {})
    for settlement in env['amazon.settlement'].search([('stage', 'in', DECIDED)]):
        SettlementPlan(settlement).keep(of_orders=False)
