def migrate(cr, version):
    """Mark the buyers that the connector certainly made, and let the job look at orders again that it erased by a shorter list."""
    cr.execute("UPDATE res_partner SET amazon_is_buyer = TRUE WHERE amazon_key IS NOT NULL AND amazon_is_buyer IS NOT TRUE")
    cr.execute("UPDATE sale_order SET amazon_is_anonymised = FALSE WHERE amazon_is_anonymised AND amazon_order_ref IS NOT NULL AND amazon_keep_until IS NULL")
    cr.execute("UPDATE amazon_sync SET next_run = NULL WHERE flow = 'retention'")
