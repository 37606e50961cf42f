"""How many pieces one unit at Amazon is, as SKU and title say in the languages of Amazon's marketplaces.

Numbers are believed beside a word for a pack only: "2 L", "A4", "iPhone 12" and "USB 3.0" are no packs.
"""

import re
from typing import NamedTuple

LEAST, MOST, MOST_COUNTED = 2, 100, 24
NUMBER = r'(?P<n>\d{1,3})'
# Not a part of a longer number, name or measure: "1.5", "A4", "No. 7".
START = r'(?<![\w.,/+-])'
# What follows the number is no measure: "pack of 500 g", "lot de 2,5 kg", "confezione da 5 litri".
UNITS = (r'g|gr|gramm?i?|grams?|grammes?|gramos?|kg|kilos?|mg|ml|cl|dl|l|lt|ltr|lit(?:er|re|ro|ri|ros)s?|oz|fl|lbs?|mm|'
         r'cm|m|metri|met(?:er|re)s?|gb|tb|mb|w|watts?|v|volts?|mah|ah|k|hz|inch|zoll|in|ft')
TIMES = (r'years?|months?|weeks?|days?|hours?|minutes?|jahre?n?|monate?n?|wochen?|tage?n?|stunden?|minuten|'
         r'an(?:s|nées?)|mois|semaines?|jours?|heures?|ann[io]|mes[ei]s?|settiman[ae]|giorn[io]|or[ae]s?|años?|semanas?|'
         r'días?|horas?|anos?|mês|dias?|jaar|jaren|maand(?:en)?|weken|dagen|uur|uren|år|månad(?:er)?|veckor|dagar|timmar|'
         r'lata?|rok|miesi[aą]c[ey]?|miesięcy|tygodni\w*|dni|godzin\w*|yıl|ay|hafta|gün|saat|ヶ月|か月|カ月|年|週間|日|時間|شهر|سنة|سنوات|أيام')
NO_MEASURE = rf'(?![\d%"”″]|[.,]\d|\s?[x×]\s?\d+\s?[x×]|[\s-]?(?:{UNITS}|{TIMES})(?!\w))'
OF = (
    # English, French, Spanish, Portuguese
    r'(?:packs?|sets?|bundles?|case|lot|multipack) of', r'(?:lot|pack|paquet|ensemble|set|jeu) de',
    r'(?:paquete|lote|juego|conjunto|kit|pacote|embalagem) de', r'(?:pacote|kit|conjunto|embalagem|pack) (?:com|con)',
    # Italian, German, Dutch
    r'(?:confezione|conf\.?|pacco|set|multipack) (?:da|di)', r'(?:packung|paket|pack|verpackung) (?:mit|von|à)',
    r'set (?:von|à)',
    r'(?:set|pak|verpakking|pack|pakket) van', r'(?:verpakking|pakket) met',
    # Swedish, Polish, Arabic
    r'(?:förpackning|paket|set|pack) (?:om|med)', r'(?:zestaw|opakowanie|pakiet|komplet)(?: po)?',
    r'(?:حزمة|عبوة|مجموعة|طقم)(?: من)?',
)
AFTER = (
    r"[\s'-]?packs?(?! of\b| ?\d)", r'[\s-]?pk', r'[\s-]?er[\s-]?(?:spar|vorteils)?(?:set|pack|packung|paket)',
    r'[\s-]?pak', r"\s?['’´]?\s?l[iıuü][\s-](?:avantaj )?(?:paket|set)i?",
    r'(?:個|本|枚|袋|箱|点|足|缶)(?:セット|パック)', r'(?:セット|パック)',
)
COUNTED = (
    r'stück', r'stk\.?', r'pcs?\.?', r'pieces', r'pièces', r'pezzi', r'pz\.?', r'unidades', r'uds?\.?', r'piezas',
    r'peças', r'stuks', r'st\.?', r'szt(?:uki?|\.)?', r'adet', r'قطع', r'قطعة', r'個',
)
WORDS = {
    2: r'doppelpack|zweierpack|twin[\s-]?pack|duo[\s-]?pack|dwupak', 3: r'dreierpack|triple[\s-]?pack|trójpak',
    4: r'viererpack|czteropak', 5: r'fünferpack', 6: r'sechserpack|six[\s-]?pack|sześciopak', 10: r'zehnerpack',
}
# A number between brackets or commas, or one that ends the title; "1 x 30 pieces" is one of something.
OPEN, CLOSE = r'(?:^|[(\[,;|–•·]\s*|\s-\s|(?<=[^\W\d])(?<!\bx)\s)', r'(?=\s*(?:$|[)\],;|–•·]|\s-\s))'
LENSES = r'zoom|magnif|vergr|lupe|grossi|aument|ingrand|obje[kc]ti|opti|büyüt'
STRONG = [re.compile(pattern) for pattern in (
    rf'{START}(?:{"|".join(OF)})\s{NUMBER}(?:\s?szt\b\.?)?{NO_MEASURE}',
    rf'{START}{NUMBER}(?:{"|".join(AFTER)})(?!\w)',
    rf'(?:^|[(\[,;|]\s*)pack\s{NUMBER}{NO_MEASURE}(?=\s)',
)]
WEAK = [re.compile(pattern) for pattern in (
    rf'{OPEN}{NUMBER}\s?(?:{"|".join(COUNTED)}){CLOSE}',
    rf'{START}{NUMBER}\s?[x×]\s?\d+(?:[.,]\d+)?\s?(?:ml|cl|l|g|gr|kg|oz|{"|".join(COUNTED)})(?!\w)',
    rf'^{NUMBER}\s?[x×]\s(?!{LENSES})(?=[^\W\d])', rf'[(\[]\s?[x×]\s?{NUMBER}\s?(?=[)\]])',
)]
# Model names have a large X.
TIMES_AT_END = re.compile(rf'(?:,\s?|(?<=[^\W\d])\s)[x×]\s?{NUMBER}$')
# Their pieces are parts of one article: a puzzle, a set of knives, tools, cutlery or screws.
PARTS = re.compile(
    r'puzzle|\blego\b|baustein|domino|\d[\s-]?(?:tlg|teilig)|sortiment|assort|coffret|surtido|'
    r'(?:messer|besteck|werkzeug|bit|bohrer|schrauben(?:dreher)?|schlüssel|topf|töpfe|pfannen|pinsel|nadel|nuss|dübel)-?'
    r'(?:set|satz|koffer|kasten|box)\b|(?:knife|knives|tool|cutlery|screwdriver|drill|socket|brush|screw|cookware|pan|pot|'
    r'bit|wrench|make-?up) (?:set|kit)|(?:set|juego|jogo|kit|jeu) (?:de|di|d\') ?(?:herramientas|ferramentas|attrezzi|'
    r'couteaux|coltelli|cuchillos|facas|outils|posate|couverts|cubiertos|vis|viti|tornillos)')
# What else an X is in a SKU: magnification, or the lanes of a bus.
NO_TIMES = re.compile(r'(?i)(?<![a-z])(?:pcie?|nvme|bino|zoom|scope|lens|loupe|lupe|magni|optic)')
SKU = [re.compile(pattern) for pattern in (
    r'(?i:(?:^|[-_/. ])(?P<n>\d{1,3})[-_]?(?:pk|pack|packs|pck|pcs|stk|st(?:ue|ü)ck|er[-_]?(?:pack|set)))(?=$|[-_/. ])',
    r'(?i:(?:^|[-_/. ])(?:(?:pk|pack|packof|pack-of|lotde|multipack)[-_]?|lot)(?P<n>\d{1,3}))(?=$|[-_/. ])',
)]
SKU_TIMES = [re.compile(pattern) for pattern in (
    r'[-_/. ]x(?P<n>\d{1,2})(?=$|[-_/. ])', r'[-_/. ](?P<n>\d{1,2})x(?=$|[-_/. ])',
)]


class Pieces(NamedTuple):
    """So many pieces, and the words that say it; 0 where nothing says it."""

    count: int
    evidence: str


NONE = Pieces(0, '')


def find_pieces(sku: str, title: str) -> Pieces:
    """Return the pieces of one unit; the SKU, which is the seller's own, decides before the title."""
    sku = sku or ''
    by_sku = _agree(_find(SKU if NO_TIMES.search(sku) else SKU + SKU_TIMES, sku, MOST))
    return by_sku if by_sku.count else find_in_title(title)


def find_in_title(title: str) -> Pieces:
    """Return the pieces that a title names; where it names several numbers of equal weight, it names none."""
    title = ' '.join((title or '').split())
    text = title.lower()
    if len(text) != len(title):
        # Letters that are two in lower case, as the Turkish İ.
        title = text
    strong = [*_find(STRONG, text, MOST), *(Pieces(count, match[0]) for count, words in WORDS.items()
                                            for match in re.finditer(rf'\b(?:{words})\b', text))]
    if not strong and not PARTS.search(text):
        strong = [*_find(WEAK, text, MOST_COUNTED), *_find([TIMES_AT_END], title, MOST_COUNTED)]
    return _agree([Pieces(pieces.count, _spell(title, text, pieces.evidence)) for pieces in strong])


def split_sku(sku: str) -> tuple[str, int]:
    """Return a SKU without the part that names its pieces, and the pieces; the SKU itself and 0 where none does."""
    pieces = find_pieces(sku, '')
    if not pieces.count:
        return sku, 0
    place = sku.find(pieces.evidence)
    before, after = sku[:place].rstrip('-_/. '), sku[place + len(pieces.evidence):].lstrip('-_/. ')
    base = before + (sku[place - 1] if before and after else '') + after
    return (base, pieces.count) if base else (sku, 0)


def propose_pieces(listing: Pieces, product: Pieces) -> int:
    """Return how many of a product one unit is, 0 where nothing says it: the product may be a pack itself."""
    if not listing.count:
        return 0
    count, rest = divmod(listing.count, product.count or 1)
    return 0 if rest else count


def _find(patterns, text, most):
    return [Pieces(int(match['n']), match[0].strip(' -_/.,;|([')) for pattern in patterns
            for match in pattern.finditer(text) if LEAST <= int(match['n']) <= most]


def _agree(found):
    return found[0] if len({pieces.count for pieces in found}) == 1 else NONE


def _spell(title, text, evidence):
    place = text.find(evidence)
    return title[place:place + len(evidence)]
