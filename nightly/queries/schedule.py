"""When the night of a product is due: the first minute at or after 02:00 where its organization is."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import structlog
from django.db import connection

from accounts.models import Organization
from backlog.models import Product

logger = structlog.get_logger(__name__)

JOB = "night"
DIGEST = "digest"
HOUR = time(2)
# A night that takes longer than this does not hold up the digests of the other products.
DIGEST_WAITS = timedelta(hours=2)
_MINUTE = timedelta(minutes=1)
_DAY = timedelta(days=1)
# A product that came after the start waits for its first whole night.
_DUE = """
    SELECT product.id, due.date
    FROM backlog_product product
    JOIN accounts_organization organization ON organization.id = product.organization_id
    JOIN unnest(%s::text[], %s::date[], %s::timestamptz[]) due (zone, date, start)
        ON due.zone = organization.time_zone
    WHERE product.archived_at IS NULL
        AND NOT product.created_at BETWEEN due.start AND %s
        AND NOT EXISTS (SELECT FROM core_jobrun run
            WHERE run.name = %s AND run.slot = product.id || ':' || due.date)
    ORDER BY product.id
"""
# An organization each of whose products has ended its night, well or not.
_DIGESTS_DUE = """
    SELECT organization.id, due.date
    FROM accounts_organization organization
    JOIN unnest(%s::text[], %s::date[], %s::timestamptz[]) due (zone, date, start)
        ON due.zone = organization.time_zone
    WHERE NOT EXISTS (SELECT FROM core_jobrun run
            WHERE run.name = %s AND run.slot = organization.id || ':' || due.date)
        AND EXISTS (SELECT FROM backlog_product product
            WHERE product.organization_id = organization.id AND product.archived_at IS NULL
                AND NOT product.created_at BETWEEN due.start AND %s)
        AND NOT EXISTS (SELECT FROM backlog_product product
            WHERE product.organization_id = organization.id AND product.archived_at IS NULL
                AND NOT product.created_at BETWEEN due.start AND %s
                AND NOT EXISTS (SELECT FROM core_jobrun run
                    WHERE run.name = %s AND run.slot = product.id || ':' || due.date
                        AND (run.state IN ('done', 'failed') OR run.created_at < now() - %s)))
    ORDER BY organization.id
"""


def starts_at(zone: str, on: date) -> datetime | None:
    """The moment, in UTC, at which the night of a local date begins; None where the clock skips the rest of that date.

    Where 02:00 comes twice it is the first; where it doesn't come, the first minute after it.
    """
    here, wanted = _zone(zone), datetime.combine(on, HOUR)
    # In a gap the two readings lie around the moment at which the clock jumps; else the first of them is 02:00.
    earliest, latest = sorted(wanted.replace(tzinfo=here, fold=fold).astimezone(UTC) for fold in (0, 1))
    minutes = range(int((latest - earliest) / _MINUTE) + 1)
    start = next(moment for n in minutes if _wall(moment := earliest + n * _MINUTE, here) >= wanted)
    return start if _wall(start, here).date() == on else None


def latest_due(zone: str, now: datetime) -> date:
    """The local date of the last night that should have begun by now."""
    on = now.astimezone(_zone(zone)).date()
    while (start := starts_at(zone, on)) is None or start > now:
        on -= _DAY
    return on


def next_start(zone: str, now: datetime) -> datetime:
    """The moment, in UTC, at which the next night begins."""
    on = latest_due(zone, now) + _DAY
    while (start := starts_at(zone, on)) is None:
        on += _DAY
    return start


def due_slots(now: datetime) -> list[str]:
    """The slots that are missing, in two statements: one for each product in use, of its last due night alone.

    Nights before that one are not caught up: what they would have started from is gone.
    """
    return [f"{product_id}:{on.isoformat()}" for product_id, on in _due(now, _DUE, [now, JOB])]


def due_digests(now: datetime) -> list[str]:
    """The slots of digests that are missing, in two statements: one for each organization whose products have all
    ended their last due night, or been at it for too long."""
    values = [DIGEST, now, now, JOB, DIGEST_WAITS]
    return [f"{organization_id}:{on.isoformat()}" for organization_id, on in _due(now, _DIGESTS_DUE, values)]


def parse(slot: str) -> tuple[int, date]:
    """The id, of a product or an organization, and the date that a slot is about."""
    number, _, rest = slot.partition(":")
    return int(number), date.fromisoformat(rest.partition("#")[0])


def _due(now, statement, values):
    in_use = Product.objects.active().values("organization")
    zones = list(Organization.objects.filter(pk__in=in_use).values_list("time_zone", flat=True).distinct())
    if not zones:
        return []
    dates = [latest_due(zone, now) for zone in zones]
    starts = [starts_at(zone, on) for zone, on in zip(zones, dates, strict=True)]
    with connection.cursor() as cursor:
        cursor.execute(statement, [zones, dates, starts, *values])
        return cursor.fetchall()


def _zone(name):
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        # One name that the server's tables don't know must not keep the others' nights from beginning.
        logger.error("time_zone_unknown", zone=name)
        return ZoneInfo("UTC")


def _wall(moment, zone):
    return moment.astimezone(zone).replace(tzinfo=None)
