"""Suggest what one may not do oneself; whoever may do it takes it, or says why not."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts.models import Team
from backlog.actions import items, notifications, ordering, places, technical_order
from backlog.actions.item_rows import lock
from backlog.actions.moves import LONGEST_REASON
from backlog.actions.ordering import Place
from backlog.models import Component, Goal, Item, Notification, Suggestion
from backlog.queries.technical_order import wanted_in_all
from core import events
from core.errors import InvalidInput, RuleViolation
from core.permissions import allowed, require

Action = Suggestion.Action
Verdict = Suggestion.Verdict
# What must be allowed to suggest a change of a field, by what must be allowed to make it.
SUGGEST = {"item.edit": "item.suggest_text", "item.classify": "item.suggest_class"}
FIELDS = {name: verb for verb in SUGGEST for name in items.VERBS[verb] if name != "parent"}
_ROWS = {"component": Component, "team": Team, "goal": Goal}


class MayDoIt(RuleViolation):
    code = "suggestion_not_needed"
    message = "You may do this yourself: there is nobody to suggest it to."


class AlreadyDecided(RuleViolation):
    code = "suggestion_decided"
    message = "This suggestion is decided already."


class OwnSuggestion(RuleViolation):
    code = "suggestion_own"
    message = "Nobody takes a suggestion of their own. Make the change yourself, or withdraw it."


class Outdated(RuleViolation):
    code = "suggestion_outdated"
    message = "What it would change has changed since. Decline it, or make the change by hand."


@dataclass(frozen=True)
class Act:
    """How a suggested act is done. target: what one needs the rights over; do: the same action as by hand, by the
    person who takes the suggestion."""

    target: Callable[[Suggestion], object]
    do: Callable[[Suggestion, object], None]


def register(action: str, act: Act) -> None:
    """Let suggestions of this action be taken. For `apps.py`."""
    _acts[action] = act


@transaction.atomic
def suggest_edit(item, *, by, reason: str = "", at: datetime | None = None, **values) -> Suggestion:
    """Suggest other values for fields of `FIELDS`; what differs from now is kept, with what it was.

    Raises PermissionDenied, InvalidInput, MayDoIt.
    """
    item = lock(item)
    for verb in sorted({SUGGEST[FIELDS[name]] for name in values}) or ["item.suggest_text"]:
        require(by, verb, item)
    checked = items.check(item, values)
    changes = {name: value for name, value in checked.items() if getattr(item, name) != value}
    if not changes:
        raise InvalidInput("Change something first.")
    return make(
        item,
        Action.EDIT,
        {"changes": {name: _plain(value) for name, value in changes.items()}},
        verbs=sorted({FIELDS[name] for name in changes}),
        known={name: _plain(getattr(item, name)) for name in changes},
        by=by,
        reason=reason,
        at=at,
    )


@transaction.atomic
def suggest_move(item, place: Place, *, by, reason: str = "", at: datetime | None = None) -> Suggestion:
    """Suggest another place in the order. Raises PermissionDenied, InvalidInput, NotListed, StaleAnchor, MayDoIt."""
    ordered = ordering.lock(item.product_id)
    item = lock(item)
    require(by, "order.suggest", item)
    block = places.block([item.pk], place)
    found = places.rows(ordered, [*block, *place.anchors])
    places.require_listed(found, block)
    places.require_anchor(found, place, block, by=by)
    payload = {"place": {"word": place.word, "item_id": place.item_id, "number": place.number}}
    return make(item, Action.MOVE, payload, verbs=["order.move"], by=by, reason=reason, at=at)


@transaction.atomic
def suggest_technical_order(product, *, by, reason: str = "", at: datetime | None = None) -> Suggestion:
    """Suggest to the product owner to give the technical slots of a product the technical order, as it is when that
    is taken. It is about the first item that would change its place.

    Raises PermissionDenied, InvalidInput, NoSlots, MayDoIt.
    """
    require(by, "order.suggest", product)
    wanted = wanted_in_all(product)
    readable = Item.objects.readable_by(by).filter(pk__in=wanted)
    first = min(readable, key=lambda item: wanted.index(item.pk), default=None)
    if first is None:
        raise technical_order.NoSlots
    return make(first, Action.ORDER, {}, verbs=["order.move"], by=by, reason=reason, at=at)


def make(
    item, action: str, payload: dict, *, verbs: list[str], by, reason: str, at: datetime | None = None, known=None
) -> Suggestion:
    """Write the suggestion down, for the action that has permitted and checked it.

    Raises InvalidInput, MayDoIt.
    """
    suggestion = Suggestion(
        product_id=item.product_id,
        item=item,
        action=action,
        payload=payload,
        verbs=verbs,
        known=known or {},
        reason=_short(reason),
        by=by,
        at=at or timezone.now(),
    )
    if _may_take(suggestion, by):
        raise MayDoIt
    suggestion.save(force_insert=True)
    _record("suggestion.made", suggestion, by=by, at=at, reason=suggestion.reason)
    return suggestion


@transaction.atomic
def take(suggestion, *, by, at: datetime | None = None) -> Suggestion:
    """Do what is suggested, as oneself, and tell who suggested it.

    Raises PermissionDenied, AlreadyDecided, OwnSuggestion, Outdated, and what the act itself raises.
    """
    suggestion = _lock_open(suggestion)
    _permit(suggestion, by)
    if suggestion.by_id == by.pk:
        raise OwnSuggestion
    _acts[suggestion.action].do(suggestion, by)
    _decide(suggestion, Verdict.TAKEN, by=by, at=at)
    _tell(suggestion, Notification.Kind.SUGGESTION_TAKEN, by=by, at=at)
    return suggestion


@transaction.atomic
def decline(suggestion, *, by, reason: str, at: datetime | None = None) -> Suggestion:
    """Say no, and why: for whoever could have taken it.

    Raises PermissionDenied, InvalidInput, AlreadyDecided.
    """
    suggestion = _lock_open(suggestion)
    _permit(suggestion, by)
    if not reason.strip():
        raise InvalidInput("Say why.", field="reason")
    _decide(suggestion, Verdict.DECLINED, by=by, at=at, reason=_short(reason))
    _tell(suggestion, Notification.Kind.SUGGESTION_DECLINED, by=by, at=at)
    return suggestion


@transaction.atomic
def withdraw(suggestion, *, by) -> Suggestion:
    """Take one's own suggestion back. Raises PermissionDenied, AlreadyDecided."""
    suggestion = _lock_open(suggestion)
    require(by, "suggestion.withdraw", suggestion)
    _decide(suggestion, Verdict.WITHDRAWN, by=by)
    return suggestion


def _lock_open(suggestion):
    rows = Suggestion.objects.select_for_update(no_key=True, of=("self",)).select_related("item__product", "by")
    suggestion = rows.get(pk=suggestion.pk)
    if suggestion.verdict:
        raise AlreadyDecided
    return suggestion


def _may_take(suggestion, by):
    target = _acts[suggestion.action].target(suggestion)
    return suggestion.may_be_taken_with(allowed(by, suggestion.asked_verbs, target))


def _permit(suggestion, by):
    if not _may_take(suggestion, by):
        for verb in suggestion.verbs:
            require(by, verb, _acts[suggestion.action].target(suggestion))


def _decide(suggestion, verdict, *, by, at=None, reason=""):
    suggestion.verdict, suggestion.verdict_by, suggestion.verdict_at = verdict, by, at or timezone.now()
    suggestion.verdict_reason = reason
    suggestion.save(update_fields=["verdict", "verdict_by", "verdict_at", "verdict_reason"])
    _record(f"suggestion.{verdict}", suggestion, by=by, at=at, reason=reason)


def _tell(suggestion, kind, *, by, at):
    notifications.tell(suggestion.item, [suggestion.by], kind, by=by, at=at, suggestion=suggestion)


def _record(name, suggestion, *, by, at, reason):
    events.record(
        name,
        target=suggestion.item,
        by=by,
        at=at,
        suggestion=suggestion.pk,
        action=suggestion.action,
        suggested_by=suggestion.by_id,
        reason=reason,
    )


def _short(text):
    text = text.strip()
    if len(text) > Suggestion._meta.get_field("reason").max_length:
        raise InvalidInput("At most 500 characters.", field="reason")
    return text


def _plain(value):
    return value.pk if hasattr(value, "pk") else value if value is None or isinstance(value, str) else str(value)


def _row(name, value):
    if name not in _ROWS or value is None:
        return value
    row = _ROWS[name].objects.filter(pk=value).first()
    if row is None:
        raise Outdated
    return row


def _edit(suggestion, by):
    changes = suggestion.payload["changes"]
    item = lock(suggestion.item)
    if any(_plain(getattr(item, name)) != suggestion.known[name] for name in changes):
        raise Outdated
    items.edit(item, by=by, **{name: _row(name, value) for name, value in changes.items()})


def _move(suggestion, by):
    place = Place(**suggestion.payload["place"])
    reason = suggestion.reason[:LONGEST_REASON]
    ordering.move(suggestion.item.product, [suggestion.item_id], place, by=by, reason=reason)


def _order(suggestion, by):
    technical_order.apply(suggestion.product, by=by)


_acts: dict[str, Act] = {
    Action.EDIT: Act(lambda suggestion: suggestion.item, _edit),
    Action.MOVE: Act(lambda suggestion: suggestion.item, _move),
    Action.ORDER: Act(lambda suggestion: suggestion.item, _order),
}
