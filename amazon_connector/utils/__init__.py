"""Plain Python between Amazon's data and Odoo's records."""
