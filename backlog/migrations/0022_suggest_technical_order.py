from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("backlog", "0021_done_tick"),
    ]

    operations = [
        migrations.AlterField(
            model_name="suggestion",
            name="action",
            field=models.CharField(
                choices=[
                    ("edit", "Change fields"),
                    ("move", "Move"),
                    ("pull", "Take into a sprint"),
                    ("order", "Give a product the technical order"),
                ],
                max_length=10,
            ),
        ),
    ]
