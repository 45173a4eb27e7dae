"""Who works through the items of a product: its teams, and what each has finished in past weeks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import connection

from accounts.models import Team

WEEKS = 52
WEEK = timedelta(weeks=1)
# The items of no team that works on the product.
NOBODY = 0

# An item belongs to the team of the last sprint it was in, else to its own.
_FINISHED = """
    SELECT COALESCE(sprint.team_id, item.team_id, 0) AS team,
        floor(extract(epoch FROM item.done_at - %(since)s) / 86400)::int AS day, count(*)
    FROM backlog_item item
    LEFT JOIN LATERAL (
        SELECT sprint.team_id FROM sprints_sprintitem entry JOIN sprints_sprint sprint ON sprint.id = entry.sprint_id
        WHERE entry.item_id = item.id AND entry.outcome IN ('', 'done') ORDER BY entry.id DESC LIMIT 1
    ) sprint ON true
    WHERE item.product_id = %(product)s AND item.status IN ('done', 'accepted')
        AND item.done_at >= %(since)s AND item.done_at < %(until)s
    GROUP BY 1, 2
"""


@dataclass(frozen=True)
class Streams:
    """The teams that work on a product, by id, with their names in order.

    A product with one team, or none, has one stream: whatever is done there counts for it.
    """

    names: Mapping[int, str]

    def of(self, team_id: int | None) -> int:
        """The stream that an item of this team belongs to."""
        if len(self.names) == 1:
            return next(iter(self.names))
        return team_id if team_id in self.names else NOBODY

    def name(self, stream: int) -> str:
        return self.names.get(stream, "Items without a team")


def streams_of(product) -> Streams:
    """In one statement."""
    teams = Team.objects.active().filter(product_links__product=product).order_by("name")
    return Streams(dict(teams.values_list("pk", "name")) or {NOBODY: ""})


def morning_of(product, on: date) -> datetime:
    """The start of the day where the organization is."""
    return datetime.combine(on, time(), ZoneInfo(product.organization.time_zone))


def finished_by_day(product, streams: Streams, *, since: date, until: date) -> dict[int, list[int]]:
    """By stream: items finished on each day from one to before another, the first first; in one statement."""
    days = max(0, (until - since).days)
    begins = morning_of(product, since)
    values = {"product": product.pk, "since": begins, "until": begins + timedelta(days=days)}
    found: dict[int, list[int]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_FINISHED, values)
        for team, day, count in cursor.fetchall():
            found.setdefault(streams.of(team), [0] * days)[day] += count
    return found


def by_week(days: Sequence[int]) -> list[int]:
    """Add up whole weeks from the first day on."""
    return [sum(days[start : start + 7]) for start in range(0, len(days) - 6, 7)]


def throughput(product, streams: Streams, *, on: date) -> dict[int, Sequence[int]]:
    """By stream: items finished in each week up to a day, oldest first, from the first week that had any."""
    past = finished_by_day(product, streams, since=on - WEEKS * WEEK, until=on)
    return {stream: _from_first(by_week(past.get(stream, ()))) for stream in {*streams.names, *past}}


def _from_first(weeks):
    first = next((place for place, count in enumerate(weeks) if count), len(weeks))
    return tuple(weeks[first:])
