"""Releases for the fix versions that came in before there were releases."""

from django.db import migrations

# Signed by who made the product's first item: the import was theirs.
_RELEASES = """
    INSERT INTO roadmap_release (product_id, name, version, created_by_id)
    SELECT DISTINCT ON (item.product_id, lower(name.clean)) item.product_id, name.clean, 1, item.created_by_id
    FROM backlog_item item, unnest(item.source_fix_versions) AS named,
        LATERAL (SELECT btrim(regexp_replace(named, '\\s+', ' ', 'g')) AS clean) name
    WHERE name.clean <> ''
    ORDER BY item.product_id, lower(name.clean), item.number
"""
_ITEMS = """
    INSERT INTO roadmap_releaseitem (product_id, release_id, item_id, is_in)
    SELECT DISTINCT item.product_id, release.id, item.id, true
    FROM backlog_item item, unnest(item.source_fix_versions) AS named
    JOIN roadmap_release release ON lower(release.name) = lower(btrim(regexp_replace(named, '\\s+', ' ', 'g')))
    WHERE release.product_id = item.product_id
"""


class Migration(migrations.Migration):
    dependencies = [("roadmap", "0001_initial")]

    operations = [
        migrations.RunSQL(_RELEASES, migrations.RunSQL.noop),
        migrations.RunSQL(_ITEMS, migrations.RunSQL.noop),
    ]
