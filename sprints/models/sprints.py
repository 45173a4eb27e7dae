"""A sprint of a team, and the items in it."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from accounts.models import Organization, Team
from backlog.models import Item, Product
from core.constraints import CompositeForeignKey
from sprints.models.board import BoardColumn


class SprintQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Sprints of teams the person is in, and of teams working on products they may see."""
        teams = Team.objects.visible_to(user)
        seen = Q(memberships__user=user) | Q(product_links__product__in=Product.objects.visible_to(user).values("pk"))
        return self.filter(team__in=teams.filter(seen).values("pk"))

    def readable_by(self, user):
        """Sprints that `sprint.read` lets the person see: of their own teams and of products they own a part of."""
        own = (
            Q(memberships__user=user)
            | Q(product_links__product__roles__user=user, product_links__product__roles__role="product_owner")
            | Q(product_links__product__component_owners__user=user)
        )
        return self.filter(team__in=Team.objects.visible_to(user).active().filter(own).values("pk"))

    def planned(self):
        return self.filter(status=Sprint.Status.PLANNED)

    def active(self):
        return self.filter(status=Sprint.Status.ACTIVE)

    def closed(self):
        return self.filter(status=Sprint.Status.CLOSED)


class Sprint(models.Model):
    class Status(models.TextChoices):
        PLANNED = "planned", "Planned"
        ACTIVE = "active", "Active"
        CLOSED = "closed", "Closed"

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    team = models.ForeignKey(Team, models.PROTECT, related_name="sprints")
    number = models.PositiveIntegerField()
    goal = models.CharField(max_length=300, blank=True)
    starts_on = models.DateField()
    ends_on = models.DateField(help_text="The last day, included.")
    capacity_points = models.DecimalField(
        max_digits=7,
        decimal_places=2,
        null=True,
        help_text="Typed while the team has no history; from the start on what it reaches in half of the cases.",
    )
    commit_points = models.DecimalField(
        max_digits=7, decimal_places=2, null=True, help_text="At the start: what the team reaches with 85 %."
    )
    availability = models.DecimalField(
        max_digits=4,
        decimal_places=3,
        null=True,
        help_text="Share of its usual days that the team has.",
    )
    status = models.CharField(max_length=7, choices=Status, default=Status.PLANNED)
    committed_points = models.DecimalField(max_digits=8, decimal_places=2, null=True, help_text="At the start.")
    delivered_points = models.DecimalField(max_digits=8, decimal_places=2, null=True, help_text="At the close.")
    created_at = models.DateTimeField(db_default=Now())
    started_at = models.DateTimeField(null=True)
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    version = models.PositiveIntegerField(default=1)

    objects = SprintQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["team", "number"], name="one_sprint_a_number"),
            models.UniqueConstraint(fields=["organization", "id"], name="sprint_in_organization"),
            models.UniqueConstraint(fields=["team"], condition=Q(status="active"), name="one_active_sprint_a_team"),
            models.CheckConstraint(condition=Q(starts_on__lte=F("ends_on")), name="sprint_dates"),
            models.CheckConstraint(
                condition=Q(status="planned", started_at=None, started_by=None, closed_at=None, closed_by=None)
                | Q(
                    status="active",
                    started_at__isnull=False,
                    started_by__isnull=False,
                    closed_at=None,
                    closed_by=None,
                )
                | Q(
                    status="closed",
                    started_at__isnull=False,
                    started_by__isnull=False,
                    closed_at__isnull=False,
                    closed_by__isnull=False,
                ),
                name="sprint_status_with_times",
            ),
            CompositeForeignKey(
                name="sprint_same_organization",
                fields=["organization", "team"],
                to="accounts.Team",
                to_fields=["organization", "id"],
            ),
        ]
        indexes = [models.Index(fields=["team", "-closed_at"], name="sprints_closed")]

    def __str__(self):
        return f"Sprint {self.number}"

    @property
    def event_stream(self):
        return f"organization:{self.organization_id}"


class SprintItem(models.Model):
    """An item's stay in a sprint; the row remains when it leaves."""

    class Outcome(models.TextChoices):
        DONE = "done", "Done"
        RETURNED = "returned", "Back to its place in the backlog"
        CARRIED_OVER = "carried_over", "Carried over to the next sprint"
        REMOVED = "removed", "Removed"

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    sprint = models.ForeignKey(Sprint, models.CASCADE, related_name="entries")
    item = models.ForeignKey(Item, models.CASCADE, related_name="sprint_entries")
    added_at = models.DateTimeField(db_default=Now())
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    points_at_start = models.DecimalField(max_digits=6, decimal_places=2, null=True)
    is_for_goal = models.BooleanField(default=False, help_text="The sprint goal needs it.")
    column = models.ForeignKey(
        BoardColumn, models.SET_NULL, null=True, related_name="+", help_text="Null: the first of the item's status."
    )
    column_at = models.DateTimeField(null=True, help_text="Since when it is in the column.")
    is_first = models.BooleanField(default=False, help_text="Worked on before the others, as an inspection advised.")
    outcome = models.CharField(max_length=12, choices=Outcome, blank=True, help_text="Blank: still in the sprint.")
    left_at = models.DateTimeField(null=True)
    left_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    points_at_end = models.DecimalField(
        max_digits=6, decimal_places=2, null=True, help_text="As it left; what is estimated later changes no past."
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["item"], condition=Q(outcome=""), name="item_in_one_sprint_at_a_time"),
            models.CheckConstraint(
                condition=Q(outcome="", left_at=None, left_by=None)
                | (~Q(outcome="") & Q(left_at__isnull=False, left_by__isnull=False)),
                name="sprint_item_left_with_outcome",
            ),
            CompositeForeignKey(
                name="sprint_item_sprint",
                fields=["organization", "sprint"],
                to="sprints.Sprint",
                to_fields=["organization", "id"],
            ),
            CompositeForeignKey(
                name="sprint_item_item",
                fields=["organization", "item"],
                to="backlog.Item",
                to_fields=["organization", "id"],
            ),
        ]
        indexes = [models.Index(fields=["sprint", "id"], name="sprint_items")]

    def __str__(self):
        return f"{self.item_id} in {self.sprint_id}"

    @property
    def event_stream(self):
        return f"organization:{self.organization_id}"
