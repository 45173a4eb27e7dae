"""A file on its way into a backlog."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from accounts.models import Organization
from backlog.models.products import Product
from core.constraints import CompositeForeignKey


def import_path(run, filename):
    return f"imports/{run.organization_id}/{uuid.uuid4().hex}"


class ImportRun(models.Model):
    class Source(models.TextChoices):
        JIRA = "jira", "Jira export (all fields)"
        CSV = "csv", "Any CSV file"

    class Status(models.TextChoices):
        UPLOADED = "uploaded"
        APPLYING = "applying"
        APPLIED = "applied"
        FAILED = "failed"

    organization = models.ForeignKey(Organization, models.CASCADE, related_name="imports")
    product = models.ForeignKey(
        Product,
        models.CASCADE,
        null=True,
        related_name="imports",
        help_text="Null: one product per project found.",
    )
    source = models.CharField(max_length=4, choices=Source)
    file = models.FileField(upload_to=import_path)
    file_name = models.CharField(max_length=200)
    status = models.CharField(max_length=8, choices=Status, default=Status.UPLOADED)
    mapping = models.JSONField(default=dict)
    progress = models.PositiveSmallIntegerField(default=0, help_text="Percent.")
    report = models.JSONField(default=dict)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(db_default=Now())
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            CompositeForeignKey(
                name="import_same_organization",
                fields=["organization", "product"],
                to="backlog.Product",
                to_fields=["organization", "id"],
            ),
        ]
        indexes = [models.Index(fields=["organization", "-id"], name="imports_newest")]

    def __str__(self):
        return self.file_name

    @property
    def is_waiting(self):
        """For somebody to look at it and apply it; after a refusal, with another mapping."""
        return self.status in (self.Status.UPLOADED, self.Status.FAILED)

    @property
    def event_stream(self):
        return f"organization:{self.organization_id}"
