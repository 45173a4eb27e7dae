"""The page of the technical flow: the drawing, the technical order beside it, and the load of the teams."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from hashlib import sha256
from urllib.parse import urlencode

from django.db.models import Q, Sum
from django.db.models.functions import Coalesce

from accounts.models import Team
from backlog.models import Component, Delegation, Item, Product
from backlog.queries.technical_order import in_technical_order, out_of_step
from core.permissions import allowed
from roadmap.queries.flow_layout import BOX_HEIGHT, NAMES_WIDTH, PITCH, Box, Line
from roadmap.queries.technical_flow import Asked, Chain, Flow, FlowItem, Link, chain_of, costliest, technical_flow

MOST_ROWS = 100
# How far ahead the load of teams is looked at: about three sprints.
LOAD_AHEAD = timedelta(weeks=6)
NEXT_UP = 3
_SHORT = 20
_VERBS = ("technical_order.move", "order.move", "order.move_technical", "order.suggest", "item.propose")


@dataclass(frozen=True)
class Card:
    item: FlowItem
    box: Box

    @property
    def short_title(self) -> str:
        title = self.item.title
        return title if len(title) <= _SHORT + 1 else title[:_SHORT].rstrip() + "…"

    @property
    def look(self) -> str:
        return "tech" if self.item.is_technical else "func"

    @property
    def radius(self) -> int:
        return 3 if self.item.is_technical else BOX_HEIGHT // 2

    @property
    def text_x(self) -> int:
        return 27 if self.item.is_technical else 32

    @property
    def points(self) -> str:
        return "" if self.item.points is None else f"{self.item.points.normalize():f}"

    @property
    def label(self) -> str:
        item = self.item
        points = f"{self.points} points" if self.points else "no points"
        return ", ".join(filter(None, (f"{item.key} {item.title}", points, item.type_label, item.team)))


@dataclass(frozen=True)
class DrawnLane:
    name: str
    top: int
    label_y: int
    is_ground: bool


@dataclass(frozen=True)
class DrawnColumn:
    name: str
    x: int
    line_x: int


@dataclass(frozen=True)
class DrawnLink:
    link: Link
    line: Line


@dataclass(frozen=True)
class Picture:
    """What the SVG is made of."""

    width: int
    height: int
    lanes: Sequence[DrawnLane]
    columns: Sequence[DrawnColumn]
    links: Sequence[DrawnLink]
    cards: Sequence[Card]


@dataclass(frozen=True)
class Ranked:
    """position: among the items shown. above, below: the keys of its neighbours."""

    item: FlowItem
    position: int
    is_out_of_step: bool
    above: str
    below: str


@dataclass(frozen=True)
class Load:
    """Of one team, over the weeks ahead. percent: technical of all points. is_over, is_under: against the range."""

    team: str
    technical: Decimal
    points: Decimal
    percent: int
    is_over: bool
    is_under: bool


@dataclass(frozen=True)
class NextUp:
    """What a team takes first of the technical order, each with what it waits for."""

    team: str
    items: Sequence[tuple[FlowItem, Sequence[FlowItem]]]


@dataclass(frozen=True)
class TableRow:
    """needs, enables: keys. column: its name."""

    item: FlowItem
    column: str
    needs: Sequence[str]
    enables: Sequence[str]


@dataclass(frozen=True)
class Choice:
    value: str
    label: str
    is_chosen: bool


@dataclass(frozen=True)
class TechnicalPage:
    """out_of_step_count: of the page's product. order_version: equal where the rows and what is next are equal.
    lent_until: of the order delegation the reader works under, None where there is none. share: agreed for the
    product, in per cent."""

    flow: Flow
    asked: Asked
    chain: Chain | None
    products: Sequence[Choice]
    teams: Sequence[Choice]
    components: Sequence[Choice]
    rows: Sequence[Ranked]
    order_version: str
    row_count: int
    team_count: int
    out_of_step_count: int
    may_order: bool
    may_apply: bool
    may_suggest: bool
    may_propose: bool
    lent_by: str
    lent_until: date | None
    loads: Sequence[Load]
    next_up: Sequence[NextUp]
    share: tuple[int, int]

    @property
    def picture(self) -> Picture:
        """Made when it is asked for: a page whose drawing is kept doesn't."""
        return picture(self.flow)

    @property
    def share_width(self) -> int:
        return self.share[1] - self.share[0]

    @property
    def query(self) -> str:
        """What the address filters by, to go before a further value."""
        asked = [("product", key) for key in self.asked.products]
        asked += [("lanes", "type")] if self.asked.is_by_type else []
        asked += [("shown", "all")] if self.asked.is_all else []
        asked += [(name, value) for name in ("team", "component") if (value := getattr(self.asked, name))]
        return urlencode(asked) + "&" if asked else ""


def technical_page(product, user, asked: Asked, *, today: date) -> TechnicalPage:
    """Everything on the page, in a fixed number of statements."""
    flow = technical_flow(product, user, asked, today=today)
    ordered = _ordered(flow)
    rights = allowed(user, _VERBS, product)
    astray = _out_of_step(flow, ordered)
    lent = Delegation.objects.live().filter(grantee=user, power=Delegation.Power.ORDER, product=product)
    loan = lent.select_related("granted_by").order_by("until").first()
    return TechnicalPage(
        flow=flow,
        asked=asked,
        chain=chain(product, flow, costliest(flow)),
        products=_products(product, user, asked),
        teams=_teams(product, user, asked),
        components=_components(product, asked),
        rows=_ranked(ordered, astray),
        order_version=_order_version(flow, ordered, astray),
        row_count=len(ordered),
        team_count=len({item.team_id for item in ordered if item.team_id}),
        out_of_step_count=sum(flow.items[pk].product_key == product.key for pk in astray),
        may_order="technical_order.move" in rights,
        may_apply=bool(rights & {"order.move", "order.move_technical"}),
        may_suggest="order.suggest" in rights,
        may_propose="item.propose" in rights,
        lent_by=loan.granted_by.name if loan else "",
        lent_until=loan.until.date() if loan else None,
        loads=_loads(product, user, flow, today),
        next_up=_next_up(flow, ordered),
        share=(product.technical_share_min, product.technical_share_max),
    )


def chain(product, flow: Flow, item_id: int | None) -> Chain | None:
    return chain_of(flow, item_id, sprint_days=product.sprint_length_days) if item_id else None


def technical_table(flow: Flow) -> Sequence[TableRow]:
    """The flow in words, column after column."""
    needs, enables = defaultdict(list), defaultdict(list)
    for link in flow.links:
        needs[link.dependent].append(flow.items[link.enabler].key)
        enables[link.enabler].append(flow.items[link.dependent].key)
    ordered = sorted(flow.items.values(), key=lambda item: (item.column, item.lane, item.product_key, item.rank))
    return [TableRow(item, flow.columns[item.column], needs[item.pk], enables[item.pk]) for item in ordered]


def technical_order(product, user, asked: Asked, *, today: date) -> Sequence[Ranked]:
    """The technical items that a person may read, in the technical order."""
    flow = technical_flow(product, user, asked, today=today)
    ordered = _ordered(flow)
    return _ranked(ordered, _out_of_step(flow, ordered), len(ordered))


def picture(flow: Flow) -> Picture:
    drawing = flow.drawing
    lanes = [
        DrawnLane(name, top, top + min(height, BOX_HEIGHT + 18) // 2 + 4, place == 1)
        for place, (name, (top, height)) in enumerate(zip(flow.lanes, drawing.lanes, strict=True))
        if height
    ]
    columns = [
        DrawnColumn(name, NAMES_WIDTH + PITCH * place, NAMES_WIDTH + PITCH * place - 18)
        for place, name in enumerate(flow.columns[: flow.drawn_columns])
    ]
    return Picture(
        width=drawing.width,
        height=drawing.height,
        lanes=lanes,
        columns=columns,
        links=[DrawnLink(*pair) for pair in zip(flow.drawn_links, drawing.lines, strict=True)],
        cards=[Card(flow.items[pk], box) for pk, box in sorted(drawing.boxes.items(), key=_by_place)],
    )


def _by_place(drawn):
    _, box = drawn
    return box.x, box.y


def _ordered(flow):
    ids = in_technical_order(Item.objects.filter(pk__in=[item.pk for item in flow.technical]))
    return [flow.items[pk] for pk in ids.values_list("pk", flat=True)]


def _out_of_step(flow, ordered):
    listed = defaultdict(list)
    for item in sorted((one for one in ordered if not one.is_in_sprint), key=lambda one: one.rank):
        listed[item.product_key].append(item.pk)
    in_technical = [item.pk for item in ordered]
    return {pk for in_product in listed.values() for pk in out_of_step(in_product, in_technical)}


def _order_version(flow, ordered, astray):
    parts = flow.version, [item.pk for item in ordered], sorted(astray)
    return sha256(repr(parts).encode()).hexdigest()


def _ranked(ordered, astray, most=MOST_ROWS):
    return [
        Ranked(
            item,
            place + 1,
            item.pk in astray,
            ordered[place - 1].key if place else "",
            ordered[place + 1].key if place + 1 < len(ordered) else "",
        )
        for place, item in enumerate(ordered[:most])
    ]


def _products(product, user, asked):
    readable = Product.objects.readable_by(user).active().filter(organization=product.organization_id)
    names = readable.order_by("name").values_list("key", "name")
    return [Choice(key, name, not asked.products or key in asked.products) for key, name in names]


def _teams(product, user, asked):
    readable = Product.objects.readable_by(user).filter(organization=product.organization_id)
    teams = Team.objects.active().filter(product_links__product__in=readable).distinct().order_by("name")
    return [Choice(str(pk), name, pk == asked.team) for pk, name in teams.values_list("pk", "name")]


def _components(product, asked):
    rows = Component.objects.filter(product=product, archived_at=None).order_by("name")
    return [Choice(str(pk), name, pk == asked.component) for pk, name in rows.values_list("pk", "name")]


def _loads(product, user, flow, today):
    """Points by team of what is forecast for the weeks ahead or is in a running sprint, as far as one may read it."""
    keys = {item.product_key for item in flow.items.values()}
    ahead = Item.objects.readable_by(user).open().filter(product__key__in=keys, team__isnull=False)
    soon = {item.pk for item in flow.items.values() if item.is_in_sprint or (item.on and item.on <= today + LOAD_AHEAD)}
    # Functional items of the same stretch: those that stand before the last of these in their product's order.
    last = defaultdict(str)
    for pk in soon:
        last[flow.items[pk].product_key] = max(last[flow.items[pk].product_key], flow.items[pk].rank)
    stretch = Q(pk__in=[])
    for key, rank in last.items():
        stretch |= Q(product__key=key, order_entry__rank__lte=rank)
    zero = Decimal(0)
    rows = (
        ahead.filter(stretch)
        .order_by("team__name")
        .values("team__name")
        .annotate(
            all=Coalesce(Sum("points"), zero),
            technical=Coalesce(Sum("points", filter=Q(kind=Item.Kind.TECHNICAL)), zero),
        )
    )
    low, high = product.technical_share_min, product.technical_share_max
    return [
        Load(row["team__name"], row["technical"], row["all"], percent, percent > high, percent < low)
        for row in rows
        if row["all"]
        for percent in [round(100 * row["technical"] / row["all"])]
    ]


def _next_up(flow, ordered):
    waits = defaultdict(list)
    for link in flow.links:
        waits[link.dependent].append(flow.items[link.enabler])
    by_team = defaultdict(list)
    for item in ordered:
        if item.team and len(by_team[item.team]) < NEXT_UP:
            by_team[item.team].append((item, waits[item.pk]))
    return [NextUp(team, items) for team, items in sorted(by_team.items())]
