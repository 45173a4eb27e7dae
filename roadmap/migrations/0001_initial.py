import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models

import core.constraints


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("backlog", "0005_vacuum_often"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Forecast",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("on", models.DateField(help_text="The day in the organization's time zone at whose start it holds.")),
                ("made_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("fingerprint", models.CharField(help_text="SHA-256 of what it was made of.", max_length=64)),
                ("has_dates", models.BooleanField(help_text="False: no team has enough history.")),
                (
                    "teams",
                    models.JSONField(
                        help_text="A list: team (null: the items of no team), open items, weeks of history, is_idle, is_corrected, and where there is enough history the curves: by per cent, items finished by the end of each week."
                    ),
                ),
                (
                    "items",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(),
                        default=list,
                        help_text="Those with a date, in order.",
                        size=None,
                    ),
                ),
                (
                    "weeks_50",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.SmallIntegerField(null=True),
                        default=list,
                        help_text="Null: too far ahead.",
                        size=None,
                    ),
                ),
                (
                    "weeks_85",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.SmallIntegerField(null=True), default=list, size=None
                    ),
                ),
                (
                    "weeks_95",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.SmallIntegerField(null=True), default=list, size=None
                    ),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "product",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="forecasts", to="backlog.product"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Release",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=120)),
                ("target_on", models.DateField(blank=True, help_text="When it should be out.", null=True)),
                ("version", models.PositiveIntegerField(default=1)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("released_at", models.DateTimeField(null=True)),
                (
                    "created_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "product",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="releases", to="backlog.product"
                    ),
                ),
                (
                    "released_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ForecastDate",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("open_count", models.PositiveIntegerField(help_text="Items that are not done.")),
                ("date_50", models.DateField(null=True)),
                ("date_85", models.DateField(null=True)),
                ("date_95", models.DateField(null=True)),
                (
                    "forecast",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="dates", to="roadmap.forecast"
                    ),
                ),
                (
                    "goal",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="forecast_dates",
                        to="backlog.goal",
                    ),
                ),
                (
                    "product",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="backlog.product"
                    ),
                ),
                (
                    "release",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="forecast_dates",
                        to="roadmap.release",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ReleaseItem",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("is_in", models.BooleanField(default=True)),
                (
                    "item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="release_entries", to="backlog.item"
                    ),
                ),
                (
                    "product",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="backlog.product"
                    ),
                ),
                (
                    "release",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="entries", to="roadmap.release"
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="forecast",
            constraint=models.UniqueConstraint(fields=("product", "on"), name="one_forecast_a_day"),
        ),
        migrations.AddIndex(
            model_name="release",
            index=models.Index(fields=["product", "released_at", "target_on"], name="releases_of_product"),
        ),
        migrations.AddConstraint(
            model_name="release",
            constraint=models.UniqueConstraint(
                models.F("product"), django.db.models.functions.text.Lower("name"), name="one_release_a_name"
            ),
        ),
        migrations.AddConstraint(
            model_name="release",
            constraint=models.UniqueConstraint(fields=("product", "id"), name="release_in_product"),
        ),
        migrations.AddConstraint(
            model_name="release",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("released_at", None), ("released_by", None)),
                    models.Q(("released_at__isnull", False), ("released_by__isnull", False)),
                    _connector="OR",
                ),
                name="released_by_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="forecastdate",
            constraint=models.UniqueConstraint(fields=("forecast", "goal"), name="one_date_a_goal"),
        ),
        migrations.AddConstraint(
            model_name="forecastdate",
            constraint=models.UniqueConstraint(fields=("forecast", "release"), name="one_date_a_release"),
        ),
        migrations.AddConstraint(
            model_name="forecastdate",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("goal__isnull", False), ("release", None)),
                    models.Q(("goal", None), ("release__isnull", False)),
                    _connector="OR",
                ),
                name="date_of_goal_or_release",
            ),
        ),
        migrations.AddConstraint(
            model_name="forecastdate",
            constraint=core.constraints.CompositeForeignKey(
                fields=("product", "goal"), name="forecast_date_goal", to="backlog.Goal", to_fields=("product", "id")
            ),
        ),
        migrations.AddConstraint(
            model_name="forecastdate",
            constraint=core.constraints.CompositeForeignKey(
                fields=("product", "release"),
                name="forecast_date_release",
                to="roadmap.Release",
                to_fields=("product", "id"),
            ),
        ),
        migrations.AddIndex(
            model_name="releaseitem",
            index=models.Index(
                condition=models.Q(("is_in", True)), fields=["product", "item"], name="releases_of_item"
            ),
        ),
        migrations.AddConstraint(
            model_name="releaseitem",
            constraint=models.UniqueConstraint(fields=("release", "item"), name="one_entry_a_release"),
        ),
        migrations.AddConstraint(
            model_name="releaseitem",
            constraint=core.constraints.CompositeForeignKey(
                fields=("product", "release"),
                name="release_item_release",
                to="roadmap.Release",
                to_fields=("product", "id"),
            ),
        ),
        migrations.AddConstraint(
            model_name="releaseitem",
            constraint=core.constraints.CompositeForeignKey(
                fields=("product", "item"), name="release_item_item", to="backlog.Item", to_fields=("product", "id")
            ),
        ),
    ]
