"""The health of a product on a day, as one person may read it."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.urls import reverse

from accounts.models import User
from backlog.models import Item
from nightly.models import HealthReport, ProposedMove
from nightly.models.proposals import REPAIRS
from nightly.queries import words
from nightly.queries.proposals import latest

TREND_WEEKS = 12
SHOWN_DATES = 14
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
    ("proposal_days", "Median time to decide on a proposal", "days", 0, 3),
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
    """on: None before the first night. against: the day it is compared with. dates: the latest earlier reports.

    proposals: what became of those of twelve weeks, in one sentence; empty where none was answered.
    The figures are those of the report's morning, of items that every reader of the product could read then.
    """

    on: date | None
    verdict: str = ""
    first: tuple[FindingRow, ...] = ()
    findings: tuple[FindingRow, ...] = ()
    runway: tuple[RunwayRow, ...] = ()
    figures: dict | None = None
    mix: tuple[MixBar, ...] = ()
    proposals: str = ""
    trends: tuple[Trend, ...] = ()
    against: date | None = None
    new_count: int = 0
    gone_count: int = 0
    previous: date | None = None
    following: date | None = None
    dates: tuple[date, ...] = ()


def health_page(product, user, *, on: date | None = None, against: date | None = None) -> HealthPage:
    """The report of a day, else the latest, against the one of another day, in a fixed number of statements.

    Items that are restricted are in no report; those that have become so since are neither named nor counted.
    """
    reports = HealthReport.objects.select_related("product").filter(product=product)
    report = (reports.filter(on=on) if on else reports.latest_first()).first()
    if report is None:
        return HealthPage(on=None)
    since = report.on - timedelta(weeks=TREND_WEEKS)
    recent = list(reports.filter(on__gt=since, on__lte=report.on).latest_first().values_list("on", "figures"))
    former = _former(reports, report, against)
    findings, before = _read(report, former, user=user)
    need = need_you(findings)
    keys, former_keys = ({one.key for one in rows} for rows in (findings, before))
    earlier = [day for day, _ in recent[1:]] or ([former.on] if former else [])
    return HealthPage(
        on=report.on,
        verdict=f"{verdict(report)} {_needs(need)}",
        first=need,
        findings=findings,
        runway=_runway(report),
        figures=report.figures,
        mix=_mix(report),
        proposals=_proposals(report.figures),
        trends=_trends(report, former, recent),
        against=former.on if former else None,
        new_count=len(keys - former_keys) if former else 0,
        gone_count=len(former_keys - keys) if former else 0,
        previous=earlier[0] if earlier else None,
        following=reports.filter(on__gt=report.on).order_by("on").values_list("on", flat=True).first(),
        dates=tuple(earlier[:SHOWN_DATES]),
    )


def verdict(report: HealthReport) -> str:
    """The first sentence of a report."""
    return words.VERDICTS[report.verdict["key"]].format(**report.verdict)


def need_you(findings) -> tuple[FindingRow, ...]:
    """At most two that somebody has to see to now, the reader's own first."""
    return tuple(sorted((one for one in findings if one.urgency == "now"), key=lambda one: not one.is_mine)[:NEED_YOU])


def finding_rows(report: HealthReport, user) -> tuple[FindingRow, ...]:
    """The findings as a person may read them, most urgent first, in four statements."""
    return _read(report, user=user)[0]


def _former(reports, report, against):
    until = against or report.on - timedelta(days=7)
    earlier = reports.filter(on__lt=report.on)
    found = earlier.filter(on__lte=until).latest_first().first()
    return found or (earlier.order_by("on").first() if against else None)


def _read(*reports, user) -> list[tuple[FindingRow, ...]]:
    """The findings of each report of one product; none for None."""
    given = [report for report in reports if report]
    findings = [one for report in given for one in report.findings if one["key"] in words.WORDINGS]
    numbers = {number for one in findings for number in one["items"]}
    seen = set(
        Item.objects.visible_to(user)
        .filter(product=given[0].product_id, number__in=numbers, is_restricted=False)
        .values_list("number", flat=True)
    )
    people = User.objects.in_bulk({one["owner"] for one in findings if one["owner"]})
    mended = _mended_by_moves(given[0].product)
    found = []
    for report in reports:
        rows = (_row(report, one, seen, people, mended, user) for one in report.findings) if report else ()
        found.append(tuple(row for row in rows if row))
    return found


def _mended_by_moves(product) -> set[int]:
    """Numbers of items that open moves of the latest proposal put behind what they need, or that before them."""
    proposal = latest(product)
    if proposal is None:
        return set()
    repairs = proposal.moves.filter(verdict=ProposedMove.Verdict.OPEN, reason_key__in=REPAIRS)
    return {number for pair in repairs.values_list("item__number", "anchor__number") for number in pair}


def _row(report, one, seen, people, mended, user):
    wording = words.WORDINGS.get(one["key"])
    visible = [number for number in one["items"] if number in seen]
    if wording is None or (one["items"] and not visible):
        return None
    product_key = report.product.key
    hidden = len(one["items"]) - len(visible)
    count = one["count"] - hidden if one["count"] else one["numbers"].get("count", 0)
    keys = [f"{product_key}-{number}" for number in visible]
    bare = words.bare_title(one["key"], count) if hidden else ""
    tone, label = URGENCIES[one["urgency"]]
    owner = people.get(one["owner"])
    is_proposed = one["key"] == "inversions" and not mended.isdisjoint(visible)
    proposal_url = reverse("nightly:proposal", args=[product_key])
    return FindingRow(
        key=one["key"],
        urgency=one["urgency"],
        tone=tone,
        label=label,
        title=bare or words.title(one["key"], count, keys, one["numbers"]),
        hint=wording.hint,
        items=tuple(ItemName(key, number) for key, number in zip(keys[:SHOWN_KEYS], visible, strict=False)),
        count=count,
        owner=str(owner) if owner else "nobody yet",
        is_mine=one["owner"] == user.pk,
        action="Look at the moves that mend it" if is_proposed else wording.action,
        action_url=proposal_url if is_proposed else words.action_url(one["key"], product_key, visible),
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


def _proposals(figures):
    if "proposal_days" not in figures:
        return ""
    days = figures["proposal_days"]
    taken, changed, declined = (figures[f"proposals_{word}"] for word in ("accepted", "changed", "declined"))
    return (
        f"{taken + changed + declined} decided in 12 weeks: {taken} accepted as proposed, {changed} with a change, "
        f"{declined} declined; half of them within {'a day' if days <= 1 else f'{days:g} days'}. "
        f"{figures['proposals_waiting'] or 'None'} waiting now."
    )


def _trends(report, former, recent):
    weeks: dict[int, dict] = {}
    for day, figures in recent:
        weeks.setdefault((report.on - day).days // 7, figures)
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
