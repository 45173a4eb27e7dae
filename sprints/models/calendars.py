"""The address under which a calendar program reads somebody's sprints."""

import hashlib

from django.conf import settings
from django.db import models
from django.db.models.functions import Now


class CalendarFeed(models.Model):
    """One a person; the address holds a secret of which only a fingerprint is kept, and is the permission to read."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="calendar_feed")
    token_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(db_default=Now())

    def __str__(self):
        return f"Calendar of {self.user}"

    @property
    def event_stream(self):
        return f"user:{self.user_id}"

    @staticmethod
    def hash(secret):
        """A plain SHA-256 is enough for 256 random bits; looking it up leaks no timing of the secret."""
        return hashlib.sha256(secret.encode()).hexdigest()
