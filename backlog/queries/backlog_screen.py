"""The backlog page: rows of the order, with what they need, and what may be done with them."""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.db import connection
from django.db.models import Window
from django.db.models.functions import RowNumber

from accounts.models import Team
from backlog.models import Component, Delegation, Dependency, Goal, Item, OrderEntry, Product, SavedView, Tag
from backlog.models.items import FUNCTIONAL_TYPES, TECHNICAL_TYPES
from backlog.queries import filters
from backlog.queries.filter_language import FilterUnreadable, asking
from backlog.queries.lists import BacklogPage, BacklogRow, backlog_page, outside
from backlog.queries.readers import reader
from backlog.queries.readiness import ORDER_RULE, checklist
from backlog.queries.saved_views import KeptView, kept_views
from backlog.queries.search import Hit
from core.permissions import allowed

MOST_PROPOSED = 100
_VERBS = (
    *("order.move", "order.pin", "order.history", "order.undo_any", "export.run", "import.run"),
    *("item.create", "item.propose", "item.decide", "view.save"),
)
_VERBS_OF_ITEMS = ("item.edit", "item.classify", "item.estimate", "item.value", "item.tag", "item.drop")


@dataclass(frozen=True)
class NeededBelow:
    id: int
    key: str


@dataclass(frozen=True)
class Row:
    """A row and its surroundings. position: in the whole list, as the reader sees it. needs_below: what it needs
    and yet stands above, in their order. previous and next: the shown neighbours, None at the ends."""

    item: BacklogRow
    position: int
    checks_met: int
    checks_total: int
    needs_below: tuple[NeededBelow, ...]
    previous: int | None
    next: int | None
    may_move: bool


@dataclass(frozen=True)
class Chip:
    """A condition of the filter; without: the query string that lifts it, without_text: the filter that is left."""

    name: str
    value: str
    text: str
    without: str
    without_text: str


@dataclass(frozen=True)
class Mistake:
    """What could not be read, cut where it is marked; instead: all of it with the nearest word put there."""

    before: str
    marked: str
    after: str
    message: str
    nearest: str
    instead: str


@dataclass(frozen=True)
class Choice:
    """text: the condition it adds."""

    text: str
    label: str


@dataclass(frozen=True)
class Choices:
    label: str
    options: tuple[Choice, ...]


@dataclass(frozen=True)
class Proposed:
    """where: the place it is proposed for, in words; empty where it has no case."""

    where: str
    id: int
    number: int
    key: str
    title: str
    kind: str
    type: str
    type_label: str
    by: str


@dataclass(frozen=True)
class LentOrder:
    """What the reader may order without being its product owner: slots, the unpinned technical items of components."""

    components: frozenset[int]
    names: tuple[str, ...]
    slot_count: int
    by: str
    until: datetime


@dataclass(frozen=True)
class BacklogScreen:
    """item_count: of the whole list, as the reader sees it. next: the cursor of the page that follows. filter: in
    force; typed: what was to be added to it, or could not be read. unlisted: what fits it and is not in the list.
    lent: None where nothing is. rights: what the person may do with the product's items; refined: the components
    whose items they may do that with which belongs to refining."""

    product: Product
    goal: str
    item_count: int
    rows: tuple[Row, ...]
    next: str
    chips: tuple[Chip, ...]
    choices: tuple[Choices, ...]
    filter: str
    query: str
    typed: str
    mistake: Mistake | None
    views: tuple[KeptView, ...]
    unlisted: tuple[Hit, ...]
    proposed: tuple[Proposed, ...]
    lent: LentOrder | None
    rights: frozenset[str]
    refined: tuple[int, ...]

    @property
    def is_filtered(self) -> bool:
        return bool(self.filter or self.mistake)


def backlog_screen(
    product,
    user,
    *,
    filter: str = "",
    typed: str = "",
    refused: FilterUnreadable | None = None,
    cursor: str = "",
    size: int,
) -> BacklogScreen:
    """The backlog page, in a fixed number of statements.

    typed, refused: what was to be added to the filter, and why it could not be read.
    A filter that can't be read shows no rows, and the mistake. Raises InvalidInput for a cursor that can't be read.
    """
    who = reader(product, user)
    understood, page = None, BacklogPage([], "")
    try:
        understood = filters.understand(product, who, filter, named=Item.objects.readable_by(user))
        page = backlog_page(product, user, cursor=cursor, filter=None if understood.is_empty else understood, size=size)
    except FilterUnreadable as mistake:
        typed, refused = filter, mistake
    text = understood.text if understood else ""
    # Towards an item and a view that are nobody's: what the person may do with each of them.
    rights = allowed(user, _VERBS, product) | allowed(user, _VERBS_OF_ITEMS, Item(product=product))
    rights |= allowed(user, ("view.manage",), SavedView(product=product))
    lent = None if "order.move" in rights else _lent(product, who)
    return BacklogScreen(
        product=product,
        goal=Goal.objects.open().filter(product=product, is_product_goal=True).values_list("title", flat=True).first()
        or "",
        item_count=_count(who),
        rows=_rows(product, who, page.rows, rights, lent),
        next=page.next,
        chips=_chips(understood.conditions if understood else ()),
        choices=_choices(product),
        filter=text,
        query=_query(text),
        typed=typed,
        mistake=_mistake(typed, refused) if refused else None,
        views=kept_views(product, user, current=text, may_manage_all="view.manage" in rights),
        unlisted=tuple(outside(understood)) if understood and understood.looks_outside else (),
        proposed=_proposed(product, who),
        lent=lent,
        rights=frozenset(rights),
        refined=() if "item.edit" in rights else _refined(product, who),
    )


def narrowed(product, user, filter: str, more: Sequence[str]) -> str:
    """The filter that also asks for all of these. Raises FilterUnreadable."""
    who, named = reader(product, user), Item.objects.readable_by(user)
    return filters.together(*(filters.understand(product, who, text, named=named) for text in (filter, *more)))


def _rows(product, who, rows, rights, lent):
    needs = _needs(product, who, [row.id for row in rows])
    positions = _positions(who, [row.id for row in rows if row.position is None])
    lent_components = lent.components if lent else ()
    neighbours = [None, *(row.id for row in rows), None]
    return tuple(
        Row(
            item=row,
            position=row.position or positions[row.id],
            **_readiness(product, row, needs[row.id]),
            needs_below=tuple(NeededBelow(need.id, need.key) for need in needs[row.id] if need.is_below),
            previous=neighbours[index],
            next=neighbours[index + 2],
            may_move="order.move" in rights
            or (row.is_technical and not row.is_pinned and row.component_id in lent_components),
        )
        for index, row in enumerate(rows)
    )


def _positions(who, ids):
    """Places in the whole list of rows that a filter has picked out of it."""
    if not ids:
        return {}
    listed = OrderEntry.objects.filter(who.readable("item__"), list=who.ordered.pk, is_listed=True)
    numbered = listed.annotate(place=Window(RowNumber(), order_by="rank")).values("item_id", "place")
    # Django would look for the ids before it counts.
    sql, parameters = numbered.query.sql_with_params()
    with connection.cursor() as cursor:
        picked = f"SELECT item_id, place FROM ({sql}) listed WHERE item_id = ANY(%s)"  # noqa: S608  values stay apart
        cursor.execute(picked, [*parameters, ids])
        return dict(cursor.fetchall())


def _readiness(product, row, needs):
    """The counts beside the item leave out the check that depends on the order."""
    has_order_rule = any(check.rule == ORDER_RULE for check in checklist(product, row.kind, row.type))
    is_met = has_order_rule and not any(need.is_waited_for for need in needs)
    return {"checks_met": row.checks_met + is_met, "checks_total": row.checks_total + has_order_rule}


@dataclass(frozen=True)
class _Need:
    id: int
    key: str
    is_below: bool
    is_waited_for: bool


def _needs(product, who, ids):
    needs = defaultdict(list)
    rows = Dependency.objects.filter(who.readable("enabler__"), dependent__in=ids)
    unfinished = rows.exclude(enabler__status__in=[Item.Status.DONE, Item.Status.ACCEPTED, Item.Status.DROPPED])
    fields = ("dependent", "enabler", "enabler__product", "enabler__product__key", "enabler__number", "enabler__status")
    places = ("enabler__order_entry__is_listed", "enabler__order_entry__rank", "dependent__order_entry__rank")
    for dependent, enabler, of_product, key, number, status, is_listed, rank, own_rank in unfinished.order_by(
        "enabler__order_entry__rank"
    ).values_list(*fields, *places):
        is_here = of_product == product.pk
        is_below = is_here and bool(is_listed) and rank > own_rank
        # Unfinished and yet out of the list: a team has it in its sprint, ahead of everything here.
        is_ahead = is_here and not is_below and status in Item.UNFINISHED
        needs[dependent].append(_Need(enabler, f"{key}-{number}", is_below, not is_ahead))
    return needs


def _lent(product, who):
    live = Delegation.objects.live().filter(product=product, grantee=who.user_id, power=Delegation.Power.ORDER)
    loans = list(live.select_related("component", "granted_by").order_by("until", "pk"))
    if not loans:
        return None
    components = frozenset(loan.component_id for loan in loans)
    slots = OrderEntry.objects.filter(who.readable("item__"), list=who.ordered.pk, is_listed=True, is_pinned=False)
    return LentOrder(
        components=components,
        names=tuple(sorted(loan.component.name for loan in loans)),
        slot_count=slots.filter(item__kind=Item.Kind.TECHNICAL, item__component__in=components).count(),
        by=loans[0].granted_by.name,
        until=loans[0].until,
    )


def _refined(product, who):
    live = Delegation.objects.live().filter(product=product, grantee=who.user_id, power=Delegation.Power.REFINE)
    return tuple(live.order_by("component").values_list("component", flat=True))


def _count(who):
    return OrderEntry.objects.filter(who.readable("item__"), list=who.ordered.pk, is_listed=True).count()


def _proposed(product, who):
    items = Item.objects.filter(who.readable(), product=product, status=Item.Status.PROPOSED).select_related(
        "created_by"
    )
    return tuple(
        Proposed(
            where=_where(product, getattr(item, "proposal", None)),
            id=item.pk,
            number=item.number,
            key=f"{product.key}-{item.number}",
            title=item.title,
            kind=item.kind,
            type=item.type,
            type_label=item.get_type_display(),
            by=str(item.created_by),
        )
        for item in items.select_related("created_by", "proposal__before").order_by("-pk")[:MOST_PROPOSED]
    )


def _where(product, case):
    if case is None:
        return ""
    if case.before:
        return f"before {product.key}-{case.before.number}"
    return case.get_place_display().lower()


def _choices(product):
    components = Component.objects.active().filter(product=product).order_by("name").values_list("name", flat=True)
    teams = Team.objects.filter(product_links__product=product).order_by("name").values_list("name", flat=True)
    tags = Tag.objects.filter(product=product).order_by("name").values_list("name", flat=True)
    types = map(Item.Type, FUNCTIONAL_TYPES + TECHNICAL_TYPES)
    none = (("component", "No component"), ("team", "No team"))
    options = {
        "kind": ("Kind", Item.Kind.choices),
        "type": (
            "Type",
            [(type.value.replace("_", "-"), type.label) for type in types],
        ),
        "component": ("Component", [(name, name) for name in components]),
        "team": ("Team", [(name, name) for name in teams]),
        "tag": ("Tag", [(name, name) for name in tags]),
        "ready": ("Readiness", [("yes", "Ready"), ("no", "Not ready yet")]),
    }
    made = {
        name: [Choice(asking(name, value), label) for value, label in pairs] for name, (_, pairs) in options.items()
    }
    for name, label in none:
        made[name].append(Choice(f"{name}:none", label))
    return tuple(Choices(options[name][0], tuple(each)) for name, each in made.items() if each)


def _chips(conditions):
    return tuple(Chip(each.name, each.value, each.text, _query(each.without), each.without) for each in conditions)


def _mistake(text, refused):
    start = refused.extra["position"]
    end = start + refused.extra["length"]
    nearest = refused.extra["nearest"]
    instead = nearest if re.fullmatch(r"[^\s()\",]+", nearest) else f'"{nearest}"'
    return Mistake(
        before=text[:start],
        marked=text[start:end],
        after=text[end:],
        message=refused.message,
        nearest=nearest,
        instead=f"{text[:start]}{instead}{text[end:]}" if nearest else "",
    )


def _query(text):
    return urlencode({"filter": text}) if text else ""
