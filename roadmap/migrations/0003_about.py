import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("roadmap", "0002_fix_versions"),
    ]

    operations = [
        migrations.AddField(
            model_name="forecast",
            name="about",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.BigIntegerField(),
                default=list,
                help_text="Items whose date the curves alone miss by more than half a week.",
                size=None,
            ),
        ),
    ]
