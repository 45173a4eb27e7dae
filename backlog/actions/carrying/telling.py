"""What an import tells: an event for each item, and its report."""

from dataclasses import asdict

from django.utils import timezone

from backlog.actions.carrying.cargo import LISTED
from backlog.actions.carrying.columns import BATCH
from core import events


def record(cargo):
    """Record what became of each item."""
    happenings = [
        events.Happening(
            "item.imported", item, {"run": cargo.run.pk, "source": cargo.run.source, "source_key": draft.key}
        )
        for draft, item in cargo.made
    ]
    happenings += [
        events.Happening("item.reimported", item, {"run": cargo.run.pk, "fields": names})
        for item, names in cargo.changes
    ]
    for start in range(0, len(happenings), BATCH):
        events.record_many(happenings[start : start + BATCH], by=cargo.by)


def report(cargo):
    """The counts, and line by line what was not carried over."""
    counts = {name: count for name, count in cargo.counts.items() if count}
    for name in ("new", "updated", "unchanged"):
        counts.setdefault(name, 0)
    return {
        "counts": counts,
        "products": [
            {"key": key, "name": product.name, "is_new": key in cargo.created_products}
            for key, product in sorted(cargo.products.items())
        ],
        "left_columns": [[name, count] for name, count in cargo.left_columns.items() if count],
        "left_out": [asdict(left) for left in cargo.left_out],
        "left_out_count": cargo.left_out_count,
        "conflicts": [asdict(left) for left in cargo.conflicts[:LISTED]],
        "conflict_count": len(cargo.conflicts),
        "seconds": round((timezone.now() - cargo.now).total_seconds(), 1),
    }
