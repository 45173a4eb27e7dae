"""Starts the app."""

from django.apps import AppConfig


class DemoConfig(AppConfig):
    name = "demo"

    def ready(self):
        from accounts.queries.sign_ins import register_offer
        from demo import sign_ins

        register_offer(sign_ins.offered)
