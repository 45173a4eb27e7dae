"""Publishes the outbox until it is told to stop."""

import signal

from django.core.management.base import BaseCommand

from core.relay import Relay


class Command(BaseCommand):
    help = "Publish what waits in the outbox to Celery and to the live stream."

    def handle(self, **options):
        relay = Relay()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, relay.stop)
        relay.run()
