"""Carry the rows of a file into its products: what an import writes, step by step."""

from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import asdict

from django.db import connection
from django.utils import timezone

from accounts.models import Team
from backlog.actions import feed, ordering, products, readiness
from backlog.actions.ordering import Place
from backlog.formats.dates import DateOrder
from backlog.formats.drafts import Draft, LeftOut, Link, digest
from backlog.models import (
    AcceptanceCriterion,
    Component,
    Dependency,
    Goal,
    ImportRun,
    Item,
    ItemComponent,
    ItemCounter,
    ItemLink,
    ItemTag,
    OrderEntry,
    Product,
    SourceKey,
    Tag,
)
from backlog.queries import imports
from core import events
from core.errors import InvalidInput
from core.permissions import can, require
from planning import graph

# What the report keeps line by line; the rest is counted.
LISTED = 5_000
_BATCH = 500
_OUTSIDE_THE_ORDER = (Item.Status.PROPOSED, Item.Status.DECLINED)
_BY_NAME = ("component", "team", "goal", "assignee", "parent")
_ROWS_OF_THEIR_OWN = ("further_components", "tags", "criteria")
_STATUS_FIELDS = ("status", "status_at", "status_reason", "started_at", "done_at")


class ProjectsUnknown(InvalidInput):
    code = "projects_unknown"
    message = "No project of the file is to be imported. Give at least one of them the key of a product."
    field = "products"


class Carrying:
    """One file on its way into its products; `apply` tells the order of the steps."""

    def __init__(self, run: ImportRun, by, tell: Callable[[int], None]):
        self.run, self.by, self.tell = run, by, tell
        self.now = timezone.now()
        self.left_out: list[LeftOut] = []
        self.left_out_count = 0
        self.conflicts: list[LeftOut] = []
        self.counts = Counter()
        self.touched: dict[int, set[int]] = defaultdict(set)

    def apply(self) -> dict:
        self._read()
        self._lock_products()
        self.tell(20)
        self._match()
        self._name_parts()
        self._create()
        self.tell(50)
        self._update()
        self._join_parents()
        self._link()
        self.tell(70)
        self._record()
        self._order()
        self.tell(90)
        readiness.refresh(self._touched_ids())
        for product_id in sorted(self.touched):
            feed.changed(product_id, self.touched[product_id])
        return self._report()

    # Reading

    def _read(self):
        found = imports.survey(self.run)
        self.mapping = imports.suggest(self.run, found, by=self.by) | self.run.mapping
        if found.has_bare_dates and self.mapping["date_order"] not in set(DateOrder):
            raise imports.DatesUnknown
        self.left_columns = found.left_columns
        self.names = found.project_names
        self.drafts: list[Draft] = []
        lines = {}
        for draft in imports.each_draft(self.run, found, self.mapping):
            if not draft.product:
                self.counts["rows left out"] += 1
            elif draft.key and draft.key in lines:
                self._leave_out(draft, "key", draft.key, f"The same key as in line {lines[draft.key]:,}.")
            else:
                lines[draft.key] = draft.line
                self.drafts.append(draft)
        if not self.drafts:
            raise ProjectsUnknown
        for draft in self.drafts:
            for left in draft.left_out:
                self._note(left)

    def _leave_out(self, draft, what, value, why):
        self._note(LeftOut(draft.line, draft.key, what, str(value)[:200], why))

    def _note(self, left):
        self.left_out_count += 1
        if len(self.left_out) < LISTED:
            self.left_out.append(left)

    # Products and the names of their parts

    def _lock_products(self):
        organization = self.run.organization
        keys = sorted({draft.product for draft in self.drafts})
        here = {product.key: product for product in Product.objects.filter(organization=organization, key__in=keys)}
        self.created_products = [key for key in keys if key not in here]
        for key in self.created_products:
            name = next((self.names.get(project) for project, to in self.mapping["products"].items() if to == key), key)
            here[key] = products.create(organization, key=key, name=name or key, by=self.by)
        for key in set(keys) - set(self.created_products):
            require(self.by, "import.run", here[key])
        self.products = here
        self.lists = {
            product.pk: ordering.lock(product.pk) for product in sorted(here.values(), key=lambda product: product.pk)
        }

    def _match(self):
        keys = [draft.key for draft in self.drafts if draft.key]
        sources = SourceKey.objects.filter(organization=self.run.organization, source=self.run.source, key__in=keys)
        self.sources = {source.key: source for source in sources}
        own = self._own_numbers()
        taken = set(
            Item.objects.filter(product__in=self.lists, number__in={number for _, number in own.values()}).values_list(
                "product_id", "number"
            )
        )
        self.numbers, self.new, self.old = {}, [], []
        for draft in self.drafts:
            if draft.key and draft.key in self.sources:
                self.old.append(draft)
            elif draft.line in own and own[draft.line] in taken:
                self._leave_out(draft, "item", draft.key, "It is here already, and no import brought it.")
            else:
                self.new.append(draft)
                if draft.line in own:
                    self.numbers[draft.line] = own[draft.line][1]

    def _own_numbers(self):
        # Our own export, on its way home or into an empty product of the same key: the keys stay.
        if self.run.source != ImportRun.Source.CSV:
            return {}
        found = {}
        for draft in self.drafts:
            key, _, number = draft.key.rpartition("-")
            if key == draft.product and number.isascii() and number.isdigit() and 0 < int(number) < 2**31:
                found[draft.line] = (self.products[key].pk, int(number))
        return found

    def _name_parts(self):
        wanted = defaultdict(lambda: (set(), {}))
        for draft in self.drafts:
            components, tags = wanted[self.products[draft.product].pk]
            components |= {
                name for name in [draft.values.get("component"), *draft.values.get("further_components", ())] if name
            }
            tags |= {name.lower(): name for name in draft.values.get("tags", ())}
        self.components, self.tags = {}, {}
        for product_id, (components, tags) in wanted.items():
            self.components |= self._components(product_id, components)
            self.tags |= self._tags(product_id, tags)
        teams = Team.objects.active().filter(organization=self.run.organization, product_links__product__in=self.lists)
        self.teams = dict(teams.values_list("name", "pk"))
        goals = Goal.objects.filter(product__in=self.lists).values_list("product_id", "title", "pk")
        self.goals = {(product_id, title): pk for product_id, title, pk in goals}

    def _components(self, product_id, names):
        here = Component.objects.filter(product=product_id)
        missing = sorted(names - set(here.values_list("name", flat=True)))
        made = Component.objects.bulk_create(
            [Component(organization=self.run.organization, product_id=product_id, name=name) for name in missing]
        )
        self.counts["components"] += len(made)
        events.record_many(
            [events.Happening("component.created", component, {"name": component.name}) for component in made],
            by=self.by,
        )
        return {(product_id, name): pk for name, pk in here.values_list("name", "pk")}

    def _tags(self, product_id, names):
        here = Tag.objects.filter(product=product_id)
        known = {name.lower() for name in here.values_list("name", flat=True)}
        Tag.objects.bulk_create(
            [Tag(product_id=product_id, name=name) for lower, name in sorted(names.items()) if lower not in known]
        )
        return {(product_id, name.lower()): pk for name, pk in here.values_list("name", "pk")}

    # Items

    def _create(self):
        self.items: dict[str, Item] = {}
        self.made: list[tuple[Draft, Item]] = []
        for product in self.products.values():
            drafts = [draft for draft in self.new if self.products[draft.product] == product]
            numbers = self._take_numbers(product, drafts)
            items = [self._item(draft, product, number) for draft, number in zip(drafts, numbers, strict=True)]
            Item.objects.bulk_create(items, batch_size=_BATCH)
            self.made += zip(drafts, items, strict=True)
        self.counts["new"] = len(self.made)
        for draft, item in self.made:
            self.touched[item.product_id].add(item.pk)
            if draft.key:
                self.items[draft.key] = item
        self._write_rows(self.made)
        SourceKey.objects.bulk_create(
            [
                SourceKey(
                    organization=self.run.organization,
                    item=item,
                    source=self.run.source,
                    key=draft.key,
                    fingerprint=draft.fingerprint(),
                    imported=draft.digests(),
                )
                for draft, item in self.made
                if draft.key
            ],
            batch_size=_BATCH,
        )

    def _take_numbers(self, product, drafts):
        counter = ItemCounter.objects.select_for_update().get(product=product)
        kept = [self.numbers[draft.line] for draft in drafts if draft.line in self.numbers]
        last = max([counter.last_number, *kept])
        numbers = []
        for draft in drafts:
            if draft.line in self.numbers:
                numbers.append(self.numbers[draft.line])
            else:
                last += 1
                numbers.append(last)
        counter.last_number = last
        counter.save(update_fields=["last_number"])
        return numbers

    def _item(self, draft, product, number):
        columns = {name: value for name, value in draft.values.items() if name not in (*_BY_NAME, *_ROWS_OF_THEIR_OWN)}
        return Item(
            organization=self.run.organization,
            product=product,
            number=number,
            created_at=draft.created_at or self.now,
            created_by_id=draft.created_by or self.by.pk,
            updated_at=self.now,
            status_by=self.by,
            **columns,
            **self._references(draft, product),
        )

    def _references(self, draft, product):
        values, found = draft.values, {}
        if "component" in values:
            found["component_id"] = self.components.get((product.pk, values["component"]))
        if "assignee" in values:
            found["assignee_id"] = values["assignee"]
        if "team" in values:
            found["team_id"] = self._known(draft, "team", self.teams.get(values["team"]))
        if "goal" in values:
            found["goal_id"] = self._known(draft, "goal", self.goals.get((product.pk, values["goal"])))
        return found

    def _known(self, draft, what, pk):
        if draft.values[what] and pk is None:
            self._leave_out(draft, what, draft.values[what], f"The product has no {what} of this name.")
        return pk

    def _write_rows(self, pairs, names=_ROWS_OF_THEIR_OWN):
        criteria, further, tags = [], [], []
        for draft, item in pairs:
            values = {name: draft.values.get(name, ()) for name in names}
            for position, (text, is_met) in enumerate(values.get("criteria", ()), 1):
                met = {"met_at": self.now, "met_by": self.by} if is_met else {}
                criteria.append(AcceptanceCriterion(item=item, position=position, text=text, **met))
            product_id = item.product_id
            further += [
                ItemComponent(product_id=product_id, item=item, component_id=self.components[product_id, name])
                for name in values.get("further_components", ())
            ]
            tags += [
                ItemTag(product_id=product_id, item=item, tag_id=self.tags[product_id, name.lower()])
                for name in values.get("tags", ())
            ]
        AcceptanceCriterion.objects.bulk_create(criteria, batch_size=_BATCH)
        ItemComponent.objects.bulk_create(further, batch_size=_BATCH)
        ItemTag.objects.bulk_create(tags, batch_size=_BATCH)

    # What a newer file changes

    def _update(self):
        self.changes: list[tuple[Item, list[str]]] = []
        self.changed_links: set[str] = {draft.key for draft, _ in self.made}
        self.changed_parents: set[str] = {draft.key for draft, _ in self.made}
        here = self._items_here()
        stale = []
        for draft in self.old:
            source = self.sources[draft.key]
            item = self.items[draft.key] = here[source.item_id]
            if source.fingerprint == draft.fingerprint():
                self.counts["unchanged"] += 1
                continue
            names = self._take_over(draft, item, source)
            stale.append(source)
            if names:
                self.counts["updated"] += 1
                self.changes.append((item, names))
                self.touched[item.product_id].add(item.pk)
            else:
                self.counts["unchanged"] += 1
        SourceKey.objects.bulk_update(stale, ["fingerprint", "imported"], batch_size=_BATCH)
        self._save_changes()

    def _items_here(self):
        ids = [self.sources[draft.key].item_id for draft in self.old]
        rows = Item.objects.select_for_update(of=["self"]).filter(pk__in=ids).order_by("pk")
        related = ("component", "team", "goal", "product")
        self.was_listable = {}
        here = {item.pk: item for item in rows.select_related(*related).defer("search")}
        self.was_listable = {pk: item.status in Item.UNFINISHED for pk, item in here.items()}
        self.parent_keys = dict(
            SourceKey.objects.filter(source=self.run.source, item__children__in=ids).values_list("item_id", "key")
        )
        self.rows_here = {
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

    def _take_over(self, draft, item, source):
        fresh, names = draft.digests(), []
        for name, value in draft.values.items():
            if name not in fresh or fresh[name] == source.imported.get(name):
                continue
            value_here = self._value_here(item, name)
            now_here = digest(value_here)
            # A field that no import has filled yet belongs to the source while it is empty here.
            is_ours = now_here != source.imported.get(name) and (name in source.imported or value_here)
            if now_here == fresh[name]:
                source.imported[name] = fresh[name]
            elif not is_ours:
                source.imported[name] = fresh[name]
                names.append(name)
                self._set(draft, item, name, value)
            else:
                self.conflicts.append(
                    LeftOut(draft.line, draft.key, name, str(value)[:200], "Somebody has changed it here since.")
                )
        if fresh["links"] != source.imported.get("links"):
            source.imported["links"] = fresh["links"]
            self.changed_links.add(draft.key)
        source.fingerprint = draft.fingerprint()
        return names

    def _value_here(self, item, name):
        if name in ("component", "team", "goal"):
            part = getattr(item, name)
            return str(part) if part else ""
        if name == "assignee":
            return item.assignee_id
        if name == "parent":
            return self.parent_keys.get(item.parent_id, "")
        if name == "criteria":
            return [[text, met_at is not None] for text, met_at in self.rows_here["criteria"].get(item.pk, ())]
        if name == "further_components":
            return sorted(name for (name,) in self.rows_here[name].get(item.pk, ()))
        if name == "tags":
            found = [name for (name,) in self.rows_here["tags"].get(item.pk, ())]
            return sorted(found, key=lambda name: (name.lower(), name))
        return getattr(item, name)

    def _set(self, draft, item, name, value):
        if name == "parent":
            self.changed_parents.add(draft.key)
        elif name in _ROWS_OF_THEIR_OWN:
            model = {"tags": ItemTag, "further_components": ItemComponent, "criteria": AcceptanceCriterion}[name]
            model.objects.filter(item=item).delete()
            self._write_rows([(draft, item)], names=[name])
        elif name in _BY_NAME:
            for column, pk in self._references(draft, item.product).items():
                if column == f"{name}_id":
                    setattr(item, column, pk)
        elif name == "status":
            for column in _STATUS_FIELDS:
                setattr(item, column, draft.values[column])
            item.status_by = self.by
        else:
            setattr(item, name, value)

    def _save_changes(self):
        columns = {"version", "updated_at"}
        for item, names in self.changes:
            item.version += 1
            item.updated_at = self.now
            columns |= set(names) - {"parent", *_ROWS_OF_THEIR_OWN}
            if "status" in names:
                columns |= {*_STATUS_FIELDS, "status_by"}
        Item.objects.bulk_update([item for item, _ in self.changes], sorted(columns), batch_size=_BATCH)

    # What stands between items

    def _join_parents(self):
        wanted = [draft for draft in self.drafts if draft.key in self.changed_parents and "parent" in draft.values]
        self._find_others({draft.values["parent"] for draft in wanted})
        lines, edges = {}, []
        for draft in wanted:
            item, parent = self.items.get(draft.key), self.items.get(draft.values["parent"])
            if not draft.values["parent"] or item is None:
                continue
            if parent is None or parent.product_id != item.product_id:
                self._leave_out(draft, "parent", draft.values["parent"], "The product holds no such item.")
                continue
            lines[item.pk] = draft
            edges.append((item.pk, parent.pk))
        others = Item.objects.filter(product__in=self.lists).exclude(parent=None).exclude(pk__in=lines)
        before = list(others.values_list("pk", "parent_id")) if edges else []
        kept, skipped = graph.break_cycles([*before, *edges])
        for skip in skipped:
            if skip.edge[0] in lines:
                draft = lines[skip.edge[0]]
                self._leave_out(draft, "parent", draft.values["parent"], "It would make an item a part of itself.")
        parents = {child: parent for child, parent in kept if child in lines}
        rows = {self.items[draft.key].pk: self.items[draft.key] for draft in wanted if draft.key in self.items}
        moved = [item for pk, item in rows.items() if item.parent_id != parents.get(pk)]
        for item in moved:
            item.parent_id = parents.get(item.pk)
        Item.objects.bulk_update(moved, ["parent"], batch_size=_BATCH)

    def _find_others(self, keys):
        missing = {key for key in keys if key} - self.items.keys()
        visible = Item.objects.visible_to(self.by).filter(organization=self.run.organization)
        sources = SourceKey.objects.filter(organization=self.run.organization, source=self.run.source, key__in=missing)
        for source in sources.filter(item__in=visible).select_related("item"):
            self.items[source.key] = source.item
        # A key of Jira's may be, by chance, that of another item here: only our own export means our own keys.
        if self.run.source != ImportRun.Source.CSV:
            return
        numbers = defaultdict(set)
        for key in missing - self.items.keys():
            product, _, number = key.rpartition("-")
            if number.isascii() and number.isdigit() and int(number) < 2**31:
                numbers[product].add(int(number))
        for product, wanted in numbers.items():
            for item in visible.filter(product__key=product, number__in=wanted):
                self.items[f"{product}-{item.number}"] = item

    def _link(self):
        drafts = [draft for draft in self.drafts if draft.key in self.changed_links]
        self._find_others({key for draft in drafts for link in draft.links for key in (link.source, link.target)})
        found: dict[str, dict[tuple[int, int], tuple[Draft, Link]]] = defaultdict(dict)
        for draft in drafts:
            for link in draft.links:
                source, target = self.items.get(link.source), self.items.get(link.target)
                if source is None or target is None or source == target:
                    other = link.target if link.source == draft.key else link.source
                    why = "An item can't be linked to itself." if source else "No such item is here."
                    self._leave_out(draft, link.kind, other, why if source == target else "No such item is here.")
                    continue
                pair = (source.pk, target.pk)
                if link.kind == "relates" and pair[::-1] in found["relates"]:
                    continue
                found[link.kind].setdefault(pair, (draft, link))
        self._depend(found["enables"])
        for kind in ("relates", "duplicates"):
            self._relate(kind, found[kind])

    def _depend(self, wanted):
        if not wanted:
            return
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"dependencies:{self.run.organization_id}"]
            )
        here = set(
            Dependency.objects.filter(organization=self.run.organization).values_list("enabler_id", "dependent_id")
        )
        fresh = [pair for pair in wanted if pair not in here]
        kept, skipped = graph.break_cycles([*sorted(here), *fresh])
        keys = {item.pk: key for key, item in self.items.items()}
        for skip in skipped:
            draft, link = wanted[skip.edge]
            cycle = " → ".join(keys.get(pk, "…") for pk in skip.cycle)
            self._leave_out(draft, "enables", link.target, f"It would close the cycle {cycle}.")
        made = Dependency.objects.bulk_create(
            [
                Dependency(
                    organization=self.run.organization, enabler_id=enabler, dependent_id=dependent, created_by=self.by
                )
                for enabler, dependent in kept
                if (enabler, dependent) in wanted and (enabler, dependent) not in here
            ],
            batch_size=_BATCH,
        )
        self.counts["dependencies"] = len(made)
        self._touch(pk for row in made for pk in (row.enabler_id, row.dependent_id))

    def _relate(self, kind, wanted):
        here = set(
            ItemLink.objects.filter(organization=self.run.organization, kind=kind).values_list("source_id", "target_id")
        )
        if kind == ItemLink.Kind.RELATES:
            here |= {pair[::-1] for pair in here}
        made = ItemLink.objects.bulk_create(
            [
                ItemLink(
                    organization=self.run.organization,
                    kind=kind,
                    source_id=source,
                    target_id=target,
                    created_by=self.by,
                )
                for source, target in wanted
                if (source, target) not in here
            ],
            batch_size=_BATCH,
        )
        self.counts[f"{kind} links"] = len(made)

    def _touch(self, item_ids):
        for pk, product_id in Item.objects.filter(pk__in=set(item_ids)).values_list("pk", "product_id"):
            self.touched[product_id].add(pk)

    def _touched_ids(self):
        return [pk for ids in self.touched.values() for pk in ids]

    # History and order

    def _record(self):
        happenings = [
            events.Happening(
                "item.imported", item, {"run": self.run.pk, "source": self.run.source, "source_key": draft.key}
            )
            for draft, item in self.made
        ]
        happenings += [
            events.Happening("item.reimported", item, {"run": self.run.pk, "fields": names})
            for item, names in self.changes
        ]
        for start in range(0, len(happenings), _BATCH):
            events.record_many(happenings[start : start + _BATCH], by=self.by)

    def _order(self):
        for product in sorted(self.products.values(), key=lambda product: product.pk):
            ordered = self.lists[product.pk]
            made = [(draft, item) for draft, item in self.made if item.product_id == product.pk]
            entering = [pair for pair in made if pair[1].status not in _OUTSIDE_THE_ORDER]
            ids = [item.pk for _, item in sorted(entering, key=self._place)]
            if ids:
                ordering.enter(ordered, ids, Place.bottom(), by=self.by)
            finished = [item.pk for _, item in entering if item.status not in Item.UNFINISHED]
            changed = [item for item, _ in self.changes if item.product_id == product.pk]
            finished += [
                item.pk for item in changed if self.was_listable[item.pk] and item.status not in Item.UNFINISHED
            ]
            if finished:
                ordering.leave(ordered, finished, by=self.by)
            self._let_in(ordered, changed)
            for draft, item in made:
                self._pin(draft, item)

    def _place(self, pair):
        draft, item = pair
        match self.mapping["order"]:
            case "rank":
                return (draft.rank == "", draft.rank, draft.line)
            case "priority":
                value = self.mapping["values"].get(draft.priority) or 0
                return (-value, item.created_at, draft.line)
        return (draft.line,)

    def _let_in(self, ordered, changed):
        back = [item.pk for item in changed if not self.was_listable[item.pk] and item.status in Item.UNFINISHED]
        known = set(OrderEntry.objects.filter(item__in=back).values_list("item_id", flat=True))
        if known:
            ordering.rejoin(ordered, sorted(known), by=self.by)
        if new := [pk for pk in back if pk not in known]:
            ordering.enter(ordered, new, Place.bottom(), by=self.by)

    def _pin(self, draft, item):
        if not draft.is_pinned:
            return
        if can(self.by, "order.pin", item) and item.status in Item.UNFINISHED:
            ordering.pin(item, by=self.by)
        else:
            self._leave_out(draft, "pinned", "yes", "Only the product owner may pin, and only what is in the order.")

    # Report

    def _report(self):
        counts = {name: count for name, count in self.counts.items() if count}
        for name in ("new", "updated", "unchanged"):
            counts.setdefault(name, 0)
        return {
            "counts": counts,
            "products": [
                {"key": key, "name": product.name, "is_new": key in self.created_products}
                for key, product in sorted(self.products.items())
            ],
            "left_columns": [[name, count] for name, count in self.left_columns.items() if count],
            "left_out": [asdict(left) for left in self.left_out],
            "left_out_count": self.left_out_count,
            "conflicts": [asdict(left) for left in self.conflicts[:LISTED]],
            "conflict_count": len(self.conflicts),
            "seconds": round((timezone.now() - self.now).total_seconds(), 1),
        }


def _grouped(rows):
    found = defaultdict(list)
    for pk, *values in rows:
        found[pk].append(tuple(values))
    return found
