"""Starts the app."""

from django.apps import AppConfig


class BacklogConfig(AppConfig):
    name = "backlog"

    def ready(self):
        from backlog import permissions

        permissions.register()
