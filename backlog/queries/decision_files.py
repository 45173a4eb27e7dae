"""Decisions as the files that give them out."""

import io
import zipfile

from django.db.models import Prefetch

from backlog.formats import madr
from backlog.models import Decision, DecisionComponent, DecisionItem, DecisionPerson, Item

_TEXTS = (
    *("title", "context", "drivers", "chosen", "decision", "consequences", "confirmation", "more_information"),
    "plain_summary",
)
_PARTS = {"deciders": "decider", "consulted": "consulted", "informed": "informed"}
# Zips of the same decisions are the same bytes.
_EPOCH = (1980, 1, 1, 0, 0, 0)


def with_all(rows, user):
    """Decisions with whatever a file of theirs tells this person, in four statements: only items they may read."""
    people = DecisionPerson.objects.select_related("user").order_by("position")
    links = DecisionItem.objects.filter(item__in=Item.objects.readable_by(user).values("pk"))
    components = DecisionComponent.objects.select_related("component").order_by("component__name")
    return rows.select_related("superseded_by").prefetch_related(
        Prefetch("people", people),
        Prefetch("item_links", links.select_related("item__product").order_by("item__number")),
        Prefetch("component_links", components),
    )


def as_madr(decision) -> madr.Madr:
    """Needs with_all."""
    return madr.Madr(
        status=decision.status,
        superseded_by=decision.superseded_by.number if decision.superseded_by else None,
        dated_on=decision.dated_on,
        items=tuple(link.item.key for link in decision.item_links.all()),
        components=tuple(link.component.name for link in decision.component_links.all()),
        options=tuple(_option(option) for option in decision.options),
        front_matter=decision.front_matter,
        **{text: getattr(decision, text) for text in _TEXTS},
        **{name: _names(decision, part) for name, part in _PARTS.items()},
    )


def file_of(decision) -> tuple[str, str]:
    """The name of its file and what stands there: the very file it came from until it is changed. Needs with_all."""
    return madr.file_name(decision.number, decision.title), decision.source or madr.write(as_madr(decision))


def archive(product, user) -> bytes:
    """A zip of all decisions of the product."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as files:
        for decision in with_all(Decision.objects.readable_by(user).filter(product=product), user).order_by("number"):
            name, text = file_of(decision)
            files.writestr(zipfile.ZipInfo(name, _EPOCH), text.encode(), zipfile.ZIP_DEFLATED)
    return content.getvalue()


def _option(option):
    lists = {tone: tuple(option[tone]) for tone in madr.TONES}
    return madr.Option(option["title"], option["text"], **lists)


def _names(decision, part):
    return tuple(str(person) for person in decision.people.all() if person.part == part)
