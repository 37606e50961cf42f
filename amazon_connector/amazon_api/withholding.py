"""Owner of the tax that Amazon withholds from buyers' payments: the seller or Amazon.

Most laws make Amazon the one who owes the tax of a sale, in the seller's place (facilitators in the United States,
deemed suppliers in Europe, low value goods in Australia and New Zealand): the seller has no tax then. Others make
Amazon keep a part of what the seller owes, and pay it to the tax office on the seller's account: the seller owes all of
the tax, and has a claim to what was kept. That is so for sellers of that country; for all others it is Amazon's tax
there, too.

Sources: Mexico, LIVA 18-J and LISR 113-A (Amazon: half of the IVA, all of it without a valid RFC; a certificate a
month); India, CGST Act section 52 (TCS) and Income Tax Act section 194-O (TDS); Turkey, income tax law article 94 (on
sales through platforms since 2025).
"""

import re

# Where whatever Amazon withholds of sellers at home is kept on their account (ISO 3166 codes).
RETAINING = ('IN', 'MX', 'TR')
# Names of what is kept on the seller's account wherever it comes.
RETAINED = re.compile(r'T[CD]S(?![A-Za-z])|(?<![A-Za-z])ISR(?![A-Za-z])|(?i:income ?tax)|(?i:retenci[oó]n)')
REMITTED = re.compile(r'withh[eo]ld|facilitator|lowvaluegoods|low value goods|gsttax', re.IGNORECASE)
NOT_THE_BUYERS = re.compile('fee|reimbursement|commission', re.IGNORECASE)
BUYER, AMAZON, REMITS, RETAINS = 'buyer', 'amazon', 'remits', 'retains'


def find_owner(names: tuple, retains: bool = False) -> str:
    """Return the party of an amount of Finances: `buyer`, `amazon` (its fees, and its payments), `remits` (tax that
    Amazon owes in the seller's place) or `retains` (tax of the seller's that Amazon keeps on account).

    :param tuple names: the names of a breakdown and of those around it
    :param bool retains: whether whatever Amazon withholds there is kept on this seller's account
    """
    if any(map(RETAINED.search, names)):
        return RETAINS
    if any(map(REMITTED.search, names)):
        return RETAINS if retains else REMITS
    return AMAZON if any(map(NOT_THE_BUYERS.search, names)) else BUYER
