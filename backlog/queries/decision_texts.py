"""Two texts of one decision that were written at once."""

from dataclasses import dataclass
from datetime import datetime

from backlog.formats.madr import TONES
from backlog.models import DecisionPerson, Item
from core.models import Event

_PARTS = {"deciders": "decider", "consulted": "consulted", "informed": "informed"}
_LABELS = {
    "title": "Title",
    "plain_summary": "In plain words",
    "context": "Context and problem",
    "drivers": "Drivers",
    "decision": "Decision",
    "consequences": "Consequences",
    "confirmation": "Confirmation",
    "more_information": "More information",
    "options": "Options",
    "deciders": "Who decides",
    "consulted": "Who is consulted",
    "informed": "Who is informed",
    "items": "Items it is about",
    "components": "Components it is about",
}


@dataclass(frozen=True)
class Pair:
    """A field of which two texts exist; what is not editable here is taken as a whole."""

    name: str
    label: str
    theirs: str
    mine: str
    is_long: bool
    is_editable: bool


@dataclass(frozen=True)
class LastEdit:
    by: str
    at: datetime


def people_and_links(decision, user) -> tuple[tuple[list[str], list[int]], dict[str, list[str]]]:
    """((item keys, component ids), names by part), as far as the person may read them, in three statements."""
    items = Item.objects.readable_by(user).filter(decision_links__decision=decision).select_related("product")
    keys = [item.key for item in items.order_by("number")]
    components = list(decision.component_links.order_by("component__name").values_list("component", flat=True))
    rows = list(DecisionPerson.objects.filter(decision=decision).select_related("user").order_by("position"))
    people = {name: [str(row) for row in rows if row.part == part] for name, part in _PARTS.items()}
    return (keys, components), people


def conflict(decision, written: dict, user) -> tuple[Pair, ...]:
    """Where what is saved and what was written differ. written: as the form of a decision gives it."""
    theirs, mine = _saved(decision, user), _written(written)
    return tuple(
        Pair(
            name=name,
            label=label,
            theirs=theirs[name],
            mine=mine[name],
            is_long=name != "title",
            is_editable=hasattr(decision, name) and name != "options",
        )
        for name, label in _LABELS.items()
        if theirs[name] != mine[name]
    )


def last_edit(decision) -> LastEdit | None:
    """Who changed the decision last, and when."""
    event = Event.objects.about(decision).newest_first().select_related("by").first()
    return LastEdit(str(event.by), event.at) if event and event.by else None


def _saved(decision, user):
    (keys, _), people = people_and_links(decision, user)
    components = decision.component_links.order_by("component__name").values_list("component__name", flat=True)
    lists = {"items": ", ".join(keys), "components": ", ".join(components)}
    texts = {name: getattr(decision, name) for name in _LABELS if hasattr(decision, name) and name != "options"}
    names = {name: ", ".join(people[name]) for name in _PARTS}
    return texts | lists | names | {"options": _as_text(decision.options, decision.chosen)}


def _written(values):
    # Browsers send other line ends than they were given.
    texts = {name: value.replace("\r\n", "\n").strip() for name, value in values.items() if isinstance(value, str)}
    lists = {
        "items": ", ".join(item.key for item in sorted(values["items"], key=lambda item: item.number)),
        "components": ", ".join(component.name for component in values["components"]),
    }
    names = {name: ", ".join(map(str, values[name])) for name in _PARTS}
    return texts | lists | names | {"options": _as_text(values["options"], values["chosen"])}


def _as_text(options, chosen):
    return "\n\n".join("\n".join(_lines(option, option["title"] == chosen)) for option in options)


def _lines(option, is_chosen):
    yield f"{option['title']} (chosen)" if is_chosen else option["title"]
    if text := option["text"].replace("\r\n", "\n").strip():
        yield text
    for tone in TONES:
        yield from (f"* {tone.capitalize()}, because {line}" for line in option[tone] if line.strip())
