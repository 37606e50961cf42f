"""Operations that python-amazon-sp-api 2.1.35 sends otherwise than Amazon's API models say.

Its `create_feed` and `create_feed_document` put its own path into the body, its `get_feed_document` downloads by itself,
`delete_listings_item` loses the marketplace, and `put_listings_item` adds one to the body.
"""

from sp_api.base import ApiResponse, Client, fill_query_params, sp_endpoint


class Feeds(Client):
    """Feeds 2021-06-30."""

    @sp_endpoint('/feeds/2021-06-30/documents', method='POST')
    def create_feed_document(self, body, **kwargs) -> ApiResponse:
        return self._request(kwargs['path'], data={**body, 'method': 'POST'}, add_marketplace=False)

    @sp_endpoint('/feeds/2021-06-30/feeds', method='POST')
    def create_feed(self, body, **kwargs) -> ApiResponse:
        return self._request(kwargs['path'], data={**body, 'method': 'POST'}, add_marketplace=False)

    @sp_endpoint('/feeds/2021-06-30/documents/{}')
    def get_feed_document(self, document_id, **kwargs) -> ApiResponse:
        return self._request(fill_query_params(kwargs['path'], document_id), add_marketplace=False)


class Listings(Client):
    """Listings Items 2021-08-01."""

    @sp_endpoint('/listings/2021-08-01/items/{}/{}', method='PUT')
    def put_listings_item(self, seller_id, sku, *, body, **kwargs) -> ApiResponse:
        return self._request(fill_query_params(kwargs.pop('path'), seller_id, sku), params=kwargs, data=body, add_marketplace=False)

    @sp_endpoint('/listings/2021-08-01/items/{}/{}', method='DELETE')
    def delete_listings_item(self, seller_id, sku, **kwargs) -> ApiResponse:
        return self._request(fill_query_params(kwargs.pop('path'), seller_id, sku), params=kwargs, add_marketplace=False)
