"""What Odoo 18 writes otherwise than Odoo 19."""

from constraint_rules import Constraints

RULES = [
    Constraints(),
]
