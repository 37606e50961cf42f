class ResPartner:

    # Left out ab536eee: see `_to_store`.
    def _to_store_defaults(self, target):
        pass

    # New: what `_to_store_defaults` is for Odoo 19.
    def _to_store(self, store, /, **options):  # pylint: disable=missing-return
        """Add what the chatter shows of partners; it reads followers with `sudo`."""
        super()._to_store(store, **options)
        for partner in self:
            if partner.email and not partner._amazon_get_shown_email():
                store.add(partner, {'email': False})
