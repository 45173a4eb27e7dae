"""Starts the app."""

from django.apps import AppConfig


class SprintsConfig(AppConfig):
    name = "sprints"

    def ready(self):
        from backlog.actions import life_cycle
        from backlog.queries import filter_fields
        from core import jobs
        from sprints import permissions
        from sprints.actions import suggestions
        from sprints.queries import filter_field, scope

        permissions.register()
        suggestions.register()
        jobs.register("inspections", task="sprints.tasks.inspect", slots=jobs.every(60))
        life_cycle.register_hold(scope.in_active_sprints)
        filter_fields.register(filter_field.SPRINT)
