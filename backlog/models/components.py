"""Parts of a product, their technical owners, and what the product owner lends them."""

from datetime import timedelta

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone

from accounts.models import Organization
from backlog.models.levels import engagement_field
from backlog.models.products import Product
from core.constraints import CompositeForeignKey


class ComponentQuerySet(models.QuerySet):
    def active(self):
        return self.filter(archived_at=None)


class Component(models.Model):
    class Type(models.TextChoices):
        COMPONENT = "component", "Component"
        FEATURE = "feature", "Feature"

    organization = models.ForeignKey(Organization, models.CASCADE, related_name="+")
    product = models.ForeignKey(Product, models.CASCADE, related_name="components")
    name = models.CharField(max_length=80)
    type = models.CharField(max_length=10, choices=Type, default=Type.COMPONENT)
    description = models.TextField(blank=True)
    parent = models.ForeignKey("self", models.PROTECT, null=True, related_name="children")
    engagement = engagement_field()
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(db_default=Now())
    archived_at = models.DateTimeField(null=True)

    objects = ComponentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["product", "name"], name="one_component_a_name"),
            models.UniqueConstraint(fields=["product", "id"], name="component_in_product"),
            models.CheckConstraint(condition=~Q(parent=F("id")), name="component_not_its_own_parent"),
            CompositeForeignKey(
                name="component_same_organization",
                fields=["organization", "product"],
                to="backlog.Product",
                to_fields=["organization", "id"],
            ),
            CompositeForeignKey(
                name="component_parent_same_product",
                fields=["product", "parent"],
                to="backlog.Component",
                to_fields=["product", "id"],
            ),
        ]

    def __str__(self):
        return self.name

    @property
    def event_stream(self):
        return f"product:{self.product_id}"


class ComponentOwner(models.Model):
    """Makes a person technical product owner (TPO) of a component."""

    organization = models.ForeignKey(Organization, models.CASCADE, related_name="+")
    product = models.ForeignKey(Product, models.CASCADE, related_name="component_owners")
    component = models.ForeignKey(Component, models.CASCADE, related_name="owners")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="owned_components")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["component", "user"], name="one_ownership_a_person"),
            CompositeForeignKey(
                name="component_owner_product",
                fields=["organization", "product"],
                to="backlog.Product",
                to_fields=["organization", "id"],
            ),
            CompositeForeignKey(
                name="component_owner_component",
                fields=["product", "component"],
                to="backlog.Component",
                to_fields=["product", "id"],
            ),
            CompositeForeignKey(
                name="component_owner_of_member",
                fields=["organization", "user"],
                to="accounts.Membership",
                to_fields=["organization", "user"],
            ),
        ]

    def __str__(self):
        return f"{self.user} owns {self.component}"

    @property
    def event_stream(self):
        return f"product:{self.product_id}"


# So long before its end both sides are told: time enough to talk about it.
ENDS_SOON = timedelta(days=3)


class DelegationQuerySet(models.QuerySet):
    def live(self):
        """By the database's clock (D11)."""
        return self.filter(revoked_at=None, suspended_at=None, until__gt=Now())

    def ending(self, now):
        """Live ones that end within ENDS_SOON."""
        return self.live().filter(until__lte=now + ENDS_SOON)


class Delegation(models.Model):
    """A power over one component, lent by the product owner until a date (RELIABILITY 3.4)."""

    class Power(models.TextChoices):
        ORDER = "order", "Order technical items among their places"
        REFINE = "refine", "Refine items"
        ACCEPT = "accept", "Accept finished technical items"

    organization = models.ForeignKey(Organization, models.CASCADE, related_name="+")
    product = models.ForeignKey(Product, models.CASCADE, related_name="delegations")
    component = models.ForeignKey(Component, models.CASCADE, related_name="delegations")
    power = models.CharField(max_length=6, choices=Power)
    grantee = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="delegations_held")
    granted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="delegations_granted")
    granted_at = models.DateTimeField(db_default=Now())
    until = models.DateTimeField()
    intent = models.CharField(max_length=300, blank=True)
    base_order = ArrayField(
        models.BigIntegerField(),
        default=list,
        help_text="Ids of the technical items when lent, in order (D6).",
    )
    suspended_at = models.DateTimeField(null=True, help_text="Its product owner left; the next one confirms (D8).")
    reminded_at = models.DateTimeField(null=True, help_text="Both sides were told that it is about to end.")
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    objects = DelegationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["component", "power"],
                condition=Q(revoked_at=None, power__in=["order", "accept"]),
                name="one_grantee_a_power",
            ),
            models.UniqueConstraint(
                fields=["component", "power", "grantee"],
                condition=Q(revoked_at=None),
                name="one_grant_a_person",
            ),
            models.CheckConstraint(condition=~Q(grantee=F("granted_by")), name="delegation_never_to_self"),
            models.CheckConstraint(
                condition=Q(revoked_at=None, revoked_by=None) | Q(revoked_at__isnull=False, revoked_by__isnull=False),
                name="delegation_revoked_by_someone",
            ),
            CompositeForeignKey(
                name="delegation_product",
                fields=["organization", "product"],
                to="backlog.Product",
                to_fields=["organization", "id"],
            ),
            CompositeForeignKey(
                name="delegation_component",
                fields=["product", "component"],
                to="backlog.Component",
                to_fields=["product", "id"],
            ),
            CompositeForeignKey(
                name="delegation_to_member",
                fields=["organization", "grantee"],
                to="accounts.Membership",
                to_fields=["organization", "user"],
            ),
        ]

    def __str__(self):
        return f"{self.power} of {self.component} to {self.grantee}"

    @property
    def state(self) -> str:
        """live, suspended, ended, or over: its time has come."""
        if self.revoked_at:
            return "ended"
        if self.until <= timezone.now():
            return "over"
        return "suspended" if self.suspended_at else "live"

    @property
    def event_stream(self):
        return f"product:{self.product_id}"
