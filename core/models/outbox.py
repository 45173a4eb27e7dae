"""Messages that leave with the transaction that caused them."""

from django.db import models
from django.db.models.functions import Now


class OutboxMessage(models.Model):
    """Written in the action's transaction; published by the relay, at least once."""

    topic = models.CharField(max_length=80, help_text="`live`, or the name of a Celery task.")
    key = models.CharField(max_length=80, blank=True, help_text="The live stream, or empty.")
    payload = models.JSONField(default=dict)
    created_at = models.DateTimeField(db_default=Now())
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(db_default=Now())
    done_at = models.DateTimeField(null=True)
    error = models.TextField(blank=True)
    request_id = models.CharField(max_length=64, blank=True, db_default="", help_text="Of the request that caused it.")

    class Meta:
        indexes = [
            models.Index(fields=["next_at", "id"], condition=models.Q(done_at=None), name="outbox_waiting"),
            models.Index(fields=["done_at"], condition=models.Q(done_at__isnull=False), name="outbox_done"),
        ]

    def __str__(self):
        return f"{self.topic} {self.pk}"


class OutboxReceipt(models.Model):
    """A consumer has had the effect of a message: the second delivery finds this row and stops."""

    message_id = models.BigIntegerField()
    consumer = models.CharField(max_length=80)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["message_id", "consumer"], name="one_receipt_a_consumer"),
        ]

    def __str__(self):
        return f"{self.consumer} {self.message_id}"
