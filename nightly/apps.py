"""Starts the app."""

from django.apps import AppConfig


class NightlyConfig(AppConfig):
    name = "nightly"

    def ready(self):
        from nightly import permissions

        permissions.register()
