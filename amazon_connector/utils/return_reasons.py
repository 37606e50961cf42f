"""Amazon's codes of why goods come back, and the groups that they belong to.

Both reports use the same words, those of the merchant's returns with prefixes: CR-DEFECTIVE, AMZ-PG-APP-TOO-SMALL.
"""

import re

UNDELIVERABLE = 'undeliverable'
GROUPS = [
    ('defective', "Defective or of poor quality"), ('described', "Not as described"),
    ('damaged', "Damaged"), ('wrong', "Wrong or incomplete"), ('fit', "Does not fit"),
    ('late', "Late or never arrived"), ('regret', "Not wanted any more"), (UNDELIVERABLE, "Could not be delivered"),
    ('other', "Other"),
]
# What Amazon writes of returned units that are in its stock again; others are destroyed, given away or paid for.
IN_STOCK = ('unit returned to inventory', 'repackaged successfully')
CUSTOMER, PRODUCT_GROUP = 'CR_', 'AMZ_PG_'


def find_base(code: str, known) -> str:
    """Return the code without a prefix that means the same, '' for none.

    :param code: as Amazon writes it
    :param known: codes without prefixes
    """
    plain = re.sub(r'[^A-Z0-9]+', '_', code.upper())
    if plain.startswith(CUSTOMER):
        plain = plain.removeprefix(CUSTOMER)
    elif plain.startswith(PRODUCT_GROUP):
        plain = plain.removeprefix(PRODUCT_GROUP)
        if plain not in known:
            # A group of products comes first: APP, WJ.
            plain = plain.partition('_')[2]
            plain = next((name for name in sorted(known) if plain and name.endswith(f'_{plain}')), plain)
    return plain if plain in known else ''


def guess_group(code: str) -> str:
    """Return the group of a code that nobody has listed."""
    return UNDELIVERABLE if re.match(r'(CR[-_])?UNDELIVERABLE', code.upper()) else 'other'


def to_words(code: str) -> str:
    """Return a code as words: MISSING_PARTS becomes "Missing parts"."""
    return re.sub(r'[-_\s]+', ' ', code).strip().capitalize()
