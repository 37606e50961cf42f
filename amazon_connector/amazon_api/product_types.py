"""Amazon's product types: the fields of their JSON Schemas, attributes made of plain values, and problems of
attributes.

An attribute is a list of instances; a field here is one plain value of the first instance, named by its path, for
example `item_package_dimensions.length.value`. Marketplace and language are not asked for: they follow from the
marketplace.
"""

from typing import NamedTuple

import jsonschema
import referencing

GIVEN = {'marketplace_id', 'language_tag'}
# Attributes that flows of their own send, so they are not in the form.
OFFER_ATTRIBUTES = ('fulfillment_availability', 'purchasable_offer')
# Paths of values that stand above the form, and only there.
ASIN, CONDITION = 'merchant_suggested_asin.value', 'condition_type.value'


class Field(NamedTuple):
    """One value of a product type; `choices` are pairs of value and label, `kind` is a JSON type."""

    path: str
    title: str
    help: str
    kind: str
    required: bool
    choices: list


class Problem(NamedTuple):
    """A problem of an attribute; `path` is that of a field, or the attribute's name."""

    path: str
    message: str


def read_fields(schema: dict) -> list[Field]:
    """Return the fields of a product type's schema, in its order."""
    required = set(schema.get('required', ())) | _conditionally_required(schema)
    fields = []
    for name, attribute in schema['properties'].items():
        if name not in OFFER_ATTRIBUTES:
            instance = attribute.get('items', {})
            fields += _read_object(name, instance, attribute, name in required)
    return fields


def _conditionally_required(schema) -> set:
    """Return the attributes of which one of several is needed: they are shown in the form."""
    names = set()
    for condition in schema.get('allOf', ()):
        for branch in condition.get('anyOf', ()):
            names.update(branch.get('required', ()) if 'properties' not in branch else ())
    return names


def _read_object(path, node, parent, required):
    fields, needed = [], set(node.get('required', ()))
    for name, value in node.get('properties', {}).items():
        if name in GIVEN:
            continue
        inner = f'{path}.{name}'
        if value.get('type') == 'array':
            value = value.get('items', {})
        if 'properties' in value:
            fields += _read_object(inner, value, value, required and name in needed)
        else:
            fields.append(_read_leaf(inner, value, parent, required and name in needed))
    return fields


def _read_leaf(path, node, parent, required):
    values = node.get('enum', [])
    kind = node.get('type', 'string')
    if kind == 'boolean' and not values:
        values = ['true', 'false']
    labels = node.get('enumNames') or [str(value) for value in values]
    return Field(path, node.get('title') or parent.get('title') or path, node.get('description')
                 or parent.get('description', ''),
                 kind, required, [list(pair) for pair in zip(map(str, values), labels, strict=False)])


def get_name(path: str) -> str:
    """Return the name of the attribute that a path leads into."""
    return path.split('.')[0]


def build_attributes(schema: dict, values: dict, marketplace: str, language: str) -> dict:
    """Return attributes in the form of the Listings Items API.

    :param dict values: path -> text, as a person typed it; empty ones are left out
    :param str language: as Amazon names it, for example `de_DE`
    """
    attributes = {}
    for path, text in values.items():
        if text in (None, False, ''):
            continue
        name, *keys = path.split('.')
        attribute = schema['properties'].get(name)
        if attribute is None:
            continue
        if name not in attributes:
            attributes[name] = [_new_instance(attribute.get('items', {}), marketplace, language)]
        _put(attributes[name][0], attribute['items'], keys, text)
    return attributes


def _new_instance(node, marketplace, language):
    known = node.get('properties', {})
    return {key: value for key, value in (('marketplace_id', marketplace), ('language_tag', language)) if key in known}


def _put(target, node, keys, text):
    key, *rest = keys
    node = node['properties'][key]
    if node.get('type') == 'array':
        node = node['items']
        target = target.setdefault(key, [{}])[0] if rest else target
    elif rest:
        target = target.setdefault(key, {})
    if rest:
        _put(target, node, rest, text)
    else:
        target[key] = _convert(node.get('type'), text)


def _convert(kind, text):
    text = str(text).strip()
    try:
        if kind == 'integer':
            return int(text)
        if kind == 'number':
            return float(text.replace(',', '.'))
    except ValueError:
        return text
    return text.lower() == 'true' if kind == 'boolean' else text


def find_problems(schema: dict, attributes: dict) -> list[Problem]:
    """Return the problems of attributes by the schema, one for each place.

    External references of the schema are not fetched: they are a problem, too.
    """
    # An empty registry: the default one of jsonschema opens the URL of a `$ref`.
    validator = jsonschema.Draft201909Validator(schema, registry=referencing.Registry(),
                                                format_checker=jsonschema.FormatChecker())
    found = {}
    try:
        for error in validator.iter_errors({name: value for name, value in attributes.items()
                                            if name not in OFFER_ATTRIBUTES}):
            for problem in _read_problem(error):
                found.setdefault(problem.path, problem)
    except referencing.exceptions.Unresolvable:
        found.setdefault('',
                         Problem('', "The schema of this product type refers to another document, which is not opened"))
    return [problem for problem in found.values() if problem.path.split('.')[0] not in OFFER_ATTRIBUTES]


def _read_problem(error):
    path = '.'.join(str(part) for part in error.absolute_path if not isinstance(part, int))
    if error.validator == 'required':
        missing = error.message.split("'")[1]
        return [Problem('.'.join(filter(None, (path, missing))), 'required')]
    if error.validator == 'anyOf' and not path:
        names = [name for branch in error.validator_value if 'properties' not in branch
                 for name in branch.get('required', ())]
        return [Problem(name, 'one of these is required') for name in names]
    shown = repr(error.instance)
    return [Problem(path, error.message.replace(shown, f'{shown[:40]}…') if len(shown) > 40 else error.message)]
