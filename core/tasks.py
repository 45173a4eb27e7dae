"""Work of the mechanics: the clock's tick, mails, and throwing away what has had its time."""

from datetime import timedelta

from celery import shared_task
from celery.signals import worker_ready
from django.utils import timezone

from core import jobs, mail, outbox
from core.models import IdempotentRequest, JobRun
from core.relay import KEPT as OUTBOX_KEPT

ANSWERS_KEPT = timedelta(hours=24)
RUNS_KEPT = timedelta(days=30)
MAIL_IS_STUCK = timedelta(minutes=15)


@shared_task(name="core.tasks.tick")
def tick():
    """Each minute, from beat: create the slots of all jobs that are due."""
    jobs.tick()


@worker_ready.connect
def catch_up(sender=None, **_):
    """A worker that starts asks for missed slots at once, not at the next minute."""
    sender.app.send_task("core.tasks.tick")


@shared_task(
    name=mail.TASK,
    autoretry_for=(Exception,),
    retry_backoff=5,
    retry_backoff_max=3600,
    max_retries=mail.MAX_ATTEMPTS - 1,
)
def deliver_mail(*, mail_id):
    mail.deliver(mail_id)


@shared_task(name="core.tasks.purge")
def purge(*, slot):
    """Hourly: kept answers after a day, published messages after a week, runs after a month."""
    with jobs.claimed("purge", slot) as claim:
        if claim is None:
            return
        now = timezone.now()
        IdempotentRequest.objects.filter(created_at__lt=now - ANSWERS_KEPT).delete()
        JobRun.objects.filter(created_at__lt=now - RUNS_KEPT, state=JobRun.State.DONE).delete()
        outbox.purge(older_than=OUTBOX_KEPT)


@shared_task(name="core.tasks.resend_mails")
def resend_mails(*, slot):
    """Each quarter of an hour: mails whose task was lost with the broker."""
    with jobs.claimed("mail", slot) as claim:
        if claim is None:
            return
        outbox.send(
            outbox.Message(topic=mail.TASK, payload={"mail_id": pk}) for pk in mail.stuck(older_than=MAIL_IS_STUCK)
        )
