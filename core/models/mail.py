"""Mails wait here until the worker has handed them to the mail server."""

from django.db import models
from django.db.models.functions import Now


class OutgoingMail(models.Model):
    """The Message-ID derives from the cause, so a repeated hand-over is the same mail to the receiver."""

    message_id = models.CharField(max_length=200, unique=True)
    sender = models.CharField(max_length=200)
    to = models.CharField(max_length=320)
    subject = models.CharField(max_length=300)
    text = models.TextField()
    html = models.TextField(blank=True)
    unsubscribe_url = models.CharField(
        max_length=500, blank=True, db_default="", help_text="Where one POST ends mails of this kind (RFC 8058)."
    )
    created_at = models.DateTimeField(db_default=Now())
    sent_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.TextField(blank=True)

    class Meta:
        indexes = [models.Index(fields=["id"], condition=models.Q(sent_at=None), name="mail_waiting")]

    def __str__(self):
        return self.subject
