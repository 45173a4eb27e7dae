"""What happened: the audit trail. The runtime database role may only insert and read it."""

from django.conf import settings
from django.db import models


class EventQuerySet(models.QuerySet):
    def about(self, target):
        return self.filter(target_type=target._meta.label_lower, target_id=target.pk)

    def in_stream(self, stream):
        return self.filter(stream=stream)

    def newest_first(self):
        return self.order_by("-id")


class Event(models.Model):
    """One thing somebody did, in the words of the action: `item.moved`, `sprint.started`."""

    class Via(models.TextChoices):
        UI = "ui", "the pages"
        API = "api", "the API"
        JOB = "job", "a job"
        COMMAND = "command", "the command line"

    at = models.DateTimeField()
    name = models.CharField(max_length=80)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        help_text="Null: nobody signed in.",
    )
    on_behalf_of = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    via = models.CharField(max_length=10, choices=Via)
    target_type = models.CharField(max_length=60)
    target_id = models.BigIntegerField()
    stream = models.CharField(
        max_length=60, help_text="Whose watchers hear of it, such as product:12 or organization:3."
    )
    data = models.JSONField(default=dict)
    request_id = models.CharField(max_length=64, blank=True)

    objects = EventQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["target_type", "target_id", "-id"], name="event_of_target"),
            models.Index(fields=["stream", "-id"], name="event_in_stream"),
        ]

    def __str__(self):
        return f"{self.name} {self.target_type}:{self.target_id}"
