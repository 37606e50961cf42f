# In place of a589a143: Odoo 17 has properties.
def migrate(cr, version):
    """Do nothing: this is for databases that come from Odoo 17."""
