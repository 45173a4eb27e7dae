"""Tags of a product."""

from django.db import models
from django.db.models.functions import Lower

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
