"""Propose decisions, word them, and decide."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime

from django.db import transaction
from django.db.models import Max, Q
from django.utils import timezone

from accounts.models import Membership, User
from backlog.actions import fields, notifications
from backlog.models import (
    Decision,
    DecisionPerson,
    Item,
    Notification,
    Product,
)
from backlog.models.decisions import TONES
from core import events
from core.errors import InvalidInput, RuleViolation
from core.permissions import require

Status = Decision.Status
Part = DecisionPerson.Part
TEXTS = (
    *("title", "context", "drivers", "chosen", "decision", "consequences", "confirmation", "more_information"),
    "plain_summary",
)
PEOPLE = {"deciders": Part.DECIDER, "consulted": Part.CONSULTED, "informed": Part.INFORMED}
LINKS = ("items", "components", "questions")
MOST_OPTIONS = 50
MOST_ARGUMENTS = 100
MOST_PEOPLE = 100
LONGEST_NAME = 150
_EDITABLE = {*TEXTS, "options", *PEOPLE, *LINKS}


class DecisionClosed(RuleViolation):
    code = "decision_closed"
    message = "This decision no longer holds. Open it again, or propose a new one."


class NotProposed(RuleViolation):
    code = "decision_not_proposed"
    message = "This is decided already. Open it again to decide otherwise."


class NotAccepted(RuleViolation):
    code = "decision_not_accepted"
    message = "Only an accepted decision can be superseded or deprecated."


class IsProposed(RuleViolation):
    code = "decision_proposed"
    message = "The decision is open."


class NothingDecided(RuleViolation):
    code = "nothing_decided"
    message = "Say what is decided first: choose an option, or write the decision."
    field = "decision"


class NoSuccessor(RuleViolation):
    code = "no_successor"
    message = "Choose a decision of this product that holds or is proposed, and that this one did not replace."
    status = 422
    field = "successor"


@transaction.atomic
def propose(product, *, title: str, by, at: datetime | None = None, **values) -> Decision:
    """Put a decision before those who decide; they are told.

    values: the texts of TEXTS; options: [{title, text, good, neutral, bad}]; deciders, consulted, informed: people,
    or names of people outside; items, components, questions: rows of the product that it is about.
    Raises PermissionDenied, InvalidInput.
    """
    _lock_product(product.pk)
    require(by, "decision.propose", product)
    decision = insert(product, by=by, at=at, title=title, **values)
    events.record("decision.proposed", target=decision, by=by, at=at, title=decision.title, key=decision.key)
    _tell(decision, [Part.DECIDER, Part.CONSULTED], Notification.Kind.TO_DECIDE, by=by, at=at)
    return decision


@transaction.atomic
def edit(decision, /, *, by, version: int | None = None, at: datetime | None = None, **values) -> Decision:
    """Change what is written, who has a part in it, and what it is about; each list as a whole.

    Links to items that the person may not read stay. Raises PermissionDenied, PreconditionFailed, DecisionClosed,
    InvalidInput.
    """
    if unknown := values.keys() - _EDITABLE:
        raise TypeError(f"No such fields of a decision: {sorted(unknown)}")
    decision = _lock(decision)
    require(by, "decision.edit", decision)
    fields.expect(decision, version)
    if decision.status not in Decision.OPEN_TO_WORDS:
        raise DecisionClosed
    told_before = {person.user_id for person in decision.people.all()}
    changes = fields.change(decision, _texts(values, decision))
    changes |= _write_people(decision, values) | _write_links(decision, values, by=by)
    if changes:
        # A file that no longer says what is decided is not given out again.
        decision.source, decision.dated_on = "", timezone.localdate(at)
        _save(decision, *TEXTS, "options", "source", "dated_on")
        events.record("decision.edited", target=decision, by=by, at=at, changes=changes)
        _tell_new(decision, told_before, by=by, at=at)
    return decision


@transaction.atomic
def link(decision, item, *, by, at: datetime | None = None) -> Decision:
    """Say that a decision is about one more item. Raises PermissionDenied, DecisionClosed, InvalidInput."""
    decision = _lock(decision)
    return edit(decision, by=by, at=at, items={*_items_seen(decision, by), item})


@transaction.atomic
def unlink(decision, item, *, by, at: datetime | None = None) -> Decision:
    """Say that a decision is not about an item. Raises PermissionDenied, DecisionClosed."""
    decision = _lock(decision)
    return edit(decision, by=by, at=at, items=_items_seen(decision, by) - {item})


@transaction.atomic
def accept(decision, *, by, reason: str = "", at: datetime | None = None) -> Decision:
    """Decide as it is written; those informed are told. Raises PermissionDenied, NotProposed, NothingDecided."""
    decision = _lock(decision)
    require(by, "decision.decide", decision)
    if decision.status != Status.PROPOSED:
        raise NotProposed
    if not decision.chosen and not decision.decision:
        raise NothingDecided
    return _become(decision, Status.ACCEPTED, reason, by=by, at=at)


@transaction.atomic
def reject(decision, *, by, reason: str, at: datetime | None = None) -> Decision:
    """Decide against all of it. Raises PermissionDenied, NotProposed, InvalidInput."""
    decision = _lock(decision)
    require(by, "decision.decide", decision)
    if decision.status != Status.PROPOSED:
        raise NotProposed
    return _become(decision, Status.REJECTED, _needed(reason), by=by, at=at)


@transaction.atomic
def deprecate(decision, *, by, reason: str, at: datetime | None = None) -> Decision:
    """Say that it no longer holds and nothing replaces it. Raises PermissionDenied, NotAccepted, InvalidInput."""
    decision = _lock(decision)
    require(by, "decision.decide", decision)
    if decision.status != Status.ACCEPTED:
        raise NotAccepted
    return _become(decision, Status.DEPRECATED, _needed(reason), by=by, at=at)


@transaction.atomic
def supersede(decision, successor, *, by, reason: str = "", at: datetime | None = None) -> Decision:
    """Say which decision replaces it. Raises PermissionDenied, NotAccepted, NoSuccessor."""
    decision = _lock(decision)
    require(by, "decision.decide", decision)
    if decision.status != Status.ACCEPTED:
        raise NotAccepted
    holding = Decision.objects.filter(product=decision.product_id, status__in=Decision.OPEN_TO_WORDS)
    successor = holding.exclude(pk=decision.pk).filter(pk=successor.pk).first()
    if successor is None:
        raise NoSuccessor
    decision.superseded_by = successor
    return _become(decision, Status.SUPERSEDED, reason, by=by, at=at, by_decision=successor.key)


@transaction.atomic
def reopen(decision, *, by, reason: str = "", at: datetime | None = None) -> Decision:
    """Put a decided one before people again. Raises PermissionDenied, IsProposed."""
    decision = _lock(decision)
    require(by, "decision.decide", decision)
    if decision.status == Status.PROPOSED:
        raise IsProposed
    decision.superseded_by = None
    return _become(decision, Status.PROPOSED, reason, by=by, at=at)


def insert(
    product,
    *,
    by,
    at: datetime | None = None,
    number: int | None = None,
    status: str = Status.PROPOSED,
    dated_on: date | None = None,
    source: str = "",
    front_matter: dict | None = None,
    **values,
) -> Decision:
    """Write a decision with the product's row locked; without a number, the next one."""
    at = at or timezone.now()
    last = Decision.objects.filter(product=product).aggregate(last=Max("number"))["last"] or 0
    decision = Decision(
        organization_id=product.organization_id,
        product=product,
        number=number or last + 1,
        status=status,
        status_at=at,
        status_by=by,
        dated_on=dated_on or timezone.localdate(at),
        source=source,
        front_matter=front_matter or {},
        created_at=at,
        created_by=by,
        updated_at=at,
    )
    for name, value in _texts(values, decision).items():
        setattr(decision, name, value)
    decision.save(force_insert=True)
    _write_people(decision, values)
    _write_links(decision, values, by=by)
    return decision


def _lock_product(product_id):
    # The product's row is the queue for its decisions: their numbers follow one another.
    return Product.objects.select_for_update(no_key=True).get(pk=product_id)


def _lock(decision):
    product = _lock_product(decision.product_id)
    locked = Decision.objects.select_related("superseded_by").get(pk=decision.pk)
    locked.product = product
    return locked


def _become(decision, status, reason, *, by, at, **data):
    old, decision.status = decision.status, status
    decision.status_at, decision.status_by = at or timezone.now(), by
    decision.status_reason = fields.cleaned(Decision, {"status_reason": reason})["status_reason"]
    decision.source, decision.dated_on = "", timezone.localdate(at)
    _save(decision, "status", "status_at", "status_by", "status_reason", "superseded_by", "source", "dated_on")
    name = "reopened" if status == Status.PROPOSED else status
    events.record(
        f"decision.{name}",
        target=decision,
        by=by,
        at=at,
        changes={"status": [old, status]},
        reason=decision.status_reason,
        **data,
    )
    kind = Notification.Kind.TO_DECIDE if status == Status.PROPOSED else Notification.Kind.DECIDED
    _tell(decision, [Part.DECIDER] if status == Status.PROPOSED else Part.values, kind, by=by, at=at)
    return decision


def _needed(reason):
    if not reason.strip():
        raise InvalidInput("Say why: those who look for it later will ask.", field="reason")
    return reason


def _save(decision, *names):
    decision.version += 1
    decision.updated_at = timezone.now()
    decision.save(update_fields=[*names, "version", "updated_at"])


def _texts(values, decision):
    """What of the values stands in the decision's own row, made fit for it."""
    texts = {name: _unix(values[name]) for name in TEXTS if name in values}
    fit = fields.cleaned(Decision, texts)
    if "chosen" in fit:
        fit["chosen"] = " ".join(fit["chosen"].split())
    if "options" in values:
        fit["options"] = _options(values["options"])
    titles = [option["title"] for option in fit.get("options", decision.options)]
    if (chosen := fit.get("chosen", decision.chosen)) and chosen not in titles:
        raise InvalidInput("The option that is chosen must stand among the options.", field="chosen")
    return fit


def _unix(text):
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _options(given: Sequence[dict]) -> list[dict]:
    if len(given) > MOST_OPTIONS:
        raise InvalidInput(f"At most {MOST_OPTIONS} options.", field="options")
    options = [_option(option) for option in given]
    if len({option["title"] for option in options}) < len(options):
        raise InvalidInput("Two options have the same name.", field="options")
    return options


def _option(given):
    title = fields.cleaned(Decision, {"title": given["title"]})["title"] if given["title"].strip() else ""
    if not title:
        raise InvalidInput("An option needs a name.", field="options")
    text = fields.cleaned(Decision, {"context": _unix(given.get("text", ""))})["context"]
    return {"title": title, "text": text} | {tone: _arguments(given.get(tone, ())) for tone in TONES}


def _arguments(given: Collection[str]) -> list[str]:
    if len(given) > MOST_ARGUMENTS:
        raise InvalidInput(f"At most {MOST_ARGUMENTS} arguments of a kind.", field="options")
    lines = [fields.cleaned(Decision, {"context": " ".join(line.split())})["context"] for line in given]
    return [line for line in lines if line]


def _write_people(decision, values) -> dict:
    changes = {}
    for name, part in PEOPLE.items():
        if name not in values:
            continue
        rows = _people(decision, part, values[name])
        old = list(decision.people.filter(part=part).select_related("user").order_by("position"))
        names = [[str(row) for row in people] for people in (old, rows)]
        if [(row.user_id, row.name) for row in old] == [(row.user_id, row.name) for row in rows]:
            continue
        decision.people.filter(part=part).delete()
        DecisionPerson.objects.bulk_create(rows)
        changes[name] = names
    return changes


def _people(decision, part, given: Iterable[User | str]) -> list[DecisionPerson]:
    people = []
    for person in given:
        user = person if isinstance(person, User) else None
        name = "" if user else " ".join(person.split())
        if not user and not name:
            continue
        if len(name) > LONGEST_NAME or "\x00" in name:
            raise InvalidInput(f"A name has at most {LONGEST_NAME} letters.", field=_field_of(part))
        if (user, name) not in people:
            people.append((user, name))
    if len(people) > MOST_PEOPLE:
        raise InvalidInput(f"At most {MOST_PEOPLE} people.", field=_field_of(part))
    users = {user.pk for user, _ in people if user}
    members = Membership.objects.filter(organization=decision.organization_id, user__in=users)
    if members.count() < len(users):
        raise InvalidInput("Choose people of the organization.", field=_field_of(part))
    return [
        DecisionPerson(
            organization_id=decision.organization_id,
            decision=decision,
            part=part,
            position=position,
            user=user,
            name=name,
        )
        for position, (user, name) in enumerate(people, 1)
    ]


def _field_of(part):
    return next(name for name, of in PEOPLE.items() if of == part)


def _write_links(decision, values, *, by) -> dict:
    readable = Item.objects.readable_by(by).values("pk")
    theirs = {
        "items": (decision.item_links, "item", Q(item__in=readable)),
        "components": (decision.component_links, "component", Q()),
        "questions": (decision.question_links, "question", Q(question__item__in=readable)),
    }
    changes = {}
    for name, (links, end, seen) in theirs.items():
        if name in values:
            changes |= _link(decision, links.filter(seen), name, end, values[name])
    return changes


def _link(decision, links, name, end, rows) -> dict:
    """links: those that the person sees; all others stay."""
    wanted = {row.pk for row in rows}
    if any(row.product_id != decision.product_id for row in rows):
        raise InvalidInput("A decision is about rows of its own product.", field=name)
    old = set(links.values_list(end, flat=True))
    if old == wanted:
        return {}
    links.filter(**{f"{end}__in": old - wanted}).delete()
    links.model.objects.bulk_create(
        [
            links.model(product_id=decision.product_id, decision=decision, **{f"{end}_id": pk})
            for pk in sorted(wanted - old)
        ],
        ignore_conflicts=True,
    )
    return {name: [sorted(old), sorted(wanted)]}


def _items_seen(decision, by):
    return set(Item.objects.readable_by(by).filter(decision_links__decision=decision))


def _tell(decision, parts, kind, *, by, at):
    people = decision.people.filter(part__in=parts, user__isnull=False).select_related("user").order_by("pk")
    notifications.tell_of_decision(decision, [person.user for person in people], kind, by=by, at=at)


def _tell_new(decision, told_before, *, by, at):
    is_open = decision.status == Status.PROPOSED
    kind = Notification.Kind.TO_DECIDE if is_open else Notification.Kind.DECIDED
    parts = [Part.DECIDER, Part.CONSULTED] if is_open else Part.values
    new = decision.people.filter(part__in=parts, user__isnull=False).exclude(user__in=told_before - {None})
    people = [person.user for person in new.select_related("user").order_by("pk")]
    notifications.tell_of_decision(decision, people, kind, by=by, at=at)
