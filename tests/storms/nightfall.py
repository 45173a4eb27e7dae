"""The house around nights that are killed: makes products, ticks the clock, tells what the nights left.

A process of its own on a database of its own; each line of its input is a command, each is answered by a line.
"""

import hashlib
import json
import random
import re
import sys
from datetime import UTC, date, datetime, time, timedelta
from time import sleep

from django.apps import apps
from django.core.management import call_command
from django.db import models
from django.utils import timezone

from accounts.models import NotificationPreference, User
from backlog.models import Dependency, Item, Product
from core import jobs
from core.models import JobRun, OutboxMessage, OutgoingMail
from nightly import tasks
from nightly.models import Digest, Night
from nightly.queries import schedule
from tests import factories

PRODUCTS, ITEMS, DONE = 8, 60, 60
# Columns that tell when and by which run something was written, not what.
_TIMES = (models.DateTimeField, models.AutoField, models.BigAutoField)


def main():
    for line in sys.stdin:
        command, *arguments = json.loads(line)
        sys.stdout.write(json.dumps(COMMANDS[command](*arguments), default=str) + "\n")
        sys.stdout.flush()


def seed(last):
    """Products whose order is worth a proposal, with a past to forecast from and people to write to."""
    organization = factories.OrganizationFactory(name="Northwind")
    owner = factories.MemberFactory(name="Ines Falkner", organization=organization)
    for number in range(PRODUCTS):
        product = factories.ProductFactory(organization=organization, key=f"P{number}", name=f"Product {number}")
        team = factories.TeamFactory(organization=organization, name=f"Team {number}")
        factories.ProductTeamFactory(product=product, team=team)
        factories.ProductRoleFactory(product=product, user=owner, role="product_owner")
        factories.TeamMembershipFactory(
            team=team,
            user=factories.MemberFactory(name=f"Mia {number}", organization=organization),
            role="scrum_master",
        )
        _furnish(product, owner, date.fromisoformat(last), random.Random(number))
    # The others' come once a week.
    for person in (owner, *User.objects.filter(name__in=("Mia 0", "Mia 1", "Mia 2"))):
        NotificationPreference.objects.create(user=person, kind="digest", is_mailed=True, rhythm="daily")
    # Signs in both databases with one id.
    User.objects.service(tasks.SERVICE)
    # Whatever the clock says: they were here before the first night.
    Product.objects.update(created_at=datetime(2000, 1, 1, tzinfo=UTC))
    return dict(Product.objects.values_list("key", "pk"))


def _furnish(product, owner, last, rng):
    ids = factories.enter_items(product, ITEMS, by=owner, kind="technical", type="enabler")
    for pk in ids:
        Item.objects.filter(pk=pk).update(
            points=rng.choice((1, 2, 3, 5, 8)), business_value=rng.randint(0, 20), risk_reduction=rng.randint(0, 5)
        )
    for _ in range(ITEMS // 3):
        # What is needed stands below what needs it as often as not, and no cycle comes about.
        enabler, dependent = sorted(rng.sample(range(ITEMS), 2), key=lambda place: (place % 7, place))
        Dependency.objects.get_or_create(
            organization=product.organization,
            enabler_id=ids[enabler],
            dependent_id=ids[dependent],
            defaults={"created_by": owner},
        )
    days = [last - timedelta(days=rng.randint(1, 90)) for _ in range(DONE)]
    Item.objects.bulk_create(
        Item(
            organization=product.organization,
            product=product,
            number=ITEMS + 1 + place,
            title=f"Done {place}",
            kind="functional",
            type="story",
            points=3,
            status="done",
            done_at=datetime.combine(day, time(12), UTC),
            created_by=owner,
            status_by=owner,
        )
        for place, day in enumerate(days)
    )


def undisturbed(on):
    """The night of every product and the digests after it, worked out here in one go."""
    began = timezone.now()
    call_command("run_night", date=date.fromisoformat(on), stdout=sys.stderr)
    seconds = (timezone.now() - began).total_seconds()
    tick(on, 30)
    for run in JobRun.objects.filter(name=schedule.DIGEST, state="waiting"):
        tasks.send_digests(slot=run.slot)
    return seconds


def tick(on, minutes):
    """What beat brings about so many minutes after 02:00."""
    return jobs.tick(datetime.combine(date.fromisoformat(on), time(2), UTC) + timedelta(minutes=minutes))


def under_way(on, done):
    """Wait until so many nights of a date are done and a worker is at another."""
    runs = JobRun.objects.filter(name="night", slot__endswith=f":{on}")
    while runs.filter(state="done").count() < done or not runs.filter(state="running").exists():
        sleep(0.01)


def telling(on):
    """Wait until a worker is at the digests of a date, or has done them."""
    while not JobRun.objects.filter(name=schedule.DIGEST, slot__endswith=f":{on}", attempts__gt=0).exists():
        tick(on, 30)
        sleep(0.05)


def wait_long():
    """As if half an hour had gone by: leases of the dead have run out, and so have tasks that died in the queue."""
    JobRun.objects.filter(state__in=("waiting", "running")).update(lease_until=timezone.now() - timedelta(seconds=1))
    OutgoingMail.objects.filter(sent_at=None).update(created_at=timezone.now() - timedelta(minutes=30))


def standing(on):
    """How many nights of a date there are in each state, and whether anything is still on its way."""
    states = list(Night.objects.filter(on=on).values_list("state", flat=True))
    waiting = OutboxMessage.objects.filter(done_at=None).count() + OutgoingMail.objects.filter(sent_at=None).count()
    told = JobRun.objects.filter(name=schedule.DIGEST, slot__endswith=f":{on}", state="done").exists()
    return {"done": states.count("done"), "states": sorted(states), "waiting": waiting, "told": told}


def left(on):
    """What the nights of a date left, row by row, in words that two databases share."""
    found = {}
    for model in _results():
        for row in model.objects.filter(on=on).select_related("product").order_by("product__key", "pk"):
            found.setdefault(f"{row.product.key} {model.__name__}", []).append(_told(row))
    return {
        "rows": found,
        "runs": {run.slot: run.attempts for run in JobRun.objects.filter(name="night", slot__endswith=f":{on}")},
        "digests": sorted(Digest.objects.filter(on=on).values_list("user__email", flat=True)),
    }


def mails():
    rows = OutgoingMail.objects.order_by("to", "subject", "message_id")
    return [[row.message_id, row.to, row.subject, _digest(row.text)] for row in rows]


def _results():
    """Every table of which each night writes a row."""
    for app in ("nightly", "roadmap"):
        for model in apps.get_app_config(app).get_models():
            if model is not Night and {"on", "product"} <= {field.name for field in model._meta.get_fields()}:
                yield model


def _told(row):
    told = {
        field.attname: getattr(row, field.attname)
        for field in row._meta.concrete_fields
        if not isinstance(field, _TIMES) and not (field.is_relation and field.name == "night")
    }
    for relation in row._meta.related_objects:
        if relation.one_to_many:
            parent = relation.field.attname
            rows = relation.related_model.objects.filter(**{relation.field.name: row}).order_by("pk")
            told[relation.name] = [{k: v for k, v in _told(one).items() if k != parent} for one in rows]
    return told


def _digest(text):
    # The link that ends it has the time in its signature.
    return hashlib.sha256(re.sub(r"/mails/stop/\S+", "", text).encode()).hexdigest()


COMMANDS = {
    function.__name__: function
    for function in (seed, undisturbed, tick, under_way, telling, wait_long, standing, left, mails)
}
