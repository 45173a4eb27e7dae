"""What stands on what."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from accounts.models import Organization
from backlog.models.items import Item
from core.constraints import CompositeForeignKey


class Dependency(models.Model):
    """`enabler` enables `dependent`; `dependent` needs `enabler`. May cross products of one organization."""

    organization = models.ForeignKey(Organization, models.CASCADE, related_name="+")
    enabler = models.ForeignKey(Item, models.CASCADE, related_name="enables_links")
    dependent = models.ForeignKey(Item, models.CASCADE, related_name="needs_links")
    created_at = models.DateTimeField(db_default=Now())
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        verbose_name_plural = "dependencies"
        constraints = [
            models.UniqueConstraint(fields=["dependent", "enabler"], name="one_dependency_a_pair"),
            models.CheckConstraint(condition=~Q(enabler=F("dependent")), name="dependency_not_on_itself"),
            CompositeForeignKey(
                name="dependency_enabler",
                fields=["organization", "enabler"],
                to="backlog.Item",
                to_fields=["organization", "id"],
            ),
            CompositeForeignKey(
                name="dependency_dependent",
                fields=["organization", "dependent"],
                to="backlog.Item",
                to_fields=["organization", "id"],
            ),
        ]

    def __str__(self):
        return f"{self.enabler_id} enables {self.dependent_id}"


class ItemLink(models.Model):
    class Kind(models.TextChoices):
        RELATES = "relates", "relates to"
        DUPLICATES = "duplicates", "duplicates"

    organization = models.ForeignKey(Organization, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind)
    source = models.ForeignKey(Item, models.CASCADE, related_name="links_out")
    target = models.ForeignKey(Item, models.CASCADE, related_name="links_in")
    created_at = models.DateTimeField(db_default=Now())
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "target", "kind"], name="one_link_a_pair"),
            models.CheckConstraint(condition=~Q(source=F("target")), name="link_not_to_itself"),
            CompositeForeignKey(
                name="item_link_source",
                fields=["organization", "source"],
                to="backlog.Item",
                to_fields=["organization", "id"],
            ),
            CompositeForeignKey(
                name="item_link_target",
                fields=["organization", "target"],
                to="backlog.Item",
                to_fields=["organization", "id"],
            ),
        ]

    def __str__(self):
        return f"{self.source_id} {self.kind} {self.target_id}"
