"""What the debt register knows of a debt item beside its figures."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from backlog.models.items import Item
from backlog.models.products import Product
from core.constraints import CompositeForeignKey


class DebtEntry(models.Model):
    """One for one with an item of type debt; principal and interest stand in the item."""

    product = models.ForeignKey(Product, models.CASCADE, related_name="debt_entries")
    item = models.OneToOneField(Item, models.CASCADE, related_name="debt_entry")
    payer = models.CharField(max_length=200, blank=True, help_text="Who pays the interest.")
    trigger = models.TextField(blank=True, help_text="When it must be repaid at the latest.")
    risk = models.TextField(blank=True, help_text="What may happen while it stays.")
    since = models.DateField(null=True)
    incidents = ArrayField(models.CharField(max_length=500), default=list, help_text="Addresses or numbers.")
    version = models.PositiveIntegerField(default=1, help_text="For If-Match.")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name_plural = "debt entries"
        constraints = [
            CompositeForeignKey(
                name="debt_entry_item",
                fields=["product", "item"],
                to="backlog.Item",
                to_fields=["product", "id"],
            ),
        ]

    def __str__(self):
        return f"debt of {self.item_id}"

    @property
    def event_stream(self):
        return f"product:{self.product_id}"
