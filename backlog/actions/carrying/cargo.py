"""One file on its way into its products: what each step finds and leaves for the next."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime

from django.utils import timezone

from accounts.models import User
from backlog.formats.drafts import Draft, LeftOut
from backlog.models import ImportRun, Item, OrderedList, Product, SourceKey

# What the report keeps line by line; the rest is counted.
LISTED = 5_000


@dataclass
class Cargo:
    """products: by key; lists: by product id. items: by source key, with those that rows only refer to.

    components, tags and goals: product id and name → id; teams: name → id. numbers: line → the number an item keeps.
    changes: items of an earlier import and the fields that the file changes. touched: product id → item ids.
    """

    run: ImportRun
    by: User
    now: datetime = field(default_factory=timezone.now)
    # What was not carried over, and what was counted.
    left_out: list[LeftOut] = field(default_factory=list)
    left_out_count: int = 0
    conflicts: list[LeftOut] = field(default_factory=list)
    counts: Counter = field(default_factory=Counter)
    touched: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))
    # reading
    mapping: dict = field(default_factory=dict)
    left_columns: dict[str, int] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    drafts: list[Draft] = field(default_factory=list)
    # parts
    products: dict[str, Product] = field(default_factory=dict)
    created_products: list[str] = field(default_factory=list)
    lists: dict[int, OrderedList] = field(default_factory=dict)
    components: dict[tuple[int, str], int] = field(default_factory=dict)
    tags: dict[tuple[int, str], int] = field(default_factory=dict)
    teams: dict[str, int] = field(default_factory=dict)
    goals: dict[tuple[int, str], int] = field(default_factory=dict)
    # matching
    sources: dict[str, SourceKey] = field(default_factory=dict)
    numbers: dict[int, int] = field(default_factory=dict)
    new: list[Draft] = field(default_factory=list)
    old: list[Draft] = field(default_factory=list)
    # creating
    items: dict[str, Item] = field(default_factory=dict)
    made: list[tuple[Draft, Item]] = field(default_factory=list)
    # updating
    changes: list[tuple[Item, list[str]]] = field(default_factory=list)
    changed_links: set[str] = field(default_factory=set)
    changed_parents: set[str] = field(default_factory=set)
    was_listable: dict[int, bool] = field(default_factory=dict)
    parent_keys: dict[int, str] = field(default_factory=dict)
    rows_here: dict[str, dict] = field(default_factory=dict)

    def leave_out(self, draft, what, value, why):
        self.note(LeftOut(draft.line, draft.key, what, str(value)[:200], why))

    def note(self, left):
        self.left_out_count += 1
        if len(self.left_out) < LISTED:
            self.left_out.append(left)

    def touched_ids(self):
        return [pk for ids in self.touched.values() for pk in ids]
