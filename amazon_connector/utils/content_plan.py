"""Texts and pictures to push for the listings that follow their product."""

from ..amazon_api.feed_messages import clean_text
from .change import OF_THE_RECORD, OTHER, Change, Notes, describe_problem
from .phrases import tell
from .product_values import FOLLOWED, get_language, get_values


class ContentPlan:
    """Attributes for the listings of one marketplace that follow their product.

    :param marketplace: `amazon.seller.marketplace`
    """

    def __init__(self, marketplace):
        self.env = marketplace.env
        self.marketplace = marketplace
        self.notes = Notes()
        self.listings = self.env['amazon.listing'].search([
            ('marketplace_id', '=', marketplace.id), ('product_id', '!=', False), ('follows_product', '=', True),
            ('product_type', '!=', False), ('status', 'not in', (False, 'removed'))])

    def find_obstacle(self) -> str | None:
        """Return why no text can be sent, or None: texts are only sent in the marketplace's language."""
        if get_language(self.marketplace):
            return None
        return tell(self.env)._("The language of this marketplace (%s) is not installed in Odoo.",
                                self.marketplace.language_code)

    def changes(self) -> list[Change]:
        """Return the attributes that differ from those pushed last; fill `notes`."""
        return [change for listing in self.listings if (change := self._get_change(listing))]

    def _get_change(self, listing):
        try:
            value = self.value(listing)
        except OF_THE_RECORD as error:
            self._set_state(listing, 'blocked', describe_problem(self.env, error))
            return None
        if listing.content_state == 'blocked':
            self._set_state(listing, False, False)
        pushed = {name: instance for name, instance in (listing.content_pushed or {}).items() if name in value}
        differs = any(_without_token(value[name]) != _without_token(pushed.get(name)) for name in value)
        return Change(listing, value, OTHER) if differs else None

    def _set_state(self, listing, state, text):
        self.notes.add(listing, content_state=state, content_error=text)

    def value(self, listing) -> dict:
        """Return attribute name -> instances, of `product_values.FOLLOWED`."""
        ids = {'marketplace_id': self.marketplace.marketplace_ref}
        attributes = {}
        for path, text in get_values(listing.product_id, self.marketplace, listing.pack_quantity).items():
            name, key = path.split('.', 1)
            if name in FOLLOWED and text and clean_text(text).strip():
                language = {} if key == 'media_location' else {'language_tag': self.marketplace.language_code}
                attributes[name] = [{key: clean_text(text), **language, **ids}]
        return attributes


def _without_token(instances):
    """Return attributes without the token in a picture's address, which changes with time while the picture is the
    same.
    """
    return [{key: str(value).split('?')[0] for key, value in instance.items()} for instance in instances or []]


