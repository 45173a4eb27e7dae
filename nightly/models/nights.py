"""The night of a product: what was worked out while nobody was there, and how far it came."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from backlog.models import Product


class NightQuerySet(models.QuerySet):
    def visible_to(self, user):
        return self.filter(product__in=Product.objects.visible_to(user).values("pk"))

    def unfinished(self):
        return self.filter(state__in=Night.UNFINISHED)

    def latest_first(self):
        return self.order_by("-on")


class Night(models.Model):
    """One a product and local date, however often it runs. `steps`: name → {"state", "seconds", "error"}."""

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"

    class Step(models.TextChoices):
        PROPOSE = "propose", "Propose an order"
        FORECAST = "forecast", "Forecast the dates"
        REPORT = "report", "Write the health report"

    UNFINISHED = (State.WAITING, State.RUNNING)

    product = models.ForeignKey(Product, models.CASCADE, related_name="nights")
    on = models.DateField(help_text="The date where the organization is, on the morning after.")
    state = models.CharField(max_length=7, choices=State, default=State.WAITING)
    runs = models.PositiveIntegerField(default=1, help_text="How often it was asked for; each has its own slot.")
    step = models.CharField(max_length=10, choices=Step, blank=True, help_text="What is being worked on.")
    steps = models.JSONField(default=dict)
    error = models.TextField(blank=True, help_text="In words for the product owner.")
    created_at = models.DateTimeField(db_default=Now())
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    objects = NightQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["product", "on"], name="one_night_a_product_and_date"),
            models.CheckConstraint(
                condition=~Q(state__in=["done", "failed"]) | Q(finished_at__isnull=False),
                name="night_finished_with_time",
            ),
        ]
        indexes = [
            models.Index(fields=["-on", "-id"], name="night_latest"),
            models.Index(fields=["product"], condition=Q(state__in=["waiting", "running"]), name="night_unfinished"),
        ]

    def __str__(self):
        return f"Night of {self.on:%-d %B %Y}"

    @property
    def event_stream(self):
        return f"product:{self.product_id}"

    @property
    def is_unfinished(self) -> bool:
        return self.state in self.UNFINISHED

    @property
    def slot(self) -> str:
        """The slot of its present run; see core.jobs."""
        return f"{self.product_id}:{self.on.isoformat()}" + (f"#{self.runs}" if self.runs > 1 else "")
