"""Settlements whose payout is matched with what is no money read "Reconciled" before."""

from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    """Find the state of paid settlements anew. Done again, it finds the same."""
    env = api.Environment(cr, SUPERUSER_ID, {})
    env['amazon.settlement'].search([('state', '=', 'reconciled')])._compute_state()
    env.flush_all()
