"""Whatever Amazon may say of an order is either known to be harmless, or marked in the order that the addon's marker
test follows through its life.
"""

import json

from addon_modules import load
from simulator import amazon_models

HARMLESS = ('countryCode', 'requester', 'cancelledBy', 'entityType', 'taxRegistrationType', 'dayOfWeek',
            'exceptionDate', 'buyerInvoicePreference', 'deliveryCapabilities', 'addressType', 'currencyCode', 'amount')


def leaves(definitions, schema, path=()):
    """Every text below a schema, as a path of property names."""
    schema = definitions[schema['$ref'].split('/')[-1]] if '$ref' in schema else schema
    if schema.get('type') == 'array':
        yield from leaves(definitions, schema['items'], path)
    elif schema.get('properties'):
        for name, below in schema['properties'].items():
            yield from leaves(definitions, below, (*path, name))
    elif schema.get('type') == 'string' and not schema.get('enum'):
        yield path


def at(value, path):
    if isinstance(value, list):
        return [found for entry in value for found in at(entry, path)]
    if not path:
        return [value]
    return at(value[path[0]], path[1:]) if isinstance(value, dict) and path[0] in value else []


def is_kept(kept, path):
    for name in path:
        if kept is True:
            return True
        if name not in kept:
            return False
        kept = kept[name]
    return kept is True


def test_every_text_of_an_order_is_harmless_or_marked():
    payloads, personal_data = load('tests/payloads'), load('utils/personal_data')
    marked = payloads.marked_order()
    assert amazon_models.problems('orders_2026-01-01', 'Order', marked) == []
    model = json.loads((amazon_models.DIRECTORY / 'orders_2026-01-01.json').read_text())
    definitions = model.get('definitions') or model['components']['schemas']
    texts = [path for path in leaves(definitions, {'$ref': '#/Order'}) if path[-1] not in HARMLESS]
    assert len(texts) > 80
    missing = [path for path in texts if not is_kept(personal_data.KEPT, path)
               and not all(payloads.MARKER in str(value) for value in at(marked, path) or [''])]
    assert missing == []
    assert payloads.MARKER not in json.dumps(personal_data.scrub(marked))
