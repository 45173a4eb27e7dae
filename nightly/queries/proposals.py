"""Proposals as screens and the API read them: figures, moves with their reasons, and what is left alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, OuterRef, Q, Subquery

from backlog.models import Item, Product, ProductRole
from backlog.queries import slots
from backlog.queries.readers import Reader, reader
from core.permissions import allowed
from nightly.models import OrderingProposal, ProposalPolicy, ProposedMove
from nightly.queries import effects, move_words
from nightly.queries.proposed import is_among, pending
from nightly.queries.slope import Slope, slope_of
from planning.moves import HORIZON, REFUSED_DAYS

EARLIER = 30
VERBS = ("proposal.decide", "order.arrange", "proposal.set_policy", "night.run", "order.undo_any")
Verdict = ProposedMove.Verdict

# Why a move fell out by itself.
STALE = {
    "left": "An item that it is about has left the list since. There is nothing to move any more.",
    "moved": "Somebody has moved it since. Their order counts.",
    "pinned": "It has been pinned since. It keeps its place.",
    "there": "It stands there already, or a pinned item is in the way.",
    "no_gain": "The backlog has changed, and the move no longer gains anything.",
}


ALONE = "Pays only together with a move above it that is not accepted. Applied now, it is left out."


@dataclass(frozen=True)
class MoveRow:
    """positions: from 1, now and if every move that is not rejected is made. name: of its form field and its curve.

    may_decide: the reader, now. stale: why it fell out; empty while it fits. note: why it is left out of the accepted
    ones. again_on: when a rejected one may come back.
    """

    pk: int
    name: str
    key: str
    number: int
    title: str
    kind: str
    type: str
    type_label: str
    direction: str
    from_position: int
    to_position: int
    reason_key: str
    reason: str
    lead: str
    saving: str
    share: float
    robustness: float
    verdict: str
    verdict_reason: str
    verdict_by: str
    again_on: date | None
    is_by_policy: bool
    is_applied: bool
    applied_version: int | None
    stale: str
    note: str
    may_decide: bool

    @property
    def is_open(self) -> bool:
        return not self.is_applied and not self.stale and self.verdict != Verdict.REJECTED


@dataclass(frozen=True)
class DateChange:
    goal: str
    before: date | None
    after: date | None

    @property
    def days_sooner(self) -> int:
        return (self.before - self.after).days if self.before and self.after else 0

    @property
    def days_later(self) -> int:
        return -self.days_sooner


@dataclass(frozen=True)
class Change:
    """The figures before and after some moves. saving: in words; share: of the cost of delay that is saved."""

    saving: str
    share: float
    inverted_before: int
    inverted_after: int
    technical_before: float
    technical_after: float
    dates: tuple[DateChange, ...]

    @property
    def date(self) -> DateChange | None:
        """The goal that comes sooner by most days, else the one that comes later by most."""
        soonest = max(self.dates, key=lambda change: change.days_sooner, default=None)
        return soonest if soonest and soonest.days_sooner > 0 else self.latest

    @property
    def latest(self) -> DateChange | None:
        """The goal that comes later by most days."""
        return min(self.dates, key=lambda change: change.days_sooner, default=None)


@dataclass(frozen=True)
class ProposalPage:
    """The figures are those of the accepted moves, or of all that are left while none is accepted."""

    product: Product
    proposal: OrderingProposal
    is_latest: bool
    moves: tuple[MoveRow, ...]
    change: Change | None
    is_of_accepted: bool
    slope: Slope | None
    cycle: tuple[str, ...]
    rights: frozenset[str]
    policy: tuple[str, ...]
    policy_labels: tuple[str, ...]
    earlier: tuple[tuple[date, int], ...]
    has_sprints: bool

    @property
    def made_at(self) -> datetime:
        return self.proposal.made_at

    @property
    def waiting(self) -> tuple[MoveRow, ...]:
        return tuple(move for move in self.moves if move.is_open)

    @property
    def may_decide(self) -> bool:
        return any(move.may_decide for move in self.moves)

    @property
    def counted(self) -> tuple[MoveRow, ...]:
        """Those that the reader decides on, else all."""
        return tuple(move for move in self.moves if move.may_decide or not self.may_decide)

    @property
    def accepted_count(self) -> int:
        return sum(move.is_open and move.verdict == Verdict.ACCEPTED for move in self.counted)

    @property
    def rejected_count(self) -> int:
        return sum(move.verdict == Verdict.REJECTED for move in self.counted)

    @property
    def open_count(self) -> int:
        return sum(move.is_open and move.verdict == Verdict.OPEN for move in self.counted)

    @property
    def applied_versions(self) -> list[int]:
        return sorted({move.applied_version for move in self.moves if move.is_applied})

    @property
    def is_partly_read(self) -> bool:
        return self.proposal.item_count > self.proposal.looked_at

    @property
    def gap(self) -> float | None:
        """The share by which the order is above the best possible, at most, once every move is made."""
        return self._above_bound(self.proposal.cost_after)

    @property
    def gap_before(self) -> float | None:
        return self._above_bound(self.proposal.cost_before)

    def _above_bound(self, cost):
        bound = self.proposal.lower_bound
        return max(0.0, cost / bound - 1) if bound > 0 else None


@dataclass(frozen=True)
class Waiting:
    """Moves of the latest proposal that wait for the product's owner."""

    product_key: str
    product_name: str
    on: date
    count: int


def latest(product) -> OrderingProposal | None:
    """In one statement."""
    return OrderingProposal.objects.filter(product=product).latest_first().first()


def waiting_count(product, user) -> int:
    """How many moves of the latest proposal that the reader sees wait for a decision, in two statements."""
    return _open_moves(product).filter(reader(product, user).readable("item__")).count()


def own_waiting_count(product, user) -> int:
    """How many of them wait for this person: all for the product owner, for others those among their slots."""
    if reader(product, user).sees_all:
        return _open_moves(product).count()
    return _open_moves(product).filter(_among(slots.lent_items(user))).count()


def waiting_for(user) -> tuple[Waiting, ...]:
    """What waits for a person: as product owner, or among the slots lent to them; in three statements."""
    owned = Q(product__roles__user=user, product__roles__role=ProductRole.Role.PRODUCT_OWNER)
    newest = OrderingProposal.objects.filter(product=OuterRef("product")).latest_first().values("pk")[:1]
    seen = Product.objects.active().visible_to(user).values("pk")
    proposals = OrderingProposal.objects.filter(product__in=seen, pk=Subquery(newest))
    is_open = Q(moves__verdict=Verdict.OPEN)
    own = proposals.filter(owned).annotate(count=Count("moves", filter=is_open))
    lent = proposals.exclude(pk__in=proposals.filter(owned).values("pk")).annotate(
        count=Count("moves", filter=is_open & _among(slots.lent_items(user), "moves__"))
    )
    fields = ("product__key", "product__name", "on", "count")
    rows = [row for found in (own, lent) for row in found.filter(count__gt=0).values_list(*fields)]
    return tuple(Waiting(*row) for row in sorted(rows, key=lambda row: row[1]))


def _open_moves(product):
    newest = OrderingProposal.objects.filter(product=product).latest_first().values("pk")[:1]
    return ProposedMove.objects.filter(proposal=Subquery(newest), verdict=Verdict.OPEN)


def _among(items, prefix=""):
    return Q(**{f"{prefix}bundle__contained_by": sorted(items), f"{prefix}anchor__in": items})


def proposal_page(product, proposal: OrderingProposal, user) -> ProposalPage:
    """A proposal against the order as it stands now, in a fixed number of statements.

    Only the latest one is compared with the present order, over its first 2,000 items: an answer within 300 ms.
    """
    who = reader(product, user)
    rights = frozenset(allowed(user, VERBS, product))
    known = list(proposal.moves.select_related("item", "anchor", "verdict_by").order_by("position"))
    policy = ProposalPolicy.objects.filter(product=product).first()
    nights = tuple(OrderingProposal.objects.filter(product=product).latest_first().values_list("on", "pk")[:EARLIER])
    is_latest = not nights or nights[0][1] == proposal.pk
    is_lent = "proposal.decide" in rights and "order.arrange" not in rights
    lent = slots.lent_items(user) if is_lent and is_latest else None
    read = _Read(product, proposal, known, who, lent, is_latest=is_latest)
    may_decide = is_latest and "proposal.decide" in rights
    return ProposalPage(
        product=product,
        proposal=proposal,
        is_latest=is_latest,
        moves=read.rows(may_decide=may_decide),
        change=read.change,
        is_of_accepted=read.is_of_accepted,
        slope=read.slope,
        cycle=tuple(read.names.key(pk) for pk in proposal.cycle),
        rights=rights if is_latest else frozenset(),
        policy=tuple(policy.classes) if policy else (),
        policy_labels=tuple(policy.labels) if policy else (),
        earlier=tuple(night for night in nights if night[1] != proposal.pk),
        has_sprints=bool(proposal.figures.get("points_a_week")),
    )


class _Read:
    """One proposal, its moves made on the order as it stands where it is the latest one.

    lent: the items among which the reader may make moves; only those are compared, unless there are none.
    """

    def __init__(self, product, proposal, known: Sequence[ProposedMove], who: Reader, lent, *, is_latest):
        self.product, self.proposal, self.who = product, proposal, who
        self.known = known
        self.own = [move for move in known if lent is None or is_among(move, lent)]
        self.lent = lent if self.own else None
        self.now = self.change = self.slope = None
        self.is_of_accepted = False
        self.gains, self.stale, self.alone, self.places = {}, {}, set(), {}
        waiting = pending(proposal, known) if is_latest else []
        self.pending = {move.pk for move in waiting}
        if is_latest:
            self._compare([move for move in waiting if self.lent is None or move in self.own])
        mentioned = {pk for move in known for pk in (*move.bundle, move.anchor_id, move.numbers["lever"])}
        self.names = self._names(mentioned | set(proposal.cycle))
        if self.now and self.now.given.backlog is not None:
            self.slope = self._slope()

    def _compare(self, waiting):
        besides = {pk for move in waiting for pk in (*move.bundle, move.anchor_id)}
        self.now = now = effects.situation(
            self.product, today=self.product.organization.today(), first=HORIZON, besides=besides
        )
        if now.given.backlog is None:
            return
        by_hand = effects.moved_by_hand(self.product, self.proposal.list_version, self.known)
        everything = effects.effect_of(now, waiting, by_hand, self.lent)
        accepted = [move for move in waiting if move.verdict == Verdict.ACCEPTED]
        self.is_of_accepted = bool(accepted)
        chosen = effects.effect_of(now, accepted, by_hand, self.lent) if accepted else everything
        self.gains = {waiting[at].pk: gain for at, gain in everything.gains.items()}
        self.stale = {waiting[at].pk: why for at, why in everything.stale.items()}
        self.alone = {accepted[at].pk for at in chosen.stale} - self.stale.keys() if accepted else set()
        self.sequence = everything.sequence
        after = {place: at for at, place in enumerate(everything.sequence.tolist())}
        self.places = {pk: (at + 1, after[at] + 1) for at, pk in enumerate(now.given.ids)}
        self.change = self._change(effects.figures(now, now.present), effects.figures(now, chosen.sequence))

    def _change(self, before, after):
        gained = before.cost - after.cost
        share = gained / before.cost if before.cost else 0.0
        goals = [goal for goal in self.now.goals if goal.pk in before.dates or goal.pk in after.dates]
        return Change(
            saving=move_words.saving(gained, share, self.now.given.points_a_week, **self._money()),
            share=share,
            inverted_before=before.inverted,
            inverted_after=after.inverted,
            technical_before=before.technical_share,
            technical_after=after.technical_share,
            dates=tuple(DateChange(goal.title, before.dates.get(goal.pk), after.dates.get(goal.pk)) for goal in goals),
        )

    def _money(self):
        rate = self.product.value_point_in_currency
        return {"rate": float(rate) if rate else None, "currency": self.product.currency}

    def _names(self, mentioned):
        items = Item.objects.filter(self.who.readable(), pk__in=mentioned).values_list("pk", "number", "due_on")
        found = list(items)
        return move_words.Names(
            keys={pk: f"{self.product.key}-{number}" for pk, number, _ in found},
            due={pk: due for pk, _, due in found if due},
        )

    def rows(self, *, may_decide):
        visible = [move for move in self.known if move.item_id in self.names.keys]
        decided = self._decidable() if may_decide else set()
        return tuple(self._row(move, f"m{at}", move.pk in decided) for at, move in enumerate(visible, 1))

    def _decidable(self):
        """What a product owner has decided stays so for others."""
        is_open = {move.pk for move in self.own if self.lent is None or move.verdict_by_id in (None, self.who.user_id)}
        return is_open - self.stale.keys()

    def _row(self, move, name, may_decide):
        is_applied = move.applied_version is not None and move.pk not in self.pending
        now, then = self.places.get(move.item_id, (move.from_position, move.to_position))
        gain = move_words.gain(move, self.gains.get(move.pk, move.gain), self.names, **self._money())
        is_rejected = move.verdict == Verdict.REJECTED
        is_compared = move.pk in self.gains
        return MoveRow(
            pk=move.pk,
            name=name,
            key=self.names.key(move.item_id),
            number=move.item.number,
            title=move.item.title,
            kind=move.item.kind,
            type=move.item.type,
            type_label=move.item.get_type_display(),
            direction=move.direction,
            from_position=now if is_compared else move.from_position,
            to_position=then if is_compared else move.to_position,
            reason_key=move.reason_key,
            reason=move_words.reason(move, self.names),
            lead=gain.lead,
            saving=gain.rest,
            share=move.share,
            robustness=move.robustness,
            verdict=move.verdict,
            verdict_reason=move.verdict_reason,
            verdict_by=move.verdict_by.name if move.verdict_by else "",
            again_on=move.verdict_at.date() + timedelta(days=REFUSED_DAYS) if is_rejected else None,
            is_by_policy=move.is_by_policy,
            is_applied=is_applied,
            applied_version=move.applied_version,
            stale=STALE.get(self.stale.get(move.pk), ""),
            note=ALONE if move.pk in self.alone else "",
            may_decide=may_decide,
        )

    def _slope(self):
        visible = [move for move in self.known if move.item_id in self.names.keys]
        names = {move.item_id: f"m{at}" for at, move in enumerate(visible, 1) if move.pk in self.gains}
        return slope_of(self.product, self.now.given.ids, self.sequence, names, self.who) if names else None
