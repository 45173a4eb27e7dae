"""The columns of a team's board."""

from django.db import models
from django.db.models import Q

from accounts.models import Organization, Team
from core.constraints import CompositeForeignKey

COLUMN_STATUSES = ["open", "in_progress", "done"]


class BoardColumn(models.Model):
    """A column of the team's own; a team without any has to do, in progress and done."""

    class Status(models.TextChoices):
        OPEN = "open", "To do"
        IN_PROGRESS = "in_progress", "In progress"
        DONE = "done", "Done"

    organization = models.ForeignKey(Organization, models.CASCADE, related_name="+")
    team = models.ForeignKey(Team, models.CASCADE, related_name="board_columns")
    position = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=40)
    status = models.CharField(max_length=11, choices=Status, help_text="What an item is while it is in the column.")
    wip_limit = models.PositiveSmallIntegerField(null=True, help_text="More items than this are a warning.")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["team", "position"], name="one_column_a_position", deferrable=models.Deferrable.DEFERRED
            ),
            models.CheckConstraint(condition=Q(status__in=COLUMN_STATUSES), name="column_status"),
            CompositeForeignKey(
                name="column_same_organization",
                fields=["organization", "team"],
                to="accounts.Team",
                to_fields=["organization", "id"],
            ),
        ]

    def __str__(self):
        return self.name

    @property
    def event_stream(self):
        return f"organization:{self.organization_id}"
