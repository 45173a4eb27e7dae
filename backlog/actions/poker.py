"""Estimate together: open a round, lay a card unseen by others, show all, agree."""

from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from backlog.actions import items, notifications
from backlog.actions.item_rows import lock
from backlog.models import Item, Notification, PokerCard, PokerRound
from backlog.models.refinement import Scale
from core import events, outbox
from core.errors import InvalidInput, RuleViolation
from core.permissions import require
from planning.estimating import SCALES, UNSURE, spread


class RoundRunning(RuleViolation):
    code = "poker_round_running"
    message = "A round for this item is running. Lay your card there."


class RoundOver(RuleViolation):
    code = "poker_round_over"
    message = "This round is over. Open another one."


class CardsShown(RuleViolation):
    code = "poker_cards_shown"
    message = "The cards are shown. Play another round to change yours."


class CardsHidden(RuleViolation):
    code = "poker_cards_hidden"
    message = "Show the cards first."


class NoCards(RuleViolation):
    code = "poker_no_cards"
    message = "Nobody has laid a card yet."


class NothingToEstimate(RuleViolation):
    code = "poker_item_finished"
    message = "This item is finished; there is nothing to estimate."


@transaction.atomic
def open_round(
    item, *, by, scale: str = Scale.FIBONACCI, closes_at: datetime | None = None, at: datetime | None = None
) -> PokerRound:
    """Ask for cards; with closes_at people have until then, and the cards are shown by themselves.

    Raises PermissionDenied, InvalidInput, RoundRunning, NothingToEstimate.
    """
    item = lock(item)
    require(by, "item.poker", item)
    if scale not in Scale.values:
        raise InvalidInput("Choose Fibonacci or T-shirt sizes.", field="scale")
    if closes_at and closes_at <= (at or timezone.now()):
        raise InvalidInput("Choose a time to come.", field="closes_at")
    if item.status not in (Item.Status.PROPOSED, *Item.UNFINISHED):
        raise NothingToEstimate
    if item.poker_rounds.running().exists():
        raise RoundRunning
    played = PokerRound.objects.create(
        product_id=item.product_id,
        item=item,
        scale=scale,
        opened_by=by,
        opened_at=at or timezone.now(),
        closes_at=closes_at,
    )
    return _record("poker.opened", played, by=by, at=at, scale=scale)


@transaction.atomic
def lay(played, card: str, *, by, words: str = "", at: datetime | None = None) -> PokerCard:
    """Lay one's card, or change it while nobody sees it. words: why, at most 500 characters.

    Raises PermissionDenied, InvalidInput, RoundOver, CardsShown.
    """
    played = _lock(played, by)
    if played.shown_at or (played.closes_at and played.closes_at <= (at or timezone.now())):
        raise CardsShown
    if card != UNSURE and card not in SCALES[played.scale]:
        raise InvalidInput(f"Choose one of {', '.join(SCALES[played.scale])} or {UNSURE}.", field="card")
    if len(words) > 500 or "\x00" in words:
        raise InvalidInput("At most 500 characters.", field="words")
    laid, _ = PokerCard.objects.update_or_create(
        round=played, user=by, defaults={"card": card, "words": words.strip(), "at": at or timezone.now()}
    )
    # The card itself is not in the event: others may read events before it is shown.
    _record("poker.laid", played, by=by, at=at)
    return laid


@transaction.atomic
def show(played, *, by, at: datetime | None = None) -> PokerRound:
    """Turn all cards, for everybody at once. Raises PermissionDenied, RoundOver, CardsShown, NoCards."""
    played = _lock(played, by)
    if played.shown_at:
        raise CardsShown
    cards = dict(played.cards.values_list("user", "card"))
    if not cards:
        raise NoCards
    played.shown_at = at or timezone.now()
    found = spread(played.scale, cards)
    played.low, played.high = _decimal(found.low), _decimal(found.high)
    played.save(update_fields=["shown_at", "low", "high"])
    return _record("poker.shown", played, by=by, at=at, low=found.low, high=found.high)


@transaction.atomic
def play_again(played, *, by, at: datetime | None = None) -> PokerRound:
    """End this round without points and open another of the same scale, which is returned.

    Raises PermissionDenied, RoundOver, CardsHidden.
    """
    played = _lock(played, by)
    _require_shown(played)
    _end(played, by, at)
    events.record("poker.repeated", target=played.item, by=by, at=at, round=played.pk)
    return open_round(played.item, by=by, scale=played.scale, at=at)


@transaction.atomic
def settle(played, points: Decimal, *, by, at: datetime | None = None) -> PokerRound:
    """Agree on points, which become the item's estimate; the round keeps the range.

    Raises PermissionDenied, InvalidInput, RoundOver, CardsHidden.
    """
    played = _lock(played, by)
    _require_shown(played)
    item = items.edit(played.item, by=by, points=points, at=at)
    played.points = item.points
    _end(played, by, at)
    return _record("poker.settled", played, by=by, at=at, points=item.points, low=played.low, high=played.high)


@transaction.atomic
def withdraw(played, *, by) -> PokerRound:
    """End a round without points. Raises PermissionDenied, RoundOver."""
    played = _lock(played, by)
    _end(played, by, None)
    return _record("poker.withdrawn", played, by=by)


@transaction.atomic
def show_due(*, now: datetime, by) -> int:
    """Turn the cards of rounds whose time is over, and tell who opened them; a round without cards just ends.

    Returns how many rounds. Raises PermissionDenied.
    """
    waiting = PokerRound.objects.running().filter(shown_at=None, closes_at__lte=now).order_by("pk")
    for played in (due := list(waiting.select_related("item", "opened_by")[:200])):
        require(by, "item.poker", played.item)
        first = played.cards.order_by("pk").select_related("user").first()
        if first is None:
            withdraw(played, by=by)
            continue
        show(played, by=by, at=now)
        notifications.tell(played.item, [played.opened_by], Notification.Kind.ESTIMATED, by=by)
    return len(due)


def _lock(played, by):
    item = lock(played.item)
    require(by, "item.poker", item)
    played = item.poker_rounds.get(pk=played.pk)
    if played.ended_at:
        raise RoundOver
    played.item = item
    return played


def _require_shown(played):
    if played.shown_at is None:
        raise CardsHidden


def _end(played, by, at):
    played.ended_at, played.ended_by = at or timezone.now(), by
    played.save(update_fields=["ended_at", "ended_by", "points"])


def _decimal(points):
    return None if points is None else Decimal(str(points))


def _record(name, played, *, by, at=None, **data):
    events.record(name, target=played.item, by=by, at=at, round=played.pk, **data)
    key = f"product:{played.product_id}"
    outbox.send([outbox.Message(topic=outbox.LIVE, key=key, payload={"round": played.pk})])
    return played
