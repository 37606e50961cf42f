"""Offers of a listing (`purchasable_offer`): patches that push an offer, and what Amazon shows of it, part by part.

An offer is a dict by audience (`ALL`, `B2B`) of plain parts: `our_price`, `discounted_price` (a dict with
`value_with_tax`, `start_at`, `end_at`), `minimum_seller_allowed_price`, `maximum_seller_allowed_price`, and `levels`
(quantity discounts, `lower_bound` and `value`).

Amazon keeps the parts that a patch leaves out, and its guide "Manage purchasable offer" and the issues 4134, 4349,
4898, 5231 and 5235 of selling-partner-api-models disagree on how one is removed. These forms are accepted by all: a
sale is pushed again with an end in the past, a limit is an empty object (5231), quantity discounts are merged with null
(the guide), an audience is deleted by its selectors.
"""

import datetime
import math
from decimal import Decimal

from .shapes import AMOUNT, TEXT, ShapeError, needed, read, read_amount
from .times import parse_time

ATTRIBUTE = 'purchasable_offer'
PATH = f'/attributes/{ATTRIBUTE}'
LIMITS = ('minimum_seller_allowed_price', 'maximum_seller_allowed_price')
PARTS = ('our_price', 'discounted_price', *LIMITS)
# A date has passed everywhere two days later, in whatever time zone it is read; Amazon may keep days where times were
# pushed.
OVER_AFTER = datetime.timedelta(days=2)
DAY = datetime.timedelta(days=1)
UTC = datetime.timezone.utc
CONSUMERS, EVERYBODY = 'B2C', 'ALL'
OFFERS = [{'marketplaceId': TEXT, 'offerType': needed(TEXT), 'audience': {'value': TEXT}, 'price': {'amount': AMOUNT}}]


# === PUSHING === #

def price_patches(value: dict, marketplace: str, currency: str, before: dict | None = None,
                  now: datetime.datetime | None = None) -> list[dict]:
    """Return the patches for an offer; parts that were pushed `before` and are not in `value` any more are removed.

    :param datetime now: UTC, aware; the present by default
    """
    common, before = {'marketplace_id': marketplace, 'currency': currency}, before or {}
    now = now or datetime.datetime.now(UTC)
    patches = [{'op': 'replace', 'path': PATH, 'value': [
        {**common, 'audience': audience, **_state(offer), **_prepare_removal(offer, before.get(audience) or {}, now)}
        for audience, offer in value.items()]}]
    plans = [{**common, 'audience': audience, 'quantity_discount_plan': None} for audience, offer in value.items()
             if 'levels' not in offer and 'levels' in (before.get(audience) or {})]
    removed = [{**common, 'audience': audience} for audience in sorted(before.keys() - value.keys())]
    return patches + [{'op': op, 'path': PATH, 'value': instances}
                      for op, instances in (('merge', plans), ('delete', removed)) if instances]


def _state(offer):
    entry = {}
    for part, value in offer.items():
        if part == 'levels':
            levels = [{'lower_bound': level['lower_bound'], 'value': _plain(level['value'])} for level in value]
            entry['quantity_discount_plan'] = [{'schedule': [{'discount_type': 'fixed', 'levels': levels}]}]
        elif part == 'discounted_price':
            entry[part] = [{'schedule': [{**value, 'value_with_tax': _plain(value['value_with_tax'])}]}]
        else:
            entry[part] = [{'schedule': [{'value_with_tax': _plain(value)}]}]
    return entry


def _prepare_removal(offer, before, now):
    entry = {limit: [{}] for limit in LIMITS if limit in before and limit not in offer}
    sale = before.get('discounted_price')
    if sale and 'discounted_price' not in offer:
        ended = _end(sale, now)
        if ended:
            entry['discounted_price'] = [{'schedule': [ended]}]
    return entry


def _end(sale, now):
    """Return a sale with its end in the past in every time zone, or None if it has ended everywhere."""
    end = now.replace(hour=0, minute=0, second=0, microsecond=0) - OVER_AFTER
    if _parse(sale['end_at']) <= end:
        return None
    start = min(_parse(sale['start_at']), end - DAY)
    return {'value_with_tax': _plain(sale['value_with_tax']), 'start_at': _format(start), 'end_at': _format(end)}


def merge_offers(before: dict | None, value: dict) -> dict:
    """Return every part that Amazon may have after `before` and then `value` were pushed."""
    merged = {audience: dict(offer) for audience, offer in (before or {}).items()}
    for audience, offer in value.items():
        merged.setdefault(audience, {}).update(offer)
    return merged


def is_plain(offer: dict | None) -> bool:
    """Return whether an offer is nothing but a price for everybody, which every list of listings shows."""
    return all(audience == 'ALL' and parts.keys() <= {'our_price'} for audience, parts in (offer or {}).items())


def _plain(number):
    """Return a price without decimals as an integer: a currency without decimals has none in JSON either."""
    return int(number) if number == int(number) else number


# === READING BACK === #

def read_offers(attributes, marketplace: str, currency: str) -> dict:
    """Return what Amazon shows of an offer: audience -> part -> all schedule entries (or levels) that it has.

    :param attributes: the data set `attributes` of an `Item`
    :raises ValueError: it is of another shape than Amazon's; names the part
    """
    if not isinstance(attributes, dict):
        raise ValueError("attributes")
    shown = {}
    for instance in _list(attributes.get(ATTRIBUTE) or [], ATTRIBUTE):
        if instance.get('marketplace_id', marketplace) != marketplace or instance.get('currency', currency) != currency:
            continue
        parts = shown.setdefault(str(instance.get('audience') or 'ALL'), {})
        for part in PARTS:
            if instance.get(part):
                parts.setdefault(part, []).extend(_read_entry(part, entry) for entry in _schedules(instance, part))
        for plan in _schedules(instance, 'quantity_discount_plan') if instance.get('quantity_discount_plan') else ():
            parts.setdefault('levels', []).extend(_read_level(level)
                                                  for level in _list(plan.get('levels') or [], 'levels'))
    return {audience: {part: entries for part, entries in parts.items() if entries}
            for audience, parts in shown.items()}


def read_price(item: dict, marketplace: str, currency: str) -> Decimal | None:
    """Return the price for consumers that an `Item` shows, None where it shows no offer for them.

    A listing that cannot be bought at the moment has its price among the attributes only.

    :raises ShapeError: it cannot be understood
    """
    offers = [offer for offer in read(item.get('offers'), OFFERS, 'offers', 'offers') or []
              if offer['offerType'] == CONSUMERS and offer.get('marketplaceId', marketplace) == marketplace]
    # Beside the offer for everybody there may be some for programs that not everybody is in.
    offers = [offer for offer in offers if offer.get('audience', {}).get('value', EVERYBODY) == EVERYBODY] or offers
    if offers:
        return read_amount(offers[0].get('price', {}).get('amount'), 'offers', 'amount')
    try:
        shown = read_offers(item.get('attributes') or {}, marketplace, currency).get(EVERYBODY, {}).get('our_price', ())
    except ValueError:
        raise ShapeError('attributes: purchasable_offer', 'amount', AMOUNT) from None
    amounts = {entry['value_with_tax'] for entry in shown}
    return read_amount(amounts.pop(), 'attributes: purchasable_offer', 'amount') if len(amounts) == 1 else None


def _list(value, name):
    if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
        raise ValueError(name)
    return value


def _schedules(instance, part):
    return [schedule for entry in _list(instance[part], part) for schedule in _list(entry.get('schedule') or [], part)]


def _read_entry(part, entry):
    read = {'value_with_tax': _number(entry.get('value_with_tax'), part)}
    for key in ('start_at', 'end_at'):
        if part == 'discounted_price' and entry.get(key):
            _parse(entry[key])
            read[key] = entry[key]
    return read


def _read_level(level):
    return {key: _number(level.get(key), 'levels') for key in ('lower_bound', 'value')}


def _number(value, name):
    try:
        number = float(value) if isinstance(value, int | float | str) and not isinstance(value, bool) else math.nan
    except (ValueError, OverflowError):
        number = math.nan
    if not math.isfinite(number):
        raise ValueError(name)
    return number


# === COMPARING === #

def find_differences(value: dict, before: dict | None, shown: dict, now: datetime.datetime | None = None) -> list[
        tuple[str, str]]:
    """Return pairs of audience and part that Amazon shows with another value than was pushed.

    :param dict value: the offer that was pushed last
    :param dict before: every part that may have been pushed before; parts that are not in `value` must not be shown any
        more
    :param dict shown: from `read_offers`
    """
    now, pushed = now or datetime.datetime.now(UTC), merge_offers(before, value)
    return [(audience, part) for audience in sorted(pushed) for part in pushed[audience]
            if not _is_shown(part, value.get(audience, {}).get(part), shown.get(audience, {}).get(part, []), now)]


def _is_shown(part, pushed, entries, now):
    if part == 'levels':
        return _levels(pushed or []) == _levels(entries)
    if part == 'discounted_price':
        return _is_sale_shown(pushed, [entry for entry in entries if not _is_over(entry, now)], now)
    if pushed is None:
        return not entries
    return bool(entries) and all(_is_equal(entry['value_with_tax'], pushed) for entry in entries)


def _is_sale_shown(pushed, current, now):
    if pushed is None or _is_over(pushed, now):
        return not current
    return len(current) == 1 and _is_equal(current[0]['value_with_tax'], pushed['value_with_tax']) and all(
        key in current[0] and abs(_parse(current[0][key]) - _parse(pushed[key])) <= DAY
        for key in ('start_at', 'end_at'))


def _levels(levels):
    return sorted((round(level['lower_bound']), round(level['value'], 3)) for level in levels)


def _is_over(sale, now):
    return bool(sale.get('end_at')) and _parse(sale['end_at']) <= now


def _is_equal(one, other):
    return abs(one - other) < 0.001


def _parse(text) -> datetime.datetime:
    """Return a date or a time of Amazon's as an aware time, UTC where it names no zone."""
    try:
        moment = parse_time(text)
    except (AttributeError, ValueError):
        raise ValueError(f"{text!r} is no date") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _format(moment):
    return moment.strftime('%Y-%m-%dT%H:%M:%SZ')
