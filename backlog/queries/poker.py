"""A round of estimating as one person may see it: no card of another before all are shown."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from backlog.models import PokerRound
from planning.estimating import SCALES, UNSURE, spread


@dataclass(frozen=True)
class Hand:
    """Who has laid a card. card, points and words: empty while hidden, except to whose they are."""

    user_id: int
    name: str
    initials: str
    card: str
    words: str
    is_mine: bool
    is_outlier: bool


@dataclass(frozen=True)
class Table:
    """low, high, middle: points, None while hidden or where nobody could tell. cards: of the scale, with "?"."""

    id: int
    scale: str
    scale_label: str
    cards: tuple[str, ...]
    opened_at: datetime
    opened_by: str
    closes_at: datetime | None
    shown_at: datetime | None
    ended_at: datetime | None
    hands: tuple[Hand, ...]
    low: Decimal | None
    high: Decimal | None
    middle: Decimal | None
    points: Decimal | None

    @property
    def is_shown(self) -> bool:
        return self.shown_at is not None

    @property
    def is_agreed(self) -> bool:
        return self.low is not None and self.low == self.high

    @property
    def mine(self) -> Hand | None:
        return next((hand for hand in self.hands if hand.is_mine), None)


def running_table(item, user) -> Table | None:
    """The round that runs for an item, in two statements."""
    running = item.poker_rounds.running().select_related("opened_by").prefetch_related("cards__user").first()
    return table(running, user) if running else None


def last_agreed(item) -> PokerRound | None:
    """The newest round that ended with points: its range tells how sure the estimate is."""
    return item.poker_rounds.exclude(points=None).order_by("-ended_at").first()


def tables(rounds: Iterable[PokerRound], user) -> list[Table]:
    return [table(each, user) for each in rounds]


def table(played, user) -> Table:
    """A round with its opener, and its cards with their people, loaded."""
    laid = sorted(played.cards.all(), key=lambda card: (card.user.name, card.user_id))
    found = spread(played.scale, {card.user_id: card.card for card in laid}) if played.shown_at else None
    return Table(
        id=played.pk,
        scale=played.scale,
        scale_label=played.get_scale_display(),
        cards=(*SCALES[played.scale], UNSURE),
        opened_at=played.opened_at,
        opened_by=str(played.opened_by),
        closes_at=played.closes_at,
        shown_at=played.shown_at,
        ended_at=played.ended_at,
        hands=tuple(_hand(card, user, found) for card in laid),
        low=played.low,
        high=played.high,
        middle=Decimal(str(found.middle)) if found and found.middle is not None else None,
        points=played.points,
    )


def _hand(laid, user, found):
    is_mine = laid.user_id == user.pk
    is_seen = found is not None or is_mine
    return Hand(
        user_id=laid.user_id,
        name=str(laid.user),
        initials=laid.user.initials,
        card=laid.card if is_seen else "",
        words=laid.words if is_seen else "",
        is_mine=is_mine,
        is_outlier=found is not None and laid.user_id in found.outliers,
    )
