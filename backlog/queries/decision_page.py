"""The decisions of a product, and one of them with everything around it."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Prefetch, Q

from backlog.models import Decision, DecisionComponent, DecisionPerson, Item
from backlog.queries.references import Reference, references
from core.models import Event
from core.permissions import allowed, can, granted, roles_of

PAGE = 100
_VERBS = ("decision.propose", "decision.edit", "decision.decide", "decision.import")
_SEARCHED = ("title", "context", "decision", "plain_summary")
_WORDS = {
    "decision.proposed": "proposed it",
    "decision.imported": "took it over from a file",
    "decision.edited": "changed",
    "decision.accepted": "accepted it",
    "decision.rejected": "rejected it",
    "decision.deprecated": "deprecated it",
    "decision.superseded": "said that it is superseded",
    "decision.reopened": "opened it again",
}
_TEXT_NAMES = {
    "plain_summary": "the plain words",
    "more_information": "more information",
    "chosen": "the option chosen",
}


@dataclass(frozen=True)
class DecisionRow:
    """lead: its plain words, else how the context begins. since: when it got its status."""

    number: int
    key: str
    title: str
    lead: str
    status: str
    status_label: str
    dated_on: date
    since: datetime
    deciders: tuple[str, ...]
    components: tuple[str, ...]
    successor: str


@dataclass(frozen=True)
class LinkableDecisions:
    """Those that the person may edit, newest first: linked with the item, and not."""

    linked: tuple[Decision, ...]
    others: tuple[Decision, ...]


@dataclass(frozen=True)
class DecisionList:
    """open: all that wait for a word, oldest first. rows: the others, newest first; before: of the next page.

    is_plain: the reader sees what is said in plain words only.
    """

    open: tuple[DecisionRow, ...]
    rows: tuple[DecisionRow, ...]
    before: int | None
    rights: frozenset[str]
    is_plain: bool
    is_empty: bool


@dataclass(frozen=True)
class LinkedItem:
    key: str
    product_key: str
    number: int
    title: str
    kind: str
    type: str
    status: str


@dataclass(frozen=True)
class LinkedQuestion:
    item: LinkedItem
    text: str
    answer: str


@dataclass(frozen=True)
class OptionLines:
    title: str
    text: str
    good: tuple[str, ...]
    neutral: tuple[str, ...]
    bad: tuple[str, ...]
    is_chosen: bool


@dataclass(frozen=True)
class DecisionDeed:
    by: str
    initials: str
    at: datetime
    words: str
    reason: str


@dataclass(frozen=True)
class DecisionPage:
    """people: words → names. items, debts, questions: what of them the reader may read. successors: what may
    replace it. is_plain: only title, status, people and plain words are for this reader."""

    decision: Decision
    rights: frozenset[str]
    is_plain: bool
    options: tuple[OptionLines, ...]
    people: tuple[tuple[str, tuple[str, ...]], ...]
    items: tuple[LinkedItem, ...]
    debts: tuple[LinkedItem, ...]
    components: tuple
    questions: tuple[LinkedQuestion, ...]
    supersedes: tuple[Decision, ...]
    successors: tuple[Decision, ...]
    deeds: tuple[DecisionDeed, ...]
    references: dict[str, Reference]


def decision_list(product, user, *, status="", component=None, text="", before: int | None = None) -> DecisionList:
    """The page, in at most nine statements. component: of the product; before: a number, exclusive."""
    is_plain = not can(user, "backlog.read", product)
    all_of_them = Decision.objects.visible_to(user).filter(product=product)
    rows = all_of_them
    if component is not None:
        rows = rows.filter(component_links__component=component)
    for word in text.split()[:10]:
        found = [Q(**{f"{name}__icontains": word}) for name in (("title", "plain_summary") if is_plain else _SEARCHED)]
        rows = rows.filter(_any(found) | _has_number(word))
    waiting = rows.open() if status in ("", Decision.Status.PROPOSED) else rows.none()
    decided = rows.exclude(status=Decision.Status.PROPOSED)
    if status:
        decided = decided.filter(status=status)
    if before is not None:
        decided = decided.filter(number__lt=before)
    found = list(_with_names(decided).order_by("-number")[: PAGE + 1])
    shown = found[:PAGE]
    return DecisionList(
        open=tuple(_row(row, is_plain) for row in _with_names(waiting).order_by("status_at", "pk")[:PAGE]),
        rows=tuple(_row(row, is_plain) for row in shown),
        before=shown[-1].number if len(found) > PAGE else None,
        rights=frozenset(allowed(user, ("decision.propose", "decision.import"), product)),
        is_plain=is_plain,
        is_empty=not all_of_them.exists(),
    )


def decision_page(decision, user) -> DecisionPage:
    """One decision, in a fixed number of statements."""
    is_plain = not can(user, "backlog.read", decision.product)
    rights = frozenset(allowed(user, _VERBS, decision))
    people = list(decision.people.select_related("user").order_by("position"))
    items = () if is_plain else _items(decision, user)
    may_replace = "decision.decide" in rights and decision.status == Decision.Status.ACCEPTED
    others = Decision.objects.filter(product=decision.product_id, status__in=Decision.OPEN_TO_WORDS)
    texts = (decision.context, decision.decision, decision.consequences, decision.more_information)
    return DecisionPage(
        decision=decision,
        rights=rights,
        is_plain=is_plain,
        options=tuple(
            OptionLines(is_chosen=option["title"] == decision.chosen, **option) for option in decision.options
        ),
        people=tuple(
            (DecisionPerson.Part(part).label, tuple(str(person) for person in people if person.part == part))
            for part in DecisionPerson.Part.values
        ),
        items=tuple(item for item in items if item.type != Item.Type.DEBT),
        debts=tuple(item for item in items if item.type == Item.Type.DEBT),
        components=tuple(link.component for link in _components(decision)),
        questions=() if is_plain else _questions(decision, user),
        supersedes=tuple(Decision.objects.visible_to(user).filter(superseded_by=decision).order_by("number")),
        successors=tuple(others.exclude(pk=decision.pk).order_by("-number")) if may_replace else (),
        deeds=() if is_plain else _deeds(decision),
        references={} if is_plain else references(texts, user),
    )


def decisions_about(item=None, component=None, *, user) -> tuple[DecisionRow, ...]:
    """The decisions that an item or a component is linked to, those in force first, in three statements."""
    rows = Decision.objects.readable_by(user)
    rows = rows.filter(item_links__item=item) if item else rows.filter(component_links__component=component)
    order = {status: place for place, status in enumerate(("accepted", "proposed"))}
    found = sorted(_with_names(rows).order_by("-number"), key=lambda row: order.get(row.status, 2))
    return tuple(_row(row, False) for row in found)


def decisions_to_link(item, user) -> LinkableDecisions:
    """Which decisions the person may link with an item and which may be taken from it, in three statements."""
    linked = set(item.decision_links.values_list("decision", flat=True))
    roles = roles_of(user, item.product)
    rows = Decision.objects.readable_by(user).filter(product=item.product_id, status__in=Decision.OPEN_TO_WORDS)
    mine = [row for row in rows.order_by("-number") if granted(roles, ("decision.edit",), user, row)]
    return LinkableDecisions(
        linked=tuple(row for row in mine if row.pk in linked),
        others=tuple(row for row in mine if row.pk not in linked),
    )


def _any(conditions):
    whole = conditions[0]
    for condition in conditions[1:]:
        whole |= condition
    return whole


def _has_number(word):
    digits = word.lower().removeprefix("adr-")
    return Q(number=int(digits)) if digits.isascii() and digits.isdigit() and len(digits) < 7 else Q(pk=None)


def _with_names(rows):
    deciders = DecisionPerson.objects.filter(part="decider").select_related("user").order_by("position")
    components = DecisionComponent.objects.select_related("component").order_by("component__name")
    return rows.select_related("superseded_by").prefetch_related(
        Prefetch("people", deciders, "deciding"), Prefetch("component_links", components, "about")
    )


def _row(decision, is_plain):
    return DecisionRow(
        number=decision.number,
        key=decision.key,
        title=decision.title,
        lead=decision.plain_summary or ("" if is_plain else decision.context),
        status=decision.status,
        status_label=decision.get_status_display(),
        dated_on=decision.dated_on,
        since=decision.status_at,
        deciders=tuple(str(person) for person in decision.deciding),
        components=tuple(link.component.name for link in decision.about),
        successor=decision.superseded_by.key if decision.superseded_by else "",
    )


def _items(decision, user):
    readable = Item.objects.readable_by(user).filter(decision_links__decision=decision)
    return [_linked(item) for item in readable.select_related("product").order_by("number")]


def _linked(item):
    return LinkedItem(
        key=item.key,
        product_key=item.product.key,
        number=item.number,
        title=item.title,
        kind=item.kind,
        type=item.type,
        status=item.get_status_display(),
    )


def _components(decision):
    return decision.component_links.select_related("component").order_by("component__name")


def _questions(decision, user):
    readable = Item.objects.readable_by(user).values("pk")
    links = decision.question_links.filter(question__item__in=readable).select_related("question__item__product")
    return tuple(
        LinkedQuestion(_linked(link.question.item), link.question.text, link.question.answer)
        for link in links.order_by("question")
    )


def _deeds(decision):
    events = Event.objects.about(decision).newest_first().select_related("by")[:50]
    return tuple(
        DecisionDeed(
            by=str(event.by) if event.by else "",
            initials=event.by.initials if event.by else "",
            at=event.at,
            words=_words(event),
            reason=event.data.get("reason", ""),
        )
        for event in events
    )


def _words(event):
    words = _WORDS.get(event.name, event.name.partition(".")[2])
    if event.name == "decision.edited":
        names = [_TEXT_NAMES.get(name, name) for name in event.data.get("changes", {})]
        return f"{words} {', '.join(names)}"
    by_decision = event.data.get("by_decision")
    return f"{words} by {by_decision}" if by_decision else words
