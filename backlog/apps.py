"""Starts the app."""

from django.apps import AppConfig


class BacklogConfig(AppConfig):
    name = "backlog"

    def ready(self):
        from backlog import permissions
        from core import events, live

        permissions.register()
        live.register_stream("product", permissions.may_hear)
        events.subscribe("member.deactivated", "backlog.tasks.end_roles")
