"""A technical owner gives the word that architectural and large-scale work needs."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from backlog.actions import feed, fields, notifications
from backlog.actions.item_rows import lock
from backlog.models import EngagementWord, Item, Notification
from backlog.models.engagement import whose_word
from backlog.queries.engagement import WHEN, engagements, in_words
from core import events
from core.errors import InvalidInput, RuleViolation
from core.permissions import can, require

Stage = EngagementWord.Stage
_NOT_NOW = {
    Stage.PLANNING: "The word for planning is given before the item is done.",
    Stage.REVIEW: "The word for review is given when the item is done.",
    Stage.ACCEPTANCE: "The word for acceptance is given when the item is done, and not accepted yet.",
}


class NoWordNeeded(RuleViolation):
    code = "no_word_needed"
    message = "No word is needed: neither the item nor its component nor its goal is architectural or large-scale."


class NotAtThisStage(RuleViolation):
    code = "not_at_this_stage"


class WordMissing(RuleViolation):
    code = "word_missing"


@transaction.atomic
def give(item, stage: str, *, by, text: str = "", at: datetime | None = None) -> EngagementWord:
    """Give one's word for an item at planning, review or acceptance; the last one stands.

    Raises PermissionDenied, InvalidInput, NoWordNeeded, NotAtThisStage.
    """
    item = lock(item)
    require(by, "item.give_word", item)
    _refuse_stage(item, stage)
    if not item.engagement_level:
        raise NoWordNeeded
    text = fields.cleaned(EngagementWord, {"text": text})["text"]
    word = _give(item, stage, text, by=by, at=at)
    feed.changed(item.product_id, [item.pk])
    return word


@transaction.atomic
def take_back(item, stage: str, *, by, at: datetime | None = None) -> None:
    """Take a word back; nothing where there is none. Raises PermissionDenied, InvalidInput, NotAtThisStage."""
    item = lock(item)
    require(by, "item.give_word", item)
    _refuse_stage(item, stage)
    count, _ = item.engagement_words.filter(stage=stage).delete()
    if count:
        events.record("word.taken_back", target=item, by=by, at=at, label=Stage(stage).label.lower())
        feed.changed(item.product_id, [item.pk])


def ask(item_ids: Iterable[int], *, by, at: datetime | None = None) -> None:
    """Tell those whose word the items lack at the stage they have reached: one statement where none needs any.

    In the transaction of the caller. Who was told since the item reached its status isn't told again.
    """
    engaged = Item.objects.engaged().filter(pk__in=item_ids).select_related("product", "component", "goal")
    lacking = list(engaged.order_by("pk"))
    known = Notification.objects.filter(item__in=lacking, kind=Notification.Kind.WORD_DUE, at__gte=F("item__status_at"))
    told = set(known.values_list("item", "user")) if lacking else set()
    found = engagements(lacking)
    for item in lacking:
        if found[item.pk].missing:
            people = [person for person in found[item.pk].asked if (item.pk, person.pk) not in told]
            notifications.tell(item, people, Notification.Kind.WORD_DUE, by=by, at=at)


def give_by_accepting(item, *, by, at: datetime | None = None) -> None:
    """Refuse to accept an item that lacks a technical owner's word; whoever could give it gives it by accepting.

    item: locked, by `life_cycle.accept`. Raises WordMissing.
    """
    if not item.engagement_level or item.engagement_words.standing().filter(stage=Stage.ACCEPTANCE).exists():
        return
    if can(by, "item.give_word", item):
        _give(item, Stage.ACCEPTANCE, "", by=by, at=at)
        return
    asked = whose_word([item])[item.pk]
    raise WordMissing(
        f"{item.engagement_label} work is accepted with the word of a technical owner: ask {in_words(asked)}. "
        "Or say on the item, its component or its goal that no word is needed.",
        asked=[person.pk for person in asked],
    )


def _give(item, stage, text, *, by, at):
    values = {"product_id": item.product_id, "text": text, "by": by, "at": at or timezone.now()}
    word, _ = EngagementWord.objects.update_or_create(item=item, stage=stage, defaults=values)
    events.record(f"word.given_at_{stage}", target=item, by=by, at=at, reason=text)
    return word


def _refuse_stage(item, stage):
    if stage not in Stage.values:
        raise InvalidInput("Choose planning, review or acceptance.", field="stage")
    if item.status not in WHEN[stage]:
        raise NotAtThisStage(_NOT_NOW[Stage(stage)], now=item.status)
