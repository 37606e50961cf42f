"""Commodity code and country of origin of products, by whichever module a company keeps them in: Odoo Enterprise's
`account_intrastat`, the community's `product_harmonized_system`, or Odoo itself. None of them but the last is needed.
"""

# Fields of products that name a code, and the field of the code that has it as the tax office wants it.
CODES = (('intrastat_code_id', 'code'), ('hs_code_id', 'local_code'))
ORIGINS = ('intrastat_origin_country_id', 'origin_country_id', 'country_of_origin')


def find_commodity_code(product) -> str:
    """Return the commodity code of a product, '' for none: that of Intrastat, its own or its category's, which is the
    longer one, else its HS code.
    """
    for field, name in CODES:
        for holder in (product, *_find_categories(product)):
            if field in holder._fields and (code := holder[field]):
                return code[name] or ''
    return product.hs_code or ''


def find_origin(product):
    """Return the country (`res.country`) that a product was made in, empty for none."""
    found = [product[field] for field in ORIGINS if field in product._fields]
    return next(filter(None, found), found[-1])


def _find_categories(product):
    """Yield the category of a product and those above it."""
    category = product.categ_id
    while category:
        yield category
        category = category.parent_id
