"""Which digests were written."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from accounts.models import Organization


class Digest(models.Model):
    """One a person, organization and local date. It is a mail, written in the same transaction."""

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    on = models.DateField(help_text="The date where the organization is, on the morning after the night.")
    written_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "on", "user"], name="one_digest_a_person_and_date")
        ]

    def __str__(self):
        return f"Digest of {self.on:%-d %B %Y}"

    @property
    def event_stream(self):
        return f"organization:{self.organization_id}"
