"""Feeds 2021-06-30: documents, processing that takes its time, and results per message, here those of
`JSON_LISTINGS_FEED`.
"""

import functools
import json
import os
import pathlib
import time

import jsonschema

from . import amazon_models, removal_feed, shipments
from .clock import format_time, parse_time
from .documents import get_document
from .listings import submit
from .orders import Refused

SCHEMAS = pathlib.Path(os.environ.get('SPAPI_SCHEMAS') or amazon_models.DIRECTORY.parent / 'schemas') / 'feeds'
FEED_TYPE = 'JSON_LISTINGS_FEED'
TYPES = (FEED_TYPE, shipments.FEED_TYPE, removal_feed.FEED_TYPE)
# How long Amazon works at a feed, in its own seconds: some for the feed, some for each message.
SECONDS, SECONDS_A_MESSAGE = 20, 0.02
UNFINISHED = ('IN_QUEUE', 'IN_PROGRESS')


def create_feed_document(state, seller, query, body) -> tuple[int, dict]:
    document_id = state.documents.add(None, content_type=body['contentType'])
    return 201, {'feedDocumentId': document_id, 'url': state.documents.url(state.documents.publish(document_id))}


def create_feed(state, seller, query, body) -> tuple[int, dict]:
    stored = state.documents.get(body['inputFeedDocumentId'])
    if stored is None or stored['content'] is None:
        raise Refused(400, 'InvalidInput', "The input feed document was not uploaded.")
    if body['feedType'] not in TYPES:
        raise Refused(400, 'InvalidInput', f"Invalid feed type {body['feedType']}.")
    if not set(body['marketplaceIds']) <= seller.marketplace_ids:
        raise Refused(403, 'Unauthorized', "Access to requested resource is denied.")
    fault = state.faults.strike('createFeed', 'feed_fatal', 'feed_cancelled', 'feed_stuck', 'feed_error',
                                'feed_partial', 'feed_no_result')
    feed_id = str(50_000_000_000 + len(state.feeds))
    messages = stored['content'].count(b'"messageId"') + stored['content'].count(b'<MessageID>')
    state.feeds[feed_id] = {
        'id': feed_id, 'type': body['feedType'], 'seller': seller, 'marketplaces': body['marketplaceIds'],
        'status': 'IN_QUEUE', 'created': format_time(state.now()),
        'content': stored['content'], 'fault': fault and fault.kind, 'result': None,
        'begin': time.monotonic(), 'end': time.monotonic() + (SECONDS + SECONDS_A_MESSAGE * messages) / state.speed,
    }
    return 202, {'feedId': feed_id}


def get_feed(state, seller, query, feed_id) -> tuple[int, dict]:
    feed = state.feeds.get(feed_id)
    if feed is None or feed['seller'] is not seller:
        raise Refused(404, 'NotFound', f"Feed {feed_id} was not found")
    return 200, _render(state, feed)


def get_feeds(state, seller, query) -> tuple[int, dict]:
    since = parse_time(query['createdSince']) if 'createdSince' in query else None
    types = query['feedTypes'].split(',') if 'feedTypes' in query else TYPES
    found = [feed for feed in state.feeds.values() if feed['seller'] is seller and feed['type'] in types
             and not (since and parse_time(feed['created']) < since)]
    return 200, {'feeds': [_render(state, feed) for feed in reversed(found)][:int(query.get('pageSize', 10))]}


def get_feed_document(state, seller, query, document_id) -> tuple[int, dict]:
    return get_document(state, document_id, 'feedDocumentId')


def _render(state, feed):
    body = {'feedId': feed['id'], 'feedType': feed['type'], 'marketplaceIds': feed['marketplaces'],
            'createdTime': feed['created'], 'processingStatus': feed['status']}
    if feed['status'] != 'IN_QUEUE':
        body['processingStartTime'] = feed['created']
    if feed['status'] in ('DONE', 'FATAL', 'CANCELLED'):
        body['processingEndTime'] = format_time(state.now())
    return {**body, 'resultFeedDocumentId': feed['result']} if feed['result'] else body


def advance(state) -> None:
    """Go on with the feeds as far as Amazon's time allows; called before every request."""
    now = time.monotonic()
    for feed in [feed for feed in state.feeds.values() if feed['status'] in UNFINISHED]:
        if feed['status'] == 'IN_QUEUE' and now > (feed['begin'] + feed['end']) / 2:
            feed['status'] = 'IN_PROGRESS'
        if now > feed['end'] and feed['fault'] != 'feed_stuck':
            feed['status'] = ({'feed_fatal': 'FATAL', 'feed_cancelled': 'CANCELLED'}.get(feed['fault'])
                              or _process(state, feed))


def _process(state, feed) -> str:
    if feed['fault'] == 'feed_no_result':
        return 'DONE'
    if feed['type'] == shipments.FEED_TYPE:
        status, report = shipments.process_feed(state, feed)
        feed['result'] = state.documents.add(report, gzipped=True, content_type='text/xml; charset=UTF-8')
        return status
    if feed['type'] == removal_feed.FEED_TYPE:
        status, report = removal_feed.process_feed(state, feed)
        feed['result'] = state.documents.add(report, gzipped=True, content_type='text/plain; charset=UTF-8')
        return status
    return _process_listings(state, feed)


def _process_listings(state, feed) -> str:
    try:
        document = json.loads(feed['content'])
    except ValueError as error:
        document, broken = {}, [f"The document is not JSON: {error}"]
    else:
        broken = problems('listings-feed-schema-v2', {**document, 'messages': document.get('messages', [])[:1]})
        if document.get('header', {}).get('sellerId') != feed['seller'].id:
            broken.append("header/sellerId is not the seller")
        if len(document.get('messages', [])) > 25_000:
            broken.append("messages: more than 25,000")
    issues, refused = [{'code': '90000', 'severity': 'ERROR', 'message': text} for text in broken], set()
    for message in _get_taken(feed, document) if not broken else []:
        found = _issues_of(state, feed, message)
        issues += [{'messageId': message['messageId'], 'sku': message['sku'], **issue} for issue in found]
        if any(issue['severity'] == 'ERROR' for issue in found):
            refused.add(message['messageId'])
    count = 0 if broken else len(_get_taken(feed, document))
    if feed['fault'] == 'feed_error':
        # As in selling-partner-api-docs 2201: one issue, of no message.
        count, refused, issues = 0, set(), [
            {'code': '4002001', 'severity': 'ERROR', 'message': "Item 'Feed' cannot be parsed."}]
    report = {
        'header': {'sellerId': feed['seller'].id, 'version': '2.0', 'feedId': feed['id']}, 'issues': issues,
        'summary': {'errors': sum(issue['severity'] == 'ERROR' for issue in issues),
                    'warnings': sum(issue['severity'] == 'WARNING' for issue in issues),
                    'messagesProcessed': count, 'messagesAccepted': count - len(refused),
                    'messagesInvalid': len(refused)},
    }
    feed['result'] = state.documents.add(json.dumps(report).encode(), gzipped=True,
                                         content_type='application/json; charset=UTF-8')
    return 'FATAL' if broken else 'DONE'


def _get_taken(feed, document):
    """Return the messages that Amazon processes: all of them, or by a fault none or the first half."""
    messages = document.get('messages', [])
    return messages[:{'feed_error': 0, 'feed_partial': len(messages) // 2}.get(feed['fault'], len(messages))]


def _issues_of(state, feed, message):
    """Issues of a message in the form of a processing report, which names one attribute where the API names several."""
    broken = problems('listings-feed-message-schema-v2', message)
    if broken:
        return [{'code': '90001', 'severity': 'ERROR', 'message': '; '.join(broken)}]
    found = []
    for marketplace in feed['marketplaces']:
        for issue in submit(state, feed['seller'], marketplace, message['sku'], message)['issues']:
            names = issue.get('attributeNames')
            found.append({key: issue[key] for key in ('code', 'severity', 'message')}
                         | ({'attributeName': names[0]} if names else {}))
    return found


@functools.cache
def _validator(name):
    return jsonschema.Draft7Validator(json.loads((SCHEMAS / f'{name}.json').read_text()))


def problems(name: str, document) -> list[str]:
    """Return what is wrong with a document by one of Amazon's schemas for feeds; nothing where they are not at hand."""
    if not SCHEMAS.is_dir():
        return []
    validator = _validator(name)
    if validator.is_valid(document):
        return []
    return [f"{'/'.join(map(str, error.absolute_path))}: {error.message[:200]}"
            for error in validator.iter_errors(document)]


