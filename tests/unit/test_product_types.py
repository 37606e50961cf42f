"""What a product type asks for, attributes of plain values, and what is wrong with them, by schemas of Amazon's shape."""

import pytest
from amazon_api.product_types import build_attributes, find_problems, read_fields
from simulator.definitions import issues, schema

DE = 'A1PA6795UKMFR9'
GOOD = {
    'item_name.value': "Kettle", 'brand.value': "Brand", 'product_description.value': "Boils", 'bullet_point.value': "Quick",
    'condition_type.value': 'new_new', 'country_of_origin.value': 'DE', 'number_of_items.value': '1', 'item_weight.value': '1,2',
    'item_weight.unit': 'kilograms', 'externally_assigned_product_identifier.type': 'ean', 'externally_assigned_product_identifier.value': '4006381333931',
}


def build(values, product_type='KITCHEN'):
    return build_attributes(schema(product_type), values, DE, 'de_DE')


@pytest.mark.parametrize('product_type', ['LUGGAGE', 'SHIRT', 'KITCHEN'])
def test_every_required_attribute_is_asked_for(product_type):
    fields = read_fields(schema(product_type))
    asked = {field.path.split('.')[0] for field in fields if field.required}
    assert set(schema(product_type)['required']) <= asked
    assert 'purchasable_offer' not in {field.path.split('.')[0] for field in fields}
    assert not any(field.path.endswith(('marketplace_id', 'language_tag')) for field in fields)


def test_fields_have_titles_kinds_and_choices():
    fields = {field.path: field for field in read_fields(schema('LUGGAGE'))}
    assert fields['condition_type.value'].choices[0] == ['new_new', "New new"]
    assert fields['item_package_dimensions.length.value'].kind == 'number'
    assert fields['item_package_dimensions.length.unit'].required and not fields['material.value'].required
    assert fields['supplier_declared_has_product_identifier_exemption.value'].choices == [['true', 'true'], ['false', 'false']]
    assert fields['externally_assigned_product_identifier.value'].required, "one of several is needed: it is shown"


def test_typed_values_become_attributes_that_amazon_takes():
    attributes = build(GOOD)
    assert attributes['item_name'] == [{'value': "Kettle", 'language_tag': 'de_DE', 'marketplace_id': DE}]
    assert attributes['item_weight'] == [{'value': 1.2, 'unit': 'kilograms', 'marketplace_id': DE}]
    assert attributes['number_of_items'] == [{'value': 1, 'marketplace_id': DE}]
    assert find_problems(schema('KITCHEN'), attributes) == [] == issues('KITCHEN', attributes)
    nested = build({'item_package_dimensions.length.value': '10', 'item_package_dimensions.length.unit': 'centimeters'}, 'LUGGAGE')
    assert nested['item_package_dimensions'] == [{'length': {'value': 10.0, 'unit': 'centimeters'}, 'marketplace_id': DE}]


@pytest.mark.parametrize('changes, path, message', [
    ({'brand.value': ''}, 'brand', 'required'), ({'item_weight.unit': ''}, 'item_weight.unit', 'required'),
    ({'condition_type.value': 'broken'}, 'condition_type.value', 'broken'), ({'number_of_items.value': 'many'}, 'number_of_items.value', 'many'),
    ({'item_name.value': 'x' * 300}, 'item_name.value', 'too long'), ({'externally_assigned_product_identifier.value': '123'},
                                                                      'externally_assigned_product_identifier.value', 'too short')])
def test_what_is_wrong_is_named_by_its_field(changes, path, message):
    problems = {problem.path: problem.message for problem in find_problems(schema('KITCHEN'), build({**GOOD, **changes}))}
    assert message in problems[path]


def test_one_of_several():
    values = {path: value for path, value in GOOD.items() if 'identifier' not in path}
    assert {problem.path for problem in find_problems(schema('KITCHEN'), build(values))} == {
        'externally_assigned_product_identifier', 'merchant_suggested_asin', 'supplier_declared_has_product_identifier_exemption'}
    assert find_problems(schema('KITCHEN'), build({**values, 'supplier_declared_has_product_identifier_exemption.value': 'true'})) == []


def test_values_of_attributes_that_the_type_does_not_have_are_left_out():
    assert build({'shell_type.value': 'hard', 'brand.value': 'B'}) == {'brand': [{'value': 'B', 'language_tag': 'de_DE', 'marketplace_id': DE}]}


def test_a_long_value_is_shown_by_its_beginning():
    def found(value):
        [problem] = find_problems({'type': 'object', 'properties': {'x': {'enum': ['a']}}}, {'x': value})
        return problem.message
    short = 'v' * 38
    assert found(short) == f"'{short}' is not one of ['a']"
    assert found('v' * 39) == "'" + 'v' * 39 + "… is not one of ['a']"
