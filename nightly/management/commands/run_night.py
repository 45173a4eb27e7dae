"""Works out nights in this process: manage.py run_night [--product KEY] [--date 2026-11-24]."""

import sys
from datetime import date

from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from backlog.models import Product
from core import clock, context
from nightly import tasks
from nightly.actions import nights
from nightly.models import Night
from nightly.queries import schedule


class Command(BaseCommand):
    help = "Work out the last due night now, of one product or of all, again where it was worked out before."

    def add_arguments(self, parser):
        parser.add_argument("--product", metavar="KEY", help="only the product of this key")
        parser.add_argument("--date", type=date.fromisoformat, metavar="YYYY-MM-DD", help="the night of that morning")

    def handle(self, *, product, date, **options):
        context.via.set("command")
        by = User.objects.service(tasks.SERVICE)
        failed = [each.key for each in _products(product) if not self._run(each, date, by)]
        if failed:
            self.stderr.write(f"Not worked out: {', '.join(failed)}.")
            sys.exit(1)

    def _run(self, product, on, by):
        on = on or schedule.latest_due(product.organization.time_zone, clock.now())
        try:
            slot = nights.ask(product, on, by=by).slot
            tasks.run_night(slot=slot)
        except (nights.NightRunning, nights.NightUnfinished) as refusal:
            self.stderr.write(f"{product.key}: {refusal}")
            return False
        night = Night.objects.get(product=product, on=on)
        seconds = sum(step.get("seconds", 0) for step in night.steps.values())
        self.stdout.write(f"{product.key}: {night.get_state_display().lower()}, {seconds:.1f} s, {on}.")
        return True


def _products(key):
    products = Product.objects.active().select_related("organization").order_by("key")
    if not key:
        return products
    found = products.filter(key=key.upper())
    if not found:
        raise CommandError(f"There is no product {key}, or it is archived.")
    return found
