"""Periodic work, once in effect for each slot of time."""

from django.db import models
from django.db.models.functions import Now


class JobRun(models.Model):
    """One slot of one job; beat may be absent, double or late (RELIABILITY 5.6)."""

    class State(models.TextChoices):
        WAITING = "waiting"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"

    name = models.CharField(max_length=80)
    slot = models.CharField(max_length=80, help_text="Business date, with its subject where there are several.")
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_default=Now())
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    result_hash = models.CharField(max_length=64, blank=True)
    result = models.JSONField(
        db_default=models.Value({}, models.JSONField()), help_text="What came of it, for metrics and pages."
    )
    error = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["name", "slot"], name="one_run_a_slot")]
        indexes = [
            models.Index(
                fields=["lease_until"],
                condition=models.Q(state__in=["waiting", "running"]),
                name="job_run_unfinished",
            )
        ]

    def __str__(self):
        return f"{self.name} {self.slot}"
