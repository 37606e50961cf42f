"""Which texts and pictures the listings that follow their product are to have."""

from .change import OTHER, Change
from .product_values import FOLLOWED, get_language, get_values


class ContentPlan:
    """Attributes for the listings of one marketplace that follow their product.

    :param marketplace: `amazon.seller.marketplace`
    """

    def __init__(self, marketplace):
        self.env = marketplace.env
        self.marketplace = marketplace
        self.listings = self.env['amazon.listing'].search([
            ('marketplace_id', '=', marketplace.id), ('product_id', '!=', False), ('follows_product', '=', True), ('product_type', '!=', False),
            ('status', 'not in', (False, 'gone'))])

    def find_obstacle(self) -> str | None:
        """Return why no text can be sent: never in another language than the marketplace's."""
        if get_language(self.marketplace):
            return None
        return self.env._("The language of this marketplace (%s) is not installed in Odoo.", self.marketplace.language_code)

    def changes(self) -> list[Change]:
        """Return the attributes that differ from those that Amazon was told last."""
        changes = []
        for listing in self.listings:
            value = self.value(listing)
            told = {name: instance for name, instance in (listing.content_sent or {}).items() if name in value}
            if any(_without_token(value[name]) != _without_token(told.get(name)) for name in value):
                changes.append(Change(listing, value, OTHER))
        return changes

    def value(self, listing) -> dict:
        """Return attribute name -> instances, of `product_values.FOLLOWED`."""
        ids = {'marketplace_id': self.marketplace.marketplace_ref}
        attributes = {}
        for path, text in get_values(listing.product_id, self.marketplace, listing.pack_quantity).items():
            name, key = path.split('.', 1)
            if name in FOLLOWED and text:
                language = {} if key == 'media_location' else {'language_tag': self.marketplace.language_code}
                attributes[name] = [{key: text, **language, **ids}]
        return attributes


def _without_token(instances):
    """A picture's address carries a token that changes with time; the picture is the same."""
    return [{key: str(value).split('?')[0] for key, value in instance.items()} for instance in instances or []]


