"""Two texts of one item that were written at once."""

from dataclasses import dataclass
from datetime import datetime

from backlog.models import Item
from core.models import Event


@dataclass(frozen=True)
class Pair:
    """A field of which two texts exist."""

    name: str
    label: str
    theirs: str
    mine: str
    is_long: bool


@dataclass(frozen=True)
class LastEdit:
    by: str
    at: datetime


_LABELS = {"plain_title": "Title in plain language", "plain_lead": "Lead"}
_LONG = ("plain_lead", "description")


def conflict(item, written: dict) -> tuple[Pair, ...]:
    """The fields in which what is saved and what was written differ. written: field → text."""
    pairs = []
    for name, mine in written.items():
        if name == "version" or _plain(getattr(item, name)) == _plain(mine):
            continue
        label = _LABELS.get(name, Item._meta.get_field(name).verbose_name.capitalize())
        pairs.append(Pair(name, label, getattr(item, name), mine, name in _LONG))
    return tuple(pairs)


def last_edit(item) -> LastEdit | None:
    """Who changed the item last, and when."""
    event = Event.objects.about(item).newest_first().select_related("by").first()
    return LastEdit(str(event.by), event.at) if event and event.by else None


def _plain(text):
    # Browsers send other line ends than they were given.
    return (text or "").replace("\r\n", "\n").strip()
