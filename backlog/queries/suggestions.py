"""What is suggested, in words."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from backlog.models import Item, Suggestion
from backlog.queries.activity import UNSEEN, Change, in_words

Action = Suggestion.Action
_ANCHORED = {"before": "before", "after": "behind"}


@dataclass(frozen=True)
class SuggestedChange:
    """words: what is suggested, where it is not a change of fields. person_id: whom to ask about it."""

    id: int
    person_id: int
    by: str
    initials: str
    at: datetime
    reason: str
    words: str
    changes: tuple[Change, ...]
    may_take: bool
    is_own: bool
    key: str
    product_key: str
    number: int
    title: str


def suggested(rows: Iterable[Suggestion], user, rights: frozenset[str] | None = None) -> tuple[SuggestedChange, ...]:
    """The suggestions in words, in at most five statements more; load `item__product` and `by` with them.

    rights: what the person may do to the item they are all about; None: the person may take each.
    """
    rows = list(rows)
    words = in_words([_pairs(row) for row in rows])
    anchors = _anchors(rows, user)
    return tuple(
        SuggestedChange(
            id=row.pk,
            person_id=row.by_id,
            by=str(row.by),
            initials=row.by.initials,
            at=row.at,
            reason=row.reason,
            words=_said(row, anchors),
            changes=changes,
            may_take=row.by_id != user.pk and (rights is None or row.may_be_taken_with(rights)),
            is_own=row.by_id == user.pk,
            key=row.item.key,
            product_key=row.item.product.key,
            number=row.item.number,
            title=row.item.title,
        )
        for row, changes in zip(rows, words, strict=True)
    )


def _pairs(row):
    return {name: [row.known[name], value] for name, value in row.payload.get("changes", {}).items()}


def _anchors(rows, user):
    wanted = {row.payload["place"]["item_id"] for row in rows if row.action == Action.MOVE} - {None}
    if not wanted:
        return {}
    seen = Item.objects.readable_by(user).filter(pk__in=wanted).select_related("product")
    return {item.pk: f"{item.key} {item.title}" for item in seen}


def _said(row, anchors):
    if row.action == Action.PULL:
        return f"Take it into {row.payload['name']}"
    if row.action == Action.ORDER:
        return f"Give the technical items of {row.item.product} the technical order; nothing functional moves"
    if row.action != Action.MOVE:
        return ""
    place = row.payload["place"]
    if place["item_id"]:
        return f"Move it {_ANCHORED[place['word']]} {anchors.get(place['item_id'], UNSEEN)}"
    if place["number"]:
        return f"Move it to place {place['number']}"
    return f"Move it to the {place['word']}"
