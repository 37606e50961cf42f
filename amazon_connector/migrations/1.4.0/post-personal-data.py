from odoo import SUPERUSER_ID, api
from odoo.tools import split_every

PORTION = 1000


def migrate(cr, version):
    """Mark the buyers that the connector certainly made, so that the job erases what is left of them.

    The job finds orders that older versions erased by itself, some at a time (`amazon_erase_version`).
    """
    cr.execute("UPDATE res_partner SET amazon_is_buyer = TRUE WHERE amazon_key IS NOT NULL AND amazon_is_buyer IS "
               "NOT TRUE")
    partners = api.Environment(cr, SUPERUSER_ID, {'active_test': False})['res.partner']
    for ids in split_every(PORTION, find_anonymised(cr)):
        portion = partners.browse(ids)
        buyers = portion - portion._amazon_find_used()
        cr.execute("UPDATE res_partner SET amazon_is_buyer = TRUE WHERE id = ANY(%s)", [buyers.ids])
        partners.invalidate_model()
    cr.execute("UPDATE amazon_sync SET next_run = NULL WHERE flow = 'retention'")


def find_anonymised(cr):
    """Return the ids of partners that older versions anonymised, which took their key: on erased Amazon orders, or
    below a partner of these, with a name that ends with their own id and without an address.
    """
    cr.execute("""
        WITH named AS (
            SELECT partner_id AS id
              FROM sale_order
             WHERE amazon_is_anonymised AND amazon_order_ref IS NOT NULL
             UNION
            SELECT partner_shipping_id
              FROM sale_order
             WHERE amazon_is_anonymised AND amazon_order_ref IS NOT NULL
        )
        SELECT partner.id
          FROM res_partner partner
         WHERE partner.amazon_is_buyer IS NOT TRUE AND partner.amazon_key IS NULL
           AND partner.street IS NULL AND partner.city IS NULL AND partner.email IS NULL AND partner.phone IS NULL
           AND partner.name LIKE '% ' || partner.id
           AND (partner.id IN (SELECT id FROM named) OR partner.parent_id IN (SELECT id FROM named))""")
    return [row[0] for row in cr.fetchall()]
