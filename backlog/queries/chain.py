"""How an item came from a proposal to its acceptance."""

from dataclasses import dataclass
from datetime import datetime

from core.models import Event

_STAGES = (
    ("Proposed", ("item.proposed", "item.revised", "item.declined", "item.proposed_again")),
    (
        "In the backlog",
        ("item.created", "item.imported", "item.opened", "item.restored", "item.dropped", "word.given_at_planning"),
    ),
    ("Built", ("item.begun", "item.stopped", "item.finished")),
    (
        "Accepted",
        (
            "item.built_as_meant",
            "item.built_otherwise",
            "word.given_at_review",
            "word.given_at_acceptance",
            "item.accepted",
            "item.sent_back",
        ),
    ),
)
_WORDS = {
    "item.proposed": "proposed it",
    "item.revised": "changed the proposal",
    "item.declined": "declined it",
    "item.proposed_again": "proposed it again",
    "item.created": "created it",
    "item.imported": "imported it",
    "item.opened": "took it into the order",
    "item.restored": "brought it back",
    "item.dropped": "dropped it",
    "item.begun": "began",
    "item.stopped": "stopped",
    "item.finished": "finished it",
    "item.built_as_meant": "found it built as meant",
    "item.built_otherwise": "found it built otherwise",
    "word.given_at_planning": "gave a technical owner's word at planning",
    "word.given_at_review": "gave a technical owner's word at review",
    "word.given_at_acceptance": "gave a technical owner's word at acceptance",
    "item.accepted": "accepted it",
    "item.sent_back": "sent it back",
}


@dataclass(frozen=True)
class Link:
    by: str
    on_behalf_of: str
    words: str
    reason: str
    at: datetime


@dataclass(frozen=True)
class Stage:
    """Its links, oldest first; none where the item has not been."""

    title: str
    links: tuple[Link, ...]


def chain(item) -> tuple[Stage, ...]:
    """The stages of the item's life in their order, in one statement. Sprints add theirs by a fragment."""
    found = Event.objects.about(item).filter(name__in=list(_WORDS)).select_related("by", "on_behalf_of").order_by("pk")
    events = list(found)
    return tuple(
        Stage(title, tuple(_link(event) for event in events if event.name in names)) for title, names in _STAGES
    )


def _link(event):
    return Link(
        by=str(event.by) if event.by else "",
        on_behalf_of=str(event.on_behalf_of) if event.on_behalf_of else "",
        words=_WORDS[event.name],
        reason=event.data.get("reason", ""),
        at=event.at,
    )
