"""The health report of a product, one a night."""

import builtins

from django.db import models
from django.db.models.functions import Now

from backlog.models import Product


class HealthReportQuerySet(models.QuerySet):
    def latest_first(self):
        return self.order_by("-on")


class HealthReport(models.Model):
    """What was found in the backlog of a product, as of the morning of a day; restricted items are left out of it.

    figures: name → number. sprints: of the work ahead, the points by readiness and the technical share.
    delivered: closed sprints as [number, percent technical]. findings: see nightly.finders.Found.
    """

    product = models.ForeignKey(Product, models.CASCADE, related_name="health_reports")
    on = models.DateField(help_text="The day in the organization's time zone.")
    written_at = models.DateTimeField(db_default=Now())
    fingerprint = models.CharField(max_length=64, help_text="SHA-256 of what it says.")
    verdict = models.JSONField(default=dict)
    figures = models.JSONField(default=dict)
    sprints = models.JSONField(default=builtins.list)
    delivered = models.JSONField(default=builtins.list)
    findings = models.JSONField(default=builtins.list)

    objects = HealthReportQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["product", "on"], name="one_health_report_a_day")]

    def __str__(self):
        return f"health on {self.on}"

    @property
    def event_stream(self):
        return f"product:{self.product_id}"
