from ..compat import check_access


class DeliveryCarrier:

    # In place of 259edaf0: delivery methods name no page.
    def amazon_get_tracking_link(self, picking):
        """Return Amazon's page of the order."""
        check_access(self, 'read')
        return picking.sale_id._amazon_get_url()
