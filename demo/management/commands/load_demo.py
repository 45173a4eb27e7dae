"""Fills an empty installation with the demo, all or nothing."""

import time

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from backlog.models import Item
from demo import world
from demo.replay import Replay, email_of


class Command(BaseCommand):
    help = __doc__

    @transaction.atomic
    def handle(self, **options):
        if User.objects.filter(is_service=False).exists():
            raise CommandError("There are people here already. The demo is for an empty installation.")
        began = time.monotonic()
        Replay(timezone.localdate()).run()
        seconds = time.monotonic() - began
        self.stdout.write(f"Loaded the demo: {Item.objects.count()} items in {seconds:.0f} s.")
        self.stdout.write(f"Sign in with the password {world.PASSWORD} as")
        for key, role in world.SIGN_INS.items():
            self.stdout.write(f"  {email_of(key):24} {world.PEOPLE[key]}, {role}")
