"""Texts for people, as `amazon_api/words.py` has them; these two packages do not know each other."""


class Words(str):
    """An English text that keeps its source and its values, so that it can be said in another language
    (`utils/words.py`).

    :param str source: a literal, with `%(name)s` for each value; Odoo's export of terms finds it by the name `_`
    """

    def __new__(cls, source: str, **values):
        words = super().__new__(cls, source % values if values else source)
        words.source, words.values = source, values
        return words


_ = Words
