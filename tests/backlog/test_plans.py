"""How PostgreSQL keeps the tables that grow large."""

from django.db import connection


def test_large_tables_are_vacuumed_before_a_fifth_of_them_has_changed(db):
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname, reloptions FROM pg_class WHERE reloptions IS NOT NULL AND relkind = 'r'")
        options = {table: dict(option.split("=") for option in given) for table, given in cursor.fetchall()}

    often = {
        "autovacuum_vacuum_scale_factor": "0.02",
        "autovacuum_analyze_scale_factor": "0.02",
        "autovacuum_vacuum_insert_scale_factor": "0.02",
    }
    assert {table: options.get(table) for table in ("backlog_item", "backlog_itemtag", "backlog_orderentry")} == {
        "backlog_item": often,
        "backlog_itemtag": often,
        "backlog_orderentry": often,
    }
