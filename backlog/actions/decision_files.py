"""Take decisions over from MADR markdown files."""

from dataclasses import dataclass, fields
from datetime import datetime

from django.db import transaction

from accounts.models import Membership
from backlog.actions import decisions
from backlog.formats import madr, markdown_files
from backlog.formats.markdown_files import LeftOut
from backlog.models import Decision, Item, Product
from backlog.queries.decision_files import as_madr, with_all
from core import events
from core.errors import InvalidInput, RuleViolation
from core.permissions import require

_TEXTS = set(decisions.TEXTS) & {each.name for each in fields(madr.Madr)}


class FileRefused(RuleViolation):
    """Nothing of the file was taken; the message says why."""

    code = "file_refused"
    message = "The file can't be read."
    status = 422
    field = "file"


@dataclass(frozen=True)
class Taken:
    """new: as numbered here. unchanged: names of files that say what is here already. left_out: with the reason."""

    new: tuple[Decision, ...]
    unchanged: tuple[str, ...]
    left_out: tuple[LeftOut, ...]


@transaction.atomic
def take_over(product, name: str, content: bytes, *, by, at: datetime | None = None) -> Taken:
    """Read one MADR file, or a zip of them; what can't be taken is left out and said.

    The number that a file's name begins with is kept; a file whose number is here with another text is left out.
    People, items and components are found by name and key. Nobody is told: these decisions are old.
    Raises PermissionDenied, FileRefused.
    """
    product = Product.objects.select_for_update(no_key=True).get(pk=product.pk)
    require(by, "decision.import", product)
    try:
        files, left_out = markdown_files.opened(name, content)
    except madr.Unreadable as error:
        raise FileRefused(str(error)) from error
    known = _Known(product, by)
    new, unchanged = [], []
    for file in files:
        try:
            decision = _take(file, known, by=by, at=at)
        except (madr.Unreadable, InvalidInput) as refusal:
            left_out.append(LeftOut(file.name, str(getattr(refusal, "message", refusal))))
            continue
        if decision is None:
            unchanged.append(file.name)
        else:
            new.append(decision)
    left_out += _succeed(known)
    events.record_many(
        (
            events.Happening("decision.imported", decision, {"title": decision.title, "key": decision.key})
            for decision in new
        ),
        by=by,
        at=at,
    )
    return Taken(tuple(new), tuple(unchanged), tuple(left_out))


class _Known:
    """What files may name, and what was taken of them so far. successors: by decision, the number it names."""

    def __init__(self, product, by):
        self.product = product
        self.by_number = {decision.number: decision for decision in with_all(product.decisions.all(), by)}
        self.people = _by_name(Membership.objects.active().filter(organization=product.organization_id))
        self.items = Item.objects.readable_by(by).filter(product=product)
        self.components = {component.name.casefold(): component for component in product.components.all()}
        self.successors = {}


def _by_name(memberships):
    people = {}
    for membership in memberships.select_related("user").order_by("pk"):
        people.setdefault(membership.user.name.casefold(), membership.user)
        people.setdefault(membership.user.email.casefold(), membership.user)
    return people


def _take(file, known, *, by, at):
    """The new decision; None if it is here already."""
    read = madr.parse(file.text)
    number = madr.number_in(file.name)
    if present := known.by_number.get(number):
        if file.text == present.source or madr.write(read) == madr.write(as_madr(present)):
            return None
        raise madr.Unreadable(
            f"{present.key} is here with another text. Change that one on its page, or give the file a free number."
        )
    is_replaced = read.status == Decision.Status.SUPERSEDED
    # A savepoint: what the database refuses of one file must not end the others.
    with transaction.atomic():
        decision = decisions.insert(
            known.product,
            by=by,
            at=at,
            number=number,
            # Its successor may come later in the zip.
            status=Decision.Status.DEPRECATED if is_replaced else read.status,
            dated_on=read.dated_on,
            source=file.text,
            front_matter=read.front_matter,
            options=[vars(option) for option in read.options],
            deciders=_people(read.deciders, known),
            consulted=_people(read.consulted, known),
            informed=_people(read.informed, known),
            items=[item for key in read.items if (item := known.items.by_key(key).first())],
            components=[known.components[name.casefold()] for name in read.components if _is_known(name, known)],
            **{text: getattr(read, text) for text in _TEXTS},
        )
    known.by_number[decision.number] = decision
    if is_replaced:
        known.successors[decision] = (file.name, read.superseded_by)
    return decision


def _people(names, known):
    return [known.people.get(name.casefold(), name) for name in names]


def _is_known(name, known):
    return name.casefold() in known.components


def _succeed(known):
    missing = []
    for decision, (name, number) in known.successors.items():
        successor = known.by_number.get(number)
        if successor is None or successor == decision:
            missing.append(LeftOut(name, "It is taken as deprecated: the decision that supersedes it is not here."))
            continue
        decision.superseded_by, decision.status = successor, Decision.Status.SUPERSEDED
        decision.save(update_fields=["superseded_by", "status"])
    return missing
