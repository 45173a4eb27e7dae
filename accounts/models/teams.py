"""Teams and the people in them."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from accounts.models.organizations import Organization
from core.constraints import CompositeForeignKey


class TeamQuerySet(models.QuerySet):
    def active(self):
        return self.filter(archived_at=None)

    def visible_to(self, user):
        return self.filter(organization__memberships__user=user, organization__memberships__deactivated_at=None)


class Team(models.Model):
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="teams")
    name = models.CharField(max_length=80)
    created_at = models.DateTimeField(db_default=Now())
    archived_at = models.DateTimeField(null=True)

    objects = TeamQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "name"], name="one_team_a_name"),
            models.UniqueConstraint(fields=["organization", "id"], name="team_in_organization"),
        ]

    def __str__(self):
        return self.name

    @property
    def event_stream(self):
        return f"organization:{self.organization_id}"


class TeamMembership(models.Model):
    class Role(models.TextChoices):
        SCRUM_MASTER = "scrum_master", "Scrum master"
        DEVELOPER = "developer", "Developer"

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    team = models.ForeignKey(Team, models.CASCADE, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="team_memberships")
    role = models.CharField(max_length=12, choices=Role, default=Role.DEVELOPER)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["team", "user"], name="one_team_membership_a_person"),
            CompositeForeignKey(
                name="team_membership_same_organization",
                fields=["organization", "team"],
                to="accounts.Team",
                to_fields=["organization", "id"],
            ),
            CompositeForeignKey(
                name="team_membership_of_member",
                fields=["organization", "user"],
                to="accounts.Membership",
                to_fields=["organization", "user"],
            ),
        ]

    def __str__(self):
        return f"{self.user}, {self.get_role_display().lower()} of {self.team}"

    @property
    def event_stream(self):
        return f"organization:{self.organization_id}"
