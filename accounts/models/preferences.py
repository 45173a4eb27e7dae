"""What a person wants to be told by mail."""

from django.conf import settings
from django.db import models
from django.db.models import Q


class NotificationPreference(models.Model):
    """A kind that has no row is mailed, the digest on the usual day. rhythm: of the digest alone."""

    class Kind(models.TextChoices):
        MENTION = "mention", "Somebody mentions me"
        ASSIGNMENT = "assignment", "An item is assigned to me"
        QUESTION = "question", "My question is answered, or one that I could answer has waited for days"
        VERDICT = "verdict", "What I proposed or suggested is taken or declined"
        WORD = "word", "Architectural or large-scale work needs my word"
        LOAN = "loan", "A power that I lend or hold is about to end"
        SPRINT_START = "sprint_start", "A sprint of my team starts"
        SPRINT_ALERT = "sprint_alert", "A sprint of my team is in trouble"
        SPRINT_CLOSE = "sprint_close", "A sprint of my team closes"
        STATUS_NOTE = "status_note", "A note on a sprint is published for me as a stakeholder"
        DIGEST = "digest", "The digest of my products"

    class Rhythm(models.TextChoices):
        """Daily, then the days of the week as Python counts them."""

        DAILY = "daily", "Every morning"
        MONDAY = "monday", "On Mondays"
        TUESDAY = "tuesday", "On Tuesdays"
        WEDNESDAY = "wednesday", "On Wednesdays"
        THURSDAY = "thursday", "On Thursdays"
        FRIDAY = "friday", "On Fridays"
        SATURDAY = "saturday", "On Saturdays"
        SUNDAY = "sunday", "On Sundays"

    USUAL_RHYTHM = Rhythm.MONDAY

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="notification_preferences")
    kind = models.CharField(max_length=20, choices=Kind)
    is_mailed = models.BooleanField()
    rhythm = models.CharField(max_length=9, choices=Rhythm, blank=True, default="", db_default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "kind"], name="one_preference_a_kind"),
            models.CheckConstraint(condition=Q(rhythm="") | Q(kind="digest"), name="rhythm_of_the_digest"),
        ]

    def __str__(self):
        return self.get_kind_display()
