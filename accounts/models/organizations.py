"""The tenant, and who belongs to it."""

from datetime import date
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone


class OrganizationQuerySet(models.QuerySet):
    def visible_to(self, user):
        return self.filter(memberships__user=user, memberships__deactivated_at=None)


class Organization(models.Model):
    name = models.CharField(max_length=120)
    slug = models.SlugField(max_length=60, unique=True)
    time_zone = models.CharField(max_length=60, default="UTC", help_text="The night starts at 02:00 there.")
    created_at = models.DateTimeField(db_default=Now())

    objects = OrganizationQuerySet.as_manager()

    def __str__(self):
        return self.name

    @property
    def event_stream(self):
        return f"organization:{self.pk}"

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    def today(self) -> date:
        """The day it is where the organization is."""
        return timezone.localdate(timezone=self.zone)


class MembershipQuerySet(models.QuerySet):
    def active(self):
        return self.filter(deactivated_at=None)

    def visible_to(self, user):
        return self.filter(organization__memberships__user=user, organization__memberships__deactivated_at=None)


class Membership(models.Model):
    """Kept for ever, deactivated when a person leaves: their past acts keep their name."""

    class Role(models.TextChoices):
        ADMIN = "admin", "Organization admin"
        MEMBER = "member", "Member"

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role, default=Role.MEMBER)
    created_at = models.DateTimeField(db_default=Now())
    deactivated_at = models.DateTimeField(null=True)
    deactivated_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    objects = MembershipQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "user"], name="one_membership_a_person"),
            models.CheckConstraint(
                condition=models.Q(deactivated_at=None, deactivated_by=None)
                | models.Q(deactivated_at__isnull=False, deactivated_by__isnull=False),
                name="membership_deactivated_by_someone",
            ),
        ]

    def __str__(self):
        return f"{self.user} in {self.organization}"

    @property
    def is_admin(self):
        return self.role == self.Role.ADMIN

    @property
    def event_stream(self):
        return f"organization:{self.organization_id}"
