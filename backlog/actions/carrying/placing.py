"""Where items stand in the order, and which leave it or return."""

from backlog.actions import ordering
from backlog.actions.ordering import Place
from backlog.models import Item, OrderEntry
from core.permissions import can

_OUTSIDE_THE_ORDER = (Item.Status.PROPOSED, Item.Status.DECLINED)


def place(cargo):
    """Enter new items in the order of the mapping, let finished ones leave, and pin."""
    for product in sorted(cargo.products.values(), key=lambda product: product.pk):
        ordered = cargo.lists[product.pk]
        made = [(draft, item) for draft, item in cargo.made if item.product_id == product.pk]
        entering = [pair for pair in made if pair[1].status not in _OUTSIDE_THE_ORDER]
        ids = [item.pk for _, item in sorted(entering, key=lambda pair: _sort_key(cargo, pair))]
        if ids:
            ordering.enter(ordered, ids, Place.bottom(), by=cargo.by)
        finished = [item.pk for _, item in entering if item.status not in Item.UNFINISHED]
        changed = [item for item, _ in cargo.changes if item.product_id == product.pk]
        finished += [item.pk for item in changed if cargo.was_listable[item.pk] and item.status not in Item.UNFINISHED]
        if finished:
            ordering.leave(ordered, finished, by=cargo.by)
        _let_in(cargo, ordered, changed)
        for draft, item in made:
            _pin(cargo, draft, item)


def _sort_key(cargo, pair):
    draft, item = pair
    match cargo.mapping["order"]:
        case "rank":
            return (draft.rank == "", draft.rank, draft.line)
        case "priority":
            value = cargo.mapping["values"].get(draft.priority) or 0
            return (-value, item.created_at, draft.line)
    return (draft.line,)


def _let_in(cargo, ordered, changed):
    back = [item.pk for item in changed if not cargo.was_listable[item.pk] and item.status in Item.UNFINISHED]
    known = set(OrderEntry.objects.filter(item__in=back).values_list("item_id", flat=True))
    if known:
        ordering.rejoin(ordered, sorted(known), by=cargo.by)
    if new := [pk for pk in back if pk not in known]:
        ordering.enter(ordered, new, Place.bottom(), by=cargo.by)


def _pin(cargo, draft, item):
    if not draft.is_pinned:
        return
    if can(cargo.by, "order.pin", item) and item.status in Item.UNFINISHED:
        ordering.pin(item, by=cargo.by)
    else:
        cargo.leave_out(draft, "pinned", "yes", "Only the product owner may pin, and only what is in the order.")
