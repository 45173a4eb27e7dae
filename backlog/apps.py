"""Starts the app."""

from django.apps import AppConfig


class BacklogConfig(AppConfig):
    name = "backlog"

    def ready(self):
        from backlog import permissions
        from core import events

        permissions.register()
        events.subscribe("member.deactivated", "backlog.tasks.end_roles")
