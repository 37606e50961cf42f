"""Sellers API v1."""


def get_marketplace_participations(state, seller, query) -> tuple[int, dict]:
    return 200, {'payload': seller.marketplaces}
