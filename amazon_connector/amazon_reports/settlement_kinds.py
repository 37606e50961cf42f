"""Meaning of the three words of a settlement row (transaction type, amount type, amount description)."""

import fnmatch
import re

# Treatment and kind of account by words in a kind of row that no rule fits; the specific words first.
HINTS = (
    ('tax on fee', 'fee_tax', 'fee_tax'), ('income tax', 'other', 'withholding'),
    ('withholding', 'other', 'withholding'),
    ('retenci', 'other', 'withholding'), ('reserve amount', 'reserve', 'reserve'),
    ('transfer of funds', 'transfer', 'payout'),
    ('debt adjustment', 'transfer', 'payout'), ('loan', 'other', 'loan'), ('lending', 'other', 'loan'),
    ('advertis', 'advertising', 'advertising'),
    ('coupon', 'advertising', 'advertising'), ('deal', 'advertising', 'advertising'),
    ('vine', 'advertising', 'advertising'),
    ('reimburse', 'reimbursement', 'reimbursement'), ('damage', 'reimbursement', 'reimbursement'),
    ('lost', 'reimbursement', 'reimbursement'),
    ('withheld', 'withheld', 'tax'), ('facilitator', 'withheld', 'tax'), ('storage', 'fee', 'storage'),
    ('fba', 'fee', 'fba'), ('awd', 'fee', 'fba'),
    ('inbound', 'fee', 'fba'), ('removal', 'fee', 'fba'), ('commission', 'fee', 'commission'),
    ('shipping', 'fee', 'shipping'),
    ('postage', 'fee', 'shipping'), ('label', 'fee', 'shipping'), ('fee', 'fee', 'fees'),
    ('refund', 'refund', 'refunds'), ('tax', 'tax', 'tax'), ('principal', 'revenue', 'sales'),
)
# Descriptions that say which part of an amount a row is, and not of what.
PARTS = {'base fee', 'tax on fee', 'discount on fee', 'base charge', 'transactiontotalamount', 'principal', 'shipping',
         'tax', 'amount', 'fee', 'charge'}
WHOLE = {'base fee', 'base charge', 'transactiontotalamount', 'amount', 'fee', 'charge'}
# A pattern has | between alternatives; what a text means literally is in brackets.
SEPARATOR = re.compile(r'(?<!\[)\|')
CATCH_ALL = {'other-transaction', 'other transactions', 'other'}


class KindPattern:
    """Patterns of the three words: `*` stands for anything, `|` is between alternatives, capitals do not matter.

    :param tuple patterns: of transaction type, amount type and amount description
    """

    def __init__(self, patterns: tuple):
        self._patterns = [
            re.compile('|'.join(fnmatch.translate(part.strip().lower()) for part in SEPARATOR.split(pattern or '*')))
            for pattern in patterns]

    def match(self, kind: tuple) -> bool:
        """Return whether a kind of row fits."""
        first, second, third = self._patterns
        # The last word differs most, so it is compared first.
        return bool(third.match(kind[2].lower()) and second.match(kind[1].lower()) and first.match(kind[0].lower()))


def escape(word: str) -> str:
    """Return the pattern that fits one word alone, whatever characters it has."""
    return re.sub(r'([*?[|])', r'[\1]', word) or '*'


def guess_treatment(kind: tuple) -> tuple[str, str]:
    """Return the probable treatment and kind of account of a kind of row; a person confirms it."""
    words = ' '.join(kind).lower()
    return next((hint[1:] for hint in HINTS if hint[0] in words), ('other', 'other'))


def name_kind(kind: tuple) -> str:
    """Return the name of a kind of row for a person: the charge, and which part of it where that is not the whole."""
    transaction, amount_type, description = (_to_words(word) for word in kind)
    part = kind[2].lower()
    if description and part not in PARTS:
        return description
    subject = next((_to_words(word) for word in (kind[1], kind[0]) if word and word.lower() not in CATCH_ALL), '')
    if not subject or part in WHOLE:
        return subject or description or amount_type or transaction or '?'
    return f'{subject}: {description}' if description else subject


def _to_words(code: str) -> str:
    """Return a code in words: WAREHOUSE_LOST, StorageRenewalBilling."""
    if code.isupper() and '_' in code:
        return code.replace('_', ' ').capitalize()
    if ' ' not in code and '-' not in code:
        return re.sub(r'(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z]{2,})', ' ', code.replace('_', ' '))
    return code
