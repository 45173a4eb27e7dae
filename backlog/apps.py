"""Starts the app."""

from django.apps import AppConfig


class BacklogConfig(AppConfig):
    name = "backlog"

    def ready(self):
        from backlog import permissions
        from backlog.queries import lost, order_check
        from backlog.queries.whom_to_ask import whom_to_ask
        from core import events, jobs, live, metrics, problems

        permissions.register()
        problems.register_guide(whom_to_ask)
        problems.register_lead(lost.meant)
        live.register_stream("product", permissions.may_hear)
        events.subscribe("member.deactivated", "backlog.tasks.end_roles")
        jobs.register(order_check.JOB, task="backlog.tasks.check_orders", slots=jobs.every(24 * 60))
        jobs.register("discard_imports", task="backlog.tasks.discard_imports", slots=jobs.every(24 * 60))
        jobs.register("learn_choices", task="backlog.tasks.learn_choices", slots=jobs.every(5))
        jobs.register("remind_of_loans", task="backlog.tasks.remind_of_loans", slots=jobs.every(24 * 60))
        jobs.register("remind_of_questions", task="backlog.tasks.remind_of_questions", slots=jobs.every(24 * 60))
        jobs.register("show_cards", task="backlog.tasks.show_cards", slots=jobs.every(15))
        metrics.register("order_problems", "Problems found by the last check of every order", order_check.last_count)
        metrics.register("order_check_age_seconds", "Time since the last check of every order", order_check.last_age)
