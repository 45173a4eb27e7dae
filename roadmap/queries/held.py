"""Forecasts that held: what past forecasts said, against what was finished."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models.expressions import RawSQL

from planning.dates import Promise, judged
from planning.forecast import PERCENTS
from roadmap.models import Forecast
from roadmap.queries.streams import Streams, by_week, finished_by_day, streams_of

# One forecast in four weeks is judged: those of neighbouring nights say nearly the same.
APART_DAYS = 28


@dataclass(frozen=True)
class Level:
    """percent: what was said; held of `of`: how often it came true."""

    percent: int
    held: int
    of: int


@dataclass(frozen=True)
class Held:
    """levels: for 50, 85 and 95 per cent; `of` is 0 while nothing can be judged. since: day of the first forecast."""

    levels: tuple[Level, ...]
    since: date | None


def forecasts_that_held(product, *, on: date, team_id: int | None = None) -> Held:
    """How often the dates of a product's forecasts came true, by a day; of all its teams or one, in three statements.

    Each forecast is asked 4, 8 and 13 weeks later whether as many items are done as it gave that chance: so a new
    order since does not count against it.
    """
    streams = streams_of(product)
    past = _past(product, on)
    promises = _promises(product, streams, past, on)
    chosen = [one for stream, own in promises.items() if team_id in (None, stream) for one in own]
    levels = [[promise.kept[percent] for promise in chosen] for percent in PERCENTS]
    return Held(
        levels=tuple(Level(percent, sum(kept), len(kept)) for percent, kept in zip(PERCENTS, levels, strict=True)),
        since=past[0].on if past else None,
    )


def resolved_ratios(product, streams: Streams, *, on: date) -> Mapping[int, Sequence[float]]:
    """By stream: the weeks it took over the weeks the 50 % forecast said, oldest first; in two statements."""
    promises = _promises(product, streams, _past(product, on), on)
    return {stream: [one.ratio for one in own if one.ratio is not None] for stream, own in promises.items()}


def judged_forecasts(product, before: date):
    """The first forecast with dates in each four weeks before a day, oldest first."""
    four_weeks = RawSQL(f"(roadmap_forecast.on - DATE '2000-01-03') / {APART_DAYS}", [])  # noqa: S611  the text is ours
    past = Forecast.objects.filter(product=product, on__lt=before, has_dates=True).annotate(four_weeks=four_weeks)
    return past.order_by("four_weeks", "on").distinct("four_weeks")


def _past(product, on):
    """With what each said of each team."""
    return list(judged_forecasts(product, on).only("on", "teams"))


def _promises(product, streams, past, on) -> dict[int, list[Promise]]:
    promises = defaultdict(list)
    if not past:
        return promises
    finished = finished_by_day(product, streams, since=past[0].on, until=on)
    nothing = [0] * (on - past[0].on).days
    for forecast in past:
        gone = (forecast.on - past[0].on).days
        for said in forecast.teams:
            if "curves" not in said:
                continue
            stream = streams.of(said["team"])
            curves = {percent: said["curves"][str(percent)] for percent in PERCENTS}
            promises[stream] += judged(curves, by_week(finished.get(stream, nothing)[gone:]))
    return promises
