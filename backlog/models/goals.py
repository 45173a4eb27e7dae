"""What a product is for, and the steps towards it."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from backlog.models.levels import engagement_field
from backlog.models.products import Product


class GoalQuerySet(models.QuerySet):
    def open(self):
        return self.filter(closed_at=None)


class Goal(models.Model):
    product = models.ForeignKey(Product, models.CASCADE, related_name="goals")
    title = models.CharField(max_length=200)
    is_product_goal = models.BooleanField(default=False)
    position = models.PositiveSmallIntegerField(default=1)
    engagement = engagement_field()
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(db_default=Now())
    closed_at = models.DateTimeField(null=True)

    objects = GoalQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["product"], condition=Q(is_product_goal=True, closed_at=None), name="one_product_goal"
            ),
            models.UniqueConstraint(fields=["product", "id"], name="goal_in_product"),
        ]

    def __str__(self):
        return self.title

    @property
    def event_stream(self):
        return f"product:{self.product_id}"
