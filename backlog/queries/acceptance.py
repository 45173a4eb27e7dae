"""Everything that waits for one person's acceptance or advice, with what it rests on."""

from dataclasses import dataclass

from django.db.models import Prefetch

from backlog.models import AcceptanceCriterion, BuiltCheck, Evidence, Item
from backlog.queries.for_you import MOST, to_accept, to_check


@dataclass(frozen=True)
class DoneItem:
    """checks: what technical owners said since it is done. done_means: the Definition of Done."""

    item: Item
    criteria: tuple[AcceptanceCriterion, ...]
    met: int
    checks: tuple[BuiltCheck, ...]
    done_means: tuple[str, ...]


@dataclass(frozen=True)
class AcceptancePage:
    to_accept: tuple[DoneItem, ...]
    to_check: tuple[DoneItem, ...]


def acceptance_page(user) -> AcceptancePage:
    """The page, in at most ten statements."""
    return AcceptancePage(to_accept=_done(to_accept(user)), to_check=_done(to_check(user)))


def _done(items):
    evidence = Evidence.objects.select_related("by", "attachment").order_by("pk")
    criteria = AcceptanceCriterion.objects.select_related("met_by").order_by("position")
    rows = items.prefetch_related(
        Prefetch("criteria", criteria.prefetch_related(Prefetch("evidence", evidence))),
        Prefetch("built_checks", BuiltCheck.objects.select_related("by").order_by("pk")),
    )[:MOST]
    return tuple(
        DoneItem(
            item=item,
            criteria=tuple(item.criteria.all()),
            met=sum(criterion.met_at is not None for criterion in item.criteria.all()),
            checks=tuple(check for check in item.built_checks.all() if check.at >= item.done_at),
            done_means=tuple(line["label"] for line in item.product.definition_of_done.get(item.kind, ())),
        )
        for item in rows
    )
