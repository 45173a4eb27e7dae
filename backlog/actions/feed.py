"""The version of what a list screen shows: every action that touches it says so here, last of all."""

from collections.abc import Iterable

from django.db import connection

from core import outbox

# One statement, so that the list's row is locked before its entries: two actions can't wait for each other.
_CHANGE = """
    WITH bumped AS (
        UPDATE backlog_orderedlist SET feed_version = feed_version + 1 WHERE product_id = %s
        RETURNING id, feed_version
    ), marked AS (
        UPDATE backlog_orderentry e SET changed_version = bumped.feed_version
        FROM bumped WHERE e.list_id = bumped.id AND e.item_id = ANY(%s)
    )
    SELECT feed_version FROM bumped
"""


def changed(product_id: int, item_ids: Iterable[int]) -> int:
    """Tell the list's readers that these items look different now; returns the new feed version.

    Call it last in an action's transaction: from here to the commit every other change of the list waits.
    """
    with connection.cursor() as cursor:
        cursor.execute(_CHANGE, [product_id, sorted(set(item_ids))])
        (feed_version,) = cursor.fetchone()
    tell(product_id, feed_version)
    return feed_version


def tell(product_id: int, feed_version: int) -> None:
    """Let every open browser hear of the feed version, once the transaction commits."""
    _send(product_id, {"feed_version": feed_version})


def tell_news(product_id: int, news: str) -> None:
    """Let every open browser hear, once the transaction commits, of something new beside the items: a forecast, …"""
    _send(product_id, {"news": news})


def _send(product_id, payload):
    outbox.send([outbox.Message(topic=outbox.LIVE, key=f"product:{product_id}", payload=payload)])
