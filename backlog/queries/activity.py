"""What happened to an item, newest first."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import models
from django.utils.formats import date_format

from accounts.models import Team, User
from backlog.models import Component, Goal, Item, ItemLink
from core.models import Event

PAGE = 50
# Longer texts are not repeated in the history: it says only that they changed.
_LONG = {"description", "plain_lead"}
_LONG_CHARACTERS = 200

_WORDS = {
    "item.created": "created the item",
    "item.proposed": "proposed the item",
    "item.imported": "imported the item",
    "item.edited": "changed",
    "item.opened": "accepted the proposal",
    "item.revised": "changed the proposal",
    "item.proposed_again": "proposed the item again",
    "item.declined": "declined the proposal",
    "item.begun": "began",
    "item.stopped": "stopped",
    "item.finished": "finished the item",
    "item.accepted": "accepted the item",
    "item.sent_back": "sent the item back",
    "item.dropped": "dropped the item",
    "item.restored": "restored the item",
    "item.added_to_sprint": "took the item into a sprint",
    "item.removed_from_sprint": "took the item out of a sprint",
    "item.pinned": "pinned the item",
    "item.unpinned": "unpinned the item",
    "item.split": "split the item",
    "item.split_off": "split it off",
    "item.split_taken_back": "took the split back",
    "criterion.added": "added a criterion",
    "criterion.edited": "changed a criterion",
    "criterion.removed": "removed a criterion",
    "criterion.met": "found a criterion met",
    "criterion.proved": "showed that a criterion is met",
    "item.built_as_meant": "found it built as meant",
    "item.built_otherwise": "found it built otherwise",
    "word.given_at_planning": "gave a technical owner's word at planning",
    "word.given_at_review": "gave a technical owner's word at review",
    "word.given_at_acceptance": "gave a technical owner's word at acceptance",
    "word.taken_back": "took back a technical owner's word at",
    "criterion.unmet": "found a criterion not met",
    "criteria.reordered": "reordered the criteria",
    "readiness.ticked": "ticked a readiness check",
    "readiness.unticked": "took back a readiness check",
    "done_check.ticked": "ticked a line of the Definition of Done",
    "done_check.unticked": "took back a line of the Definition of Done",
    "dependency.added": "added a dependency",
    "dependency.removed": "removed a dependency",
    "link.added": "added a link",
    "link.removed": "removed a link",
    "debt.described": "changed the debt",
    "question.asked": "asked a question",
    "question.answered": "answered a question",
    "question.reopened": "opened a question again",
    "suggestion.made": "suggested a change",
    "suggestion.taken": "took what was suggested by",
    "suggestion.declined": "declined what was suggested by",
    "suggestion.withdrawn": "withdrew a suggestion",
    "poker.opened": "opened a round of estimating",
    "poker.shown": "showed the cards",
    "poker.settled": "agreed on the estimate with the others",
    "poker.withdrawn": "ended a round without an estimate",
    "comment.added": "commented",
    "comment.edited": "changed a comment",
    "comment.removed": "removed a comment",
    "attachment.added": "attached a file",
    "attachment.removed": "removed a file",
}
_ENDS = ("enabler", "dependent", "source", "target")
_ROWS = {"component": Component, "further_components": Component, "team": Team, "assignee": User, "goal": Goal}
_LISTS = {"criteria"}
UNSEEN = "an item you can't see"


@dataclass(frozen=True)
class Change:
    """A field before and after, in words; both empty for a long text."""

    label: str
    old: str
    new: str


@dataclass(frozen=True)
class Deed:
    """One thing that somebody did; event_id is the cursor of the next page."""

    event_id: int
    at: datetime
    by: str
    initials: str
    on_behalf_of: str
    words: str
    detail: str
    reason: str
    changes: tuple[Change, ...]


def activity(item, reader, *, before: int | None = None, count: int = PAGE) -> tuple[Deed, ...]:
    """The newest deeds of an item, older than the event `before`, in at most six statements.

    Other items are named as far as `reader` may see them.
    """
    events = Event.objects.about(item).newest_first().select_related("by", "on_behalf_of")
    if before is not None:
        events = events.filter(pk__lt=before)
    events = list(events[:count])
    suggesters = {event.data["suggested_by"] for event in events if "suggested_by" in event.data}
    names = _names([event.data.get("changes", {}) for event in events], suggesters)
    names |= {Item: _items_named(events, reader)}
    return tuple(
        Deed(
            event_id=event.pk,
            at=event.at,
            by=str(event.by) if event.by else "",
            initials=event.by.initials if event.by else "",
            on_behalf_of=str(event.on_behalf_of) if event.on_behalf_of else "",
            words=_WORDS.get(event.name, event.name.replace(".", " ").replace("_", " ")),
            detail=_detail(event, item, names),
            reason=event.data.get("reason", ""),
            changes=tuple(
                _change(event, field, *pair, names)
                for field, pair in event.data.get("changes", {}).items()
                if field not in _LISTS
            ),
        )
        for event in events
    )


def in_words(many: list[dict]) -> list[tuple[Change, ...]]:
    """Each of {field: [old, new]} as the history would say it, long texts whole, in at most five statements."""
    names = _names(many, ())
    return [
        tuple(
            Change(_label(field), _words(field, old, names), _words(field, new, names))
            for field, (old, new) in changes.items()
        )
        for changes in many
    ]


def _names(many, people):
    wanted = {User: set(people)} if people else {}
    for changes in many:
        for field, pair in changes.items():
            if field in _ROWS:
                wanted.setdefault(_ROWS[field], set()).update(_ids(pair))
    return {model: {row.pk: str(row) for row in model.objects.filter(pk__in=ids)} for model, ids in wanted.items()}


def _items_named(events, reader):
    wanted = set()
    for event in events:
        wanted.update(event.data[end] for end in _ENDS if end in event.data)
        wanted.update(event.data.get("parts", ()))
        wanted.update(_ids(event.data.get("changes", {}).get("parent", ())))
    if not wanted:
        return {}
    seen = Item.objects.readable_by(reader).filter(pk__in=wanted).select_related("product")
    return {item.pk: f"{item.key} {item.title}" for item in seen.only("number", "title", "product__key")}


def _ids(pair):
    for value in pair:
        yield from value if isinstance(value, list) else [value] if value is not None else []


def _change(event, field, old, new, names):
    label = _label(field)
    if field in _LONG or event.name.startswith("comment.") or _is_long(old) or _is_long(new):
        return Change(label, "", "")
    return Change(label, _words(field, old, names), _words(field, new, names))


def _label(field):
    return Item._meta.get_field(field).verbose_name if field in _ITEM_FIELDS else field.replace("_", " ")


def _is_long(value):
    return isinstance(value, str) and len(value) > _LONG_CHARACTERS


def _words(field, value, names):
    if field == "parent":
        return names[Item].get(value, UNSEEN) if value else ""
    if field in _ROWS:
        known = names[_ROWS[field]]
        return ", ".join(known.get(pk, "") for pk in _ids([value]))
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case list():
            return ", ".join(map(str, value))
    if field not in _ITEM_FIELDS:
        return str(value)
    known = Item._meta.get_field(field)
    if isinstance(known, models.DecimalField):
        return f"{Decimal(value).normalize():f}"
    if isinstance(known, models.DateField) and not isinstance(known, models.DateTimeField):
        return date_format(date.fromisoformat(value), "j M Y")
    return str(dict(known.choices or ()).get(value, value))


def _detail(event, item, names):
    data, items = event.data, names[Item]
    if event.name.startswith("dependency."):
        word, other = ("enables", "dependent") if data["enabler"] == item.pk else ("needs", "enabler")
        return f"{word} {items.get(data[other], UNSEEN)}"
    if event.name.startswith("link."):
        is_source = data["source"] == item.pk
        other = items.get(data["target" if is_source else "source"], UNSEEN)
        if data["kind"] == ItemLink.Kind.DUPLICATES and not is_source:
            return f"is duplicated by {other}"
        return f"{ItemLink.Kind(data['kind']).label} {other}"
    if "parts" in data:
        return "; ".join(items.get(part, UNSEEN) for part in data["parts"])
    if event.name == "item.split_off":
        return items.get(data["source"], UNSEEN)
    if event.name in ("suggestion.taken", "suggestion.declined"):
        return names[User].get(data["suggested_by"], "")
    if "number" in data:
        return f"Sprint {data['number']}"
    if event.name.startswith(("criterion.", "question.asked")):
        return data.get("text", "")
    return data.get("label") or (data.get("name", "") if event.name.startswith("attachment.") else "")


_ITEM_FIELDS = {field.name for field in Item._meta.concrete_fields}
