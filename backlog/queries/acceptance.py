"""Everything that waits for one person's acceptance or advice, with what it rests on."""

from dataclasses import dataclass

from django.db.models import Prefetch

from backlog.models import AcceptanceCriterion, BuiltCheck, DoneTick, Evidence, Item
from backlog.queries.done_checks import DoneLine, done_lines
from backlog.queries.engagement import Engagement, engagements
from backlog.queries.for_you import MOST, to_accept, to_check, to_word


@dataclass(frozen=True)
class DoneItem:
    """checks: what technical owners said since it is done. done: the Definition of Done.

    engagement: whose word it needs; may_give_word: it is the reader's.
    """

    item: Item
    criteria: tuple[AcceptanceCriterion, ...]
    met: int
    checks: tuple[BuiltCheck, ...]
    done: tuple[DoneLine, ...]
    engagement: Engagement | None
    may_give_word: bool

    @property
    def done_count(self) -> int:
        return sum(line.by is not None for line in self.done)

    @property
    def lacks_word(self) -> bool:
        """It can't be accepted: somebody else's word is missing."""
        return self.engagement is not None and self.engagement.lacks_acceptance and not self.may_give_word


@dataclass(frozen=True)
class AcceptancePage:
    to_accept: tuple[DoneItem, ...]
    to_word: tuple[DoneItem, ...]
    to_check: tuple[DoneItem, ...]


def acceptance_page(user) -> AcceptancePage:
    """The page, in at most 22 statements."""
    accept, check = _loaded(to_accept(user)), _loaded(to_check(user))
    word = _loaded(to_word(user).filter(status=Item.Status.DONE))
    words = engagements([*accept, *word])
    return AcceptancePage(
        to_accept=tuple(_done(item, words, user) for item in accept),
        to_word=tuple(_done(item, words, user) for item in word),
        to_check=tuple(_done(item, words, user) for item in check),
    )


def _loaded(items):
    evidence = Evidence.objects.select_related("by", "attachment").order_by("pk")
    criteria = AcceptanceCriterion.objects.select_related("met_by").order_by("position")
    rows = items.prefetch_related(
        Prefetch("criteria", criteria.prefetch_related(Prefetch("evidence", evidence))),
        Prefetch("done_ticks", DoneTick.objects.select_related("ticked_by")),
        Prefetch("built_checks", BuiltCheck.objects.select_related("by").order_by("pk")),
    )[:MOST]
    return list(rows)


def _done(item, words, user):
    engagement = words.get(item.pk)
    return DoneItem(
        item=item,
        criteria=tuple(item.criteria.all()),
        met=sum(criterion.met_at is not None for criterion in item.criteria.all()),
        checks=tuple(check for check in item.built_checks.all() if check.at >= item.done_at),
        done=done_lines(item, item.done_ticks.all()),
        engagement=engagement,
        may_give_word=engagement is not None and user in engagement.asked,
    )
