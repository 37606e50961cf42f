import json

from amazon_api.storable import make_storable


def test_what_the_database_cannot_keep_is_replaced_at_any_depth():
    payload = json.loads(r'{"na\u0000me": ["M\u0000ller", {"city": "K\ud83dln"}]}')
    assert make_storable(payload) == {'na�me': ['M�ller', {'city': 'K�ln'}]}


def test_everything_else_stays_as_it_is():
    payload = json.loads(r'{"name": "\ud83d\ude00 Müller\t日本", "count": 3, "price": 1.5, "gift": null, "paid": true}')
    assert make_storable(payload) == payload
    json.dumps(make_storable(payload), ensure_ascii=False).encode()
