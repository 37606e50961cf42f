"""Operations that python-amazon-sp-api 2.1.35 sends otherwise than Amazon's API models say.

Its `create_feed`, `create_feed_document` and `create_shipment` put its own path into the body, its `get_feed_document`
downloads by itself, `delete_listings_item` loses the marketplace, `put_listings_item` and
`get_eligible_shipment_services` add one to the body, and its Shipping v2 takes neither an idempotency key nor the
shipping business of each call. It knows no balances and no payouts.
"""

from sp_api.api import MerchantFulfillment as LibraryMerchantFulfillment
from sp_api.base import ApiResponse, Client, fill_query_params, sp_endpoint


class Balances(Client):
    """Finances 2024-06-19, what the library lacks of it."""

    @sp_endpoint('/finances/2024-06-19/balances')
    def list_balances(self, **kwargs) -> ApiResponse:
        """Call `listBalances`."""
        return self._request(kwargs.pop('path'), params=kwargs, add_marketplace=False)


class Feeds(Client):
    """Feeds 2021-06-30."""

    @sp_endpoint('/feeds/2021-06-30/documents', method='POST')
    def create_feed_document(self, body, **kwargs) -> ApiResponse:
        """Call `createFeedDocument`."""
        return self._request(kwargs['path'], data={**body, 'method': 'POST'}, add_marketplace=False)

    @sp_endpoint('/feeds/2021-06-30/feeds', method='POST')
    def create_feed(self, body, **kwargs) -> ApiResponse:
        """Call `createFeed`."""
        return self._request(kwargs['path'], data={**body, 'method': 'POST'}, add_marketplace=False)

    @sp_endpoint('/feeds/2021-06-30/documents/{}')
    def get_feed_document(self, document_id, **kwargs) -> ApiResponse:
        """Call `getFeedDocument`."""
        return self._request(fill_query_params(kwargs['path'], document_id), add_marketplace=False)


class Listings(Client):
    """Listings Items 2021-08-01."""

    @sp_endpoint('/listings/2021-08-01/items/{}/{}', method='PUT')
    def put_listings_item(self, seller_id, sku, *, body, **kwargs) -> ApiResponse:
        """Call `putListingsItem`."""
        return self._request(fill_query_params(kwargs.pop('path'), seller_id, sku), params=kwargs, data=body,
                             add_marketplace=False)

    @sp_endpoint('/listings/2021-08-01/items/{}/{}', method='DELETE')
    def delete_listings_item(self, seller_id, sku, **kwargs) -> ApiResponse:
        """Call `deleteListingsItem`."""
        return self._request(fill_query_params(kwargs.pop('path'), seller_id, sku), params=kwargs,
                             add_marketplace=False)


class MerchantFulfillment(LibraryMerchantFulfillment):
    """Merchant Fulfillment v0."""

    @sp_endpoint('/mfn/v0/eligibleShippingServices', method='POST')
    def get_eligible_shipment_services(self, body, **kwargs) -> ApiResponse:
        """Call `getEligibleShipmentServices`."""
        return self._request(kwargs['path'], data={**body, 'method': 'POST'}, add_marketplace=False)

    @sp_endpoint('/mfn/v0/shipments', method='POST')
    def create_shipment(self, body, **kwargs) -> ApiResponse:
        """Call `createShipment`."""
        return self._request(kwargs['path'], data={**body, 'method': 'POST'}, add_marketplace=False)


class Shipping(Client):
    """Shipping v2 with its headers: the shipping business of a country, and the key that makes a purchase happen once.
    """

    @sp_endpoint('/shipping/v2/shipments/rates', method='POST')
    def get_rates(self, body, *, business, **kwargs) -> ApiResponse:
        """Call `getRates`."""
        return self._send(kwargs['path'], 'POST', business, body)

    @sp_endpoint('/shipping/v2/shipments', method='POST')
    def purchase_shipment(self, body, *, business, key, **kwargs) -> ApiResponse:
        """Call `purchaseShipment`."""
        return self._send(kwargs['path'], 'POST', business, body, {'x-amzn-IdempotencyKey': key})

    @sp_endpoint('/shipping/v2/shipments/{}/documents')
    def get_shipment_documents(self, shipment_id, *, business, **kwargs) -> ApiResponse:
        """Call `getShipmentDocuments`."""
        path = fill_query_params(kwargs.pop('path'), shipment_id)
        return self._request(path, params=kwargs, headers=self._make_headers(business), add_marketplace=False)

    @sp_endpoint('/shipping/v2/shipments/{}/cancel', method='PUT')
    def cancel_shipment(self, shipment_id, *, business, **kwargs) -> ApiResponse:
        """Call `cancelShipment`."""
        return self._send(fill_query_params(kwargs['path'], shipment_id), 'PUT', business, {})

    @sp_endpoint('/shipping/v2/shipments/additionalInputs/schema')
    def get_additional_inputs(self, *, business, **kwargs) -> ApiResponse:
        """Call `getAdditionalInputs`."""
        return self._request(kwargs.pop('path'), params=kwargs, headers=self._make_headers(business),
                             add_marketplace=False)

    @sp_endpoint('/shipping/v2/tracking')
    def get_tracking(self, *, business, **kwargs) -> ApiResponse:
        """Call `getTracking`."""
        return self._request(kwargs.pop('path'), params=kwargs, headers=self._make_headers(business),
                             add_marketplace=False)

    def _send(self, path, method, business, body, headers=None):
        return self._request(path, data={**body, 'method': method},
                             headers={**self._make_headers(business), **(headers or {})}, add_marketplace=False)

    def _make_headers(self, business):
        return {**self.headers, 'x-amzn-shipping-business-id': business}


class Transfers(Client):
    """Transfers 2024-06-01, what the library lacks of it."""

    @sp_endpoint('/finances/transfers/2024-06-01/payouts')
    def list_payouts(self, **kwargs) -> ApiResponse:
        """Call `listPayouts`."""
        return self._request(kwargs.pop('path'), params=kwargs, add_marketplace=False)
