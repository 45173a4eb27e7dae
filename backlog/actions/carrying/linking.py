"""What stands between items: parents, dependencies, links."""

from collections import defaultdict

from django.db import connection

from backlog.actions.carrying.columns import BATCH
from backlog.formats.drafts import Draft, Link
from backlog.models import Dependency, ImportRun, Item, ItemLink, SourceKey
from planning import graph


def join_parents(cargo):
    """Give items their parents, but none that would make one a part of itself."""
    wanted = [draft for draft in cargo.drafts if draft.key in cargo.changed_parents and "parent" in draft.values]
    _find_others(cargo, {draft.values["parent"] for draft in wanted})
    lines, edges = {}, []
    for draft in wanted:
        item, parent = cargo.items.get(draft.key), cargo.items.get(draft.values["parent"])
        if not draft.values["parent"] or item is None:
            continue
        if parent is None or parent.product_id != item.product_id:
            cargo.leave_out(draft, "parent", draft.values["parent"], "The product holds no such item.")
            continue
        lines[item.pk] = draft
        edges.append((item.pk, parent.pk))
    others = Item.objects.filter(product__in=cargo.lists).exclude(parent=None).exclude(pk__in=lines)
    before = list(others.values_list("pk", "parent_id")) if edges else []
    kept, skipped = graph.break_cycles([*before, *edges])
    for skip in skipped:
        if skip.edge[0] in lines:
            draft = lines[skip.edge[0]]
            cargo.leave_out(draft, "parent", draft.values["parent"], "It would make an item a part of itself.")
    parents = {child: parent for child, parent in kept if child in lines}
    rows = {cargo.items[draft.key].pk: cargo.items[draft.key] for draft in wanted if draft.key in cargo.items}
    moved = [item for pk, item in rows.items() if item.parent_id != parents.get(pk)]
    for item in moved:
        item.parent_id = parents.get(item.pk)
    Item.objects.bulk_update(moved, ["parent"], batch_size=BATCH)


def link(cargo):
    """Write dependencies and links, but no dependency that would close a cycle."""
    drafts = [draft for draft in cargo.drafts if draft.key in cargo.changed_links]
    _find_others(cargo, {key for draft in drafts for link in draft.links for key in (link.source, link.target)})
    found: dict[str, dict[tuple[int, int], tuple[Draft, Link]]] = defaultdict(dict)
    for draft in drafts:
        for link in draft.links:
            source, target = cargo.items.get(link.source), cargo.items.get(link.target)
            if source is None or target is None or source == target:
                other = link.target if link.source == draft.key else link.source
                why = "An item can't be linked to itself." if source else "No such item is here."
                cargo.leave_out(draft, link.kind, other, why if source == target else "No such item is here.")
                continue
            pair = (source.pk, target.pk)
            if link.kind == "relates" and pair[::-1] in found["relates"]:
                continue
            found[link.kind].setdefault(pair, (draft, link))
    _depend(cargo, found["enables"])
    for kind in ("relates", "duplicates"):
        _relate(cargo, kind, found[kind])


def _find_others(cargo, keys):
    missing = {key for key in keys if key} - cargo.items.keys()
    visible = Item.objects.visible_to(cargo.by).filter(organization=cargo.run.organization)
    sources = SourceKey.objects.filter(organization=cargo.run.organization, source=cargo.run.source, key__in=missing)
    for source in sources.filter(item__in=visible).select_related("item"):
        cargo.items[source.key] = source.item
    # A key of Jira's may be, by chance, that of another item here: only our own export means our own keys.
    if cargo.run.source != ImportRun.Source.CSV:
        return
    numbers = defaultdict(set)
    for key in missing - cargo.items.keys():
        product, _, number = key.rpartition("-")
        if number.isascii() and number.isdigit() and int(number) < 2**31:
            numbers[product].add(int(number))
    for product, wanted in numbers.items():
        for item in visible.filter(product__key=product, number__in=wanted):
            cargo.items[f"{product}-{item.number}"] = item


def _depend(cargo, wanted):
    if not wanted:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"dependencies:{cargo.run.organization_id}"]
        )
    here = set(Dependency.objects.filter(organization=cargo.run.organization).values_list("enabler_id", "dependent_id"))
    fresh = [pair for pair in wanted if pair not in here]
    kept, skipped = graph.break_cycles([*sorted(here), *fresh])
    keys = {item.pk: key for key, item in cargo.items.items()}
    for skip in skipped:
        draft, link = wanted[skip.edge]
        cycle = " → ".join(keys.get(pk, "…") for pk in skip.cycle)
        cargo.leave_out(draft, "enables", link.target, f"It would close the cycle {cycle}.")
    made = Dependency.objects.bulk_create(
        [
            Dependency(
                organization=cargo.run.organization, enabler_id=enabler, dependent_id=dependent, created_by=cargo.by
            )
            for enabler, dependent in kept
            if (enabler, dependent) in wanted and (enabler, dependent) not in here
        ],
        batch_size=BATCH,
    )
    cargo.counts["dependencies"] = len(made)
    _touch(cargo, [pk for row in made for pk in (row.enabler_id, row.dependent_id)])


def _relate(cargo, kind, wanted):
    here = set(
        ItemLink.objects.filter(organization=cargo.run.organization, kind=kind).values_list("source_id", "target_id")
    )
    if kind == ItemLink.Kind.RELATES:
        here |= {pair[::-1] for pair in here}
    made = ItemLink.objects.bulk_create(
        [
            ItemLink(
                organization=cargo.run.organization,
                kind=kind,
                source_id=source,
                target_id=target,
                created_by=cargo.by,
            )
            for source, target in wanted
            if (source, target) not in here
        ],
        batch_size=BATCH,
    )
    cargo.counts[f"{kind} links"] = len(made)


def _touch(cargo, item_ids):
    for pk, product_id in Item.objects.filter(pk__in=set(item_ids)).values_list("pk", "product_id"):
        cargo.touched[product_id].add(pk)
