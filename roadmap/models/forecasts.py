"""What was forecast for a product on a day; kept, so that it can be held against what happened."""

import builtins

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from backlog.models import Goal, Product
from core.constraints import CompositeForeignKey
from roadmap.models.releases import Release


class ForecastQuerySet(models.QuerySet):
    def latest_first(self):
        return self.order_by("-on")


class Forecast(models.Model):
    """The forecast of a product as of the morning of a day.

    The items' dates are arrays of equal length, not rows: a night of all products would write half a million.
    """

    product = models.ForeignKey(Product, models.CASCADE, related_name="forecasts")
    on = models.DateField(help_text="The day in the organization's time zone at whose start it holds.")
    made_at = models.DateTimeField(db_default=Now())
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    fingerprint = models.CharField(max_length=64, help_text="SHA-256 of what it was made of.")
    has_dates = models.BooleanField(help_text="False: no team has enough history.")
    teams = models.JSONField(
        help_text="A list: team (null: the items of no team), open items, weeks of history, is_idle, is_corrected, and "
        "where there is enough history the curves: by per cent, items finished by the end of each week."
    )
    items = ArrayField(models.BigIntegerField(), default=builtins.list, help_text="Those with a date, in order.")
    weeks_50 = ArrayField(models.SmallIntegerField(null=True), default=builtins.list, help_text="Null: too far ahead.")
    weeks_85 = ArrayField(models.SmallIntegerField(null=True), default=builtins.list)
    weeks_95 = ArrayField(models.SmallIntegerField(null=True), default=builtins.list)
    about = ArrayField(
        models.BigIntegerField(),
        default=builtins.list,
        help_text="Items whose date the curves alone miss by more than half a week.",
    )

    objects = ForecastQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["product", "on"], name="one_forecast_a_day")]

    def __str__(self):
        return f"forecast of {self.on}"

    @property
    def event_stream(self):
        return f"product:{self.product_id}"


class ForecastDate(models.Model):
    """When all that is open of a goal or of a release is done; no date: not within two years, or no history."""

    forecast = models.ForeignKey(Forecast, models.CASCADE, related_name="dates")
    product = models.ForeignKey(Product, models.CASCADE, related_name="+")
    goal = models.ForeignKey(Goal, models.CASCADE, null=True, related_name="forecast_dates")
    release = models.ForeignKey(Release, models.CASCADE, null=True, related_name="forecast_dates")
    open_count = models.PositiveIntegerField(help_text="Items that are not done.")
    date_50 = models.DateField(null=True)
    date_85 = models.DateField(null=True)
    date_95 = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["forecast", "goal"], name="one_date_a_goal"),
            models.UniqueConstraint(fields=["forecast", "release"], name="one_date_a_release"),
            models.CheckConstraint(
                condition=Q(goal__isnull=False, release=None) | Q(goal=None, release__isnull=False),
                name="date_of_goal_or_release",
            ),
            CompositeForeignKey(
                name="forecast_date_goal",
                fields=["product", "goal"],
                to="backlog.Goal",
                to_fields=["product", "id"],
            ),
            CompositeForeignKey(
                name="forecast_date_release",
                fields=["product", "release"],
                to="roadmap.Release",
                to_fields=["product", "id"],
            ),
        ]

    def __str__(self):
        return f"date of {self.goal_id or self.release_id}"
