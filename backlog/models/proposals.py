"""What a proposer says for an item, so that the product owner can decide."""

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q

from backlog.models.items import Item
from backlog.models.products import Product
from core.constraints import CompositeForeignKey

SCENARIO = ("source", "stimulus", "environment", "response", "measure")


class Proposal(models.Model):
    """The case for an item: what the item itself has no field for. The outcome is the item's lead, what it enables
    are its dependencies. what_changed: said when it came back after a no."""

    class Place(models.TextChoices):
        TOP = "top", "At the top"
        BEFORE = "before", "Before an item"
        BOTTOM = "bottom", "At the end"

    item = models.OneToOneField(Item, models.CASCADE, primary_key=True, related_name="proposal")
    product = models.ForeignKey(Product, models.CASCADE, related_name="+")
    why_now = models.TextField(blank=True)
    delay_per_week = models.PositiveSmallIntegerField(
        null=True, help_text="Value points that a week of waiting costs, as the proposer sees it."
    )
    points_low = models.DecimalField(max_digits=6, decimal_places=2, null=True, validators=[MinValueValidator(0)])
    points_high = models.DecimalField(max_digits=6, decimal_places=2, null=True, validators=[MinValueValidator(0)])
    risk_if_not = models.TextField(blank=True)
    options_considered = models.TextField(blank=True)
    question = models.TextField(blank=True, help_text="What a spike is to answer.")
    time_box_days = models.PositiveSmallIntegerField(null=True, help_text="Days after which a spike ends.")
    source = models.CharField(max_length=300, blank=True, help_text="Of a quality scenario: who or what acts.")
    stimulus = models.CharField(max_length=300, blank=True, help_text="What happens.")
    environment = models.CharField(max_length=300, blank=True, help_text="Under which conditions.")
    response = models.CharField(max_length=300, blank=True, help_text="What the product does.")
    measure = models.CharField(max_length=300, blank=True, help_text="How much, so that it can be tested.")
    place = models.CharField(max_length=6, choices=Place, default=Place.BOTTOM)
    before = models.ForeignKey(Item, models.CASCADE, null=True, related_name="+")
    what_changed = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(points_low__lte=F("points_high")), name="proposal_range"),
            models.CheckConstraint(
                condition=Q(place="before", before__isnull=False) | (~Q(place="before") & Q(before=None)),
                name="proposal_place",
            ),
            CompositeForeignKey(
                name="proposal_item", fields=["product", "item"], to="backlog.Item", to_fields=["product", "id"]
            ),
            CompositeForeignKey(
                name="proposal_before", fields=["product", "before"], to="backlog.Item", to_fields=["product", "id"]
            ),
        ]

    def __str__(self):
        return f"For {self.item_id}"

    @property
    def scenario(self):
        """The parts of its quality scenario that are said, by name."""
        return {name: getattr(self, name) for name in SCENARIO if getattr(self, name)}
