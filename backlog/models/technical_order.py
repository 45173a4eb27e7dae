"""The order in which an organization's technical owners would take all technical work, over its products."""

from django.db import models
from django.db.models import Q

from accounts.models import Organization
from backlog.models.items import Item
from core.constraints import CompositeForeignKey


class TechnicalOrder(models.Model):
    """Locked by each move; version counts them."""

    organization = models.OneToOneField(Organization, models.CASCADE, primary_key=True, related_name="technical_order")
    version = models.BigIntegerField(default=0)

    def __str__(self):
        return f"technical order of {self.organization}"


class TechnicalEntry(models.Model):
    """The place of an item. Items without one come after all others, by product and place there."""

    organization = models.ForeignKey(Organization, models.CASCADE, related_name="+")
    item = models.OneToOneField(Item, models.CASCADE, related_name="technical_entry")
    rank = models.CharField(max_length=200, db_collation="C")

    class Meta:
        verbose_name_plural = "technical entries"
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "rank"],
                include=["item"],
                name="one_technical_item_a_rank",
            ),
            models.CheckConstraint(condition=Q(rank__regex="^[0-9A-Za-z]*[1-9A-Za-z]$"), name="technical_rank_form"),
            CompositeForeignKey(
                name="technical_entry_item",
                fields=["organization", "item"],
                to="backlog.Item",
                to_fields=["organization", "id"],
            ),
        ]

    def __str__(self):
        return f"{self.item_id} at {self.rank}"
