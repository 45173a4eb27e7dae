"""Starts the app: after each migration the runtime role gets exactly the rights it needs."""

from django.apps import AppConfig
from django.conf import settings
from django.db import connections
from django.db.models.signals import post_migrate
from django.urls import register_converter


class CoreConfig(AppConfig):
    name = "core"

    def ready(self):
        from core import checks, converters, jobs, words  # noqa: F401  checks register themselves

        words.speak()
        register_converter(converters.DateConverter, "date")
        jobs.register("purge", task="core.tasks.purge", slots=jobs.every(60))
        jobs.register("mail", task="core.tasks.resend_mails", slots=jobs.every(15))
        post_migrate.connect(grant_runtime_role, dispatch_uid="grant_runtime_role")


def grant_runtime_role(using, app_config, **_):
    """The app reads and writes rows; of events it may only add and read (ADR 1)."""
    runtime, owner = settings.DATABASES["default"].get("USER"), connections[using].settings_dict.get("USER")
    # Once, after the last app: the signal comes for each app.
    if app_config.name != "core" or not runtime or runtime == owner:
        return
    with connections[using].cursor() as cursor:
        role = connections[using].ops.quote_name(runtime)
        cursor.execute(f"GRANT USAGE ON SCHEMA public TO {role}")
        cursor.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}")
        cursor.execute(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {role}")
        cursor.execute(f"REVOKE UPDATE, DELETE ON core_event, django_migrations FROM {role}")
