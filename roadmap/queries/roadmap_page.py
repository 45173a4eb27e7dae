"""Goals and releases with their dates, and what stands in their way."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, F, Q, Sum

from backlog.models import Dependency, Goal, Item
from backlog.queries.readers import Reader, reader
from core.permissions import allowed
from roadmap.models import Forecast, ForecastDate, Release, ReleaseItem
from roadmap.queries.held import Held, forecasts_that_held
from roadmap.queries.streams import Streams, streams_of

RIGHTS = ("release.manage", "forecast.record", "goal.manage")
_FINISHED = (Item.Status.DONE, Item.Status.ACCEPTED)
# What a date is compared with: the forecast of a week ago, or the latest before.
_EARLIER = timedelta(weeks=1)
_RELEASED_SHOWN = 12
_NAMED = 3


@dataclass(frozen=True)
class Dates:
    """By when all of it is done, at 50, 85 and 95 per cent; None: not within two years. moved_days: how much later the
    85 % date is than it was on `moved_since`, a week ago or the latest before; None where it had none."""

    date_50: date | None
    date_85: date | None
    date_95: date | None
    moved_days: int | None
    moved_since: date | None


@dataclass(frozen=True)
class Needed:
    """Something from outside that has to be done before."""

    key: str
    product_key: str
    number: int


@dataclass(frozen=True)
class Target:
    """A goal or a release. dates: None without a forecast of it; then open_count tells whether anything is left.

    needed: items outside that something in it needs, needed_count of them in all. question_count: open questions on its
    items; unestimated_count: items without points. target_percent: the highest of 50, 85, 95 that the target date is
    forecast to be met with; 0: not even 50; None without a target or dates.
    """

    pk: int
    title: str
    is_product_goal: bool = False
    target_on: date | None = None
    released_on: date | None = None
    done_count: int = 0
    open_count: int = 0
    dates: Dates | None = None
    needed: tuple[Needed, ...] = ()
    needed_count: int = 0
    question_count: int = 0
    unestimated_count: int = 0
    target_percent: int | None = None

    @property
    def all_count(self) -> int:
        return self.done_count + self.open_count

    @property
    def percent(self) -> int:
        return round(100 * self.done_count / self.all_count) if self.all_count else 0


@dataclass(frozen=True)
class Lack:
    """A stream without enough history. name: of the team, empty where the product has none."""

    name: str
    weeks: int
    is_idle: bool


@dataclass(frozen=True)
class RoadmapPage:
    """on: the day of the latest forecast; None before the first. lacking: who has too little history for a date."""

    product_goal: str
    goals: tuple[Target, ...]
    releases: tuple[Target, ...]
    released: tuple[Target, ...]
    on: date | None
    has_dates: bool
    lacking: tuple[Lack, ...]
    held: Held
    rights: frozenset[str]


def roadmap_page(product, user, *, today: date) -> RoadmapPage:
    """The roadmap of a product in list form, in a fixed number of statements; counts leave out what the reader may
    not see."""
    who = reader(product, user)
    forecast = _latest(product, today)
    dates = _dates(product, forecast)
    goals = list(Goal.objects.open().filter(product=product).order_by("-is_product_goal", "position", "pk"))
    releases = list(Release.objects.open().filter(product=product).order_by(F("target_on").asc(nulls_last=True), "pk"))
    released = Release.objects.exclude(released_at=None).filter(product=product).order_by("-released_at")
    of_goals = _of_goals(product, who, user)
    of_releases = _of_releases(product, who, user)
    return RoadmapPage(
        product_goal=next((goal.title for goal in goals if goal.is_product_goal), ""),
        goals=tuple(
            _target(goal, goal.title, of_goals, dates.get(("goal", goal.pk)), is_product_goal=goal.is_product_goal)
            for goal in goals
            if not goal.is_product_goal or goal.pk in of_goals
        ),
        releases=tuple(_release(one, of_releases, dates) for one in releases),
        released=tuple(_release(one, of_releases, {}) for one in released[:_RELEASED_SHOWN]),
        on=forecast and forecast.on,
        has_dates=bool(forecast and forecast.has_dates),
        lacking=_lacking(forecast, streams_of(product)),
        held=forecasts_that_held(product, on=today),
        rights=frozenset(allowed(user, RIGHTS, product)),
    )


@dataclass(frozen=True)
class ReleaseRow:
    item: Item
    key: str
    weeks_85: int | None
    done_on: date | None


@dataclass(frozen=True)
class ReleasePage:
    """rows: the items that the reader may see, unfinished first in the order, then the finished."""

    target: Target
    rows: tuple[ReleaseRow, ...]
    on: date | None
    rights: frozenset[str]


def release_page(product, release: Release, user, *, today: date) -> ReleasePage:
    """A release and what is in it, in a fixed number of statements."""
    who = reader(product, user)
    forecast = _latest(product, today)
    entries = ReleaseItem.objects.filter(who.readable("item__"), release=release, is_in=True)
    items = Item.objects.filter(pk__in=entries.values("item")).select_related("order_entry", "team")
    finished = Q(status__in=_FINISHED)
    ordered = items.annotate(is_over=finished).order_by("is_over", "order_entry__rank", "number")
    weeks = dict(zip(forecast.items, forecast.weeks_85, strict=True)) if forecast else {}
    return ReleasePage(
        target=_release(release, _of_releases(product, who, user), _dates(product, forecast)),
        rows=tuple(_row(product, item, weeks.get(item.pk), forecast) for item in ordered),
        on=forecast and forecast.on,
        rights=frozenset(allowed(user, RIGHTS, product)),
    )


def _row(product, item, weeks, forecast):
    done_on = forecast.on + timedelta(weeks=weeks) if weeks else None
    return ReleaseRow(item, f"{product.key}-{item.number}", weeks, done_on)


def _latest(product, today):
    return Forecast.objects.filter(product=product, on__lte=today).latest_first().first()


def _dates(product, forecast) -> dict[tuple[str, int], Dates]:
    if forecast is None:
        return {}
    earlier = Forecast.objects.filter(product=product, on__lte=forecast.on - _EARLIER).latest_first().values("pk")[:1]
    found = defaultdict(dict)
    rows = ForecastDate.objects.filter(Q(forecast=forecast) | Q(forecast__in=earlier))
    for row in rows.annotate(on=F("forecast__on")):
        of = ("goal", row.goal_id) if row.goal_id else ("release", row.release_id)
        found[of][row.forecast_id == forecast.pk] = row
    return {of: _moved(rows[True], rows.get(False)) for of, rows in found.items() if True in rows}


def _moved(row, before):
    is_known = bool(before and before.date_85 and row.date_85)
    moved = (row.date_85 - before.date_85).days if is_known else None
    return Dates(row.date_50, row.date_85, row.date_95, moved, before.on if is_known else None)


@dataclass
class _Counts:
    done: int = 0
    open: int = 0
    questions: int = 0
    unestimated: int = 0
    needed: Sequence[Needed] = ()


_COUNTS = {
    "done": Count("pk", filter=Q(status__in=_FINISHED)),
    "open": Count("pk", filter=Q(status__in=Item.UNFINISHED)),
    "questions": Sum("open_question_count", filter=Q(status__in=Item.UNFINISHED), default=0),
    "unestimated": Count("pk", filter=Q(status__in=Item.UNFINISHED, points=None)),
}


def _of_goals(product, who: Reader, user) -> dict[int, _Counts]:
    items = Item.objects.filter(who.readable(), product=product, goal__isnull=False).order_by()
    counts = {row.pop("goal"): _Counts(**row) for row in items.values("goal").annotate(**_COUNTS)}
    links = Dependency.objects.filter(
        who.readable("dependent__"), dependent__product=product, dependent__goal__isnull=False
    ).exclude(enabler__goal=F("dependent__goal"))
    return _with_needed(counts, links, "dependent__goal", user)


def _of_releases(product, who: Reader, user) -> dict[int, _Counts]:
    items = Item.objects.filter(who.readable(), release_entries__product=product, release_entries__is_in=True)
    rows = items.order_by().values(release=F("release_entries__release")).annotate(**_COUNTS)
    counts = {row.pop("release"): _Counts(**row) for row in rows}
    inside = ReleaseItem.objects.filter(product=product, is_in=True).values_list("release", "item")
    links = Dependency.objects.filter(
        who.readable("dependent__"), dependent__release_entries__product=product, dependent__release_entries__is_in=True
    )
    return _with_needed(counts, links, "dependent__release_entries__release", user, set(inside))


def _with_needed(counts, links, group, user, inside=frozenset()):
    """Add what is needed from outside, also from other products, as far as the reader may read it."""
    open_ends = links.filter(
        enabler__in=Item.objects.readable_by(user),
        enabler__status__in=Item.UNFINISHED,
        dependent__status__in=Item.UNFINISHED,
    )
    rows = open_ends.order_by("enabler__number").values_list(
        group, "enabler", "enabler__product__key", "enabler__number"
    )
    found = defaultdict(dict)
    for of, enabler, product_key, number in rows:
        if (of, enabler) not in inside:
            found[of][enabler] = Needed(f"{product_key}-{number}", product_key, number)
    for of, needed in found.items():
        counts[of].needed = tuple(needed.values())
    return counts


def _target(row, title, counts, dates, **values):
    of = counts.get(row.pk, _Counts())
    return Target(
        pk=row.pk,
        title=title,
        done_count=of.done,
        open_count=of.open,
        dates=dates if of.open else None,
        needed=tuple(of.needed[:_NAMED]),
        needed_count=len(of.needed),
        question_count=of.questions,
        unestimated_count=of.unestimated,
        **values,
    )


def _release(release, counts, dates):
    own = dates.get(("release", release.pk))
    return _target(
        release,
        release.name,
        counts,
        own,
        target_on=release.target_on,
        released_on=release.released_at and release.released_at.date(),
        target_percent=_target_percent(release.target_on, own),
    )


def _target_percent(target_on, dates):
    if target_on is None or dates is None:
        return None
    by_percent = {50: dates.date_50, 85: dates.date_85, 95: dates.date_95}
    return max((percent for percent, on in by_percent.items() if on and on <= target_on), default=0)


def _lacking(forecast, streams: Streams) -> tuple[Lack, ...]:
    teams = forecast.teams if forecast else ()
    return tuple(
        Lack(streams.name(streams.of(team["team"])), team["weeks"], team["is_idle"])
        for team in teams
        if "curves" not in team and team["open"]
    )
