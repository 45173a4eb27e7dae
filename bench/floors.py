"""What PostgreSQL alone needs for the same job: one prepared statement with one right index."""

import time
from collections.abc import Callable

import psycopg2
from django.db import connection

from backlog.models import OrderedList

_ROW = """item.id, item.number, item.kind, item.type, item.title, item.points, item.status, item.component_id,
    item.team_id, item.checks_met, item.checks_total, item.open_question_count, entry.is_pinned"""
_LISTED = """FROM backlog_orderentry entry JOIN backlog_item item ON item.id = entry.item_id
    WHERE entry.list_id = {list} AND entry.is_listed"""

STATEMENTS = {
    "page": f"SELECT {_ROW} {_LISTED} ORDER BY entry.rank LIMIT 100",
    "last page": f"SELECT {_ROW} {_LISTED} AND entry.rank > '{{rank}}' ORDER BY entry.rank LIMIT 100",
    "order": f"SELECT {_ROW} {_LISTED} ORDER BY entry.rank",
    "board": """SELECT entry.id, entry.column_id, entry.column_at, entry.is_for_goal, item.id, item.number, item.kind,
        item.type, item.title, item.plain_title, item.points, item.status, item.status_at, person.name
        FROM sprints_sprintitem entry JOIN backlog_item item ON item.id = entry.item_id
        LEFT JOIN accounts_user person ON person.id = item.assignee_id
        WHERE entry.sprint_id = {sprint} AND entry.outcome IN ('', 'done') ORDER BY entry.id""",
    "component": f"""SELECT {_ROW} FROM backlog_item item JOIN backlog_orderentry entry ON item.id = entry.item_id
        WHERE item.product_id = {{product}} AND item.component_id = {{component}}
        AND item.status IN ('open', 'in_progress')""",
    "debt": """SELECT id, status, debt_principal, debt_interest, debt_interest_unit, created_at, status_at
        FROM backlog_item WHERE product_id = {product} AND type = 'debt'""",
    "move": """WITH moved AS (UPDATE backlog_orderentry SET changed_version = changed_version + 1
        WHERE item_id = {item} RETURNING list_id)
        UPDATE backlog_orderedlist SET version = version WHERE id = (SELECT list_id FROM moved)""",
    "move 50": """UPDATE backlog_orderentry SET changed_version = changed_version + 1
        WHERE list_id = {list} AND rank IN (SELECT rank FROM backlog_orderentry WHERE list_id = {list}
        ORDER BY rank LIMIT 50)""",
    "create": "UPDATE backlog_item SET version = version + 1 WHERE id = {item}",
    "detail": f"SELECT {_ROW}, item.description {_LISTED} AND item.number = {{number}}",
    "search": f"""SELECT {_ROW} {_LISTED} AND item.product_id = {{product}}
        AND item.search @@ to_tsquery('english', '{{word}}') LIMIT 50""",
    "tag": f"""SELECT {_ROW} {_LISTED} AND EXISTS (SELECT FROM backlog_itemtag link
        WHERE link.item_id = item.id AND link.tag_id = {{tag}}) ORDER BY entry.rank LIMIT 100""",
}


class Floor:
    """A connection of its own with the statements of one product prepared."""

    def __init__(self, world, *, word: str):
        parameters = {
            key: value for key, value in connection.get_connection_params().items() if key != "cursor_factory"
        }
        self._cursor = psycopg2.connect(**parameters).cursor()
        entries = OrderedList.objects.get(product=world.product).entries.order_by("rank")
        middle = entries[entries.count() // 2]
        names = {
            "list": middle.list_id,
            "item": middle.item_id,
            "product": world.product.pk,
            "number": middle.item.number,
            "rank": entries.filter(is_listed=True).order_by("-rank")[100].rank,
            "tag": world.tag.pk,
            "sprint": world.sprint_id,
            "component": world.component_id,
            "word": word,
        }
        for index, (name, statement) in enumerate(STATEMENTS.items()):
            self._cursor.execute(f"PREPARE floor_{index} AS {statement.format(**names)}")
            setattr(self, f"_{name}", f"EXECUTE floor_{index}")

    def job(self, name: str) -> Callable[[], float]:
        """One run of the statement, committed; returns milliseconds."""

        def run():
            began = time.perf_counter()
            self._cursor.execute(getattr(self, f"_{name}"))
            if self._cursor.description:
                self._cursor.fetchall()
            self._cursor.connection.commit()
            return 1000 * (time.perf_counter() - began)

        return run
