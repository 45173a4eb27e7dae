"""Personal API tokens: shown once, kept as a hash; they hold no rights of their own."""

import hashlib

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now


class ApiTokenQuerySet(models.QuerySet):
    def visible_to(self, user):
        return self.filter(user=user)

    def live(self, now):
        return self.filter(revoked_at=None, expires_at__gt=now)


class ApiToken(models.Model):
    PREFIX = "upn_"

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=80)
    prefix = models.CharField(max_length=12, help_text="The first characters, to tell tokens apart.")
    token_hash = models.CharField(max_length=64, unique=True)
    scopes = ArrayField(models.CharField(max_length=40))
    product_ids = ArrayField(models.BigIntegerField(), null=True, help_text="Null: every product its owner may see.")
    created_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    objects = ApiTokenQuerySet.as_manager()

    def __str__(self):
        return self.name

    @property
    def event_stream(self):
        return f"user:{self.user_id}"

    @staticmethod
    def hash(secret):
        """A plain SHA-256 is enough for 256 random bits; looking it up leaks no timing of the secret."""
        return hashlib.sha256(secret.encode()).hexdigest()
