"""Requests that leave nothing behind, watched for what they write."""

import re

from django.db import connection, transaction

# When a token was used last is no change; nor is a kept answer, which comes only with a change.
_NO_CHANGE = {"accounts_apitoken", "core_idempotentrequest", "django_session"}
_WRITES = re.compile(r'\b(?:INSERT INTO|(?<!FOR )(?<!KEY )UPDATE|DELETE FROM)\s+"?(\w+)')


class Recorder(dict):
    """Remembers which ids a request names."""

    def __init__(self, values):
        super().__init__(values)
        self.read = set()

    def __getitem__(self, name):
        self.read.add(name)
        return super().__getitem__(name)


class _TakenBack(Exception):
    pass


def content_of(response):
    return b"".join(response) if response.streaming else response.content


def attempt(call, client, ids, world):
    """(answer, which tables were written to), and nothing stays of it."""
    written, cookies = set(), dict(client.cookies)

    def watch(execute, sql, params, many, context):
        written.update(_WRITES.findall(sql))
        return execute(sql, params, many, context)

    try:
        with transaction.atomic():
            if call.prepare:
                call.prepare(world)
            with connection.execute_wrapper(watch):
                response = call.send(client, ids, **{"If-Match": "*", "Idempotency-Key": "once"})
            raise _TakenBack
    except _TakenBack:
        client.cookies.clear()
        client.cookies.update(cookies)
        return response, sorted(written - _NO_CHANGE)
