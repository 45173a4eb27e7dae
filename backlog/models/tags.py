"""Tags of a product."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Lower, Now

from backlog.models.items import Item
from backlog.models.products import Product
from core.constraints import CompositeForeignKey


class Tag(models.Model):
    product = models.ForeignKey(Product, models.CASCADE, related_name="tags")
    name = models.CharField(max_length=60)

    class Meta:
        constraints = [
            models.UniqueConstraint("product", Lower("name"), name="one_tag_a_name"),
            models.UniqueConstraint(fields=["product", "id"], name="tag_in_product"),
        ]

    def __str__(self):
        return self.name

    @property
    def event_stream(self):
        return f"product:{self.product_id}"


class ItemTag(models.Model):
    product = models.ForeignKey(Product, models.CASCADE, related_name="+")
    item = models.ForeignKey(Item, models.CASCADE, related_name="tag_links")
    tag = models.ForeignKey(Tag, models.CASCADE, related_name="item_links")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["item", "tag"], name="one_tag_an_item"),
            CompositeForeignKey(
                name="item_tag_item",
                fields=["product", "item"],
                to="backlog.Item",
                to_fields=["product", "id"],
            ),
            CompositeForeignKey(
                name="item_tag_tag", fields=["product", "tag"], to="backlog.Tag", to_fields=["product", "id"]
            ),
        ]
        indexes = [models.Index(fields=["tag", "item"], name="items_of_tag")]

    def __str__(self):
        return f"{self.item_id} #{self.tag_id}"


class GoneTag(models.Model):
    """A tag that was dropped or merged into another, and what is needed to bring it back."""

    product = models.ForeignKey(Product, models.CASCADE, related_name="gone_tags")
    name = models.CharField(max_length=60)
    items = ArrayField(models.BigIntegerField(), help_text="Ids of the items that carried it.")
    into = models.ForeignKey(Tag, models.SET_NULL, null=True, related_name="+", help_text="What it was merged into.")
    added = ArrayField(models.BigIntegerField(), help_text="Of those, the ids that carry `into` only by the merging.")
    gone_at = models.DateTimeField(db_default=Now())
    gone_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["product", "-gone_at"], name="gone_tags_of_product")]

    def __str__(self):
        return self.name

    @property
    def event_stream(self):
        return f"product:{self.product_id}"
