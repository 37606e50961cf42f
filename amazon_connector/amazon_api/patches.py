"""Patches of Amazon's listings (JSON Patch as the Listings Items API knows it) for values of the plans."""

CONTENT_TYPE = 'application/json; charset=UTF-8'


def stock_patches(value: dict, marketplace: str, currency: str, before: dict | None = None) -> list[dict]:
    """Return the patches for a quantity of the merchant's own: `value` is an instance of `fulfillment_availability`."""
    return [_replace('fulfillment_availability', [{'fulfillment_channel_code': 'DEFAULT', **value}])]


def price_patches(value: dict, marketplace: str, currency: str, before: dict | None = None) -> list[dict]:
    """Return the patches for offers by audience (see `PricePlan.value`); an audience that was told before and is gone is deleted."""
    common = {'marketplace_id': marketplace, 'currency': currency}
    patches = [_replace('purchasable_offer', [{**common, 'audience': audience, **_offer(offer)} for audience, offer in value.items()])]
    gone = [{**common, 'audience': audience} for audience in sorted((before or {}).keys() - value.keys())]
    return patches + [{'op': 'delete', 'path': '/attributes/purchasable_offer', 'value': gone}] * bool(gone)


def content_patches(value: dict, marketplace: str, currency: str, before: dict | None = None) -> list[dict]:
    """Return the patches for attributes by name."""
    return [_replace(name, instances) for name, instances in value.items()]


def _replace(name, instances):
    return {'op': 'replace', 'path': f'/attributes/{name}', 'value': instances}


def _offer(offer):
    entry = {}
    for key, value in offer.items():
        if key == 'levels':
            entry['quantity_discount_plan'] = [{'schedule': [{'discount_type': 'fixed', 'levels': value}]}]
        else:
            entry[key] = [{'schedule': [value if isinstance(value, dict) else {'value_with_tax': value}]}]
    return entry

def read_issues(issues):
    """Return the texts of errors and of everything else among the issues that Amazon has with a change, each False or one string."""
    errors = [_describe(issue) for issue in issues if issue['severity'] == 'ERROR']
    notes = [_describe(issue) for issue in issues if issue['severity'] != 'ERROR']
    return '\n'.join(errors) or False, '\n'.join(notes) or False


def _describe(issue):
    names = issue.get('attributeNames') or [issue.get('attributeName')]
    return ': '.join(filter(None, [', '.join(filter(None, names)), issue['message']]))
