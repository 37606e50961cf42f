"""What Amazon shows of a listing: `Item` of the Listings Items API 2021-08-01, `InventorySummary` of the FBA Inventory
API.
"""

from typing import NamedTuple

from .shapes import COUNT, LIST, OBJECT, TEXT, UNIQUE, AbsentError, ShapeError, needed, read

MERCHANT, AMAZON = 'DEFAULT', 'AMAZON'
SEVERITIES = ('ERROR', 'WARNING', 'INFO')
# Texts of Amazon's that are read here are shorter, and a database index cannot hold a longer one.
MAX_TEXT = 2000
ISSUES = [{'code': TEXT, 'severity': TEXT, 'message': TEXT, 'attributeNames': [TEXT]}]
ITEM = {
    'summaries': [{'marketplaceId': TEXT, 'asin': TEXT, 'fnSku': TEXT, 'itemName': TEXT, 'productType': TEXT,
                   'conditionType': TEXT, 'status': [TEXT]}],
    'fulfillmentAvailability': [{'fulfillmentChannelCode': needed(TEXT), 'quantity': COUNT}], 'issues': ISSUES,
}
RELATIONSHIPS = [
    {
        'relationships': [{'type': TEXT, 'parentSkus': [TEXT], 'childSkus': [TEXT],
                           'variationTheme': {'attributes': [TEXT]}}]}]
INBOUND = ('inboundWorkingQuantity', 'inboundShippedQuantity', 'inboundReceivingQuantity')
SUMMARY = {
    'sellerSku': needed(TEXT), 'fnSku': TEXT, 'condition': TEXT, 'inventoryDetails': {
        'fulfillableQuantity': COUNT, **dict.fromkeys(INBOUND, COUNT),
        'reservedQuantity': {'totalReservedQuantity': COUNT}},
}


class ItemFacts(NamedTuple):
    """What an `Item` states of its listing on one marketplace; '' or None for what it does not.

    `channel` is the code of Amazon's own fulfilment if that is among the channels of the SKU, whatever else is;
    `quantity` is the merchant's. `issues` have code, severity, message and attribute names.
    """

    asin: str
    fnsku: str
    title: str
    product_type: str
    condition: str
    buyable: bool | None
    channel: str
    quantity: int | None
    issues: list | None


class InventoryFacts(NamedTuple):
    """What Amazon holds of a SKU in one condition, in pieces; None for what a summary does not state."""

    condition: str
    fnsku: str
    fulfillable: int | None
    inbound: int | None
    reserved: int | None


def read_items(payload) -> tuple[list[dict], int]:
    """Return the items of a reply of `searchListingsItems` that name their SKU, and how many do not.

    :raises ShapeError: there is no list of items
    """
    items = read_entries(payload, 'items')
    good = [item for item in items if isinstance(item, dict) and isinstance(item.get('sku'), str) and item['sku']]
    return good, len(items) - len(good)


def read_entries(payload, name: str) -> list:
    """Return a list of a reply with its entries unchecked.

    :raises ShapeError: there is none
    """
    if not isinstance(payload, dict):
        raise ShapeError('payload', 'payload', OBJECT)
    if payload.get(name) is None:
        raise AbsentError(name, name, LIST)
    if not isinstance(payload[name], list):
        raise ShapeError(name, name, LIST)
    return payload[name]


def read_item(item, marketplace: str) -> ItemFacts:
    """Return what an `Item` states of its listing on a marketplace (id).

    :raises ShapeError: a part of it has another form than Amazon's model describes
    """
    item = read(item or {}, ITEM)
    summary = _find_summary(item.get('summaries', []), marketplace)
    channel, quantity = _read_availability(item.get('fulfillmentAvailability', []))
    texts = [_bounded(summary, name) for name in ('asin', 'fnSku', 'itemName', 'productType', 'conditionType')]
    return ItemFacts(
        *texts, 'BUYABLE' in summary['status'] if 'status' in summary else None, channel, quantity,
        [_read_issue(issue) for issue in item['issues']] if 'issues' in item else None)


def read_picture(item, marketplace: str) -> str:
    """Return the address of an item's main image on a marketplace, or '': a picture is never worth an error."""
    summaries = item.get('summaries') if isinstance(item, dict) else None
    for summary in summaries if isinstance(summaries, list) else []:
        image = isinstance(summary, dict) and summary.get('marketplaceId', marketplace) == marketplace and (
            summary.get('mainImage'))
        link = image.get('link') if isinstance(image, dict) else None
        if isinstance(link, str) and link.startswith('https://') and len(link) <= MAX_TEXT:
            return link
    return ''


def read_ranks(payload, marketplace: str) -> dict[str, tuple[int, str]]:
    """Return the sales rank of each page of a reply of `searchCatalogItems` by ASIN: its place in the display group of
    a marketplace and the name of that group, else in the first classification; 0 and '' for a page without a rank.
    """
    items = payload.get('items') if isinstance(payload, dict) else None
    return {item['asin']: _read_rank(item, marketplace) for item in (items if isinstance(items, list) else [])
            if isinstance(item, dict) and isinstance(item.get('asin'), str)}


def _read_rank(item, marketplace):
    """Return the first rank of an item on a marketplace that has a number and a title: it is never worth an error."""
    groups = item.get('salesRanks')
    for group in groups if isinstance(groups, list) else []:
        if not isinstance(group, dict) or group.get('marketplaceId') != marketplace:
            continue
        for name in ('displayGroupRanks', 'classificationRanks'):
            entries = group.get(name)
            for entry in entries if isinstance(entries, list) else []:
                rank, title = (entry.get(key) if isinstance(entry, dict) else None for key in ('rank', 'title'))
                if type(rank) is int and 0 < rank < 2 ** 31 and isinstance(title, str):
                    return rank, title[:MAX_TEXT]
    return 0, ''


def _find_summary(summaries, marketplace):
    """Return the summary of a marketplace; a single one without a marketplace counts."""
    own = [summary for summary in summaries if summary.get('marketplaceId') == marketplace]
    if len(own) > 1:
        raise ShapeError('summaries: marketplaceId', 'marketplaceId', UNIQUE)
    return own[0] if own else summaries[0] if len(summaries) == 1 and 'marketplaceId' not in summaries[0] else {}


def _bounded(record, name, path=''):
    text = record.get(name, '')
    if len(text) > MAX_TEXT:
        raise ShapeError(f'{path}: {name}' if path else name, name, TEXT)
    return text


def _read_availability(entries):
    """Return channel and merchant's quantity of a SKU; any channel of Amazon's own decides, in whatever order they are
    listed.
    """
    found = {}
    for entry in entries:
        code = _bounded(entry, 'fulfillmentChannelCode')
        if code in found:
            raise ShapeError('fulfillmentAvailability: fulfillmentChannelCode', 'fulfillmentChannelCode', UNIQUE)
        found[code] = entry.get('quantity')
    other = sorted(code for code in found if code != MERCHANT)
    channel = next((code for code in other if code.startswith(AMAZON)), MERCHANT if MERCHANT in found
                   else (other or [''])[0])
    return channel, found.get(MERCHANT)


def read_issues(issues) -> list[dict]:
    """Return the issues of a listing as dicts of code, severity, message and attributes; an issue without a severity is
    an error.

    :raises ShapeError: an issue has another form than Amazon's model describes
    """
    return [_read_issue(issue) for issue in read(issues, ISSUES, 'issues', 'issues') or []]


def _read_issue(issue):
    severity = issue.get('severity')
    lists = {'attributeNames': issue.get('attributeNames'), 'categories': _get_texts(issue.get('categories')),
             'actions': _read_actions(issue.get('enforcements'))}
    return {
        'code': issue.get('code', ''), 'severity': severity if severity in SEVERITIES else 'ERROR',
        'message': issue.get('message') or issue.get('code') or '?',
        **{name: texts for name, texts in lists.items() if texts}}


def _read_actions(enforcements):
    """Return what Amazon does to a listing for an issue, as SEARCH_SUPPRESSED; not what it would do without an
    exemption. Of an odd form, nothing: the issue itself is worth more.
    """
    if not isinstance(enforcements, dict):
        return []
    actions, exemption = enforcements.get('actions'), enforcements.get('exemption')
    if isinstance(exemption, dict) and exemption.get('status') in ('EXEMPT', 'EXEMPT_UNTIL_EXPIRY_DATE'):
        return []
    return _get_texts([action.get('action') for action in actions if isinstance(action, dict)]
                      if isinstance(actions, list) else None)


def _get_texts(values):
    return [value for value in values if isinstance(value, str) and value] if isinstance(values, list) else []


def read_relation(item) -> tuple[str, list[str]]:
    """Return the SKU of the variation parent of an `Item` ('' if it has none), and the attributes in which its children
    differ.

    :raises ShapeError: its relationships have another form than Amazon's model describes
    """
    for entry in read((item or {}).get('relationships'), RELATIONSHIPS, 'relationships', 'relationships') or []:
        for relation in entry.get('relationships', []):
            if relation.get('type') == 'VARIATION':
                return (relation.get('parentSkus') or [''])[0], relation.get('variationTheme', {}).get('attributes', [])
    return '', []


def read_attribute(item, name: str) -> str:
    """Return the value of an attribute of an `Item` as text, '?' where it has none that is a plain value."""
    attributes = item.get('attributes')
    instances = attributes.get(name) if isinstance(attributes, dict) else None
    value = (next((instance.get('value') for instance in instances if isinstance(instance, dict)), None)
             if isinstance(instances, list) else None)
    return str(value)[:MAX_TEXT] if isinstance(value, str | int | float) and value != '' else '?'


def read_inventory(summary) -> tuple[str, InventoryFacts]:
    """Return the SKU of an `InventorySummary` and its quantities; a summary without details has none.

    :raises ShapeError: a part of it has another form than Amazon's model describes
    """
    named = isinstance(summary, dict) and isinstance(summary.get('sellerSku'), str) and bool(summary['sellerSku'])
    path = f"SKU {summary['sellerSku'][:255]}" if named else 'inventorySummaries'
    summary = read(summary or {}, SUMMARY, path, 'inventorySummaries')
    details = summary.get('inventoryDetails', {})
    inbound = [details[name] for name in INBOUND if name in details]
    return summary['sellerSku'], InventoryFacts(
        _bounded(summary, 'condition', path), _bounded(summary, 'fnSku', path), details.get('fulfillableQuantity'),
        sum(inbound) if inbound else None, details.get('reservedQuantity', {}).get('totalReservedQuantity'))


def add_inventory(one: InventoryFacts, other: InventoryFacts) -> InventoryFacts:
    """Return the sum of two summaries, as of a SKU in two conditions; what one of them does not state is None."""
    return one._replace(**{
        name: None if None in (known := (getattr(one, name), getattr(other, name))) else sum(known)
        for name in ('fulfillable', 'inbound', 'reserved')})
