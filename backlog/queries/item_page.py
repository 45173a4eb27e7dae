"""One item with everything around it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from django.db.models import F, Q

from backlog.models import (
    BuiltCheck,
    Comment,
    DebtEntry,
    Dependency,
    Item,
    ItemLink,
    OrderEntry,
    PokerRound,
    Proposal,
    Question,
)
from backlog.queries.activity import Deed, activity
from backlog.queries.chain import Stage, chain
from backlog.queries.debt_register import pay_now_or_later
from backlog.queries.decision_page import DecisionRow, decisions_about
from backlog.queries.done_checks import DoneLine, done_lines
from backlog.queries.engagement import Engagement, engagements
from backlog.queries.poker import Table, last_agreed, running_table
from backlog.queries.readers import reader
from backlog.queries.readiness import assessments, checklist
from backlog.queries.references import Reference, references
from backlog.queries.suggestions import SuggestedChange, suggested
from core.permissions import allowed, can
from planning import wsjf

Status = Item.Status
# An item can be split until it is finished; a split can be taken back until somebody works on a part.
SPLITTABLE = (Status.PROPOSED, *Item.UNFINISHED)
UNTOUCHED = (Status.PROPOSED, Status.OPEN)
_OVER = (Status.DONE, Status.ACCEPTED, Status.DROPPED)

_FIGURES = ("business_value", "time_criticality", "risk_reduction")
_VERBS = (
    *("item.decide", "item.edit", "item.classify", "item.estimate", "item.value", "item.tag", "item.work"),
    *(
        "item.accept",
        "item.drop",
        "item.restore",
        "item.restrict",
        "item.engage",
        "item.comment",
        "item.ask",
        "item.answer",
    ),
    "decision.propose",
    *(
        "item.refine",
        "item.depend",
        "item.split",
        "order.pin",
        "debt.describe",
        "order.move",
        "order.move_technical",
        "sprint.pull",
    ),
    "item.poker",
    *("item.suggest_text", "item.suggest_class", "order.suggest", "item.revise"),
)


# What one may suggest, by what it would take to do it.
_ASKED = {"item.suggest_text": "item.edit", "item.suggest_class": "item.classify"}


@dataclass(frozen=True)
class Step:
    """A way on for the item: its route, the verb it needs, what the button says."""

    route: str
    verb: str
    label: str
    icon: str
    needs_reason: bool = False
    is_next: bool = False


_ACCEPT_PROPOSAL = Step("backlog:proposal-accept", "item.decide", "Accept into the backlog", "check", is_next=True)
_DROP = Step("backlog:item-drop", "item.drop", "Drop", "trash-2")
_STEPS = {
    Status.PROPOSED: (
        _ACCEPT_PROPOSAL,
        Step("backlog:proposal-decline", "item.decide", "Decline", "x", needs_reason=True),
        _DROP,
    ),
    Status.DECLINED: (_ACCEPT_PROPOSAL,),
    Status.OPEN: (Step("backlog:item-begin", "item.work", "Begin", "clock", is_next=True), _DROP),
    Status.IN_PROGRESS: (
        Step("backlog:item-finish", "item.work", "Finish", "check", is_next=True),
        Step("backlog:item-stop", "item.work", "Stop", "undo-2"),
        _DROP,
    ),
    Status.DONE: (
        Step("backlog:item-accept", "item.accept", "Accept", "circle-check", is_next=True),
        Step("backlog:item-send-back", "item.accept", "Send back", "undo-2", needs_reason=True),
    ),
    Status.DROPPED: (Step("backlog:item-restore", "item.restore", "Bring back", "rotate-ccw", is_next=True),),
}


@dataclass(frozen=True)
class CheckLine:
    key: str
    label: str
    is_met: bool
    is_by_hand: bool


@dataclass(frozen=True)
class Tie:
    """A dependency or a link, seen from this item. where: the other's place, or what became of it; is_wrong: it is
    needed and stands below; is_waited_for: it is neither finished nor ahead."""

    id: int
    item_id: int
    key: str
    product_key: str
    number: int
    title: str
    kind: str
    type: str
    where: str
    is_wrong: bool
    is_waited_for: bool
    words: str = ""


@dataclass(frozen=True)
class Remark:
    id: int
    text: str
    by: str
    initials: str
    at: datetime
    is_edited: bool
    may_edit: bool


@dataclass(frozen=True)
class FileRow:
    id: int
    name: str
    size: int
    by: str
    at: datetime
    may_remove: bool


@dataclass(frozen=True)
class ItemPage:
    """table: the round of estimating that runs; agreed: the last one that ended with points.

    position: among the listed items the reader sees, None out of the list. previous and next: numbers of the
    listed neighbours. references: the items that description and comments name. split_from, split_off: what this
    item was split from, and what was split off it, as far as the reader sees it."""

    item: Item
    rights: frozenset[str]
    steps: tuple[Step, ...]
    is_listed: bool
    is_pinned: bool
    position: int | None
    previous: int | None
    next: int | None
    checks: tuple[CheckLine, ...]
    met: int
    criteria: tuple
    open_questions: tuple[Question, ...]
    answered_questions: tuple[Question, ...]
    needs: tuple[Tie, ...]
    enables: tuple[Tie, ...]
    links: tuple[Tie, ...]
    tags: tuple[str, ...]
    further_components: tuple[str, ...]
    remarks: tuple[Remark, ...]
    files: tuple[FileRow, ...]
    deeds: tuple[Deed, ...]
    source_keys: tuple[str, ...]
    cost_of_delay: float | None
    wsjf: float | None
    suggested_time_criticality: int | None
    references: dict[str, Reference]
    done: tuple[DoneLine, ...]
    may_split: bool
    may_take_split_back: bool
    split_from: Tie | None
    split_off: tuple[Tie, ...]
    decisions: tuple[DecisionRow, ...]
    debt_entry: DebtEntry | None
    debt_advice: str
    table: Table | None
    agreed: PokerRound | None
    suggestions: tuple[SuggestedChange, ...]
    case: Proposal | None
    chain: tuple[Stage, ...]
    built_checks: tuple[BuiltCheck, ...]
    engagement: Engagement | None
    may_give_word: bool

    @property
    def done_count(self) -> int:
        return sum(line.by is not None for line in self.done)

    @property
    def may_revise(self) -> bool:
        return "item.revise" in self.rights and self.item.status in (Status.PROPOSED, Status.DECLINED)

    @property
    def accept_waits_for(self) -> str:
        """Whose word is missing to whoever may accept; empty where none is, or the person may give it."""
        is_lacking = self.engagement is not None and self.engagement.lacks_acceptance and not self.may_give_word
        return self.engagement.names if is_lacking and "item.accept" in self.rights else ""

    @property
    def may_suggest(self) -> bool:
        """Is there something here that the person may suggest and not do?"""
        return any(ask in self.rights and do not in self.rights for ask, do in _ASKED.items()) or self.may_suggest_place

    @property
    def may_suggest_place(self) -> bool:
        return self.is_listed and "order.suggest" in self.rights and "order.move" not in self.rights

    @property
    def needed_below(self) -> tuple[Tie, ...]:
        return tuple(tie for tie in self.needs if tie.is_wrong)

    @property
    def may_play(self) -> bool:
        return "item.poker" in self.rights and self.item.status in SPLITTABLE

    @property
    def is_ready(self) -> bool:
        return self.met == len(self.checks)


@dataclass(frozen=True)
class Outcome:
    """What figures come to; None where one is missing."""

    cost_of_delay: float | None
    wsjf: float | None
    points: Decimal | None


def outcome(item, values) -> Outcome:
    """values: business_value, time_criticality and risk_reduction, each a number or None."""
    cost = wsjf.cost_of_delay(values["business_value"], values["time_criticality"], values["risk_reduction"])
    return Outcome(cost, wsjf.score(cost, item.points), item.points)


def item_page(item, user, *, today) -> ItemPage:
    """The page of an item, in a fixed number of statements."""
    rights = frozenset(allowed(user, _VERBS, item))
    entry = OrderEntry.objects.filter(item=item).first()
    is_listed = bool(entry and entry.is_listed)
    position, previous, following = _place(item, user, entry) if is_listed else (None, None, None)
    needs = _ties(item, user, Dependency.objects.filter(dependent=item), "enabler", entry)
    checks = _checks(item, sum(tie.is_waited_for for tie in needs))
    asked = item.questions.select_related("asked_by", "addressee", "answered_by").prefetch_related("decisions")
    questions = list(asked.order_by("pk"))
    may_edit_any = can(user, "comment.edit", Comment(product_id=item.product_id))
    remarks = _remarks(item, user, may_edit_any)
    lineage = _lineage(item, user)
    engagement = engagements([item]).get(item.pk)
    may_give_word = engagement is not None and user in engagement.asked
    split_off = [other for other in lineage if other.pk != item.split_from_id]
    now = outcome(item, {name: getattr(item, name) for name in _FIGURES})
    return ItemPage(
        item=item,
        rights=rights,
        steps=tuple(_steps(item, rights, engagement, may_give_word)),
        is_listed=is_listed,
        is_pinned=bool(entry and entry.is_pinned),
        position=position,
        previous=previous,
        next=following,
        checks=checks,
        met=sum(check.is_met for check in checks),
        criteria=tuple(
            item.criteria.prefetch_related("evidence__by", "evidence__attachment")
            .select_related("met_by")
            .order_by("position")
        ),
        open_questions=tuple(question for question in questions if not question.answered_at),
        answered_questions=tuple(question for question in questions if question.answered_at),
        needs=needs,
        enables=_ties(item, user, Dependency.objects.filter(enabler=item), "dependent", None),
        links=_links(item, user),
        tags=tuple(item.tag_links.order_by("tag__name").values_list("tag__name", flat=True)),
        further_components=tuple(
            item.further_components.order_by("component__name").values_list("component__name", flat=True)
        ),
        remarks=remarks,
        files=_files(item, user, may_edit_any),
        deeds=activity(item, user),
        source_keys=tuple(item.source_keys.order_by("key").values_list("key", flat=True)),
        cost_of_delay=now.cost_of_delay,
        wsjf=now.wsjf,
        suggested_time_criticality=wsjf.suggest_time_criticality(item.due_on, item.penalty_per_week, today),
        done=done_lines(item, item.done_ticks.select_related("ticked_by")),
        references=references([item.description, *(remark.text for remark in remarks)], user),
        may_split="item.split" in rights and item.status in SPLITTABLE,
        may_take_split_back="item.split" in rights and any(other.status in UNTOUCHED for other in split_off),
        split_from=next((_tie(other.pk, other, item, None) for other in lineage if other not in split_off), None),
        table=running_table(item, user),
        agreed=last_agreed(item),
        split_off=tuple(_tie(other.pk, other, item, None) for other in split_off),
        chain=chain(item),
        engagement=engagement,
        may_give_word=may_give_word,
        built_checks=tuple(item.built_checks.select_related("by").order_by("pk")),
        decisions=decisions_about(item=item, user=user),
        debt_entry=DebtEntry.objects.filter(item=item).first(),
        debt_advice=pay_now_or_later(item.product, item.debt_principal, item.debt_interest, item.debt_interest_unit),
        case=Proposal.objects.filter(item=item).select_related("before").first(),
        suggestions=suggested(_open_suggestions(item), user, rights),
    )


def _steps(item, rights, engagement, may_give_word):
    for step in _STEPS.get(item.status, ()):
        if step.verb not in rights:
            continue
        if step.route == "backlog:item-accept" and engagement and engagement.lacks_acceptance:
            # Whose word is missing is said beside the steps.
            if may_give_word:
                yield replace(step, label="Accept, with your word")
            continue
        yield step


def _criteria(item):
    proved = item.criteria.prefetch_related("evidence__by", "evidence__attachment")
    return tuple(proved.select_related("met_by").order_by("position"))


def _open_suggestions(item):
    return item.suggestions.open().select_related("item__product", "by").order_by("pk")


def _place(item, user, entry):
    seen = reader(item.product, user).readable("item__")
    listed = OrderEntry.objects.filter(seen, list=entry.list_id, is_listed=True)
    above, below = listed.filter(rank__lt=entry.rank), listed.filter(rank__gt=entry.rank)
    previous = above.order_by("-rank").values_list("item__number", flat=True).first()
    following = below.order_by("rank").values_list("item__number", flat=True).first()
    return above.count() + 1, previous, following


def _checks(item, waiting) -> tuple[CheckLine, ...]:
    missing = {check.key for check in assessments([item.pk], {item.pk: waiting})[item.pk].missing}
    return tuple(
        CheckLine(check.key, check.label, check.key not in missing, check.rule is None)
        for check in checklist(item.product, item.kind, item.type)
    )


def _ties(item, user, rows, side, entry) -> tuple[Tie, ...]:
    """entry: the place of the item that needs them; None where the order between the two says nothing."""
    visible = Item.objects.readable_by(user).values("pk")
    found = rows.filter(**{f"{side}__in": visible}).select_related(f"{side}__product", f"{side}__order_entry")
    ordered = found.order_by(F(f"{side}__order_entry__rank").asc(nulls_last=True), "pk")
    return tuple(_tie(row.pk, getattr(row, side), item, entry) for row in ordered)


def _tie(pk, other, item, entry, words=""):
    place = getattr(other, "order_entry", None)
    is_here = other.product_id == item.product_id
    is_below = bool(entry and entry.is_listed and is_here and place and place.is_listed and place.rank > entry.rank)
    return Tie(
        id=pk,
        item_id=other.pk,
        key=other.key,
        product_key=other.product.key,
        number=other.number,
        title=other.title,
        kind=other.kind,
        type=other.type,
        where=_where(other, is_here, is_below),
        is_wrong=is_below,
        is_waited_for=other.status not in _OVER and not (is_here and not is_below and other.status in Item.UNFINISHED),
        words=words,
    )


def _where(other, is_here, is_below):
    if other.status not in Item.UNFINISHED:
        return other.get_status_display()
    if not is_here:
        return other.product.name
    return "below" if is_below else ""


def _links(item, user):
    visible = Item.objects.readable_by(user).values("pk")
    ties = []
    for side, rows in (
        ("target", ItemLink.objects.filter(source=item)),
        ("source", ItemLink.objects.filter(target=item)),
    ):
        found = rows.filter(**{f"{side}__in": visible}).select_related(f"{side}__product", f"{side}__order_entry")
        for row in found.order_by("pk"):
            is_passive = side == "source" and row.kind == ItemLink.Kind.DUPLICATES
            words = "is duplicated by" if is_passive else row.get_kind_display()
            ties.append(_tie(row.pk, getattr(row, side), item, None, words))
    return tuple(ties)


def _lineage(item, user):
    family = Q(split_from=item) | Q(pk=item.split_from_id)
    found = Item.objects.readable_by(user).filter(family).select_related("product", "order_entry").order_by("pk")
    return list(found)


def _remarks(item, user, may_edit_any):
    comments: Iterable[Comment] = item.comments.filter(removed_at=None).select_related("by").order_by("pk")
    return tuple(
        Remark(
            id=comment.pk,
            text=comment.text,
            by=str(comment.by),
            initials=comment.by.initials,
            at=comment.at,
            is_edited=comment.edited_at is not None,
            may_edit=may_edit_any or comment.by_id == user.pk,
        )
        for comment in comments
    )


def _files(item, user, may_edit_any):
    files = item.attachments.filter(removed_at=None).select_related("by").order_by("pk")
    return tuple(
        FileRow(file.pk, file.name, file.size, str(file.by), file.at, may_edit_any or file.by_id == user.pk)
        for file in files
    )
