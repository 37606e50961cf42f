"""Find addresses in texts, in a time that does not grow with the number of addresses."""

import re

WORD = re.compile(r'\w+')


class AddressIndex:
    """Addresses by the words that they begin and end with.

    An address is a tuple of parts, texts in small letters that must all stand in a text, in words of their own.
    """

    def __init__(self, addresses=()):
        self._by_core, self._lengths, self._rest = {}, set(), set()
        self.add(addresses)

    def add(self, addresses):
        """Add addresses; those that are there stay there once."""
        for address in addresses:
            core, length = _find_core(address[0])
            if core:
                self._by_core.setdefault(core, set()).add(address)
                self._lengths.add(length)
            else:
                self._rest.add(address)

    def is_named_in(self, text):
        """Return whether one of the addresses stands in a text in small letters."""
        return any(is_named(text, address) for address in self._find_candidates(text))

    def _find_candidates(self, text):
        """Return the addresses of which the first part may stand in a text."""
        spans, found = [match.span() for match in WORD.finditer(text)], set(self._rest)
        for length in self._lengths:
            for (start, _), (_, end) in zip(spans, spans[length - 1:], strict=False):
                found |= self._by_core.get(text[start:end], set())
        return found


def is_named(text, address):
    """Return whether all parts of an address stand in a text, in words of their own."""
    return all(part in text and re.search(rf'(?<!\w){re.escape(part)}(?!\w)', text) for part in address)


def _find_core(part):
    """Return a part from its first word to its last, and the number of these."""
    spans = [match.span() for match in WORD.finditer(part)]
    return (part[spans[0][0]:spans[-1][1]], len(spans)) if spans else ('', 0)
