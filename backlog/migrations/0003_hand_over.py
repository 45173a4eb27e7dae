import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

import core.constraints


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_session_epoch"),
        ("backlog", "0002_move_afters"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="HandOver",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("offered_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
        ),
        migrations.AddIndex(
            model_name="sourcekey",
            index=models.Index(fields=["key"], name="source_keys_by_key"),
        ),
        migrations.AddField(
            model_name="handover",
            name="offered_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="handover",
            name="organization",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.organization"
            ),
        ),
        migrations.AddField(
            model_name="handover",
            name="product",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.CASCADE, related_name="hand_over", to="backlog.product"
            ),
        ),
        migrations.AddField(
            model_name="handover",
            name="to",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddConstraint(
            model_name="handover",
            constraint=models.CheckConstraint(
                condition=models.Q(("to", models.F("offered_by")), _negated=True), name="hand_over_to_another"
            ),
        ),
        migrations.AddConstraint(
            model_name="handover",
            constraint=core.constraints.CompositeForeignKey(
                fields=("organization", "product"),
                name="hand_over_product",
                to="backlog.Product",
                to_fields=("organization", "id"),
            ),
        ),
        migrations.AddConstraint(
            model_name="handover",
            constraint=core.constraints.CompositeForeignKey(
                fields=("organization", "to"),
                name="hand_over_to_member",
                to="accounts.Membership",
                to_fields=("organization", "user"),
            ),
        ),
    ]
