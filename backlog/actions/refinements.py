"""Refine items together: start, join, look at one item after another, end with a record."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone

from backlog.models import Item, Product, RefinedItem, Refinement, RefinementPerson
from backlog.models.refinement import Scale
from core import events, outbox
from core.errors import InvalidInput, RuleViolation
from core.permissions import require


class AlreadyRefining(RuleViolation):
    code = "refinement_running"
    message = "A refinement of this product is running. Join it."


class Ended(RuleViolation):
    code = "refinement_ended"
    message = "This refinement has ended. Start a new one."


class NotJoined(RuleViolation):
    code = "refinement_not_joined"
    message = "Join the refinement first."


@transaction.atomic
def start(product, *, by, item=None, scale: str = Scale.FIBONACCI, at: datetime | None = None) -> Refinement:
    """Begin a session, which the person joins; item: the first that all see.

    Raises PermissionDenied, InvalidInput, AlreadyRefining.
    """
    product = Product.objects.get(pk=product.pk)
    require(by, "refinement.join", product)
    if scale not in Scale.values:
        raise InvalidInput("Choose Fibonacci or T-shirt sizes.", field="scale")
    try:
        with transaction.atomic():
            refinement = Refinement.objects.create(
                product=product, scale=scale, item=item, started_by=by, started_at=at or timezone.now()
            )
    except IntegrityError as error:
        raise AlreadyRefining from error
    events.record("refinement.started", target=refinement, by=by, at=at, scale=scale)
    if item:
        _note(refinement, item, at)
    _sit_down(refinement, by)
    return refinement


@transaction.atomic
def join(refinement, *, by) -> Refinement:
    """Take part, and see what the others see. Raises PermissionDenied, Ended."""
    refinement = _lock(refinement, by)
    _sit_down(refinement, by)
    events.record("refinement.joined", target=refinement, by=by)
    return refinement


@transaction.atomic
def leave(refinement, *, by) -> Refinement:
    """Go; the session runs on. Raises PermissionDenied, Ended, NotJoined."""
    refinement = _lock(refinement, by)
    seat = _seat(refinement, by)
    seat.left_at = timezone.now()
    seat.save(update_fields=["left_at"])
    events.record("refinement.left", target=refinement, by=by)
    _tell(refinement)
    return refinement


@transaction.atomic
def stay(refinement, *, by) -> Refinement:
    """Say that one is still here. Raises PermissionDenied, Ended, NotJoined."""
    refinement = _lock(refinement, by)
    seat = _seat(refinement, by)
    seat.seen_at = timezone.now()
    seat.save(update_fields=["seen_at"])
    return refinement


@transaction.atomic
def follow(refinement, *, by) -> Refinement:
    """See the item that all see, and lead them by going on. Raises PermissionDenied, Ended, NotJoined."""
    return _turn(refinement, True, by)


@transaction.atomic
def unfollow(refinement, *, by) -> Refinement:
    """Go one's own way, from the item that all see. Raises PermissionDenied, Ended, NotJoined."""
    return _turn(refinement, False, by)


@transaction.atomic
def look(refinement, item, *, by, at: datetime | None = None) -> Refinement:
    """Go to an item: with everybody who follows, or alone. Raises PermissionDenied, Ended, NotJoined, InvalidInput."""
    refinement = _lock(refinement, by)
    seat = _seat(refinement, by)
    _note(refinement, item, at)
    if seat.is_following:
        refinement.item = item
        refinement.save(update_fields=["item"])
        events.record("refinement.looked", target=refinement, by=by, at=at, item=item.pk)
        _tell(refinement)
    else:
        seat.item = item
        seat.save(update_fields=["item"])
    return refinement


@transaction.atomic
def skip(refinement, item, *, by, following=None) -> Refinement:
    """Leave an item for another day: it is passed over for the rest of the session.

    following: the item that comes to the table where all see the skipped one.

    Raises PermissionDenied, Ended, NotJoined, InvalidInput.
    """
    refinement = _lock(refinement, by)
    seat = _seat(refinement, by)
    refined = _note(refinement, item, None)
    if following:
        _note(refinement, following, None)
    refined.is_skipped = True
    refined.save(update_fields=["is_skipped"])
    for holder in (refinement, seat):
        if holder.item_id == item.pk:
            holder.item = following
            holder.save(update_fields=["item"])
    events.record("refinement.skipped", target=refinement, by=by, item=item.pk)
    _tell(refinement)
    return refinement


@transaction.atomic
def end(refinement, *, by, at: datetime | None = None) -> Refinement:
    """Close the session and keep what has become of its items. Raises PermissionDenied, Ended."""
    refinement = _lock(refinement, by)
    refined = list(refinement.items.select_related("item"))
    for each in refined:
        each.is_ready, each.points_after = _is_ready(each.item), each.item.points
    RefinedItem.objects.bulk_update(refined, ["is_ready", "points_after"])
    refinement.ended_at, refinement.ended_by, refinement.item = at or timezone.now(), by, None
    refinement.save(update_fields=["ended_at", "ended_by", "item"])
    events.record("refinement.ended", target=refinement, by=by, at=at, items=[each.item_id for each in refined])
    _tell(refinement)
    return refinement


def _lock(refinement, by):
    refinement = Refinement.objects.select_for_update(no_key=True).get(pk=refinement.pk)
    require(by, "refinement.join", refinement)
    if refinement.ended_at:
        raise Ended
    return refinement


def _seat(refinement, by):
    seat = refinement.people.filter(user=by, left_at=None).first()
    if seat is None:
        raise NotJoined
    return seat


def _sit_down(refinement, by):
    RefinementPerson.objects.update_or_create(
        refinement=refinement, user=by, defaults={"left_at": None, "seen_at": timezone.now(), "is_following": True}
    )
    _tell(refinement)


def _turn(refinement, is_following, by):
    refinement = _lock(refinement, by)
    seat = _seat(refinement, by)
    seat.is_following, seat.item = is_following, None if is_following else refinement.item
    seat.save(update_fields=["is_following", "item"])
    name = "refinement.followed" if is_following else "refinement.unfollowed"
    events.record(name, target=refinement, by=by)
    _tell(refinement)
    return refinement


def _note(refinement, item, at):
    if item.product_id != refinement.product_id:
        raise InvalidInput("Choose an item of this product.", field="item")
    item = Item.objects.get(pk=item.pk)
    refined, _ = RefinedItem.objects.get_or_create(
        refinement=refinement,
        item=item,
        defaults={
            "product_id": item.product_id,
            "looked_at": at or timezone.now(),
            "was_ready": _is_ready(item),
            "points_before": item.points,
        },
    )
    return refined


def _is_ready(item):
    return item.checks_met == item.checks_total


def _tell(refinement):
    key = f"product:{refinement.product_id}"
    outbox.send([outbox.Message(topic=outbox.LIVE, key=key, payload={"refinement": refinement.pk})])
