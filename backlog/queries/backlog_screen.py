"""The backlog page: rows of the order, with what they need, and what may be done with them."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from django.db import connection
from django.db.models import Window
from django.db.models.functions import RowNumber

from accounts.models import Team
from backlog.models import Component, Delegation, Dependency, Goal, Item, OrderEntry, Product, Tag
from backlog.models.items import FUNCTIONAL_TYPES, TECHNICAL_TYPES
from backlog.queries.lists import BacklogRow, backlog_page
from backlog.queries.readers import reader
from backlog.queries.readiness import ORDER_RULE, checklist
from backlog.queries.search import search
from core.permissions import allowed

FILTERS = ("kind", "type", "component", "team", "tag", "ready")
MOST_PROPOSED = 100
_VERBS = ("order.move", "order.pin", "item.create", "item.propose", "item.decide")


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
    """An active filter; without: the query string that lifts it."""

    name: str
    value: str
    label: str
    without: str


@dataclass(frozen=True)
class Choice:
    value: str
    label: str
    is_chosen: bool


@dataclass(frozen=True)
class Choices:
    name: str
    label: str
    options: tuple[Choice, ...]


@dataclass(frozen=True)
class Proposed:
    id: int
    number: int
    key: str
    title: str
    kind: str
    type: str
    type_label: str
    by: str


@dataclass(frozen=True)
class BacklogScreen:
    """item_count: of the whole list, as the reader sees it. next: the cursor of the page that follows. rights: what
    the person may do with the product's items. is_lent: whether only some of the rows may be moved."""

    product: Product
    goal: str
    item_count: int
    rows: tuple[Row, ...]
    next: str
    chips: tuple[Chip, ...]
    choices: tuple[Choices, ...]
    query: str
    without_text: str
    text: str
    is_capped: bool
    unlisted: tuple
    proposed: tuple[Proposed, ...]
    rights: frozenset[str]

    @property
    def is_filtered(self) -> bool:
        return bool(self.chips or self.text)


def backlog_screen(product, user, sent: Mapping[str, str], *, cursor: str = "", size: int) -> BacklogScreen:
    """The backlog page, in a fixed number of statements.

    sent: the parameters of the address; those of `FILTERS` and q, words to look for.
    Raises InvalidInput for a filter or a cursor that can't be read.
    """
    filters = {name: sent[name] for name in FILTERS if sent.get(name)}
    text = sent.get("q", "").strip()
    found = search(product, user, text) if text else None
    among = [hit.id for hit in found.hits if hit.is_listed] if found else None
    page = backlog_page(product, user, cursor=cursor, filters=filters, size=size, among=among)
    choices = _choices(product, filters)
    # Towards an item that is nobody's: whether the person may drop each of them.
    rights = frozenset(allowed(user, _VERBS, product) | allowed(user, ("item.drop",), Item(product=product)))
    who = reader(product, user)
    return BacklogScreen(
        product=product,
        goal=Goal.objects.open().filter(product=product, is_product_goal=True).values_list("title", flat=True).first()
        or "",
        item_count=_count(who),
        rows=_rows(product, who, page.rows, rights),
        next=page.next,
        chips=_chips(filters, choices, text),
        choices=choices,
        query=_query(filters, text),
        without_text=_query(filters, ""),
        text=text,
        is_capped=bool(found and found.is_capped),
        unlisted=tuple(hit for hit in found.hits if not hit.is_listed) if found else (),
        proposed=_proposed(product, who),
        rights=rights,
    )


def _rows(product, who, rows, rights):
    needs = _needs(product, who, [row.id for row in rows])
    positions = _positions(who, [row.id for row in rows if row.position is None])
    lent = set() if "order.move" in rights else _lent(product, who.user_id)
    neighbours = [None, *(row.id for row in rows), None]
    return tuple(
        Row(
            item=row,
            position=row.position or positions[row.id],
            **_readiness(product, row, needs[row.id]),
            needs_below=tuple(NeededBelow(need.id, need.key) for need in needs[row.id] if need.is_below),
            previous=neighbours[index],
            next=neighbours[index + 2],
            may_move="order.move" in rights or (row.is_technical and not row.is_pinned and row.component_id in lent),
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


def _lent(product, user_id):
    live = Delegation.objects.live().filter(product=product, grantee=user_id, power=Delegation.Power.ORDER)
    return set(live.values_list("component", flat=True))


def _count(who):
    return OrderEntry.objects.filter(who.readable("item__"), list=who.ordered.pk, is_listed=True).count()


def _proposed(product, who):
    items = Item.objects.filter(who.readable(), product=product, status=Item.Status.PROPOSED).select_related(
        "created_by"
    )
    return tuple(
        Proposed(
            id=item.pk,
            number=item.number,
            key=f"{product.key}-{item.number}",
            title=item.title,
            kind=item.kind,
            type=item.type,
            type_label=item.get_type_display(),
            by=str(item.created_by),
        )
        for item in items.select_related("created_by").order_by("-pk")[:MOST_PROPOSED]
    )


def _choices(product, filters):
    components = Component.objects.active().filter(product=product).order_by("name").values_list("pk", "name")
    teams = Team.objects.filter(product_links__product=product).order_by("name").values_list("pk", "name")
    tags = Tag.objects.filter(product=product).order_by("name").values_list("pk", "name")
    options = {
        "kind": ("Kind", Item.Kind.choices),
        "type": ("Type", [(type.value, type.label) for type in map(Item.Type, FUNCTIONAL_TYPES + TECHNICAL_TYPES)]),
        "component": ("Component", [*components, ("none", "No component")]),
        "team": ("Team", [*teams, ("none", "No team")]),
        "tag": ("Tag", list(tags)),
        "ready": ("Readiness", [("yes", "Ready"), ("no", "Not ready yet")]),
    }
    return tuple(
        Choices(name, label, tuple(Choice(str(value), text, filters.get(name) == str(value)) for value, text in pairs))
        for name, (label, pairs) in options.items()
        if pairs
    )


def _chips(filters, choices, text):
    labels = {(group.name, option.value): option.label for group in choices for option in group.options}
    return tuple(
        Chip(name, value, labels.get((name, value), value), _query({**filters, name: ""}, text))
        for name, value in filters.items()
    )


def _query(filters, text):
    return urlencode({name: value for name, value in {**filters, "q": text}.items() if value})
