"""Forecast what a product will have done, once a day, and keep it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

import numpy as np
from django.db import transaction
from django.utils import timezone

from backlog.actions import feed
from core import events
from core.permissions import require
from planning import dates
from planning.forecast import PERCENTS
from planning.forecast import Forecast as TeamForecast
from roadmap.models import Forecast, ForecastDate
from roadmap.queries.forecast_input import ForecastInput, forecast_input
from roadmap.queries.held import judged_forecasts
from roadmap.queries.streams import NOBODY

# Trends reach back 12 weeks, and what is compared a week further.
KEPT_WHOLE = timedelta(weeks=13)


def record(product, *, on: date, by, at: datetime | None = None) -> Forecast:
    """Forecast a product as of the morning of a day, and keep it; the same input again changes nothing.

    With the first of a day older ones go: of those of more than 13 weeks ago, one in four weeks stays to be judged by.
    on: a day in the organization's time zone. Where no team has four weeks of history it says so and holds no date.
    Equal input gives an equal forecast: the draws follow from product and day. Raises PermissionDenied.
    """
    require(by, "forecast.record", product)
    given = forecast_input(product, on=on)
    kept = Forecast.objects.filter(product=product, on=on, fingerprint=given.fingerprint).first()
    if kept:
        return kept
    rng = np.random.default_rng([product.pk, on.toordinal()])
    found = dates.of_order(
        given.problem(), given.throughput, rng=rng, resolved=given.resolved, not_before=given.not_before()
    )
    with transaction.atomic():
        return _keep(product, on, given, _values(given, found) | {"made_by": by, "made_at": at or timezone.now()})


def _keep(product, on, given, values):
    forecast, is_new = Forecast.objects.get_or_create(product=product, on=on, defaults=values)
    if not is_new:
        # Two workers may have come this far at once.
        forecast = Forecast.objects.select_for_update().get(pk=forecast.pk)
        if forecast.fingerprint == given.fingerprint:
            return forecast
        for name, value in values.items():
            setattr(forecast, name, value)
        forecast.save(update_fields=list(values))
        forecast.dates.all().delete()
    else:
        _thin(product, on)
    ForecastDate.objects.bulk_create(_dates(forecast, given))
    events.record(
        "forecast.made",
        target=forecast,
        by=values["made_by"],
        at=values["made_at"],
        on=on,
        has_dates=forecast.has_dates,
        is_new=is_new,
    )
    feed.tell_news(product.pk, "forecast")
    return forecast


def _thin(product, on):
    old = on - KEPT_WHOLE
    stays = [forecast.pk for forecast in judged_forecasts(product, old).only("pk")]
    Forecast.objects.filter(product=product, on__lt=old).exclude(pk__in=stays).delete()


def _values(given: ForecastInput, found: dates.Dates) -> dict:
    is_dated = np.isfinite(found.weeks[50])
    last = int(np.flatnonzero(is_dated)[-1]) + 1 if is_dated.any() else 0
    places = np.flatnonzero(is_dated[:last])
    return {
        "fingerprint": given.fingerprint,
        "has_dates": any(isinstance(own, TeamForecast) for own in found.teams.values()),
        "teams": [_team(stream, given, own) for stream, own in found.teams.items()],
        "about": [given.items[place].pk for place in np.flatnonzero(found.is_about)],
        "items": [given.items[place].pk for place in places],
        **{f"weeks_{percent}": [_week(week) for week in found.weeks[percent][places]] for percent in PERCENTS},
    }


def _team(stream, given, own):
    past = given.throughput[stream]
    team = {
        "team": None if stream == NOBODY else stream,
        "open": sum(item.stream == stream for item in given.items),
        "weeks": len(past),
        "is_idle": not any(past),
    }
    if isinstance(own, TeamForecast):
        team["is_corrected"] = own.is_corrected
        team["curves"] = {str(percent): dates.whole_curve(own, percent) for percent in PERCENTS}
    return team


def _week(week):
    return int(week) if np.isfinite(week) else None


def _dates(forecast: Forecast, given: ForecastInput) -> list[ForecastDate]:
    weeks = {
        item: of_item
        for item, *of_item in zip(forecast.items, forecast.weeks_50, forecast.weeks_85, forecast.weeks_95, strict=True)
    }
    of_goals = defaultdict(list)
    for item in given.items:
        if item.goal_id:
            of_goals[item.goal_id].append(item.pk)
    return [
        *(_date(forecast, of_goals.get(goal, ()), weeks, goal_id=goal) for goal in given.goals),
        *(_date(forecast, items, weeks, release_id=release) for release, items in given.releases.items()),
    ]


def _date(forecast, items: Sequence[int], weeks: Mapping[int, Sequence], **of):
    date_50, date_85, date_95 = (_last(forecast.on, [weeks.get(item, _NONE)[at] for item in items]) for at in range(3))
    return ForecastDate(
        forecast=forecast,
        product_id=forecast.product_id,
        open_count=len(items),
        date_50=date_50,
        date_85=date_85,
        date_95=date_95,
        **of,
    )


_NONE = (None, None, None)


def _last(on, weeks):
    return on + timedelta(weeks=max(weeks)) if weeks and None not in weeks else None
