"""Hold items against the Definition of Ready of their product."""

from collections import defaultdict
from collections.abc import Collection, Mapping

from django.db.models import Count, Exists, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from backlog.models import AcceptanceCriterion, Dependency, Item, Question, ReadinessTick
from backlog.models.items import FUNCTIONAL_TYPES
from planning.readiness import DEFAULT_CHECKS, Check, ItemFacts, Readiness, assess, read_checklist

# Depends on the order, which moves under the item: the counts beside each item leave it out.
ORDER_RULE = "needs_are_done_or_above"


def checklist(product, kind: str, type: str) -> tuple[Check, ...]:
    """The Definition of Ready for a kind of item: the product's own, or the usual one. A spike has its own."""
    names = ["spike", kind] if type == Item.Type.SPIKE else [kind]
    for name in names:
        if rows := product.definition_of_ready.get(name):
            return read_checklist(rows)
    return DEFAULT_CHECKS[names[0]]


def types_held_against_order(product) -> tuple[str, ...]:
    """The types of items whose Definition of Ready looks at the order."""
    kinds = {type: "functional" if type in FUNCTIONAL_TYPES else "technical" for type in Item.Type.values}
    rules = {type: {check.rule for check in checklist(product, kind, type)} for type, kind in kinds.items()}
    return tuple(type for type, of_type in rules.items() if ORDER_RULE in of_type)


def assessments(
    item_ids: Collection[int], waiting_need_counts: Mapping[int, int] | None = None
) -> dict[int, Readiness]:
    """Assess items, by id, in two statements.

    waiting_need_counts: by id, how many needed items are neither done nor above; None leaves that rule out.
    """
    ticked = defaultdict(set)
    for pk, key in ReadinessTick.objects.filter(item__in=item_ids).values_list("item", "check_key"):
        ticked[pk].add(key)
    assessed = {}
    for item in _with_facts(Item.objects.filter(pk__in=item_ids).select_related("product")):
        checks = checklist(item.product, item.kind, item.type)
        if waiting_need_counts is None:
            checks = [check for check in checks if check.rule != ORDER_RULE]
        waiting = (waiting_need_counts or {}).get(item.pk, 0)
        assessed[item.pk] = assess(checks, _facts(item, waiting), ticked[item.pk])
    return assessed


def assess_new(item, criteria_count: int) -> Readiness:
    """Assess an item that is about to be written: nobody has asked, ticked or linked anything yet."""
    item.criteria_count, item.blocking_question_count, item.enables_something = criteria_count, 0, False
    checks = [check for check in checklist(item.product, item.kind, item.type) if check.rule != ORDER_RULE]
    return assess(checks, _facts(item, 0), set())


def _facts(item, waiting_need_count):
    return ItemFacts(
        plain_lead=item.plain_lead,
        description=item.description,
        criteria_count=item.criteria_count,
        points=item.points,
        largest_ready_points=item.product.largest_ready_points,
        blocking_question_count=item.blocking_question_count,
        waiting_need_count=waiting_need_count,
        enables_count=int(item.enables_something),
        has_component=item.component_id is not None,
        business_value=item.business_value,
    )


def _with_facts(items: QuerySet) -> QuerySet:
    blocking = Question.objects.open().filter(item=OuterRef("pk"), is_blocking=True)
    return items.annotate(
        criteria_count=_count(AcceptanceCriterion.objects.filter(item=OuterRef("pk"))),
        blocking_question_count=_count(blocking),
        enables_something=Exists(Dependency.objects.filter(enabler=OuterRef("pk"))),
    )


def _count(rows):
    counted = rows.order_by().values("item").annotate(count=Count("*")).values("count")
    return Coalesce(Subquery(counted, IntegerField()), 0)
