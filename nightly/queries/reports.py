"""The health of a product on a day, as one person may read it."""

from dataclasses import dataclass
from datetime import date, timedelta

from accounts.models import User
from backlog.models import Item
from nightly.models import HealthReport
from nightly.queries import words

TREND_WEEKS = 12
NEED_YOU = 2
SHOWN_KEYS = 5
URGENCIES = {"now": ("bad", "Now"), "soon": ("warn", "Soon"), "later": ("info", "Later")}
# Name, title, unit, and the most or least that is fine; None: no target.
TRENDS = (
    ("runway", "Runway", "sprints", 2, 3),
    ("inversions", "Above what they need", "items", 0, 0),
    ("oldest_question_days", "Oldest open question", "days", 0, 3),
    ("stale", "Untouched for 60 days", "items", 0, 5),
    ("too_big", "Larger than a sprint third", "items", 0, 2),
    ("unestimated", "Without an estimate", "items", None, None),
    ("age_of_top_days", "Age of the top twenty", "days", None, None),
    ("held_percent", "Forecasts that held", "% of 85 % dates", 80, 95),
    ("debt_interest", "Debt interest", "points a week", None, None),
    ("proposals_waiting", "Proposals waiting", "items", 0, 5),
)
_ONE = {"items": "item", "days": "day", "sprints": "sprint"}


@dataclass(frozen=True)
class ItemName:
    key: str
    number: int


@dataclass(frozen=True)
class FindingRow:
    """title: one sentence. owner: who should act. is_mine: the reader is that. items: the first that may be seen."""

    key: str
    urgency: str
    tone: str
    label: str
    title: str
    hint: str
    items: tuple[ItemName, ...]
    count: int
    owner: str
    is_mine: bool
    action: str
    action_url: str


@dataclass(frozen=True)
class RunwayRow:
    """Sprints from now and points by readiness; the per cents are of what a sprint delivers, each with those before."""

    number: int
    ready: float
    nearly: float
    not_ready: float
    ready_percent: int
    nearly_percent: int
    all_percent: int


@dataclass(frozen=True)
class MixBar:
    label: str
    percent: int
    is_ahead: bool


@dataclass(frozen=True)
class Trend:
    """values: oldest first, one a week that has a report. former: on the day compared with. state: ok, bad or ''."""

    name: str
    title: str
    unit: str
    value: float
    former: float | None
    values: tuple[float, ...]
    least: float | None
    most: float | None
    state: str
    word: str


@dataclass(frozen=True)
class HealthPage:
    """on: None before the first night. against: the day it is compared with. dates: of earlier reports."""

    on: date | None
    verdict: str = ""
    first: tuple[FindingRow, ...] = ()
    findings: tuple[FindingRow, ...] = ()
    runway: tuple[RunwayRow, ...] = ()
    figures: dict | None = None
    mix: tuple[MixBar, ...] = ()
    trends: tuple[Trend, ...] = ()
    against: date | None = None
    new_count: int = 0
    gone_count: int = 0
    previous: date | None = None
    following: date | None = None
    dates: tuple[date, ...] = ()


def health_page(product, user, *, on: date | None = None, against: date | None = None) -> HealthPage:
    """The report of a day, else the latest, in five statements. Items the reader may not see are neither named
    nor counted; those that are restricted are in no report."""
    history = list(HealthReport.objects.filter(product=product).latest_first().values_list("on", "figures"))
    dates = [row[0] for row in history]
    if not dates:
        return HealthPage(on=None)
    on = on or dates[0]
    report = HealthReport.objects.select_related("product").filter(product=product, on=on).first()
    if report is None:
        return HealthPage(on=None, dates=tuple(dates[:60]))
    earlier = [day for day in dates if day < on]
    against = against or next((day for day in earlier if day <= on - timedelta(days=7)), None)
    former = HealthReport.objects.filter(product=product, on=against).first() if against else None
    findings = finding_rows(report, user)
    need = need_you(findings)
    before = {one["key"] for one in former.findings} if former else set()
    after = {one["key"] for one in report.findings}
    return HealthPage(
        on=on,
        verdict=f"{verdict(report)} {_needs(need)}",
        first=need,
        findings=findings,
        runway=_runway(report),
        figures=report.figures,
        mix=_mix(report),
        trends=_trends(report, former, history),
        against=former.on if former else None,
        new_count=len(after - before) if former else 0,
        gone_count=len(before - after) if former else 0,
        previous=earlier[0] if earlier else None,
        following=next((day for day in reversed(dates) if day > on), None),
        dates=tuple(dates[:60]),
    )


def verdict(report: HealthReport) -> str:
    """The first sentence of a report."""
    return words.VERDICTS[report.verdict["key"]].format(**report.verdict)


def need_you(findings) -> tuple[FindingRow, ...]:
    """At most two that somebody has to see to now, the reader's own first."""
    return tuple(sorted((one for one in findings if one.urgency == "now"), key=lambda one: not one.is_mine)[:NEED_YOU])


def finding_rows(report: HealthReport, user) -> tuple[FindingRow, ...]:
    """The findings as a person may read them, most urgent first, in two statements."""
    numbers = {number for one in report.findings for number in one["items"]}
    seen = set(
        Item.objects.visible_to(user)
        .filter(product=report.product_id, number__in=numbers, is_restricted=False)
        .values_list("number", flat=True)
    )
    people = User.objects.in_bulk({one["owner"] for one in report.findings if one["owner"]})
    rows = (_row(report, one, seen, people, user) for one in report.findings if one["key"] in words.WORDINGS)
    return tuple(row for row in rows if row)


def _row(report, one, seen, people, user):
    visible = [number for number in one["items"] if number in seen]
    if one["items"] and not visible:
        return None
    product_key = report.product.key
    count = one["count"] - (len(one["items"]) - len(visible)) if one["count"] else one["numbers"].get("count", 0)
    keys = [f"{product_key}-{number}" for number in visible]
    tone, label = URGENCIES[one["urgency"]]
    wording = words.WORDINGS[one["key"]]
    owner = people.get(one["owner"])
    return FindingRow(
        key=one["key"],
        urgency=one["urgency"],
        tone=tone,
        label=label,
        title=words.title(one["key"], count, keys, one["numbers"]),
        hint=wording.hint,
        items=tuple(ItemName(key, number) for key, number in zip(keys[:SHOWN_KEYS], visible, strict=False)),
        count=count,
        owner=str(owner) if owner else "nobody yet",
        is_mine=one["owner"] == user.pk,
        action=wording.action,
        action_url=words.action_url(one["key"], product_key, visible),
    )


def _needs(need):
    mine = sum(one.is_mine for one in need)
    if mine:
        return "Two things need you." if mine == 2 else "One thing needs you."
    return "Nothing needs you now." if not need else "Nothing needs you, but others have to act now."


def _runway(report):
    full = max([report.figures.get("sprint_points") or 1, *(sum(_points(one)) for one in report.sprints)])
    rows = []
    for number, one in enumerate(report.sprints, start=1):
        ready, nearly, not_ready = _points(one)
        shares = (round(100 * part / full) for part in (ready, ready + nearly, ready + nearly + not_ready))
        rows.append(RunwayRow(number, ready, nearly, not_ready, *shares))
    return tuple(rows)


def _points(sprint):
    return sprint["ready"], sprint["nearly"], sprint["not_ready"]


def _mix(report):
    past = [MixBar(str(number), percent, False) for number, percent in report.delivered]
    ahead = [MixBar(f"+{n}", round(100 * one["technical"]), True) for n, one in enumerate(report.sprints[:3], 1)]
    return tuple(past + ahead)


def _trends(report, former, history):
    weeks: dict[int, dict] = {}
    for day, figures in history:
        age = (report.on - day).days // 7
        if 0 <= age < TREND_WEEKS and day <= report.on:
            weeks.setdefault(age, figures)
    found = []
    for name, title, unit, least, most in TRENDS:
        if name not in report.figures:
            continue
        values = [weeks[age][name] for age in sorted(weeks, reverse=True) if name in weeks[age]]
        value = report.figures[name]
        state, word = _judged(value, least, most)
        then = former.figures.get(name) if former else None
        unit = _ONE.get(unit, unit) if value == 1 else unit
        found.append(Trend(name, title, unit, value, then, tuple(values), least, most, state, word))
    return tuple(found)


def _judged(value, least, most):
    if most is None:
        return "", "no target"
    if least <= value <= most:
        return "ok", "on target"
    return "bad", f"target {least} to {most}" if least else f"target {most} at most" if most else "target 0"
