"""Starts the app."""

from django.apps import AppConfig


class SprintsConfig(AppConfig):
    name = "sprints"

    def ready(self):
        from backlog.actions import life_cycle
        from sprints import permissions
        from sprints.queries import scope

        permissions.register()
        life_cycle.register_hold(scope.in_active_sprints)
