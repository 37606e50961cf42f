"""States and provinces by the spellings that buyers and Amazon use: a tax may depend on them (Canada, India)."""

import re
import unicodedata

# By country: spellings beside Odoo's names and codes, as `normalize` makes them, and the codes that Odoo has.
SPELLINGS = {
    'CA': {
        'colombiebritannique': 'BC', 'ileduprinceedouard': 'PE',
        'labrador': 'NL', 'newfoundland': 'NL', 'nf': 'NL', 'nfld': 'NL', 'nouveaubrunswick': 'NB',
        'nouvelleecosse': 'NS', 'nwt': 'NT', 'pei': 'PE',
        'pq': 'QC', 'princeedwardislands': 'PE', 'terreneuve': 'NL', 'terreneuveetlabrador': 'NL',
        'territoiresdunordouest': 'NT', 'yukonterritory': 'YT',
    },
    'IN': {
        'andamanandnicobarislands': 'AN', 'chhattisgarh': 'CG', 'damananddiu': 'DD', 'jammukashmir': 'JK',
        'maharastra': 'MH', 'newdelhi': 'DL',
        'nctofdelhi': 'DL', 'orissa': 'OD', 'pondicherry': 'PY', 'uttaranchal': 'UK',
    },
    'MX': {
        'cdmx': 'CMX', 'coahuiladezaragoza': 'COA', 'distritofederal': 'CMX', 'df': 'CMX', 'edomex': 'MEX',
        'edodemexico': 'MEX', 'estadodemexico': 'MEX',
        'michoacandeocampo': 'MIC', 'queretarodearteaga': 'QUE', 'veracruzdeignaciodelallave': 'VER',
    },
}
# Canada: province by the first letter of a postal code; by three letters in the north.
CANADIAN_CODES = {
    'A': 'NL', 'B': 'NS', 'C': 'PE', 'E': 'NB', 'G': 'QC', 'H': 'QC', 'J': 'QC', 'K': 'ON', 'L': 'ON', 'M': 'ON',
    'N': 'ON', 'P': 'ON', 'R': 'MB',
    'S': 'SK', 'T': 'AB', 'V': 'BC', 'X': 'NT', 'X0A': 'NU', 'X0B': 'NU', 'X0C': 'NU', 'Y': 'YT',
}
CANADIAN_FORM = re.compile(r'[A-Z]\d[A-Z] ?\d[A-Z]\d')


def normalize(text: str) -> str:
    """Return a spelling without accents, capitals and punctuation, by which names are compared."""
    text = unicodedata.normalize('NFKD', text.replace('&', ' and ')).casefold()
    return re.sub(r'[^a-z0-9]', '', ''.join(letter for letter in text if not unicodedata.combining(letter)))


def find_code(country: str, text: str, postcode: str = '') -> str | None:
    """Return Odoo's code of a state by another spelling of it or by the postal code; None where neither is known."""
    code = SPELLINGS.get(country, {}).get(normalize(text))
    if code or country != 'CA' or not CANADIAN_FORM.fullmatch(postcode.strip().upper()):
        return code
    postcode = postcode.strip().upper()
    return CANADIAN_CODES.get(postcode[:3]) or CANADIAN_CODES.get(postcode[:1])
