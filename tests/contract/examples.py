"""Amazon's own examples of replies, in its API models: those of the documentation and those that its static sandbox
answers.
"""

import functools
import json
from typing import NamedTuple

from amazon_api.operations import OPERATIONS
from simulator import amazon_models


class Example(NamedTuple):
    """One reply: `operation` as in `amazon_api.operations`, `status` of HTTP, `body` decoded, `parameters` of the
    sandbox's request.
    """

    operation: str
    status: int
    body: object
    parameters: dict

    def __str__(self):
        return f'{self.operation} {self.status}'


@functools.cache
def examples(*files: str) -> list[Example]:
    """Return the examples of the operations that the connector uses, of all models or of some."""
    found = []
    for operation, file in amazon_models.FILES.items() if amazon_models.available() else ():
        if operation not in OPERATIONS or (files and file not in files):
            continue
        for status, reply in amazon_models.operation(operation)['responses'].items():
            static = (reply.get('x-amzn-api-sandbox') or {}).get('static') or []
            found += [Example(operation, int(status), entry['response'], entry['request'].get('parameters') or {})
                      for entry in static if 'response' in entry]
            found += [Example(operation, int(status), body, {}) for body in (reply.get('examples') or {}).values()]
    return [example._replace(body=_complete(example)) for example in found]


def _complete(example):
    """Return the body of an example; those of the documentation leave the `payload` around it out where the model has
    one.
    """
    body = json.loads(example.body) if isinstance(example.body, str) else example.body
    schema = amazon_models.operation(example.operation)['responses'][str(example.status)].get('schema') or {}
    fields = amazon_models.definition(amazon_models.FILES[example.operation], schema.get('$ref', '')).get(
        'properties', {})
    bare = example.status < 400 and 'payload' in fields and not (isinstance(body, dict) and body.keys() & fields.keys())
    return {'payload': body} if bare else body
