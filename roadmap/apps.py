"""Starts the app."""

from django.apps import AppConfig


class RoadmapConfig(AppConfig):
    name = "roadmap"

    def ready(self):
        from core import events
        from roadmap import permissions

        permissions.register()
        events.subscribe("import.applied", "roadmap.tasks.take_over_fix_versions")
