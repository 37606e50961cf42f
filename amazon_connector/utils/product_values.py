"""Values of a product in Odoo for the attributes of an Amazon listing."""

import hashlib

from odoo.tools.misc import limited_field_access_token

IDENTIFIER_TYPES = {8: 'ean', 12: 'upc', 13: 'ean', 14: 'gtin'}
# Attributes that follow the product once a listing exists, if the marketplace says so.
FOLLOWED = ('item_name', 'product_description', 'bullet_point', 'main_product_image_locator')


def get_language(marketplace):
    """Return the code of the installed language that the texts of a marketplace are in, or None.

    Amazon's `en_GB` is also served by another English, but never by another language.
    """
    wanted = marketplace.language_code or ''
    installed = [code for code, _name in marketplace.env['res.lang'].get_installed()]
    alike = [code for code in installed if code.split('_')[0] == wanted.split('_')[0]]
    return wanted if wanted in installed else next(iter(alike), None)


def get_values(product, marketplace, pack_quantity=1) -> dict:
    """Return attribute path -> text for the values that the product has; texts only in the marketplace's language."""
    language = get_language(marketplace)
    values = {**_texts(product.with_context(lang=language), marketplace)} if language else {}
    values.update(_identifier(product))
    if product.weight:
        for name in ('item_weight', 'item_package_weight'):
            values.update({f'{name}.value': product.weight, f'{name}.unit': 'kilograms'})
    for side in ('length', 'width', 'height'):
        # Fields of the community module product_dimension, in metres.
        if size := product[f'product_{side}'] if f'product_{side}' in product._fields else 0:
            values.update({f'item_package_dimensions.{side}.value': size * 100,
                           f'item_package_dimensions.{side}.unit': 'centimeters'})
    if product.country_of_origin:
        values['country_of_origin.value'] = product.country_of_origin.code
    if product.image_1920:
        values['main_product_image_locator.media_location'] = get_image_url(product)
    return {**values, 'brand.value': _get_brand(product, marketplace), 'number_of_items.value': pack_quantity,
            **_variant_values(product)}


def get_image_url(product) -> str:
    """Return an address from which Amazon can fetch the picture without a login, for two weeks or more."""
    token = limited_field_access_token(product, 'image_1920', scope='binary')
    # The name in the address changes with the picture: Amazon fetches each address once.
    name = hashlib.sha1(product.image_1920, usedforsecurity=False).hexdigest()[:12]
    return f'{product.get_base_url()}/web/image/product.product/{product.id}/image_1920/{name}.png?access_token={token}'


def _texts(product, marketplace):
    description = product.description_sale or ''
    first_line = description.strip().split('\n')[0]
    return {'item_name.value': product.display_name if product.product_template_attribute_value_ids else product.name,
            'product_description.value': description, 'bullet_point.value': first_line}


def _identifier(product):
    kind = IDENTIFIER_TYPES.get(len(product.barcode or ''))
    return {'externally_assigned_product_identifier.type': kind,
            'externally_assigned_product_identifier.value': product.barcode} if kind else {}


def _get_brand(product, marketplace):
    named = {line.attribute_id.name.lower(): line for line in product.product_tmpl_id.attribute_line_ids}
    return named['brand'].value_ids[:1].name if 'brand' in named else marketplace.brand_name


def _variant_values(product):
    """Return size, color and other values of the variant, where Amazon's attribute has the same name."""
    return {f"{value.attribute_id.with_context(lang='en_US').name.lower().replace(' ', '_')}.value": value.name
            for value in product.product_template_attribute_value_ids}
