"""What the daily look at a running sprint found, and what was done about it."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from accounts.models import Organization
from backlog.models import Product
from core.constraints import CompositeForeignKey
from sprints.models.sprints import Sprint


class Inspection(models.Model):
    """One a sprint and day; made again on the same day, it is the same one. Chances in whole per cent."""

    class Verdict(models.TextChoices):
        RAISED = "raised", "For the daily"
        NOT_NOW = "not_now", "Not now"

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    sprint = models.ForeignKey(Sprint, models.CASCADE, related_name="inspections")
    on = models.DateField()
    made_at = models.DateTimeField(db_default=Now())
    goal_percent = models.PositiveSmallIntegerField()
    scope_percent = models.PositiveSmallIntegerField()
    start_percent = models.PositiveSmallIntegerField(help_text="Of the goal, at the start.")
    is_low = models.BooleanField(help_text="Below 60 %, or 15 points below the start.")
    is_alert = models.BooleanField(help_text="Low, and so was the inspection before.")
    causes = models.JSONField(default=list, help_text="Sentences.")
    suggestion = models.JSONField(null=True, help_text="kind, item, into, percent, as planning.sprint_chance finds it.")
    verdict = models.CharField(max_length=7, choices=Verdict, blank=True, help_text="Blank: none yet.")
    verdict_at = models.DateTimeField(null=True)
    verdict_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["sprint", "on"], name="one_inspection_a_day"),
            models.CheckConstraint(condition=Q(is_alert=False) | Q(is_low=True), name="inspection_alert_is_low"),
            models.CheckConstraint(
                condition=Q(verdict="", verdict_at=None, verdict_by=None)
                | (~Q(verdict="") & Q(suggestion__isnull=False, verdict_at__isnull=False, verdict_by__isnull=False)),
                name="inspection_verdict_by",
            ),
            CompositeForeignKey(
                name="inspection_sprint",
                fields=["organization", "sprint"],
                to="sprints.Sprint",
                to_fields=["organization", "id"],
            ),
        ]

    def __str__(self):
        return f"Inspection on {self.on:%-d %b}"

    @property
    def event_stream(self):
        return f"organization:{self.organization_id}"


class CorrectiveAction(models.Model):
    """A suggestion that was taken. outcome_percent: the chance that the next inspection found; if the sprint closed
    before, 100 where the goal was reached and 0 where it was not."""

    inspection = models.OneToOneField(Inspection, models.CASCADE, related_name="action")
    change = models.JSONField(help_text="The suggestion as it was, and what undoing it needs.")
    text = models.CharField(max_length=400)
    before_percent = models.PositiveSmallIntegerField()
    expected_percent = models.PositiveSmallIntegerField()
    taken_at = models.DateTimeField(db_default=Now())
    taken_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    outcome_percent = models.PositiveSmallIntegerField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(undone_at=None, undone_by=None) | Q(undone_at__isnull=False, undone_by__isnull=False),
                name="corrective_action_undone_by",
            )
        ]

    def __str__(self):
        return self.text

    @property
    def event_stream(self):
        return self.inspection.event_stream

    @property
    def has_helped(self):
        return self.outcome_percent is not None and self.outcome_percent > self.before_percent


class StatusNote(models.Model):
    """What stakeholders of a product read about a sprint; a later one stands above it, none is changed."""

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    product = models.ForeignKey(Product, models.CASCADE, related_name="status_notes")
    sprint = models.ForeignKey(Sprint, models.CASCADE, related_name="status_notes")
    text = models.TextField()
    published_at = models.DateTimeField(db_default=Now())
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            CompositeForeignKey(
                name="status_note_sprint",
                fields=["organization", "sprint"],
                to="sprints.Sprint",
                to_fields=["organization", "id"],
            ),
            CompositeForeignKey(
                name="status_note_product",
                fields=["organization", "product"],
                to="backlog.Product",
                to_fields=["organization", "id"],
            ),
        ]
        indexes = [models.Index(fields=["product", "-id"], name="status_notes_newest")]

    def __str__(self):
        return self.text[:60]

    @property
    def event_stream(self):
        return f"product:{self.product_id}"
