"""Whatever is damaged in what Amazon sends: the readers understand it, or name what is wrong with it, and do so
quickly.
"""

import pytest
from addon_modules import load
from amazon_api.orders import read_order
from amazon_api.proceeds import ProceedsError, read_proceeds
from amazon_api.shapes import ShapeError
from amazon_api.transactions import read_transaction
from work import count_work

# Calls of functions while one of them is read.
MOST = 5_000

mutations, payloads = load('tests/mutations'), load('tests/payloads')


def mutate(value):
    """Yield all mutations, and each part as a number that takes minutes to compute with."""
    yield from mutations.mutations(value)
    for place in mutations.places(value):
        yield f"{place} = 1e1000000", mutations.mutate(value, place, '1e1000000')


def money(amount):
    return {'currencyCode': 'EUR', 'currencyAmount': amount}


def group(kind, **leaves):
    return {'breakdownType': kind, 'breakdownAmount': money(sum(leaves.values())), 'breakdowns': [
        {'breakdownType': name, 'breakdownAmount': money(amount), 'breakdowns': []} for name, amount in leaves.items()]}


def transaction():
    def groups():
        return [group('ProductCharges', OurPricePrincipal=-100.0, OurPriceTax=-19.0),
                group('AmazonFees', Commission=17.85)]
    return {
        'sellingPartnerMetadata': {'sellingPartnerId': 'A1', 'accountType': 'Standard Orders', 'marketplaceId': 'M'},
        'relatedIdentifiers': [{'relatedIdentifierName': name, 'relatedIdentifierValue': name.lower()}
                               for name in ('ORDER_ID', 'REFUND_ID', 'RELEASE_TRANSACTION_ID')],
        'transactionType': 'Refund', 'transactionId': 'T1', 'transactionStatus': 'DEFERRED_RELEASED',
        'description': "Refund Order", 'postedDate': '2026-10-20T10:00:00Z', 'totalAmount': money(-101.15),
        'marketplaceDetails': {'marketplaceId': 'M', 'marketplaceName': 'Amazon.de'},
        'items': [{
            'description': "Thing", 'totalAmount': money(-101.15), 'breakdowns': groups(), 'contexts': [
                {'contextType': 'ProductContext', 'sku': 'SKU-A', 'asin': 'B0', 'quantityShipped': 1,
                 'fulfillmentNetwork': 'MFN'}],
            'relatedIdentifiers': [{'itemRelatedIdentifierName': 'ORDER_ADJUSTMENT_ITEM_ID',
                                    'itemRelatedIdentifierValue': '1'}]}],
        'contexts': [], 'breakdowns': groups(),
    }


def order():
    item = payloads.item(quantity=2, total='110.00',
                         parts=[('ITEM', '119.00'), ('SHIPPING', '1.00'), ('DISCOUNT', '-10.00', {'ITEM': '-10.00'}),
                                ('TAX', '17.56', {'ITEM': '17.40', 'SHIPPING': '0.16'})], remitted=True,
                         promotion={'breakdowns': [{'promotionId': 'P'}]}, product={'serialNumbers': ['S']},
                         fulfillment={'packing': {'giftOption': {'giftMessage': "Hello", 'giftWrapLevel': 'STANDARD'}}})
    return payloads.order(item, programs=['PRIME'],
                          associatedOrders=[{'orderId': '1', 'associationType': 'EXCHANGE_ORIGINAL_ID'}],
                          tax={
                              'taxRegistrations': [{'entityType': 'BUYER', 'taxRegistrationType': 'VAT',
                                                    'taxRegistrationNumber': 'X'}]})


def test_every_mutation_of_a_transaction_is_read_or_named():
    assert read_transaction(transaction()).is_explained
    outcomes = [read_or_name(read_transaction, damaged, what) for what, damaged in mutate(transaction())]
    assert len(outcomes) > 800 and 0.1 < sum(outcomes) / len(outcomes) < 0.9


def test_every_mutation_of_an_order_is_read_or_named():
    def read(payload):
        known = read_order(payload)
        proceeds = read_proceeds(known)
        assert sum(charge.gross for charge in proceeds.charges) == proceeds.total
    read(order())
    outcomes = [read_or_name(read, damaged, what) for what, damaged in mutate(order())]
    assert len(outcomes) > 820 and 0.1 < sum(outcomes) / len(outcomes) < 0.9


def read_or_name(read, payload, what):
    """Return whether it could be read; fail where it took long, or failed without words."""
    try:
        with count_work(MOST):
            read(payload)
    except ShapeError as error:
        assert error.kind and (error.path or error.field == ''), what
        return False
    except ProceedsError as error:
        assert len(str(error)) < 500, what
        return False
    except Exception as error:
        pytest.fail(f"{what}: {error!r}")
    return True
