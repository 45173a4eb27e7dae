"""What a newer file changes, where nobody has changed it here since."""

from collections import defaultdict

from backlog.actions.carrying import columns
from backlog.formats.drafts import LeftOut, digest
from backlog.models import AcceptanceCriterion, Item, ItemComponent, ItemTag, SourceKey


def update(cargo):
    """Give items of an earlier import what the file says newly."""
    cargo.changed_links = {draft.key for draft, _ in cargo.made}
    cargo.changed_parents = {draft.key for draft, _ in cargo.made}
    here = _items_here(cargo)
    stale = []
    for draft in cargo.old:
        source = cargo.sources[draft.key]
        item = cargo.items[draft.key] = here[source.item_id]
        if source.fingerprint == draft.fingerprint():
            cargo.counts["unchanged"] += 1
            continue
        names = _take_over(cargo, draft, item, source)
        stale.append(source)
        if names:
            cargo.counts["updated"] += 1
            cargo.changes.append((item, names))
            cargo.touched[item.product_id].add(item.pk)
        else:
            cargo.counts["unchanged"] += 1
    SourceKey.objects.bulk_update(stale, ["fingerprint", "imported"], batch_size=columns.BATCH)
    _save_changes(cargo)


def _items_here(cargo):
    ids = [cargo.sources[draft.key].item_id for draft in cargo.old]
    rows = Item.objects.select_for_update(of=["self"]).filter(pk__in=ids).order_by("pk")
    related = ("component", "team", "goal", "product")
    here = {item.pk: item for item in rows.select_related(*related).defer("search")}
    cargo.was_listable = {pk: item.status in Item.UNFINISHED for pk, item in here.items()}
    cargo.parent_keys = dict(
        SourceKey.objects.filter(source=cargo.run.source, item__children__in=ids).values_list("item_id", "key")
    )
    cargo.rows_here = {
        "tags": _grouped(ItemTag.objects.filter(item__in=ids).values_list("item_id", "tag__name")),
        "further_components": _grouped(
            ItemComponent.objects.filter(item__in=ids).values_list("item_id", "component__name")
        ),
        "criteria": _grouped(
            AcceptanceCriterion.objects.filter(item__in=ids)
            .order_by("position")
            .values_list("item_id", "text", "met_at")
        ),
    }
    return here


def _take_over(cargo, draft, item, source):
    fresh, names = draft.digests(), []
    for name, value in draft.values.items():
        if name not in fresh or fresh[name] == source.imported.get(name):
            continue
        value_here = _value_here(cargo, item, name)
        now_here = digest(value_here)
        # A field that no import has filled yet belongs to the source while it is empty here.
        is_ours = now_here != source.imported.get(name) and (name in source.imported or value_here)
        if now_here == fresh[name]:
            source.imported[name] = fresh[name]
        elif not is_ours:
            source.imported[name] = fresh[name]
            names.append(name)
            _set(cargo, draft, item, name, value)
        else:
            cargo.conflicts.append(
                LeftOut(draft.line, draft.key, name, str(value)[:200], "Somebody has changed it here since.")
            )
    if fresh["links"] != source.imported.get("links"):
        source.imported["links"] = fresh["links"]
        cargo.changed_links.add(draft.key)
    source.fingerprint = draft.fingerprint()
    return names


def _value_here(cargo, item, name):
    if name in ("component", "team", "goal"):
        part = getattr(item, name)
        return str(part) if part else ""
    if name == "assignee":
        return item.assignee_id
    if name == "parent":
        return cargo.parent_keys.get(item.parent_id, "")
    if name == "criteria":
        return [[text, met_at is not None] for text, met_at in cargo.rows_here["criteria"].get(item.pk, ())]
    if name == "further_components":
        return sorted(name for (name,) in cargo.rows_here[name].get(item.pk, ()))
    if name == "tags":
        found = [name for (name,) in cargo.rows_here["tags"].get(item.pk, ())]
        return sorted(found, key=lambda name: (name.lower(), name))
    return getattr(item, name)


def _set(cargo, draft, item, name, value):
    if name == "parent":
        cargo.changed_parents.add(draft.key)
    elif name in columns.ROWS_OF_THEIR_OWN:
        model = {"tags": ItemTag, "further_components": ItemComponent, "criteria": AcceptanceCriterion}[name]
        model.objects.filter(item=item).delete()
        columns.write_rows(cargo, [(draft, item)], names=[name])
    elif name in columns.BY_NAME:
        for column, pk in columns.references(cargo, draft, item.product).items():
            if column == f"{name}_id":
                setattr(item, column, pk)
    elif name == "status":
        for column in columns.STATUS_FIELDS:
            setattr(item, column, draft.values[column])
        item.status_by = cargo.by
    else:
        setattr(item, name, value)


def _save_changes(cargo):
    changed = {"version", "updated_at"}
    for item, names in cargo.changes:
        item.version += 1
        item.updated_at = cargo.now
        changed |= set(names) - {"parent", *columns.ROWS_OF_THEIR_OWN}
        if "status" in names:
            changed |= {*columns.STATUS_FIELDS, "status_by"}
    Item.objects.bulk_update([item for item, _ in cargo.changes], sorted(changed), batch_size=columns.BATCH)


def _grouped(rows):
    found = defaultdict(list)
    for pk, *values in rows:
        found[pk].append(tuple(values))
    return found
