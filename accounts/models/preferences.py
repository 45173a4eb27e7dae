"""What a person wants to be told by mail."""

from django.conf import settings
from django.db import models


class NotificationPreference(models.Model):
    """A kind that has no row is mailed."""

    class Kind(models.TextChoices):
        MENTION = "mention", "Somebody mentions me"
        ASSIGNMENT = "assignment", "An item is assigned to me"
        SPRINT = "sprint", "A sprint starts, is in trouble or closes, or a note on it is published"

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="notification_preferences")
    kind = models.CharField(max_length=20, choices=Kind)
    is_mailed = models.BooleanField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "kind"], name="one_preference_a_kind")]

    def __str__(self):
        return self.get_kind_display()
