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

HERE = pathlib.Path(__file__).resolve()
DIRECTORY = pathlib.Path(os.environ.get('SPAPI_MODELS') or HERE.parents[3] / 'shared' / 'spapi' / 'models')
FILES = {
    'searchOrders': 'orders_2026-01-01', 'getOrder': 'orders_2026-01-01',
    'getMarketplaceParticipations': 'sellers', 'confirmShipment': 'ordersV0',
    **dict.fromkeys(('createReport', 'getReport', 'getReports', 'getReportDocument'), 'reports_2021-06-30'),
    **dict.fromkeys(('createFeedDocument', 'createFeed', 'getFeed', 'getFeeds', 'getFeedDocument'), 'feeds_2021-06-30'),
    **dict.fromkeys(('getListingsItem', 'searchListingsItems', 'putListingsItem', 'patchListingsItem', 'deleteListingsItem'), 'listingsItems_2021-08-01'),
    **dict.fromkeys(('searchDefinitionsProductTypes', 'getDefinitionsProductType'), 'definitionsProductTypes_2020-09-01'),
    **dict.fromkeys(('searchCatalogItems', 'getCatalogItem'), 'catalogItems_2022-04-01'),
    'getInventorySummaries': 'fbaInventory', 'listTransactions': 'finances_2024-06-19',
    **dict.fromkeys(('getRates', 'getAdditionalInputs', 'purchaseShipment', 'getShipmentDocuments', 'cancelShipment', 'getTracking'), 'shippingV2'),
    # Two APIs have an operation `cancelShipment`.
    **dict.fromkeys(('getEligibleShipmentServices', 'getAdditionalSellerInputs', 'createShipment', 'getShipment', 'mfn.cancelShipment'),
                    'merchantFulfillmentV0'),
}


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
    """Return a schema whose parts of `allOf` are one object: closed one by one, each would refuse what the others have."""
    parts = [definitions[part['$ref'].rpartition('/')[2]] if '$ref' in part else part for part in schema.get('allOf', [])]
    if not parts:
        return schema
    return {'type': 'object', 'properties': {name: value for part in parts for name, value in part.get('properties', {}).items()},
            **({'required': required} if (required := [name for part in parts for name in part.get('required', [])]) else {})}


@functools.cache
def _validator(model: str, definition: str) -> jsonschema.Draft4Validator:
    definitions = _model(model)['definitions']
    schema = {'$ref': f'#/definitions/{definition}', 'definitions': _closed({name: _merged(part, definitions) for name, part in definitions.items()})}
    return jsonschema.Draft4Validator(schema, format_checker=jsonschema.Draft4Validator.FORMAT_CHECKER)


def problems(model: str, definition: str, value) -> list[str]:
    """Return what is wrong with a value by a definition of a model, one sentence each; nothing without the models."""
    if not available():
        return []
    return [f"{'/'.join(map(str, error.absolute_path))}: {error.message[:200]}"
            for error in _validator(model, definition).iter_errors(value)]


@functools.cache
def _operation(operation: str) -> dict:
    for path, methods in _model(FILES[operation])['paths'].items():
        for method, specification in methods.items():
            if isinstance(specification, dict) and specification.get('operationId') == operation.rpartition('.')[2]:
                return {'path': path, 'method': method.upper(), **specification}
    raise KeyError(operation)


def reply_problems(operation: str, status: int, body) -> list[str]:
    """Return what is wrong with a reply of an operation."""
    if not available():
        return []
    schema = _operation(operation)['responses'][str(status)].get('schema')
    if schema is None:
        return [f"{status} has no body"] if body else []
    return problems(FILES[operation], schema['$ref'].rsplit('/', 1)[1], body)


def request_problems(operation: str, query: dict[str, list[str]]) -> list[str]:
    """Return what is wrong with the query of a request to an operation."""
    if not available():
        return []
    declared = {parameter['name']: parameter for parameter in _operation(operation).get('parameters', [])
                if parameter.get('in') == 'query'}
    found = [f"unknown parameter {name}" for name in query if name not in declared]
    for name, parameter in declared.items():
        values = query.get(name)
        if values is None:
            found += [f"{name} is required"] * bool(parameter.get('required'))
        elif len(values) > 1:
            found.append(f"{name} is given more than once")
        else:
            found += _value_problems(name, parameter, ','.join(values))
    return found


def body_problems(operation: str, body) -> list[str]:
    """Return what is wrong with the body of a request to an operation."""
    if not available():
        return []
    schemas = [parameter['schema'] for parameter in _operation(operation).get('parameters', []) if parameter.get('in') == 'body']
    return [problem for schema in schemas for problem in problems(FILES[operation], schema['$ref'].rsplit('/', 1)[1], body)]


def _value_problems(name, parameter, value):
    if parameter['type'] == 'array':
        parts = value.split(',')
        allowed = parameter['items'].get('enum')
        found = [f"{name}: {part!r} is not one of the allowed values" for part in parts if allowed and part not in allowed]
        if len(parts) > parameter.get('maxItems', len(parts)):
            found.append(f"{name}: more than {parameter['maxItems']} values")
        return found
    if parameter['type'] == 'integer' and not re.fullmatch(r'-?\d+', value):
        return [f"{name}: {value!r} is not a whole number"]
    if parameter.get('format') == 'date-time':
        checker = jsonschema.Draft4Validator.FORMAT_CHECKER
        return [] if checker.conforms(value, 'date-time') else [f"{name}: {value!r} is not an ISO 8601 time"]
    return []
