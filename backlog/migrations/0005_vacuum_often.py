"""Positions are counted by an index alone, which needs a fresh visibility map; and a bulk load fresh statistics."""

from django.db import migrations

_OFTEN = """
    ALTER TABLE {table} SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02,
        autovacuum_vacuum_insert_scale_factor = 0.02)
"""
_AS_USUAL = """
    ALTER TABLE {table} RESET (autovacuum_vacuum_scale_factor, autovacuum_analyze_scale_factor,
        autovacuum_vacuum_insert_scale_factor)
"""


class Migration(migrations.Migration):
    dependencies = [("backlog", "0004_source_key_imported")]

    operations = [
        migrations.RunSQL(_OFTEN.format(table=table), _AS_USUAL.format(table=table))
        for table in ("backlog_orderentry", "backlog_item", "backlog_itemtag")
    ]
