"""Commodity codes and origins of products, in the fields of the modules that may be there."""

import importlib.util
import pathlib

PATH = pathlib.Path(__file__).parents[2] / 'amazon_connector' / 'utils' / 'intrastat.py'
NOTHING = ()


def load():
    spec = importlib.util.spec_from_file_location('intrastat', PATH)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


intrastat = load()


class Record:
    """A record with the fields that it is made with, as Odoo's records have them."""

    def __init__(self, **values):
        self._fields = values

    def __getattr__(self, name):
        return self._fields[name]

    def __getitem__(self, name):
        return self._fields[name]


def product(category=NOTHING, **values):
    return Record(**{'categ_id': category, 'hs_code': False, 'country_of_origin': NOTHING, **values})


def category(parent=NOTHING, **values):
    return Record(parent_id=parent, **values)


def test_odoo_alone_has_the_hs_code():
    assert intrastat.find_commodity_code(product(hs_code='851830')) == '851830'
    assert intrastat.find_commodity_code(product(category(category()))) == ''
    assert intrastat.find_origin(product(country_of_origin='CN')) == 'CN'
    assert intrastat.find_origin(product()) == NOTHING


def test_enterprises_code_of_intrastat_comes_first():
    code = Record(code='85183000')
    goods = product(hs_code='851830', intrastat_code_id=code, intrastat_origin_country_id='VN', country_of_origin='CN')
    assert intrastat.find_commodity_code(goods) == '85183000'
    assert intrastat.find_origin(goods) == 'VN'


def test_where_intrastat_has_none_the_hs_code_counts():
    goods = product(hs_code='851830', intrastat_code_id=NOTHING, intrastat_origin_country_id=NOTHING,
                    country_of_origin='CN')
    assert intrastat.find_commodity_code(goods) == '851830'
    assert intrastat.find_origin(goods) == 'CN'


def test_the_communitys_code_is_that_of_the_product_or_of_the_nearest_category():
    own, near, far = (Record(local_code=code) for code in ('85183000', '85182100', '85182200'))
    above = category(hs_code_id=far)
    assert intrastat.find_commodity_code(product(category(above, hs_code_id=near), hs_code_id=own)) == '85183000'
    assert intrastat.find_commodity_code(product(category(above, hs_code_id=near), hs_code_id=NOTHING)) == '85182100'
    assert intrastat.find_commodity_code(product(category(above, hs_code_id=NOTHING), hs_code_id=NOTHING,
                                                 hs_code='1')) == '85182200'
    assert intrastat.find_origin(product(origin_country_id='PL', country_of_origin='CN')) == 'PL'
