"""Secrets at rest: encrypted with keys that are not in the database, and in clear text where no key is named."""

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

PREFIX = 'fernet:'


class KeyInvalid(Exception):
    """Raised where a configured key is not a valid one."""


class SecretUnreadable(Exception):
    """Raised where a secret was encrypted with a key that is not configured."""


class SecretBox:
    """Encrypt and decrypt with Fernet keys, newest first: the first encrypts, all of them decrypt.

    :param keys: texts as `Fernet.generate_key()` makes them
    """

    def __init__(self, keys):
        self._keys = list(keys)

    def __bool__(self):
        return bool(self._keys)

    def encrypt(self, text: str) -> str:
        """Return a text as it is stored: unchanged where there is no key.

        :raises KeyInvalid: what was named as a key is none
        """
        return PREFIX + self._make_fernet().encrypt(text.encode()).decode() if self._keys else text

    def decrypt(self, stored: str) -> str:
        """Return the text of a stored value.

        :raises SecretUnreadable: none of the keys fits
        :raises KeyInvalid: what was named as a key is none
        """
        if not stored.startswith(PREFIX):
            return stored
        if not self._keys:
            raise SecretUnreadable()
        try:
            return self._make_fernet().decrypt(stored[len(PREFIX):].encode()).decode()
        except InvalidToken:
            raise SecretUnreadable() from None

    def is_current(self, stored: str) -> bool:
        """Return whether a stored text is as `encrypt` would store it now: by the first key, or clear where there is
        none.

        :raises KeyInvalid: what was named as a key is none
        """
        if not self._keys or not stored.startswith(PREFIX):
            return not self._keys and not stored.startswith(PREFIX)
        try:
            _make_key(self._keys[0]).decrypt(stored[len(PREFIX):].encode())
        except InvalidToken:
            return False
        return True

    def _make_fernet(self):
        return MultiFernet([_make_key(key) for key in self._keys])


def is_encrypted(stored: str) -> bool:
    """Return whether a stored text is encrypted, with whatever key."""
    return stored.startswith(PREFIX)


def _make_key(text):
    try:
        return Fernet(text)
    except ValueError:
        raise KeyInvalid() from None
