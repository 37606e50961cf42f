"""What a product type asks for, attributes of plain values, and what is wrong with them, by schemas of Amazon's shape.
"""

import pytest
from amazon_api.product_types import build_attributes, find_problems, read_fields
from simulator.definitions import issues, schema

DE = 'A1PA6795UKMFR9'
GOOD = {
    'item_name.value': "Kettle", 'brand.value': "Brand", 'product_description.value': "Boils",
    'bullet_point.value': "Quick",
    'condition_type.value': 'new_new', 'country_of_origin.value': 'DE', 'number_of_items.value': '1',
    'item_weight.value': '1,2', 'item_weight.unit': 'kilograms', 'externally_assigned_product_identifier.type': 'ean',
    'externally_assigned_product_identifier.value': '4006381333931',
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
    assert fields['supplier_declared_has_product_identifier_exemption.value'].choices == [
        ['true', 'true'], ['false', 'false']]
    assert fields['externally_assigned_product_identifier.value'].required, "one of several is needed: it is shown"


def test_typed_values_become_attributes_that_amazon_takes():
    attributes = build(GOOD)
    assert attributes['item_name'] == [{'value': "Kettle", 'language_tag': 'de_DE', 'marketplace_id': DE}]
    assert attributes['item_weight'] == [{'value': 1.2, 'unit': 'kilograms', 'marketplace_id': DE}]
    assert attributes['number_of_items'] == [{'value': 1, 'marketplace_id': DE}]
    assert find_problems(schema('KITCHEN'), attributes) == [] == issues('KITCHEN', attributes)
    nested = build({'item_package_dimensions.length.value': '10', 'item_package_dimensions.length.unit': 'centimeters'},
                   'LUGGAGE')
    assert nested['item_package_dimensions'] == [{'length': {'value': 10.0, 'unit': 'centimeters'},
                                                  'marketplace_id': DE}]


@pytest.mark.parametrize('changes, path, message', [
    ({'brand.value': ''}, 'brand', 'required'), ({'item_weight.unit': ''}, 'item_weight.unit', 'required'),
    ({'condition_type.value': 'broken'}, 'condition_type.value', 'broken'),
    ({'number_of_items.value': 'many'}, 'number_of_items.value', 'many'),
    ({'item_name.value': 'x' * 300}, 'item_name.value', 'too long'),
    ({'externally_assigned_product_identifier.value': '123'},
     'externally_assigned_product_identifier.value', 'too short')])
def test_what_is_wrong_is_named_by_its_field(changes, path, message):
    problems = {problem.path: problem.message
                for problem in find_problems(schema('KITCHEN'), build({**GOOD, **changes}))}
    assert message in problems[path]


def test_one_of_several():
    values = {path: value for path, value in GOOD.items() if 'identifier' not in path}
    assert {problem.path for problem in find_problems(schema('KITCHEN'), build(values))} == {
        'externally_assigned_product_identifier', 'merchant_suggested_asin',
        'supplier_declared_has_product_identifier_exemption'}
    assert find_problems(schema('KITCHEN'),
                         build({**values, 'supplier_declared_has_product_identifier_exemption.value': 'true'})) == []


def test_values_of_attributes_that_the_type_does_not_have_are_left_out():
    assert build({'shell_type.value': 'hard', 'brand.value': 'B'}) == {
        'brand': [{'value': 'B', 'language_tag': 'de_DE', 'marketplace_id': DE}]}


def test_a_long_value_is_shown_by_its_beginning():
    def found(value):
        [problem] = find_problems({'type': 'object', 'properties': {'x': {'enum': ['a']}}}, {'x': value})
        return problem.message
    short = 'v' * 38
    assert found(short) == f"'{short}' is not one of ['a']"
    assert found('v' * 39) == "'" + 'v' * 39 + "… is not one of ['a']"


def test_typed_values_have_the_type_of_their_field():
    def convert(kind, text):
        properties = {'x': {'type': 'array', 'items': {'type': 'object', 'properties': {'value': {'type': kind}}}}}
        return build_attributes({'properties': properties}, {'x.value': text}, DE, 'de_DE')['x'][0]['value']
    assert [convert('boolean', text) for text in ('true', ' True ', 'false', 'zebra', '0')] == [
        True, True, False, False, False]
    assert [convert('integer', text) for text in (' 7 ', '7.5', 'x')] == [7, '7.5', 'x']
    assert [convert('number', text) for text in ('7', '7,5', '7.5', 'x')] == [7.0, 7.5, 7.5, 'x']
    assert (convert('string', ' 7 '), convert(None, ' true ')) == ('7', 'true')


def test_lists_inside_an_attribute_hold_one_value():
    sizes = {'type': 'array',
             'items': {'type': 'object', 'properties': {'value': {'type': 'number'}, 'unit': {'type': 'string'}}}}
    one = {
        'properties': {
            'x': {'type': 'array',
                  'items': {'properties': {'size': sizes, 'names': {'type': 'array', 'items': {'type': 'string'}}}}}}}
    assert build_attributes(one, {'x.size.value': '5', 'x.size.unit': 'cm', 'x.names': 'a'}, DE, 'de_DE') == {
        'x': [{'size': [{'value': 5.0, 'unit': 'cm'}], 'names': 'a'}]}
    assert [(field.path, field.kind) for field in read_fields(one)] == [('x.size.value', 'number'),
                                                                        ('x.size.unit', 'string'),
                                                                        ('x.names', 'string')]


def leaf(required=(), outer=(), **node):
    schema = {
        'properties': {'x': {'title': "Outer", 'description': "Outer help",
                             'items': {'properties': {'value': node}, 'required': list(required)}}},
              'required': list(outer)}
    return read_fields(schema)


def test_a_field_is_required_if_it_and_its_attribute_are():
    assert [leaf(required, outer)[0].required for required in ((), ('value',)) for outer in ((), ('x',))] == [
        False, False, False, True]


def test_titles_helps_and_choices_of_a_field():
    [plain] = leaf()
    assert plain[:4] == ('x.value', "Outer", "Outer help", 'string') and plain.choices == []
    [own] = leaf(title="Own", description="Own help", enum=['a', 'b'], enumNames=["A", "B"], type='string')
    assert own[1:3] == ("Own", "Own help") and own.choices == [['a', "A"], ['b', "B"]]
    assert leaf(enum=[1, 2], type='integer')[0].choices == [['1', '1'], ['2', '2']]
    assert leaf(type='boolean')[0].choices == [['true', 'true'], ['false', 'false']]
    assert leaf(type='boolean', enum=[True])[0].choices == [['True', 'True']]
    assert read_fields({'properties': {'y': {'items': {'properties': {'value': {}}}}}})[0][:3] == (
        'y.value', 'y.value', '')


def test_each_place_has_one_problem_and_offers_have_none():
    value = {'maxLength': 1, 'pattern': '^b'}
    rules = {'type': 'object', 'required': ['x', 'purchasable_offer'],
             'properties': {'y': {'items': {'properties': {'value': value}}}}}
    problems = find_problems(rules, {'y': [{'value': 'aa'}], 'purchasable_offer': 5})
    assert [(problem.path, problem.message) for problem in problems if problem.path != 'y.value'] == [('x', 'required')]
    assert len([problem for problem in problems if problem.path == 'y.value']) == 1


def test_attributes_of_which_one_is_needed_are_asked_for():
    rules = {'properties': {name: {'items': {'required': ['value'], 'properties': {'value': {}}}} for name in 'abcd'},
             'allOf': [
                 {'anyOf': [{'required': ['a']}, {'required': ['b']},
                            {'required': ['c'], 'properties': {'c': {'const': 1}}}]}]}
    assert [field.path for field in read_fields(rules) if field.required] == ['a.value', 'b.value']
    assert [(problem.path, problem.message) for problem in find_problems(rules['allOf'][0], {})] == [
        ('a', 'one of these is required'), ('b', 'one of these is required')]


@pytest.mark.parametrize('nothing', [None, False, ''])
def test_what_was_left_empty_is_not_sent(nothing):
    assert build({'brand.value': nothing}) == {}
