"""Proposals of an order: moves to decide on, and what the product owner has said to each."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from backlog.models import Item, Product

REASONS = (
    "needs_first",
    "behind_its_need",
    "earlier",
    "earlier_with_needs",
    "earlier_for_date",
    "earlier_as_group",
    "later",
    "later_with_dependants",
    "later_as_group",
)
# Those that put an item behind what it needs.
REPAIRS = REASONS[:2]


class ProposalPolicy(models.Model):
    """Which classes of moves are accepted and applied in the night without being looked at; none unless said so."""

    class Class(models.TextChoices):
        REPAIRS = "repairs", "Items that stand above what they need"
        DATES = "dates", "Items that are late for their due date"
        GAINS = "gains", "Items that bring more for their size than what stands above them"

    REASONS_OF = {
        Class.REPAIRS: REPAIRS,
        Class.DATES: ("earlier_for_date",),
        Class.GAINS: tuple(key for key in REASONS[2:] if key != "earlier_for_date"),
    }

    product = models.OneToOneField(Product, models.CASCADE, related_name="proposal_policy")
    classes = ArrayField(models.CharField(max_length=7, choices=Class), default=list)
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    set_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name_plural = "proposal policies"

    def __str__(self):
        return f"policy of {self.product}"

    @property
    def event_stream(self):
        return f"product:{self.product_id}"

    @property
    def accepted_reasons(self) -> list[str]:
        return [reason for name in self.classes for reason in self.REASONS_OF[name]]

    @property
    def labels(self) -> list[str]:
        return [self.Class(name).label for name in self.classes]


class OrderingProposalQuerySet(models.QuerySet):
    def visible_to(self, user):
        return self.filter(product__in=Product.objects.visible_to(user).values("pk"))

    def latest_first(self):
        return self.order_by("-on")


class OrderingProposal(models.Model):
    """One a product and local date. Costs are value points a week times points of work, as in `planning.problem`.

    cost_before, cost_after: of the whole list. lower_bound: no order of it costs less. looked_at: items, from the top.
    figures: see `nightly.queries.figures`. list_version: of the order that was read. settled_hash: of the input after
    a policy was applied. cycle: ids of items that need one another in a circle, and then there are no moves.
    """

    product = models.ForeignKey(Product, models.CASCADE, related_name="ordering_proposals")
    on = models.DateField(help_text="The date where the organization is, on the morning after.")
    input_hash = models.CharField(max_length=64)
    settled_hash = models.CharField(max_length=64, blank=True)
    list_version = models.BigIntegerField()
    item_count = models.PositiveIntegerField()
    looked_at = models.PositiveIntegerField()
    pinned_count = models.PositiveIntegerField(default=0)
    unestimated_count = models.PositiveIntegerField(default=0)
    unvalued_count = models.PositiveIntegerField(default=0)
    cost_before = models.FloatField(default=0)
    cost_after = models.FloatField(default=0)
    lower_bound = models.FloatField(default=0)
    figures = models.JSONField(default=dict)
    cycle = ArrayField(models.BigIntegerField(), default=list)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    made_at = models.DateTimeField(db_default=Now())

    objects = OrderingProposalQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["product", "on"], name="one_proposal_a_product_and_date")]

    def __str__(self):
        return f"Proposed order of {self.on:%-d %B %Y}"

    @property
    def event_stream(self):
        return f"product:{self.product_id}"


class ProposedMove(models.Model):
    """Put an item, and what moves with it, directly before (earlier) or behind (later) the anchor.

    gain: as the costs of the proposal, on the order as the moves before it left it. numbers: of `planning.moves.Reason`
    (the lever by its item's id), and of the bundle. inputs: weight and size of each of the bundle and of the anchor.
    applied_version: of the step in the order's log that made it.
    """

    class Direction(models.TextChoices):
        EARLIER = "earlier", "Earlier"
        LATER = "later", "Later"

    class Verdict(models.TextChoices):
        OPEN = "open", "To decide"
        ACCEPTED = "accepted", "Accepted"
        REJECTED = "rejected", "Rejected"

    proposal = models.ForeignKey(OrderingProposal, models.CASCADE, related_name="moves")
    position = models.PositiveSmallIntegerField()
    item = models.ForeignKey(Item, models.CASCADE, related_name="+")
    anchor = models.ForeignKey(Item, models.CASCADE, related_name="+")
    bundle = ArrayField(models.BigIntegerField())
    direction = models.CharField(max_length=7, choices=Direction)
    from_position = models.PositiveIntegerField(help_text="From 1, in the order as the moves before it left it.")
    to_position = models.PositiveIntegerField()
    gain = models.FloatField()
    share = models.FloatField(help_text="Of the cost of delay before all moves.")
    robustness = models.FloatField(help_text="Share of draws of all values and sizes in which it gains.")
    reason_key = models.CharField(max_length=25, choices={key: key for key in REASONS})
    numbers = models.JSONField()
    inputs = models.JSONField()
    verdict = models.CharField(max_length=8, choices=Verdict, default=Verdict.OPEN)
    verdict_reason = models.CharField(max_length=300, blank=True)
    verdict_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    verdict_at = models.DateTimeField(null=True)
    is_by_policy = models.BooleanField(default=False)
    applied_version = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["proposal", "position"], name="one_move_a_position"),
            models.CheckConstraint(
                condition=Q(verdict="open", verdict_by=None, verdict_at=None)
                | ~Q(verdict="open") & Q(verdict_by__isnull=False, verdict_at__isnull=False),
                name="verdict_with_who_and_when",
            ),
            models.CheckConstraint(
                condition=Q(applied_version=None) | Q(verdict="accepted"), name="only_accepted_moves_are_applied"
            ),
        ]
        indexes = [
            models.Index(fields=["proposal"], condition=Q(verdict="open"), name="moves_to_decide"),
            models.Index(fields=["verdict_at"], condition=Q(verdict="rejected"), name="moves_rejected"),
        ]

    def __str__(self):
        return f"{self.item_id} {self.direction}"
