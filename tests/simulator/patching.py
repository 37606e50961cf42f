"""How Amazon changes the attributes of a listing: JSON Patch by selectors, as its guides and the answers to public
issues have it.

`replace` of an offer keeps the parts that are left out ("Manage purchasable offer"; selling-partner-api-models 4134,
4898): a part is taken away by `merge` with null (never `our_price`), limits also by `[{}]` (5231), which Amazon refuses
for every other part (4349, 5231). Null in a `replace` does nothing (4898). `replace` of `fulfillment_availability` is
of the whole instance, so handling time and restock date that it leaves out are removed, and other channels stay (2061);
`merge` changes only what it names ("Merge a listing").
"""

SELECTORS = {'fulfillment_availability': ('fulfillment_channel_code',),
             'purchasable_offer': ('marketplace_id', 'currency', 'audience')}
LIMITS = ('minimum_seller_allowed_price', 'maximum_seller_allowed_price')
PRICES = ('our_price', 'discounted_price', *LIMITS)
EMPTY = [{}]


def find_problems(patches) -> list[tuple[str, str, str]]:
    """Return (code, message, attribute name) of what Amazon refuses of patches by their operations."""
    found = []
    for patch in patches:
        name, values = get_name(patch), patch.get('value') or []
        if patch['op'] == 'merge':
            found += _find_merge_problems(name, values)
        if patch['op'] in ('add', 'replace', 'merge') and name == 'purchasable_offer':
            found += [('99022', f"'{part}' does not have enough values. The required minimum is '1' value(s).", name)
                      for offer in values for part, value in offer.items() if value == EMPTY and part not in LIMITS]
            found += [('99022', "The end of the discounted price is not after its start.", name) for offer in values
                      if _is_turned(offer)]
    return found


def _find_merge_problems(name, values):
    if name not in SELECTORS:
        return [('4000005', f"merge is not supported for {name}.", name)]
    missing = [key for key in SELECTORS[name] for value in values if not value.get(key)]
    nulls = [value for value in values if 'our_price' in value and value['our_price'] is None]
    return ([('4000001', f"merge needs {', '.join(missing)}.", name)] if missing else []) + [
        ('4000001', "'our_price' cannot be deleted. Delete the offer.", name)] * bool(nulls)


def _is_turned(offer):
    schedule = ((offer.get('discounted_price') or EMPTY)[0].get('schedule') or EMPTY)[0]
    return bool(schedule.get('start_at') and schedule.get('end_at') and schedule['start_at'] >= schedule['end_at'])


def get_name(patch) -> str:
    return patch['path'].removeprefix('/attributes/')


def get_stated(values) -> list[dict]:
    """Return instances without what takes a part away, as they are held against a product type's schema."""
    return [{part: value for part, value in instance.items() if value is not None
             and not (part in LIMITS and value == EMPTY)} for instance in values]


def is_same(name, one, other) -> bool:
    """Return whether two instances have the same selectors."""
    defaults = {'audience': 'ALL'}
    keys = SELECTORS.get(name, ('marketplace_id', 'language_tag'))
    return all(one.get(key, defaults.get(key)) == other.get(key, defaults.get(key)) for key in keys if key in one
               or key in defaults)


def replace(attributes, name, values):
    if name == 'purchasable_offer':
        change(attributes, name, [{part: value for part, value in new.items() if value is not None} for new in values])
        return
    kept = [old for old in attributes.get(name, []) if not any(is_same(name, new, old) for new in values)]
    attributes[name] = kept + get_stated(values)


def change(attributes, name, values):
    """Merge instances into those with the same selectors."""
    instances = attributes.setdefault(name, [])
    for new in values:
        target = next((old for old in instances if is_same(name, new, old)), None)
        if target is None:
            instances.append(target := {})
        for part, value in new.items():
            if value is None or (part in LIMITS and value == EMPTY):
                target.pop(part, None)
            else:
                target[part] = value


def delete(attributes, name, values):
    kept = [old for old in attributes.pop(name, []) if values
            and not any(is_same(name, removed, old) for removed in values)]
    if kept:
        attributes[name] = kept


PATCHES = {'add': replace, 'replace': replace, 'merge': change, 'delete': delete}
