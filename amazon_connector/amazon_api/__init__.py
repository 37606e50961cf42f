"""Amazon's side of the connector: the Selling Partner API without any knowledge of Odoo."""
