"""Say what stands on what, and which items belong together."""

from collections import defaultdict
from datetime import datetime

from django.db import connection, transaction
from django.utils import timezone

from backlog.actions import feed, readiness
from backlog.actions.item_rows import lock_many
from backlog.models import Dependency, Item, ItemLink
from core import events
from core.errors import InvalidInput, RuleViolation
from core.permissions import can, require
from planning import graph

# Every edge that can be reached from one item, so that no more than these are read.
_REACHED = """
    WITH RECURSIVE reached AS (
        SELECT enabler_id, dependent_id FROM backlog_dependency WHERE enabler_id = %s
        UNION
        SELECT d.enabler_id, d.dependent_id FROM backlog_dependency d JOIN reached r ON d.enabler_id = r.dependent_id
    )
    SELECT enabler_id, dependent_id FROM reached
"""


class DependencyCycle(RuleViolation):
    code = "dependency_cycle"
    message = "That would close a circle."


class AlreadyDependent(RuleViolation):
    code = "dependency_exists"
    message = "This dependency is there already."


class AlreadyLinked(RuleViolation):
    code = "link_exists"
    message = "The two items are linked like this already."


@transaction.atomic
def add(enabler, dependent, *, by, at: datetime | None = None) -> Dependency:
    """Say that `dependent` needs `enabler`; both in one organization, and both visible to the person.

    Raises PermissionDenied, InvalidInput, AlreadyDependent, and DependencyCycle with `extra["cycle"]`, the keys
    once around.
    """
    queue(enabler.organization_id)
    items = _lock_both(enabler, dependent, by)
    if Dependency.objects.filter(enabler=enabler, dependent=dependent).exists():
        raise AlreadyDependent
    _refuse_cycle(enabler, dependent, by)
    dependency = Dependency.objects.create(
        organization_id=enabler.organization_id,
        enabler=enabler,
        dependent=dependent,
        created_by=by,
        created_at=at or timezone.now(),
    )
    _record("dependency.added", items, by=by, at=at, enabler=enabler.pk, dependent=dependent.pk)
    return dependency


@transaction.atomic
def remove(dependency, *, by) -> None:
    """Raises PermissionDenied."""
    queue(dependency.organization_id)
    items = _lock_both(dependency.enabler, dependency.dependent, by)
    count, _ = Dependency.objects.filter(pk=dependency.pk).delete()
    if count:
        ends = {"enabler": dependency.enabler_id, "dependent": dependency.dependent_id}
        _record("dependency.removed", items, by=by, **ends)


@transaction.atomic
def link(source, target, kind: str, *, by, at: datetime | None = None) -> ItemLink:
    """Say that `source` relates to, or duplicates, `target`. Raises PermissionDenied, InvalidInput, AlreadyLinked."""
    items = _lock_both(source, target, by)
    if kind not in ItemLink.Kind.values:
        raise InvalidInput("There is no such kind of link.", field="kind")
    same = ItemLink.objects.filter(source=source, target=target, kind=kind)
    if kind == ItemLink.Kind.RELATES:
        same |= ItemLink.objects.filter(source=target, target=source, kind=kind)
    if same.exists():
        raise AlreadyLinked
    made = ItemLink.objects.create(
        organization_id=source.organization_id,
        kind=kind,
        source=source,
        target=target,
        created_by=by,
        created_at=at or timezone.now(),
    )
    _record("link.added", items, by=by, at=at, kind=kind, source=source.pk, target=target.pk)
    return made


@transaction.atomic
def unlink(link, *, by) -> None:
    """Raises PermissionDenied."""
    items = _lock_both(link.source, link.target, by)
    count, _ = ItemLink.objects.filter(pk=link.pk).delete()
    if count:
        _record("link.removed", items, by=by, kind=link.kind, source=link.source_id, target=link.target_id)


def queue(organization_id):
    # One at a time in an organization: two additions that are harmless alone can close a circle together.
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended('dependencies:' || %s, 0))", [str(organization_id)]
        )


def _lock_both(first, second, by):
    if first.pk == second.pk:
        raise InvalidInput("An item can't be tied to itself.")
    items = lock_many([first.pk, second.pk])
    if not any(can(by, "item.depend", item) for item in items):
        require(by, "item.depend", items[0])
    seen = set(Item.objects.readable_by(by).filter(pk__in=[first.pk, second.pk]).values_list("pk", flat=True))
    if first.organization_id != second.organization_id or (len(seen) < 2 and not by.is_service):
        raise InvalidInput("There is no such item.")
    return items


def _refuse_cycle(enabler, dependent, by):
    after = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(_REACHED, [dependent.pk])
        for source, target in cursor.fetchall():
            after[source].append(target)
    cycle = graph.find_cycle(after, enabler.pk, dependent.pk)
    if cycle is None:
        return
    seen = Item.objects.readable_by(by).filter(pk__in=cycle).select_related("product")
    keys = {item.pk: item.key for item in seen}
    named = [keys.get(pk, "an item you can't see") for pk in cycle]
    raise DependencyCycle(f"That would close a circle: {' enables '.join(named)}.", cycle=named)


def _record(name, items, *, by, at=None, **data):
    events.record_many([events.Happening(name, item, data) for item in items], by=by, at=at)
    readiness.refresh([item.pk for item in items])
    by_product = defaultdict(list)
    for item in items:
        by_product[item.product_id].append(item.pk)
    for product_id in sorted(by_product):
        feed.changed(product_id, by_product[product_id])
