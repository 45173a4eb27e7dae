"""What left a sprint before its points were kept has them as they are now: the log of events alone knows better."""

from django.db import migrations

_POINTS = """
    UPDATE sprints_sprintitem entry SET points_at_end = item.points
    FROM backlog_item item WHERE item.id = entry.item_id AND entry.outcome <> ''
"""


class Migration(migrations.Migration):
    dependencies = [("sprints", "0008_points_at_end")]

    operations = [migrations.RunSQL(_POINTS, migrations.RunSQL.noop)]
