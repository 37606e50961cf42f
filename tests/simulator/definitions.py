"""Product Type Definitions 2020-09-01: three product types, and the generic one, with JSON Schemas of the shape that
Amazon's have.
"""

import hashlib
import json

import jsonschema

from .orders import Refused

META_SCHEMA = 'https://json-schema.org/draft/2019-09/schema'
COUNTRIES = ['CN', 'DE', 'ES', 'FR', 'IN', 'IT', 'JP', 'PT', 'TR', 'US', 'VN']
UNITS = {'weight': ['grams', 'kilograms', 'pounds'], 'length': ['centimeters', 'millimeters', 'inches']}
CONDITIONS = ['new_new', 'refurbished_refurbished', 'used_like_new', 'used_very_good', 'used_good', 'used_acceptable']
OFFER = ['condition_type', 'fulfillment_availability', 'purchasable_offer', 'merchant_suggested_asin']


def _attribute(title, properties, required, *, selectors=('marketplace_id',), description='', most=1):
    keys = {'marketplace_id': {'type': 'string'}} if 'marketplace_id' in selectors else {}
    if 'language_tag' in selectors:
        keys['language_tag'] = {'type': 'string'}
    return {
        'title': title, 'description': description or f"Provide the {title.lower()} of the product", 'type': 'array',
        'minItems': 1, 'minUniqueItems': 1, 'maxUniqueItems': most, 'selectors': list(selectors), 'examples': [title],
        'items': {'type': 'object', 'required': required, 'properties': {**properties, **keys},
                  'additionalProperties': False},
    }


def _text(title, longest=200, **options):
    value = {'title': title, 'type': 'string', 'minLength': 1, 'maxLength': longest, 'editable': True, 'hidden': False}
    return _attribute(title, {'value': value}, ['value'], selectors=('marketplace_id', 'language_tag'), **options)


def _choice(title, values, **options):
    value = {'title': title, 'type': 'string', 'enum': values,
             'enumNames': [value.replace('_', ' ').capitalize() for value in values]}
    return _attribute(title, {'value': value}, ['value'], **options)


def _quantity(kind, title):
    return {'title': title, 'type': 'object', 'required': ['unit', 'value'], 'additionalProperties': False,
            'properties': {
                'unit': {'title': f'{title} Unit', 'type': 'string', 'enum': UNITS[kind]},
                'value': {'title': title, 'type': 'number', 'minimum': 0}}}


def _measure(kind, title):
    return _attribute(title, _quantity(kind, title)['properties'], ['unit', 'value'])


def _schedule(**properties):
    item = {'type': 'object', 'properties': properties,
            'required': [name for name in ('value_with_tax',) if name in properties], 'additionalProperties': False}
    return {'type': 'array', 'minItems': 1, 'maxUniqueItems': 1, 'items': {
        'type': 'object', 'required': ['schedule'], 'additionalProperties': False,
        'properties': {'schedule': {'type': 'array', 'minItems': 1, 'items': item}}}}


def _offer():
    price = {'title': "Price", 'type': 'number', 'minimum': 0}
    moment = {'type': 'string', 'anyOf': [{'format': 'date'}, {'format': 'date-time'}]}
    level = {'type': 'object', 'required': ['lower_bound', 'value'], 'additionalProperties': False,
             'properties': {'lower_bound': {'type': 'integer', 'minimum': 2}, 'value': price}}
    return _attribute("Purchasable Offer", {
        'currency': {'type': 'string'}, 'audience': {'type': 'string', 'enum': ['ALL', 'B2B']},
        'our_price': _schedule(value_with_tax=price),
        'discounted_price': _schedule(value_with_tax=price, start_at=moment, end_at=moment),
        'minimum_seller_allowed_price': _schedule(value_with_tax=price),
        'maximum_seller_allowed_price': _schedule(value_with_tax=price),
        'quantity_discount_plan': _schedule(discount_type={'type': 'string', 'enum': ['fixed', 'percent']},
                                            levels={'type': 'array', 'minItems': 1, 'maxItems': 5, 'items': level}),
        'start_at': {'type': 'object', 'properties': {'value': moment}},
        'end_at': {'type': 'object', 'properties': {'value': moment}},
    }, ['currency', 'our_price'], selectors=('marketplace_id', 'currency', 'audience'), most=3)


COMMON = {
    'item_name': _text("Item Name"), 'brand': _text("Brand Name", 100),
    'product_description': _text("Product Description", 2000), 'bullet_point': _text("Bullet Point", 500, most=5),
    'externally_assigned_product_identifier': _attribute("External Product ID", {
        'type': {'title': "External Product ID Type", 'type': 'string', 'enum': ['ean', 'gtin', 'upc']},
        'value': {'title': "External Product ID", 'type': 'string', 'minLength': 8, 'maxLength': 14}},
        ['type', 'value']),
    'supplier_declared_has_product_identifier_exemption': _attribute("Product ID Exemption", {
        'value': {'title': "Product ID Exemption", 'type': 'boolean'}}, ['value']),
    'merchant_suggested_asin': _attribute("Merchant Suggested ASIN", {
        'value': {'title': "Merchant Suggested ASIN", 'type': 'string', 'minLength': 10, 'maxLength': 10}}, ['value']),
    'condition_type': _choice("Item Condition", CONDITIONS),
    'fulfillment_availability': _attribute("Fulfillment Availability", {
        'fulfillment_channel_code': {'title': "Fulfillment Channel Code", 'type': 'string',
                                     'enum': ['DEFAULT', 'AMAZON_NA', 'AMAZON_EU', 'AMAZON_JP']},
        'quantity': {'title': "Quantity", 'type': 'integer', 'minimum': 0},
        'restock_date': {'title': "Restock Date", 'type': 'string', 'format': 'date'},
        'lead_time_to_ship_max_days': {'title': "Handling Time", 'type': 'integer', 'minimum': 0, 'maximum': 30}},
        ['fulfillment_channel_code'], selectors=('fulfillment_channel_code',), most=2),
    'purchasable_offer': _offer(),
    'country_of_origin': _choice("Country of Origin", COUNTRIES), 'item_weight': _measure('weight', "Item Weight"),
    'item_package_weight': _measure('weight', "Package Weight"),
    'item_package_dimensions': _attribute("Package Dimensions", {
        side: _quantity('length', f"Package {side.capitalize()}") for side in ('length', 'width', 'height')},
        ['length', 'width', 'height']),
    'main_product_image_locator': _attribute("Main Image", {
        'media_location': {'title': "Main Image URL", 'type': 'string', 'format': 'uri'}}, ['media_location']),
    'parentage_level': _choice("Parentage Level", ['child', 'parent']),
    'child_parent_sku_relationship': _attribute("Relationship", {
        'child_relationship_type': {'type': 'string', 'enum': ['variation']}, 'parent_sku': {'type': 'string'}},
        ['child_relationship_type']),
    'variation_theme': {
        **_attribute("Variation Theme", {'name': {'type': 'string', 'enum': ['COLOR', 'SIZE', 'SIZE/COLOR']}}, ['name'],
                     selectors=())},
    'color': _text("Color", 50), 'size': _text("Size", 50), 'material': _text("Material", 100),
}
PRODUCT_TYPES = {
    'PRODUCT': ("Product", {}, []),
    'LUGGAGE': ("Luggage", {'shell_type': _choice("Shell Type", ['hard', 'soft'])},
                ['shell_type', 'item_package_dimensions', 'item_package_weight']),
    'SHIRT': ("Shirt", {'department': _choice("Department", ['mens', 'womens', 'unisex_adult'])},
              ['department', 'color', 'size']),
    'KITCHEN': ("Kitchen", {'number_of_items': _attribute("Number of Items", {
        'value': {'title': "Number of Items", 'type': 'integer', 'minimum': 1}}, ['value'])},
        ['number_of_items', 'item_weight']),
}
REQUIRED = ['item_name', 'brand', 'product_description', 'bullet_point', 'condition_type', 'country_of_origin']
IDENTIFIED = {'anyOf': [
    {'required': ['externally_assigned_product_identifier']}, {'required': ['merchant_suggested_asin']},
    {'required': ['supplier_declared_has_product_identifier_exemption']},
    {'required': ['parentage_level'], 'properties': {
        'parentage_level': {'contains': {'properties': {'value': {'const': 'parent'}}}}}}]}


def schema(product_type: str, requirements: str = 'LISTING', *, enforced: bool = True) -> dict:
    """Return the JSON Schema of a product type for `LISTING` or `LISTING_OFFER_ONLY`."""
    _name, own, needed = PRODUCT_TYPES[product_type]
    offer_only = requirements == 'LISTING_OFFER_ONLY'
    properties = {name: COMMON[name] for name in OFFER} if offer_only else {**COMMON, **own}
    required = ['condition_type', 'merchant_suggested_asin'] if offer_only else REQUIRED + needed
    result = {'$schema': META_SCHEMA,
              '$id': f'https://schemas.amazon.com/selling-partners/definitions/product-types/schema/v1/{product_type}',
              'type': 'object', 'properties': properties, 'additionalProperties': False}
    return {**result, 'required': required, 'allOf': [] if offer_only else [IDENTIFIED]} if enforced else result


def issues(product_type: str, attributes: dict, requirements: str = 'LISTING', *, enforced: bool = True) -> list[dict]:
    """Return what Amazon finds wrong with attributes, as `Issue` objects; a partial set is checked with
    `enforced=False`.
    """
    found = {}
    validator = jsonschema.Draft201909Validator(schema(product_type, requirements, enforced=enforced),
                                                format_checker=jsonschema.FormatChecker())
    for error in validator.iter_errors(attributes):
        for name in _named(error):
            missing = error.validator in ('required', 'anyOf') and name not in attributes
            found.setdefault(name, {
                'code': '90220' if missing else '99022', 'severity': 'ERROR', 'attributeNames': [name],
                'categories': ['MISSING_ATTRIBUTE' if missing else 'INVALID_ATTRIBUTE'],
                'message': f"'{name}' is required but not supplied." if missing
                else f"The value for '{name}' is invalid: {error.message[:150]}"})
    return list(found.values())


def _named(error):
    if error.absolute_path:
        return [error.absolute_path[0]]
    if error.validator == 'required':
        return [error.message.split("'")[1]]
    if error.validator == 'additionalProperties':
        return [name for name in error.instance if name not in error.schema['properties']]
    return ['externally_assigned_product_identifier']


def search_definitions_product_types(state, seller, query) -> tuple[int, dict]:
    words = (query.get('keywords') or query.get('itemName') or '').lower().replace(',', ' ').split()
    names = [name for name, entry in PRODUCT_TYPES.items() if not words
             or any(word in f'{name} {entry[0]}'.lower() for word in words)]
    found = [name for name in names or PRODUCT_TYPES if name != 'PRODUCT']
    return 200, {'productTypeVersion': 'UHqSqmb4FNUk=', 'productTypes': [
        {'name': name, 'displayName': PRODUCT_TYPES[name][0], 'marketplaceIds': query['marketplaceIds'].split(',')}
        for name in found]}


def get_definitions_product_type(state, seller, query, product_type) -> tuple[int, dict]:
    if product_type not in PRODUCT_TYPES:
        raise Refused(404, 'NotFound', f"Product type {product_type} was not found")
    requirements = query.get('requirements', 'LISTING')
    enforced = query.get('requirementsEnforced', 'ENFORCED')
    content = json.dumps(schema(product_type, requirements, enforced=enforced == 'ENFORCED')).encode()
    names = list(schema(product_type, requirements)['properties'])
    return 200, {
        'schema': _link(state, content), 'metaSchema': _link(state, b'{}'), 'requirements': requirements,
        'requirementsEnforced': enforced,
        'propertyGroups': {'offer': {'title': "Offer", 'propertyNames': [name for name in names if name in OFFER]},
                           'product_details': {'title': "Product Details",
                                               'propertyNames': [name for name in names if name not in OFFER]}},
        'locale': query.get('locale', 'DEFAULT').replace('DEFAULT', 'en_US'),
        'marketplaceIds': query['marketplaceIds'].split(','),
        'productType': product_type, 'displayName': PRODUCT_TYPES[product_type][0],
        'productTypeVersion': {'version': 'UHqSqmb4FNUk=', 'latest': True, 'releaseCandidate': False}}


def _link(state, content):
    key = state.documents.publish(state.documents.add(content, content_type='application/json'))
    return {'link': {'resource': state.documents.url(key), 'verb': 'GET'},
            'checksum': hashlib.md5(content, usedforsecurity=False).hexdigest()}
