"""One component: what it carries, what waits there, and what was done with powers lent over it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from accounts.models import User
from backlog.models import Component, Delegation, Dependency, Item, Move, ProductRole, Question
from backlog.queries.decision_page import DecisionRow, decisions_about
from backlog.queries.filter_language import asking
from backlog.queries.readers import reader
from core.permissions import allowed

SHOWN = 50
MOST_QUESTIONS = 20
MOST_MOVES = 20
_VERBS = (
    *("component.manage", "decision.propose", "delegation.grant", "delegation.read", "delegation.revert"),
    "order.undo_any",
)


@dataclass(frozen=True)
class Carried:
    """Of the open items that the reader may see. ready: with all checks of their Definition of Ready met.

    interest_points, interest_hours: of debt, a week. inverted: above something unfinished that they need.
    """

    items: int = 0
    technical: int = 0
    points: Decimal = Decimal(0)
    unestimated: int = 0
    ready: int = 0
    questions: int = 0
    inverted: int = 0
    debts: int = 0
    interest_points: Decimal = Decimal(0)
    interest_hours: Decimal = Decimal(0)

    @property
    def ready_percent(self) -> int:
        return round(100 * self.ready / self.items) if self.items else 0


@dataclass(frozen=True)
class Use:
    """One move under a delegation. item: the first that changed its place, None where the reader may not see it."""

    version: int
    at: datetime
    by: str
    reason: str
    item: Item | None
    count: int
    is_taken_back: bool


@dataclass(frozen=True)
class LoanUse:
    """A power lent, now or before, with its moves, the latest first; use_count: of all of them."""

    delegation: Delegation
    state: str
    uses: Sequence[Use]
    use_count: int


@dataclass(frozen=True)
class ComponentDetail:
    """matters_to: whom questions and acceptance fall to where nobody owns it. filter: of the backlog, for its items."""

    component: Component
    parts: Sequence[Component]
    owners: Sequence[User]
    matters_to: User | None
    carried: Carried
    items: Sequence[Item]
    questions: Sequence[Question]
    decisions: Sequence[DecisionRow]
    loans: Sequence[LoanUse]
    filter: str
    rights: frozenset[str]


def carried(items: QuerySet[Item]) -> dict[int, Carried]:
    """By component, what open items with a component carry; in one statement."""
    needed_below = Dependency.objects.filter(
        dependent=OuterRef("pk"),
        enabler__product=OuterRef("product"),
        enabler__order_entry__is_listed=True,
        enabler__order_entry__rank__gt=OuterRef("order_entry__rank"),
    )
    debt = Q(type=Item.Type.DEBT)
    rows = (
        items.filter(component__isnull=False)
        .annotate(is_inverted=Exists(needed_below))
        .order_by()
        .values("component")
        .annotate(
            items=Count("pk"),
            technical=Count("pk", filter=Q(kind=Item.Kind.TECHNICAL)),
            sum_points=Coalesce(Sum("points"), Decimal(0)),
            unestimated=Count("pk", filter=Q(points=None)),
            ready=Count("pk", filter=Q(checks_total__gt=0, checks_met=F("checks_total"))),
            questions=Sum("open_question_count"),
            inverted=Count("pk", filter=Q(is_inverted=True, order_entry__is_listed=True)),
            debts=Count("pk", filter=debt),
            interest_points=_interest(Item.InterestUnit.POINTS),
            interest_hours=_interest(Item.InterestUnit.HOURS),
        )
    )
    return {row.pop("component"): Carried(points=row.pop("sum_points"), **row) for row in rows}


def _interest(unit):
    return Coalesce(Sum("debt_interest", filter=Q(debt_interest_unit=unit)), Decimal(0))


def component_detail(product, user, component: Component) -> ComponentDetail:
    """The page of a component, in a fixed number of statements."""
    who = reader(product, user)
    items = Item.objects.open().filter(who.readable(), product=product, component=component)
    rights = allowed(user, _VERBS, product)
    shown = items.select_related("team", "order_entry").order_by("-order_entry__is_listed", "order_entry__rank")[:SHOWN]
    questions = Question.objects.filter(item__in=items, answered_at=None).select_related(
        "item", "asked_by", "addressee"
    )
    owners = list(User.objects.filter(owned_components__component=component).order_by("name"))
    accountable = User.objects.filter(
        product_roles__product=product, product_roles__role=ProductRole.Role.PRODUCT_OWNER
    )
    return ComponentDetail(
        component=component,
        parts=list(component.children.active().order_by("name")),
        owners=owners,
        matters_to=None if owners else accountable.first(),
        carried=carried(items).get(component.pk, Carried()),
        items=list(shown),
        questions=list(questions.order_by("asked_at")[:MOST_QUESTIONS]),
        decisions=decisions_about(component=component, user=user),
        loans=_loans(component, who) if "delegation.read" in rights else (),
        filter=asking("component", component.name),
        rights=frozenset(rights),
    )


def _loans(component, who):
    loans = list(component.delegations.select_related("grantee", "granted_by").order_by("-granted_at")[:SHOWN])
    moves = Move.objects.filter(delegation__in=loans)
    counts = dict(moves.order_by().values_list("delegation").annotate(Count("pk")))
    taken_back = Move.objects.filter(list=OuterRef("list"), undoes=OuterRef("version"))
    latest = list(
        moves.annotate(is_taken_back=Exists(taken_back)).select_related("by").order_by("-version")[:MOST_MOVES]
    )
    first = {move.items[0] for move in latest}
    seen = {item.pk: item for item in Item.objects.filter(who.readable(), pk__in=first).select_related("product")}
    uses = [(move.delegation_id, _use(move, seen)) for move in latest]
    return tuple(
        LoanUse(loan, loan.state, tuple(use for of, use in uses if of == loan.pk), counts.get(loan.pk, 0))
        for loan in loans
    )


def _use(move, seen):
    first = seen.get(move.items[0])
    return Use(move.version, move.at, str(move.by), move.reason, first, len(move.items), move.is_taken_back)
