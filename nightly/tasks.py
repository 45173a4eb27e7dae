"""Work of the nights outside requests."""

from celery import shared_task

from accounts.models import Organization, User
from backlog.models import Product
from core import jobs
from nightly.actions import digests, nights
from nightly.queries import schedule

SERVICE = "night"


@shared_task(name="nightly.tasks.run_night")
def run_night(*, slot):
    """Work out the night of one product, of which each worker takes the next; safe to repeat."""
    with jobs.claimed(schedule.JOB, slot) as claim:
        if claim is None:
            return
        product_id, on = schedule.parse(slot)
        product = Product.objects.active().select_related("organization").filter(pk=product_id).first()
        # Put away since the slot was made: its nights are over.
        if product is not None:
            nights.run(product, on, by=User.objects.service(SERVICE), claim=claim)


@shared_task(name="nightly.tasks.give_up_night")
def give_up_night(*, slot):
    """Tell the product owner that a night was interrupted too often."""
    product_id, on = schedule.parse(slot)
    nights.give_up(Product.objects.get(pk=product_id), on, by=User.objects.service(SERVICE))


@shared_task(name="nightly.tasks.send_digests")
def send_digests(*, slot):
    """Write the digests of one organization; safe to repeat."""
    with jobs.claimed(schedule.DIGEST, slot) as claim:
        if claim is None:
            return
        organization_id, on = schedule.parse(slot)
        digests.send(Organization.objects.get(pk=organization_id), on, by=User.objects.service(SERVICE))
