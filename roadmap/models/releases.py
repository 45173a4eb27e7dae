"""What is handed out together, and when it should be."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower, Now

from backlog.models import Item, Product
from core.constraints import CompositeForeignKey


class ReleaseQuerySet(models.QuerySet):
    def open(self):
        return self.filter(released_at=None)


class Release(models.Model):
    product = models.ForeignKey(Product, models.CASCADE, related_name="releases")
    name = models.CharField(max_length=120)
    target_on = models.DateField(null=True, blank=True, help_text="When it should be out.")
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(db_default=Now())
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    released_at = models.DateTimeField(null=True)
    released_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    objects = ReleaseQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(F("product"), Lower("name"), name="one_release_a_name"),
            models.UniqueConstraint(fields=["product", "id"], name="release_in_product"),
            models.CheckConstraint(
                condition=Q(released_at=None, released_by=None)
                | Q(released_at__isnull=False, released_by__isnull=False),
                name="released_by_somebody",
            ),
        ]
        indexes = [models.Index(fields=["product", "released_at", "target_on"], name="releases_of_product")]

    def __str__(self):
        return self.name

    @property
    def event_stream(self):
        return f"product:{self.product_id}"


class ReleaseItem(models.Model):
    """An item in a release. Taken out, the row stays: an import that names the release again leaves it out."""

    product = models.ForeignKey(Product, models.CASCADE, related_name="+")
    release = models.ForeignKey(Release, models.CASCADE, related_name="entries")
    item = models.ForeignKey(Item, models.CASCADE, related_name="release_entries")
    is_in = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["release", "item"], name="one_entry_a_release"),
            CompositeForeignKey(
                name="release_item_release",
                fields=["product", "release"],
                to="roadmap.Release",
                to_fields=["product", "id"],
            ),
            CompositeForeignKey(
                name="release_item_item",
                fields=["product", "item"],
                to="backlog.Item",
                to_fields=["product", "id"],
            ),
        ]
        indexes = [models.Index(fields=["product", "item"], condition=Q(is_in=True), name="releases_of_item")]

    def __str__(self):
        return f"{self.item_id} in {self.release_id}"
