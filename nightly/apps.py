"""Starts the app."""

from django.apps import AppConfig


class NightlyConfig(AppConfig):
    name = "nightly"

    def ready(self):
        from backlog import navigation
        from core import jobs
        from nightly import permissions
        from nightly.queries import proposals, schedule

        permissions.register()
        navigation.register_count("nightly:proposal", proposals.own_waiting_count)
        jobs.register(
            schedule.JOB,
            task="nightly.tasks.run_night",
            slots=schedule.due_slots,
            given_up="nightly.tasks.give_up_night",
        )
        jobs.register(schedule.DIGEST, task="nightly.tasks.send_digests", slots=schedule.due_digests)
