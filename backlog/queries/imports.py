"""What a file holds, what is suggested for it, and what an import made of it."""

import re
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.utils import timezone

from accounts.models import Membership
from backlog.formats import columns, dates, drafts, jira, kinds, records, tables
from backlog.formats.dates import DateOrder
from backlog.models import Dependency, ImportRun, Item, ItemComponent, ItemLink, ItemTag, Product, SourceKey
from backlog.models.items import FUNCTIONAL_TYPES, TECHNICAL_TYPES
from backlog.models.products import PRODUCT_KEY
from core.errors import InvalidInput


class DatesUnknown(InvalidInput):
    code = "dates_unknown"
    message = "The dates of the file fit both orders. Say whether the day or the month stands first."
    field = "date_order"


VALUES = {
    "blocker": 20,
    "highest": 20,
    "critical": 13,
    "high": 13,
    "major": 8,
    "medium": 8,
    "minor": 5,
    "low": 5,
    "trivial": 2,
    "lowest": 2,
}
_STATUSES = (
    (("done", "closed", "resolved", "complete", "finished", "fixed"), drafts.BY_RESOLUTION),
    (("progress", "review", "test", "doing", "development", "verif"), "in_progress"),
    (("reject", "cancel", "won't", "obsolete", "dropped"), "dropped"),
)
_DONE_RESOLUTIONS = ("fixed", "done", "complete", "resolved", "implemented", "delivered", "ready for test")
_STATUS_CHOICES = {
    "open": "open, in the order",
    "in_progress": "in progress, in the order",
    drafts.BY_RESOLUTION: "finished: the resolution says how",
    "done": "done",
    "accepted": "accepted",
    "dropped": "dropped",
    "proposed": "proposed",
    "declined": "declined",
}
_RESOLUTION_CHOICES = {"done": "done", "accepted": "accepted", "dropped": "dropped", "in_progress": "in progress"}
ORDER_CHOICES = {
    "rank": "the file's Rank",
    "file": "the order of the rows in the file",
    "priority": "priority, then oldest first",
}
DATE_CHOICES = {
    DateOrder.DAY_FIRST: "the day: 03/04 is the 3rd of April",
    DateOrder.MONTH_FIRST: "the month: 03/04 is the 4th of March",
}
_KINDS = {
    f"{kind}/{type}": f"{kind}: {Item.Type(type).label.lower()}"
    for kind, types in (("functional", FUNCTIONAL_TYPES), ("technical", TECHNICAL_TYPES))
    for type in types
}
# What the parts of a mapping may choose: one value, or one for each value of the file.
_SINGLE = {
    "order": [*ORDER_CHOICES],
    "date_order": ["", *DATE_CHOICES],
    "use_values": [True, False],
}
_OF_VALUES = {
    "products": lambda value: isinstance(value, str) and re.fullmatch(PRODUCT_KEY, value),
    "columns": lambda value: isinstance(value, str) and value in records.LABELS,
    "types": lambda value: isinstance(value, str) and value in _KINDS,
    "components": lambda value: isinstance(value, str) and value in _KINDS,
    "labels": lambda value: isinstance(value, str) and value in _KINDS,
    "statuses": lambda value: isinstance(value, str) and value in _STATUS_CHOICES,
    "resolutions": lambda value: isinstance(value, str) and value in _RESOLUTION_CHOICES,
    "people": lambda value: type(value) is int,
    "values": lambda value: type(value) is int and 0 <= value <= 1000,
}
_SHOWN_VALUES = 500
_TOTALS = (
    "items",
    "left out",
    "functional",
    "technical",
    "with points",
    *(Item.Status(status).label.lower() for status in Item.Status.values),
)


@dataclass
class Survey:
    """What stands in the file, counted. counts: field → value → rows that hold it."""

    row_count: int = 0
    fields: frozenset[str] = frozenset()
    header: list[str] = field(default_factory=list)
    counts: dict[str, Counter] = field(default_factory=lambda: defaultdict(Counter))
    project_names: dict[str, str] = field(default_factory=dict)
    keys_by_id: dict[str, str] = field(default_factory=dict)
    left_columns: dict[str, int] = field(default_factory=dict)
    has_bare_dates: bool = False
    date_orders: set[DateOrder] = field(default_factory=lambda: set(DateOrder))


@dataclass(frozen=True)
class Choice:
    """One line of the preview: a value of the file and what is chosen for it. name: of the form field."""

    name: str
    value: str
    count: int
    chosen: str
    options: Mapping[str, str]
    reason: str = ""


@dataclass(frozen=True)
class Section:
    part: str
    title: str
    note: str
    choices: list[Choice]


@dataclass(frozen=True)
class Preview:
    """Before anything is written. totals, kinds, left_columns: what is counted, and how many."""

    run: ImportRun
    row_count: int
    sections: list[Section]
    mapping: dict
    totals: list[tuple[str, int]]
    kinds: list[tuple[str, int]]
    left_columns: list[tuple[str, int]]
    left_out: list[drafts.LeftOut]
    left_out_count: int
    must_ask_dates: bool
    has_keys: bool


def survey(run: ImportRun, mapping: Mapping | None = None) -> Survey:
    """Count what the file holds. Raises BadFile."""
    found = Survey()
    opened = open_records(run, mapping or run.mapping or {"columns": suggested_columns(run)})
    found.fields, found.left_columns = opened.fields, opened.left_columns
    for record in opened.rows:
        found.row_count += 1
        for name in ("type", "status", "resolution", "priority", "component", "tag", "assignee", "created_by"):
            found.counts[name].update(set(record.all(name)) or ({""} if name == "type" else ()))
        project = record.text("project") or jira.project_of(record.key)
        found.counts["project"][project] += 1
        found.project_names.setdefault(project, record.text("project_name") or project)
        if record.text("id"):
            found.keys_by_id[record.text("id").strip()] = record.key
        bare = [text for name in records.DATES for text in record.all(name) if dates.is_bare(text)]
        if bare:
            found.has_bare_dates = True
            found.date_orders &= dates.orders(bare)
    return found


def open_records(run: ImportRun, mapping: Mapping) -> records.Records:
    """Open the run's file with the field of each column. Raises BadFile."""
    if run.source == ImportRun.Source.JIRA:
        return records.read(run.file.path, jira.field_of)
    return records.read(run.file.path, partial(columns.field_of, columns=mapping["columns"]))


def suggested_columns(run: ImportRun) -> dict[str, str]:
    """A field for each column name of any CSV file."""
    return columns.suggest(tables.read(run.file.path).header)


def suggest(run: ImportRun, found: Survey, *, by) -> dict:
    """Suggest a mapping; nothing of it counts before somebody has chosen it.

    products: project → key of a product, "" leaves it out. types, components, labels: value → kind/type.
    statuses, resolutions: value → status. people: name → user id. values: priority → business value, taken
    only if `use_values`. order: rank, file or priority. date_order: "" must be asked. columns: header → field.
    """
    of_priority = {name: VALUES.get(name.lower()) for name in found.counts["priority"]}
    return {
        "products": _suggested_products(run, found, by),
        "columns": {} if run.source == ImportRun.Source.JIRA else suggested_columns(run),
        "types": {name: _suggested_kind(name).kind for name in found.counts["type"]},
        "components": _kinds_by_word(found.counts["component"]),
        "labels": _kinds_by_word(found.counts["tag"]),
        "statuses": {name: _suggested_status(name) for name in found.counts["status"]},
        "resolutions": {name: _suggested_resolution(name) for name in found.counts["resolution"]},
        "people": _suggested_people(run, found),
        "values": {name: value for name, value in of_priority.items() if value is not None},
        "use_values": False,
        "order": "rank" if "rank" in found.fields else "file",
        "date_order": _suggested_dates(found),
    }


def refuse_unknown(mapping: Mapping) -> None:
    """Refuse what nobody could choose in the preview. Raises InvalidInput."""
    for part, chosen in mapping.items():
        if part in _SINGLE:
            if chosen not in _SINGLE[part]:
                raise InvalidInput(f"“{part}” has no such choice.", field=f"mapping.{part}")
        elif part not in _OF_VALUES:
            raise InvalidInput(f"Nothing reads “{part}”.", field=f"mapping.{part}")
        elif not isinstance(chosen, dict) or not all(
            value is None or value == "" or _OF_VALUES[part](value) for value in chosen.values()
        ):
            raise InvalidInput(f"“{part}” holds something that can't be chosen.", field=f"mapping.{part}")


def preview(run: ImportRun, mapping: Mapping | None = None, *, by) -> Preview:
    """Show what an import would make of the file, and every choice in it. Raises BadFile."""
    found = survey(run, mapping)
    chosen = suggest(run, found, by=by) | dict(mapping or run.mapping)
    totals, kinds_by, left_out, left_out_count = Counter(), Counter(), [], 0
    for draft in each_draft(run, found, chosen):
        if not draft.product:
            totals["left out"] += 1
            continue
        totals["items"] += 1
        totals[draft.values["kind"]] += 1
        totals[Item.Status(draft.values["status"]).label.lower()] += 1
        totals["with points"] += draft.values.get("points") is not None
        kinds_by[f"{draft.values['kind']}, by {draft.kind_by}"] += 1
        left_out_count += len(draft.left_out)
        left_out += draft.left_out[: max(0, 50 - len(left_out))]
    return Preview(
        run=run,
        row_count=found.row_count,
        sections=_sections(run, found, chosen),
        mapping=chosen,
        totals=[(label, totals[label]) for label in _TOTALS if totals[label]],
        kinds=kinds_by.most_common(),
        left_columns=[(name, count) for name, count in found.left_columns.items() if count],
        left_out=left_out,
        left_out_count=left_out_count,
        must_ask_dates=found.has_bare_dates and not chosen["date_order"],
        has_keys="key" in found.fields,
    )


def each_draft(run: ImportRun, found: Survey, mapping: Mapping):
    """Translate the file row by row, in its order. Raises BadFile."""
    zone, now = ZoneInfo(run.organization.time_zone), timezone.now()
    opened = open_records(run, mapping)
    # A mapping comes from outside: nobody but a member of the organization may be named by it.
    members = {member.user_id for member in _members(run)}
    people = {name: pk for name, pk in mapping["people"].items() if pk in members}
    translation = {**mapping, "people": people, "keys_by_id": found.keys_by_id}
    for record in opened.rows:
        yield drafts.draft(record, opened.fields, translation, zone, now)


def choices(run: ImportRun, *, by) -> tuple[dict, list[Section]]:
    """The mapping so far and what can be chosen; only the columns while none of them holds the title."""
    try:
        found = survey(run)
    except tables.BadFile:
        return dict(run.mapping), [_column_section(run, dict(run.mapping))]
    mapping = suggest(run, found, by=by) | run.mapping
    return mapping, _sections(run, found, mapping)


def require_answers(run: ImportRun, *, by) -> None:
    """Refuse to start an import whose preview still asks. Raises DatesUnknown, BadFile."""
    found = survey(run)
    if found.has_bare_dates and not (suggest(run, found, by=by) | run.mapping)["date_order"]:
        raise DatesUnknown


def left_out_lines(run: ImportRun):
    """Lines of a CSV file: what was not carried over, and what was left since somebody changed it here."""
    yield from tables.write([["Line", "Key", "What", "Value", "Why"]])
    rows = [*run.report.get("left_out", ()), *run.report.get("conflicts", ())]
    yield from tables.write([str(row[name]) for name in ("line", "key", "what", "value", "why")] for row in rows)


def carried(products, source: str) -> dict[str, int]:
    """Count what the database holds of imports into these products, for comparison with the file."""
    items = Item.objects.filter(product__in=products, pk__in=SourceKey.objects.filter(source=source).values("item"))
    links = ItemLink.objects.filter(source__in=items, target__in=items)
    owned = items.exclude(component=None).values_list("product__key", "component__name")
    further = ItemComponent.objects.filter(item__in=items).values_list("product__key", "component__name")
    counts = {"items": items.count()}
    counts |= {f"items of {product.key}": items.filter(product=product).count() for product in products}
    return counts | {
        "open or in progress": items.open().count(),
        "dependencies": Dependency.objects.filter(enabler__in=items, dependent__in=items).count(),
        "related pairs": links.filter(kind=ItemLink.Kind.RELATES).count(),
        "duplicate pairs": links.filter(kind=ItemLink.Kind.DUPLICATES).count(),
        "with a parent": items.exclude(parent=None).count(),
        "components": len(set(owned) | set(further)),
        "component mentions": len(owned) + len(further),
        "with points": items.exclude(points=None).count(),
        "points": int(sum(items.exclude(points=None).values_list("points", flat=True))),
        "tag mentions": ItemTag.objects.filter(item__in=items).count(),
        "fix version mentions": sum(len(names) for names in items.values_list("source_fix_versions", flat=True)),
    }


def _suggested_products(run, found, by):
    if run.source == ImportRun.Source.CSV:
        return {"": run.product.key}
    projects = list(found.counts["project"])
    if run.product and len(projects) == 1:
        return {projects[0]: run.product.key}
    return {project: _product_key(run, project) for project in projects}


def _product_key(run, project):
    before = SourceKey.objects.filter(
        organization=run.organization, source=ImportRun.Source.JIRA, key__startswith=f"{project}-"
    )
    if key := before.values_list("item__product__key", flat=True).first():
        return key
    key = "".join(letter for letter in project.upper() if letter.isascii() and letter.isalnum()).lstrip("0123456789")
    key = (key if len(key) > 1 else f"P{key}")[:10]
    elsewhere = Product.objects.exclude(organization=run.organization)
    number = 2
    while elsewhere.filter(Q(key=key) | Q(retired_keys__key=key)).exists():
        key, number = f"{key[:8]}{number}", number + 1
    return key


def _suggested_kind(name):
    known = name.lower().replace(" ", "_")
    for kind, types in (("functional", FUNCTIONAL_TYPES), ("technical", TECHNICAL_TYPES)):
        if known in types:
            return kinds.Suggestion(f"{kind}/{known}", "it has the same name here")
    return kinds.of_type(name)


def _kinds_by_word(counter):
    return {name: found.kind for name in counter if (found := kinds.of_word(name)).kind}


def _suggested_status(name):
    known = name.lower().replace(" ", "_")
    if known in _STATUS_CHOICES:
        return known
    return next((to for words, to in _STATUSES if any(word in name.lower() for word in words)), "open")


def _suggested_resolution(name):
    return "done" if name.lower() in _DONE_RESOLUTIONS else "dropped"


def _members(run):
    return list(
        Membership.objects.active().filter(organization=run.organization).order_by("user__name").select_related("user")
    )


def _suggested_people(run, found):
    by_word = {}
    for membership in _members(run):
        by_word[membership.user.email.lower()] = membership.user_id
        # A name that two members share says nothing.
        name = membership.user.name.lower()
        by_word[name] = None if name in by_word else membership.user_id
    names = {*found.counts["assignee"], *found.counts["created_by"]}
    return {name: by_word.get(name.strip().lower()) for name in sorted(names)}


def _suggested_dates(found):
    if not found.has_bare_dates:
        return DateOrder.DAY_FIRST
    return next(iter(found.date_orders)) if len(found.date_orders) == 1 else ""


def _sections(run, found, mapping):
    word_options = {"": "says nothing about the kind"} | _KINDS
    people = {"": "nobody"} | {str(member.user_id): str(member.user) for member in _members(run)}
    counts = found.counts
    types_note, products_note = "Functional or technical, and of which type.", "The key of the product that takes each."
    people_note = "Names that nobody is chosen for are left out and listed."
    values_note = "Business value suggested by the priority, in value points a week."
    labels_note = "They become tags; one may also say the kind."
    endings = _RESOLUTION_CHOICES
    named = Counter(counts["assignee"])
    named.update(counts["created_by"])
    by_type = {name: _suggested_kind(name).reason for name in counts["type"]}
    by_word = {name: kinds.of_word(name).reason for name in (*counts["component"], *counts["tag"])}
    sections = [
        _column_section(run, mapping),
        _section("products", "Projects", products_note, counts["project"], mapping, {}),
        _section("types", "Types", types_note, counts["type"], mapping, _KINDS, by_type),
        _section(
            "components",
            "Components",
            "A component may say that its items are technical. Bugs stay bugs.",
            counts["component"],
            mapping,
            word_options,
            by_word,
        ),
        _section("labels", "Labels", labels_note, counts["tag"], mapping, word_options, by_word),
        _section("statuses", "Statuses", "", counts["status"], mapping, _STATUS_CHOICES),
        _section("resolutions", "Resolutions", "How finished items ended.", counts["resolution"], mapping, endings),
        _section("people", "People", people_note, named, mapping, people),
        _section("values", "Priorities", values_note, counts["priority"], mapping, {}),
    ]
    if run.source == ImportRun.Source.CSV:
        sections = [section for section in sections if section.part != "products"]
    return [section for section in sections if section.choices]


def _column_section(run, mapping):
    note = "Which field each column fills. Columns of the same name fill the same field."
    return _section("columns", "Columns", note, _headers(run), mapping, _field_options())


def _section(part, title, note, counter, mapping, options, reasons=None):
    reasons = reasons or {}
    return Section(
        part,
        title,
        note,
        [
            Choice(
                name=f"{part}-{number}",
                value=value,
                count=count,
                chosen=str(mapping[part].get(value) or ""),
                options=options,
                reason=reasons.get(value, ""),
            )
            for number, (value, count) in enumerate(sorted(counter.items(), key=_most_first)[:_SHOWN_VALUES])
        ],
    )


def _most_first(pair):
    value, count = pair
    return -count, value


def _headers(run):
    if run.source == ImportRun.Source.JIRA:
        return {}
    return Counter(name for name in tables.read(run.file.path).header if name)


def _field_options():
    return {"": "not carried over"} | dict(records.LABELS)
