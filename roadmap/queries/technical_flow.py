"""The technical work of all products that a person may read: in columns by forecast, with the outcomes it carries."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from hashlib import sha256

from django.core.cache import cache

from accounts.models import Team
from backlog.models import ComponentOwner, Dependency, Item, Product, ProductRole
from backlog.queries.technical_order import in_technical_order
from roadmap.models import Forecast
from roadmap.queries.flow_layout import Drawing, Node, draw
from sprints.models import Sprint, SprintItem
from sprints.queries.lines import FORTNIGHT, sprint_lines

# A drawing of more is no drawing; filters cut it down.
MOST = 1_000
DATED_COLUMNS = 5
_FAR_OFF = ("Later", "No date yet")
_KEPT_SECONDS = 24 * 60 * 60
_WEEK = timedelta(weeks=1)

Type, Discipline = Item.Type, Item.Discipline
_TYPES = (
    *(Type.SECURITY, Type.ARCHITECTURE, Type.INFRASTRUCTURE, Type.ENABLER),
    *(Type.TEST_ARCHITECTURE, Type.DEBT, Type.SPIKE),
)
_DISCIPLINES = (
    *(Discipline.ARCHITECTURE, Discipline.INFRASTRUCTURE, Discipline.APPLICATION),
    *(Discipline.TEST_ARCHITECTURE, Discipline.UX_DESIGN),
)
# Where an item names no discipline, that of its type.
_DISCIPLINE_OF = {
    Type.ARCHITECTURE: Discipline.ARCHITECTURE,
    Type.INFRASTRUCTURE: Discipline.INFRASTRUCTURE,
    Type.TEST_ARCHITECTURE: Discipline.TEST_ARCHITECTURE,
}


@dataclass(frozen=True)
class Asked:
    """Keys of products (none: all that may be read), a team, a component, lanes by type instead of discipline.

    is_all: draw also what comes after the dated columns.

    only: ids of the products that a token is for; None: it may be all.
    """

    products: tuple[str, ...] = ()
    only: tuple[int, ...] | None = None
    team: int | None = None
    component: int | None = None
    is_by_type: bool = False
    is_all: bool = False


@dataclass(frozen=True)
class FlowItem:
    """rank: its place in its product's order; empty in a running sprint. on: done at 85 %, None without a date.

    weight: value points that a week of delay costs (business value and risk reduction), money the same in the
    product's currency, None without a rate.
    """

    pk: int
    product_key: str
    number: int
    title: str
    kind: str
    type: str
    discipline: str
    team_id: int | None
    team: str
    component_id: int | None
    component: str
    points: Decimal | None
    rank: str
    weight: int
    money: Decimal | None
    currency: str
    is_in_sprint: bool = False
    on: date | None = None
    column: int = 0
    lane: int = 0

    @property
    def key(self) -> str:
        return f"{self.product_key}-{self.number}"

    @property
    def is_technical(self) -> bool:
        return self.kind == Item.Kind.TECHNICAL

    @property
    def type_label(self) -> str:
        return Type(self.type).label if self.is_technical else "Functional"


@dataclass(frozen=True)
class Link:
    """is_bad: what needs comes before what it needs."""

    enabler: int
    dependent: int
    is_bad: bool


@dataclass(frozen=True)
class Flow:
    """items: by id, technical ones and the outcomes they carry. lanes, columns: their names, the outcomes' lane first.

    drawing: of the items in the first `drawn_columns`. is_cut: there was more than one drawing holds. version: equal
    for equal flows.
    """

    items: Mapping[int, FlowItem]
    links: Sequence[Link]
    lanes: Sequence[str]
    columns: Sequence[str]
    drawing: Drawing
    drawn_columns: int
    is_cut: bool
    version: str

    @property
    def drawn_links(self) -> list["Link"]:
        """Those of which both ends are drawn."""
        boxes = self.drawing.boxes
        return [link for link in self.links if link.enabler in boxes and link.dependent in boxes]

    @property
    def undrawn_count(self) -> int:
        return len(self.items) - len(self.drawing.boxes)

    @property
    def technical(self) -> list[FlowItem]:
        return [item for item in self.items.values() if item.is_technical]


@dataclass(frozen=True)
class Chain:
    """What an item unlocks: outcomes directly, and others through which technical item.

    weight: value points that a week of waiting costs, of itself and all it unlocks; money the same a sprint, None
    where a product has no rate.
    """

    item: FlowItem
    direct: Sequence[FlowItem]
    through: Sequence[tuple[FlowItem, FlowItem]]
    needs: Sequence[FlowItem]
    weight: int
    sprint_days: int
    money: Decimal | None

    @property
    def sprint_weight(self) -> Decimal:
        return Decimal(self.weight * self.sprint_days) / 7


def technical_flow(product, user, asked: Asked, *, today: date) -> Flow:
    """The flow over the products of an organization that a person may read, in a fixed number of statements.

    It is kept by the versions of all it is made of: drawing it again takes six statements.
    """
    products = list(_products(product, user, asked))
    forecasts = _latest_forecasts(products, today)
    version = _version(product, user, products, forecasts, asked, today)
    kept = cache.get(version)
    if kept is None:
        kept = _drawn(products, forecasts, user, asked, today, version)
        cache.set(version, kept, _KEPT_SECONDS)
    return kept


def costliest(flow: Flow) -> int | None:
    """The drawn technical item whose waiting costs most, with what it unlocks directly; None where there is none."""
    cost = {item.pk: item.weight for item in flow.technical if item.pk in flow.drawing.boxes}
    for link in flow.links:
        if link.enabler in cost:
            cost[link.enabler] += flow.items[link.dependent].weight
    return max(cost, key=cost.get, default=None)


def chain_of(flow: Flow, item_id: int, *, sprint_days: int) -> Chain:
    """What the item unlocks, and what it needs itself."""
    above = defaultdict(list)
    for link in flow.links:
        above[link.enabler].append(link.dependent)
    direct, through, seen, open_ids = [], [], {item_id}, [(item_id, None)]
    while open_ids:
        here, via = open_ids.pop(0)
        for found in above[here]:
            if found in seen:
                continue
            seen.add(found)
            item = flow.items[found]
            if item.is_technical:
                open_ids.append((found, via or item))
            elif via:
                through.append((item, via))
            else:
                direct.append(item)
    waiting = [flow.items[pk] for pk in seen]
    return Chain(
        item=flow.items[item_id],
        direct=direct,
        through=through,
        needs=[flow.items[link.enabler] for link in flow.links if link.dependent == item_id],
        weight=sum(item.weight for item in waiting),
        sprint_days=sprint_days,
        money=_money(waiting, sprint_days),
    )


def _money(waiting, sprint_days):
    worth = [item for item in waiting if item.weight]
    if not worth or any(item.money is None for item in worth) or len({item.currency for item in worth}) > 1:
        return None
    return sum(item.money for item in worth) * sprint_days / 7


def _products(product, user, asked):
    readable = Product.objects.readable_by(user).active().filter(organization=product.organization_id)
    if asked.only is not None:
        readable = readable.filter(pk__in=asked.only)
    if asked.products:
        readable = readable.filter(key__in=asked.products)
    return readable.select_related("order").order_by("key")


def _latest_forecasts(products, today):
    """By product: its id, and what tells it from an earlier one of the same day."""
    rows = Forecast.objects.filter(product__in=products, on__lte=today).order_by("product", "-on").distinct("product")
    return {product: found for product, *found in rows.values_list("product", "pk", "fingerprint")}


def _version(product, user, products, forecasts, asked, today):
    """Whose eyes, and all that the flow is made of.

    The feed version tells of every change of an item, a dependency, a component's name and what sprints hold.
    """
    roles = ProductRole.objects.filter(user=user, role=ProductRole.Role.PRODUCT_OWNER).order_by("product")
    owned = ComponentOwner.objects.filter(user=user, organization=product.organization_id).order_by("component")
    teams = Team.objects.filter(organization=product.organization_id).order_by("pk")
    sprints = Sprint.objects.filter(organization=product.organization_id).exclude(status=Sprint.Status.CLOSED)
    parts = (
        user.pk,
        [_version_of(one, forecasts) for one in products],
        list(roles.values_list("product", flat=True)),
        list(owned.values_list("component", flat=True)),
        list(teams.values_list("pk", "name")),
        list(sprints.order_by("pk").values_list("pk", "number", "status", "starts_on", "ends_on")),
        asked,
        today,
    )
    return "technical-flow:" + sha256(repr(parts).encode()).hexdigest()


def _version_of(product, forecasts):
    money = product.value_point_in_currency, product.currency
    return product.pk, product.key, product.order.feed_version, forecasts.get(product.pk), money


def _drawn(products, forecasts, user, asked, today, version):
    readable = Item.objects.readable_by(user).open().filter(product__in=products)
    technical, is_cut = _technical(readable, products, asked)
    links = _links(technical, readable)
    outcomes = _rows(readable.functional().filter(pk__in={dependent for _, dependent in links}), products)
    dates = _dates(forecasts)
    items = _in_sprints({item.pk: item for item in [*technical, *outcomes]})
    items = {pk: replace(item, on=None if item.is_in_sprint else dates.get(pk)) for pk, item in items.items()}
    items, columns = _in_columns(items, _ends(products, asked, today))
    items, lanes = _in_lanes(items, asked)
    found = [Link(*pair, _is_bad(*(items[end] for end in pair))) for pair in links if pair[1] in items]
    drawn = len(columns) if asked.is_all else _drawn_columns(columns)
    nodes = {item.pk: Node(item.pk, item.lane, item.column) for item in items.values() if item.column < drawn}
    pairs = [(link.enabler, link.dependent) for link in found if link.enabler in nodes and link.dependent in nodes]
    drawing = draw(list(nodes.values()), pairs, lanes=len(lanes), columns=drawn)
    return Flow(items, found, lanes, columns, drawing, drawn, is_cut, version)


def _drawn_columns(columns):
    """What is far off would only make the drawing tall; where nothing is near, it is all there is."""
    return len([name for name in columns if name not in _FAR_OFF]) or len(columns)


def _technical(readable, products, asked):
    rows = readable.technical()
    if asked.team:
        rows = rows.filter(team=asked.team)
    if asked.component:
        rows = rows.filter(component=asked.component)
    found = _rows(in_technical_order(rows)[: MOST + 1], products)
    return found[:MOST], len(found) > MOST


_FIELDS = (
    *("pk", "number", "title", "kind", "type", "discipline", "team_id", "team__name", "component_id"),
    *("component__name", "points", "order_entry__rank", "business_value", "risk_reduction", "product_id"),
)


def _rows(items, products):
    by_id = {one.pk: one for one in products}
    return [_row(by_id[values[-1]], *values[:-1]) for values in items.values_list(*_FIELDS)]


def _row(product, pk, number, title, kind, type, discipline, team_id, team, component_id, component, *rest):
    points, rank, value, risk = rest
    weight, rate = (value or 0) + (risk or 0), product.value_point_in_currency
    return FlowItem(
        pk=pk,
        product_key=product.key,
        number=number,
        title=title,
        kind=kind,
        type=type,
        discipline=discipline,
        team_id=team_id,
        team=team or "",
        component_id=component_id,
        component=component or "",
        points=points,
        rank=rank or "",
        weight=weight,
        money=rate and weight * rate,
        currency=product.currency,
    )


def _links(technical, readable):
    links = Dependency.objects.filter(
        enabler__in=[item.pk for item in technical], dependent__status__in=Item.UNFINISHED
    )
    seen = links.filter(dependent__in=readable.values("pk")).order_by("pk")
    return list(seen.values_list("enabler", "dependent"))


def _dates(forecasts):
    """By item, done at 85 %."""
    rows = Forecast.objects.filter(pk__in=[pk for pk, _ in forecasts.values()]).values_list("on", "items", "weeks_85")
    return {
        item: on + weeks * _WEEK
        for on, items, all_weeks in rows
        for item, weeks in zip(items, all_weeks, strict=True)
        if weeks is not None
    }


def _in_sprints(items):
    entries = SprintItem.objects.filter(item__in=list(items), outcome="").exclude(sprint__status=Sprint.Status.CLOSED)
    for item, status, team_id, team in entries.values_list(
        "item", "sprint__status", "sprint__team", "sprint__team__name"
    ):
        is_active = status == Sprint.Status.ACTIVE
        items[item] = replace(items[item], team_id=team_id, team=team, is_in_sprint=is_active)
    return items


def _ends(products, asked, today):
    """The last days of the columns and their names: sprints where one product has them in common, else fortnights."""
    if len(products) == 1:
        lines = sprint_lines(products[0], today=today, team_id=asked.team)
        if lines:
            return [(line.ends_on, line.label) for line in lines[:DATED_COLUMNS]]
    first = today + timedelta(days=(4 - today.weekday()) % 7) + _WEEK
    days = [first + place * FORTNIGHT for place in range(DATED_COLUMNS)]
    return [(day, f"To {day:%-d %b}") for day in days]


def _in_columns(items, ends):
    """Number the columns that anything stands in; nothing between the first and the last date is left out."""
    names = ["In sprint", *(name for _, name in ends), *_FAR_OFF]
    last_dated, undated = len(ends), len(names) - 1
    wanted = {pk: _column(item, ends, undated) for pk, item in items.items()}
    used = set(wanted.values())
    dated = {column for column in used if 0 < column <= last_dated}
    shown = sorted(used | (set(range(min(dated), max(dated) + 1)) if dated else set()))
    number = {column: place for place, column in enumerate(shown)}
    placed = {pk: replace(item, column=number[wanted[pk]]) for pk, item in items.items()}
    return placed, [names[column] for column in shown]


def _column(item, ends, undated):
    if item.is_in_sprint:
        return 0
    if item.on is None:
        return undated
    return next((place for place, (day, _) in enumerate(ends, 1) if item.on <= day), len(ends) + 1)


def _in_lanes(items, asked):
    """Outcomes on the ground line; below it lanes appear only if used."""
    kinds = _TYPES if asked.is_by_type else _DISCIPLINES
    of = {pk: _lane(item, asked) for pk, item in items.items()}
    lanes = [kind for kind in kinds if kind in of.values()]
    number = {kind: place for place, kind in enumerate(lanes, 1)} | {None: 0}
    placed = {pk: replace(item, lane=number[of[pk]]) for pk, item in items.items()}
    return placed, ["Outcomes", *(kind.label for kind in lanes)]


def _lane(item, asked):
    if not item.is_technical:
        return None
    if asked.is_by_type:
        return Type(item.type)
    return Discipline(item.discipline) if item.discipline else _DISCIPLINE_OF.get(item.type, Discipline.APPLICATION)


def _is_bad(enabler, dependent):
    if enabler.product_key == dependent.product_key and not (enabler.is_in_sprint or dependent.is_in_sprint):
        return dependent.rank < enabler.rank
    return dependent.column < enabler.column
