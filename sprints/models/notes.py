"""What was said at the end of a sprint."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from accounts.models import Organization
from backlog.models import Item
from core.constraints import CompositeForeignKey
from sprints.models.sprints import Sprint


class SprintNote(models.Model):
    """A note of the review or the retrospective; none is changed, a correction is another one."""

    class Kind(models.TextChoices):
        REVIEW = "review", "Review"
        WENT_WELL = "went_well", "Went well"
        IMPROVE = "improve", "To improve"
        ACTION = "action", "Action"
        CORRECTION = "correction", "Correction"

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    sprint = models.ForeignKey(Sprint, models.CASCADE, related_name="notes")
    kind = models.CharField(max_length=10, choices=Kind)
    text = models.TextField()
    item = models.ForeignKey(Item, models.SET_NULL, null=True, related_name="+", help_text="What an action became.")
    written_at = models.DateTimeField(db_default=Now())
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(item=None) | Q(kind="action"), name="only_an_action_becomes_an_item"),
            CompositeForeignKey(
                name="sprint_note_sprint",
                fields=["organization", "sprint"],
                to="sprints.Sprint",
                to_fields=["organization", "id"],
            ),
        ]
        indexes = [models.Index(fields=["sprint", "id"], name="sprint_notes")]

    def __str__(self):
        return self.text[:60]

    @property
    def event_stream(self):
        return f"organization:{self.organization_id}"
