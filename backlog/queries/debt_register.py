"""The debt of a product: what it costs, what repaying takes, and what was repaid."""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db.models import Count, Q, Sum
from django.utils import timezone

from backlog.models import Item, OrderEntry
from backlog.queries.agreed_share import DebtVerdict, debt_verdict
from backlog.queries.debt_interest import OPEN, OVER, Figures, TrendPoint, a_sprint, interest_trend
from backlog.queries.decision_page import DecisionRow, decisions_about
from core.permissions import allowed

PAGE = 100
# The order ahead that the share is measured on, in items; about a quarter of a team's work.
AHEAD = 50
REPAID = 10
LATER_WEEKS = 13
DONE_WEEKS = 12
# In the matrix, so that a square and its key fit between.
APART = 7.5


@dataclass(frozen=True)
class DebtRow:
    """principal: points; interest: points a sprint, None where it is unknown or hours have no worth in points.

    x, y: place in the matrix, percent of its width and height, beside those of the same figures; None where a figure
    is missing.
    """

    key: str
    number: int
    title: str
    component: str
    status: str
    principal: float | None
    interest: float | None
    interest_words: str
    payer: str
    trigger: str
    risk: str
    since: date
    incident_count: int
    decision_count: int
    advice: str
    x: float | None = None
    y: float | None = None


@dataclass(frozen=True)
class Repaid:
    key: str
    number: int
    title: str
    principal: float | None
    on: datetime


@dataclass(frozen=True)
class Share:
    """Percent of points that are debt, and technical; None where nothing has points."""

    debt: int | None
    technical: int | None


@dataclass(frozen=True)
class DebtLinks:
    """What a debt is tied to, as far as the reader may see it. items: (words, item) such as ("needs", …)."""

    decisions: tuple[DecisionRow, ...]
    items: tuple[tuple[str, Item], ...]


@dataclass(frozen=True)
class DebtRegister:
    """principal, interest: of all open entries, points and points a sprint.

    without_worth: how many pay in hours while the product does not say what an hour is. ahead, done: the order ahead
    and what was done in 12 weeks. agreed: percent of technical work; debt_ahead: the share of debt beside the one
    agreed. assumed: how many debts count in the trend with a later figure, because there was none yet. rights: to
    propose an item, to agree on shares, and to describe any debt.
    """

    rows: tuple[DebtRow, ...]
    row_count: int
    principal: float
    interest: float
    most_principal: float
    most_interest: float
    without_worth: int
    ahead: Share
    done: Share
    agreed: tuple[int, int]
    debt_ahead: DebtVerdict
    repaid: tuple[Repaid, ...]
    repaid_points: float
    trend: tuple[TrendPoint, ...]
    assumed: int
    sentence: str
    rights: frozenset[str]
    next_page: int | None


def debt_register(product, user, *, component=None, page: int = 1, now: datetime | None = None) -> DebtRegister:
    """The register, dearest first, in a fixed number of statements.

    component: one, or its id; of another product it has no debt here. page: from 1.
    """
    now = now or timezone.now()
    debts = Item.objects.readable_by(user).filter(product=product, type=Item.Type.DEBT)
    if component is not None:
        debts = debts.filter(component=component)
    figures = [Figures(*row) for row in debts.values_list(*Figures.FIELDS)]
    worth = {debt.pk: a_sprint(product, debt.interest, debt.unit) for debt in figures}
    open_ones = [debt for debt in figures if debt.status in OPEN]
    ordered = sorted(open_ones, key=lambda debt: (-(worth[debt.pk] or 0), -(debt.principal or 0), debt.pk))
    shown = [debt.pk for debt in ordered[(page - 1) * PAGE : page * PAGE]]
    most_principal = max((float(debt.principal) for debt in open_ones if debt.principal), default=0.0)
    most_interest = max((worth[debt.pk] for debt in open_ones if worth[debt.pk]), default=0.0)
    rows = _rows(product, user, shown, most_principal, most_interest)
    # Towards an item that is nobody's: who may describe any debt.
    rights = allowed(user, ("item.propose", "product.edit"), product) | allowed(
        user, ("debt.describe",), Item(product=product)
    )
    ahead = _ahead(product, user)
    trend = interest_trend(product, figures, now)
    repaid = debts.filter(status__in=OVER, done_at__isnull=False).select_related("product").order_by("-done_at")
    return DebtRegister(
        rows=rows,
        row_count=len(open_ones),
        principal=float(sum(debt.principal or 0 for debt in open_ones)),
        interest=sum(worth[debt.pk] or 0 for debt in open_ones),
        most_principal=most_principal,
        most_interest=most_interest,
        without_worth=sum(debt.interest is not None and worth[debt.pk] is None for debt in open_ones),
        ahead=ahead,
        done=_share(
            Item.objects.readable_by(user).filter(
                product=product, status__in=OVER, done_at__gte=now - timedelta(weeks=DONE_WEEKS)
            )
        ),
        agreed=(product.technical_share_min, product.technical_share_max),
        debt_ahead=debt_verdict("The order ahead has", product.debt_share, ahead.debt),
        repaid=tuple(
            Repaid(item.key, item.number, item.title, _float(item.debt_principal), item.done_at)
            for item in repaid[:REPAID]
        ),
        repaid_points=float(sum(debt.principal or 0 for debt in figures if debt.status in OVER)),
        trend=trend,
        assumed=len(frozenset().union(*(point.assumed for point in trend))),
        sentence=_sentence(product, rows[0]) if rows and page == 1 else "",
        rights=frozenset(rights),
        next_page=page + 1 if len(ordered) > page * PAGE else None,
    )


def debt_links(item, user) -> DebtLinks:
    """The decisions about a debt and the items it is tied to, in five statements."""
    readable = Item.objects.readable_by(user).select_related("product")
    needs = readable.filter(enables_links__dependent=item)
    enables = readable.filter(needs_links__enabler=item)
    tied = [("needs", other) for other in needs] + [("enables", other) for other in enables]
    return DebtLinks(decisions_about(item=item, user=user), tuple(tied))


def pay_now_or_later(product, principal: Decimal | None, interest: Decimal | None, unit: str) -> str:
    """One sentence from the numbers: when repaying has paid for itself, and what a quarter of waiting costs."""
    if interest is None or principal is None:
        figures = {"a principal": principal, "an interest": interest}
        missing = " and ".join(name for name, figure in figures.items() if figure is None)
        return f"Give it {missing}, then this says what waiting costs."
    cost = a_sprint(product, interest, unit)
    if cost is None:
        return (
            "Its interest is in hours, which add nothing to the order: say in the product settings how many hours a "
            "point is."
        )
    if not cost:
        return "It costs nothing now. Later is fine."
    sprints = float(principal) / cost
    quarter = cost * 7 / product.sprint_length_days * LATER_WEEKS
    costs = f"Repaying takes {_figure(principal)} points and has paid for itself after {_sprints(sprints)}"
    waits = f"waiting a quarter costs {_figure(quarter)} points"
    if quarter >= float(principal):
        return f"Pay now: {waits}, more than the {_figure(principal)} points of repaying it."
    return f"{costs}; {waits}." if sprints <= 26 else f"Later is fine: {costs[0].lower()}{costs[1:]}; {waits}."


def _rows(product, user, ids, most_principal, most_interest):
    found = Item.objects.filter(pk__in=ids).select_related("component", "debt_entry")
    by_id = {item.pk: item for item in found.annotate(decision_count=Count("decision_links"))}
    return tuple(_apart(_row(product, by_id[pk], most_principal, most_interest) for pk in ids))


def _apart(rows):
    """Those of the same figures one above the other, or nobody would see but one."""
    taken = Counter()
    for row in rows:
        place = (row.x, row.y)
        up = APART * taken[place] if row.x is not None else 0
        taken[place] += 1
        # At the top there is room below only.
        yield replace(row, y=round(row.y - up if row.y >= 50 else row.y + up, 2)) if up else row


def _row(product, item, most_principal, most_interest):
    item.product = product
    entry = getattr(item, "debt_entry", None)
    interest = a_sprint(product, item.debt_interest, item.debt_interest_unit)
    has_place = item.debt_principal is not None and interest is not None
    return DebtRow(
        key=item.key,
        number=item.number,
        title=item.title,
        component=item.component.name if item.component else "",
        status=item.get_status_display(),
        principal=_float(item.debt_principal),
        interest=interest,
        interest_words=f"{_figure(item.debt_interest)} {item.get_debt_interest_unit_display()}"
        if item.debt_interest is not None
        else "",
        payer=entry.payer if entry else "",
        trigger=entry.trigger if entry else "",
        risk=entry.risk if entry else "",
        since=(entry and entry.since) or timezone.localdate(item.created_at),
        incident_count=len(entry.incidents) if entry else 0,
        decision_count=item.decision_count,
        advice=pay_now_or_later(product, item.debt_principal, item.debt_interest, item.debt_interest_unit),
        x=round(8 + 88 * float(item.debt_principal) / (most_principal or 1), 2) if has_place else None,
        y=round(92 - 84 * interest / (most_interest or 1), 2) if has_place else None,
    )


def _ahead(product, user):
    first = OrderEntry.objects.filter(product=product, is_listed=True).order_by("rank").values("item")[:AHEAD]
    return _share(Item.objects.readable_by(user).filter(pk__in=list(first.values_list("item", flat=True))))


def _share(items):
    found = items.order_by().aggregate(
        all_points=Sum("points"),
        debt=Sum("points", filter=Q(type=Item.Type.DEBT)),
        technical=Sum("points", filter=Q(kind=Item.Kind.TECHNICAL)),
    )
    if not found["all_points"]:
        return Share(None, None)
    return Share(*(round(100 * (found[name] or 0) / found["all_points"]) for name in ("debt", "technical")))


def _sentence(product, row):
    return f"{row.title} ({row.key}) is the dearest. {row.advice}" if row.interest else ""


def _float(number):
    return None if number is None else float(number)


def _figure(number):
    return f"{float(number):.1f}".removesuffix(".0")


def _sprints(number):
    if number < 1:
        return "less than a sprint"
    return f"{round(number)} sprint{'s' if round(number) != 1 else ''}"
