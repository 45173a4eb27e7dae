"""The Definition of Done of a product, and what of it holds for an item."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from accounts.models import User
from backlog.models import DoneTick, Item
from planning.readiness import Check, read_checklist


@dataclass(frozen=True)
class DoneLine:
    """by, at: who ticked it and when; None while it is open."""

    key: str
    label: str
    by: User | None
    at: datetime | None


def done_checklist(product, kind: str, type: str) -> tuple[Check, ...]:
    """The Definition of Done for a kind of item. A spike may have its own; without one nothing is agreed."""
    for name in ("spike", kind) if type == Item.Type.SPIKE else (kind,):
        if rows := product.definition_of_done.get(name):
            return read_checklist(rows)
    return ()


def done_lines(item, ticks: Iterable[DoneTick]) -> tuple[DoneLine, ...]:
    """Each line of the item's list; ticks: those of the item, with who ticked."""
    ticked = {tick.check_key: tick for tick in ticks}
    lines = done_checklist(item.product, item.kind, item.type)
    held = [(line, ticked.get(line.key)) for line in lines]
    return tuple(
        DoneLine(line.key, line.label, tick and tick.ticked_by, tick and tick.ticked_at) for line, tick in held
    )
