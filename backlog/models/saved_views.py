"""Filters that people keep by a name."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower, Now

from backlog.models.products import Product


class SavedViewQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Views of products the person may see: their own, and those shared with the product."""
        return self._known_to(user).filter(dropped_at=None)

    def restorable_by(self, user):
        """Those of them that are deleted."""
        return self._known_to(user).exclude(dropped_at=None)

    def _known_to(self, user):
        seen = Product.objects.visible_to(user).values("pk")
        return self.filter(Q(by=user) | Q(is_shared=True), product__in=seen)


class SavedView(models.Model):
    product = models.ForeignKey(Product, models.CASCADE, related_name="saved_views")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="saved_views")
    name = models.CharField(max_length=80)
    filter = models.CharField(max_length=1000)
    is_shared = models.BooleanField(default=False, help_text="With everybody who reads the backlog.")
    version = models.PositiveIntegerField(default=1, help_text="For If-Match.")
    created_at = models.DateTimeField(db_default=Now())
    dropped_at = models.DateTimeField(null=True)

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "product", "by", Lower("name"), condition=Q(dropped_at=None), name="one_own_view_a_name"
            ),
            models.UniqueConstraint(
                "product", Lower("name"), condition=Q(dropped_at=None, is_shared=True), name="one_shared_view_a_name"
            ),
            models.CheckConstraint(condition=~Q(name="") & ~Q(filter=""), name="saved_view_with_name_and_filter"),
        ]
        indexes = [
            models.Index(
                fields=["product", "is_shared", "by"], condition=Q(dropped_at=None), name="saved_views_of_product"
            ),
        ]

    def __str__(self):
        return self.name

    @property
    def event_stream(self):
        return f"product:{self.product_id}"
