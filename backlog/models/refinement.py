"""Refining items together, and the rounds in which people estimate them."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from backlog.models.items import Item
from backlog.models.products import Product
from core.constraints import CompositeForeignKey


class Scale(models.TextChoices):
    FIBONACCI = "fibonacci", "Fibonacci"
    T_SHIRT = "t_shirt", "T-shirt sizes"


class Refinement(models.Model):
    """A session of people who refine the next items of a product. item: the one that all who follow see."""

    product = models.ForeignKey(Product, models.CASCADE, related_name="refinements")
    scale = models.CharField(max_length=9, choices=Scale, default=Scale.FIBONACCI)
    item = models.ForeignKey(Item, models.SET_NULL, null=True, related_name="+")
    started_at = models.DateTimeField(db_default=Now())
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["product"], condition=Q(ended_at=None), name="one_running_refinement_a_product"
            ),
            models.UniqueConstraint(fields=["product", "id"], name="refinement_in_product"),
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_by=None) | Q(ended_at__isnull=False, ended_by__isnull=False),
                name="refinement_ended_by_someone",
            ),
        ]
        indexes = [models.Index(fields=["product", "-id"], name="refinements_newest")]

    def __str__(self):
        return f"Refinement of {self.started_at:%d %b %Y}"

    @property
    def event_stream(self):
        return f"product:{self.product_id}"


class RefinementPerson(models.Model):
    """Who takes part. item: what they look at on their own way, while they do not follow."""

    refinement = models.ForeignKey(Refinement, models.CASCADE, related_name="people")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    is_following = models.BooleanField(default=True)
    item = models.ForeignKey(Item, models.SET_NULL, null=True, related_name="+")
    joined_at = models.DateTimeField(db_default=Now())
    seen_at = models.DateTimeField(db_default=Now())
    left_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["refinement", "user"], name="one_seat_a_person")]

    def __str__(self):
        return f"{self.user_id} in {self.refinement_id}"


class RefinedItem(models.Model):
    """An item that was looked at: as it was then, and as it was when the session ended."""

    product = models.ForeignKey(Product, models.CASCADE, related_name="+")
    refinement = models.ForeignKey(Refinement, models.CASCADE, related_name="items")
    item = models.ForeignKey(Item, models.CASCADE, related_name="+")
    looked_at = models.DateTimeField(db_default=Now())
    is_skipped = models.BooleanField(default=False)
    was_ready = models.BooleanField()
    points_before = models.DecimalField(max_digits=6, decimal_places=2, null=True)
    is_ready = models.BooleanField(null=True, help_text="Null while the session runs.")
    points_after = models.DecimalField(max_digits=6, decimal_places=2, null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["refinement", "item"], name="one_look_an_item"),
            CompositeForeignKey(
                name="refined_item_refinement",
                fields=["product", "refinement"],
                to="backlog.Refinement",
                to_fields=["product", "id"],
            ),
            CompositeForeignKey(
                name="refined_item_item",
                fields=["product", "item"],
                to="backlog.Item",
                to_fields=["product", "id"],
            ),
        ]

    def __str__(self):
        return f"{self.item_id} in {self.refinement_id}"


class PokerRoundQuerySet(models.QuerySet):
    def running(self):
        return self.filter(ended_at=None)


class PokerRound(models.Model):
    """One round of estimating an item. Cards are hidden until it is shown; it ends with points, another round, or
    without either. closes_at: until when people may lay a card, in a round that waits for them."""

    product = models.ForeignKey(Product, models.CASCADE, related_name="+")
    item = models.ForeignKey(Item, models.CASCADE, related_name="poker_rounds")
    scale = models.CharField(max_length=9, choices=Scale)
    opened_at = models.DateTimeField(db_default=Now())
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    closes_at = models.DateTimeField(null=True)
    shown_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    points = models.DecimalField(max_digits=6, decimal_places=2, null=True, help_text="What was agreed.")
    low = models.DecimalField(max_digits=6, decimal_places=2, null=True, help_text="Points of the lowest card.")
    high = models.DecimalField(max_digits=6, decimal_places=2, null=True, help_text="Points of the highest card.")

    objects = PokerRoundQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["item"], condition=Q(ended_at=None), name="one_running_round_an_item"),
            models.CheckConstraint(
                condition=Q(points=None) | Q(shown_at__isnull=False, ended_at__isnull=False),
                name="poker_points_after_showing",
            ),
            models.CheckConstraint(condition=Q(low=None) | Q(high__gte=F("low")), name="poker_range"),
            CompositeForeignKey(
                name="poker_round_item",
                fields=["product", "item"],
                to="backlog.Item",
                to_fields=["product", "id"],
            ),
        ]
        indexes = [
            models.Index(fields=["closes_at"], condition=Q(shown_at=None, ended_at=None), name="poker_rounds_to_show")
        ]

    def __str__(self):
        return f"Round of {self.item_id}"

    @property
    def event_stream(self):
        return f"product:{self.product_id}"


class PokerCard(models.Model):
    """What one person holds. words: why, which the others read once the round is shown."""

    round = models.ForeignKey(PokerRound, models.CASCADE, related_name="cards")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    card = models.CharField(max_length=3)
    words = models.CharField(max_length=500, blank=True)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["round", "user"], name="one_card_a_person")]

    def __str__(self):
        return f"{self.user_id} in {self.round_id}"
