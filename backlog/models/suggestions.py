"""A change that a person may not make but may suggest: the "P" cells of the permission matrix."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from backlog.models.items import Item
from backlog.models.products import Product
from core.constraints import CompositeForeignKey

# A verb that will do instead: the order itself tells whether a place is among one's technical slots.
_INSTEAD = {"order.move": "order.move_technical"}


class SuggestionQuerySet(models.QuerySet):
    def open(self):
        return self.filter(verdict="")

    def visible_to(self, user):
        """About items of backlogs that the person may read."""
        return self.filter(item__in=Item.objects.readable_by(user).values("pk"))


class Suggestion(models.Model):
    """One act, kept until somebody who may do it does, or says why not.

    payload: what the act takes, in plain values; backlog/actions/suggestions.py says which. known: the values of
    what it would change, as they were when it was suggested.
    """

    class Action(models.TextChoices):
        EDIT = "edit", "Change fields"
        MOVE = "move", "Move"
        PULL = "pull", "Take into a sprint"
        ORDER = "order", "Give a product the technical order"

    class Verdict(models.TextChoices):
        TAKEN = "taken", "Taken"
        DECLINED = "declined", "Declined"
        WITHDRAWN = "withdrawn", "Withdrawn"

    product = models.ForeignKey(Product, models.CASCADE, related_name="suggestions")
    item = models.ForeignKey(Item, models.CASCADE, related_name="suggestions", help_text="What it is about.")
    action = models.CharField(max_length=10, choices=Action)
    payload = models.JSONField()
    verbs = ArrayField(models.CharField(max_length=40))
    known = models.JSONField(default=dict)
    reason = models.CharField(max_length=500, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="suggestions")
    at = models.DateTimeField(db_default=Now())
    verdict = models.CharField(max_length=10, choices=Verdict, blank=True)
    verdict_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    verdict_at = models.DateTimeField(null=True)
    verdict_reason = models.CharField(max_length=500, blank=True)

    objects = SuggestionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(verdict="", verdict_by=None, verdict_at=None)
                | (Q(verdict_by__isnull=False, verdict_at__isnull=False) & ~Q(verdict="")),
                name="suggestion_decided_by_someone",
            ),
            models.CheckConstraint(
                condition=~Q(verdict="taken") | ~Q(verdict_by=models.F("by")), name="suggestion_taken_by_another"
            ),
            CompositeForeignKey(
                name="suggestion_item",
                fields=["product", "item"],
                to="backlog.Item",
                to_fields=["product", "id"],
            ),
        ]
        indexes = [
            models.Index(fields=["product", "id"], condition=Q(verdict=""), name="suggestions_open"),
            models.Index(fields=["item", "-id"], name="suggestions_of_item"),
        ]

    def __str__(self):
        return f"{self.get_action_display()}: {self.item_id}"

    def may_be_taken_with(self, rights) -> bool:
        """rights: verbs that the person may do to what it is about."""
        return all(verb in rights or _INSTEAD.get(verb) in rights for verb in self.verbs)

    @property
    def asked_verbs(self):
        return [*self.verbs, *(_INSTEAD[verb] for verb in self.verbs if verb in _INSTEAD)]

    @property
    def event_stream(self):
        return f"product:{self.product_id}"
