"""Every message of a feed is made by itself: what cannot be made says why."""

import json

import pytest
from amazon_api.feed_messages import (
    MOST_BYTES,
    MessageProblem,
    check_text,
    clean_text,
    clean_texts,
    make_document,
    make_message,
)

BODY = {'productType': 'PRODUCT',
        'patches': [{'op': 'replace', 'path': '/attributes/item_name', 'value': [{'value': "Kettle"}]}]}


def with_value(value):
    return {**BODY, 'patches': [{**BODY['patches'][0], 'value': [{'value': value}]}]}


def test_a_document_of_messages():
    document = json.loads(make_document('A1', [make_message(1, 'A', BODY), make_message(2, "Ü \"quoted\"", BODY)]))
    assert document['header'] == {'sellerId': 'A1', 'version': '2.0', 'issueLocale': 'en_US'}
    assert [message['sku'] for message in document['messages']] == ['A', "Ü \"quoted\""]
    assert document['messages'][0] == {'messageId': 1, 'sku': 'A', 'operationType': 'PATCH', **BODY}
    assert json.loads(make_document('A1', []))['messages'] == []


@pytest.mark.parametrize('text, clean', [
    ("Kettle\x1d", "Kettle"), ("\x00Kettle", "Kettle"), ("Kett\ud800le", "Kettle"), ("Kettle\uffff", "Kettle"),
    ("1 l\n2 l\t", "1 l\n2 l\t"), ("😀 ½", "😀 ½"),
])
def test_texts_are_cleaned(text, clean):
    assert clean_text(text) == clean
    [message] = json.loads(make_document('A1', [make_message(1, 'A', with_value(text))]))['messages']
    assert message['patches'][0]['value'][0]['value'] == clean
    assert clean_texts({'a': [text, 1, None]}) == {'a': [clean, 1, None]}


@pytest.mark.parametrize('sku', ["A\x1d", "A\ud800", "\x00", " ", ""])
def test_a_sku_is_never_another_one(sku):
    with pytest.raises(MessageProblem, match="The SKU"):
        make_message(1, sku, BODY)
    assert check_text("The SKU", "A 1") == "A 1"


@pytest.mark.parametrize('value', [float('nan'), float('inf'), b'bytes', object()])
def test_values_that_json_does_not_know(value):
    with pytest.raises(MessageProblem, match="JSON"):
        make_message(1, 'A', with_value(value))


def test_a_message_that_is_too_large():
    with pytest.raises(MessageProblem, match="bytes, more than"):
        make_message(1, 'A', with_value('x' * MOST_BYTES))
    assert len(make_message(1, 'A', with_value('x' * (MOST_BYTES - 300)))) <= MOST_BYTES
