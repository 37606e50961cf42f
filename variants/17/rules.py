"""What Odoo 17 writes otherwise than Odoo 18."""

RULES = []
