from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("backlog", "0022_suggest_technical_order"),
    ]

    operations = [
        migrations.AddField(
            model_name="product",
            name="debt_share",
            field=models.PositiveSmallIntegerField(
                help_text="Percent of points for repaying debt, agreed; null: nothing is.", null=True
            ),
        ),
        migrations.AddConstraint(
            model_name="product",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("debt_share__isnull", True), ("debt_share__lte", models.F("technical_share_max")), _connector="OR"
                ),
                name="product_debt_share_within_technical",
            ),
        ),
    ]
