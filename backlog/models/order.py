"""The one order of a product, and every move in it."""

import builtins

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from backlog.models.components import Delegation
from backlog.models.items import Item
from backlog.models.products import Product
from core.constraints import CompositeForeignKey


class OrderedList(models.Model):
    """Two counters: `version` counts moves, `feed_version` every change a list screen shows."""

    product = models.OneToOneField(Product, models.CASCADE, related_name="order")
    version = models.BigIntegerField(default=0)
    feed_version = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["product", "id"], name="list_in_product")]

    def __str__(self):
        return f"order of {self.product}"

    @property
    def event_stream(self):
        return f"product:{self.product_id}"


class OrderEntry(models.Model):
    """The place of an item; narrow, since a move rewrites it. A delisted item keeps its rank, to return to."""

    product = models.ForeignKey(Product, models.CASCADE, related_name="+")
    list = models.ForeignKey(OrderedList, models.CASCADE, related_name="entries")
    item = models.OneToOneField(Item, models.CASCADE, related_name="order_entry")
    rank = models.CharField(max_length=200, db_collation="C")
    is_pinned = models.BooleanField(default=False)
    is_listed = models.BooleanField(default=True)
    changed_version = models.BigIntegerField(default=0, help_text="feed_version of the last change a list shows.")

    class Meta:
        verbose_name_plural = "order entries"
        constraints = [
            # Checked at the end of each statement, so that a permutation is one UPDATE.
            models.UniqueConstraint(
                fields=["list", "rank"], name="one_item_a_rank", deferrable=models.Deferrable.IMMEDIATE
            ),
            models.CheckConstraint(condition=Q(rank__regex="^[0-9A-Za-z]*[1-9A-Za-z]$"), name="rank_form"),
            CompositeForeignKey(
                name="order_entry_list",
                fields=["product", "list"],
                to="backlog.OrderedList",
                to_fields=["product", "id"],
            ),
            CompositeForeignKey(
                name="order_entry_item",
                fields=["product", "item"],
                to="backlog.Item",
                to_fields=["product", "id"],
            ),
        ]
        indexes = [
            models.Index(
                fields=["list", "rank"],
                include=["item", "is_pinned"],
                condition=Q(is_listed=True),
                name="listed_order",
            ),
            models.Index(fields=["list", "changed_version"], name="order_changes"),
        ]

    def __str__(self):
        return f"{self.item_id} at {self.rank}"


class Move(models.Model):
    """One step of the order's history: replaying all of them gives the order (RELIABILITY R1)."""

    class Kind(models.TextChoices):
        MOVE = "move", "moved"
        PERMUTE = "permute", "exchanged places"
        ENTER = "enter", "came in"
        LEAVE = "leave", "left"
        PIN = "pin", "pinned"
        UNPIN = "unpin", "unpinned"

    list = models.ForeignKey(OrderedList, models.CASCADE, related_name="moves")
    version = models.BigIntegerField()
    kind = models.CharField(max_length=7, choices=Kind, default=Kind.MOVE)
    items = ArrayField(
        models.BigIntegerField(),
        help_text="move: the block in its order. permute: the set in its new order over the places it held.",
    )
    after = models.BigIntegerField(null=True, help_text="The item the block was put behind; null: the top.")
    afters = ArrayField(
        models.BigIntegerField(null=True),
        default=builtins.list,
        help_text="Where they did not go as one block: the item each was put behind, one after the other.",
    )
    former = ArrayField(
        models.BigIntegerField(null=True),
        default=builtins.list,
        help_text="move, leave: the former predecessor of each item. permute: the set in its former order.",
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    on_behalf_of = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    delegation = models.ForeignKey(Delegation, models.PROTECT, null=True, related_name="moves")
    reason = models.CharField(max_length=300, blank=True)
    undoes = models.BigIntegerField(null=True, help_text="Version of the move that this one takes back.")
    redoes = models.BigIntegerField(null=True, help_text="Version of the undo that this one takes back.")
    at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["list", "version"], name="one_move_a_version")]
        indexes = [models.Index(fields=["list", "by", "-version"], name="moves_of_person")]

    def __str__(self):
        return f"{self.kind} {self.version}"

    @property
    def predecessors(self):
        """What each item was put behind, one after the other; the one before it where they went as a block."""
        return self.afters or [self.after, *self.items[:-1]]
