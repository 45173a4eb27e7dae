"""What filters by readiness and due date need at 100,000 items: statistics, and an index."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("backlog", "0008_split")]

    operations = [
        migrations.RunSQL(
            "CREATE STATISTICS item_checks_missing ON ((checks_total - checks_met)) FROM backlog_item",
            "DROP STATISTICS item_checks_missing",
        ),
        migrations.AddIndex(
            model_name="item",
            index=models.Index(
                condition=models.Q(("due_on__isnull", False)), fields=["product", "due_on"], name="item_due"
            ),
        ),
    ]
