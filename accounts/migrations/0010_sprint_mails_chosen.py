"""Who had ended the mails of sprints gets none of those they were made of."""

from django.db import migrations

_PARTS = """
    INSERT INTO accounts_notificationpreference (user_id, kind, is_mailed, rhythm)
    SELECT user_id, part, is_mailed, ''
    FROM accounts_notificationpreference,
        unnest(ARRAY['sprint_start', 'sprint_alert', 'sprint_close', 'status_note']) AS part
    WHERE kind = 'sprint'
"""
_WHOLE = "DELETE FROM accounts_notificationpreference WHERE kind = 'sprint'"


class Migration(migrations.Migration):
    dependencies = [("accounts", "0009_sprint_mail_kinds")]

    operations = [
        migrations.RunSQL(_PARTS, migrations.RunSQL.noop),
        migrations.RunSQL(_WHOLE, migrations.RunSQL.noop),
    ]
