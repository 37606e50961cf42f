"""Provinces and states by the spellings that orders have: the tax of Canada and India depends on them."""

import pytest
from utils.states import find_code, normalize


@pytest.mark.parametrize(('country', 'text', 'code'), [
    ('CA', 'P.Q.', 'QC'), ('CA', 'NF', 'NL'), ('CA', 'Newfoundland', 'NL'), ('CA', 'PEI', 'PE'),
    ('CA', 'Prince Edward Islands', 'PE'),
    ('CA', 'Yukon Territory', 'YT'), ('CA', 'Colombie-Britannique', 'BC'), ('CA', 'Nouvelle-Écosse', 'NS'),
    ('CA', 'Île-du-Prince-Édouard', 'PE'),
    ('IN', 'CHHATTISGARH', 'CG'), ('IN', 'NEW DELHI', 'DL'), ('IN', 'Orissa', 'OD'), ('IN', 'PONDICHERRY', 'PY'),
    ('IN', 'UTTARANCHAL', 'UK'),
    ('IN', 'ANDAMAN & NICOBAR ISLANDS', 'AN'), ('MX', 'CDMX', 'CMX'), ('MX', 'Edo. Mex.', 'MEX'),
    ('MX', 'Michoacán de Ocampo', 'MIC'), ('DE', 'NF', None), ('CA', 'Somewhere', None)])
def test_other_spellings(country, text, code):
    assert find_code(country, text) == code


@pytest.mark.parametrize(('postcode', 'code'), [
    ('H2Y 1C6', 'QC'), ('m5v2t6', 'ON'), ('V6B 1A1', 'BC'), ('X0A 0H0', 'NU'), ('X1A 2P7', 'NT'), ('A1C 5M2', 'NL'),
    ('10115', None), ('', None)])
def test_a_canadian_postal_code_gives_the_province(postcode, code):
    assert find_code('CA', '', postcode) == code
    assert find_code('GB', '', postcode) is None


@pytest.mark.parametrize(('one', 'other'), [
    ('Québec', 'QUEBEC'), ('B.C.', 'BC'), ('Nuevo León', 'NUEVO LEON'), ('JAMMU & KASHMIR', 'Jammu and Kashmir'),
    ('TAMIL NADU', 'Tamilnadu')])
def test_accents_capitals_and_points_do_not_matter(one, other):
    assert normalize(one) == normalize(other)
