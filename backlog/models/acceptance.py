"""What acceptance rests on: evidence, the Definition of Done, and whether an item is built as meant."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from backlog.models.discussion import Attachment
from backlog.models.items import AcceptanceCriterion, Item
from backlog.models.products import Product
from core.constraints import CompositeForeignKey


class Evidence(models.Model):
    """Why somebody finds a criterion met: a note, a link or a file of the item, at least one of them."""

    criterion = models.ForeignKey(AcceptanceCriterion, models.CASCADE, related_name="evidence")
    note = models.CharField(max_length=500, blank=True)
    url = models.URLField(max_length=500, blank=True)
    attachment = models.ForeignKey(Attachment, models.PROTECT, null=True, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name_plural = "evidence"
        constraints = [
            models.CheckConstraint(condition=~Q(note="", url="", attachment=None), name="evidence_says_something"),
        ]
        indexes = [models.Index(fields=["criterion", "id"], name="evidence_of_criterion")]

    def __str__(self):
        return self.note or self.url or str(self.attachment)


class DoneTick(models.Model):
    """A line of the Definition of Done that holds for an item."""

    item = models.ForeignKey(Item, models.CASCADE, related_name="done_ticks")
    check_key = models.CharField(max_length=40)
    ticked_at = models.DateTimeField(db_default=Now())
    ticked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["item", "check_key"], name="one_done_tick_a_check")]

    def __str__(self):
        return self.check_key


class BuiltCheck(models.Model):
    """Advice: the product owner decides. A later word of the same person replaces the earlier one."""

    product = models.ForeignKey(Product, models.CASCADE, related_name="+")
    item = models.ForeignKey(Item, models.CASCADE, related_name="built_checks")
    is_as_meant = models.BooleanField()
    note = models.CharField(max_length=500, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["item", "by"], name="one_built_check_a_person"),
            models.CheckConstraint(condition=Q(is_as_meant=True) | ~Q(note=""), name="built_otherwise_says_how"),
            CompositeForeignKey(
                name="built_check_item", fields=["product", "item"], to="backlog.Item", to_fields=["product", "id"]
            ),
        ]

    def __str__(self):
        return f"{self.item_id}: {'as meant' if self.is_as_meant else self.note}"
