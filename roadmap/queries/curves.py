"""The latest forecast as a list screen needs it: what each team has finished by the end of each coming week.

The screen walks the order with it while an item is dragged (`planning.forecast.walk`).
"""

from dataclasses import dataclass
from datetime import date

import orjson

from backlog.models import Dependency, Goal, Item
from backlog.queries.readers import Reader
from roadmap.models import Forecast, Release, ReleaseItem
from roadmap.queries.streams import Streams, finished_by_day, streams_of
from sprints.models import Sprint, SprintItem


@dataclass(frozen=True)
class Curves:
    """The latest forecast, and by stream what was finished since; forecast: None before the first one."""

    forecast: Forecast | None
    streams: Streams
    finished: dict[int, int]

    def of(self, percent: int) -> dict[int, list[int]]:
        """By stream with enough history: items finished by the end of each week."""
        teams = self.forecast.teams if self.forecast else ()
        return {self.streams.of(team["team"]): team["curves"][str(percent)] for team in teams if "curves" in team}


def latest_curves(product, *, today: date) -> Curves:
    """The curves of a product's latest forecast, in three statements."""
    streams = streams_of(product)
    forecast = Forecast.objects.filter(product=product, on__lte=today).latest_first().first()
    days = finished_by_day(product, streams, since=forecast.on, until=today) if forecast else {}
    return Curves(forecast, streams, {stream: sum(counts) for stream, counts in days.items()})


def curves_feed(product, who: Reader, *, today: date) -> bytes:
    """Everything that dates need beside the order, as JSON (docs/api.md), as far as the reader sees items.

    on: the day of the forecast; null before the first. teams: id (null: items of no team), name, weeks of history,
    curves by per cent or null, finished since. ahead: items in active sprints, before all that is listed, with their
    team. team_of: listed items that count for another team than their own, by id. needs: id → ids in `ahead`.
    goals, releases: what they are, and the ids of their open items. about: items whose date by the curves differs by
    more than half a week from the night's simulation.
    """
    curves = latest_curves(product, today=today)
    ahead, team_of = _placed(product, who, curves.streams)
    document = {
        "on": curves.forecast and curves.forecast.on,
        "teams": _teams(curves),
        "ahead": ahead,
        "team_of": team_of,
        "needs": _needs_ahead(who, [item["id"] for item in ahead]),
        "goals": _goals(product, who),
        "releases": _releases(product, who),
        "about": curves.forecast.about if curves.forecast else [],
    }
    return orjson.dumps(document, option=orjson.OPT_NON_STR_KEYS)


def _teams(curves):
    by_stream = {curves.streams.of(team["team"]): team for team in (curves.forecast.teams if curves.forecast else ())}
    return [
        {
            "id": stream or None,
            "name": curves.streams.name(stream),
            "weeks": by_stream.get(stream, {}).get("weeks", 0),
            "curves": by_stream.get(stream, {}).get("curves"),
            "finished": curves.finished.get(stream, 0),
        }
        for stream in dict.fromkeys((*curves.streams.names, *by_stream))
    ]


def _placed(product, who, streams):
    """What is in sprints: what comes before the list, and what in it counts for the team of a planned sprint."""
    entries = SprintItem.objects.filter(
        who.readable("item__"), item__product=product, item__status__in=Item.UNFINISHED, outcome=""
    ).exclude(sprint__status=Sprint.Status.CLOSED)
    rows = entries.order_by("item__order_entry__rank").values_list(
        "item", "item__team", "sprint__team", "sprint__status"
    )
    ahead, team_of = [], {}
    for item, own, team, status in rows:
        if status == Sprint.Status.ACTIVE:
            ahead.append({"id": item, "team": streams.of(team) or None})
        elif own != team:
            team_of[item] = streams.of(team) or None
    return ahead, team_of


def _needs_ahead(who, ahead):
    links = Dependency.objects.filter(
        who.readable("dependent__"), enabler__in=ahead, dependent__order_entry__is_listed=True
    )
    needs: dict[int, list[int]] = {}
    for dependent, enabler in links.order_by("dependent", "enabler").values_list("dependent", "enabler"):
        needs.setdefault(dependent, []).append(enabler)
    return needs


def _goals(product, who):
    items = Item.objects.filter(who.readable(), product=product, goal__isnull=False, status__in=Item.UNFINISHED)
    of_goal: dict[int, list[int]] = {}
    for goal, item in items.order_by("pk").values_list("goal", "pk"):
        of_goal.setdefault(goal, []).append(item)
    goals = Goal.objects.open().filter(product=product).order_by("-is_product_goal", "position", "pk")
    return [
        {"id": goal.pk, "title": goal.title, "is_product_goal": goal.is_product_goal, "items": of_goal.get(goal.pk, [])}
        for goal in goals
    ]


def _releases(product, who):
    entries = ReleaseItem.objects.filter(
        who.readable("item__"), product=product, is_in=True, item__status__in=Item.UNFINISHED
    )
    of_release: dict[int, list[int]] = {}
    for release, item in entries.order_by("pk").values_list("release", "item"):
        of_release.setdefault(release, []).append(item)
    releases = Release.objects.open().filter(product=product).order_by("target_on", "pk")
    return [
        {"id": one.pk, "name": one.name, "target_on": one.target_on, "items": of_release.get(one.pk, [])}
        for one in releases
    ]
