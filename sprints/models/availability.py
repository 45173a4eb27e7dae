"""Who of a team is there, and for how much of their time."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from accounts.models import Organization, Team
from core.constraints import CompositeForeignKey


class Absence(models.Model):
    """Days on which a person is away from a team."""

    organization = models.ForeignKey(Organization, models.CASCADE, related_name="+")
    team = models.ForeignKey(Team, models.CASCADE, related_name="absences")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    starts_on = models.DateField()
    ends_on = models.DateField(help_text="The last day, included.")
    created_at = models.DateTimeField(db_default=Now())
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(starts_on__lte=F("ends_on")), name="absence_dates"),
            CompositeForeignKey(
                name="absence_same_organization",
                fields=["organization", "team"],
                to="accounts.Team",
                to_fields=["organization", "id"],
            ),
            CompositeForeignKey(
                name="absence_of_member",
                fields=["organization", "user"],
                to="accounts.Membership",
                to_fields=["organization", "user"],
            ),
        ]
        indexes = [models.Index(fields=["team", "ends_on"], name="absences_of_team")]

    def __str__(self):
        return f"{self.user} away {self.starts_on:%-d %b} to {self.ends_on:%-d %b}"

    @property
    def event_stream(self):
        return f"organization:{self.organization_id}"


class FocusShare(models.Model):
    """How much of a person's time a team has; without a row, all of it."""

    organization = models.ForeignKey(Organization, models.CASCADE, related_name="+")
    team = models.ForeignKey(Team, models.CASCADE, related_name="focus_shares")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    percent = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["team", "user"], name="one_focus_share_a_person"),
            models.CheckConstraint(condition=Q(percent__gte=0, percent__lte=100), name="focus_share_percent"),
            CompositeForeignKey(
                name="focus_share_same_organization",
                fields=["organization", "team"],
                to="accounts.Team",
                to_fields=["organization", "id"],
            ),
            CompositeForeignKey(
                name="focus_share_of_member",
                fields=["organization", "user"],
                to="accounts.Membership",
                to_fields=["organization", "user"],
            ),
        ]

    def __str__(self):
        return f"{self.user}, {self.percent} % for {self.team}"

    @property
    def event_stream(self):
        return f"organization:{self.organization_id}"
