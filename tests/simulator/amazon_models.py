"""Amazon's own API models (Swagger 2.0), where they are at hand: validation of requests, of replies, and of test data.

They are looked for in `$SPAPI_MODELS` or in `../shared/spapi/models` beside the checkout; they are not part of this
repository.
"""

import functools
import json
import os
import pathlib
import re

import jsonschema

from . import request_rules

HERE = pathlib.Path(__file__).resolve()
DIRECTORY = pathlib.Path(os.environ.get('SPAPI_MODELS') or HERE.parents[3] / 'shared' / 'spapi' / 'models')
FILES = {
    'searchOrders': 'orders_2026-01-01', 'getOrder': 'orders_2026-01-01',
    'getMarketplaceParticipations': 'sellers', 'confirmShipment': 'ordersV0',
    **dict.fromkeys(('createReport', 'getReport', 'getReports', 'getReportDocument'), 'reports_2021-06-30'),
    **dict.fromkeys(('createFeedDocument', 'createFeed', 'getFeed', 'getFeeds', 'getFeedDocument'), 'feeds_2021-06-30'),
    **dict.fromkeys(('getListingsItem', 'searchListingsItems', 'putListingsItem', 'patchListingsItem',
                     'deleteListingsItem'), 'listingsItems_2021-08-01'),
    **dict.fromkeys(('searchDefinitionsProductTypes', 'getDefinitionsProductType'),
                    'definitionsProductTypes_2020-09-01'),
    **dict.fromkeys(('searchCatalogItems', 'getCatalogItem'), 'catalogItems_2022-04-01'),
    'getInventorySummaries': 'fbaInventory', 'listTransactions': 'finances_2024-06-19',
    'listBalances': 'finances_2024-06-19', 'listPayouts': 'transfers_2024-06-01',
    **dict.fromkeys(('getRates', 'getAdditionalInputs', 'purchaseShipment', 'getShipmentDocuments', 'cancelShipment',
                     'getTracking'), 'shippingV2'),
    # Two APIs have an operation `cancelShipment`.
    **dict.fromkeys(('getEligibleShipmentServices', 'getAdditionalSellerInputs', 'createShipment', 'getShipment',
                     'mfn.cancelShipment'),
                    'merchantFulfillmentV0'),
    **dict.fromkeys(('getShipments', 'getShipmentItemsByShipmentId'), 'fulfillmentInboundV0'),
    **dict.fromkeys(('listInboundPlans', 'getInboundPlan', 'inbound.getShipment', 'inbound.listShipmentItems'),
                    'fulfillmentInbound_2024-03-20'),
}


_SCHEMA_KEYS = {'type', 'enum', 'items', 'minimum', 'maximum', 'minItems', 'maxItems', 'minLength', 'maxLength',
                'pattern', 'format', 'uniqueItems'}


def available() -> bool:
    return DIRECTORY.is_dir()


@functools.cache
def _model(name: str) -> dict:
    return json.loads((DIRECTORY / f'{name}.json').read_text())


def _closed(schema):
    """Return a schema that refuses properties which it does not name: Amazon never sends those."""
    if isinstance(schema, list):
        return [_closed(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {key: _closed(value) for key, value in schema.items() if key not in ('example', 'examples')}
    if isinstance(closed.get('properties'), dict) and closed.get('type', 'object') == 'object':
        closed.setdefault('additionalProperties', False)
    return closed


def _merged(schema: dict, definitions: dict) -> dict:
    """Return a schema whose parts of `allOf` are one object: closed one by one, each would refuse what the others have.
    """
    parts = [definitions[part['$ref'].rpartition('/')[2]] if '$ref' in part else part
             for part in schema.get('allOf', [])]
    if not parts:
        return schema
    return {'type': 'object',
            'properties': {name: value for part in parts for name, value in part.get('properties', {}).items()},
            **({'required': required} if (required := [name for part in parts for name in part.get('required', [])])
               else {})}


@functools.cache
def _validator(model: str, definition: str) -> jsonschema.Draft4Validator:
    definitions = _model(model)['definitions']
    schema = {'$ref': f'#/definitions/{definition}',
              'definitions': _closed({name: _merged(part, definitions) for name, part in definitions.items()})}
    return jsonschema.Draft4Validator(schema, format_checker=jsonschema.Draft4Validator.FORMAT_CHECKER)


def problems(model: str, definition: str, value) -> list[str]:
    """Return what is wrong with a value by a definition of a model, one sentence each; nothing without the models."""
    if not available():
        return []
    return [f"{'/'.join(map(str, error.absolute_path))}: {error.message[:200]}"
            for error in _validator(model, definition).iter_errors(value)]


@functools.cache
def operation(name: str) -> dict:
    """Return what the model says of an operation, with its path and method.

    :raises KeyError: there is none of this name
    """
    for path, methods in _model(FILES[name])['paths'].items():
        for method, specification in methods.items():
            if isinstance(specification, dict) and specification.get('operationId') == name.rpartition('.')[2]:
                return {'path': path, 'method': method.upper(), **specification}
    raise KeyError(name)


def definition(model: str, reference: str) -> dict:
    """Return what a reference of a model (`#/definitions/X`) stands for, an empty schema for none."""
    return _model(model)['definitions'].get(reference.rpartition('/')[2], {})


_specification = operation


def reply_problems(operation: str, status: int, body) -> list[str]:
    """Return what is wrong with a reply of an operation."""
    if not available():
        return []
    schema = _specification(operation)['responses'][str(status)].get('schema')
    if schema is None:
        return [f"{status} has no body"] if body else []
    return problems(FILES[operation], schema['$ref'].rsplit('/', 1)[1], body)


def request_problems(operation: str, query: dict[str, list[str]], path: list[str] = (), headers=None) -> list[str]:
    """Return what is wrong with the parameters of a request to an operation: type, enum, bounds, what is required, what
    excludes what.

    :param list path: the values of the parameters in the path, in their order
    """
    if not available():
        return []
    declared = _parameters(operation, 'query')
    found = [f"unknown parameter {name}" for name in query if name not in declared] + request_rules.problems(
        operation, query)
    for name, parameter in declared.items():
        values = query.get(name)
        if values is None:
            found += [f"{name} is required"] * bool(parameter.get('required'))
        elif len(values) > 1:
            found.append(f"{name} is given more than once")
        else:
            found += _value_problems(operation, name, parameter, values[0])
    in_path = _parameters(operation, 'path')
    for name, value in zip(re.findall(r'{(\w+)}', _specification(operation)['path']), path, strict=False):
        found += _value_problems(operation, name, in_path[name], value)
    for name, parameter in _parameters(operation, 'header').items():
        if headers and name in headers:
            found += _value_problems(operation, name, parameter, headers[name])
    return found


def _parameters(operation, place):
    return {parameter['name']: parameter for parameter in _specification(operation).get('parameters', [])
            if parameter.get('in') == place}


def body_problems(operation: str, body) -> list[str]:
    """Return what is wrong with the body of a request to an operation."""
    if not available():
        return []
    schemas = [parameter['schema'] for parameter in _specification(operation).get('parameters', [])
               if parameter.get('in') == 'body']
    return [problem for schema in schemas for problem in problems(FILES[operation], schema['$ref'].rsplit('/', 1)[1],
                                                                  body)]


def _value_problems(operation, name, parameter, text):
    """Return what is wrong with a text that stands for a parameter: it is read as its type, and held against all that
    the model says of it.
    """
    schema = {key: value for key, value in parameter.items() if key in _SCHEMA_KEYS} | request_rules.BOUNDS.get(
        (operation, name), {})
    value = ([_read(parameter['items'], part) for part in text.split(',')] if parameter['type'] == 'array'
             else _read(parameter, text))
    if parameter['type'] == 'string' and not text and parameter.get('required'):
        return [f"{name} is empty"]
    validator = jsonschema.Draft4Validator(schema, format_checker=jsonschema.Draft4Validator.FORMAT_CHECKER)
    return [f"{name}: {error.message[:200]}" for error in validator.iter_errors(value)]


def _read(parameter, text):
    """Return the value that a text of a query stands for, or the text where it stands for none of its type."""
    if parameter['type'] in ('integer', 'number') and re.fullmatch(r'-?\d+(\.\d+)?', text):
        return float(text) if '.' in text else int(text)
    if parameter['type'] == 'boolean' and text.lower() in ('true', 'false'):
        return text.lower() == 'true'
    return text
