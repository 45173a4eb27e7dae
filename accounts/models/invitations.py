"""An invitation into an organization: a single-use token, kept only as a hash."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from accounts.models.organizations import Membership, Organization
from accounts.models.teams import Team, TeamMembership
from core.constraints import CompositeForeignKey


class InvitationQuerySet(models.QuerySet):
    def waiting(self, now):
        return self.filter(accepted_at=None, revoked_at=None, expires_at__gt=now)


class Invitation(models.Model):
    organization = models.ForeignKey(Organization, models.CASCADE, related_name="invitations")
    email = models.EmailField()
    role = models.CharField(max_length=10, choices=Membership.Role, default=Membership.Role.MEMBER)
    team = models.ForeignKey(Team, models.CASCADE, null=True, related_name="+")
    team_role = models.CharField(max_length=12, choices=TeamMembership.Role, blank=True)
    token_hash = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    accepted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    revoked_at = models.DateTimeField(null=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(team=None, team_role="") | (models.Q(team__isnull=False) & ~models.Q(team_role="")),
                name="invitation_team_with_role",
            ),
            CompositeForeignKey(
                name="invitation_same_organization",
                fields=["organization", "team"],
                to="accounts.Team",
                to_fields=["organization", "id"],
            ),
        ]

    def __str__(self):
        return f"{self.email} to {self.organization}"

    @property
    def event_stream(self):
        return f"organization:{self.organization_id}"
