"""Create items and change what they say."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import connection, transaction
from django.utils import timezone

from accounts.models import Membership
from backlog import permissions
from backlog.actions import feed, fields, notifications, ordering, readiness, tags
from backlog.actions.item_rows import MANY, lock, lock_many, touch
from backlog.actions.ordering import Place
from backlog.models import (
    AcceptanceCriterion,
    Delegation,
    Item,
    ItemComponent,
    ItemTag,
    Notification,
    Product,
    ProductTeam,
)
from backlog.models.items import FUNCTIONAL_TYPES, TECHNICAL_TYPES
from backlog.queries.readiness import assess_new
from core import events
from core.errors import InvalidInput, RuleViolation
from core.permissions import require
from planning import graph

# What must be allowed to change a field. tags: names; further_components: rows.
VERBS = {
    "item.edit": (
        "title",
        "description",
        "plain_title",
        "plain_lead",
        "discipline",
        "debt_principal",
        "debt_interest",
        "debt_interest_unit",
    ),
    "item.classify": ("kind", "type", "component", "team", "goal", "parent"),
    "item.estimate": ("points",),
    "item.value": (
        "business_value",
        "time_criticality",
        "risk_reduction",
        "due_on",
        "penalty_per_week",
    ),
    "item.work": ("assignee",),
    "item.tag": ("tags", "further_components"),
    "item.restrict": ("is_restricted",),
    "item.engage": ("engagement",),
}
_VERB_OF = {name: verb for verb, names in VERBS.items() for name in names}
_ROWS_OF_THEIR_OWN = {"tags", "further_components", "criteria"}
# A slip of the keyboard makes the year 202 of 2026, and such a date would weigh in the order for ever.
_YEARS = range(1970, 2101)
_LARGEST = {"business_value": 1000, "risk_reduction": 1000}
_SEEN_BY_READINESS = {"plain_lead", "description", "points", "component", "business_value", "kind", "type"}


class ProductArchived(RuleViolation):
    code = "product_archived"
    message = "The product is archived. Restore it first."


class ParentCycle(RuleViolation):
    code = "parent_cycle"
    message = "An item can't be a part of itself."
    status = 422
    field = "parent"


def create(
    product, *, by, title: str, kind: str, type: str, place: Place | None = None, at: datetime | None = None, **values
) -> Item:
    """Put a new item into the order, by default at its end.

    values: fields of `VERBS`, and criteria, a list of texts.
    Raises PermissionDenied, ProductArchived, InvalidInput.
    """
    row = {"title": title, "kind": kind, "type": type, **values}
    return create_many(product, [row], by=by, place=place, at=at)[0]


@transaction.atomic
def create_many(
    product, rows: Sequence[dict], *, by, place: Place | None = None, at: datetime | None = None
) -> list[Item]:
    """Put new items into the order as one block, by default at its end.

    rows: as for `create`, at most 500. Raises PermissionDenied, ProductArchived, InvalidInput.
    """
    ordered = ordering.lock(product.pk)
    require(by, "item.create", product)
    items = insert(product, rows, by=by, status=Item.Status.OPEN, at=at)
    ids = [item.pk for item in items]
    _record("item.created", items, by=by, at=at)
    ordering.enter(ordered, ids, place or Place.bottom(), by=by, at=at)
    _tell_new(items, by=by, at=at)
    return items


def propose(product, *, by, title: str, kind: str, type: str, at: datetime | None = None, **values) -> Item:
    """Suggest an item to the product owner, outside the order.

    Raises PermissionDenied, ProductArchived, InvalidInput.
    """
    return propose_many(product, [{"title": title, "kind": kind, "type": type, **values}], by=by, at=at)[0]


@transaction.atomic
def propose_many(product, rows: Sequence[dict], *, by, at: datetime | None = None) -> list[Item]:
    """Suggest items to the product owner, all of them or none.

    rows: as for `create`, at most 500. Raises PermissionDenied, ProductArchived, InvalidInput.
    """
    require(by, "item.propose", product)
    for verb in {_VERB_OF[name] for row in rows for name in row if name in _VERB_OF} & {"item.value", "item.restrict"}:
        require(by, verb, product)
    items = insert(product, rows, by=by, status=Item.Status.PROPOSED, at=at)
    _record("item.proposed", items, by=by, at=at)
    feed.changed(product.pk, [item.pk for item in items])
    _tell_new(items, by=by, at=at)
    return items


@transaction.atomic
def edit(item, *, by, version: int | None = None, at: datetime | None = None, **values) -> Item:
    """Change fields of `VERBS`; each needs the verb of its group.

    version: what the person saw; None overwrites. Changing nothing leaves version and history alone.
    Raises PermissionDenied, PreconditionFailed, InvalidInput, ParentCycle.
    """
    if values.get("parent"):
        # Two items must not become each other's parent at once.
        ordering.lock(item.product_id)
    item = lock(item)
    verbs = {_VERB_OF[name] for name in values}
    lent = permissions.hold_delegation(by, Delegation.Power.REFINE, item) if "item.edit" in verbs else None
    for verb in sorted(verbs):
        require(by, verb, item)
    fields.expect(item, version)

    (checked,) = _checked(item.product, [_own(values)], item)
    changes = fields.change(item, checked)
    changed_fields = list(changes)
    if "tags" in values:
        changes |= tags.replace(item, values["tags"])
    if "further_components" in values:
        changes |= _replace_further_components(item, values["further_components"])
    if not changes:
        return item
    touch(item, *changed_fields, at=at)
    events.record("item.edited", target=item, by=by, at=at, changes=changes, **permissions.as_lent(lent))
    if changes.keys() & _SEEN_BY_READINESS:
        readiness.refresh_one(item)
    feed.changed(item.product_id, [item.pk])
    _tell(item, changes, by=by, at=at)
    return item


@transaction.atomic
def edit_many(
    item_ids: Sequence[int],
    *,
    by,
    add_tags: Iterable[str] = (),
    remove_tags: Iterable[str] = (),
    at: datetime | None = None,
    **values,
) -> list[Item]:
    """Change the same fields of many items, each as `edit` would, all of them or none; returns them in that order.

    item_ids: at most 500. Tags: names. Raises PermissionDenied, InvalidInput.
    """
    if len(item_ids) > MANY:
        raise InvalidInput(f"At most {MANY} items at once.", field="items")
    added, removed = list(add_tags), {name.strip().lower() for name in remove_tags}
    found = {item.pk: item for item in lock_many(item_ids)}
    names = _tag_names(found) if added or removed else {}
    changed = []
    for pk in item_ids:
        own = values
        if added or removed:
            own = values | {"tags": [name for name in names[pk] if name.lower() not in removed] + added}
        changed.append(edit(found[pk], by=by, at=at, **own))
    return changed


def insert(product, rows: Sequence[dict], *, by, status: str, at: datetime | None) -> list[Item]:
    """Write new items, outside the order; asks nobody and records nothing: for the actions that make items.

    rows: as for `create`, at most 500. Raises ProductArchived, InvalidInput.
    """
    if not 1 <= len(rows) <= MANY:
        raise InvalidInput(f"Between 1 and {MANY} items at once.")
    product = Product.objects.get(pk=product.pk)
    if product.archived_at:
        raise ProductArchived
    now = at or timezone.now()
    checked = _checked(product, [_own(row) for row in rows])
    criteria = [_texts(row.get("criteria", ())) for row in rows]
    items = [
        Item(
            organization_id=product.organization_id,
            product=product,
            number=number,
            status=status,
            status_at=now,
            status_by=by,
            created_at=now,
            created_by=by,
            updated_at=now,
            **values,
        )
        for number, values in zip(next_numbers(product.pk, len(rows)), checked, strict=True)
    ]
    for item, texts in zip(items, criteria, strict=True):
        counted = assess_new(item, len(texts))
        item.checks_met, item.checks_total = counted.met, counted.total
    Item.objects.bulk_create(items)
    AcceptanceCriterion.objects.bulk_create(
        AcceptanceCriterion(item=item, position=position, text=text)
        for item, texts in zip(items, criteria, strict=True)
        for position, text in enumerate(texts, 1)
    )
    tags.put_many(product, {item.pk: row["tags"] for item, row in zip(items, rows, strict=True) if row.get("tags")})
    for item, row in zip(items, rows, strict=True):
        if row.get("further_components"):
            _replace_further_components(item, row["further_components"])
    return items


def check(item, values: dict) -> dict:
    """What `edit` would set, without setting it: for the actions that only suggest. Raises InvalidInput."""
    (checked,) = _checked(item.product, [_own(values)], item)
    return checked


def next_numbers(product_id: int, count: int) -> range:
    """Take the next item numbers of a product: gap-free, since the counter row stays locked to the end."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE backlog_itemcounter SET last_number = last_number + %s WHERE product_id = %s RETURNING last_number",
            [count, product_id],
        )
        (last,) = cursor.fetchone()
    return range(last - count + 1, last + 1)


def _tag_names(item_ids):
    found = {pk: [] for pk in item_ids}
    for pk, name in ItemTag.objects.filter(item__in=found).order_by("tag__name").values_list("item", "tag__name"):
        found[pk].append(name)
    return found


def _own(values):
    return {name: value for name, value in values.items() if name not in _ROWS_OF_THEIR_OWN}


def _record(name, items, *, by, at):
    events.record_many(
        [
            events.Happening(name, item, {"key": item.key, "title": item.title, "kind": item.kind, "type": item.type})
            for item in items
        ],
        by=by,
        at=at,
    )


def _tell(item, changes, *, by, at):
    if changes.get("assignee", [None, None])[1]:
        notifications.tell(item, [item.assignee], Notification.Kind.ASSIGNED, by=by, at=at)
    if "description" in changes:
        before, text = changes["description"]
        notifications.tell_mentioned(item, text, by=by, at=at, before=before)


def _tell_new(items, *, by, at):
    for item in items:
        _tell(item, {"assignee": [None, item.assignee_id], "description": ["", item.description]}, by=by, at=at)


def _texts(texts):
    return [fields.cleaned(AcceptanceCriterion, {"text": text})["text"] for text in texts]


def _checked(product, rows, item=None):
    checked = [_checked_values(values, item) for values in rows]
    for name, check in _REFERENCES.items():
        # Rows name the same teams and people again and again.
        for chosen in {values[name] for values in checked if values.get(name) is not None}:
            check(product, chosen, item)
    return checked


def _checked_values(values, item):
    if unknown := values.keys() - _VERB_OF.keys():
        raise TypeError(f"No such fields of an item: {sorted(unknown)}")
    values = fields.cleaned(Item, values)
    for name, largest in _LARGEST.items():
        if (values.get(name) or 0) > largest:
            raise InvalidInput(f"At most {largest}.", field=name)

    def after(name):
        return values[name] if name in values else getattr(item, name, None)

    if after("type") not in (TECHNICAL_TYPES if after("kind") == Item.Kind.TECHNICAL else FUNCTIONAL_TYPES):
        raise InvalidInput(f"A {after('kind')} item can't be of this type.", field="type")
    if values.get("due_on") and values["due_on"].year not in _YEARS:
        raise InvalidInput(f"A date from {_YEARS.start} to {_YEARS.stop - 1}.", field="due_on")
    if values.keys() & {"due_on", "penalty_per_week"} and after("penalty_per_week") is not None:
        if after("due_on") is None:
            raise InvalidInput("A penalty a week needs the date from which it counts.", field="due_on")
        _not_negative("penalty_per_week", after("penalty_per_week"))
    if values.keys() & {"debt_interest", "debt_interest_unit"}:
        if (after("debt_interest") is None) != (not after("debt_interest_unit")):
            raise InvalidInput("Interest needs both a number and its unit.", field="debt_interest_unit")
        _not_negative("debt_interest", after("debt_interest"))
    _not_negative("debt_principal", values.get("debt_principal"))
    return values


def _not_negative(name, number):
    if number is not None and number < 0:
        raise InvalidInput("This can't be below zero.", field=name)


def _check_component(product, component, item):
    if component.product_id != product.pk or component.archived_at:
        raise InvalidInput("The product has no such component.", field="component")


def _check_team(product, team, item):
    if not ProductTeam.objects.filter(product=product, team=team).exists():
        raise InvalidInput("This team does not work on the product.", field="team")


def _check_goal(product, goal, item):
    if goal.product_id != product.pk or goal.closed_at:
        raise InvalidInput("The product has no such open goal.", field="goal")


def _check_assignee(product, user, item):
    if not Membership.objects.active().filter(organization=product.organization_id, user=user).exists():
        raise InvalidInput("This person does not belong to the organization.", field="assignee")


def _check_parent(product, parent, item):
    if parent.product_id != product.pk:
        raise InvalidInput("The product has no such item.", field="parent")
    if item:
        pairs = Item.objects.filter(product=product, parent__isnull=False).values_list("pk", "parent")
        if graph.find_cycle({child: [above] for child, above in pairs}, item.pk, parent.pk):
            raise ParentCycle


_REFERENCES = {
    "component": _check_component,
    "team": _check_team,
    "goal": _check_goal,
    "assignee": _check_assignee,
    "parent": _check_parent,
}


def _replace_further_components(item, components):
    for component in components:
        _check_component(item.product, component, item)
    old = set(ItemComponent.objects.filter(item=item).values_list("component", flat=True))
    new = {component.pk for component in components} - {item.component_id}
    if old == new:
        return {}
    ItemComponent.objects.filter(item=item, component__in=old - new).delete()
    ItemComponent.objects.bulk_create(
        ItemComponent(product_id=item.product_id, item=item, component_id=pk) for pk in sorted(new - old)
    )
    return {"further_components": [sorted(old), sorted(new)]}
