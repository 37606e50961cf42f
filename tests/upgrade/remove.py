"""Run in Odoo's shell: uninstall the addon as a user does."""

env['ir.module.module'].search([('name', '=', 'amazon_connector')]).button_immediate_uninstall()  # noqa: F821
